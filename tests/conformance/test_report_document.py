import json
import os
import stat
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from relocation_conformance.reports import document
from relocation_conformance.reports.document import Circumstances, build, read, write
from relocation_conformance.reports.model import Report
from relocation_conformance.requirements import Class, Level, Requirement, Subject
from relocation_conformance.revisions import Unreadable
from relocation_conformance.standards import Standards
from relocation_conformance.targets.profile import Actions, Deviation, Invocation, Profile
from relocation_conformance.under_test import NamedTarget
from relocation_conformance.verdicts import ClassVerdict, JudgedRule, Judgement, Verdict
from relocation_schemas import Invalid
from sample_reports import record, sample

PROFILE = Profile(
    name="mine",
    description="a relocator",
    folder=Path("/nowhere"),
    relocate=Invocation(("/bin/mine", "{bundle}", "{prefix}", "{mapping}")),
    homepage="https://mine.example/",
    deviations=(Deviation("MAP-2", "no time", "https://mine.example/issues/1"),),
)


def required(rule_id: str, level: Level = Level.MUST) -> Requirement:
    return Requirement(rule_id, level, Class.CNAB, f"{rule_id} MUST be so.", "CNAB 103", "0.1")


def made(**changes: Any) -> Report:
    """A report of two rules and one check, by `build`."""
    told = Circumstances(
        target=NamedTarget("./mine.toml", PROFILE, "mine 1.0"),
        registry={"name": "embedded", "version": None},
        standards=Standards(),
        started=datetime(2026, 11, 24, 3, 2, 3, tzinfo=timezone(timedelta(hours=2))),
        seconds=1.23456,
        failed=True,
    )
    run = replace(told, **changes)
    judged = [
        JudgedRule(required("MAP-1"), Judgement.KEPT),
        JudgedRule(required("MAP-2"), Judgement.DEVIATION, "no time"),
        JudgedRule(required("MAP-3", Level.SHOULD), Judgement.BROKEN, "absent"),
    ]
    musts = Counter({Judgement.KEPT: 1, Judgement.DEVIATION: 1})
    verdicts = [ClassVerdict(Subject.RELOCATOR, Class.CNAB, Verdict.NONCONFORMANT, musts)]
    records = [
        record("test_map.py::test_two", "MAP-2", "MAP-1", result="deviation"),
        record("test_map.py::test_one", "MAP-1"),
    ]
    return build(run, judged, verdicts, records)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "new/folder", sample())

    assert read(tmp_path / "new/folder") == sample()


def test_a_report_is_read_from_its_file_too(tmp_path: Path) -> None:
    write(tmp_path, sample())

    assert read(tmp_path / "report.json") == sample()


def test_a_folder_has_the_three_files_and_no_parts_of_them(tmp_path: Path) -> None:
    write(tmp_path, sample())

    assert {each.name for each in tmp_path.iterdir()} == {"report.json", "junit.xml", "report.html"}


def test_files_are_as_readable_as_any_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()

    write(tmp_path, sample())

    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {stat.S_IMODE(other.stat().st_mode)}


def test_a_report_that_does_not_fit_the_schema_leaves_the_old_one(tmp_path: Path) -> None:
    write(tmp_path, sample())
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}

    with pytest.raises(Invalid):
        write(tmp_path, sample(exit_status=7))

    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_file_that_cannot_be_replaced_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", fail)

    with pytest.raises(OSError, match="No space left"):
        document.write_whole(tmp_path / "report.json", "{}")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "report.json cannot be read: No such file or directory."),
        ("{", "report.json is no JSON: "),
        ("\udcff", "report.json is no JSON: "),
        ("[" * 100_000, "report.json is no JSON: "),
        ("[]", "report.json is no report of this suite: the document: must be an object"),
        (json.dumps(sample() | {"seconds": -1}), "report.json is no report of this suite: seconds"),
    ],
    ids=["absent", "no JSON", "no text", "nested", "array", "invalid"],
)
def test_what_is_no_report_is_told_in_a_sentence(
    tmp_path: Path, text: str | None, sentence: str
) -> None:
    if text is not None:
        (tmp_path / "report.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(Unreadable) as raised:
        read(tmp_path)

    assert sentence in str(raised.value)
    assert str(raised.value).count("\n") == 0


def test_a_report_that_was_built_can_be_written(tmp_path: Path) -> None:
    write(tmp_path, made())

    assert read(tmp_path) == made()


def test_the_start_is_told_in_utc() -> None:
    assert made()["started"] == "2026-11-24T01:02:03Z"


def test_a_rule_names_every_check_of_it() -> None:
    checks = {each["id"]: each["checks"] for each in made()["rules"]}

    assert checks == {
        "MAP-1": ["test_map.py::test_one", "test_map.py::test_two"],
        "MAP-2": ["test_map.py::test_two"],
        "MAP-3": [],
    }


def test_a_documented_deviation_has_the_link_of_the_profile() -> None:
    links = {each["id"]: each["link"] for each in made()["rules"]}

    assert links == {"MAP-1": None, "MAP-2": "https://mine.example/issues/1", "MAP-3": None}


@pytest.mark.parametrize(("allowed", "fails"), [(False, True), (True, False)])
def test_a_rule_says_whether_the_run_fails_for_it(allowed: bool, fails: bool) -> None:
    report = made(standards=Standards(allow_deviations=allowed))

    assert [each["fails"] for each in report["rules"]] == [False, fails, False]


def test_sums_are_by_level_with_every_judgement() -> None:
    sums = made()["sums"]

    assert sums.keys() == {"MUST", "SHOULD", "MAY"}
    assert all(counts.keys() == set(Judgement) for counts in sums.values())
    assert {level: +Counter(counts) for level, counts in sums.items()} == {
        "MUST": {"kept": 1, "documented deviation": 1},
        "SHOULD": {"broken": 1},
        "MAY": {},
    }


def test_the_target_is_told_as_it_was_named() -> None:
    assert made()["target"] == {
        "named": "./mine.toml",
        "name": "mine",
        "description": "a relocator",
        "version": "mine 1.0",
        "command": ["/bin/mine", "{bundle}", "{prefix}", "{mapping}"],
        "homepage": "https://mine.example/",
    }


def test_a_runtime_is_told_with_its_own_command() -> None:
    runtime = replace(PROFILE, relocate=None, runtime=Actions(("/bin/runner", "install")))
    report = made(target=None, runtime_target=NamedTarget("runner", runtime, None))

    assert report["target"] is None
    assert report["runtime_target"] is not None
    assert report["runtime_target"]["command"] == ["/bin/runner", "install"]
