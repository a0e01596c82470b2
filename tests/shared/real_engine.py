"""A container engine at work on images of real programs, which leaves nothing of them behind."""

import json
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import docker
from docker.errors import DockerException, NotFound
from docker.models.images import Image

LABEL = "relocation-conformance.real-images"
"""The label of the images, and so of the containers that run them: one value for each `Engine`."""

_SECONDS = 30  # without a sign of life


@dataclass(frozen=True)
class Recipe:
    """What an image is made of.

    Attributes:
        program: a statically linked one, which becomes `/bin/NAME`.
        files: other files, by their absolute paths; all may be executed.
        entry_point: what a container runs.
    """

    program: Path
    files: Mapping[str, str]
    entry_point: tuple[str, ...]

    def write(self, folder: Path, label: str) -> None:
        """Write the folder that an engine builds the image from."""
        files = {path: text.encode() for path, text in self.files.items()}
        files[f"/bin/{self.program.name}"] = self.program.read_bytes()
        for path, content in files.items():
            file = folder / "root" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(0o755)
        # With LABEL first, Docker 20.10 does not build for another platform than its own.
        steps = ["FROM scratch", "COPY root /", f"LABEL {label}"]
        steps += [f"ENTRYPOINT {json.dumps(self.entry_point)}"]
        (folder / "Dockerfile").write_text("\n".join(steps) + "\n")


class Engine:
    """The container engine, to be used in a `with` statement that ends what is made inside it.

    Attributes:
        label: what all its images and containers carry, `name=value`.
    """

    def __init__(self) -> None:
        self.label = f"{LABEL}={secrets.token_hex(8)}"
        self._client = docker.from_env(timeout=_SECONDS)

    @property
    def architecture(self) -> str:
        """What it runs on, as platforms name it: `amd64`."""
        return str(self._client.version()["Arch"])

    def build(self, name: str, recipe: Recipe, platform: str | None = None) -> None:
        """Build an image, by default for the engine's own platform.

        Raises:
            DockerException: it could not be built.
        """
        with tempfile.TemporaryDirectory() as folder:
            recipe.write(Path(folder), self.label)
            # A step taken from the cache could be removed by whom it belongs to.
            self._client.images.build(
                path=folder, tag=name, platform=platform, nocache=True, rm=True, forcerm=True
            )

    def push(self, name: str) -> None:
        """Push an image to the registry that its name says.

        Raises:
            DockerException: it could not be pushed.
        """
        _follow(self._client.api.push(name, stream=True, decode=True))

    def pull(self, reference: str, platform: str | None = None) -> Image:
        """Remove every image, and pull this one, so that all of it has to come over the wire.

        Raises:
            DockerException: it could not be pulled.
        """
        self.clear()
        _follow(self._client.api.pull(reference, platform=platform, stream=True, decode=True))
        return self._client.images.get(reference)

    def run(self, reference: str) -> str:
        """Run an image that the engine has, without a network, and return what it said.

        Raises:
            DockerException: it could not be run, or failed.
        """
        output: bytes = self._client.containers.run(reference, remove=True, network_mode="none")
        return output.decode()

    def clear(self) -> None:
        """Remove every container and every image."""
        mine = {"label": self.label}
        for container in self._client.containers.list(all=True, filters=mine):
            with suppress(NotFound):
                container.remove(force=True, v=True)
        for image in self._client.images.list(filters=mine):
            with suppress(NotFound):
                self._client.images.remove(image.id, force=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.clear()
        finally:
            self._client.close()


def _follow(progress: Iterable[Mapping[str, Any]]) -> None:
    """Wait for the end of a push or a pull, whose failures are told in the stream alone."""
    for line in progress:
        if "error" in line:
            raise DockerException(line["error"])
