"""What several commands take: the bundle, its mapping, and how registries are reached."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from relocator.credentials import DockerConfig
from relocator.registry import Registries
from relocator.transport import Transport

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DEFAULT_JOBS = 4

Commands: TypeAlias = "_SubParsersAction[argparse.ArgumentParser]"
"""Where a module adds its commands."""


def add_bundle(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Take a bundle, and the word of duffle's that says it is a file."""
    parser.add_argument(
        "bundle",
        metavar="BUNDLE",
        nargs="?" if optional else None,
        type=Path,
        help="a thin (JSON) or thick (gzipped tar) bundle"
        + (" (default: the one of the installation's last action)" if optional else ""),
    )
    parser.add_argument(
        "-f", "--bundle-is-file", action="store_true", help="BUNDLE is a file, as it always is"
    )


def add_mapping(parser: argparse.ArgumentParser, purpose: str, *, optional: bool = False) -> None:
    """Take the file of a relocation mapping."""
    parser.add_argument(
        "-m",
        "--relocation-mapping",
        metavar="FILE",
        required=not optional,
        type=Path,
        help=purpose,
    )


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Take what decides whether a registry's TLS certificate is trusted."""
    parser.add_argument(
        "--ca-cert-path",
        metavar="PEM",
        action="append",
        default=[],
        type=Path,
        help="a CA certificate to trust beside the system's (may be given more than once)",
    )
    parser.add_argument("--skip-tls-verify", action="store_true", help="accept any TLS certificate")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Take how much is done at a time."""
    parser.add_argument(
        "--jobs", metavar="N", type=_count, default=DEFAULT_JOBS, help="transfers at a time"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    return int(text)


def registries(options: argparse.Namespace, connections: int) -> Registries:
    """Return the registries as the options say to reach them, with the user's credentials."""
    transport = Transport(
        ca_certs=options.ca_cert_path,
        verify=not options.skip_tls_verify,
        connections=connections,
    )
    return Registries(
        transport,
        DockerConfig.read(os.environ),
        tls_on_loopback=bool(options.ca_cert_path or options.skip_tls_verify),
    )
