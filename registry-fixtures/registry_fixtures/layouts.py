"""OCI image layouts as the members of an archive, right or with one thing wrong on purpose.

Source: the OCI image specification 1.1, image-layout.md.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from registry_fixtures.archives import Member
from registry_fixtures.content import OCI_INDEX, Node, serialised

REF_NAME: Final = "org.opencontainers.image.ref.name"


def blob_path(digest: str) -> str:
    """Where a layout keeps the content of that digest, `blobs/sha256/...`."""
    return f"blobs/{digest.replace(':', '/', 1)}"


def blob_members(
    roots: Sequence[Node],
    *,
    omitted: frozenset[str] = frozenset(),
    corrupt: frozenset[str] = frozenset(),
) -> Iterator[Member]:
    """A member for each digest below `roots`, once, without the omitted ones."""
    seen = set(omitted)
    for root in roots:
        for node in root.walk():
            if node.digest not in seen:
                seen.add(node.digest)
                content = corrupted(node.content) if node.digest in corrupt else node.content
                yield Member(blob_path(node.digest), content)


def index_member(entries: Sequence[tuple[str, Node]], *, annotate: bool = True) -> Member:
    """The layout's `index.json` for (name, node) entries, one each, but none twice.

    With `annotate` an entry carries its name in the annotation `org.opencontainers.image.ref.name`.
    """
    described: list[dict[str, Any]] = []
    for name, node in entries:
        entry = node.descriptor()
        if annotate:
            entry["annotations"] = {**entry.get("annotations", {}), REF_NAME: name}
        described.append(entry)
    unique = {json.dumps(entry, sort_keys=True): entry for entry in described}
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(unique.values())}
    return Member("index.json", serialised(document))


def version_member() -> Member:
    """The file `oci-layout`, which makes a folder a layout."""
    return Member("oci-layout", serialised({"imageLayoutVersion": "1.0.0"}))


def corrupted(content: bytes) -> bytes:
    """Other bytes of the same length.

    Compact JSON, where its fields allow it, stays JSON and says the same in another order, so
    that nothing but the digest tells.
    """
    reordered = _reordered(content)
    if len(reordered) == len(content) and reordered != content:
        return reordered
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _reordered(content: bytes) -> bytes:
    try:
        document = json.loads(content)
    except ValueError:
        return b""
    if not isinstance(document, dict):
        return b""
    indent = 3 if content.startswith(b"{\n") else None
    return serialised(dict([*document.items()][::-1]), indent)
