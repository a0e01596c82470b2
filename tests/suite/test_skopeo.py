"""skopeo, a tool that people relocate images with, is judged as its users know it."""

from __future__ import annotations

import re
import shutil

import pytest

from prerequisites import give_up
from registry_fixtures.shapes import Shape, multi_arch, uncompressed_layers
from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.verdicts import Judgement
from suite_runs import SuiteRun, run_suite

DIGEST_RULES = {"DIGEST-1", "DIGEST-2", "DIGEST-3"}
DEVIATIONS = {"DIGEST-10", "DIGEST-11", "FAULT-2", "FAULT-3", "SAFE-3", "SAFE-6"}
DEVIATIONS |= {"AUTH-6", "AUTH-8", "AUTH-10", "AUTH-12", "TLS-9"}


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if shutil.which("skopeo") is None:
        give_up("skopeo is not installed (on Debian: skopeo)")


@pytest.fixture(scope="module")
def preserving(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The whole suite, run against skopeo with --all and --preserve-digests."""
    return run_suite(tmp_path_factory.mktemp("preserving"), "skopeo")


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The whole suite, run against skopeo without options."""
    return run_suite(tmp_path_factory.mktemp("default"), "skopeo-default")


def broken_with(run: SuiteRun, shape: Shape) -> dict[str, CheckResult]:
    """Return the checks that found a rule broken with an image of *shape*, by rule."""
    found = (each for each in run.results if each.nodeid.endswith(f"[{shape.__name__}]"))
    return {rule: each for each in found if each.result is Result.BROKEN for rule in each.rules}


def test_preserving_digests_breaks_nothing(preserving: SuiteRun) -> None:
    assert preserving.rules(Judgement.BROKEN) == set()


def test_preserving_digests_keeps_every_must_that_applies_and_has_no_documented_deviation(
    preserving: SuiteRun,
) -> None:
    applicable = {
        rule
        for rule, each in preserving.judged.items()
        if each.rule.level == "MUST" and each.judgement is not Judgement.NOT_APPLICABLE
    }
    assert preserving.rules(Judgement.KEPT, "MUST") == applicable - DEVIATIONS
    assert applicable >= DIGEST_RULES


def test_preserving_digests_passes_the_run(preserving: SuiteRun) -> None:
    assert preserving.status == pytest.ExitCode.OK


def test_default_breaks_the_rules_on_digests_and_no_other(default: SuiteRun) -> None:
    assert default.rules(Judgement.BROKEN) == DIGEST_RULES


def test_default_fails_the_run(default: SuiteRun) -> None:
    assert default.status == pytest.ExitCode.TESTS_FAILED


def test_default_copies_one_manifest_of_an_index(default: SuiteRun) -> None:
    assert broken_with(default, multi_arch).keys() == DIGEST_RULES


def test_default_compresses_uncompressed_layers(default: SuiteRun) -> None:
    # What it pushes is still a manifest of the same media type.
    assert broken_with(default, uncompressed_layers).keys() == {"DIGEST-1", "DIGEST-2"}


def test_report_names_the_index_and_the_manifest_that_took_its_place(default: SuiteRun) -> None:
    index = multi_arch()

    reason = broken_with(default, multi_arch)["DIGEST-1"].reason

    assert f" is {index.digest}, {index.media_type}; its copy " in reason
    assert f" is {index.children[0].digest}, {index.children[0].media_type}" in reason


def test_report_names_both_digests_of_an_image_with_uncompressed_layers(default: SuiteRun) -> None:
    reason = broken_with(default, uncompressed_layers)["DIGEST-1"].reason

    before, after = re.findall(r" is (sha256:[0-9a-f]{64}), ", reason)
    assert before == uncompressed_layers().digest
    assert after != before


def test_report_names_the_layer_that_did_not_arrive(default: SuiteRun) -> None:
    layers = [node.digest for node in uncompressed_layers().children[1:]]

    reason = broken_with(default, uncompressed_layers)["DIGEST-2"].reason

    assert any(f" names {digest}, " in reason for digest in layers)


@pytest.mark.parametrize("run", ["preserving", "default"])
def test_what_skopeo_cannot_do_is_a_documented_deviation(
    request: pytest.FixtureRequest, run: str
) -> None:
    judged: SuiteRun = request.getfixturevalue(run)

    assert judged.rules(Judgement.DEVIATION) == DEVIATIONS


@pytest.mark.parametrize("run", ["preserving", "default"])
def test_nothing_is_an_error_of_the_suite(request: pytest.FixtureRequest, run: str) -> None:
    judged: SuiteRun = request.getfixturevalue(run)

    assert judged.rules(Judgement.SUITE_ERROR) == set()
