"""When a success counts: only if something arrived."""

from __future__ import annotations

from registry_fixtures.client import PlacedImage
from relocation_conformance.destination import Destination
from relocation_conformance.targets import Relocation, Target
from relocation_conformance.targets.target import Writable


def relocated(target: Target, bundle: Writable, *, to: Destination) -> Relocation:
    """Return a relocation of *bundle* to a place where nothing was before.

    Raises AssertionError, with the evidence, as `arrived` does.
    """
    return arrived(target.relocate(bundle, to=to), to)


def arrived(done: Relocation, to: Destination) -> Relocation:
    """Return the relocation *done* to a place where nothing was before.

    Raises AssertionError, with the evidence, when it was not done, wrote no mapping that can be
    read or an empty one, or pushed no image: a target that promises and does nothing keeps no rule.
    """
    if not done.mapping:
        raise AssertionError(f"exit status 0, but nothing was mapped\n{done.evidence}")
    if not to.pushed_manifests():
        raise AssertionError(f"exit status 0, but nothing was pushed\n{done.evidence}")
    return done


def assert_whole(destination: Destination, original: PlacedImage, moved: str) -> None:
    """Hold that all that the original names is where *moved* is, byte for byte."""
    for node in list(original.walk())[1:]:
        if not destination.has(moved, node.digest):
            raise AssertionError(
                f"{original.reference} names {node.digest}, {node.media_type}; "
                f"its copy {moved} lacks it"
            )
        if destination.read(moved, node) != node.content:
            raise AssertionError(f"{original.reference} names {node}, which is not what it was")
