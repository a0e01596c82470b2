"""Manifests and indexes: what they name, read from bytes that are never written anew. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relocator.digests import Mismatch, check_digest, digest_of
from relocator.documents import read_object
from relocator.errors import Refusal, shown

OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
MANIFEST_TYPES = (
    OCI_INDEX,
    OCI_MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    OCI_ARTIFACT,
)
MAX_MANIFEST = 4 * 1024 * 1024
"""Bytes; OCI distribution-spec asks registries to take manifests of at least this size."""

_NON_DISTRIBUTABLE = (
    "application/vnd.oci.image.layer.nondistributable.",
    "application/vnd.docker.image.rootfs.foreign.",
)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What names a piece of content: its media type, digest and size in bytes."""

    media_type: str
    digest: str
    size: int

    @property
    def distributable(self) -> bool:
        """False for layers that may not be passed on: they are never fetched (DIGEST-9)."""
        return not self.media_type.startswith(_NON_DISTRIBUTABLE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or index: its bytes as they came, and the content that they name."""

    descriptor: Descriptor
    content: bytes
    manifests: tuple[Descriptor, ...]
    blobs: tuple[Descriptor, ...]

    @property
    def digest(self) -> str:
        """The digest of the bytes."""
        return self.descriptor.digest


def read_manifest(content: bytes, media_type: str, digest: str) -> Manifest:
    """Return the manifest that *content* is, once it has been checked against *digest*.

    An index names manifests; a manifest names a config, layers, or an artifact's blobs.
    `subject` points up, not down, and is not followed. The media type is the one that came
    with the content, or the one the document states, or OCI's for such a document. Raises
    `Mismatch` for content that does not match (DIGEST-6), and `Refusal` for what is no manifest,
    could be read as both kinds (SAFE-4), or is said to be of a type that it does not state.
    """
    algorithm = digest.partition(":")[0]
    if digest_of(content, algorithm) != digest:
        raise Mismatch(f"content served for {digest} does not match that digest")
    document = read_object(content, f"the manifest {digest}")
    is_index, is_manifest = "manifests" in document, "config" in document or "layers" in document
    if is_index and is_manifest:
        raise Refusal(f"{digest} can be read as an index and as a manifest, so it is neither")
    media_type = _media_type(document, media_type, OCI_INDEX if is_index else OCI_MANIFEST, digest)
    if document.get("schemaVersion") != 2 and media_type != OCI_ARTIFACT:
        raise Refusal(f"{digest} is no manifest of schema version 2, which alone can be relocated")

    config = [document["config"]] if "config" in document else []
    layers = [*_list(document, "layers", digest), *_list(document, "blobs", digest)]
    return Manifest(
        Descriptor(media_type, digest, len(content)),
        content,
        tuple(read_descriptor(item, digest) for item in _list(document, "manifests", digest)),
        tuple(read_descriptor(item, digest) for item in [*config, *layers]),
    )


def _media_type(document: dict[str, Any], said: str, default: str, digest: str) -> str:
    """Return what *document* states to be, or is *said* to be, or else *default* (SAFE-5)."""
    stated = document.get("mediaType") or None
    if said not in MANIFEST_TYPES:
        return stated if isinstance(stated, str) else default
    if stated not in (None, said):
        raise Refusal(f"{digest} is said to be of {said}, and states {shown(str(stated))} itself")
    return said


def read_descriptor(item: object, parent: str) -> Descriptor:
    """Return the descriptor that *item*, found in *parent*, is; raise `Refusal` if it is none."""
    if isinstance(item, Mapping):
        match item.get("mediaType"), item.get("digest"), item.get("size"):
            case str(media_type), str(digest), int(size) if size >= 0:
                return Descriptor(media_type, check_digest(digest), size)
    raise Refusal(f"{parent} names content without a media type, digest and size")


def _list(document: dict[str, Any], key: str, digest: str) -> list[object]:
    items = document.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise Refusal(f"{digest} is not a manifest: its {key!r} is no array")
    return items
