"""From the results of checks to a judgement on each rule (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.requirements import Requirement
from relocation_conformance.targets.profile import Profile


class Judgement(StrEnum):
    """How a target stands with one rule."""

    KEPT = "kept"
    BROKEN = "broken"
    DEVIATION = "documented deviation"
    STALE = "stale deviation"
    NOT_APPLICABLE = "not applicable"
    NOT_TESTED = "not tested"
    SUITE_ERROR = "suite error"

    @property
    def red(self) -> bool:
        """Whether the run fails for it."""
        return self in (Judgement.BROKEN, Judgement.STALE, Judgement.SUITE_ERROR)


@dataclass(frozen=True, slots=True)
class JudgedRule:
    """One rule's judgement, the reason in few words if it has one, and the checks behind it."""

    rule: Requirement
    judgement: Judgement
    reason: str = ""
    checks: tuple[CheckResult, ...] = ()


_BY_GRAVITY = {
    Result.SUITE_ERROR: Judgement.SUITE_ERROR,
    Result.BROKEN: Judgement.BROKEN,
    Result.DEVIATION: Judgement.DEVIATION,
    Result.NOT_TESTED: Judgement.NOT_TESTED,
}
"""The gravest result of a rule's checks is its judgement; only if there is none, it was kept."""


def judge(
    catalogue: Mapping[str, Requirement], profile: Profile, results: Iterable[CheckResult]
) -> tuple[JudgedRule, ...]:
    """Return a judgement on every rule of *catalogue*, in its order.

    A rule is kept only if each of its checks found so. One whose checks all found so although
    *profile* documents a deviation from it is a stale deviation.
    """
    by_rule: dict[str, list[CheckResult]] = {}
    for result in sorted(results, key=lambda each: each.nodeid):
        for rule in result.rules:
            by_rule.setdefault(rule, []).append(result)
    return tuple(_judge(rule, profile, by_rule.get(rule.id, ())) for rule in catalogue.values())


def _judge(rule: Requirement, profile: Profile, checks: Collection[CheckResult]) -> JudgedRule:
    exemption = profile.exemption(rule.id)
    if exemption:
        return JudgedRule(rule, Judgement.NOT_APPLICABLE, exemption)
    if not checks:
        return JudgedRule(rule, Judgement.NOT_TESTED, rule.untestable or "no check of it was run")
    deviation = profile.deviation(rule.id)
    for result, judgement in _BY_GRAVITY.items():
        grave = tuple(each for each in checks if each.result is result)
        if grave and deviation and result in (Result.BROKEN, Result.DEVIATION):
            return JudgedRule(rule, Judgement.DEVIATION, deviation.reason, grave)
        if grave:
            return JudgedRule(rule, judgement, grave[0].reason, grave)
    if deviation:
        return JudgedRule(rule, Judgement.STALE, deviation.reason, tuple(checks))
    return JudgedRule(rule, Judgement.KEPT, "", tuple(checks))
