"""Members of archives that lead out of them, for the checks of SAFE-1 and SAFE-2."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from registry_fixtures.archives import Member
from registry_fixtures.bundles import LAYOUT
from registry_fixtures.content import Node
from registry_fixtures.layouts import blob_path


def above(_: Path) -> list[Member]:
    """Name members above the archive."""
    return [Member(f"{'../' * levels}escaped-{levels}", b"x") for levels in range(1, 4)]


def absolute(folder: Path) -> list[Member]:
    """Name a member by its place in the file system."""
    return [Member(f"{folder}/escaped", b"x")]


def through_a_link(folder: Path) -> list[Member]:
    """Put a member behind a link to a folder outside."""
    return [Member("out", link_to=str(folder)), Member("out/escaped", b"x")]


def escaped(folder: Path) -> list[Path]:
    """Return what is in *folder* of all that, but not where the whole archive was unpacked to."""
    return [each for each in folder.rglob("escaped*") if not _is_unpacked(each, folder)]


def _is_unpacked(path: Path, folder: Path) -> bool:
    parents = (parent for parent in path.parents if folder in parent.parents)
    return any((parent / "bundle.json").exists() for parent in parents)


def symbolic(layer: Node, folder: Path) -> Member:
    """Put a symbolic link to a local file in the place of a layer."""
    secret = folder / "secret"
    secret.write_bytes(layer.content)
    return Member(LAYOUT + blob_path(layer.digest), link_to=str(secret))


def hard(layer: Node, folder: Path) -> Member:
    """Put a hard link to a local file in the place of a layer."""
    return replace(symbolic(layer, folder), hard=True)


def of_a_folder(layer: Node, folder: Path) -> Member:
    """Put a symbolic link to a local folder in the place of the one with all blobs."""
    secret = folder / blob_path(layer.digest)
    secret.parent.mkdir(parents=True)
    secret.write_bytes(layer.content)
    return Member(f"{LAYOUT}blobs", link_to=str(folder / "blobs"))


WRITES = (above, absolute, through_a_link)
"""What leads to a place to write to, each called with a folder outside."""

LINKS = (symbolic, hard, of_a_folder)
"""What leads to a local file, each called with a layer and a folder to put its bytes into."""
