"""Who is measured: the reference, and skopeo image by image or several at a time."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from content import Image
from measure import Usage, measured
from publishing import write_thin

SKOPEO: Final = "skopeo"
RELOCATOR: Final = "relocator"
UNPACKING: Final = str(Path(__file__).with_name("unpacking.py"))


class Contender(Protocol):
    """A way to copy images."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def copy(
        self, images: Mapping[str, Image], prefix: str, folder: Path
    ) -> tuple[Usage, dict[str, str]]:
        """Copy images under a prefix; return what it took, and where each reference went.

        *folder* is empty and private to this run.
        """


@dataclass(frozen=True)
class Reference:
    """The reference relocator, one process for everything."""

    jobs: int | None = None

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"reference --jobs {self.jobs}" if self.jobs else "reference"

    def copy(
        self, images: Mapping[str, Image], prefix: str, folder: Path
    ) -> tuple[Usage, dict[str, str]]:
        """Relocate a thin bundle."""
        bundle, mapping = folder / "bundle.json", folder / "mapping.json"
        write_thin(bundle, images)
        command = relocation(bundle, prefix, mapping)
        if self.jobs:
            command += ["--jobs", str(self.jobs)]
        usage = measured([command], private_environment(folder))
        return usage, json.loads(mapping.read_text())


@dataclass(frozen=True)
class Skopeo:
    """skopeo, one process an image, so many of them at a time."""

    at_a_time: int

    @property
    def name(self) -> str:
        """What tables call it."""
        pace = "image by image" if self.at_a_time == 1 else f"{self.at_a_time} at a time"
        return f"skopeo, {pace}"

    def copy(
        self, images: Mapping[str, Image], prefix: str, folder: Path
    ) -> tuple[Usage, dict[str, str]]:
        """Copy image by image, whatever is within, bytes unchanged."""
        mapping = {reference: f"{prefix}/{image.name}:v1" for reference, image in images.items()}
        options = ["--quiet", "--all", "--preserve-digests"]
        options += ["--src-tls-verify=false", "--dest-tls-verify=false"]
        commands = [
            [SKOPEO, "copy", *options, f"docker://{source}", f"docker://{destination}"]
            for source, destination in mapping.items()
        ]
        return measured(commands, private_environment(folder), self.at_a_time), mapping


@dataclass(frozen=True)
class Thick:
    """The reference relocator with a thick bundle that is there already."""

    name: str
    bundle: Path
    program: str = RELOCATOR

    def copy(
        self, images: Mapping[str, Image], prefix: str, folder: Path
    ) -> tuple[Usage, dict[str, str]]:
        """Relocate the thick bundle, which holds just *images*."""
        del images
        mapping = folder / "mapping.json"
        command = relocation(self.bundle, prefix, mapping, self.program)
        usage = measured([command], private_environment(folder))
        return usage, json.loads(mapping.read_text())


def relocation(bundle: Path, prefix: str, mapping: Path, program: str = RELOCATOR) -> list[str]:
    """Return the command that relocates a bundle; *program* is a module or a script."""
    start = [program] if program.endswith(".py") else ["-m", program]
    arguments = ["relocate", str(bundle), "-f", "-p", prefix, "-m", str(mapping), "--quiet"]
    return [sys.executable, *start, *arguments]


def private_environment(folder: Path) -> dict[str, str]:
    """An environment that shares no credentials and no cache with the user or an earlier run."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DOCKER_CONFIG": str(folder),
        "TMPDIR": str(folder),
        "XDG_DATA_HOME": str(folder),
        # Makes skopeo keep what it knows of blobs in XDG_DATA_HOME even where root runs it.
        "_CONTAINERS_ROOTLESS_UID": str(os.getuid() or 1000),
    }


def is_installed() -> bool:
    """Whether there is a skopeo to compare with."""
    return shutil.which(SKOPEO) is not None
