"""Invocation images that are made here, as documents and as running containers."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Iterator

import docker
import pytest
from docker import DockerClient

from prerequisites import static_busybox
from registry_fixtures.content import Node
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.invocation_images import (
    FAILED_TO_PULL,
    MARK,
    REGISTRY,
    image_of,
    invocation_image,
)
from registry_fixtures.local_image import ImageMissing
from registry_fixtures.server import Front

AMD64 = b"\x7fELF".ljust(0x12, b"\0") + b"\x3e\x00"
ARM64 = b"\x7fELF".ljust(0x12, b"\0") + b"\xb7\x00"
LABELS = {"relocation-conformance.test": "invocation images"}


def config_of(image: Node) -> dict[str, object]:
    document: dict[str, object] = json.loads(image.children[0].content)
    return document


@pytest.mark.parametrize(("program", "architecture"), [(AMD64, "amd64"), (ARM64, "arm64")])
def test_image_is_for_the_machine_of_its_program(program: bytes, architecture: str) -> None:
    assert config_of(invocation_image(program))["architecture"] == architecture


def test_program_for_an_unknown_machine_makes_no_image() -> None:
    with pytest.raises(ImageMissing, match="machine of number 243"):
        invocation_image(AMD64[:-2] + b"\xf3\x00")


def test_another_seed_is_another_image_with_the_same_program_layer() -> None:
    one, other = (invocation_image(AMD64, seed=seed) for seed in (1, 2))

    assert one.digest != other.digest
    assert one.children[1] == other.children[1]


def test_image_is_the_same_each_time() -> None:
    assert invocation_image(AMD64, seed=1).digest == invocation_image(AMD64, seed=1).digest


def test_entry_point_is_the_run_tool() -> None:
    assert config_of(invocation_image(AMD64, labels={"a": "b"}))["config"] == {
        "Entrypoint": ["/cnab/app/run"],
        "Labels": {"a": "b"},
    }


def test_files_can_be_executed() -> None:
    layer = image_of(AMD64, {"some/where": b"1"}, ("/some/where",)).children[2]

    with tarfile.open(fileobj=io.BytesIO(layer.content)) as archive:
        assert archive.getmember("some/where").mode == 0o755


@pytest.fixture
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as running:
        yield running


@pytest.fixture
def engine() -> Iterator[DockerClient]:
    client = docker.from_env()
    yield client
    ours = {"label": [f"{name}={value}" for name, value in LABELS.items()]}
    for container in client.containers.list(all=True, filters=ours):
        container.remove(force=True)
    for image in client.images.list(filters=ours):
        client.images.remove(image.id, force=True)
    client.close()


def made(seed: str = "", exit_status: int = 0, stdout: str = "", stderr: str = "") -> Node:
    return invocation_image(
        static_busybox().read_bytes(),
        seed=seed,
        exit_status=exit_status,
        stdout=stdout,
        stderr=stderr,
        labels=LABELS,
    )


def run(
    engine: DockerClient, reference: str, files: dict[str, bytes], environment: dict[str, str]
) -> tuple[int, str, str]:
    """Pull and run an image with files in it; return its exit status, stdout and stderr."""
    engine.images.pull(reference)
    container = engine.containers.create(reference, environment=environment)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    container.put_archive("/", buffer.getvalue())
    container.start()
    status: int = container.wait()["StatusCode"]
    out, err = (container.logs(stdout=out, stderr=not out).decode() for out in (True, False))
    return status, out, err


def told(output: str, what: str) -> bytes:
    start = f"{MARK} {what} "
    (line,) = (line for line in output.splitlines() if line.startswith(start))
    return base64.b64decode(line.removeprefix(start))


@pytest.mark.docker
def test_container_tells_what_it_was_given(
    registry: EmbeddedRegistry, engine: DockerClient
) -> None:
    placed = registry.push(made(exit_status=7, stdout="hello", stderr="oh"))
    files = {"/cnab/app/relocation-mapping.json": b"{}", "/given/deep/down": b"\0\xff"}

    status, out, err = run(engine, placed.reference, files, {"ODD": "a=b\n€"})

    assert status == 7
    assert out.startswith("hello\n")
    assert err == "oh\n"
    assert "ODD=a=b\n€".encode() in told(out, "environment").split(b"\0")
    with tarfile.open(fileobj=io.BytesIO(told(out, "files"))) as archive:
        found = {
            f"/{member.name}": file.read()
            for member in archive
            if (file := archive.extractfile(member)) is not None
        }
    assert {path: found[path] for path in files} == files


@pytest.mark.docker
@pytest.mark.parametrize(("name", "status"), [("acme/app:v1", 0), ("acme/none:v1", FAILED_TO_PULL)])
def test_container_pulls_what_the_mapping_names(
    registry: EmbeddedRegistry, engine: DockerClient, name: str, status: int
) -> None:
    installer = registry.push(made(), "acme/installer")
    registry.push(made(seed="app"), "acme/app")
    mapping = json.dumps(
        {"one": installer.reference, "two": f"{registry.host}/{name}"}, indent=1
    ).encode()
    gateway = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    front = Front(registry.front.application, address=gateway)
    front.start()

    ended, _, _ = run(
        engine,
        installer.reference,
        {"/cnab/app/relocation-mapping.json": mapping},
        {REGISTRY: front.url.removeprefix("http://")},
    )

    front.stop()
    asked = [f"{each.repository}:{each.reference}" for each in front.recorder.exchanges]
    assert ended == status
    assert asked == ["acme/installer:v1", name]
