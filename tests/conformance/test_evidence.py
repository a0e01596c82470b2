"""The evidence that a run of the suite leaves, seen from checks in a pytest run of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugin_runs import BROKEN, KEPT, Checks, summary
from registry_fixtures.embedded import EmbeddedRegistry
from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.evidence import folder_name, read_options, read_record, records_of
from relocation_conformance.reports.model import Record
from relocation_schemas import validate

RUNS = """
import sys
from pathlib import Path
from registry_fixtures.embedded import EmbeddedRegistry
from relocation_conformance.checks import DIARY
from relocation_conformance.evidence import BASE
from relocation_conformance.targets import Target, open_profile

@pytest.fixture
def diary(request, tmp_path_factory):
    request.node.stash[BASE] = tmp_path_factory.getbasetemp()
    return request.node.stash[DIARY]

@pytest.fixture
def target(diary, tmp_path):
    return Target(open_profile("./asking", Path(__file__).parent), tmp_path, 20, diary)

@pytest.fixture
def registry(diary):
    with EmbeddedRegistry() as running:
        yield diary.watch(running)

@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "bundle.json").write_text('{"name": "a bundle"}')
    return tmp_path / "bundle.json"

"""
ASKING = """
import http.client, sys
prefix = sys.argv[sys.argv.index("--repository-prefix") + 1]
connection = http.client.HTTPConnection(prefix.partition("/")[0])
connection.request("GET", "/v2/asked", headers={"Authorization": "Basic YTpiOnNlY3JldA=="})
connection.getresponse().read()
open(sys.argv[sys.argv.index("--relocation-mapping") + 1], "w").write("{}")
sys.exit("the password is s3cr3t-w0rd")
"""
CHECK = """
CONFIG = {"auths": {"a.example.com": {"password": "s3cr3t-w0rd"}}}

@requirement("MAP-1")
def test_asking(target, registry, bundle):
    done = target.relocate(bundle, to=f"{registry.host}/t", docker_config=CONFIG)
    assert done.outcome == "done", done.evidence
"""
DRAWING = """
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

few = settings(
    derandomize=True, database=None, deadline=None, max_examples=3, report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)
