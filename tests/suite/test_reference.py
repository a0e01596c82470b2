"""The reference keeps every rule on a real registry too; `bin/judge` is the embedded one's run."""

from __future__ import annotations

import pytest

from relocation_conformance.verdicts import Judgement
from suite_runs import RELOCATOR_RULES, TWO_WORKERS, SuiteRun, run_suite

pytestmark = pytest.mark.docker

NOT_TESTABLE = {"DIGEST-11"}
"""What no relocator could show: distribution files manifests under SHA-256 digests alone."""


@pytest.fixture(scope="module")
def on_distribution(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The whole suite, run against the reference, with a registry in a container."""
    folder = tmp_path_factory.mktemp("distribution")
    return run_suite(folder, "reference", "--registry", "distribution", *TWO_WORKERS)


def test_every_rule_that_can_be_tested_is_kept(on_distribution: SuiteRun) -> None:
    assert on_distribution.rules(Judgement.KEPT) == RELOCATOR_RULES - NOT_TESTABLE


def test_nothing_fails(on_distribution: SuiteRun) -> None:
    assert on_distribution.status == pytest.ExitCode.OK
