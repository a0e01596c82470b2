"""Docker's engine as the driver: invocation images are run, and tell what they were given."""

from __future__ import annotations

import base64
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from registry_fixtures.content import Node
from registry_fixtures.images import Seed
from registry_fixtures.invocation_images import MARK, invocation_image
from relocation_conformance.targets.drivers import SAYS_ON_STDERR, SAYS_ON_STDOUT, Place
from relocation_conformance.targets.given import Contents, Given
from relocation_conformance.targets.process import Finished

_REPORT = re.compile(rf"({re.escape(MARK)} \w+) .*")


@dataclass(frozen=True, slots=True)
class Engine:
    """The driver `docker`, with a statically linked *busybox* to make invocation images of.

    Its images carry *labels*.
    """

    busybox: bytes = field(repr=False)
    labels: Mapping[str, str]
    exit_status: int = 0
    name: str = "docker"

    def ending_with(self, exit_status: int) -> Self:
        """Return the same, which makes invocation images that end with *exit_status*."""
        return replace(self, exit_status=exit_status)

    def image(self, seed: Seed) -> Node:
        """Return an invocation image."""
        return invocation_image(
            self.busybox,
            seed=seed,
            exit_status=self.exit_status,
            stdout=SAYS_ON_STDOUT,
            stderr=SAYS_ON_STDERR,
            labels=self.labels,
        )

    def install(self, folder: Path) -> Place:
        """Return what is needed beside the engine: nothing."""
        del folder
        return Place()

    def runs(self, folder: Path, finished: Finished) -> tuple[Given, ...]:
        """Return the runs that the runtime's output tells of."""
        del folder
        output = f"{finished.stdout}\n{finished.stderr}"
        environments = [_environment(each) for each in _told(output, "environment")]
        files = [_files(each) for each in _told(output, "files")]
        if len(environments) != len(files):
            raise AssertionError("what the invocation image wrote did not come out in full")
        return tuple(Given(*each) for each in zip(environments, files, strict=True))

    def readable(self, output: str) -> str:
        """Return *output* without the lines that tell what the invocation image was given."""
        return _REPORT.sub(r"\1 ...", output)


def _told(output: str, what: str) -> Iterator[bytes]:
    start = f"{MARK} {what} "
    for line in output.splitlines():
        _, found, encoded = line.partition(start)
        if found:
            try:
                yield base64.b64decode(encoded.strip(), validate=True)
            except ValueError:
                raise AssertionError(f"a line of the invocation image was cut: {line}") from None


def _environment(content: bytes) -> Contents[str]:
    variables = content.decode(errors="surrogateescape").rstrip("\0").split("\0")
    return Contents(each.split("=", 1) for each in variables)


def _files(content: bytes) -> Contents[bytes]:
    files: Contents[bytes] = Contents()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                files[f"/{member.name}"] = file.read()
    return files
