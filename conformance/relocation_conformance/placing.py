"""Images where a check needs them, unless the registries at hand do not take such."""

from __future__ import annotations

from typing import NoReturn

import pytest

from registry_fixtures.client import PlacedImage, RegistryError
from registry_fixtures.content import Node
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import (
    SHAPES,
    Shape,
    nested_index,
    sha512_children,
    sha512_descriptors,
    single,
    with_subject,
)
from relocation_conformance.destination import Destination

WITH_SHA512 = (sha512_descriptors, sha512_children)
ORDINARY = tuple(shape for shape in SHAPES if shape not in (nested_index, *WITH_SHA512))
"""The kinds of image that the OCI specifications ask everybody to take."""


def placed(shape: Shape, source: Registry, destination: Destination) -> PlacedImage:
    """Return an image of *shape* in the source, once the destination has taken one like it.

    One with a subject has that beside it: some tools take it along.
    """
    node = taken(shape, destination)
    name = f"acme/{shape.__name__.replace('_', '-')}"
    try:
        if shape is with_subject:
            source.push(single(), name, tag=None)
        return source.push(node, name)
    except RegistryError as refusal:
        _not_testable(shape, refusal)


def taken(shape: Shape, destination: Destination) -> Node:
    """Return an image of *shape*, once the destination has taken one like it.

    What a registry refuses from anybody no relocator can put there, so the check is skipped: it
    cannot be tested here.
    """
    try:
        destination.afresh().push(shape("to see whether it is taken"), "probe", "v1")
    except RegistryError as refusal:
        _not_testable(shape, refusal)
    return shape()


def pieces(node: Node) -> dict[str, Node]:
    """Return an index, and its first manifest with that one's config and last layer, by name."""
    manifest = node.children[0]
    config, *_, layer = manifest.children
    return {"index": node, "manifest": manifest, "config": config, "layer": layer}


def _not_testable(shape: Shape, refusal: RegistryError) -> NoReturn:
    pytest.skip(f"the registry takes no image such as {shape.__name__}: {refusal}")
