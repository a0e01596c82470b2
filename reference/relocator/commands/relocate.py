"""The command `relocator relocate`."""

from __future__ import annotations

import argparse

from relocator.commands.options import (
    Commands,
    add_bundle,
    add_jobs,
    add_mapping,
    add_trust,
    registries,
)
from relocator.progress import progress_for
from relocator.relocate import relocate


def add_parser(commands: Commands) -> None:
    """Add `relocate`."""
    command = commands.add_parser(
        "relocate",
        help="copy a bundle's images to a registry of your own and write a relocation mapping",
        description="Copy a bundle's images to a registry of your own, digests kept, and write a "
        "relocation mapping, from their original names to the new ones, once all are in place.",
    )
    command.set_defaults(run=_relocate)
    add_bundle(command)
    command.add_argument(
        "-p",
        "--repository-prefix",
        metavar="PREFIX",
        required=True,
        help="what every relocated name starts with, as in registry.example.com/user",
    )
    add_mapping(command, "the file to write the relocation mapping to")
    add_trust(command)
    add_jobs(command)
    command.add_argument("--quiet", action="store_true", help="say nothing but errors")


def _relocate(options: argparse.Namespace) -> int:
    with progress_for(quiet=options.quiet) as progress:
        relocate(
            options.bundle,
            options.repository_prefix,
            options.relocation_mapping,
            registries(options, connections=options.jobs),
            progress,
            options.jobs,
        )
    return 0
