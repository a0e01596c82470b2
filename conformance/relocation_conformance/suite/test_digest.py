"""DIGEST: content arrives as it was."""

from __future__ import annotations

import pytest

from registry_fixtures.bundles import bundled, thin_bundle
from registry_fixtures.client import PlacedImage, RegistryError
from registry_fixtures.content import Node
from registry_fixtures.faults import Fault, method, reference, substitute
from registry_fixtures.layouts import corrupted
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import (
    Shape,
    docker_foreign_layer,
    multi_arch,
    nested_index,
    non_distributable,
    single,
)
from relocation_conformance.arrivals import assert_whole, relocated
from relocation_conformance.destination import Destination
from relocation_conformance.placing import ORDINARY, WITH_SHA512, pieces, placed
from relocation_conformance.references import repository
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.targets import Target

OTHER = single("another image").digest


def shapes(*chosen: Shape) -> pytest.MarkDecorator:
    """Run a check once for each kind of image."""
    return pytest.mark.parametrize("shape", chosen, ids=lambda shape: shape.__name__)


def assert_same_digest(destination: Destination, original: PlacedImage, moved: str) -> None:
    """Hold that *moved* is the original, or say what it is instead."""
    content, media_type = destination.manifest(moved)
    if content != original.node.content:
        raise AssertionError(
            f"{original.reference} is {original.digest}, {original.node.media_type}; "
            f"its copy {moved} is {destination.resolve(moved)}, {media_type}"
        )


def assert_media_type(destination: Destination, node: Node, moved: str) -> None:
    """Hold that *moved* is served with the media type that *node* has, or say with which."""
    served = destination.manifest(moved)[1]
    if served != node.media_type:
        raise AssertionError(
            f"{node.digest} is of {node.media_type}; {moved} is served as {served}"
        )


@requirement("DIGEST-1")
@shapes(*ORDINARY)
def test_an_image_keeps_its_digest(
    target: Target, source: Registry, destination: Destination, shape: Shape
) -> None:
    """A relocated image has the digest of the original image."""
    original = placed(shape, source, destination)

    done = target.relocate(thin_bundle(original), to=destination)

    assert_same_digest(destination, original, done.mapping[original.reference])


@requirement("DIGEST-2")
@shapes(*ORDINARY)
def test_everything_that_an_image_names_arrives_byte_for_byte(
    target: Target, source: Registry, destination: Destination, shape: Shape
) -> None:
    """All that an index or manifest names arrives: manifests, configs and layers."""
    original = placed(shape, source, destination)

    done = target.relocate(thin_bundle(original), to=destination)

    assert_whole(destination, original, done.mapping[original.reference])


@requirement("DIGEST-3")
@shapes(*ORDINARY)
def test_manifests_keep_their_media_types(
    target: Target, source: Registry, destination: Destination, shape: Shape
) -> None:
    """A relocated manifest or index is served with the media type of the original."""
    original = placed(shape, source, destination)

    done = target.relocate(thin_bundle(original), to=destination)

    moved = done.mapping[original.reference]
    assert_media_type(destination, original.node, moved)
    for node in original.node.manifests():
        if destination.has(moved, node.digest):
            assert_media_type(destination, node, f"{repository(moved)}@{node.digest}")


@requirement("DIGEST-4")
def test_an_image_of_another_content_digest_is_refused(
    target: Target, source: Registry, destination: Destination
) -> None:
    """An image whose digest is not the contentDigest that the bundle gives is refused."""
    original = source.push(single(), "acme/app")
    twin = target.relocate(thin_bundle(original), to=destination.afresh())
    source.recorder.clear()

    bundle = thin_bundle(bundled(original, content_digest=OTHER))
    relocation = target.relocate(bundle, to=destination)

    met = source.recorder.matching(kind="manifests", repository=original.name)
    assert_refused(relocation, twin=twin, met=met)


