"""TYPE: which images are relocated."""

from __future__ import annotations

import pytest

from registry_fixtures.bundles import bundled, thin_bundle
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import docker_image, single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.requirements import requirement
from relocation_conformance.targets import Outcome, Target


@requirement("TYPE-1")
@pytest.mark.parametrize("image_type", ["oci", "docker"])
def test_images_of_type_oci_and_docker_are_relocated(
    target: Target, source: Registry, destination: Destination, image_type: str
) -> None:
    """Images of the types oci and docker are relocated."""
    shape = {"oci": single, "docker": docker_image}[image_type]
    original = source.push(shape(), "acme/app")

    done = target.relocate(thin_bundle(bundled(original, image_type=image_type)), to=destination)

    assert destination.resolve(done.mapping[original.reference]) == original.digest


@requirement("TYPE-2")
def test_an_image_without_a_type_is_of_type_oci(
    target: Target, source: Registry, destination: Destination
) -> None:
    """An image without an imageType is relocated as one of type oci."""
    original = source.push(single(), "acme/app")

    done = target.relocate(thin_bundle(bundled(original, image_type=None)), to=destination)

    assert destination.resolve(done.mapping[original.reference]) == original.digest


@requirement("TYPE-3")
@pytest.mark.parametrize("image_type", ["vm", "OCI", "docker-archive"])
def test_an_image_of_another_type_is_not_pushed(
    target: Target, source: Registry, destination: Destination, image_type: str
) -> None:
    """An image of another type is not pushed, whether or not the others are relocated."""
    image, machine = source.push(single(), "acme/app"), source.push(single("vm"), "acme/machine")
    without = destination.afresh()
    twin = relocated(target, thin_bundle(image), to=without)
    bundle = thin_bundle(image, bundled(machine, image_type=image_type))

    relocation = target.relocate(bundle, to=destination)

    assert image.reference in twin.mapping
    assert relocation.outcome is not Outcome.CRASHED, relocation.evidence
    # The image may have been pushed as another one, so its repository counts as well.
    assert len(destination.repositories()) <= len(without.repositories())
    content = [node.digest for node in machine.walk()]
    places = destination.repositories()
    assert [(p, each) for p in places for each in content if destination.has(p, each)] == []


@requirement("TYPE-4")
def test_an_image_of_another_type_keeps_its_key(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A relocation that succeeds beside an image of another type has that image as a key."""
    image = source.push(single(), "acme/app")
    relocated(target, thin_bundle(image), to=destination.afresh())
    machine = bundled("https://example.com/machine.qcow2", image_type="vm")

    relocation = target.relocate(thin_bundle(image, machine), to=destination)

    if relocation.outcome is Outcome.DONE:
        assert machine.reference in relocation.mapping
    else:
        assert relocation.outcome is Outcome.REFUSED, relocation.evidence
