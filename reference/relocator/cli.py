"""The command line: exit 0, or 1 with one sentence on standard error, or what an action exits with.

What the commands are is in `relocator.commands`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from relocator import __version__
from relocator.errors import ActionFailed, Refusal, printable
from relocator.interrupts import heed_signals
from relocator.output import escape_what_is_lacking, tell


class _Parser(argparse.ArgumentParser):
    """Arguments that are wrong are refused like everything else: one sentence, exit 1."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{message} (see {self.prog} --help)")


def main() -> NoReturn:
    """Run the command line and end the process with its status."""
    try:
        heed_signals()
        escape_what_is_lacking()
        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = _say("interrupted")
    # Transfers that are under way are of no use any more, and are not waited for.
    os._exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status; a refusal is told on standard error."""
    status = 0
    try:
        options = _parser().parse_args(arguments)
        status = options.run(options)
    except SystemExit:
        pass  # argparse has printed help or the version
    except ActionFailed as failure:
        _say(str(failure))
        return failure.status
    except Refusal as refusal:
        return _say(str(refusal))
    except OSError as error:  # a full disk, an archive that went away, output that nobody reads
        return _say(f"{error.filename or 'the output'}: {error.strerror}")
    return status or _flushed()


def _flushed() -> int:
    try:
        print(end="", flush=True)
    except OSError as error:
        return _say(f"the output: {error.strerror}")
    return 0


def _say(sentence: str) -> int:
    tell(f"Error: {printable(sentence)}")
    return 1


def _parser() -> argparse.ArgumentParser:
    # Loading them takes most of the start, and an interrupt meanwhile is one like any other.
    from relocator.commands import installations, relocate, runtime, verify

    parser = _Parser(
        prog="relocator",
        description="Relocate the images of CNAB bundles, and run bundles from relocated images.",
    )
    parser.add_argument("--version", action="version", version=f"relocator {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (relocate, verify, runtime, installations):
        module.add_parser(commands)
    return parser
