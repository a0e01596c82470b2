"""The runtime in the hands of a clumsy or hostile user: one sentence, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from relocator.driver import MAX_OUTPUT
from relocator.output import Passage
from runtime_runs import Done, Perform, write_bundle

RECORDER = ("--driver", "recorder")
SHOW = [sys.executable, "-m", "relocator", "show", "mine"]


def install(perform: Perform, folder: Path, name: str = "mine", **fields: object) -> Done:
    done = perform("install", name, write_bundle(folder, **fields), *RECORDER)
    assert done.status == 0, done.err
    return done


def test_a_bundle_with_a_number_that_cannot_be_recorded_is_refused(
    perform: Perform, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path, custom={"x": "NUMBER"})
    bundle.write_text(bundle.read_text().replace('"NUMBER"', "1e999"))

    assert "1e999" in perform("install", "mine", bundle, *RECORDER).refusal
    assert perform("list").status == 0


def test_an_output_may_have_a_name_that_no_file_can_have(
    perform: Perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAVES", "8080")
    name = "../" * 200
    output = {"definition": "any", "path": "/cnab/app/outputs/port"}

    install(perform, tmp_path, definitions={"any": {}}, outputs={name: output})

    details = json.loads(perform("show", "mine", "--json").out)
    assert Path(details["outputs"][name]["path"]).read_bytes() == b"8080"
    assert details["status"] == "succeeded"


def test_two_outputs_in_one_place_are_refused(perform: Perform, tmp_path: Path) -> None:
    output = {"definition": "any", "path": "/cnab/app/outputs/port"}
    outputs = {"one": output, "other": output}
    bundle = write_bundle(tmp_path, definitions={"any": {}}, outputs=outputs)

    refused = perform("install", "mine", bundle, *RECORDER)

    assert "the outputs one and other at '/cnab/app/outputs/port'" in refused.refusal


def test_an_output_that_is_too_large_is_a_failure_that_is_recorded(
    perform: Perform, tmp_path: Path
) -> None:
    driver = tmp_path / "bin" / "cnab-generous"
    driver.write_text(
        '#!/bin/sh\n[ "$1" = --handles ] && echo oci && exit\ncat > /dev/null\n'
        'mkdir -p "$CNAB_OUTPUT_DIR/cnab/app/outputs"\n'
        f'truncate -s {MAX_OUTPUT + 1} "$CNAB_OUTPUT_DIR/cnab/app/outputs/port"\n'
    )
    driver.chmod(0o755)
    output = {"definition": "any", "path": "/cnab/app/outputs/port"}
    bundle = write_bundle(tmp_path, definitions={"any": {}}, outputs={"port": output})

    done = perform("install", "mine", bundle, "--driver", "generous")

    assert done.status == 1
    assert f"larger than {MAX_OUTPUT} bytes" in done.err
    assert json.loads(perform("show", "mine", "--json").out)["status"] == "failed"


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_a_damaged_installation_does_not_hide_the_others(
    form: list[str], perform: Perform, tmp_path: Path, state_home: Path
) -> None:
    for name in ("one", "two", "three"):
        install(perform, tmp_path, name)
    (claim,) = (state_home / "relocator/installations/two/claims").iterdir()
    claim.write_text("{}")

    done = perform("list", *form)

    assert done.status == 1
    assert ("one" in done.out, "two" in done.out, "three" in done.out) == (True, False, True)
    assert done.err.startswith(f"Error: {claim} is not a claim")


def test_what_is_no_installation_is_not_listed(
    perform: Perform, tmp_path: Path, state_home: Path
) -> None:
    install(perform, tmp_path)
    (state_home / "relocator/installations/.directory").touch()

    done = perform("list", "--json")

    assert (done.status, [each["name"] for each in json.loads(done.out)]) == (0, ["mine"])


@pytest.mark.parametrize("arguments", [["list"], ["show", "mine"], ["upgrade", "mine", *RECORDER]])
def test_a_state_folder_that_is_none_is_not_taken_for_an_empty_one(
    arguments: list[str], perform: Perform, state_home: Path
) -> None:
    state_home.write_text("")

    assert "Not a directory" in perform(*arguments).refusal


def test_an_action_after_the_last_possible_record_leaves_what_there_is(
    perform: Perform, tmp_path: Path, state_home: Path
) -> None:
    install(perform, tmp_path)
    folder = state_home / "relocator/installations/mine/results"
    last = max(folder.iterdir())
    document = json.loads(last.read_text())
    last.write_text(json.dumps({**document, "id": "7" + 25 * "Z"}))

    assert "there is no ULID after" in perform("upgrade", "mine", *RECORDER).refusal
    assert perform("show", "mine").status == 0


def test_a_user_without_a_home_is_told_so(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless(_: Path) -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(Path, "expanduser", homeless)

    assert "the user has no home folder" in perform("list").refusal


def test_characters_that_the_output_lacks_are_escaped(perform: Perform, tmp_path: Path) -> None:
    install(perform, tmp_path)
    definitions = {"word": {"type": "string", "default": "日"}}
    parameters = {"word": {"definition": "word", "destination": {"env": "WORD"}}}
    bundle = write_bundle(tmp_path, definitions=definitions, parameters=parameters)
    assert perform("upgrade", "mine", bundle, *RECORDER).status == 0

    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(SHOW, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert r"parameter: word = \u65e5" in done.stdout


@pytest.mark.parametrize("stderr", ["/dev/full", "&-"])
def test_the_exit_status_is_that_of_the_action_where_nothing_can_be_said(
    stderr: str, perform: Perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(perform, tmp_path)
    monkeypatch.setenv("STATUS", "42")
    arguments = [sys.executable, "-m", "relocator", "upgrade", "mine", *RECORDER]

    done = subprocess.run(
        ["sh", "-c", f'exec "$@" 2>{stderr}', "sh", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (42, "the output of upgrade\n")


def test_what_nobody_takes_any_more_is_dropped_and_told_of() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as broken:
        passage = Passage(broken)
        for _ in range(2):
            passage.write(b"x" * 100_000)

    assert isinstance(passage.failure, BrokenPipeError)


def test_an_interrupt_while_the_program_loads_is_one_like_any_other() -> None:
    code = (
        "import os, signal, sys\n"
        "from relocator import cli\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'relocator.commands':\n"
        "            os.kill(os.getpid(), signal.SIGHUP)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Error: interrupted\n")


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        code = (
            "import os, signal\n"
            "from relocator.interrupts import heed_signals\n"
            "heed_signals()\n"
            "os.kill(os.getpid(), signal.SIGHUP)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert (done.returncode, done.stderr) == (0, b"")
