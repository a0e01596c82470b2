"""A target that does nothing passes no check at all."""

from __future__ import annotations

import pytest

from relocation_conformance.checks import Result
from relocation_conformance.verdicts import Judgement
from suite_runs import RELOCATOR_RULES, TWO_WORKERS, SuiteRun, mutant, run_suite

WORTHLESS = ["refuses_all", "promises_all", "promises_nothing", "crashes_always"]


@pytest.fixture(scope="module", params=WORTHLESS)
def worthless(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The whole suite, run against a target that does nothing."""
    name: str = request.param
    return run_suite(tmp_path_factory.mktemp(name), mutant(name), *TWO_WORKERS)


def test_no_check_is_passed(worthless: SuiteRun) -> None:
    assert worthless.checks(Result.KEPT) == set()


def test_no_rule_is_kept(worthless: SuiteRun) -> None:
    assert worthless.rules(Judgement.KEPT) == set()


def test_every_rule_is_broken(worthless: SuiteRun) -> None:
    assert worthless.rules(Judgement.BROKEN) == RELOCATOR_RULES


def test_nothing_is_an_error_of_the_suite(worthless: SuiteRun) -> None:
    assert worthless.checks(Result.SUITE_ERROR) == set()


def test_run_fails(worthless: SuiteRun) -> None:
    assert worthless.status == pytest.ExitCode.TESTS_FAILED
