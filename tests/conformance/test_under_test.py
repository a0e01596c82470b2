"""Who is judged by which rules, when a run has a relocator, a runtime or both."""

from __future__ import annotations

from pathlib import Path

import pytest

from relocation_conformance.requirements import Subject
from relocation_conformance.targets.profile import Actions, Deviation, Invocation, Profile
from relocation_conformance.under_test import UnderTest, can_be

DEVIATIONS = (Deviation("NAME-1", "another name"), Deviation("RUN-1", "another image"))
BOTH = Profile(
    "both",
    "is both",
    Path("/"),
    relocate=Invocation(("mine",)),
    runtime=Actions(("mine",)),
    not_applicable={"NAME-2": "no names", "RUN-2": "no mapping"},
    deviations=DEVIATIONS,
)
OTHER = Profile("other", "is a runtime", Path("/"), runtime=Actions(("other",)))


@pytest.mark.parametrize(
    ("under_test", "subjects", "name"),
    [
        (UnderTest(), (), ""),
        (UnderTest(relocator=BOTH), (Subject.RELOCATOR,), "both"),
        (UnderTest(runtime=OTHER), (Subject.RUNTIME,), "other"),
        (UnderTest(BOTH, OTHER), (Subject.RELOCATOR, Subject.RUNTIME), "both and other"),
        (UnderTest(BOTH, BOTH), (Subject.RELOCATOR, Subject.RUNTIME), "both"),
    ],
)
def test_subjects_are_those_that_have_a_profile(
    under_test: UnderTest, subjects: tuple[Subject, ...], name: str
) -> None:
    assert under_test.subjects == subjects
    assert under_test.name == name


def test_rules_for_whom_is_not_judged_are_exempt() -> None:
    assert UnderTest(relocator=BOTH).exemption("RUN-1") == (
        "no runtime was given (--runtime-target)"
    )
    assert UnderTest(runtime=OTHER).exemption("NAME-1") == "no relocator was given (--target)"


def test_profile_exempts_from_the_rules_that_it_is_judged_by_alone() -> None:
    under_test = UnderTest(BOTH, OTHER)

    assert under_test.exemption("NAME-2") == "no names"
    assert under_test.exemption("RUN-2") is None


def test_deviations_count_of_whom_is_judged_by_the_rule() -> None:
    under_test = UnderTest(BOTH, OTHER)

    assert under_test.deviation("NAME-1") == DEVIATIONS[0]
    assert under_test.deviation("RUN-1") is None


def test_who_is_not_judged_has_no_deviations() -> None:
    assert UnderTest(relocator=BOTH).deviation("RUN-1") is None


def test_who_is_not_judged_cannot_be_asked_for() -> None:
    with pytest.raises(LookupError, match=r"^no runtime is judged$"):
        UnderTest(relocator=BOTH).tested(Subject.RUNTIME)


def test_profile_says_what_its_tool_can_be() -> None:
    assert [can_be(OTHER, subject) for subject in Subject] == [False, True]
