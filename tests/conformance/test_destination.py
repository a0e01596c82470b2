from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.shapes import multi_arch, single
from relocation_conformance.destination import Destination


@pytest.fixture(scope="module")
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
def destination(registry: EmbeddedRegistry) -> Destination:
    return Destination.fresh(registry)


def test_prefix_is_the_registrys_host_and_a_path(
    destination: Destination, registry: EmbeddedRegistry
) -> None:
    assert destination.prefix == f"{registry.host}/{destination.path}"


def test_fresh_destinations_are_all_different(registry: EmbeddedRegistry) -> None:
    assert Destination.fresh(registry).prefix != Destination.fresh(registry).prefix


def test_repositories_are_those_below_the_prefix(
    destination: Destination, registry: EmbeddedRegistry
) -> None:
    registry.push(single(), "elsewhere")
    destination.push(single(), "app", "v1")

    assert destination.repositories() == [f"{destination.prefix}/app"]


def test_destination_below_is_part_of_it(destination: Destination) -> None:
    destination.below("twin").push(single(), "app", "v1")

    assert destination.repositories() == [f"{destination.prefix}/twin/app"]


def test_everything_of_an_image_can_be_read_back(destination: Destination) -> None:
    image = destination.push(multi_arch(), "app", "v1")

    for node in image.walk():
        assert destination.read(image.reference, node) == node.content
        assert destination.has(image.reference, node.digest)


def test_reference_is_resolved_by_tag_and_by_digest(destination: Destination) -> None:
    image = destination.push(single(), "app", "latest")

    names = [image.reference, image.repository, image.pinned, image.tagged_and_pinned]
    assert {destination.resolve(name) for name in names} == {image.digest}


def test_manifest_is_served_with_its_media_type(destination: Destination) -> None:
    image = destination.push(single(), "app", "v1")

    assert destination.manifest(image.reference) == (image.node.content, image.node.media_type)


def test_tags_are_those_of_the_repository(destination: Destination) -> None:
    image = destination.push(single(), "app", "v1")

    assert destination.tags(image.pinned) == ["v1"]


def test_own_requests_are_not_recorded(destination: Destination) -> None:
    destination.recorder.clear()

    destination.push(single(), "app", "v1")

    assert destination.recorder.exchanges == ()


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("{prefix}/none:v1", "is not readable at the destination"),
        ("{prefix}/NONE:v1", "is no image reference"),
        ("ubuntu", "is not at the destination"),
        ("127.0.0.1:1/app", "is not at the destination"),
    ],
)
def test_what_is_not_there_is_the_targets_fault(
    destination: Destination, reference: str, said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        destination.resolve(reference.format(prefix=destination.prefix))


def test_blob_that_is_not_there_is_the_targets_fault(destination: Destination) -> None:
    image = destination.push(single(), "app", "v1")

    with pytest.raises(AssertionError, match="is not readable at the destination"):
        destination.read(image.reference, multi_arch())
