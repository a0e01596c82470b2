"""Content with an address: what registries hold and bundles name, as a tree of bytes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
MANIFEST_TYPES: Final = frozenset({OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST})


@dataclass(frozen=True, repr=False)
class Node:
    """One piece of content with an address: an index, a manifest, a config or a layer.

    Attributes:
        content: its bytes, exactly as a registry has to serve them.
        media_type: as its parent's descriptor gives it.
        algorithm: of its address, `sha256` or `sha512`.
        children: what its bytes name and what has to be relocated with it, in their order.
            A manifest's `subject` is named, but is no child.
        distributable: false for a layer that no registry is supposed to hold.
        descriptor_fields: what its parent adds to its descriptor (platform, annotations, urls...).
    """

    content: bytes
    media_type: str
    algorithm: str = "sha256"
    children: tuple["Node", ...] = ()
    distributable: bool = True
    descriptor_fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        return f"<Node {self.media_type} {self.digest}>"

    @cached_property
    def digest(self) -> str:
        """Its address, `sha256:...` or `sha512:...`."""
        return f"{self.algorithm}:{hashlib.new(self.algorithm, self.content).hexdigest()}"

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.content)

    @property
    def is_manifest(self) -> bool:
        """Whether a registry keeps it under `/manifests/`, not under `/blobs/`."""
        return self.media_type in MANIFEST_TYPES

    def descriptor(self) -> dict[str, Any]:
        """How a parent or a layout's index names it."""
        return {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size,
            **self.descriptor_fields,
        }

    def walk(self) -> Iterator["Node"]:
        """Itself, then all that is below it and distributable, each digest once.

        A node comes after all that name it; so, reversed, in an order to push in.
        """
        return reversed(tuple(_upwards(self, set())))

    def manifests(self) -> tuple["Node", ...]:
        """The indexes and manifests of `walk`."""
        return tuple(node for node in self.walk() if node.is_manifest)

    def blobs(self) -> tuple["Node", ...]:
        """The configs and layers of `walk`."""
        return tuple(node for node in self.walk() if not node.is_manifest)


def serialised(document: Mapping[str, Any], indent: int | None = None) -> bytes:
    """`document` as JSON in UTF-8, its keys in their order; compact without an indent."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(document, ensure_ascii=False, indent=indent, separators=separators)
    return text.encode()


def _upwards(node: Node, seen: set[str]) -> Iterator[Node]:
    """What is below `node` and not yet seen, and then `node`."""
    for child in reversed(node.children):
        if child.distributable and child.digest not in seen:
            yield from _upwards(child, seen)
    seen.add(node.digest)
    yield node
