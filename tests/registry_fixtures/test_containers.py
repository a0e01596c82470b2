"""Registries in containers: they run, behave, and are gone afterwards."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import docker
import pytest
import urllib3

from registry_fixtures import containers
from registry_fixtures.auth import Token
from registry_fixtures.client import RegistryClient, RegistryError
from registry_fixtures.containers import (
    LABEL,
    ContainerRegistry,
    EngineMissing,
    Recipe,
    available_image,
    remove_leftovers,
)
from registry_fixtures.faults import Fault, answer, kind
from registry_fixtures.local_image import ImageMissing, build_from_binary
from registry_fixtures.opening import open_registry
from registry_fixtures.shapes import multi_arch, non_distributable, single
from registry_fixtures.tls import TLS

Ask = Callable[..., urllib3.BaseHTTPResponse]

_START_AND_WAIT = """
import sys, time
from registry_fixtures.containers import ContainerRegistry
registry = ContainerRegistry("distribution").start()
print(registry.upstream, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    engine = docker.from_env()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[ContainerRegistry]:
    """One registry for the tests that don't mind what others left in it."""
    with ContainerRegistry("distribution") as registry:
        yield registry


def ours(engine: docker.DockerClient, process: int) -> list[str]:
    """The containers of a process."""
    label = f"{LABEL}={socket.gethostname()}:{process}"
    return [c.id for c in engine.containers.list(all=True, filters={"label": label})]


@pytest.mark.docker
def test_image_goes_through_byte_for_byte(shared: ContainerRegistry) -> None:
    placed = shared.push(multi_arch(), name="a")

    assert all(shared.read("a", node) == node.content for node in placed.walk())
    assert shared.resolve("a", "v1") == placed.digest


@pytest.mark.docker
def test_targets_are_recorded_in_front_of_the_container(
    shared: ContainerRegistry, ask: Ask
) -> None:
    shared.push(single(), name="b")
    shared.recorder.clear()

    ask(shared, "GET", "/v2/b/tags/list")

    assert [str(e) for e in shared.recorder.exchanges] == ["GET /v2/b/tags/list -> 200"]


@pytest.mark.docker
def test_absolute_upload_locations_lead_back_to_the_front(
    shared: ContainerRegistry, ask: Ask
) -> None:
    location = ask(shared, "POST", "/v2/c/blobs/uploads/").headers["Location"]

    assert location.startswith(f"{shared.url}/v2/c/blobs/uploads/")


@pytest.mark.docker
def test_container_takes_foreign_layers(shared: ContainerRegistry) -> None:
    placed = shared.push(non_distributable(), name="d")

    assert shared.resolve("d", "v1") == placed.digest


@pytest.mark.docker
def test_container_refuses_what_names_missing_content(shared: ContainerRegistry) -> None:
    image = single()

    with pytest.raises(RegistryError, match="BLOB_UNKNOWN"):
        shared.put_manifest("e", "v1", image.content, image.media_type)


@pytest.mark.docker
def test_container_deletes(shared: ContainerRegistry) -> None:
    placed = shared.push(single(), name="f")

    shared.delete_manifest("f", placed.digest)

    assert not shared.has("f", placed.digest)


@pytest.mark.docker
def test_faults_and_authentication_are_added_in_front() -> None:
    with ContainerRegistry("distribution", auth=Token("ann", "secret"), tls=TLS()) as registry:
        registry.faults.add(Fault(answer(503), kind("tags")))
        assert registry.tls is not None
        client = RegistryClient(
            registry.url, credentials=("ann", "secret"), ca_pem=registry.tls.ca_pem
        )
        placed = client.push(single(), name="a")

        assert client.has("a", placed.digest)
        with pytest.raises(RegistryError, match="503"):
            client.tags("a")
        client.close()


@pytest.mark.docker
def test_container_is_published_on_loopback_and_keeps_its_content_in_memory(
    shared: ContainerRegistry, engine: docker.DockerClient
) -> None:
    (identity,) = ours(engine, os.getpid())

    found = engine.api.inspect_container(identity)
    assert shared.upstream.endswith(found["NetworkSettings"]["Ports"]["5000/tcp"][0]["HostPort"])

    addresses = {b["HostIp"] for b in found["NetworkSettings"]["Ports"]["5000/tcp"]}
    assert addresses == {"127.0.0.1"}
    assert "/var/lib/registry" in found["HostConfig"]["Tmpfs"]


@pytest.mark.docker
def test_stopped_registry_has_no_container(engine: docker.DockerClient) -> None:
    before = ours(engine, os.getpid())

    with open_registry("distribution") as registry:
        during = ours(engine, os.getpid())

    assert len(during) == len(before) + 1
    assert ours(engine, os.getpid()) == before
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", registry.url, retries=False)


@pytest.mark.docker
def test_interrupted_process_leaves_no_container(engine: docker.DockerClient) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _START_AND_WAIT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        during = ours(engine, process.pid)

        process.send_signal(signal.SIGINT)
        process.wait(30)

    assert len(during) == 1
    assert ours(engine, process.pid) == []


@pytest.mark.docker
def test_leftovers_of_a_killed_process_are_removed(engine: docker.DockerClient) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _START_AND_WAIT], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.wait(30)
    during = ours(engine, process.pid)

    remove_leftovers()

    assert len(during) == 1
    assert ours(engine, process.pid) == []


@pytest.mark.docker
def test_same_program_is_built_once(engine: docker.DockerClient) -> None:
    if available_image("distribution") == containers.RECIPES["distribution"].image:
        pytest.skip("the public image can be had, so none is built")

    first = build_from_binary(engine, "docker-registry")
    second = build_from_binary(engine, "docker-registry")

    assert first == second == available_image("distribution")


@pytest.mark.docker
def test_registry_that_can_be_neither_pulled_nor_built_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = Recipe("127.0.0.1:1/nothing:1", binary="no-such-program")
    monkeypatch.setattr(containers, "RECIPES", {"nothing": recipe})

    with pytest.raises(ImageMissing, match="cannot be pulled, and no-such-program is not"):
        ContainerRegistry("nothing").start()


@pytest.mark.docker
def test_container_that_stops_at_once_is_removed_and_told_about(
    monkeypatch: pytest.MonkeyPatch, engine: docker.DockerClient
) -> None:
    before = ours(engine, os.getpid())
    broken = Recipe(available_image("distribution"), {"REGISTRY_STORAGE": "nonsense"})
    monkeypatch.setattr(containers, "RECIPES", {"broken": broken})

    with pytest.raises(containers.NotReady, match="nonsense"):
        ContainerRegistry("broken").start()

    assert ours(engine, os.getpid()) == before


def test_missing_engine_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    available_image.cache_clear()

    with pytest.raises(EngineMissing, match=r"no container engine answers at tcp://127.0.0.1:1$"):
        ContainerRegistry("distribution").start()
