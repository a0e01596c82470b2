"""A check as pytest runs it, and the result that travels with its reports."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from relocation_conformance.redaction import Redaction
from relocation_conformance.reports.texts import visible
from relocation_conformance.requirements import catalogue, rules_of
from relocation_conformance.smallest import Example
from relocation_conformance.standards import Standards
from relocation_conformance.targets.diary import Diary
from relocation_conformance.targets.profile import Declarations

_REASON_LINES = 12
_REASON_LENGTH = 2000
_ADVICE = re.compile(r"\buse '?-vv?'? to (?:get|show)\b", re.IGNORECASE)
"""What pytest says of its own options where it explains an assertion."""


class Result(StrEnum):
    """What one check found."""

    KEPT = "kept"
    BROKEN = "broken"
    DEVIATION = "deviation"
    NOT_APPLICABLE = "not applicable"
    NOT_TESTED = "not tested"
    SUITE_ERROR = "suite error"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's result. `reason` is empty for a check that found its rules kept.

    `leftover` is what went wrong while the check's fixtures were taken down, which says nothing
    about the target. `seconds` are those that the check took, with its fixtures. `example` is what
    hypothesis drew for it, if it draws: the smallest that failed, else the last. `evidence` is the
    absolute path of its folder, None without one, and `bundle` that of the last bundle in it.
    `collected` is how many checks pytest has found of each of its rules, whether or not it ran
    them.
    """

    nodeid: str
    claim: str
    rules: tuple[str, ...]
    result: Result
    reason: str
    leftover: str = ""
    seconds: float = 0.0
    example: Example | None = None
    evidence: str | None = None
    bundle: str | None = None
    collected: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a check's failure would mean.

    `exemption` is why the check is not applicable, `excuse` how the profile documents that it
    fails; `fatal` tells whether the run fails with it.
    """

    exemption: str | None
    excuse: str | None
    fatal: bool = True


DIARY = pytest.StashKey[Diary]()
"""Where `pytest.Item.stash` holds what the targets do in a check."""

_STANDING = pytest.StashKey[Standing]()


def is_prepared(item: pytest.Item) -> bool:
    """Tell whether `prepare` has made *item* a check."""
    return _STANDING in item.stash


def prepare(
    item: pytest.Item,
    declared: Declarations | None,
    standards: Standards,
    collected: Mapping[str, int],
) -> None:
    """Give the check *item* the properties that its reports carry.

    A check whose rules are all *declared* exempt is skipped before its fixtures are set up.
    *collected* is how many checks there are of each rule.
    """
    rules = rules_of(item)
    item.user_properties += [("requirement", rule) for rule in rules]
    item.user_properties.append(("claim", _claim(item)))
    item.user_properties.append(
        ("collected", json.dumps({rule: collected[rule] for rule in rules}))
    )
    standing = _standing(rules, declared, standards)
    item.stash[_STANDING] = standing
    item.stash[DIARY] = Diary()
    if standing.exemption:
        item.add_marker(pytest.mark.skip(reason=standing.exemption))


def judge_phase(item: pytest.Item, call: pytest.CallInfo[None]) -> Result | None:
    """Add what the phase *call* of the check *item* shows to its properties, and return it.

    A setup shows something only if it does not pass, a teardown never does.
    """
    redacted = item.stash[DIARY].redaction()
    if call.when == "teardown":
        if call.excinfo is not None:
            item.user_properties.append(("leftover", _reason(call.excinfo.value, redacted)))
        return None
    if call.when == "setup" and call.excinfo is None:
        return None
    error = call.excinfo.value if call.excinfo else None
    result = _result(item.stash[_STANDING], error, in_check=call.when == "call")
    item.user_properties += [("result", result.value), ("reason", _reason(error, redacted))]
    return result


def amend(item: pytest.Item, report: pytest.TestReport, result: Result | None) -> None:
    """Make pytest see *report* as the suite does.

    A failure with which the run does not fail is an expected one, and a failed teardown fails
    nothing. There is nothing secret in what it shows, and nothing that a terminal would obey.
    """
    standing = item.stash[_STANDING]
    if report.failed:
        text = str(report.longrepr)
        shown = visible(item.stash[DIARY].redaction()(text))
        # As it is, pytest can shorten and colour it.
        report.longrepr = report.longrepr if shown == text else shown
    if result in (Result.BROKEN, Result.DEVIATION) and not standing.fatal:
        report.outcome = "skipped"
        report.wasxfail = standing.excuse or "broken, and decides no verdict"
    elif report.when == "teardown" and report.failed:
        report.outcome = "passed"


def read_result(report: pytest.TestReport) -> CheckResult | None:
    """Return the check's result from its last *report*, None from any other report."""
    if report.when != "teardown":
        return None
    return result_in(report.nodeid, report.user_properties)


def result_in(nodeid: str, properties: Sequence[tuple[str, object]]) -> CheckResult | None:
    """Return the result that *properties* of a test tell, None if it is no check."""
    last: dict[str, Any] = dict(properties)
    if "claim" not in last:
        return None
    return CheckResult(
        nodeid=nodeid,
        claim=last["claim"],
        rules=tuple(str(value) for name, value in properties if name == "requirement"),
        result=Result(last.get("result", Result.SUITE_ERROR)),
        reason=last.get("reason", "the check came to no result"),
        leftover=last.get("leftover", ""),
        seconds=last.get("seconds", 0.0),
        example=json.loads(last.get("example", "null")),
        evidence=last.get("evidence"),
        bundle=last.get("bundle"),
        collected=json.loads(last.get("collected", "{}")),
    )


def _standing(
    rules: tuple[str, ...], declared: Declarations | None, standards: Standards
) -> Standing:
    if declared is None:
        return Standing(None, None)
    exemptions = {rule: declared.exemption(rule) for rule in rules}
    applicable = [rule for rule in rules if exemptions[rule] is None]
    if not applicable:
        return Standing("; ".join(dict.fromkeys(filter(None, exemptions.values()))), None)
    known = {rule: declared.deviation(rule) for rule in applicable}
    excuses = [f"{each.rule}: {each.reason}" for each in known.values() if each]
    # One rule that is not documented as broken is enough for a failure to be news.
    excuse = "; ".join(excuses) if len(excuses) == len(applicable) else None
    fatal = any(
        standards.fails(catalogue()[rule], documented=known[rule] is not None)
        for rule in applicable
    )
    return Standing(None, excuse, fatal)


def _result(standing: Standing, error: BaseException | None, *, in_check: bool) -> Result:
    if error is None:
        return Result.KEPT
    if isinstance(error, pytest.skip.Exception):
        return Result.NOT_APPLICABLE if standing.exemption else Result.NOT_TESTED
    if in_check and all(isinstance(leaf, AssertionError) for leaf in _leaves(error)):
        return Result.DEVIATION if standing.excuse else Result.BROKEN
    return Result.SUITE_ERROR


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield what *error* consists of: Hypothesis groups failures that come and go."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _reason(error: BaseException | None, redacted: Redaction) -> str:
    if error is None:
        return ""
    leaf = next(_leaves(error))
    text = str(leaf)
    if not isinstance(leaf, (AssertionError, pytest.skip.Exception)):
        text = f"{type(leaf).__name__}: {text}"
    text = redacted(text).strip() or "an assertion without words"
    lines = [line for line in text[:_REASON_LENGTH].splitlines() if not _ADVICE.search(line)]
    return "\n".join(lines[:_REASON_LINES])


def _claim(item: pytest.Item) -> str:
    words = inspect.getdoc(getattr(item, "obj", None)) or item.name
    return words.splitlines()[0]
