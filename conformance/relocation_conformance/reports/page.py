"""report.html: one run on one page, from the verdict down to what was said over HTTP."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from relocation_conformance.reports.model import Entry, Record, Report, RuleOf, VerdictOf
from relocation_conformance.reports.rendering import render
from relocation_conformance.reports.texts import (
    case_of,
    counted,
    listed,
    registry_name,
    replay_command,
    tested,
    tested_names,
)

CLASSES = {"cnab": "CNAB", "guide": "Relocation guide"}
"""What the conformance classes are called."""

_WITH_EVIDENCE = ("broken", "deviation", "suite error")
_WRONG = ("broken", "stale deviation", "suite error")
_LIMITS = {"runs": 10, "entries": 200, "output": 8_000, "document": 20_000}
"""How much evidence the page holds of one check, and in characters of one text."""


def report_page(report: Report) -> str:
    """Return the page."""
    anchors = {record["id"]: f"check-{n}" for n, record in enumerate(report["checks"], 1)}
    wrong = [rule for rule in report["rules"] if rule["fails"] or rule["judgement"] in _WRONG]
    return render(
        "report.html",
        report=report,
        name=tested_names(report),
        tested=tested(report),
        registry=registry_name(report),
        verdicts=[_card(report, verdict) for verdict in report["verdicts"]],
        additions=_additions(report),
        failures={
            "fails": [rule for rule in wrong if rule["fails"]],
            "told": [rule for rule in wrong if not rule["fails"]],
        },
        levels=_by_level(report["rules"]),
        anchors=anchors,
        rules={rule["id"]: rule for rule in report["rules"]},
        checks_of=_checks_of(report),
        evidence=[each for each in report["checks"] if each["result"] in _WITH_EVIDENCE],
        leftovers=[each for each in report["checks"] if each["leftover"]],
        replays={each["id"]: replay_command(each) for each in report["checks"]},
        limits=_LIMITS,
        with_evidence=_WITH_EVIDENCE,
        command=shlex.join,
        address=_address,
        case_of=case_of,
        as_json=_as_json,
    )


def _checks_of(report: Report) -> dict[str, list[Record]]:
    return {
        rule["id"]: [each for each in report["checks"] if rule["id"] in each["rules"]]
        for rule in report["rules"]
    }


def verdict_titles(reports: Iterable[Report]) -> dict[tuple[str, str], str]:
    """Return what verdicts are on, by subject and class.

    That is the class, and the subject where *reports* have verdicts on two.
    """
    pairs = dict.fromkeys(
        (verdict["subject"], verdict["class"])
        for report in reports
        for verdict in report["verdicts"]
    )
    several = len({subject for subject, _ in pairs}) > 1
    return {
        (subject, name): f"{CLASSES[name]}, {subject}" if several else CLASSES[name]
        for subject, name in pairs
    }


def rests_on(verdict: VerdictOf) -> str:
    """Say in a sentence what a verdict rests on."""
    must = verdict["must"]
    total = sum(must.values())
    if verdict["verdict"] == "conformant":
        return f"{_all(total)} of this class that a test can decide was tested and kept."
    return f"Of {counted(total, 'MUST')} of this class that a test can decide: {_told(must)}."


def _all(total: int) -> str:
    return f"Each of the {total} MUSTs" if total > 1 else "The one MUST"


def _told(counts: dict[str, int]) -> str:
    return listed([f"{number} {judgement}" for judgement, number in counts.items() if number])


def _card(report: Report, verdict: VerdictOf) -> dict[str, object]:
    rules = [
        rule
        for rule in report["rules"]
        if (rule["class"], rule["subject"], rule["level"])
        == (verdict["class"], verdict["subject"], "MUST")
        and rule["untestable"] is None
    ]
    return {
        "title": verdict_titles([report])[verdict["subject"], verdict["class"]],
        "verdict": verdict["verdict"],
        "held": verdict["class"] in report["held_to"],
        "sentence": rests_on(verdict),
        "counts": verdict["must"],
        "broken": _judged(rules, "broken", "documented deviation"),
        "unknown": _judged(rules, "not tested", "not applicable", "suite error"),
    }


def _additions(report: Report) -> dict[str, object]:
    named = {"relocator": report["target"], "runtime": report["runtime_target"]}
    subjects = {subject for subject, target in named.items() if target}
    musts = (each for each in report["rules"] if each["level"] == "MUST")
    rules = [each for each in musts if each["class"] == "suite" and each["subject"] in subjects]
    found = Counter(rule["judgement"] for rule in rules)
    counts = {judgement: found[judgement] for judgement in report["sums"]["MUST"]}
    asked = f"{counted(len(rules), 'MUST')} that only this suite asks for"
    return {
        "sentence": f"{asked}: {_told(counts)}." if rules else f"{asked}.",
        "counts": counts,
        "held": "suite" in report["held_to"],
        "broken": _judged(rules, "broken", "documented deviation"),
    }


def _judged(rules: Iterable[RuleOf], *judgements: str) -> list[RuleOf]:
    return [rule for rule in rules if rule["judgement"] in judgements]


def _by_level(rules: Iterable[RuleOf]) -> dict[str, dict[str, list[RuleOf]]]:
    """Return rules by family, MUSTs and others apart."""
    found = list(rules)
    groups = {
        "MUST": [rule for rule in found if rule["level"] == "MUST"],
        "SHOULD and MAY": [rule for rule in found if rule["level"] != "MUST"],
    }
    return {
        level: {
            family: list(members)
            for family, members in groupby(group, key=lambda rule: rule["family"])
        }
        for level, group in groups.items()
        if group
    }


def _address(entry: Entry) -> str:
    query = "&".join(f"{name}={value}" for name, value in entry["query"].items())
    return f"{entry['path']}?{query}" if query else entry["path"]


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
