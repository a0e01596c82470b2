"""The rules for runtimes: the reference keeps them all, and a worthless runtime keeps none."""

from __future__ import annotations

import pytest

from relocation_conformance.checks import Result
from relocation_conformance.verdicts import Judgement
from suite_runs import RELOCATOR_RULES, RUNTIME_RULES, TWO_WORKERS, SuiteRun, mutant, run_suite

WORTHLESS = ["refuses_all", "crashes_always", "runs_nothing"]
NEEDS_NO_CARE = {"RUN-4", "RUN-6"}
"""What a runtime keeps that runs something, and takes nothing from what it is given."""


def judge_runtime(tmp_path_factory: pytest.TempPathFactory, runtime: str) -> SuiteRun:
    """Run the checks for runtimes against *runtime*; there is no relocator."""
    folder = tmp_path_factory.mktemp("runtime")
    return run_suite(folder, None, *TWO_WORKERS, families=("RUN",), runtime=runtime)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The checks for runtimes, run against the reference."""
    return judge_runtime(tmp_path_factory, "reference")


@pytest.fixture(scope="module", params=WORTHLESS)
def worthless(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The checks for runtimes, run against one that does nothing."""
    return judge_runtime(tmp_path_factory, mutant(request.param))


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The checks for runtimes, run against one that always runs the same."""
    return judge_runtime(tmp_path_factory, mutant("runs_blindly"))


@pytest.mark.docker
def test_reference_keeps_every_rule(reference: SuiteRun) -> None:
    assert reference.rules(Judgement.KEPT) == RUNTIME_RULES


def test_reference_breaks_no_rule(reference: SuiteRun) -> None:
    assert reference.rules(Judgement.BROKEN) == set()


def test_nothing_fails(reference: SuiteRun) -> None:
    assert reference.status == pytest.ExitCode.OK


def test_rules_for_relocators_are_not_applicable_without_one(reference: SuiteRun) -> None:
    assert reference.rules(Judgement.NOT_APPLICABLE) == RELOCATOR_RULES


def test_worthless_runtime_passes_no_check(worthless: SuiteRun) -> None:
    assert worthless.checks(Result.KEPT) == set()


def test_worthless_runtime_breaks_every_rule(worthless: SuiteRun) -> None:
    assert worthless.rules(Judgement.BROKEN) == RUNTIME_RULES


def test_worthless_runtime_is_no_error_of_the_suite(worthless: SuiteRun) -> None:
    assert worthless.checks(Result.SUITE_ERROR) == set()


def test_worthless_runtime_fails_the_run(worthless: SuiteRun) -> None:
    assert worthless.status == pytest.ExitCode.TESTS_FAILED


def test_what_is_run_blindly_breaks_almost_every_rule(blind: SuiteRun) -> None:
    assert blind.rules(Judgement.BROKEN) >= RUNTIME_RULES - NEEDS_NO_CARE
