"""Thin and thick CNAB bundles to relocate, whose bytes follow from what is asked for.

    thin_bundle(placed)                        # bundle.json; the image is in a registry
    thick_bundle("ubuntu", "gcr.io/a/b:v1")    # bundle.tgz with an image of its own for each name

Sources: CNAB 101 (bundle.json), CNAB 104 (bundle formats).
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from registry_fixtures.archives import Member, write_tar_gz
from registry_fixtures.content import Node
from registry_fixtures.images import image
from registry_fixtures.layouts import blob_members, index_member, version_member
from registry_fixtures.names import normalised

LAYOUT: Final = "artifacts/layout/"
OWN_DIGEST: Final = "{digest}"


class Referenced(Protocol):
    """An image and the reference it is known by, such as one that was pushed."""

    @property
    def reference(self) -> str:
        """As it is to stand in the bundle."""

    @property
    def node(self) -> Node:
        """What is there."""


@dataclass(frozen=True)
class BundledImage:
    """One image of a bundle: what the document says about it, and its content.

    Also to be had with a type or a digest of one's choice from `bundled`.

    Attributes:
        reference: verbatim.
        node: its content; None if the bundle names it only, as it may an image of another type.
        image_type: None leaves it out of the document.
        content_digest: None leaves it out of the document.
    """

    reference: str
    node: Node | None = None
    image_type: str | None = "oci"
    content_digest: str | None = None

    def described(self) -> dict[str, str]:
        """Its fields in the document."""
        fields = {
            "image": self.reference,
            "imageType": self.image_type,
            "contentDigest": self.content_digest,
        }
        return {key: value for key, value in fields.items() if value is not None}


Image = Referenced | BundledImage | tuple[str, Node] | str
Members = tuple[Member, ...]


@dataclass(frozen=True)
class Archive:
    """How a thick bundle is packed; the options of `thick_bundle` say what each field does."""

    annotate: bool = True
    omit_blobs: frozenset[str] = frozenset()
    corrupt: frozenset[str] = frozenset()
    blobs_first: bool = False
    member_prefix: str = ""
    folders: bool = False
    squeeze: bool = False
    edit_members: Callable[[Members], Iterable[Member]] = field(default=tuple)

    def members(self, bundle_json: bytes, images: Iterable[BundledImage]) -> Members:
        """Every member of the archive, in its order."""
        entries = [
            (str(normalised(one.reference)), one.node) for one in images if one.node is not None
        ]
        roots = [node for _, node in entries]
        layout = [
            version_member(),
            index_member(entries, annotate=self.annotate),
            *blob_members(roots, omitted=self.omit_blobs, corrupt=self.corrupt),
        ]
        files = [Member("bundle.json", bundle_json)]
        files += [replace(member, name=LAYOUT + member.name) for member in layout]
        if self.blobs_first:
            files.reverse()
        if self.folders:
            files = [*_folders(files), *files]
        named = (replace(member, name=self.member_prefix + member.name) for member in files)
        return tuple(self.edit_members(tuple(named)))


@dataclass(frozen=True)
class Bundle:
    """A bundle that can be written to a file.

    Attributes:
        document: what `bundle.json` says.
        images: the invocation image, then the others, as they were asked for.
        filename: of the file that `write` makes.
        archive: how it is packed if it is thick, None if it is thin.
    """

    document: dict[str, Any]
    images: tuple[BundledImage, ...]
    filename: str = "bundle.json"
    archive: Archive | None = None

    @property
    def references(self) -> tuple[str, ...]:
        """Every image reference of the document, verbatim: invocation images, then the others."""
        invocation = [one["image"] for one in self.document["invocationImages"]]
        others = [one["image"] for one in self.document.get("images", {}).values()]
        return (*invocation, *others)

    @property
    def bundle_json(self) -> bytes:
        """The document as canonical JSON, which CNAB 101 asks for."""
        text = json.dumps(self.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()

    def edited(self, edit: Callable[[dict[str, Any]], object]) -> "Bundle":
        """A bundle like this one after `edit` has changed a copy of its document in place."""
        document = deepcopy(self.document)
        edit(document)
        return replace(self, document=document)

    def write(self, folder: Path) -> Path:
        """Write the bundle into `folder`, which exists, and return the file's path."""
        path = folder / self.filename
        if self.archive is None:
            path.write_bytes(self.bundle_json)
        else:
            with path.open("wb") as stream:
                members = self.archive.members(self.bundle_json, self.images)
                write_tar_gz(stream, members, squeeze=self.archive.squeeze)
        return path


def thin_bundle(
    *images: Image,
    invocation_image: Image | None = None,
    content_digests: bool = True,
    custom: Mapping[str, Any] | None = None,
    filename: str = "bundle.json",
) -> Bundle:
    """A bundle whose images are in registries.

    A bare string is a reference to an image about which nothing more is known.

    Args:
        images: the first is the invocation image, the others stand under `images` as
            `image-0001` and so on.
        invocation_image: given, it is the invocation image, and all of `images` are images.
        content_digests: whether the document carries a `contentDigest` for each image; a
            `BundledImage` has its own, or none.
        custom: the document's `custom` field, extensions by their reverse domain names.
        filename: of the file that is written.

    Raises:
        ValueError: there is no image at all.
    """
    return _bundle(
        [
            _bundled(one, content_digests=content_digests)
            for one in _in_order(invocation_image, images)
        ],
        custom,
        filename,
    )