NAMES = [f"n{number}" for number in range(40)]
"""


@pytest.fixture
def asking(checks: Checks, script: Callable[[str], str]) -> Checks:
    """Checks with a target that asks a registry, writes a mapping, and refuses."""
    Path(script(ASKING)).rename(checks.folder / "asking")
    (checks.folder / "asking").chmod(0o755)
    checks.write(RUNS, CHECK)
    return checks


def drawn(checks: Checks, *sources: str) -> list[Record]:
    """Run checks for which hypothesis draws, and return their records."""
    checks.write(DRAWING, *sources)
    checks.run("--target", "true", "--report", "out")
    return records(checks)


def records(checks: Checks, report: str = "out") -> list[Record]:
    folders = sorted((checks.folder / report / "evidence").iterdir())
    return [read_record(folder) for folder in folders]


def the_record(checks: Checks) -> Record:
    (record,) = records(checks)
    return record


def test_every_check_has_its_folder(checks: Checks) -> None:
    checks.write(KEPT, BROKEN)

    checks.run("--target", "true", "--report", "out")

    found = {record["id"]: (record["result"], record["evidence"]) for record in records(checks)}
    kept, broken = "test_checks.py::test_kept", "test_checks.py::test_broken"
    assert found == {
        kept: ("kept", f"evidence/{folder_name(kept)}"),
        broken: ("broken", f"evidence/{folder_name(broken)}"),
    }


def test_record_tells_what_the_check_found(checks: Checks) -> None:
    checks.write(BROKEN)

    checks.run("--target", "true", "--report", "out")

    record = the_record(checks)
    assert record["claim"] == "An index keeps its digest."
    assert record["rules"] == ["DIGEST-1", "DIGEST-2"]
    assert record["reason"].startswith("another digest\n")
    assert (record["runs"], record["example"]) == ([], None)


def test_reason_has_no_advice_on_how_to_call_pytest(checks: Checks) -> None:
    checks.write(
        "@requirement('MAP-1')\ndef test_x(): assert {'a': 1, 'c': 3} == {'b': 2, 'c': 3}\n"
    )

    checks.run("--target", "true", "--report", "out")

    reason = the_record(checks)["reason"]
    assert reason.startswith("assert {'a': 1, 'c': 3} == {'b': 2, 'c': 3}\n")
    assert "{'b': 2}" in reason
    assert "-v" not in reason


def test_record_tells_of_what_was_left_over(checks: Checks) -> None:
    checks.write(
        "@pytest.fixture\ndef untidy():\n    yield\n    raise OSError('port in use')\n"
        "@requirement('MAP-1')\ndef test_x(untidy): pass\n"
    )

    checks.run("--target", "true", "--report", "out")

    assert the_record(checks)["leftover"] == "OSError: port in use"


def test_check_that_does_not_apply_has_a_record_too(checks: Checks) -> None:
    checks.write(KEPT)
    checks.profile("[not-applicable]\nMAP = 'writes no mapping'")

    checks.run("--target", "./mine.toml", "--report", "out")

    record = the_record(checks)
    assert (record["result"], record["reason"]) == ("not applicable", "writes no mapping")


def test_run_of_the_target_is_in_the_record(asking: Checks) -> None:
    asking.run("--target", "true", "--report", "out")

    (run,) = the_record(asking)["runs"]
    assert run["command"][0] == str(asking.folder / "asking")
    assert (run["status"], run["outcome"], run["reason"]) == (1, "refused", "exit status 1")
    assert run["bundle"]["descriptor"] == '{"name": "a bundle"}'
    assert run["mapping"] == {"before": None, "after": "{}"}
    assert [(entry["method"], entry["path"], entry["status"]) for entry in run["ledger"]] == [
        ("GET", "/v2/asked", 404)
    ]


def test_files_are_beside_the_record(asking: Checks) -> None:
    asking.run("--target", "true", "--report", "out")

    (folder,) = (asking.folder / "out" / "evidence").iterdir()
    assert (folder / "bundle-1.json").read_text() == '{"name": "a bundle"}'
    assert (folder / "mapping-1.json").read_text() == "{}"


def test_credentials_are_nowhere(asking: Checks) -> None:
    result = asking.run("--target", "true", "--report", "out")

    files = [file for file in (asking.folder / "out").rglob("*") if file.is_file()]
    assert [file for file in files if "s3cr3t-w0rd" in file.read_text()] == []
    assert "s3cr3t-w0rd" not in result.stdout.str()
    assert "the password is <redacted>" in result.stdout.str()
    assert the_record(asking)["runs"][0]["stderr"] == "the password is <redacted>\n"


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["here", "with workers"])
def test_what_a_target_writes_does_not_reach_the_terminal_as_it_is(
    asking: Checks, arguments: tuple[str, ...]
) -> None:
    file = asking.folder / "asking"
    file.write_text(file.read_text().replace("the password is", "\\x1b[31m\\x07red"))

    result = asking.run("--target", "true", "--color=no", *arguments)

    assert "stderr: ⟨U+001B⟩[31m⟨U+0007⟩red" in summary(result)
    assert {"\x1b", "\x07"} & {*result.stdout.str()} == set()


def test_options_tell_how_the_suite_was_called(checks: Checks) -> None:
    checks.write(KEPT)

    checks.run("--target", "true", "--target-timeout", "9", "--report", "out")

    (folder,) = (checks.folder / "out" / "evidence").iterdir()
    assert read_options(folder) == {
        "folder": str(checks.folder),
        "arguments": {"--target": "true", "--registry": "embedded", "--target-timeout": "9.0"},
    }


def test_password_of_the_registry_is_not_in_the_options(checks: Checks) -> None:
    checks.write(KEPT)

    with EmbeddedRegistry() as registry:
        url = f"http://ann:s3cr3t-w0rd@{registry.host}"
        checks.run("--target", "true", "--registry", url, "--report", "out")

    (folder,) = (checks.folder / "out" / "evidence").iterdir()
    redacted = f"http://ann:<redacted>@{registry.host}"
    assert read_options(folder)["arguments"]["--registry"] == redacted


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["here", "with workers"])
def test_terminal_names_evidence_without_a_report(asking: Checks, arguments: tuple[str]) -> None:
    result = asking.run("--target", "true", *arguments)

    line = next(line for line in summary(result).splitlines() if "run it again" in line)
    folder = Path(line.split()[6])
    assert line == (f"    to run it again: relocation-conformance replay {folder} --target true")
    assert read_record(folder)["id"] == "test_checks.py::test_asking"
    assert f"    bundle: {folder}/bundle-1.json\n" in summary(result)


def test_targets_are_quoted_for_the_shell(checks: Checks) -> None:
    checks.write(BROKEN)

    result = checks.run("--target", "sh -c 'exit 1'", "--report", "out")

    folder = checks.folder / "out" / "evidence" / folder_name("test_checks.py::test_broken")
    command = f"relocation-conformance replay {folder} --target 'sh -c '\"'\"'exit 1'\"'\"''"
    assert f"    to run it again: {command}\n" in summary(result)


def test_workers_leave_the_same_evidence(checks: Checks) -> None:
    several = "@requirement('MAP-1')\n@pytest.mark.parametrize('n', range(4))\ndef test_n(n): 0\n"
    checks.write(KEPT, BROKEN, several)

    checks.run("--target", "true", "--report", "alone")
    checks.run("--target", "true", "--report", "parallel", "-n", "2")

    def timeless(report: str) -> list[Record]:
        return [{**record, "seconds": 0} for record in records(checks, report)]

    assert timeless("parallel") == timeless("alone")
    assert len(records(checks, "parallel")) == 6


def test_evidence_of_an_earlier_run_is_replaced(checks: Checks) -> None:
    checks.write(BROKEN)
    checks.run("--target", "true", "--report", "out")
    (folder,) = (checks.folder / "out" / "evidence").iterdir()
    (folder / "bundle-1.json").write_text("old")
    checks.write(BROKEN.replace("another digest", "yet another digest"))

    checks.run("--target", "true", "--report", "out")

    assert the_record(checks)["reason"].startswith("yet another digest\n")
    assert not (folder / "bundle-1.json").exists()


def test_names_of_folders_are_safe_and_bounded() -> None:
    names = [folder_name(f"test_x.py::test_y[{value}]") for value in ("a/b", "a b", "é" * 300)]

    assert len({*names}) == 3
    assert all(len(name) < 100 and name.replace("-", "_").isidentifier() for name in names)


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "with workers"])
def test_report_that_cannot_be_written_is_one_usage_error(
    checks: Checks, workers: tuple[str, ...]
) -> None:
    checks.write(KEPT)
    (checks.folder / "file").write_text("")

    result = checks.run("--target", "true", "--report", "file", *workers)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --report: *file is no folder that can be written to: *"])
    assert result.stderr.str().count("ERROR") == 1


def test_evidence_that_cannot_be_written_is_left_over(checks: Checks) -> None:
    checks.write(
        "from pathlib import Path\n@requirement('MAP-1')\n"
        "def test_x(): Path('out/evidence').write_text('in the way')\n"
    )

    result = checks.run("--target", "true", "--report", "out")

    assert result.ret == 0
    assert "no verdict: the evidence cannot be written: " in summary(result)


@pytest.mark.parametrize("evidence", [None, "/none/such"])
def test_check_without_evidence_has_a_record_without_runs(evidence: str | None) -> None:
    check = CheckResult("a/test_x.py::test_y", "A claim.", ("NAME-1",), Result.KEPT, "")

    (record,) = records_of([replace(check, evidence=evidence)])

    validate(record, "check-record")
    assert (record["id"], record["runs"], record["evidence"]) == ("test_x.py::test_y", [], None)


FAILING = """
@requirement("NAME-1")
@few
@given(names=st.lists(st.sampled_from(NAMES), min_size=32, max_size=40, unique=True))
def test_drawn(names):
    assert len({"n7", "n23", "n30"} & set(names)) < 2, sorted(names)
