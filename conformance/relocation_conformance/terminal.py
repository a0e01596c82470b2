"""The end of a run, told in the terminal rule by rule (pure: judgements in, lines out)."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.reports.texts import visible
from relocation_conformance.requirements import Class, Level
from relocation_conformance.standards import CONFORMANCE_CLASSES, Standards
from relocation_conformance.verdicts import ClassVerdict, JudgedRule, Judgement, Verdict, fails

_TOLD_CHECKS = 3
_COLOURS = {
    Judgement.KEPT: "green",
    Judgement.BROKEN: "red",
    Judgement.STALE: "red",
    Judgement.SUITE_ERROR: "red",
    Judgement.DEVIATION: "yellow",
    Judgement.NOT_APPLICABLE: "light",
    Judgement.NOT_TESTED: "yellow",
}

_VERDICT_COLOURS = {
    Verdict.CONFORMANT: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.NONCONFORMANT: "red",
}
_WRONG = (Judgement.BROKEN, Judgement.STALE, Judgement.SUITE_ERROR)

Line = tuple[str, str]
"""A line and its colour, a name of pytest's terminal writer; empty for the default."""


def summary(
    judged: Collection[JudgedRule],
    verdicts: Collection[ClassVerdict],
    standards: Standards,
    results: Iterable[CheckResult],
    targets: Sequence[str] = (),
) -> Iterator[Line]:
    """Yield the lines: families, then what went wrong, then sums and verdicts.

    SHOULDs stand apart, and what is wrong says whether the run fails for it. *targets* are the
    options that name who is judged, for a command that runs a check again. No line has anything
    in it that a terminal would obey.
    """
    for text, colour in _summary(judged, verdicts, standards, results, targets):
        yield visible(text), colour


def _summary(
    judged: Collection[JudgedRule],
    verdicts: Collection[ClassVerdict],
    standards: Standards,
    results: Iterable[CheckResult],
    targets: Sequence[str],
) -> Iterator[Line]:
    groups = {
        "MUST": [each for each in judged if each.rule.level is Level.MUST],
        "SHOULD": [each for each in judged if each.rule.level is not Level.MUST],
    }
    for level, rules in groups.items():
        yield level, "bold"
        for family, members in groupby(rules, key=lambda each: each.rule.family):
            yield from _family(family, list(members))
    told: set[str] = set()
    for each in judged:
        if each.judgement in _WRONG:
            yield from _wrong(each, told, targets, fatal=fails(each, standards))
    yield from _leftovers(results)
    yield "", ""
    for level, rules in groups.items():
        red = any(fails(each, standards) for each in rules)
        yield f"{level}: {_sums(rules)}", "red" if red else ""
    yield from _verdicts(judged, verdicts, standards)


def _family(family: str, members: Collection[JudgedRule]) -> Iterator[Line]:
    heading = family
    for judgement in Judgement:
        found = [each for each in members if each.judgement is judgement]
        for reason, ids in _by_told_reason(found).items():
            why = f" ({reason})" if reason else ""
            yield f"  {heading:<7} {judgement}: {', '.join(ids)}{why}", _COLOURS[judgement]
            heading = ""


def _by_told_reason(rules: Iterable[JudgedRule]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for each in rules:
        # What is red is told in full further down.
        reason = "" if each.judgement in _WRONG else each.reason.partition("\n")[0]
        told.setdefault(reason, []).append(each.rule.id)
    return told


def _wrong(
    judged: JudgedRule, told: set[str], targets: Sequence[str], *, fatal: bool
) -> Iterator[Line]:
    rule = judged.rule
    colour = "red" if fatal else "yellow"
    bearing = "" if fatal else ", decides no verdict"
    yield "", ""
    yield (
        f"{judged.judgement} {rule.id} ({rule.level}, class {rule.conformance_class}{bearing})",
        colour,
    )
    yield f"  {rule.sentence}", colour
    yield f"  source: {rule.source}", ""
    if judged.judgement is Judgement.STALE:
        yield f"  every check of it passed, but the profile says: {judged.reason}", ""
        return
    for check in judged.checks[:_TOLD_CHECKS]:
        yield from _check(check, told, targets)
    more = len(judged.checks) - _TOLD_CHECKS
    if more > 0:
        yield f"  and {more} more", ""


def _check(check: CheckResult, told: set[str], targets: Sequence[str]) -> Iterator[Line]:
    """Yield what the check found; where that was told of another rule, only the check's name."""
    yield f"  {check.claim}", ""
    if check.nodeid in told:
        yield f"    {check.nodeid}, as above", ""
        return
    told.add(check.nodeid)
    yield f"    {check.nodeid}", ""
    for line in check.reason.splitlines():
        yield f"    {line}".rstrip(), ""
    if check.example is not None and check.result is not Result.SUITE_ERROR:
        yield f"    smallest example: {json.dumps(check.example)}", ""
    if check.bundle is not None:
        yield f"    bundle: {check.bundle}", ""
    if check.evidence is not None:
        again = ["relocation-conformance", "replay", check.evidence, *targets]
        yield f"    to run it again: {shlex.join(again)}", ""


def _leftovers(results: Iterable[CheckResult]) -> Iterator[Line]:
    for result in results:
        if result.leftover:
            yield "", ""
            yield f"left over by {result.nodeid}, no verdict: {result.leftover}", "yellow"


def _verdicts(
    judged: Collection[JudgedRule], verdicts: Collection[ClassVerdict], standards: Standards
) -> Iterator[Line]:
    yield "", ""
    subjects = {each.subject for each in verdicts}
    for each in verdicts:
        whose = f"{each.subject}, " if len(subjects) > 1 else ""
        sums = _told(each.musts)
        yield (
            f"{whose}{each.conformance_class}: {each.verdict} (MUST: {sums})",
            _VERDICT_COLOURS[each.verdict],
        )
    ours = [
        each
        for each in judged
        if each.rule.conformance_class not in CONFORMANCE_CLASSES
        and each.rule.level is Level.MUST
        and each.rule.subject in subjects
    ]
    if ours:
        held = "this run is held to" if Class.SUITE in standards.classes else "decide no verdict"
        red = any(fails(each, standards) for each in ours)
        yield f"{Class.SUITE}, own additions, which {held} (MUST: {_sums(ours)})", red * "red"


def _sums(rules: Iterable[JudgedRule]) -> str:
    return _told(Counter(each.judgement for each in rules))


def _told(sums: Counter[Judgement]) -> str:
    return ", ".join(f"{sums[judgement]} {judgement}" for judgement in Judgement if sums[judgement])
