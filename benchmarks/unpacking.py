"""The reference relocator, but unpacking thick bundles first: what archive.py is measured against.

Its folder is left for the benchmark to weigh and remove.
"""

import posixpath
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from relocator import bundles, cli
from relocator.errors import Refusal

_CHUNK: Final = 1024 * 1024


class Unpacked:
    """A gzipped tar, unpacked to a temporary folder; used as `relocator.archive.Archive` is."""

    def __init__(self, path: Path) -> None:
        self._folder = Path(tempfile.mkdtemp())
        with tarfile.open(path, "r:gz") as archive:
            archive.extractall(self._folder, filter="data")

    def _path(self, name: str) -> Path:
        return self._folder / posixpath.normpath(name)

    def __contains__(self, name: str) -> bool:
        return self._path(name).is_file()

    def size(self, name: str) -> int:
        """The size of a file in bytes."""
        return self._path(name).stat().st_size

    def read(self, name: str, limit: int) -> bytes:
        """A whole file of at most `limit` bytes."""
        if self.size(name) > limit:
            raise Refusal(f"{name} is larger than {limit} bytes")
        return self._path(name).read_bytes()

    def stream(self, name: str) -> Iterator[bytes]:
        """A file in pieces."""
        with self._path(name).open("rb", buffering=0) as file:
            while piece := file.read(_CHUNK):
                yield piece


if __name__ == "__main__":
    vars(bundles)["Archive"] = Unpacked
    cli.main()
