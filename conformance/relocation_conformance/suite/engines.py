"""The container engine of this machine, for checks that run invocation images."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from registry_fixtures.registry import Registry
from registry_fixtures.server import Front
from relocation_conformance.destination import Destination
from relocation_conformance.targets.engine import Engine

if TYPE_CHECKING:
    from docker import DockerClient

LABEL = "relocation-conformance.invocation-image"
"""The label of our invocation images, and so of the containers that run them."""

_SECONDS = 30  # without a sign of life


class EngineUnusable(Exception):
    """The checks that need an engine cannot be made here; the text says why."""


@contextmanager
def opened_engine(registry: Registry) -> Iterator[Engine]:
    """Yield the engine as a driver, once it has pulled an invocation image from *registry*.

    At the end, what ran or is left of our images is removed. Raises `EngineUnusable`.
    """
    # Docker's client takes long to load, and most runs do without.
    from registry_fixtures.local_image import ImageMissing
    from registry_fixtures.programs import busybox

    try:
        engine = Engine(busybox(), {LABEL: secrets.token_hex(8)})
        probe = engine.image("to see whether it is pulled")
    except ImageMissing as missing:
        raise EngineUnusable(f"no invocation image can be made: {missing}") from None
    with _client() as client:
        try:
            _pull(client, Destination.fresh(registry).push(probe, "probe", "v1").reference)
            yield engine
        finally:
            _clear(client, engine)


@contextmanager
def opened_to_containers(registry: Registry) -> Iterator[Front]:
    """Yield *registry* where containers reach it, with a recorder of its own.

    That is the gateway of the engine's network. Raises `EngineUnusable` if it is not this machine.
    """
    with _client() as client:
        settings = client.networks.get("bridge").attrs["IPAM"]["Config"]
    gateways = [each["Gateway"] for each in settings if "." in each.get("Gateway", "")]
    if not gateways:
        raise EngineUnusable("the engine's network has no gateway")
    front = Front(registry.front.application, address=gateways[0])
    try:
        front.start()
    except OSError:
        raise EngineUnusable("the engine's containers cannot reach this machine") from None
    try:
        yield front
    finally:
        front.stop()


@contextmanager
def _client() -> Iterator[DockerClient]:
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=_SECONDS)
    except DockerException as missing:
        raise EngineUnusable(f"no container engine answers: {missing}") from None
    try:
        yield client
    finally:
        client.close()


def _pull(client: DockerClient, reference: str) -> None:
    from docker.errors import DockerException

    try:
        client.images.pull(reference)
    except DockerException as failed:
        raise EngineUnusable(
            f"the engine cannot pull from the registries of this machine: {failed}"
        ) from None


def _clear(client: DockerClient, engine: Engine) -> None:
    from docker.errors import APIError

    ours = {"label": [f"{name}={value}" for name, value in engine.labels.items()]}
    for container in client.containers.list(all=True, filters=ours):
        with suppress(APIError):
            container.remove(force=True, v=True)
    for image in client.images.list(filters=ours):
        with suppress(APIError):
            client.images.remove(image.id, force=True)
