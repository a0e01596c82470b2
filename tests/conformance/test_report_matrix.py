import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from relocation_conformance import cli
from relocation_conformance.reports.document import write
from relocation_conformance.reports.matrix import Cell, merge
from sample_reports import report, rule, sample

OTHER = {"name": "zot", "version": None}


def test_each_report_is_a_column() -> None:
    columns = merge([sample(), sample(registry=OTHER)]).columns

    assert [(each.target, each.registry) for each in columns] == [
        ("mine 1.4.0", "distribution 3.0.0"),
        ("mine 1.4.0", "zot"),
    ]


def test_a_column_has_its_verdicts() -> None:
    (column,) = merge([sample()]).columns

    assert column.verdicts == {"CNAB": "nonconformant", "Relocation guide": "nonconformant"}


def test_verdicts_name_the_subject_where_any_report_has_two() -> None:
    both = sample()
    both["verdicts"] = [each | {"subject": "runtime"} for each in sample()["verdicts"]]

    columns = merge([sample(), both]).columns

    assert [list(each.verdicts) for each in columns] == [
        ["CNAB, relocator", "Relocation guide, relocator"],
        ["CNAB, runtime", "Relocation guide, runtime"],
    ]


def test_a_cell_has_judgement_and_reason() -> None:
    rows = merge([report([rule("MAP-1")], []), report([rule("MAP-1", "broken")], [])]).rows

    assert rows[0].cells == (Cell("kept", ""), Cell("broken", "why MAP-1 is broken"))


def test_a_rule_that_one_specification_lacks_is_absent_there() -> None:
    old = report([rule("MAP-1"), rule("MAP-2")], [], specification={"version": "0.9"})
    new = report([rule("MAP-3"), rule("MAP-1")], [], specification={"version": "0.10"})

    rows = merge([old, new]).rows

    assert {row.id: [cell.judgement for cell in row.cells] for row in rows} == {
        "MAP-3": ["absent", "kept"],
        "MAP-1": ["kept", "kept"],
        "MAP-2": ["kept", "absent"],
    }


def test_rules_stand_in_the_order_and_words_of_the_newest_specification() -> None:
    old = report([rule("MAP-1"), rule("MAP-2")], [], specification={"version": "0.9"})
    newest = [rule("MAP-2"), rule("MAP-1", sentence="New words MUST count.")]

    rows = merge([old, report(newest, [], specification={"version": "0.10"})]).rows

    assert [row.id for row in rows] == ["MAP-2", "MAP-1"]
    assert rows[1].sentence == "New words MUST count."


def test_equal_reports_have_no_warnings() -> None:
    assert merge([sample(), sample()]).warnings == ()


@pytest.mark.parametrize("what", ["specification", "suite"])
def test_different_versions_are_warned_of(what: str) -> None:
    other = sample()
    other["specification" if what == "specification" else "suite"] = {"version": "7.0"}

    (warning,) = merge([sample(), other]).warnings

    assert warning.startswith(f"These runs are of different versions of the {what}, ")
    assert "7.0" in warning


def test_interrupted_runs_are_warned_of() -> None:
    assert merge([sample(complete=False)]).warnings == (
        "Interrupted before its end: the run of mine 1.4.0.",
    )


def test_merge_writes_the_page(tmp_path: Path) -> None:
    write(tmp_path / "a", sample())
    write(tmp_path / "b", sample(registry=OTHER))

    status = cli.run(
        ["report", "merge", f"{tmp_path}/a", f"{tmp_path}/b", "-o", f"{tmp_path}/matrix.html"]
    )

    page = (tmp_path / "matrix.html").read_text("utf-8")
    assert (status, "<!doctype html>" in page, "zot" in page) == (0, True, True)


@pytest.mark.parametrize("again", ["a", "b", "a/report.json"], ids=["name", "copy", "file"])
def test_merge_takes_no_report_twice(
    again: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a", sample())
    write(tmp_path / "b", sample())

    status = cli.run(["report", "merge", "a", again])

    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert told.err == f"Error: a and {again} are one and the same report.\n"


def test_page_goes_to_what_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, sample())
    reading, writing = os.pipe()

    def read_all() -> str:
        with os.fdopen(reading, encoding="utf-8") as pipe:
            return pipe.read()

    with ThreadPoolExecutor() as pool:
        page = pool.submit(read_all)
        status = cli.run(["report", "page", str(tmp_path), "-o", f"/dev/fd/{writing}"])
        os.close(writing)

    assert (status, "<!doctype html>" in page.result()) == (0, True)


def test_output_through_a_link_leaves_the_link(tmp_path: Path) -> None:
    write(tmp_path, sample())
    (tmp_path / "link.html").symlink_to("page.html")

    cli.run(["report", "page", str(tmp_path), "-o", str(tmp_path / "link.html")])

    assert (tmp_path / "link.html").is_symlink()
    assert "<!doctype html>" in (tmp_path / "page.html").read_text("utf-8")


def test_merge_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, sample())

    status = cli.run(["report", "merge", str(tmp_path), "--json"])

    data = json.loads(capsys.readouterr().out)
    assert (status, data["columns"][0]["target"], data["rows"][0]["cells"]) == (
        0,
        "mine 1.4.0",
        [{"judgement": "kept", "reason": ""}],
    )


def test_page_is_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, sample())

    status = cli.run(["report", "page", str(tmp_path)])

    assert (status, capsys.readouterr().out) == (
        0,
        (tmp_path / "report.html").read_text("utf-8") + "\n",
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["merge"], "the following arguments are required: REPORT"),
        (["merge", "none"], "none cannot be read: No such file or directory."),
        (["merge", ".", "-o", "none/matrix.html"], "none/matrix.html cannot be written: No such"),
        (["diff", "."], "the following arguments are required: NEW"),
        (["diff", ".", "none"], "none cannot be read: No such file or directory."),
        (["page", "report.html"], "report.html is no JSON: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    write(tmp_path, sample())
    monkeypatch.chdir(tmp_path)

    status = cli.run(["report", *arguments])

    told = capsys.readouterr()
    assert (status, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.startswith(f"Error: {sentence}")