@requirement("DIGEST-5")
def test_contradicting_digests_are_refused_before_anything_is_pushed(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A reference's digest that contradicts contentDigest is refused before anything is pushed."""
    first, original = source.push(multi_arch(), "acme/first"), source.push(single(), "acme/app")
    pinned = (original.pinned, original.node)
    twin = target.relocate(thin_bundle(first, pinned), to=destination.afresh())
    destination.recorder.clear()

    bundle = thin_bundle(first, bundled(pinned, content_digest=OTHER))
    relocation = target.relocate(bundle, to=destination)

    assert_refused(relocation, twin=twin, met=None)
    assert destination.writes() == ()


@requirement("DIGEST-6")
@pytest.mark.parametrize("piece", ["index", "manifest", "config", "layer"])
def test_content_that_is_not_its_digest_is_refused(
    target: Target, source: Registry, destination: Destination, piece: str
) -> None:
    """Bytes that do not match their digest are refused, though a header says that they do."""
    original = source.push(multi_arch(destination.path), "acme/app")
    wrong = pieces(original.node)[piece]
    lie = substitute(corrupted(wrong.content))  # the header still gives the digest
    fault = source.faults.add(Fault(lie, reference(wrong.digest) & method("GET")))
    bundle = thin_bundle((original.pinned, original.node))

    relocation = target.relocate(bundle, to=destination)

    source.faults.clear()
    twin = target.relocate(bundle, to=destination.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("DIGEST-7")
@pytest.mark.parametrize("lost", ["manifest", "config", "layer"])
def test_a_manifest_that_is_there_proves_nothing_of_what_it_names(
    target: Target, source: Registry, destination: Destination, lost: str
) -> None:
    """What is missing below an image that is at the destination already is put in place."""
    original = source.push(multi_arch(), "acme/app")
    node = pieces(original.node)[lost]
    moved = relocated(target, thin_bundle(original), to=destination).mapping[original.reference]
    try:
        destination.delete(moved, node)
    except RegistryError as refusal:
        pytest.skip(f"the registry does not delete: {refusal}")

    again = target.relocate(thin_bundle(original), to=destination)

    assert destination.read(again.mapping[original.reference], node) == node.content


@requirement("DIGEST-8")
def test_what_is_there_already_is_not_sent_again(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A second relocation sends no blob that is at the destination already."""
    bundle = thin_bundle(source.push(multi_arch(), "acme/app"))
    relocated(target, bundle, to=destination)
    destination.recorder.clear()

    again = target.relocate(bundle, to=destination)

    assert again.mapping
    sent = [each for each in destination.recorder.matching(kind="uploads") if each.bytes_received]
    assert sent == []


@requirement("DIGEST-9")
@shapes(non_distributable, docker_foreign_layer)
def test_non_distributable_layers_are_not_needed(
    target: Target, source: Registry, destination: Destination, shape: Shape
) -> None:
    """An image is relocated without the bytes of layers that no registry holds."""
    original = placed(shape, source, destination)

    done = target.relocate(thin_bundle(original), to=destination)

    assert destination.manifest(done.mapping[original.reference])[0] == original.node.content


@requirement("DIGEST-10")
def test_an_index_within_an_index_arrives_whole(
    target: Target, source: Registry, destination: Destination
) -> None:
    """An index that names an index is relocated with all that both of them name."""
    original = placed(nested_index, source, destination)

    done = target.relocate(thin_bundle(original), to=destination)

    assert_same_digest(destination, original, done.mapping[original.reference])
    assert_whole(destination, original, done.mapping[original.reference])


@requirement("DIGEST-11")
@shapes(*WITH_SHA512)
def test_content_addressed_by_sha512_arrives_whole(
    target: Target, source: Registry, destination: Destination, shape: Shape
) -> None:
    """An image with SHA-512 digests in it is relocated."""
    original = placed(shape, source, destination)

    done = target.relocate(thin_bundle(original), to=destination)

    assert_same_digest(destination, original, done.mapping[original.reference])
    assert_whole(destination, original, done.mapping[original.reference])
