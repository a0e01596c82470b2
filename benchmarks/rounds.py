"""Run contenders in turn, each into a registry of its own, and keep what each run took."""

import os
import shutil
import socket
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker

from contenders import Contender
from content import Image
from measure import Failed, Usage
from publishing import digest_at
from registry_fixtures.containers import LABEL, ContainerRegistry

REGISTRY = "distribution"


@dataclass
class Runs:
    """All runs of one contender.

    Attributes:
        name: the contender's.
        usages: what each run took.
        registries: CPU seconds of the registries' containers during each.
        disk: bytes that each left in its temporary folder.
        load: the load average before each.
    """

    name: str
    usages: list[Usage] = field(default_factory=list)
    registries: list[float] = field(default_factory=list)
    disk: list[int] = field(default_factory=list)
    load: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median of the wall time."""
        return statistics.median(usage.seconds for usage in self.usages)

    @property
    def fastest(self) -> float:
        """The least wall time."""
        return min(usage.seconds for usage in self.usages)

    @property
    def cpu(self) -> float:
        """The median of the CPU seconds."""
        return statistics.median(usage.cpu for usage in self.usages)

    @property
    def registries_cpu(self) -> float:
        """The median of the registries' CPU seconds."""
        return statistics.median(self.registries)

    @property
    def peak(self) -> float:
        """The most memory that a process of any run held, in bytes."""
        return max(usage.peak for usage in self.usages)


@contextmanager
def registry() -> Iterator[str]:
    """A fresh registry in a container; yields its URL, with nothing of ours in between."""
    with ContainerRegistry(REGISTRY) as running:
        yield running.upstream


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="relocation-benchmark-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def alternate(
    contenders: Sequence[Contender], images: Mapping[str, Image], rounds: int
) -> list[Runs]:
    """Let every contender copy the images once a round, each round begun by another one."""
    runs = [Runs(contender.name) for contender in contenders]
    turns = list(zip(contenders, runs, strict=True))
    for number in range(rounds):
        first = number % len(turns)
        for contender, kept in turns[first:] + turns[:first]:
            _run(contender, images, kept)
    return runs


def _run(contender: Contender, images: Mapping[str, Image], kept: Runs) -> None:
    with registry() as url, scratch() as folder:
        load, before = os.getloadavg()[0], _registries_cpu()
        prefix = f"{url.removeprefix('http://')}/relocated"
        usage, mapping = contender.copy(images, prefix, folder)
        kept.registries.append(_registries_cpu() - before)
        for reference, image in images.items():
            if digest_at(mapping[reference]) != image.manifest.digest:
                raise Failed(f"{contender.name} did not bring {reference} to its place")
        kept.usages.append(usage)
        kept.load.append(load)
        kept.disk.append(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))


def _registries_cpu() -> float:
    """CPU seconds of this process's containers so far."""
    ours = {"label": f"{LABEL}={socket.gethostname()}:{os.getpid()}"}
    engine = docker.from_env()
    try:
        stats = [
            container.stats(stream=False, one_shot=True)
            for container in engine.containers.list(filters=ours)
        ]
    finally:
        engine.close()
    nanoseconds: int = sum(each["cpu_stats"]["cpu_usage"]["total_usage"] for each in stats)
    return nanoseconds / 1e9
