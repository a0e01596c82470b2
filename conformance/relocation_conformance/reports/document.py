"""report.json: made from a run, written beside its renderings, and read again."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import cast

from relocation_conformance.reports.junit import junit_xml
from relocation_conformance.reports.model import (
    Counts,
    Platform,
    Record,
    RegistryOf,
    Report,
    RuleOf,
    TargetOf,
    VerdictOf,
)
from relocation_conformance.reports.page import report_page
from relocation_conformance.requirements import Level, Subject, own_catalogue
from relocation_conformance.revisions import Unreadable, read_json
from relocation_conformance.standards import Standards
from relocation_conformance.under_test import NamedTarget
from relocation_conformance.verdicts import ClassVerdict, JudgedRule, Judgement, fails
from relocation_schemas import Invalid, validate

JSON, JUNIT, PAGE = "report.json", "junit.xml", "report.html"
"""The files that `write` leaves in its folder."""

_SCHEMA = "https://relocation-conformance.dev/schemas/1/report.schema.json"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What there is to tell of a run beside its rules and checks.

    `started` has a time zone; `complete` is False for a run that was interrupted.
    """

    target: NamedTarget | None
    registry: RegistryOf
    standards: Standards
    started: datetime
    seconds: float
    failed: bool
    complete: bool = True
    runtime_target: NamedTarget | None = None


def build(
    run: Circumstances,
    judged: Sequence[JudgedRule],
    verdicts: Iterable[ClassVerdict],
    records: Collection[Record],
) -> Report:
    """Return the report of a run; *judged* is every rule of the catalogue, in its order."""
    return {
        "$schema": _SCHEMA,
        "suite": {"version": metadata.version("relocation-conformance")},
        "specification": {"version": own_catalogue().version},
        "target": _target(run.target, Subject.RELOCATOR),
        "runtime_target": _target(run.runtime_target, Subject.RUNTIME),
        "registry": run.registry,
        "platform": _platform(),
        "started": run.started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(run.seconds, 3),
        "complete": run.complete,
        "held_to": sorted(run.standards.classes),
        "allow_deviations": run.standards.allow_deviations,
        "exit_status": int(run.failed),
        "verdicts": [_verdict(each) for each in verdicts],
        "sums": {level.value: _sums(judged, level) for level in Level},
        "rules": [_rule(each, run, records) for each in judged],
        "checks": sorted(records, key=lambda each: each["id"]),
    }


def write(folder: Path, report: Report) -> None:
    """Write report.json, junit.xml and report.html into *folder*, which is made if need be.

    Each file is there as a whole, or as it was before. Raises Invalid, and writes nothing, if the
    report does not fit its schema, and OSError if a file cannot be written.
    """
    validate(report, "report")
    texts = {
        # The spaces of an indented one would be a sixth of it.
        JSON: json.dumps(report, allow_nan=False) + "\n",
        JUNIT: junit_xml(report),
        PAGE: report_page(report),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_whole(folder / name, text)


def write_whole(file: Path, text: str) -> None:
    """Write *file* so that nobody ever sees a part of it. Raises OSError.

    What is there and is no file, such as a terminal, is written to as it is.
    """
    if file.exists() and not file.is_file():
        file.write_text(text, "utf-8")
        return
    file = file.resolve()
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Report:
    """Return the report in the file *path*, or in report.json of the folder *path*.

    Raises Unreadable.
    """
    file = path / JSON if path.is_dir() else path
    document = read_json(file)
    try:
        validate(document, "report")
    except Invalid as error:
        raise Unreadable(f"{file} is no report of this suite: {error}.") from None
    return cast("Report", document)


def _target(target: NamedTarget | None, subject: Subject) -> TargetOf | None:
    if target is None:
        return None
    profile = target.profile
    runtime = subject is Subject.RUNTIME
    return {
        "named": target.named,
        "name": profile.name,
        "description": profile.description,
        "version": target.version,
        "command": list(profile.actions.install if runtime else profile.invocation.command),
        "homepage": profile.homepage,
    }


def _platform() -> Platform:
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }


def _verdict(verdict: ClassVerdict) -> VerdictOf:
    return {
        "subject": verdict.subject.value,
        "class": verdict.conformance_class.value,
        "verdict": verdict.verdict.value,
        "must": _counts(verdict.musts),
    }


def _sums(judged: Iterable[JudgedRule], level: Level) -> Counts:
    return _counts(Counter(each.judgement for each in judged if each.rule.level is level))


def _counts(counter: Counter[Judgement]) -> Counts:
    return {judgement.value: counter[judgement] for judgement in Judgement}


def _rule(judged: JudgedRule, run: Circumstances, records: Iterable[Record]) -> RuleOf:
    rule = judged.rule
    return {
        "id": rule.id,
        "family": rule.family,
        "subject": rule.subject.value,
        "level": rule.level.value,
        "class": rule.conformance_class.value,
        "sentence": rule.sentence,
        "source": rule.source,
        "since": rule.since,
        "untestable": rule.untestable,
        "judgement": judged.judgement.value,
        "reason": judged.reason,
        "link": _link(judged, run),
        "fails": fails(judged, run.standards),
        "checks": sorted(record["id"] for record in records if rule.id in record["rules"]),
    }


def _link(judged: JudgedRule, run: Circumstances) -> str | None:
    if judged.judgement not in (Judgement.DEVIATION, Judgement.STALE):
        return None
    target = run.runtime_target if judged.rule.subject is Subject.RUNTIME else run.target
    deviation = target and target.profile.deviation(judged.rule.id)
    return deviation.link if deviation else None
