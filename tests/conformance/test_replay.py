"""A case is run again from its evidence, with the target of then or with another."""

from __future__ import annotations

import copy
import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin_runs import KEPT, Checks
from relocation_conformance import cli
from relocation_conformance.evidence import read_record
from relocation_conformance.requirements import catalogue
from relocation_conformance.targets.executables import SCRIPTS
from relocation_schemas import schema
from suite_runs import mutant, run_suite

CHECK = "test_name.py::test_source_repositories_never_share_a_destination"
EXAMPLE = {"repositories": ["r.example.com/a/b-c", "r.example.com/a-b/c"]}
RULE = catalogue()["NAME-4"]
RECORD: dict[str, Any] = {
    **schema("check-record")["examples"][0],
    "id": CHECK,
    "rules": ["NAME-4"],
    "example": EXAMPLE,
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the terminal told of a run in which NAME-4 was broken, and the check's evidence."""
    folder = tmp_path_factory.mktemp("broken")
    run = run_suite(
        folder, mutant("mutant", "leaves-the-hash-out"), "-k", "never_share", families=("NAME",)
    )
    (evidence,) = (folder / "basetemp" / "evidence").iterdir()
    return run.output, evidence


@pytest.fixture
def evidence(tmp_path: Path) -> Callable[..., Path]:
    """Write evidence as it might be: parts of the record and of the options are changed."""

    def write(arguments: dict[str, str] | None = None, **changes: object) -> Path:
        named = {"--target": "true", "--registry": "embedded"}
        options = {"folder": str(tmp_path), "arguments": {**named, **(arguments or {})}}
        (tmp_path / "options.json").write_text(json.dumps(options))
        record = {**copy.deepcopy(RECORD), **changes}
        (tmp_path / "record.json").write_text(json.dumps(record))
        return tmp_path

    return write


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Replay in vain, and return the one sentence that is told."""

    def replay(*arguments: str | Path) -> str:
        status = cli.run(["replay", *map(str, arguments)])

        told = capsys.readouterr()
        assert (status, told.out, told.err.count("\n")) == (2, "", 1)
        return told.err

    return replay


def test_record_holds_the_smallest_example(broken: tuple[str, Path]) -> None:
    assert read_record(broken[1])["example"] == EXAMPLE


def test_command_of_the_terminal_shows_the_failure_again(
    broken: tuple[str, Path], tmp_path: Path
) -> None:
    output, folder = broken
    (line,) = (line for line in output.splitlines() if "to run it again: " in line)
    command = line.partition(": ")[2]

    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=tmp_path,
        env={"PATH": SCRIPTS, "PYTEST_ADDOPTS": "--nonesuch", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "broken: Two source repositories never share one destination repository.",
        f"  {CHECK}",
        f"  NAME-4 (MUST, class guide): {RULE.sentence}",
        f"    source: {RULE.source}",
    ]
    assert f"  example: {json.dumps(EXAMPLE)}" in lines
    assert "/a-b-c'] == []" in done.stdout
    (run,) = (line for line in lines if line.startswith("  run "))
    assert run.startswith("  run 1: done, exit status 0, ")
    assert shlex.split(command)[2] == str(folder)


def test_target_of_then_is_used_if_no_other_is_named(
    broken: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.run(["replay", str(broken[1])])

    assert status == 1
    assert " leaves-the-hash-out relocate " in capsys.readouterr().out


def test_mended_target_keeps_the_rule(
    broken: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file: file.read_bytes() for file in broken[1].iterdir()}

    status = cli.run(["replay", str(broken[1]), "--target", "reference"])

    out = capsys.readouterr().out
    assert status == 0
    assert out.startswith("kept: Two source repositories never share one destination repository.")
    assert f"  example: {json.dumps(EXAMPLE)}\n" in out
    assert {file: file.read_bytes() for file in broken[1].iterdir()} == before


def test_check_of_ones_own_is_run_from_where_it_was(
    evidence: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_own.py").write_text(
        "from relocation_conformance.requirements import requirement\n\n"
        "@requirement('MAP-1')\ndef test_own(): assert 0, 'as ever'\n"
    )
    folder = evidence(id="test_own.py::test_own", rules=["MAP-1"], example=None)

    status = cli.run(["replay", str(folder)])

    assert (status, "\n  as ever\n" in capsys.readouterr().out) == (1, True)


def test_unusable_target_is_one_sentence_and_named_from_where_one_is(
    evidence: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    told = refused(evidence(), "--target", "./mine.toml")

    assert told == f"Error: There is no profile file {tmp_path / 'here' / 'mine.toml'}.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--target-timeout", "x"), "argument --target-timeout: 'x' is not a number of seconds"),
        (("--registry", "nonesuch"), "--registry: 'nonesuch' is no registry: give a URL"),
        (("--target", "\x1b[31m"), "There is no command ⟨U+001B⟩[31m on PATH."),
    ],
)
def test_option_that_cannot_be_used_is_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    evidence: Callable[..., Path],
    refused: Callable[..., str],
) -> None:
    assert refused(evidence(), *arguments).startswith(f"Error: {sentence}")


def test_what_a_target_writes_does_not_reach_the_terminal_as_it_is(
    evidence: Callable[..., Path],
    script: Callable[[str], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = script(r"import sys; sys.exit('\x1b[31mred')")

    cli.run(["replay", str(evidence()), "--target", target])

    assert capsys.readouterr().out.endswith("    stderr: ⟨U+001B⟩[31mred\n")


def test_check_that_is_not_run_shows_nothing(
    evidence: Callable[..., Path], refused: Callable[..., str]
) -> None:
    (folder := evidence(example=None)).joinpath("mine.toml").write_text(
        "name = 'mine'\ndescription = 'does nothing'\n"
        "[not-applicable]\nNAME = 'names nothing'\n"
        "[relocate]\ncommand = ['true', '{bundle}', '{prefix}', '{mapping}']\n"
    )

    told = refused(folder, "--target", str(folder / "mine.toml"))

    assert told == "Error: The check came to no judgement, not applicable: names nothing\n"


@pytest.mark.parametrize(
    "check",
    ["test_name.py::test_nonesuch", "test_nonesuch.py::test_x"],
)
def test_check_that_is_no_more_is_one_sentence(
    check: str, evidence: Callable[..., Path], refused: Callable[..., str]
) -> None:
    assert refused(evidence(id=check)) == f"Error: There is no check {check} any more.\n"


DRAWING = """
from hypothesis import given
from hypothesis import strategies as st

@requirement("NAME-4")
@given(names=st.none())
def test_drawn(names): pass
"""


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (DRAWING, "The check test_drawn takes names now, and the record has repositories."),
        (KEPT, "The check test_kept takes no example now, and the record has repositories."),
    ],
    ids=["another", "none"],
)
def test_check_that_takes_another_example_is_one_sentence(
    source: str, sentence: str, evidence: Callable[..., Path], checks: Checks
) -> None:
    checks.write(source)

    result = checks.run("--target", "true", "--replay", str(evidence()))

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().strip() == f"ERROR: {sentence}"


def test_password_that_is_not_recorded_is_asked_for(
    evidence: Callable[..., Path], refused: Callable[..., str]
) -> None:
    folder = evidence({"--registry": "https://ann:<redacted>@registry.example.com"})

    assert refused(folder) == (
        f"Error: The password of the registry is not in {folder}: give --registry.\n"
    )


def test_folder_that_is_no_more_is_one_sentence(
    evidence: Callable[..., Path], refused: Callable[..., str]
) -> None:
    folder = evidence()
    (folder / "options.json").write_text(json.dumps({"folder": "/no/such", "arguments": {}}))

    assert refused(folder) == (
        "Error: The folder /no/such is no more, where the suite was: give --target.\n"
    )


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("record.json", None, "record.json cannot be read: No such file or directory."),
        ("record.json", "{", "record.json is no JSON: "),
        ("record.json", "[" * 100_000, "record.json is no JSON: "),
        ("record.json", "{}", "record.json is no record of a check: "),
        ("options.json", None, "options.json cannot be read: No such file or directory."),
        ("options.json", "1", "options.json does not tell how the suite was called."),
        ("options.json", "[]", "options.json does not tell how the suite was called."),
        ("options.json", '{"folder": "/", "arguments": {"--target": 1}}', "does not tell how "),
        ("options.json", '{"folder": "/"}', "options.json does not tell how "),
    ],
    ids=lambda value: value[:20] if value else "none",
)
def test_damaged_evidence_is_one_sentence(
    file: str,
    text: str | None,
    sentence: str,
    evidence: Callable[..., Path],
    refused: Callable[..., str],
) -> None:
    folder = evidence()
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text, "utf-8")

    assert sentence in refused(folder)


@pytest.mark.parametrize("folder", ["none", "file"])
def test_folder_without_evidence_is_one_sentence(
    folder: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    (tmp_path / "file").write_text("")

    assert f"{tmp_path / folder}/record.json cannot be read: " in refused(tmp_path / folder)