def thick_bundle(
    *images: Image,
    invocation_image: Image | None = None,
    content_digests: bool = True,
    custom: Mapping[str, Any] | None = None,
    filename: str = "bundle.tgz",
    annotate: bool = True,
    omit_blobs: Collection[str] = (),
    corrupt: Collection[str] = (),
    blobs_first: bool = False,
    member_prefix: str = "",
    folders: bool = False,
    squeeze: bool = False,
    edit_members: Callable[[Members], Iterable[Member]] = tuple,
) -> Bundle:
    """A bundle that holds its images, in an OCI image layout under `artifacts/layout`.

    A bare string is a name: an image is made for it, the same for all references to one
    repository and tag (`ubuntu` and `docker.io/library/ubuntu:latest`). `{digest}` in it stands
    for that image's digest.

    Args:
        images: as for `thin_bundle`.
        invocation_image: as for `thin_bundle`.
        content_digests: as for `thin_bundle`.
        custom: as for `thin_bundle`.
        filename: as for `thin_bundle`.
        annotate: whether the layout's index gives each image's full name.
        omit_blobs: digests whose content the layout lacks.
        corrupt: digests under which the layout has other bytes of the same length.
        blobs_first: the members in reverse: blobs, then `index.json`, `bundle.json` last.
        member_prefix: before each member's name, such as `./`.
        folders: whether folders are members too, as `tar` makes them.
        squeeze: whether the archive is made small, not only packed.
        edit_members: gets all members, and returns what the archive is to hold instead.

    Raises:
        ValueError: there is no image at all, or a bare string has a digest, which no image
            could be made for.
    """
    archive = Archive(
        annotate=annotate,
        omit_blobs=frozenset(omit_blobs),
        corrupt=frozenset(corrupt),
        blobs_first=blobs_first,
        member_prefix=member_prefix,
        folders=folders,
        squeeze=squeeze,
        edit_members=edit_members,
    )
    ordered = [
        _bundled(_made(one) if isinstance(one, str) else one, content_digests=content_digests)
        for one in _in_order(invocation_image, images)
    ]
    return replace(_bundle(ordered, custom, filename), archive=archive)


def bundled(
    one: Image, *, image_type: str | None = "oci", content_digest: str | bool = True
) -> BundledImage:
    """An image of a bundle with a type and a digest of your choice.

    Args:
        one: the image; a bare string names one without content.
        image_type: None leaves it out.
        content_digest: true for that of its content, false for none, or any other.
    """
    plain = _bundled(one, content_digests=True)
    digest = plain.content_digest if content_digest is True else content_digest or None
    return replace(plain, image_type=image_type, content_digest=digest)


def _in_order(invocation_image: Image | None, images: tuple[Image, ...]) -> tuple[Image, ...]:
    ordered = images if invocation_image is None else (invocation_image, *images)
    if not ordered:
        raise ValueError("a bundle has an invocation image")
    return ordered


def _bundled(one: Image, *, content_digests: bool) -> BundledImage:
    if isinstance(one, BundledImage):
        return one
    if isinstance(one, str):
        return BundledImage(one)
    reference, node = one if isinstance(one, tuple) else (one.reference, one.node)
    return BundledImage(reference, node, content_digest=node.digest if content_digests else None)


def _made(name: str) -> tuple[str, Node]:
    full = normalised(name)
    if full.digest not in (None, OWN_DIGEST):
        raise ValueError(f"no image can be made for the digest of {name}; write @{OWN_DIGEST}")
    node = image(seed=f"{full.domain}/{full.path}:{full.tag or 'latest'}")
    return name.replace(OWN_DIGEST, node.digest), node


def _bundle(
    images: Iterable[BundledImage], custom: Mapping[str, Any] | None, filename: str
) -> Bundle:
    invocation, *others = images
    document: dict[str, Any] = {
        "schemaVersion": "v1.2.0",
        "name": "fixture",
        "version": "1.0.0",
        "description": "Synthetic images, to be relocated.",
        "invocationImages": [invocation.described()],
    }
    if others:
        document["images"] = {
            f"image-{number:04}": {"description": f"Image {number}.", **other.described()}
            for number, other in enumerate(others, start=1)
        }
    if custom is not None:
        document["custom"] = dict(custom)
    return Bundle(document, (invocation, *others), filename)


def _folders(files: Iterable[Member]) -> list[Member]:
    """The folders that hold `files`, outermost first."""
    parents = {str(parent) for file in files for parent in PurePosixPath(file.name).parents}
    return [Member(f"{parent}/") for parent in sorted(parents - {"."})]
