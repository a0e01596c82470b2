"""The images of a thick bundle: an OCI image layout inside its archive, as a source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from relocator.archive import Archive
from relocator.documents import read_document
from relocator.errors import Refusal
from relocator.manifests import MAX_MANIFEST, Descriptor, Manifest, read_descriptor, read_manifest
from relocator.names import ImageName, parse

LAYOUT = "artifacts/layout"
"""Where a thick bundle keeps its images. Source: CNAB 104."""

REF_NAME = "org.opencontainers.image.ref.name"
"""The annotation that ties an image's name to its entry where no digest does (THICK-5)."""

_MAX_INDEX = 64 * 1024 * 1024


class Layout:
    """An OCI image layout. Source: OCI image-spec, image-layout."""

    repository = None

    def __init__(self, archive: Archive) -> None:
        """Read the layout's index. Raises `Refusal` if it has none, or of another version."""
        self._archive = archive
        marker = f"{LAYOUT}/oci-layout"
        if marker in archive:
            content = archive.read(marker, MAX_MANIFEST)
            read_document(content, marker, "image-layout", "the marker of an image layout")
        path = f"{LAYOUT}/index.json"
        index = read_document(archive.read(path, _MAX_INDEX), path, "image-index", "an index")
        self._entries = [
            (read_descriptor(entry, path), entry.get("annotations", {}).get(REF_NAME))
            for entry in index["manifests"]
        ]

    def resolve(self, name: ImageName, references: Iterable[str], digest: str | None) -> Manifest:
        """Return the image that a bundle calls *references*, by its digest if that is known.

        Without a digest the entry whose ref.name annotation is the name counts, in its normal
        form or as in the bundle; it must be the only one (THICK-4, THICK-5, THICK-6).
        """
        if digest:
            known = (entry for entry, _ in self._entries if entry.digest == digest)
            return self._read(digest, next(known, None))
        names = {str(name), *references, *(str(parse(reference)) for reference in references)}
        found = {entry.digest: entry for entry, ref_name in self._entries if ref_name in names}
        if len(found) != 1:
            number = "several entries" if found else "no entry"
            raise Refusal(f"the bundle's archive has {number} for {name}")
        return self.manifest(*found.values())

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """Return the manifest that *descriptor* names, verified."""
        return self._read(descriptor.digest, descriptor)

    def blob(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Yield a blob's bytes, unchecked."""
        return self._archive.stream(_path(descriptor.digest))

    def _read(self, digest: str, descriptor: Descriptor | None) -> Manifest:
        content = self._archive.read(_path(digest), MAX_MANIFEST)
        return read_manifest(content, descriptor.media_type if descriptor else "", digest)


def _path(digest: str) -> str:
    algorithm, _, hexadecimal = digest.partition(":")
    return f"{LAYOUT}/blobs/{algorithm}/{hexadecimal}"
