"""Archives whose bytes depend on their members alone: no clock, no user, no file name.

Nothing is squeezed unless asked: a gzip or zstd stream made here holds its data as stored blocks.
That makes 100 MiB cheap, and since no relocator's compressor would write the same stream, one
that unpacks and packs again is caught by the digest.
"""

import gzip
import itertools
import struct
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

_TAR_BLOCK = 512
_BLANKS = b" " * (1024 * 1024)
_ZSTD_MAGIC = 0xFD2FB528
_ZSTD_BLOCK = 128 * 1024  # the largest that RFC 8878 allows
_ZSTD_WINDOW = (17 - 10) << 3  # 2**17 bytes, as large as a block


@dataclass(frozen=True)
class Member:
    """One file of a tar archive; a folder if its name ends in `/`, a link with `link_to`.

    The name is written as it is: `../escape` and `/etc/passwd` are possible, on purpose.

    Attributes:
        name: verbatim.
        content: of the file.
        link_to: what a symbolic link leads to, or a hard one.
        hard: whether a link is a hard one.
        blanks: how many MiB of white space the file has behind its content.
    """

    name: str
    content: bytes = b""
    link_to: str | None = None
    hard: bool = False
    blanks: int = 0

    @property
    def size(self) -> int:
        """The length of the file in bytes."""
        return len(self.content) + self.blanks * len(_BLANKS)

    def header(self) -> bytes:
        """The tar header: owned by root, modified at the epoch."""
        info = tarfile.TarInfo(self.name)
        info.mode = 0o755 if self.name.endswith("/") else 0o644
        if self.link_to is not None:
            info.type = tarfile.LNKTYPE if self.hard else tarfile.SYMTYPE
            info.linkname = self.link_to
        elif self.name.endswith("/"):
            info.type = tarfile.DIRTYPE
        else:
            info.size = self.size
        return info.tobuf(tarfile.PAX_FORMAT)


def tar(members: Iterable[Member]) -> bytes:
    """An uncompressed tar archive of `members`, in their order."""
    return b"".join(_tar_pieces(members))


def write_tar_gz(stream: BinaryIO, members: Iterable[Member], *, squeeze: bool = False) -> None:
    """Write a gzipped tar archive of `members` to `stream`, in their order.

    It is only squeezed on demand, which makes next to nothing of `blanks`.
    """
    level = 1 if squeeze else 0
    with gzip.GzipFile("", "wb", compresslevel=level, fileobj=stream, mtime=0) as packed:
        for piece in _tar_pieces(members):
            packed.write(piece)


def gzipped(content: bytes) -> bytes:
    """`content` as a gzip stream of stored blocks."""
    return gzip.compress(content, compresslevel=0, mtime=0)


def zstd_frame(content: bytes) -> bytes:
    """`content` (below 4 GiB) as one Zstandard frame of raw blocks (RFC 8878, 3.1.1)."""
    pieces = [struct.pack("<IBBI", _ZSTD_MAGIC, 0b10_0_00000, _ZSTD_WINDOW, len(content))]
    starts = range(0, len(content), _ZSTD_BLOCK) or range(1)
    for start in starts:
        block = content[start : start + _ZSTD_BLOCK]
        is_last = start == starts[-1]
        pieces += [(len(block) << 3 | is_last).to_bytes(3, "little"), block]
    return b"".join(pieces)


def _tar_pieces(members: Iterable[Member]) -> Iterator[bytes]:
    for member in members:
        yield member.header()
        yield member.content
        yield from itertools.repeat(_BLANKS, member.blanks)
        yield bytes(-member.size % _TAR_BLOCK)
    yield bytes(2 * _TAR_BLOCK)
