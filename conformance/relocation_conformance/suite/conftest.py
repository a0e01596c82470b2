"""What every check of the suite can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, Phase, settings

from registry_fixtures.auth import Auth
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.opening import open_registry
from registry_fixtures.registry import Registry
from registry_fixtures.tls import TLS
from relocation_conformance.destination import Destination
from relocation_conformance.settings import SETTINGS
from relocation_conformance.targets import Target

# Verdicts must be the same in each run. An example costs a process, so there are few, each with
# much in it, and none is spent on shrinking; fixtures are per check, which examples may share.
settings.register_profile(
    "relocation-conformance",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=6,
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)
settings.load_profile("relocation-conformance")


class Registries(Protocol):
    """Starts registries of the check's own, stopped when it is over."""

    def __call__(
        self, *, strict: bool = True, tls: TLS | None = None, auth: Auth | None = None
    ) -> Registry:
        """Start an embedded registry."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of the check's own."""
    return tmp_path


@pytest.fixture
def target(pytestconfig: pytest.Config, folder: Path) -> Target:
    """The relocator under test."""
    chosen = pytestconfig.stash[SETTINGS]
    runs = folder / "target"
    runs.mkdir()
    return Target(chosen.profile, runs, chosen.timeout)


@pytest.fixture
def source(source_registry: Registry) -> Registry:
    """A registry to relocate from. It may hold other checks' images; its recorder is empty."""
    return _forgetful(source_registry)


@pytest.fixture
def destination(destination_registry: Registry) -> Destination:
    """A place to relocate to, where nothing is yet; its recorder is empty."""
    return Destination.fresh(_forgetful(destination_registry))


@pytest.fixture
def registries() -> Iterator[Registries]:
    """Registries with TLS, with authentication, or lenient ones; started when they are called."""
    with ExitStack() as running:

        def start(
            *, strict: bool = True, tls: TLS | None = None, auth: Auth | None = None
        ) -> Registry:
            return running.enter_context(EmbeddedRegistry(strict=strict, tls=tls, auth=auth))

        yield start


@pytest.fixture(scope="session")
def source_registry(pytestconfig: pytest.Config) -> Iterator[Registry]:
    """The registry behind `source`: of the kind that was chosen, if one can be started."""
    chosen = pytestconfig.stash[SETTINGS].registry
    with open_registry("embedded" if "://" in chosen else chosen) as registry:
        yield registry


@pytest.fixture(scope="session")
def destination_registry(pytestconfig: pytest.Config) -> Iterator[Registry]:
    """The registry behind `destination`: the one that was chosen."""
    with open_registry(pytestconfig.stash[SETTINGS].registry) as registry:
        yield registry


def _forgetful(registry: Registry) -> Registry:
    registry.recorder.clear()
    registry.faults.clear()
    return registry
