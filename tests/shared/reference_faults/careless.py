"""Faults in how bundles and registries that mean harm are met."""

import json
import posixpath
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from reference_faults.faults import fault, swap
from relocator import bundles, cli, documents, layout, manifests, registry, transfer
from relocator.archive import Archive
from relocator.bundles import Bundle
from relocator.manifests import Descriptor, Manifest
from relocator.transfer import BlobTransfer

LIMITLESS = 2**40


@fault
def unpacks_archives() -> None:
    original = bundles._thick

    def thick(archive: Archive, path: Path) -> Bundle:
        with tarfile.open(path) as tar:
            tar.extraction_filter = lambda member, _: member
            tar.extractall(tempfile.mkdtemp())
        return original(archive, path)

    swap(bundles, "_thick", thick)


@fault
def follows_the_links_of_an_archive() -> None:
    original = Archive.stream

    def stream(self: Archive, name: str) -> Iterator[bytes]:
        with tarfile.open(self._path) as tar:
            links = {posixpath.normpath(each.name): each.linkname for each in tar if each.linkname}
        return iter([Path(links[name]).read_bytes()]) if name in links else original(self, name)

    swap(Archive, "stream", stream)


@fault
def takes_the_last_of_two_files() -> None:
    class Forgetful(dict[str, tuple[int, int]]):
        def __contains__(self, _: object) -> bool:
            return False

    def survey(self: Archive) -> None:
        self._places = Forgetful()
        original(self)
        self._places = dict(self._places)

    original = Archive._survey
    swap(Archive, "_survey", survey)


@fault
def reads_descriptors_of_any_size() -> None:
    swap(bundles, "_MAX_DESCRIPTOR", LIMITLESS)


@fault
def reads_manifests_of_any_size() -> None:
    swap((layout, manifests, registry), "MAX_MANIFEST", LIMITLESS)


@fault
def reads_json_as_it_comes() -> None:
    swap((documents, manifests), "read_object", lambda content, _: json.loads(content))


@fault
def takes_content_of_any_size() -> None:
    original = BlobTransfer.run

    def run(self: BlobTransfer, *arguments: Any) -> set[tuple[str, str]]:
        content = self.source.blob(replace(self.blob, size=LIMITLESS))
        self.blob = replace(self.blob, size=sum(map(len, content)))
        return original(self, *arguments)

    def sized(manifest: Manifest, _: Descriptor) -> Manifest:
        return manifest

    swap(BlobTransfer, "run", run)
    swap(transfer, "_sized", sized)


@fault
def takes_a_document_of_two_kinds_for_a_manifest() -> None:
    original = documents.read_object

    def read(content: bytes, what: str) -> dict[str, Any]:
        document = original(content, what)
        hidden = {"manifests"} if "config" in document else set()
        return {key: value for key, value in document.items() if key not in hidden}

    swap(manifests, "read_object", read)


@fault
def believes_what_manifests_are_said_to_be() -> None:
    swap(manifests, "_media_type", lambda _, said, default, __: said or default)


@fault
def takes_anything_for_a_digest() -> None:
    swap(manifests, "check_digest", lambda text: text)


@fault
def prints_what_bundles_say() -> None:
    swap(cli, "printable", str)


@fault
def prints_what_registries_say() -> None:
    swap(registry, "_words_of", lambda content: f": {content.decode(errors='replace')}")
    swap(cli, "printable", str)
