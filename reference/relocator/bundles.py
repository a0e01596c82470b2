"""Thin and thick bundles: what they are told apart by, and the images that they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relocator.archive import GZIP_MAGIC, Archive
from relocator.documents import read_document
from relocator.errors import Refusal
from relocator.layout import Layout

RELOCATED_TYPES = ("oci", "docker")
DEFAULT_TYPE = "oci"
"""What an absent `imageType` means. Source: CNAB 101; TYPE-2."""

_MAX_DESCRIPTOR = 64 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class BundleImage:
    """One place where a bundle names an image."""

    place: str
    reference: str
    image_type: str
    content_digest: str | None

    @property
    def is_relocated(self) -> bool:
        """Whether the image is copied; one of another type stays where it is (TYPE-3)."""
        return self.image_type in RELOCATED_TYPES


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle's descriptor, the images it names in order, and those it brings, if thick.

    *content* is the descriptor's bytes.
    """

    document: dict[str, Any]
    images: tuple[BundleImage, ...]
    layout: Layout | None
    content: bytes


def read_bundle(path: Path) -> Bundle:
    """Read a bundle. Raises `Refusal` with the place and the reason if it is none.

    A thick bundle is known by its content, a gzip stream, whatever its name is (THICK-2).
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(GZIP_MAGIC))
            if start != GZIP_MAGIC:
                return _thin(start + file.read(_MAX_DESCRIPTOR), path)
        return _thick(Archive(path), path)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from None


def parse_bundle(content: bytes, what: str) -> Bundle:
    """Return the thin bundle that *content* is; *what* names it in the reason for a `Refusal`."""
    return _read(content, what, None)


def _thin(content: bytes, path: Path) -> Bundle:
    if len(content) > _MAX_DESCRIPTOR:
        raise Refusal(f"{path} is larger than {_MAX_DESCRIPTOR} bytes")
    return parse_bundle(content, str(path))


def _thick(archive: Archive, path: Path) -> Bundle:
    content = archive.read("bundle.json", _MAX_DESCRIPTOR)
    return _read(content, f"bundle.json in {path}", archive)


def _read(content: bytes, what: str, archive: Archive | None) -> Bundle:
    document = read_document(content, what, "bundle", "a bundle")
    layout = Layout(archive) if archive else None
    return Bundle(document, tuple(_images(document)), layout, content)


def _images(document: dict[str, Any]) -> Iterator[BundleImage]:
    for index, image in enumerate(document["invocationImages"]):
        yield _image(f"invocationImages[{index}]", image)
    for key, image in document.get("images", {}).items():
        yield _image(f"images.{key}", image)


def _image(place: str, image: dict[str, Any]) -> BundleImage:
    image_type = image.get("imageType") or DEFAULT_TYPE
    return BundleImage(place, image["image"], image_type, image.get("contentDigest"))
