"""What every check of the suite can ask for."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings

from registry_fixtures.auth import Auth
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.opening import credentials_in, open_registry
from registry_fixtures.registry import Registry
from registry_fixtures.server import Front
from registry_fixtures.tls import TLS
from relocation_conformance.checks import DIARY
from relocation_conformance.destination import Destination
from relocation_conformance.evidence import BASE
from relocation_conformance.requirements import Subject
from relocation_conformance.settings import SETTINGS
from relocation_conformance.suite.engines import EngineUnusable, opened_engine, opened_to_containers
from relocation_conformance.suite.registries import Registries
from relocation_conformance.targets import Runtime, Target
from relocation_conformance.targets.diary import Diary
from relocation_conformance.targets.drivers import Driver, Recording
from relocation_conformance.targets.engine import Engine

T = TypeVar("T")

# Verdicts must be the same in each run. An example costs a process, so there are few, each with
# much in it. Those that fail are made small by us, at less cost than by hypothesis; fixtures are
# per check, which examples may share.
settings.register_profile(
    "relocation-conformance",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=4,
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)
settings.load_profile("relocation-conformance")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of the check's own."""
    return tmp_path


@pytest.fixture
def diary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Diary:
    """What the targets do in the check, noted as evidence."""
    request.node.stash[BASE] = tmp_path_factory.getbasetemp()
    noted: Diary = request.node.stash[DIARY]
    return noted


@pytest.fixture
def login(request: pytest.FixtureRequest) -> Mapping[str, object] | None:
    """The `config.json` that opens the registry that was chosen, if its URL has credentials."""
    credentials = credentials_in(request.config.stash[SETTINGS].registry)
    if credentials is None:
        return None
    registry: Registry = request.getfixturevalue("destination_registry")
    encoded = base64.b64encode(":".join(credentials).encode()).decode()
    return {"auths": {registry.host: {"auth": encoded}}}


@pytest.fixture
def target(
    pytestconfig: pytest.Config,
    folder: Path,
    diary: Diary,
    login: Mapping[str, object] | None,
) -> Target:
    """The relocator under test."""
    chosen = pytestconfig.stash[SETTINGS]
    profile = chosen.under_test.tested(Subject.RELOCATOR)
    runs = folder / "target"
    runs.mkdir()
    return Target(profile, runs, chosen.timeout_of(profile), diary, login)


@pytest.fixture
def runtime(
    pytestconfig: pytest.Config,
    folder: Path,
    diary: Diary,
    login: Mapping[str, object] | None,
) -> Runtime:
    """The runtime under test, which has no installations yet."""
    chosen = pytestconfig.stash[SETTINGS]
    profile = chosen.under_test.tested(Subject.RUNTIME)
    runs = folder / "runtime"
    runs.mkdir()
    return Runtime(profile, runs, chosen.timeout_of(profile), diary, login)


@pytest.fixture
def source(source_registry: Registry, diary: Diary) -> Registry:
    """A registry to relocate from. It may hold other checks' images; its recorder is empty."""
    return _forgetful(diary.watch(source_registry))


@pytest.fixture
def destination(destination_registry: Registry, diary: Diary) -> Destination:
    """A place to relocate to, where nothing is yet; its recorder is empty."""
    return Destination.fresh(_forgetful(diary.watch(destination_registry)))


@pytest.fixture
def registries(diary: Diary) -> Iterator[Registries]:
    """Registries with TLS, with authentication, or lenient ones; started when they are called."""
    with ExitStack() as running:

        def start(
            *,
            strict: bool = True,
            tls: TLS | None = None,
            auth: Auth | None = None,
            beside: Registry | None = None,
        ) -> Registry:
            registry: Registry = (
                EmbeddedRegistry(strict=strict, tls=tls, auth=auth)
                if beside is None
                else Registry(beside.front.application, tls=tls, auth=auth)
            )
            return diary.watch(running.enter_context(registry))

        yield start


@pytest.fixture(params=["external", pytest.param("docker", marks=pytest.mark.docker)])
def driver(request: pytest.FixtureRequest, runtime: Runtime) -> Driver:
    """Each way to run invocation images: an external driver of ours, and the engine.

    For a runtime that takes no external drivers it is always the engine, so that nothing is left
    untested for it.
    """
    external = request.param == "external" and runtime.profile.actions.external_drivers
    return _driver(request, runtime, external=external)


@pytest.fixture
def recording(request: pytest.FixtureRequest, runtime: Runtime) -> Driver:
    """The external driver alone."""
    return _driver(request, runtime, external=True)


@pytest.fixture
def any_driver(request: pytest.FixtureRequest, runtime: Runtime) -> Driver:
    """The external driver, or the engine for a runtime that takes no external drivers."""
    return _driver(request, runtime, external=runtime.profile.actions.external_drivers)


@pytest.fixture(scope="session")
def engine(destination_registry: Registry) -> Iterator[Engine]:
    """The engine alone."""
    with _usable(opened_engine(destination_registry)) as engine:
        yield engine


@pytest.fixture
def inside(destination_registry: Registry) -> Iterator[Front]:
    """The destination as containers reach it."""
    with _usable(opened_to_containers(destination_registry)) as front:
        yield front


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


def _driver(request: pytest.FixtureRequest, runtime: Runtime, *, external: bool) -> Driver:
    if not external:
        engine: Engine = request.getfixturevalue("engine")
        return engine
    if not runtime.profile.actions.external_drivers:
        pytest.skip("the runtime takes no external drivers")
    return Recording()


@contextmanager
def _usable(opened: AbstractContextManager[T]) -> Iterator[T]:
    """Open what needs an engine; without one the check is skipped, and in CI it fails."""
    with ExitStack() as stack:
        try:
            thing = stack.enter_context(opened)
        except EngineUnusable as reason:
            give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            give_up(str(reason))
        yield thing


def _forgetful(registry: Registry) -> Registry:
    registry.recorder.clear()
    registry.faults.clear()
    return registry
