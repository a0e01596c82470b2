"""The verdicts are the target's: they do not change with how often or in what order checks run."""

from __future__ import annotations

import pytest

from relocation_conformance.checks import Result
from relocation_conformance.verdicts import Judgement
from suite_runs import TWO_WORKERS, SuiteRun, mutant, run_suite

FAMILIES = ("MAP", "TYPE")
ARGUMENTS = {
    "again": (),
    "with two workers": TWO_WORKERS,
    "in another order": ("--randomly-seed=19700101",),
}


def run(tmp_path_factory: pytest.TempPathFactory, target: str, *arguments: str) -> SuiteRun:
    """Run the checks of the families."""
    return run_suite(tmp_path_factory.mktemp("run"), target, *arguments, families=FAMILIES)


def found(run: SuiteRun) -> dict[str, Result]:
    """Return what each check found."""
    return {each.nodeid: each.result for each in run.results}


def judgements(run: SuiteRun) -> dict[str, Judgement]:
    """Return the judgement on each rule."""
    return {rule: each.judgement for rule, each in run.judged.items()}


@pytest.fixture(scope="module", params=["reference", mutant("naive")], ids=["reference", "naive"])
def target(request: pytest.FixtureRequest) -> str:
    """A target that keeps every rule, and one that breaks some."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, target: str) -> SuiteRun:
    """The checks, run one by one in their own order."""
    return run(tmp_path_factory, target)


@pytest.fixture(scope="module", params=ARGUMENTS)
def other(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, target: str
) -> SuiteRun:
    """The same checks, run in another way."""
    return run(tmp_path_factory, target, *ARGUMENTS[request.param])


def test_every_check_finds_the_same(first: SuiteRun, other: SuiteRun) -> None:
    assert found(other) == found(first)


def test_every_rule_is_judged_the_same(first: SuiteRun, other: SuiteRun) -> None:
    assert judgements(other) == judgements(first)


def test_run_ends_the_same(first: SuiteRun, other: SuiteRun) -> None:
    assert other.status == first.status


def test_checks_were_run(first: SuiteRun) -> None:
    assert {rule.partition("-")[0] for each in first.results for rule in each.rules} == {*FAMILIES}
