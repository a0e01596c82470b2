"""The command line's `report merge`, `report diff` and `report page`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Protocol

from relocation_conformance.revisions import Unreadable

# What reads and renders reports takes long to import, so that only these commands pay for it.


class Topics(Protocol):
    """What `ArgumentParser.add_subparsers` returns, as far as a topic needs it."""

    @property
    def add_parser(self) -> Callable[..., argparse.ArgumentParser]:
        """Adds a command: its name first, then the arguments of `ArgumentParser`."""


def add_parser(topics: Topics) -> None:
    """Add `report` to the topics of the command line."""
    report = topics.add_parser("report", help="the reports that runs leave with --report")
    commands = report.add_subparsers(required=True, metavar="COMMAND")

    merge = commands.add_parser(
        "merge",
        help="make one matrix of several reports: targets and registries against rules",
        description="Each REPORT is a folder that --report wrote, or its report.json.",
    )
    merge.add_argument("reports", metavar="REPORT", type=Path, nargs="+")
    merge.add_argument("--json", action="store_true", help="as JSON, and not as a page")
    merge.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="where to (default: standard output)"
    )
    merge.set_defaults(run=_merge)

    diff = commands.add_parser(
        "diff",
        help="tell what changed between two reports, and what the cause may be",
        description="OLD and NEW are folders that --report wrote, or their report.json. "
        "Exit 1 if something got worse.",
    )
    diff.add_argument("old", metavar="OLD", type=Path)
    diff.add_argument("new", metavar="NEW", type=Path)
    diff.set_defaults(run=_diff)

    page = commands.add_parser(
        "page",
        help="write the page of a report again",
        description="REPORT is a folder that --report wrote, or its report.json. "
        "Any version of the suite may have written it.",
    )
    page.add_argument("report", metavar="REPORT", type=Path)
    page.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="where to (default: standard output)"
    )
    page.set_defaults(run=_page)


def _merge(options: argparse.Namespace) -> int:
    from relocation_conformance.reports.document import read
    from relocation_conformance.reports.matrix import matrix_page, merge

    reports = [read(path) for path in options.reports]
    for first, second in combinations(range(len(reports)), 2):
        if reports[first] == reports[second]:
            same = f"{options.reports[first]} and {options.reports[second]}"
            raise Unreadable(f"{same} are one and the same report.")
    matrix = merge(reports)
    _put(
        json.dumps(matrix.data(), indent=1) if options.json else matrix_page(matrix), options.output
    )
    return 0


def _diff(options: argparse.Namespace) -> int:
    from relocation_conformance.reports.changes import changes, told
    from relocation_conformance.reports.document import read

    old, new = read(options.old), read(options.new)
    for line in told(old, new):
        print(line)
    return int(any(change.worse for change in changes(old, new)))


def _page(options: argparse.Namespace) -> int:
    from relocation_conformance.reports.document import read
    from relocation_conformance.reports.page import report_page

    _put(report_page(read(options.report)), options.output)
    return 0


def _put(text: str, file: Path | None) -> None:
    from relocation_conformance.reports.document import write_whole

    if file is None:
        print(text)
        return
    try:
        write_whole(file, f"{text}\n")
    except OSError as error:
        raise Unreadable(f"{file} cannot be written: {error.strerror}.") from None
