"""From the results of checks to a judgement on each rule, and to the verdicts of a run (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.requirements import Class, Level, Requirement, Subject
from relocation_conformance.standards import CONFORMANCE_CLASSES, Standards
from relocation_conformance.targets.profile import Declarations


class Judgement(StrEnum):
    """How a target stands with one rule."""

    KEPT = "kept"
    BROKEN = "broken"
    DEVIATION = "documented deviation"
    STALE = "stale deviation"
    NOT_APPLICABLE = "not applicable"
    NOT_TESTED = "not tested"
    SUITE_ERROR = "suite error"


class Verdict(StrEnum):
    """How a target stands with one conformance class."""

    CONFORMANT = "conformant"
    PARTIAL = "partial"
    NONCONFORMANT = "nonconformant"


@dataclass(frozen=True, slots=True)
class JudgedRule:
    """One rule's judgement, the reason in few words if it has one, and the checks behind it."""

    rule: Requirement
    judgement: Judgement
    reason: str = ""
    checks: tuple[CheckResult, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassVerdict:
    """The verdict on one subject by one class, and how many of its MUSTs came to what."""

    subject: Subject
    conformance_class: Class
    verdict: Verdict
    musts: Counter[Judgement]


_BY_GRAVITY = {
    Result.SUITE_ERROR: Judgement.SUITE_ERROR,
    Result.BROKEN: Judgement.BROKEN,
    Result.DEVIATION: Judgement.DEVIATION,
    Result.NOT_TESTED: Judgement.NOT_TESTED,
}
"""The gravest result of a rule's checks is its judgement; only if there is none, it was kept."""


def judge(
    catalogue: Mapping[str, Requirement], declared: Declarations, results: Iterable[CheckResult]
) -> tuple[JudgedRule, ...]:
    """Return a judgement on every rule of *catalogue*, in its order.

    A rule is kept only if each of its checks was run and found so. One that is kept although
    *declared* documents a deviation from it is a stale deviation.
    """
    by_rule: dict[str, list[CheckResult]] = {}
    for result in sorted(results, key=lambda each: each.nodeid):
        for rule in result.rules:
            by_rule.setdefault(rule, []).append(result)
    return tuple(_judge(rule, declared, by_rule.get(rule.id, ())) for rule in catalogue.values())


def verdicts(
    judged: Collection[JudgedRule], subjects: Sequence[Subject] = (Subject.RELOCATOR,)
) -> tuple[ClassVerdict, ...]:
    """Return a verdict on each of *subjects* by each conformance class that has rules for it.

    Only MUSTs count, and of these only such as a test from outside can decide. The verdict is
    conformant if each of them was kept, nonconformant if one was broken, whether or not that is
    documented, and else partial.
    """
    found = []
    for subject in subjects:
        for conformance_class in CONFORMANCE_CLASSES:
            musts = Counter(
                each.judgement
                for each in judged
                if each.rule.subject is subject
                and each.rule.conformance_class is conformance_class
                and each.rule.level is Level.MUST
                and each.rule.untestable is None
            )
            if musts:
                verdict = _verdict(musts)
                found.append(ClassVerdict(subject, conformance_class, verdict, musts))
    return tuple(found)


def fails(judged: JudgedRule, standards: Standards) -> bool:
    """Tell whether a run that is held to *standards* fails for what was *judged*.

    A suite error and a stale deviation fail it whatever the rule: the first leaves unknown what
    was to be told, the second makes the profile say what is not so.
    """
    if judged.judgement in (Judgement.SUITE_ERROR, Judgement.STALE):
        return True
    documented = judged.judgement is Judgement.DEVIATION
    broken = documented or judged.judgement is Judgement.BROKEN
    return broken and standards.fails(judged.rule, documented=documented)


def _verdict(musts: Counter[Judgement]) -> Verdict:
    if musts[Judgement.BROKEN] or musts[Judgement.DEVIATION]:
        return Verdict.NONCONFORMANT
    # What a stale deviation says is that the rule was kept.
    kept = musts[Judgement.KEPT] + musts[Judgement.STALE]
    return Verdict.CONFORMANT if kept == musts.total() else Verdict.PARTIAL


def _judge(
    rule: Requirement, declared: Declarations, checks: Collection[CheckResult]
) -> JudgedRule:
    exemption = declared.exemption(rule.id)
    if exemption:
        return JudgedRule(rule, Judgement.NOT_APPLICABLE, exemption)
    if not checks:
        return JudgedRule(rule, Judgement.NOT_TESTED, rule.untestable or "no check of it was run")
    deviation = declared.deviation(rule.id)
    for result, judgement in _BY_GRAVITY.items():
        grave = tuple(each for each in checks if each.result is result)
        if grave and deviation and result in (Result.BROKEN, Result.DEVIATION):
            return JudgedRule(rule, Judgement.DEVIATION, deviation.reason, grave)
        if grave:
            return JudgedRule(rule, judgement, grave[0].reason, grave)
    collected = max(each.collected.get(rule.id, 0) for each in checks)
    left_out = collected - len(checks)
    if left_out > 0:
        reason = f"not run: {left_out} of its {collected} checks"
        return JudgedRule(rule, Judgement.NOT_TESTED, reason, tuple(checks))
    if deviation:
        return JudgedRule(rule, Judgement.STALE, deviation.reason, tuple(checks))
    return JudgedRule(rule, Judgement.KEPT, "", tuple(checks))
