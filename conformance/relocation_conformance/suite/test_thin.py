"""THIN: bundles that name their images."""

from __future__ import annotations

import pytest

from registry_fixtures.bundles import thin_bundle
from registry_fixtures.faults import Fault, answer, reference
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import multi_arch, shared_layer_pair, single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.placing import pieces
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.suite.relocated_names import repository_of
from relocation_conformance.targets import Target


@requirement("THIN-1")
def test_every_image_arrives_under_its_relocated_name(
    target: Target, source: Registry, destination: Destination
) -> None:
    """Invocation image and images are readable at the destination under their relocated names."""
    originals = [source.push(single(seed), f"acme/app-{seed}") for seed in range(4)]

    done = target.relocate(thin_bundle(*originals), to=destination)

    for original in originals:
        assert destination.resolve(done.mapping[original.reference]) == original.digest


@requirement("THIN-2")
@pytest.mark.parametrize("tag", ["v1", "1.2.3-rc.1", "_", "T" * 128])
def test_a_tag_finds_the_relocated_image(
    target: Target, source: Registry, destination: Destination, tag: str
) -> None:
    """x:t is readable as y:t."""
    original = source.push(single(), "acme/app", tag)

    done = target.relocate(thin_bundle(original), to=destination)

    moved = repository_of(done.mapping[original.reference])
    assert destination.resolve(f"{moved}:{tag}") == original.digest


@requirement("THIN-3")
def test_a_digest_finds_the_relocated_image(
    target: Target, source: Registry, destination: Destination
) -> None:
    """x@d is readable as y@d."""
    original = source.push(single(), "acme/app", None)

    done = target.relocate(thin_bundle((original.pinned, original.node)), to=destination)

    moved = repository_of(done.mapping[original.pinned])
    assert destination.resolve(f"{moved}@{original.digest}") == original.digest


@requirement("THIN-4")
def test_tag_and_digest_both_find_the_relocated_image(
    target: Target, source: Registry, destination: Destination
) -> None:
    """x:t@d is readable as y:t and as y@d."""
    original = source.push(single(), "acme/app", "v1")
    name = original.tagged_and_pinned

    done = target.relocate(thin_bundle((name, original.node)), to=destination)

    moved = repository_of(done.mapping[name])
    found = [destination.resolve(f"{moved}:v1"), destination.resolve(f"{moved}@{original.digest}")]
    assert found == [original.digest] * 2


@requirement("THIN-5")
def test_an_image_without_tag_and_digest_is_found_as_latest(
    target: Target, source: Registry, destination: Destination
) -> None:
    """X is readable as y:latest."""
    original = source.push(single(), "acme/untagged", "latest")

    done = target.relocate(thin_bundle((original.repository, original.node)), to=destination)

    moved = repository_of(done.mapping[original.repository])
    assert destination.resolve(f"{moved}:latest") == original.digest


@requirement("THIN-6")
def test_a_thin_bundle_is_not_modified(
    target: Target, source: Registry, destination: Destination
) -> None:
    """The bundle's file is the same after the relocation, byte for byte."""
    bundle = thin_bundle(source.push(single(), "acme/app"))

    done = relocated(target, bundle, to=destination)

    assert set(bundle.references) <= set(done.mapping)
    assert done.bundle.read_bytes() == bundle.bundle_json


@requirement("THIN-7")
@pytest.mark.parametrize("lost", ["index", "manifest", "config", "layer"])
def test_an_image_that_its_registry_lacks_is_refused(
    target: Target, source: Registry, destination: Destination, lost: str
) -> None:
    """A thin bundle with an image that its registry does not have in full is refused."""
    name = f"acme/without-{lost}"
    original = source.push(multi_arch(destination.path), name)
    node = pieces(original.node)[lost]
    names = [node.digest, "v1"] if lost == "index" else [node.digest]
    fault = source.faults.add(Fault(answer(404), reference(*names)))

    relocation = target.relocate(thin_bundle(original), to=destination)

    source.faults.clear()
    twin = target.relocate(thin_bundle(original), to=destination.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("THIN-8")
def test_a_shared_layer_travels_once(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A blob that two images of a bundle share is fetched once and uploaded once."""
    base, built = shared_layer_pair()
    originals = [source.push(base, "acme/base"), source.push(built, "acme/built")]
    distinct = {blob.digest: blob.size for original in originals for blob in original.node.blobs()}

    done = relocated(target, thin_bundle(*originals), to=destination)

    assert set(done.mapping) == {original.reference for original in originals}
    uploaded = sum(each.bytes_received for each in destination.recorder.matching(kind="uploads"))
    fetched = sum(
        each.bytes_sent for each in source.recorder.matching(kind="blobs", method="GET", status=200)
    )
    assert (fetched, uploaded) == (sum(distinct.values()),) * 2
