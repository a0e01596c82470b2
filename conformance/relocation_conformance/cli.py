"""The command line: `relocation-conformance spec`, `report` and `replay`.

Exit 0: all is well. Exit 1: specification, catalogue and suite disagree, a change is breaking or
for the worse, or the target breaks a rule. Exit 2, with one sentence on standard error: there was
nothing to judge by.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from relocation_conformance import replay
from relocation_conformance.checklist import checks_of
from relocation_conformance.gate import disagreements
from relocation_conformance.reports import commands as report
from relocation_conformance.revisions import (
    MUTANTS,
    SPECIFICATION,
    Revision,
    Unreadable,
    find_checkout,
    in_checkout,
    in_file,
    in_git,
    mutants_in,
    read_text,
)
from relocation_conformance.rule_changes import RuleChange, rule_changes
from relocation_conformance.specification import read_specification

FINE, FAILED, UNUSABLE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    """Arguments that are wrong are told in one sentence, like everything else."""

    def error(self, message: str) -> NoReturn:
        raise Unreadable(f"{message} (see {self.prog} --help).")


def main() -> NoReturn:
    """Run the command line and end the process with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status."""
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
    except Unreadable as problem:
        print(f"Error: {problem}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would say more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    except SystemExit:  # argparse has printed help
        return FINE
    return status


def _check(options: argparse.Namespace) -> int:
    root: Path = options.root or find_checkout()
    specification = read_specification(read_text(root / SPECIFICATION))
    revision = in_checkout(root)
    mutants = mutants_in(options.mutants or root / MUTANTS)

    found = disagreements(revision.catalogue, specification, revision.checks, mutants)
    for sentence in found:
        print(sentence)
    if found:
        print(f"\n{_count(len(found), 'disagreement')}.")
        return FAILED
    print(
        f"Version {revision.catalogue.version}: {_count(len(revision.catalogue.rules), 'rule')}, "
        f"{_count(len(revision.checks), 'check')} and {_count(len(mutants), 'mutant')} agree."
    )
    return FINE


def _diff(options: argparse.Namespace) -> int:
    old, new = (_named(each, options.root) for each in (options.old, options.new))
    changes = rule_changes(old.catalogue, new.catalogue)
    for change in changes:
        print("\n".join(_described(change, old, new)), end="\n\n")
    breaking = sum(change.breaking for change in changes)
    versions = f"{old.catalogue.version} -> {new.catalogue.version}"
    print(f"Version {versions}: {_count(len(changes), 'change')}, {breaking} of them breaking.")
    return FAILED if breaking else FINE


def _named(name: str, root: Path | None) -> Revision:
    path = Path(name)
    return in_file(path) if path.is_file() else in_git(name, root or find_checkout())


def _described(change: RuleChange, old: Revision, new: Revision) -> Iterator[str]:
    rule = change.rule
    mark = ", breaking" if change.breaking else ""
    yield f"{change.kind} {rule.id} ({rule.level}, class {rule.conformance_class}){mark}"
    yield from (f"  {detail}" for detail in change.details())
    checks = checks_of(rule.id, new.checks) or checks_of(rule.id, old.checks)
    yield from (f"    {check}" for check in checks or ["no check"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="relocation-conformance", description="The conformance suite for image relocators."
    )
    topics = parser.add_subparsers(required=True, metavar="COMMAND")
    spec = topics.add_parser("spec", help="the specification and its rules")
    commands = spec.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check",
        help="hold specification, catalogue, checks and mutants to each other",
        description="Exit 1 if specification, catalogue, checks and mutants disagree.",
    )
    check.add_argument(
        "--mutants",
        metavar="FILE",
        type=Path,
        help=f"Python file with the table BREAKS, mutant -> rules (default: {MUTANTS})",
    )
    check.set_defaults(run=_check)

    diff = commands.add_parser(
        "diff",
        help="tell which rules came, went or changed, and which checks that touches",
        description="OLD and NEW are git revisions, or files like requirements.toml. "
        "Exit 1 if the change is breaking.",
    )
    diff.add_argument("old", metavar="OLD")
    diff.add_argument("new", metavar="NEW")
    diff.set_defaults(run=_diff)
    for command in (check, diff):
        command.add_argument(
            "--root",
            metavar="DIR",
            type=Path,
            help="a checkout (default: the one that holds the working directory)",
        )
    report.add_parser(topics)
    replay.add_parser(topics)
    return parser
