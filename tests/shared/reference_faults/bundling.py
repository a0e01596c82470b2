"""Faults in which bundles and images are taken."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reference_faults.faults import fault, swap
from relocation_schemas import validate
from relocator import bundles, documents
from relocator import relocate as use_case
from relocator.archive import Archive
from relocator.bundles import Bundle, BundleImage
from relocator.errors import Refusal
from relocator.layout import Layout
from relocator.manifests import Manifest
from relocator.names import ImageName
from relocator.transfer import Graph


@fault
def relocates_only_oci() -> None:
    swap(bundles, "RELOCATED_TYPES", ("oci",))


@fault
def wants_a_type() -> None:
    swap(bundles, "DEFAULT_TYPE", "unknown")


@fault
def relocates_every_type() -> None:
    swap(BundleImage, "is_relocated", property(lambda _: True))


@fault
def reads_one_invocation_image() -> None:
    original = bundles._images

    def images(document: dict[str, Any]) -> Iterator[BundleImage]:
        return original({**document, "invocationImages": document["invocationImages"][:1]})

    swap(bundles, "_images", images)


@fault
def refuses_an_image_named_twice() -> None:
    original = bundles._images

    def images(document: dict[str, Any]) -> Iterator[BundleImage]:
        seen = list(original(document))
        if len({image.reference for image in seen}) < len(seen):
            raise Refusal("an image is named twice")
        return iter(seen)

    swap(bundles, "_images", images)


@fault
def refuses_extensions() -> None:
    original = bundles._images

    def images(document: dict[str, Any]) -> Iterator[BundleImage]:
        if "custom" in document:
            raise Refusal("custom extensions are not supported")
        return original(document)

    swap(bundles, "_images", images)


@fault
def accepts_any_document() -> None:
    def validate_others(document: Any, schema: str) -> None:
        if schema == "bundle":
            document.setdefault("invocationImages", [])
        else:
            validate(document, schema)

    swap(documents, "validate", validate_others)


@fault
def takes_what_it_cannot_read_for_empty() -> None:
    original = bundles.read_bundle

    def read(path: Path) -> Bundle:
        try:
            return original(path)
        except Refusal:
            return Bundle({}, (), None, b"{}")

    swap(use_case, "read_bundle", read)


def read_from(images: Callable[..., Graph]) -> None:
    """Have *images* called with the way to read, the move, the layout if any, and registries."""
    original = use_case._read
    swap(use_case, "_read", lambda *arguments: images(original, *arguments))


@fault
def asks_the_source_first() -> None:
    def images(read: Callable[..., Graph], move: Any, own: Layout | None, registries: Any) -> Graph:
        try:
            return read(move, None, registries)
        except Refusal:
            return read(move, own, registries)

    read_from(images)


@fault
def fetches_what_the_archive_lacks() -> None:
    def images(read: Callable[..., Graph], move: Any, own: Layout | None, registries: Any) -> Graph:
        try:
            return read(move, own, registries)
        except Refusal:
            return read(move, None, registries)

    read_from(images)


@fault
def tells_bundles_by_file_name() -> None:
    def read(path: Path) -> Bundle:
        if path.suffix == ".tgz":
            return bundles._thick(Archive(path), path)
        return bundles._thin(path.read_bytes(), path)

    swap(use_case, "read_bundle", read)


@fault
def finds_images_by_name_alone() -> None:
    original = Layout.resolve
    swap(
        Layout, "resolve", lambda self, name, references, _: original(self, name, references, None)
    )


@fault
def takes_the_first_image_of_the_archive() -> None:
    original = Layout.resolve

    def resolve(self: Layout, name: ImageName, references: Any, digest: str | None) -> Manifest:
        return original(self, name, references, digest or self._entries[0][0].digest)

    swap(Layout, "resolve", resolve)