"""


def test_hypothesis_does_not_warn_of_what_is_drawn(checks: Checks) -> None:
    long = FAILING.replace("NAMES", "[name * 3000 for name in NAMES]")
    checks.write(DRAWING, long.replace('"n7"', '"n7" * 3000').replace('"n23"', '"n23" * 3000'))

    result = checks.run("--target", "true")

    result.assert_outcomes(failed=1, warnings=0)


def test_example_of_a_failure_is_the_smallest(checks: Checks) -> None:
    (record,) = drawn(checks, FAILING)

    assert record["result"] == "broken"
    assert record["example"] is not None
    assert len(record["example"]["names"]) == 2
    assert {*record["example"]["names"]} < {"n7", "n23", "n30"}


def test_reason_is_that_of_the_smallest_example(checks: Checks) -> None:
    (record,) = drawn(checks, FAILING)

    example: dict[str, Any] = record["example"] or {}
    assert record["reason"].startswith(str(sorted(example["names"])))


def test_explicit_example_becomes_small_too(checks: Checks) -> None:
    (record,) = drawn(checks, FAILING.replace("def test_drawn", "@example(NAMES)\ndef test_drawn"))

    assert record["example"] == {"names": ["n7", "n23"]}


def test_terminal_tells_the_smallest_example_and_no_other(checks: Checks) -> None:
    checks.write(DRAWING, FAILING)

    result = checks.run("--target", "true", "--report", "out")

    told = [line for line in result.stdout.lines if "n7" in line and "'n8'" in line]
    assert told == []
    example = json.dumps(the_record(checks)["example"])
    assert f"    smallest example: {example}\n" in summary(result)


def test_smallest_example_is_the_same_in_each_run(checks: Checks) -> None:
    assert drawn(checks, FAILING)[0]["example"] == drawn(checks, FAILING)[0]["example"]


def test_runs_in_the_record_are_those_of_the_example(asking: Checks) -> None:
    drawing = """
