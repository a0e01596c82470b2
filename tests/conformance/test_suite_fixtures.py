"""What checks get from the suite's conftest, seen from checks in a pytest run of their own."""

from __future__ import annotations

import pytest

CHECKS = """
import pytest
from hypothesis import settings
from registry_fixtures.auth import Basic
from registry_fixtures.bundles import thin_bundle
from registry_fixtures.client import RegistryClient, RegistryError
from registry_fixtures.shapes import single
from relocation_conformance.requirements import requirement

seen = []

@requirement("THIN-1")
@pytest.mark.parametrize("turn", [1, 2])
def test_registries_are_kept_and_destinations_are_fresh(source, destination, turn):
    assert source.host != destination.registry.host
    assert source.recorder.exchanges == destination.recorder.exchanges == ()
    RegistryClient(source.url).catalog()
    seen.append((source.host, destination.prefix))
    assert len({host for host, _ in seen}) == 1
    assert len({prefix for _, prefix in seen}) == len(seen)

@requirement("MAP-1")
def test_target_is_run_for_the_seconds_that_were_chosen(target, destination, folder):
    done = target.relocate(thin_bundle("x.io/a"), to=destination)
    assert target.timeout == 7
    assert done.status == 0
    assert done.mapping_file.is_relative_to(folder)

@requirement("MAP-2")
def test_registry_asks_for_what_it_was_told_to(registries):
    registry = registries(auth=Basic("user", "secret"))
    registry.push(single())
    with pytest.raises(RegistryError, match="401"):
        RegistryClient(registry.url).catalog()

@requirement("MAP-4")
def test_registry_beside_another_holds_the_same_for_others(registries):
    locked = registries(auth=Basic("user", "secret"))
    placed = locked.push(single())
    beside = registries(beside=locked)
    assert RegistryClient(beside.url).tags(placed.name) == [placed.tag]

@requirement("MAP-3")
def test_examples_are_the_same_in_each_run():
    chosen = settings.default
    assert chosen.derandomize
    assert chosen.database is None
    assert chosen.deadline is None
"""


def test_suite_gives_checks_what_they_ask_for(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("pytest_plugins = ['relocation_conformance.suite.conftest']")
    pytester.makepyfile(CHECKS)

    # The conftest changes Hypothesis's own settings, so it must not be loaded into this process.
    result = pytester.runpytest_subprocess("--target", "true", "--target-timeout", "7")

    result.assert_outcomes(passed=6)
