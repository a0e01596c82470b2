"""Where the bytes of blobs are kept, under their digests: in memory or in a folder."""

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from registry_fixtures.messages import CHUNK


class Sink(Protocol):
    """Takes bytes before it is known what they will be called."""

    def write(self, part: bytes) -> None:
        """Append bytes."""

    def parts(self) -> Iterable[bytes]:
        """All that was written, in order."""

    def keep(self, digest: str) -> None:
        """File the bytes under a digest."""

    def discard(self) -> None:
        """Forget the bytes."""


class Contents(Protocol):
    """Bytes by digest."""

    def sink(self) -> Sink:
        """Begin to take something in."""

    def size(self, digest: str) -> int | None:
        """Bytes filed under a digest; None when there are none."""

    def read(self, digest: str, start: int, stop: int) -> bytes | Iterable[bytes]:
        """Yield the bytes from `start` up to `stop`, of what is there."""

    def remove(self, digest: str) -> None:
        """Forget what is filed under a digest."""


class MemoryContents:
    """Keeps bytes in memory."""

    def __init__(self) -> None:
        self.by_digest: dict[str, bytes] = {}

    def sink(self) -> Sink:
        """Begin to take something in."""
        return _MemorySink(self)

    def size(self, digest: str) -> int | None:
        """Bytes filed under a digest; None when there are none."""
        content = self.by_digest.get(digest)
        return None if content is None else len(content)

    def read(self, digest: str, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`."""
        return self.by_digest[digest][start:stop]

    def remove(self, digest: str) -> None:
        """Forget what is filed under a digest."""
        self.by_digest.pop(digest, None)


class _MemorySink:
    def __init__(self, contents: MemoryContents) -> None:
        self._contents = contents
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> None:
        self._parts.append(part)

    def parts(self) -> Iterable[bytes]:
        return self._parts

    def keep(self, digest: str) -> None:
        self._contents.by_digest[digest] = b"".join(self._parts)
        self._parts = []

    def discard(self) -> None:
        self._parts = []


class FolderContents:
    """Keeps bytes in files, `blobs/ALGORITHM/HEX`; what is on its way in stays in `uploads`."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._uploads = folder / "uploads"
        self._uploads.mkdir(parents=True, exist_ok=True)

    def sink(self) -> Sink:
        """Begin to take something in."""
        return _FileSink(self, self._uploads / uuid.uuid4().hex)

    def path(self, digest: str) -> Path:
        """Where a digest's bytes are."""
        algorithm, _, digits = digest.partition(":")
        return self._blobs / algorithm / digits

    def size(self, digest: str) -> int | None:
        """Bytes filed under a digest; None when there are none."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, digest: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `stop`."""
        with self.path(digest).open("rb") as file:
            file.seek(start)
            while start < stop and (part := file.read(min(CHUNK, stop - start))):
                start += len(part)
                yield part

    def remove(self, digest: str) -> None:
        """Forget what is filed under a digest."""
        self.path(digest).unlink(missing_ok=True)


class _FileSink:
    def __init__(self, contents: FolderContents, path: Path) -> None:
        self._contents = contents
        self._path = path
        self._path.touch()

    def write(self, part: bytes) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(part)

    def parts(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while part := file.read(CHUNK):
                yield part

    def keep(self, digest: str) -> None:
        destination = self._contents.path(digest)
        destination.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(destination)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)
