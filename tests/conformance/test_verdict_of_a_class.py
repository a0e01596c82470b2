"""From judgements on rules to the verdict on a conformance class."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from relocation_conformance.requirements import Class, Level, Requirement, Subject
from relocation_conformance.verdicts import ClassVerdict, JudgedRule, Judgement, Verdict, verdicts

KEPT, BROKEN = Judgement.KEPT, Judgement.BROKEN


def rule(number: int, level: str = "MUST", of: str = "cnab", family: str = "MAP") -> Requirement:
    return Requirement(f"{family}-{number}", Level(level), Class(of), "", "", "0.1")


def judged(*judgements: Judgement) -> list[JudgedRule]:
    return [JudgedRule(rule(number), each) for number, each in enumerate(judgements, 1)]


def by_class(found: tuple[ClassVerdict, ...]) -> Mapping[str, Verdict]:
    return {each.conformance_class: each.verdict for each in found}


@pytest.mark.parametrize(
    ("judgements", "verdict"),
    [
        ([KEPT], "conformant"),
        ([KEPT, Judgement.STALE], "conformant"),
        ([KEPT, Judgement.NOT_TESTED], "partial"),
        ([KEPT, Judgement.NOT_APPLICABLE], "partial"),
        ([KEPT, Judgement.SUITE_ERROR], "partial"),
        ([Judgement.NOT_TESTED], "partial"),
        ([KEPT, BROKEN], "nonconformant"),
        ([KEPT, Judgement.DEVIATION], "nonconformant"),
        ([Judgement.NOT_TESTED, BROKEN], "nonconformant"),
    ],
)
def test_the_least_of_the_musts_decides(judgements: list[Judgement], verdict: str) -> None:
    assert by_class(verdicts(judged(*judgements))) == {"cnab": verdict}


def test_shoulds_decide_nothing() -> None:
    found = [*judged(KEPT), JudgedRule(rule(9, "SHOULD"), BROKEN)]

    assert by_class(verdicts(found)) == {"cnab": "conformant"}


def test_our_own_additions_decide_nothing() -> None:
    found = [*judged(KEPT), JudgedRule(rule(9, of="suite"), BROKEN)]

    assert by_class(verdicts(found)) == {"cnab": "conformant"}


def test_rule_that_no_test_can_decide_does_not_count() -> None:
    beyond = Requirement("MAP-9", Level.MUST, Class.CNAB, "", "", "0.1", untestable="unseen")
    found = [*judged(KEPT), JudgedRule(beyond, Judgement.NOT_TESTED)]

    assert by_class(verdicts(found)) == {"cnab": "conformant"}


def test_each_class_has_a_verdict_of_its_own() -> None:
    found = [*judged(KEPT), JudgedRule(rule(9, of="guide"), BROKEN)]

    assert by_class(verdicts(found)) == {"cnab": "conformant", "guide": "nonconformant"}


def test_rules_for_runtimes_decide_nothing_about_a_relocator() -> None:
    found = [*judged(KEPT), JudgedRule(rule(1, family="RUN"), BROKEN)]

    assert by_class(verdicts(found)) == {"cnab": "conformant"}


def test_runtime_has_a_verdict_of_its_own() -> None:
    found = [*judged(BROKEN), JudgedRule(rule(1, family="RUN"), KEPT)]

    assert by_class(verdicts(found, [Subject.RUNTIME])) == {"cnab": "conformant"}


def test_verdict_tells_how_many_musts_came_to_what() -> None:
    (found,) = verdicts(judged(KEPT, KEPT, BROKEN))

    assert found.musts == {KEPT: 2, BROKEN: 1}
