"""The container engine of this machine, as checks get it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import docker
import pytest

from plugin_runs import Checks, summary
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, answer, kind
from registry_fixtures.registry import Registry
from relocation_conformance.suite.engines import (
    EngineUnusable,
    opened_engine,
    opened_to_containers,
)

ON_THE_ENGINE = """
@requirement("RUN-4")
def test_on_the_engine(engine):
    '''Something is run.'''
"""
BY_EITHER = """
@requirement("RUN-4")
def test_by_either(any_driver, driver):
    '''Something is run.'''
    assert any_driver.name == driver.name == "docker"
"""
ENGINE_ONLY = """
name = "mine"
description = "takes no external drivers"
[runtime]
install = ["true", "{name}"]
external-drivers = false
"""


@pytest.fixture
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as running:
        yield running


@pytest.fixture
def _without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")


@pytest.fixture
def checks(pytester: pytest.Pytester) -> Checks:
    pytester.makeconftest("pytest_plugins = ['relocation_conformance.suite.conftest']")
    return Checks(pytester)


@pytest.mark.usefixtures("_without_engine")
def test_check_that_needs_an_engine_is_not_tested_without(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    checks.write(ON_THE_ENGINE)

    result = checks.run("--runtime-target", "true")

    result.assert_outcomes(skipped=1)
    assert "not tested: RUN-4 (no container engine answers: " in summary(result)


@pytest.mark.usefixtures("_without_engine")
def test_check_that_needs_an_engine_fails_in_ci_without(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    checks.write(ON_THE_ENGINE)

    result = checks.run("--runtime-target", "true")

    result.assert_outcomes(errors=1)
    assert "suite error: RUN-4" in summary(result)


@pytest.mark.docker
def test_runtime_without_external_drivers_is_judged_on_the_engine(checks: Checks) -> None:
    checks.write(BY_EITHER)
    (checks.folder / "mine.toml").write_text(ENGINE_ONLY)

    checks.run("--runtime-target", "./mine.toml").assert_outcomes(passed=2)


@pytest.mark.usefixtures("_without_engine")
@pytest.mark.parametrize("opened", [opened_engine, opened_to_containers])
def test_without_an_engine_there_is_a_reason(
    opened: Callable[[Registry], AbstractContextManager[object]], registry: EmbeddedRegistry
) -> None:
    with pytest.raises(EngineUnusable, match=r"^no container engine answers: "), opened(registry):
        pass


@pytest.mark.docker
def test_engine_that_cannot_pull_from_here_is_of_no_use(registry: EmbeddedRegistry) -> None:
    registry.faults.add(Fault(answer(404), kind("manifests")))

    with (
        pytest.raises(EngineUnusable, match=r"^the engine cannot pull from the registries of "),
        opened_engine(registry),
    ):
        pass


@pytest.mark.docker
def test_nothing_is_left_of_the_images(registry: EmbeddedRegistry) -> None:
    client = docker.from_env()

    with opened_engine(registry) as engine:
        ours = {"label": [f"{name}={value}" for name, value in engine.labels.items()]}
        image = registry.push(engine.image("seed"), "acme/installer")
        client.images.pull(image.reference)
        client.containers.create(image.reference)
        during = len(client.images.list(filters=ours))

    assert during == 2
    assert client.images.list(filters=ours) == []
    assert client.containers.list(all=True, filters=ours) == []
    client.close()


@pytest.mark.docker
def test_what_containers_say_to_the_registry_is_recorded_by_itself(
    registry: EmbeddedRegistry,
) -> None:
    with opened_to_containers(registry) as front:
        assert not front.url.startswith("http://127.")
        assert front.application is registry.front.application
        assert front.recorder is not registry.recorder
