from pathlib import Path
from typing import Any

import pytest

from relocation_conformance import cli
from relocation_conformance.reports.changes import Change, changes, differences, likely_cause, told
from relocation_conformance.reports.document import write
from relocation_conformance.reports.model import Report
from sample_reports import HOSTILE, record, report, rule, sample

CHECK = "test_map.py::test_it"


def judged(judgement: str, **changed: Any) -> Report:
    """A report of one rule, and of no checks."""
    return report([rule("MAP-1", judgement)], [], verdicts=[], **changed)


def checked(result: str) -> Report:
    """A report of a rule that is kept, and of one check."""
    return report([rule("MAP-1")], [record(CHECK, "MAP-1", result=result)])


def test_a_report_is_no_change_to_itself() -> None:
    assert changes(sample(), sample()) == []


@pytest.mark.parametrize(
    ("old", "new", "worse"),
    [
        ("kept", "broken", True),
        ("kept", "not tested", True),
        ("kept", "not applicable", True),
        ("kept", "documented deviation", True),
        ("kept", "suite error", True),
        ("not tested", "broken", True),
        ("documented deviation", "broken", True),
        ("documented deviation", "stale deviation", True),
        ("stale deviation", "broken", True),
        ("broken", "kept", False),
        ("broken", "documented deviation", False),
        ("stale deviation", "kept", False),
        ("not tested", "kept", False),
        ("not tested", "not applicable", False),
        ("suite error", "broken", False),
    ],
)
def test_a_change_of_judgement_is_for_the_worse_or_not(old: str, new: str, worse: bool) -> None:
    (change,) = changes(judged(old), judged(new))

    assert (change.kind, change.old, change.new, change.worse) == ("rule", old, new, worse)


@pytest.mark.parametrize(("judgement", "worse"), [("kept", False), ("broken", True)])
def test_a_rule_that_comes_is_for_the_worse_if_it_is_broken(judgement: str, worse: bool) -> None:
    (change,) = changes(report([], [], verdicts=[]), judged(judgement))

    assert (change.old, change.new, change.worse) == (None, judgement, worse)


def test_a_rule_that_goes_is_told_and_not_for_the_worse() -> None:
    (change,) = changes(judged("kept"), report([], [], verdicts=[]))

    assert (str(change), change.worse) == ("rule MAP-1 went, it was: kept", False)


def test_a_check_is_told_though_its_rule_stands() -> None:
    assert changes(checked("kept"), checked("not tested")) == [
        Change("check", CHECK, "kept", "not tested", "found: not tested\nin more words")
    ]


@pytest.mark.parametrize(
    ("old", "new", "worse"),
    [
        ("conformant", "partial", True),
        ("partial", "nonconformant", True),
        ("nonconformant", "conformant", False),
    ],
)
def test_a_change_of_verdict_is_for_the_worse_or_not(old: str, new: str, worse: bool) -> None:
    (change,) = changes(report([], [], old), report([], [], new))

    assert (change.name, change.old, change.new) == ("on the relocator by cnab", old, new)
    assert change.worse is worse


OTHERS: dict[str, dict[str, object]] = {
    "target's version": {"target": {**(sample()["target"] or {}), "version": "mine 2"}},
    "target": {"target": {**(sample()["target"] or {}), "name": "yours"}},
    "registry": {"registry": {"name": "zot", "version": "3.0.0"}},
    "registry's version": {"registry": {"name": "distribution", "version": "2.8"}},
    "suite": {"suite": {"version": "7.0"}},
    "specification": {"specification": {"version": "7.0"}},
    "Python": {"platform": {**sample()["platform"], "python": "3.14"}},
    "end of the run": {"complete": False},
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_else_is_different_is_found(what: str) -> None:
    assert list(differences(sample(), sample(**OTHERS[what]))) == [what]


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ([], "Nothing else that a report tells of is different: "),
        (["suite"], "The suite is all else that is different, and the likely cause."),
        (
            ["target", "target's version", "target's command"],
            "The target is all else that is different, and the likely cause.",
        ),
        (
            ["target's version", "suite"],
            "Several things are different and may be the cause: the target and the suite.",
        ),
    ],
    ids=["nothing", "one", "one of several parts", "several"],
)
def test_the_likely_cause_is_what_else_is_different(different: list[str], sentence: str) -> None:
    assert likely_cause(different).startswith(sentence)


def test_what_is_told_names_change_reason_and_cause() -> None:
    assert list(told(judged("kept"), judged("broken", suite={"version": "7.0"}))) == [
        "rule MAP-1: kept -> broken, worse",
        "  why MAP-1 is broken",
        "",
        "suite: 0.1.0 -> 7.0",
        "The suite is all else that is different, and the likely cause.",
        "1 change, 1 for the worse.",
    ]


def test_a_hostile_reason_does_not_reach_the_terminal() -> None:
    new = report([rule("MAP-1", "broken", reason=HOSTILE)], [], verdicts=[])

    lines = list(told(judged("kept"), new))

    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("kept", "kept", 0), ("broken", "kept", 0), ("kept", "broken", 1)],
)
def test_the_exit_status_tells_whether_something_got_worse(
    tmp_path: Path, old: str, new: str, status: int
) -> None:
    write(tmp_path / "old", judged(old))
    write(tmp_path / "new", judged(new))

    assert cli.run(["report", "diff", f"{tmp_path}/old", f"{tmp_path}/new"]) == status
