"""Registries in containers, through testcontainers."""

import atexit
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self, cast

import docker
import urllib3
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from registry_fixtures.auth import Auth
from registry_fixtures.local_image import ImageMissing, build_from_binary
from registry_fixtures.proxy import Upstream
from registry_fixtures.tls import TLS

LABEL = "relocation-conformance.owner"
"""The label of our containers. Its value tells whose they are: HOST:PROCESS."""

_PULL_SECONDS = 20
_READY_SECONDS = 30.0


class EngineMissing(Exception):
    """There is no container engine to be had."""


class NotReady(Exception):
    """A registry's container was started, but the registry in it does not answer."""


@dataclass(frozen=True)
class Recipe:
    """How a registry is run in a container.

    Attributes:
        image: the public image.
        environment: its settings.
        port: where it listens inside.
        storage: the folder for its content, which is kept in memory.
        binary: the program to build an image of, should the public one not be had.
    """

    image: str
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 5000
    storage: str = "/var/lib/registry"
    binary: str | None = None


_DISTRIBUTION = {
    "REGISTRY_HTTP_SECRET": "fixture",
    "REGISTRY_LOG_ACCESSLOG_DISABLED": "true",
    "REGISTRY_STORAGE_DELETE_ENABLED": "true",
    # Without it every manifest with a foreign layer is refused.
    "REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW": '["^https?://"]',
    "OTEL_TRACES_EXPORTER": "none",
}
RECIPES: Mapping[str, Recipe] = {
    "distribution": Recipe("registry:2.8.3", _DISTRIBUTION, binary="docker-registry"),
    "distribution-3": Recipe("registry:3.0.0", _DISTRIBUTION),
    "zot": Recipe("ghcr.io/project-zot/zot-minimal:v2.1.2"),
}


class ContainerRegistry(Upstream):
    """A registry in a container of its own, behind the recording front end.

    It is published on a free port of 127.0.0.1, and keeps its content in memory.

    Args:
        name: one of `RECIPES`.
        tls: speak TLS with this certificate to clients.
        auth: who may do what, decided by the front end.
    """

    def __init__(self, name: str, *, tls: TLS | None = None, auth: Auth | None = None) -> None:
        super().__init__("http://127.0.0.1", tls=tls, auth=auth)
        self.name = name
        self._container: DockerContainer | None = None

    def start(self, port: int = 0) -> Self:
        """Run the container, wait until the registry answers, and listen in front of it.

        Raises:
            EngineMissing: no container engine answers.
            ImageMissing: its image can be neither pulled nor built.
            NotReady: the registry does not answer in time.
        """
        recipe = RECIPES[self.name]
        image = available_image(self.name)
        remove_leftovers()
        with ExitStack() as undo:
            self._container = _container(recipe, image)
            atexit.register(self._remove)
            undo.callback(self._remove)
            with _without_reaper():
                self._container.start()
            self.upstream = _published(self._container, recipe.port)
            _wait_until_ready(self.upstream, self._container)
            super().start(port)
            undo.pop_all()
        return self

    def stop(self) -> None:
        """Stop listening and remove the container."""
        super().stop()
        self._remove()

    def _remove(self) -> None:
        atexit.unregister(self._remove)
        if self._container is not None:
            with suppress(APIError):
                self._container.stop()
            self._container = None


@cache
def available_image(name: str) -> str:
    """Return the image for a recipe's name, which the engine has: pulled if it can be, else built.

    Raises:
        EngineMissing: no container engine answers.
        ImageMissing: neither can be done.
    """
    recipe = RECIPES[name]
    with _engine() as engine:
        try:
            engine.images.get(recipe.image)
        except NotFound:
            return _pulled_or_built(engine, recipe)
        return recipe.image


def remove_leftovers() -> None:
    """Remove the containers of processes on this host that are no more."""
    with _engine() as engine:
        for container in engine.containers.list(all=True, filters={"label": LABEL}):
            host, _, process = container.labels[LABEL].rpartition(":")
            if host == socket.gethostname() and not _is_running(int(process)):
                with suppress(APIError):
                    container.remove(force=True, v=True)


@contextmanager
def _engine() -> Iterator[docker.DockerClient]:
    try:
        engine = docker.from_env(timeout=_PULL_SECONDS)
    except DockerException as missing:
        address = os.environ.get("DOCKER_HOST", "its default address")
        raise EngineMissing(f"no container engine answers at {address}") from missing
    try:
        yield engine
    finally:
        engine.close()


def _pulled_or_built(engine: docker.DockerClient, recipe: Recipe) -> str:
    try:
        engine.images.pull(recipe.image)
    except (DockerException, OSError) as failed:
        if recipe.binary is None:
            reason = getattr(failed, "explanation", None) or failed
            raise ImageMissing(f"{recipe.image} cannot be pulled: {reason}") from failed
        try:
            return build_from_binary(engine, recipe.binary)
        except ImageMissing as missing:
            raise ImageMissing(f"{recipe.image} cannot be pulled, and {missing}") from failed
    return recipe.image


def _container(recipe: Recipe, image: str) -> DockerContainer:
    owner = f"{socket.gethostname()}:{os.getpid()}"
    container = DockerContainer(image, env=dict(recipe.environment), labels={LABEL: owner})
    container.with_tmpfs_mount(recipe.storage)
    # testcontainers knows no addresses, but hands these on to docker as they are.
    ports = cast("dict[str, Any]", container.ports)
    ports[f"{recipe.port}/tcp"] = ("127.0.0.1",)
    return container


@contextmanager
def _without_reaper() -> Iterator[None]:
    """Keep testcontainers from starting its own container that cleans up; we clean up."""
    before = testcontainers_config.ryuk_disabled
    testcontainers_config.ryuk_disabled = True
    try:
        yield
    finally:
        testcontainers_config.ryuk_disabled = before


def _published(container: DockerContainer, port: int) -> str:
    container.reload()
    wrapped: Container = container.get_wrapped_container()
    bindings = wrapped.ports.get(f"{port}/tcp")
    if not bindings:
        raise NotReady(f"the container stopped at once: {_last_words(container)}")
    return f"http://127.0.0.1:{bindings[0]['HostPort']}"


def _wait_until_ready(url: str, container: DockerContainer) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while _is_up(container) and time.monotonic() < deadline:
        with suppress(urllib3.exceptions.HTTPError):
            if urllib3.request("GET", f"{url}/v2/", retries=False, timeout=2).status == 200:
                return
        time.sleep(0.02)
    raise NotReady(f"{url} does not answer: {_last_words(container)}")


def _is_up(container: DockerContainer) -> bool:
    container.reload()
    return container.status != "exited"


def _last_words(container: DockerContainer) -> str:
    return b"".join(container.get_logs()).decode("utf-8", "replace")[-1000:].strip()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
