"""Images to copy: deterministic, incompressible, and streamed however large they are."""

import hashlib
import json
import random
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

MIB: Final = 1024 * 1024
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"

_GZIP: Final = zlib.MAX_WBITS | 16


@dataclass(frozen=True)
class Blob:
    """Content with an address; `read` begins it anew, `size` is in bytes."""

    media_type: str
    digest: str
    size: int
    read: Callable[[], Iterator[bytes]]

    def descriptor(self) -> dict[str, Any]:
        """How a manifest or a layout's index names it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


@dataclass(frozen=True)
class Layer:
    """A layer that holds one file of `size` random bytes; equal seeds give equal layers."""

    seed: int
    size: int

    @cached_property
    def blob(self) -> Blob:
        """The layer as a registry keeps it: a gzipped tar."""
        digest, size = _measured(self)
        return Blob(LAYER, digest, size, lambda: _gzipped(_tar(self)))

    @property
    def diff_id(self) -> str:
        """The digest of the tar within."""
        return _diff_id(self)


@dataclass(frozen=True)
class Image:
    """An image of one platform."""

    name: str
    layers: tuple[Layer, ...]

    @cached_property
    def config(self) -> Blob:
        """The image's config; it tells images with equal layers apart."""
        diff_ids = [layer.diff_id for layer in self.layers]
        return _document(
            CONFIG,
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Labels": {"name": self.name}},
                "rootfs": {"type": "layers", "diff_ids": diff_ids},
            },
        )

    @cached_property
    def manifest(self) -> Blob:
        """What the image's digest names."""
        layers = [layer.blob.descriptor() for layer in self.layers]
        return _document(
            MANIFEST,
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": self.config.descriptor(),
                "layers": layers,
            },
        )

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The config and the layers."""
        return (self.config, *(layer.blob for layer in self.layers))


def distinct(blobs: Iterable[Blob]) -> tuple[Blob, ...]:
    """Return each blob once, in order."""
    return tuple({blob.digest: blob for blob in blobs}.values())


def _document(media_type: str, document: dict[str, Any]) -> Blob:
    content = json.dumps(document, separators=(",", ":")).encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return Blob(media_type, digest, len(content), lambda: iter([content]))


@cache
def _measured(layer: Layer) -> tuple[str, int]:
    hasher, size = hashlib.sha256(), 0
    for chunk in _gzipped(_tar(layer)):
        hasher.update(chunk)
        size += len(chunk)
    return f"sha256:{hasher.hexdigest()}", size


@cache
def _diff_id(layer: Layer) -> str:
    hasher = hashlib.sha256()
    for chunk in _tar(layer):
        hasher.update(chunk)
    return f"sha256:{hasher.hexdigest()}"


def _tar(layer: Layer) -> Iterator[bytes]:
    member = tarfile.TarInfo("data")
    member.size = layer.size
    yield member.tobuf(tarfile.PAX_FORMAT)
    yield from _random(layer.seed, layer.size)
    yield bytes(-layer.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def _random(seed: int, size: int) -> Iterator[bytes]:
    # One random block is enough: a repeat is too far from the first for gzip to find.
    block = random.Random(seed).randbytes(MIB)
    for start in range(0, size, MIB):
        yield (start.to_bytes(8) + block)[: min(MIB, size - start)]


def _gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    # Stored, not deflated: random bytes do not shrink, and trying takes minutes.
    deflate = zlib.compressobj(0, wbits=_GZIP)
    for chunk in chunks:
        if compressed := deflate.compress(chunk):
            yield compressed
    yield deflate.flush()
