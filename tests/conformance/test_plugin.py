"""The plugin's options, and what it makes of the tests that it finds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plugin_runs import KEPT, Checks, summary
from relocation_conformance import plugin

PLAIN = """
def test_plain():
    pass
"""


def test_options_may_stand_before_the_path(checks: Checks) -> None:
    checks.write(KEPT)

    assert checks.run("--target", "true", "--target-timeout", "9", "test_checks.py").ret == 0


def test_options_may_stand_after_the_path(checks: Checks) -> None:
    checks.write(KEPT)

    assert checks.run("test_checks.py", "--target-timeout", "9", "--target", "true").ret == 0


def test_checks_may_be_outside_of_where_the_user_is(
    checks: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks.write(KEPT)
    monkeypatch.chdir(tmp_path)

    assert checks.run(str(checks.folder), "--target", "true").ret == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "The conformance suite needs --target, --runtime-target or both: a built-in *"),
        (["--target", "nonesuch"], "There is no command nonesuch on PATH. Nor *: reference, *"),
        (["--target", "./none.toml"], "There is no profile file *none.toml."),
        (["--target", "./bad.toml"], "The profile *bad.toml is not valid: *"),
        (["--target", "./old.toml"], "The profile mine names NAME-99, which is no rule *"),
        (["--target", "./odd.toml"], "The profile mine names MAP-99, which is no rule *"),
        (["--target", "./runs.toml"], "The profile runs does not say how to call a relocator."),
        (["--runtime-target", "skopeo"], "The profile skopeo does not say how to call a runtime."),
        (["--runtime-target", "nonesuch"], "There is no command nonesuch on PATH. Nor *"),
        (["--target", "true", "--registry", "no"], "--registry: 'no' is no registry: *"),
    ],
)
def test_unusable_target_is_one_usage_error(
    checks: Checks, arguments: list[str], sentence: str
) -> None:
    checks.write(KEPT)
    checks.profile("[[deviation]]\nrule = 'NAME-99'\nreason = 'x'")
    (checks.folder / "mine.toml").rename(checks.folder / "old.toml")
    checks.profile("[not-applicable]\nMAP-99 = 'x'")
    (checks.folder / "mine.toml").rename(checks.folder / "odd.toml")
    (checks.folder / "bad.toml").write_text("name = 'x'")
    (checks.folder / "runs.toml").write_text(
        "name = 'runs'\ndescription = 'runs'\n[runtime]\ninstall = ['true', '{name}']\n"
    )

    result = checks.run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])
    assert result.stderr.str().count("ERROR") == 1
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "inf"])
def test_time_out_is_a_number_above_0(checks: Checks, seconds: str) -> None:
    result = checks.run("--target", "true", f"--target-timeout={seconds}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*is not a number of seconds above 0"])


def test_missing_target_is_a_usage_error_with_workers(checks: Checks) -> None:
    checks.write(KEPT)

    result = checks.run("-n", "2")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: The conformance suite needs --target, *"])


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "with workers"])
def test_a_registry_that_cannot_be_had_is_one_usage_error(
    checks: Checks, workers: tuple[str, ...]
) -> None:
    checks.write(KEPT)
    checks.profile()

    result = checks.run("--target", "./mine.toml", "--registry", "http://127.0.0.1:1", *workers)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --registry: no registry answers there: *"])


def test_checks_can_be_listed_without_a_target(checks: Checks) -> None:
    checks.write(KEPT)

    result = checks.run("--collect-only", "-q")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["test_checks.py::test_kept"])


def test_rule_that_is_not_in_the_catalogue_ends_the_run(checks: Checks) -> None:
    checks.write("@requirement('MAP-1', 'NAME-99')\ndef test_x(): pass\n")

    result = checks.run("--target", "true")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *::test_x names NAME-99, which is no rule of *"])


def test_check_of_the_suite_without_a_rule_ends_the_run(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "SUITE", checks.folder)
    checks.write(PLAIN)

    result = checks.run("--target", "true")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *::test_plain names no rule: *"])


def test_run_without_checks_is_left_alone(checks: Checks) -> None:
    checks.write(PLAIN)

    result = checks.run("--strict-markers")

    assert result.ret == 0
    assert "conformance of" not in result.stdout.str()
    assert "target:" not in result.stdout.str()


def test_failures_of_other_tests_are_left_alone(checks: Checks) -> None:
    result = checks.judge(KEPT, "def test_other():\n    raise KeyError('x')\n")

    result.assert_outcomes(passed=1, failed=1)
    assert "suite error" not in summary(result)


@pytest.mark.parametrize("target", [("--target", "true"), ()], ids=["target", "no target"])
def test_registry_that_cannot_be_read_is_a_usage_error(
    checks: Checks, target: tuple[str, ...]
) -> None:
    result = checks.run(*target, "--registry", "http://ann:s3cret@[bad")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*argument --registry: it is no URL: Invalid IPv6 URL"])
    assert "s3cret" not in result.stdout.str() + result.stderr.str()


def test_password_of_a_registry_that_is_none_is_not_shown(checks: Checks) -> None:
    result = checks.run("--target", "true", "--registry", "ftp://ann:s3cret@r.example.com")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --registry: 'ftp://ann:<redacted>@r.example.com' is no *"])


def test_header_names_target_and_registry(checks: Checks) -> None:
    checks.write(KEPT)
    checks.profile("version-command = ['echo', 'mine 1.2']")

    result = checks.run("--target", "./mine.toml")

    result.stdout.fnmatch_lines(["target: mine (mine 1.2), registry: embedded"])


def test_header_shows_a_version_without_control_characters(checks: Checks) -> None:
    checks.write(KEPT)
    checks.profile(r"version-command = ['printf', '\033[31m1.2']")

    result = checks.run("--target", "./mine.toml")

    result.stdout.fnmatch_lines(["target: mine (⟨U+001B⟩?31m1.2), registry: embedded"])


def test_version_is_waited_for_as_long_as_any_call(checks: Checks) -> None:
    checks.write(KEPT)
    checks.profile("version-command = ['sleep', '600']")

    result = checks.run("--target", "./mine.toml", "--target-timeout", "0.2")

    result.stdout.fnmatch_lines(["target: mine (version unknown), registry: embedded"])


def test_suite_is_no_part_of_the_projects_own_tests(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getini("testpaths") == ["tests"]


def test_suite_can_be_named_as_a_package(checks: Checks) -> None:
    result = checks.pytester.run(
        sys.executable, "-m", "pytest", "--pyargs", "relocation_conformance", "--target", "true",
        "--collect-only", "-q",
    )  # fmt: skip

    assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "rror" not in result.stderr.str()
