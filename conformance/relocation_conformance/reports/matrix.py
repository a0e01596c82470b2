"""Several reports as one matrix, targets and registries against rules: as a page, and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from relocation_conformance.reports.model import Report, RuleOf
from relocation_conformance.reports.page import verdict_titles
from relocation_conformance.reports.rendering import render
from relocation_conformance.reports.texts import listed, registry_name, tested_names

ABSENT = "absent"
"""What stands in a cell if the report's version of the specification lacks the rule."""


@dataclass(frozen=True, slots=True)
class Column:
    """One report: what ran against which registry, and its verdicts by title."""

    target: str
    registry: str
    specification: str
    suite: str
    started: str
    complete: bool
    verdicts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """How one report stands with one rule: a judgement, or `absent`."""

    judgement: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A rule, as the newest specification has it, and a cell for each column."""

    id: str
    level: str
    conformance_class: str
    sentence: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Columns in the order of the reports, and rows in that of the newest specification.

    `warnings` are sentences on why the columns cannot be compared as they stand.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """Return the matrix for a JSON encoder."""
        return asdict(self)


def merge(reports: Sequence[Report]) -> Matrix:
    """Return the matrix of one or more reports."""
    # The sort is stable, so that of equals the first one's words are taken.
    newest_first = sorted(reports, key=_specification, reverse=True)
    rules: dict[str, RuleOf] = {}
    for report in newest_first:
        for rule in report["rules"]:
            rules.setdefault(rule["id"], rule)
    by_id = [{rule["id"]: rule for rule in report["rules"]} for report in reports]
    rows = (_row(rule, [each.get(rule["id"]) for each in by_id]) for rule in rules.values())
    titles = verdict_titles(reports)
    columns = tuple(_column(report, titles) for report in reports)
    return Matrix(columns, tuple(rows), tuple(_warnings(reports)))


def matrix_page(matrix: Matrix) -> str:
    """Return the matrix as a page that needs nothing else."""
    titles = dict.fromkeys(title for column in matrix.columns for title in column.verdicts)
    levels = {
        "MUST": [row for row in matrix.rows if row.level == "MUST"],
        "SHOULD and MAY": [row for row in matrix.rows if row.level != "MUST"],
    }
    return render("matrix.html", matrix=matrix, titles=list(titles), levels=levels)


def _specification(report: Report) -> tuple[int, ...]:
    return tuple(int(part) for part in report["specification"]["version"].split("."))


def _column(report: Report, titles: Mapping[tuple[str, str], str]) -> Column:
    return Column(
        target=tested_names(report),
        registry=registry_name(report),
        specification=report["specification"]["version"],
        suite=report["suite"]["version"],
        started=report["started"],
        complete=report["complete"],
        verdicts={
            titles[each["subject"], each["class"]]: each["verdict"] for each in report["verdicts"]
        },
    )


def _row(rule: RuleOf, found: Sequence[RuleOf | None]) -> Row:
    cells = tuple(map(_cell, found))
    return Row(rule["id"], rule["level"], rule["class"], rule["sentence"], cells)


def _cell(rule: RuleOf | None) -> Cell:
    return Cell(rule["judgement"], rule["reason"]) if rule else Cell(ABSENT, "")


def _warnings(reports: Sequence[Report]) -> list[str]:
    told = {
        "specification": [report["specification"]["version"] for report in reports],
        "suite": [report["suite"]["version"] for report in reports],
    }
    warnings = []
    for what, versions in told.items():
        different = sorted(set(versions))
        if len(different) > 1:
            warnings.append(
                f"These runs are of different versions of the {what}, {listed(different)}: "
                "a difference between columns may come from that."
            )
    interrupted = [tested_names(report) for report in reports if not report["complete"]]
    if interrupted:
        warnings.append(f"Interrupted before its end: the run of {listed(interrupted)}.")
    return warnings