@requirement("NAME-1")
@few
@given(names=st.lists(st.sampled_from(NAMES), min_size=32, max_size=40, unique=True))
def test_drawn(target, registry, bundle, names):
    for name in names:
        if name == "n7":
            target.relocate(bundle, to=f"{registry.host}/{name}/{len(names)}")
    assert "n7" not in names
"""
    asking.write(RUNS, DRAWING, drawing)

    asking.run("--target", "true", "--report", "out")

    record = the_record(asking)
    assert record["example"] == {"names": ["n7"]}
    (run,) = record["runs"]
    assert run["prefix"] is not None
    assert run["prefix"].endswith("/n7/1")


def test_after_a_time_out_no_smaller_example_is_tried(asking: Checks) -> None:
    (asking.folder / "asking").write_text("#!/bin/sh\nsleep 60\n")
    drawing = """
@requirement("NAME-1")
@few
@given(names=st.just(NAMES))
def test_drawn(target, registry, bundle, names):
    assert target.relocate(bundle, to="127.0.0.1:1/t", timeout=0.1).status == 0
"""
    asking.write(RUNS, DRAWING, drawing)

    asking.run("--target", "true", "--report", "out")

    example: dict[str, Any] = the_record(asking)["example"] or {}
    assert len(example["names"]) == 40


def test_error_of_the_suite_is_told_with_the_example_that_met_it(checks: Checks) -> None:
    (record,) = drawn(checks, FAILING.replace("assert ", "{}[names[0]], "))

    example: dict[str, Any] = record["example"] or {}
    assert record["result"] == "suite error"
    assert record["reason"] == f"KeyError: '{example['names'][0]}'"


def test_what_goes_wrong_with_a_smaller_example_is_not_told(checks: Checks) -> None:
    (record,) = drawn(checks, FAILING.replace("    assert", "    names[30]\n    assert"))

    example: dict[str, Any] = record["example"] or {}
    assert record["result"] == "broken"
    assert len(example["names"]) == 31


def test_what_is_drawn_must_be_json(checks: Checks) -> None:
    (record,) = drawn(
        checks,
        "@requirement('NAME-1')\n@few\n@given(pair=st.just(('a', 'b')))\ndef test_x(pair): pass\n",
    )

    assert record["result"] == "suite error"
    assert record["reason"].startswith("TypeError: what was drawn is no JSON")


def test_example_of_a_check_that_kept_its_rule_was_drawn_for_it(checks: Checks) -> None:
    (record,) = drawn(
        checks,
        "@requirement('NAME-1')\n@few\n@given(tag=st.just('v1'))\n"
        "@pytest.mark.parametrize('n', [1])\ndef test_x(n, tag): assert tag == 'v1'\n",
    )

    assert (record["result"], record["example"]) == ("kept", {"tag": "v1"})
