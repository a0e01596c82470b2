"""`--report DIR`: what a run leaves in the folder, and when it leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin_runs import BROKEN, KEPT, SHOULD, Checks
from relocation_conformance.reporting import without_credentials
from relocation_conformance.reports.document import read

REPORT = ("--target", "./mine.toml", "--report", "out")
INTERRUPTED = "\ndef test_stop():\n    raise KeyboardInterrupt\n"
CRASH = "\n@requirement('MAP-2')\ndef test_crash():\n    import os\n    os._exit(1)\n"
LATER = "\n@requirement('MAP-1')\ndef test_later():\n    pass\n"


@pytest.fixture
def out(checks: Checks) -> Path:
    """The folder that reports go to."""
    checks.profile("version-command = ['echo', 'mine 1.2']")
    return checks.folder / "out"


def test_run_leaves_three_reports_and_the_evidence(checks: Checks, out: Path) -> None:
    checks.write(KEPT)

    checks.run(*REPORT)

    assert {each.name for each in out.iterdir()} == {
        "report.json",
        "junit.xml",
        "report.html",
        "evidence",
    }


def test_terminal_names_the_page(checks: Checks, out: Path) -> None:
    checks.write(KEPT)

    result = checks.run(*REPORT)

    result.stdout.fnmatch_lines([f"report: {out}/report.html"])


@pytest.mark.parametrize(
    ("source", "status"), [(KEPT, 0), (SHOULD, 0), (BROKEN, 1)], ids=["kept", "should", "broken"]
)
def test_report_has_the_exit_status_of_the_run(
    checks: Checks, out: Path, source: str, status: int
) -> None:
    checks.write(source)

    result = checks.run(*REPORT)

    assert (result.ret, read(out)["exit_status"]) == (status, status)


def test_report_tells_who_was_judged_and_where(checks: Checks, out: Path) -> None:
    checks.write(KEPT)

    checks.run(*REPORT)

    report = read(out)
    assert report["target"]
    assert (report["target"]["named"], report["target"]["version"]) == ("./mine.toml", "mine 1.2")
    assert report["registry"]["name"] == "embedded"
    assert report["runtime_target"] is None


def test_report_is_the_same_with_workers(checks: Checks, out: Path) -> None:
    checks.write(KEPT, BROKEN, SHOULD)
    checks.run(*REPORT)
    alone = read(out)

    checks.run(*REPORT, "-n", "2")

    parallel = read(out)
    assert parallel["rules"] == alone["rules"]
    assert parallel["verdicts"] == alone["verdicts"]
    assert [each["id"] for each in parallel["checks"]] == [each["id"] for each in alone["checks"]]


@pytest.mark.parametrize(
    ("sources", "arguments"),
    [
        ((KEPT, INTERRUPTED), ()),
        ((KEPT, INTERRUPTED), ("-n", "1")),
        ((BROKEN, KEPT), ("-x",)),
        ((BROKEN, KEPT), ("--maxfail=1", "-n", "1")),
        ((KEPT, CRASH), ("-n", "1")),
    ],
    ids=["interrupted", "interrupted workers", "-x", "--maxfail", "a crash of a worker"],
)
def test_run_that_stops_before_its_end_is_a_failed_one(
    checks: Checks, out: Path, sources: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    checks.write(*sources)

    result = checks.pytester.runpytest_subprocess("-p", "no:randomly", *REPORT, *arguments)

    report = read(out)
    assert result.ret != 0
    assert (report["complete"], report["exit_status"]) == (False, 1)
    result.stdout.fnmatch_lines(["This run stopped before its end. Not run: 1 of 2 tests."])


def test_rule_is_not_kept_by_half_of_its_checks(checks: Checks, out: Path) -> None:
    checks.write(KEPT, INTERRUPTED, LATER)

    checks.pytester.runpytest_subprocess("-p", "no:randomly", *REPORT)

    rule = next(each for each in read(out)["rules"] if each["id"] == "MAP-1")
    assert (rule["judgement"], rule["reason"]) == ("not tested", "not run: 1 of its 2 checks")


def test_run_of_chosen_checks_is_complete(checks: Checks, out: Path) -> None:
    checks.write(KEPT, BROKEN)

    result = checks.run(*REPORT, "-k", "test_kept")

    report = read(out)
    assert (report["complete"], report["exit_status"]) == (True, 0)
    assert "stopped before its end" not in result.stdout.str()


def test_other_tests_are_told_in_the_exit_status(checks: Checks, out: Path) -> None:
    checks.write(KEPT, "\ndef test_other():\n    assert 0\n")

    checks.run(*REPORT)

    assert (read(out)["complete"], read(out)["exit_status"]) == (True, 1)


def test_run_without_checks_leaves_no_report(checks: Checks, out: Path) -> None:
    checks.write("def test_plain():\n    pass\n")

    checks.run(*REPORT)

    assert not (out / "report.json").exists()


def test_report_that_cannot_be_written_is_one_usage_error(checks: Checks, out: Path) -> None:
    checks.write(KEPT)
    (out / "report.html").mkdir(parents=True)

    result = checks.run(*REPORT)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --report: *out: Is a directory."])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("registry", "shown"),
    [
        ("embedded", "embedded"),
        ("https://me:s3cret@registry.example.com:5000", "https://registry.example.com:5000"),
        ("http://registry.example.com", "http://registry.example.com"),
    ],
)
def test_registry_is_named_without_its_credentials(registry: str, shown: str) -> None:
    assert without_credentials(registry) == shown
