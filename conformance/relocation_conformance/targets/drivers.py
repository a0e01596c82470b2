"""What a runtime under test runs invocation images with, so that the suite sees what they get."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

from registry_fixtures.content import Node
from registry_fixtures.images import Seed, image
from relocation_conformance.targets.given import Given, read_operation
from relocation_conformance.targets.process import Finished

SAYS_ON_STDOUT = "said by the invocation image"
SAYS_ON_STDERR = "warned by the invocation image"


@dataclass(frozen=True, slots=True)
class Place:
    """What a runtime needs to find a driver: folders for `$PATH`, and variables."""

    search_path: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Driver(Protocol):
    """A way to run invocation images, which ends each of them with one exit status."""

    @property
    def name(self) -> str:
        """What a runtime is told to use."""

    @property
    def exit_status(self) -> int:
        """How every invocation image ends."""

    def ending_with(self, exit_status: int) -> Self:
        """Return the same, with which every invocation image ends with *exit_status*."""

    def image(self, seed: Seed) -> Node:
        """Return an invocation image for this driver, another one for each *seed*."""

    def install(self, folder: Path) -> Place:
        """Make what runs of one action need, in the empty *folder*."""

    def runs(self, folder: Path, finished: Finished) -> tuple[Given, ...]:
        """Return the runs of invocation images since `install(folder)`, in their order.

        Raises AssertionError for one that cannot be read.
        """

    def readable(self, output: str) -> str:
        """Return what a runtime wrote without what only `runs` can read."""


@dataclass(frozen=True, slots=True)
class Recording:
    """An external driver, `cnab-recording`, that keeps the operations it gets and runs nothing."""

    exit_status: int = 0
    name: str = "recording"

    def ending_with(self, exit_status: int) -> Self:
        """Return the same with another exit status."""
        return replace(self, exit_status=exit_status)

    def image(self, seed: Seed) -> Node:
        """Return an image that nobody runs."""
        return image(seed=seed)

    def install(self, folder: Path) -> Place:
        """Write the driver's command, and make the folder for its operations."""
        operations = folder / "operations"
        operations.mkdir()
        command = folder / f"cnab-{self.name}"
        kept = shlex.quote(str(operations))
        command.write_text(
            "#!/bin/sh\n"
            'if [ "$1" = --handles ]; then echo docker,oci; exit; fi\n'
            f"number=$(ls {kept} | wc -l)\n"
            f"cat > {kept}/$((number)).json\n"
            f"echo {shlex.quote(SAYS_ON_STDOUT)}\n"
            f"echo {shlex.quote(SAYS_ON_STDERR)} >&2\n"
            f"exit {self.exit_status}\n"
        )
        command.chmod(0o755)
        return Place((str(folder),))

    def runs(self, folder: Path, finished: Finished) -> tuple[Given, ...]:
        """Return the operations that the driver got."""
        del finished
        files = sorted((folder / "operations").iterdir(), key=lambda file: int(file.stem))
        return tuple(read_operation(file.read_bytes()) for file in files)

    def readable(self, output: str) -> str:
        """Return *output*, all of which is for a reader."""
        return output
