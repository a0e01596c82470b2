"""Runs that judge a relocator, a runtime, or both."""

from __future__ import annotations

import pytest

from plugin_runs import BROKEN, KEPT, Checks, summary

RUNTIME_KEPT = """
@requirement("RUN-4")
def test_runtime_kept():
    '''Nothing is mounted.'''
"""
RUNTIME_BROKEN = """
@requirement("RUN-1")
def test_runtime_broken():
    '''The relocated image is run.'''
    assert False, "another image"
"""
EVERYTHING = (KEPT, RUNTIME_KEPT)


@pytest.fixture
def checks(pytester: pytest.Pytester) -> Checks:
    return Checks(pytester)


def test_relocator_alone_is_judged_by_the_rules_for_relocators(checks: Checks) -> None:
    result = checks.judge(*EVERYTHING)

    result.assert_outcomes(passed=1, skipped=1)
    assert "RUN-1, " in summary(result)
    assert "(no runtime was given (--runtime-target))" in summary(result)
    assert "runtime, cnab" not in summary(result)


def test_runtime_alone_is_judged_by_the_rules_for_runtimes(checks: Checks) -> None:
    checks.write(*EVERYTHING)

    result = checks.run("--runtime-target", "true")

    result.assert_outcomes(passed=1, skipped=1)
    assert "(no relocator was given (--target))" in summary(result)


def test_runtime_alone_has_verdicts_of_its_own_alone(checks: Checks) -> None:
    checks.write(*EVERYTHING)

    result = checks.run("--runtime-target", "true")

    lines = [line for line in summary(result).splitlines() if line.startswith("cnab: ")]
    assert lines == ["cnab: partial (MUST: 1 kept, 11 not tested)"]


def test_both_have_verdicts(checks: Checks) -> None:
    result = checks.judge(*EVERYTHING, arguments=["--runtime-target", "true"])

    result.assert_outcomes(passed=2)
    assert "relocator, cnab: partial " in summary(result)
    assert "runtime, cnab: partial " in summary(result)


def test_both_are_named(checks: Checks) -> None:
    result = checks.judge(*EVERYTHING, arguments=["--runtime-target", "true"])

    result.stdout.fnmatch_lines(["target: mine (*), runtime target: true (*), registry: embedded"])
    assert summary(result).startswith("mine and true ")


@pytest.mark.parametrize("source", [BROKEN, RUNTIME_BROKEN], ids=["relocator", "runtime"])
def test_run_of_both_fails_for_either(checks: Checks, source: str) -> None:
    result = checks.judge(*EVERYTHING, source, arguments=["--runtime-target", "true"])

    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_broken_rule_for_whom_is_not_judged_fails_nothing(checks: Checks) -> None:
    assert checks.judge(*EVERYTHING, RUNTIME_BROKEN).ret == pytest.ExitCode.OK
