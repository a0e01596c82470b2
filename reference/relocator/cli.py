"""The command line: `relocator relocate`. Exit 0, or 1 with one sentence on standard error."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from relocator import __version__
from relocator.credentials import DockerConfig
from relocator.errors import Refusal
from relocator.progress import progress_for
from relocator.registry import Registries
from relocator.relocate import relocate
from relocator.transport import Transport

DEFAULT_JOBS = 4


class _Parser(argparse.ArgumentParser):
    """Arguments that are wrong are refused like everything else: one sentence, exit 1."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{message} (see {self.prog} --help)")


def main() -> NoReturn:
    """Run the command line and end the process with its status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = _say("interrupted")
    # Transfers that are under way are of no use any more, and are not waited for.
    os._exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; return 0, or 1 for a refusal, told on standard error."""
    try:
        options = _parser().parse_args(arguments)
        _relocate(options)
    except SystemExit:
        pass  # argparse has printed help or the version
    except Refusal as refusal:
        return _say(str(refusal))
    except OSError as error:  # a full disk, an archive that went away, output that nobody reads
        return _say(f"{error.filename or 'the output'}: {error.strerror}")
    return _flushed()


def _flushed() -> int:
    try:
        print(end="", flush=True)
    except OSError as error:
        return _say(f"the output: {error.strerror}")
    return 0


def _say(sentence: str) -> int:
    print(f"Error: {sentence}", file=sys.stderr, flush=True)
    return 1


def _relocate(options: argparse.Namespace) -> None:
    transport = Transport(
        ca_certs=options.ca_cert_path,
        verify=not options.skip_tls_verify,
        connections=options.jobs,
    )
    registries = Registries(
        transport,
        DockerConfig.read(os.environ),
        tls_on_loopback=bool(options.ca_cert_path or options.skip_tls_verify),
    )
    with progress_for(quiet=options.quiet) as progress:
        relocate(
            options.bundle,
            options.repository_prefix,
            options.relocation_mapping,
            registries,
            progress,
            options.jobs,
        )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="relocator", description="Relocate the images of a CNAB bundle.")
    parser.add_argument("--version", action="version", version=f"relocator {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "relocate",
        help="copy a bundle's images to a registry of your own and write a relocation mapping",
    )
    add = command.add_argument
    add("bundle", metavar="BUNDLE", type=Path, help="a thin (JSON) or thick (gzipped tar) bundle")
    add("-f", "--bundle-is-file", action="store_true", help="BUNDLE is a file, as it always is")
    add(
        "-p",
        "--repository-prefix",
        metavar="PREFIX",
        required=True,
        help="what every relocated name starts with, as in registry.example.com/user",
    )
    add(
        "-m",
        "--relocation-mapping",
        metavar="FILE",
        required=True,
        type=Path,
        help="the file to write the relocation mapping to",
    )
    add(
        "--ca-cert-path",
        metavar="PEM",
        action="append",
        default=[],
        type=Path,
        help="a CA certificate to trust beside the system's (may be given more than once)",
    )
    add("--skip-tls-verify", action="store_true", help="accept any TLS certificate")
    add("--jobs", metavar="N", type=_count, default=DEFAULT_JOBS, help="transfers at a time")
    add("--quiet", action="store_true", help="say nothing but errors")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    return int(text)
