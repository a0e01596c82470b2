"""Images of real programs on their way: built, in a registry, relocated, pulled and run."""

import json
import os
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from real_engine import Engine, Recipe
from registry_fixtures.bundles import Bundle
from registry_fixtures.client import RegistryClient
from registry_fixtures.containers import ContainerRegistry
from registry_fixtures.content import Node

_RELOCATOR = Path(sysconfig.get_path("scripts")) / "relocator"
_SECONDS = 60


@dataclass(frozen=True)
class Original:
    """An image in the first registry.

    Attributes:
        reference: by which the bundle names it.
        node: its content, as the registry served it.
        runnable: the part of it that the engine runs; the image itself unless that is an index.
        says: what a container that runs it prints.
    """

    reference: str
    node: Node
    runnable: Node
    says: str


@dataclass(frozen=True)
class Relocated:
    """A second registry, and the mapping of what the reference relocated to it."""

    registry: ContainerRegistry
    mapping: Mapping[str, str]

    def name(self, original: Original) -> str:
        """What the mapping says of an image."""
        return self.mapping[original.reference]

    def pinned(self, original: Original) -> str:
        """The relocated repository of an image, and the digest that the image always had."""
        return f"{self.name(original).rpartition(':')[0]}@{original.node.digest}"


@dataclass(frozen=True)
class Pulled:
    """An image that the engine had nothing of, and has pulled and run.

    Attributes:
        identity: the engine's id of it.
        pinned: the names with a digest that the engine knows it by.
        fetched: the digests of the blobs that the registry sent.
        said: what the container printed.
    """

    identity: str
    pinned: list[str]
    fetched: set[str]
    said: str


def installer_of(busybox: Path, says: str) -> Recipe:
    """An invocation image whose run tool is a script."""
    script = f"#!/bin/busybox sh\necho '{says}'\n"
    return Recipe(busybox, {"/cnab/app/run": script}, ("/cnab/app/run",))


def app_of(busybox: Path, says: str) -> Recipe:
    """An application that prints a file."""
    return Recipe(busybox, {"/etc/motd": f"{says}\n"}, ("/bin/busybox", "cat", "/etc/motd"))


def read_image(registry: RegistryClient, name: str, tag: str) -> Node:
    """Read a whole image, as bytes."""
    content, media_type = registry.manifest(name, tag)
    manifest = json.loads(content)
    blobs = [
        Node(registry.blob(name, descriptor["digest"]), descriptor["mediaType"])
        for descriptor in [manifest["config"], *manifest["layers"]]
    ]
    return Node(content, media_type, children=tuple(blobs))


def relocate(bundle: Bundle, registry: ContainerRegistry, folder: Path) -> Relocated:
    """Run the reference as a user does, who is logged in nowhere."""
    mapping = folder / "mapping.json"
    arguments = ["relocate", "-f", str(bundle.write(folder)), "-p", f"{registry.host}/team"]
    done = subprocess.run(
        [_RELOCATOR, *arguments, "-m", mapping],
        env={**os.environ, "DOCKER_CONFIG": str(folder)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Relocated(registry, json.loads(mapping.read_text()))


def pull_and_run(engine: Engine, registry: ContainerRegistry, reference: str) -> Pulled:
    """Have the engine pull an image afresh, watch what the registry sends, and run it."""
    registry.recorder.clear()
    image = engine.pull(reference)
    sent = registry.recorder.matching(method="GET", kind="blobs", status=200)
    return Pulled(
        image.id,
        image.attrs["RepoDigests"],
        {exchange.reference for exchange in sent},
        engine.run(reference),
    )


def digests(node: Node) -> set[str]:
    """The digests of an image and of everything below it."""
    return {each.digest for each in node.walk()}
