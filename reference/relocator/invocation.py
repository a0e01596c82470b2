"""The invocation image: which one is run, from where, and whether it is the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from relocator.bundles import Bundle, BundleImage
from relocator.digests import CANONICAL, algorithm_of, check_digest, digest_of
from relocator.errors import Refusal
from relocator.names import ImageName, parse
from relocator.registry import Registries
from relocator.relocate import as_read


@dataclass(frozen=True, slots=True)
class InvocationImage:
    """The invocation image that is to be run.

    Attributes:
        entry: what the bundle says of it.
        reference: the name to pull it by, relocated if there is a mapping.
        name: the same, parsed; `None` for an image of another type than docker and oci.
        digest: what it must have, as the bundle says; `None` if that says nothing.
    """

    entry: Mapping[str, Any]
    reference: str
    name: ImageName | None
    digest: str | None

    def document(self) -> dict[str, Any]:
        """Return the bundle's entry, with the name to pull by and the digest to pull."""
        digest = {"contentDigest": self.digest} if self.digest else {}
        return {**self.entry, "image": self.reference, **digest}


def choose(
    bundle: Bundle, mapping: Mapping[str, str] | None, handles: Callable[[str], bool]
) -> InvocationImage:
    """Return the first invocation image of a type that the driver *handles* (CNAB 101).

    With a mapping its name is the mapping's. Raises `Refusal` if the mapping lacks it or another
    image of the bundle, and where two digests are stated for it (DIGEST-5).
    """
    entries = bundle.document["invocationImages"]
    image, entry = _first(zip(bundle.images, entries, strict=False), handles)
    if mapping is not None:
        relocated = (each for each in bundle.images if each.is_relocated)
        _check_complete([image, *relocated], mapping)
    reference = image.reference if mapping is None else mapping[image.reference]
    if not image.is_relocated:
        return InvocationImage(entry, reference, None, image.content_digest)
    digest = _stated(parse(image.reference).digest, image.content_digest, image.reference)
    name = parse(reference)
    _stated(name.digest, digest, reference)
    return InvocationImage(entry, reference, as_read(name), digest)


def verified(image: InvocationImage, registries: Registries) -> InvocationImage:
    """Return *image* with the digest that its name leads to, so that no other can be run.

    The digest is that of the bytes which the registry serves. Raises `Refusal` if the bundle, or
    the name itself, says another. Source: CNAB 101, a runtime validates `contentDigest` before it
    executes an action.
    """
    name = image.name
    if name is None:
        return image
    repository = registries.repository(name.domain, name.path)
    content, _ = repository.manifest(name.digest or name.tag or "")
    digest = digest_of(content, algorithm_of(image.digest or name.digest or CANONICAL))
    expected = image.digest or name.digest
    if expected and digest != expected:
        raise Refusal(f"{image.reference} is {digest}, and has to be {expected}")
    return replace(image, digest=digest)


def _first(
    images: Iterable[tuple[BundleImage, Mapping[str, Any]]], handles: Callable[[str], bool]
) -> tuple[BundleImage, Mapping[str, Any]]:
    for image, entry in images:
        if handles(image.image_type):
            return image, entry
    raise Refusal("the bundle has no invocation image of a type that the driver can run")


def _check_complete(images: Iterable[BundleImage], mapping: Mapping[str, str]) -> None:
    """Source: CNAB 103, a mapping has all image references of the bundle as its keys."""
    for image in images:
        if image.reference not in mapping:
            raise Refusal(f"the relocation mapping lacks {image.reference} ({image.place})")


def _stated(one: str | None, other: str | None, reference: str) -> str | None:
    """Return the one digest that is stated for an image, if any is."""
    for digest in filter(None, (one, other)):
        check_digest(digest)
    if one and other and one != other:
        raise Refusal(f"{reference} is not {other}, which the bundle says it is")
    return one or other
