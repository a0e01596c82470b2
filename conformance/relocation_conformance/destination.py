"""Where images are relocated to: what a check finds missing there is the target's fault."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from registry_fixtures.client import Missing, PlacedImage
from registry_fixtures.content import Node
from registry_fixtures.faults import Faults
from registry_fixtures.recording import Exchange, Recorder
from registry_fixtures.registry import Registry
from relocation_conformance.references import Malformed, Reference, parse

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Destination:
    """A path in a registry below which nothing else is.

    The references that its methods take are full ones, such as a relocation mapping's values.
    They raise AssertionError for a reference that is none or is another registry's, and for
    content that is not there.
    """

    registry: Registry
    path: str

    @classmethod
    def fresh(cls, registry: Registry) -> Self:
        """Return a path in *registry* that nobody has used."""
        return cls(registry, f"t-{secrets.token_hex(6)}")

    def below(self, path: str) -> Self:
        """Return the destination *path* below this one."""
        return replace(self, path=f"{self.path}/{path}")

    @property
    def prefix(self) -> str:
        """The repository prefix to relocate to: `127.0.0.1:5000/t-3f6c02a19b44`."""
        return f"{self.registry.host}/{self.path}"

    @property
    def recorder(self) -> Recorder:
        """What the target said to the registry."""
        return self.registry.recorder

    @property
    def faults(self) -> Faults:
        """What goes wrong for the target."""
        return self.registry.faults

    def afresh(self) -> Self:
        """Return another path in the same registry that nobody has used."""
        return type(self).fresh(self.registry)

    def pushed_manifests(self) -> tuple[Exchange, ...]:
        """Return the exchanges in which the target put a manifest in place below the prefix."""
        pushed = self.recorder.matching(method="PUT", kind="manifests", status=201)
        return tuple(each for each in pushed if each.repository.startswith(f"{self.path}/"))

    def writes(self) -> tuple[Exchange, ...]:
        """Return the requests by which the target changed, or tried to change, the registry."""
        return tuple(e for e in self.recorder.exchanges if e.method not in ("GET", "HEAD"))

    def push(self, node: Node, name: str, tag: str | None = None) -> PlacedImage:
        """Put *node* in place beforehand, in the repository *name* below the prefix."""
        return self.registry.push(node, f"{self.path}/{name}", tag)

    def read(self, reference: str, what: Node | str) -> bytes:
        """Return what is served in the repository of *reference* for a node or a digest."""
        place = self._place(reference)
        return _there(reference, lambda: self.registry.read(place.path, what))

    def manifest(self, reference: str) -> tuple[bytes, str]:
        """Return what is served for *reference* itself, and its media type.

        The digest is what counts where there is one, then the tag, then `latest`.
        """
        place = self._place(reference)
        wanted = place.digest or place.tag or "latest"
        return _there(reference, lambda: self.registry.manifest(place.path, wanted))

    def resolve(self, reference: str) -> str:
        """Return the digest of the bytes that `manifest` returns for *reference*.

        It is of the algorithm of the reference's own digest, else sha256.
        """
        algorithm = (self._place(reference).digest or "sha256:").partition(":")[0]
        content, _ = self.manifest(reference)
        return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"

    def has(self, reference: str, digest: str) -> bool:
        """Tell whether a manifest or blob *digest* is in the repository of *reference*."""
        return self.registry.has(self._place(reference).path, digest)

    def delete(self, reference: str, node: Node) -> None:
        """Delete a node from the repository of *reference*; `RegistryError` if that is refused."""
        path = self._place(reference).path
        delete = self.registry.delete_manifest if node.is_manifest else self.registry.delete_blob
        _there(reference, lambda: delete(path, node.digest))

    def tags(self, reference: str) -> list[str]:
        """Return the tags in the repository of *reference*."""
        return self.registry.tags(self._place(reference).path)

    def repositories(self) -> list[str]:
        """Return the repositories below the prefix, each as a reference."""
        below = f"{self.path}/"
        return [
            f"{self.registry.host}/{name}"
            for name in self.registry.catalog()
            if name.startswith(below)
        ]

    def _place(self, reference: str) -> Reference:
        try:
            place = parse(reference)
        except Malformed as error:
            raise AssertionError(str(error)) from None
        if place.domain != self.registry.host:
            raise AssertionError(f"{reference} is not at the destination {self.prefix}")
        return place


def _there(reference: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except Missing as error:
        raise AssertionError(f"{reference} is not readable at the destination: {error}") from None
