"""The command `relocator verify`."""

from __future__ import annotations

import argparse
import json

from relocator.commands.options import (
    Commands,
    add_bundle,
    add_jobs,
    add_mapping,
    add_trust,
    registries,
)
from relocator.progress import progress_for
from relocator.verify import verify


def add_parser(commands: Commands) -> None:
    """Add `verify`."""
    command = commands.add_parser(
        "verify",
        help="prove that a bundle's images are where a relocation mapping says they are",
        description="Read every image of a bundle where a relocation mapping says it is, down to "
        "its layers, recompute all digests, and tell what is missing or different. The mapping may "
        "be of any tool.",
        epilog="Exit status: 0 if all is there; 1 if something is missing, different, unreadable "
        "or unmapped; 2 if all is there, but the bundle gives no digest that proves some image.",
    )
    command.set_defaults(run=_verify)
    add_bundle(command)
    add_mapping(command, "the relocation mapping of the bundle")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_trust(command)
    add_jobs(command)
    command.add_argument("--quiet", action="store_true", help="show no progress")


def _verify(options: argparse.Namespace) -> int:
    with progress_for(quiet=options.quiet, lines=False) as progress:
        verification = verify(
            options.bundle,
            options.relocation_mapping,
            registries(options, connections=options.jobs),
            progress,
            options.jobs,
        )
    if options.json:
        print(json.dumps(verification.document(), indent=2), flush=True)
    else:
        print("\n".join(verification.lines()), flush=True)
    return verification.exit_status
