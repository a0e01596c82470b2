"""A gzipped tar read at any place, by any number of threads, without unpacking it.

gzip has no index, so one pass over the archive makes one: the decompressor is copied where
members start, and a later reader goes on from the nearest copy. A copy costs about 100 kB of
memory, however large the members are, and no disk; benchmarks/README.md has the measurements.
"""

from __future__ import annotations

import bisect
import os
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relocator.errors import Refusal

if TYPE_CHECKING:
    from zlib import _Decompress

GZIP_MAGIC = b"\x1f\x8b"

_GZIP_FORMAT = zlib.MAX_WBITS | 16
_COMPRESSED = 64 * 1024  # bytes taken from the file at a time
_APART = 8 * 1024 * 1024  # bytes, decompressed, between two copies of the decompressor
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """A place in the decompressed stream, where it is in the file, and how to go on from it."""

    position: int
    compressed: int
    inflate: _Decompress


class _Inflated:
    """The decompressed archive as a file that can be read and sought; one for each thread."""

    def __init__(self, path: Path, checkpoints: list[_Checkpoint]) -> None:
        self._file = path.open("rb", buffering=0)
        self._checkpoints = checkpoints
        self._go_on_from(checkpoints[0])

    def _go_on_from(self, checkpoint: _Checkpoint) -> None:
        self._file.seek(checkpoint.compressed)
        self._inflate = checkpoint.inflate.copy()
        self._position = checkpoint.position
        self._pending = b""

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        self._file.close()

    def seek(self, target: int, whence: int = os.SEEK_SET) -> int:
        if whence != os.SEEK_SET:
            raise ValueError("only absolute places can be sought")
        after = bisect.bisect_right(self._checkpoints, target, key=lambda point: point.position)
        nearest = self._checkpoints[after - 1]
        if target < self._position or nearest.position > self._position:
            self._go_on_from(nearest)
        while self._position < target and self._next(min(_CHUNK, target - self._position)):
            pass
        return self._position

    def read(self, size: int) -> bytes:
        """Return *size* decompressed bytes, fewer only where the archive ends."""
        pieces = []
        while size > 0 and (piece := self._next(size)):
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def _next(self, limit: int) -> bytes:
        while True:
            source = self._pending or self._file.read(_COMPRESSED)
            piece = self._inflate.decompress(source, limit)
            self._pending = self._inflate.unconsumed_tail
            if self._inflate.eof:
                # An archive may be several gzip streams, end to end.
                self._pending = self._inflate.unused_data
                self._inflate = zlib.decompressobj(_GZIP_FORMAT)
            if piece or not source:
                self._position += len(piece)
                return piece

    def remember(self) -> None:
        """Make a checkpoint of this place, unless there is one close before it."""
        if self._position - self._checkpoints[-1].position >= _APART:
            compressed = self._file.tell() - len(self._pending)
            self._checkpoints.append(_Checkpoint(self._position, compressed, self._inflate.copy()))


class Archive:
    """The regular files of a gzipped tar, by name."""

    def __init__(self, path: Path) -> None:
        """Read through the archive once. Raises `Refusal` if it is damaged or ambiguous."""
        self._path = path
        self._checkpoints = [_Checkpoint(0, 0, zlib.decompressobj(_GZIP_FORMAT))]
        self._places: dict[str, tuple[int, int]] = {}
        try:
            self._survey()
        except (zlib.error, tarfile.TarError, EOFError) as error:
            raise Refusal(f"{path} is not a whole gzipped tar: {error}") from None

    def _survey(self) -> None:
        inflated = _Inflated(self._path, self._checkpoints)
        # tarfile asks for no more of a file than these methods.
        with tarfile.open(fileobj=inflated, mode="r:") as tar:  # type: ignore[call-overload]
            for member in tar:
                inflated.remember()
                tar.members.clear()
                if not member.isreg():
                    continue
                name = posixpath.normpath(member.name)
                if name in self._places:
                    raise Refusal(f"{self._path} holds {name} twice")
                self._places[name] = (member.offset_data, member.size)
        inflated.close()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def size(self, name: str) -> int:
        """Return the size of a file in bytes. Raises `Refusal` if there is no such file."""
        if name not in self._places:
            raise Refusal(f"{self._path} does not hold {name}")
        return self._places[name][1]

    def read(self, name: str, limit: int) -> bytes:
        """Return a whole file. Raises `Refusal` if it is longer than *limit* bytes."""
        if self.size(name) > limit:
            raise Refusal(f"{name} in {self._path} is larger than {limit} bytes")
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield a file in pieces of at most 1 MiB."""
        left = self.size(name)
        inflated = _Inflated(self._path, self._checkpoints)
        try:
            inflated.seek(self._places[name][0])
            while left > 0 and (piece := inflated.read(min(_CHUNK, left))):
                left -= len(piece)
                yield piece
        except zlib.error as error:
            raise Refusal(f"{self._path} is damaged: {error}") from None
        finally:
            inflated.close()
