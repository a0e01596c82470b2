"""THICK: bundles that carry their images."""

from __future__ import annotations

import pytest

from registry_fixtures.bundles import BundledImage, thick_bundle, thin_bundle
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import Shape, multi_arch, single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.placing import ORDINARY, pieces, taken
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.targets import Target

NAME = "registry.example.com/acme/app:v1"
CARRIED = single("carried")
UNREACHABLE = "127.0.0.1:1/acme/app:v1"


@requirement("THICK-1")
def test_the_original_registries_are_not_contacted(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A thick bundle is relocated though one registry it names is dead, and none is asked."""
    live = source.push(single(), "acme/app")
    bundle = thick_bundle(live, (UNREACHABLE, CARRIED))

    done = target.relocate(bundle, to=destination)

    assert destination.resolve(done.mapping[live.reference]) == live.digest
    assert destination.resolve(done.mapping[UNREACHABLE]) == CARRIED.digest
    assert source.recorder.exchanges == ()


@requirement("THICK-2")
@pytest.mark.parametrize("filename", ["bundle.json", "bundle", "bundle.tar.gz"])
def test_a_thick_bundle_is_known_by_its_content(
    target: Target, destination: Destination, filename: str
) -> None:
    """A thick bundle is relocated whatever the name of its file is."""
    bundle = thick_bundle((NAME, single()), filename=filename)

    done = target.relocate(bundle, to=destination)

    assert destination.resolve(done.mapping[NAME]) == single().digest


@requirement("THICK-2")
def test_a_thin_bundle_is_known_by_its_content(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A thin bundle is relocated although its file's name is that of a thick one."""
    original = source.push(single(), "acme/app")

    done = target.relocate(thin_bundle(original, filename="bundle.tgz"), to=destination)

    assert destination.resolve(done.mapping[original.reference]) == original.digest


@requirement("THICK-3")
def test_a_thick_bundle_is_not_modified(target: Target, destination: Destination) -> None:
    """The archive is the same after the relocation, byte for byte."""
    bundle = thick_bundle((NAME, CARRIED))
    path = bundle.write(target.folder)
    before = path.read_bytes()

    done = target.relocate(path, to=destination)

    assert destination.resolve(done.mapping[NAME]) == CARRIED.digest
    assert path.read_bytes() == before


@requirement("THICK-4")
@pytest.mark.parametrize("shape", ORDINARY, ids=lambda shape: shape.__name__)
def test_an_image_is_found_in_the_archive_by_its_digest(
    target: Target, destination: Destination, shape: Shape
) -> None:
    """An image whose digest the bundle gives is found by it, and arrives whole."""
    node = taken(shape, destination)

    done = target.relocate(thick_bundle((NAME, node), annotate=False), to=destination)

    moved = done.mapping[NAME]
    for piece in node.walk():
        assert destination.read(moved, piece) == piece.content


@requirement("THICK-5")
@pytest.mark.parametrize("name", ["ubuntu", "acme/app:v1", "gcr.io/acme/app/web:v1"])
def test_an_image_is_found_in_the_archive_by_its_name(
    target: Target, destination: Destination, name: str
) -> None:
    """An image whose digest nothing gives is found by its full name in the layout's index."""
    others = [("acme/other:v1", single("other")), ("acme/app:v2", single("newer"))]
    bundle = thick_bundle(*others, (name, CARRIED), content_digests=False)

    done = target.relocate(bundle, to=destination)

    assert destination.resolve(done.mapping[name]) == CARRIED.digest


@requirement("THICK-6")
def test_an_image_that_the_archive_lacks_is_refused_and_not_fetched(
    target: Target, source: Registry, destination: Destination
) -> None:
    """An image that is not in the archive is refused, although its registry has it."""
    outside = source.push(single(), "acme/app")
    named_only = BundledImage(outside.reference, content_digest=outside.digest)
    twin = target.relocate(thick_bundle((NAME, CARRIED), outside), to=destination.afresh())

    relocation = target.relocate(thick_bundle((NAME, CARRIED), named_only), to=destination)

    assert_refused(relocation, twin=twin, met=None)
    assert source.recorder.exchanges == ()


@requirement("THICK-7")
@pytest.mark.parametrize("piece", ["index", "manifest", "config", "layer"])
@pytest.mark.parametrize("defect", ["wrong bytes", "missing"])
def test_a_damaged_archive_is_refused(
    target: Target, destination: Destination, piece: str, defect: str
) -> None:
    """An archive in which a blob is missing, or has other bytes than its digest, is refused."""
    node = multi_arch()
    bad = pieces(node)[piece].digest
    damaged = (
        thick_bundle((NAME, node), corrupt=[bad])
        if defect == "wrong bytes"
        else thick_bundle((NAME, node), omit_blobs=[bad])
    )

    relocation = target.relocate(damaged, to=destination)

    twin = relocated(target, thick_bundle((NAME, node)), to=destination.afresh())
    assert_refused(relocation, twin=twin, met=None)
