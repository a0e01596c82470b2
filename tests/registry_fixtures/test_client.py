"""The fixtures' client puts everything in place and reports what is there."""

from collections.abc import Iterator

import pytest

from registry_fixtures.client import Missing, RegistryClient, RegistryError
from registry_fixtures.content import Node
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, corrupt, redirect
from registry_fixtures.shapes import multi_arch, nested_index, sha512_descriptors, single

NOWHERE = "sha256:" + "0" * 64


@pytest.fixture
def stranger(registry: EmbeddedRegistry) -> Iterator[RegistryClient]:
    """A client that faults apply to."""
    client = RegistryClient(registry.url)
    yield client
    client.close()


def test_pushed_image_is_there_with_all_that_it_names(registry: EmbeddedRegistry) -> None:
    placed = registry.push(nested_index())

    assert all(registry.has(placed.name, node.digest) for node in placed.walk())
    assert registry.resolve(placed.name, "v1") == placed.digest


def test_image_without_a_tag_is_found_by_digest_alone(registry: EmbeddedRegistry) -> None:
    placed = registry.push(single(), tag=None)

    assert registry.tags(placed.name) == []
    assert registry.manifest(placed.name, placed.digest)[0] == placed.node.content


def test_placed_image_has_all_kinds_of_references(registry: EmbeddedRegistry) -> None:
    placed = registry.push(single(), name="acme/app", tag="v1")

    where = f"{registry.host}/acme/app"
    assert placed.repository == where
    assert placed.reference == f"{where}:v1"
    assert placed.pinned == f"{where}@{placed.digest}"
    assert placed.tagged_and_pinned == f"{where}:v1@{placed.digest}"


def test_placed_image_without_a_tag_is_referred_to_by_digest(registry: EmbeddedRegistry) -> None:
    placed = registry.push(single(), tag=None)

    assert placed.reference == placed.tagged_and_pinned == placed.pinned


def test_image_is_pushed_under_its_own_algorithm(registry: EmbeddedRegistry) -> None:
    placed = registry.push(sha512_descriptors())

    assert registry.read(placed.name, placed.node) == placed.node.content


def test_child_that_is_met_twice_is_pushed_before_both_its_parents(
    registry: EmbeddedRegistry,
) -> None:
    inner = single()
    index = multi_arch()
    outer = Node(
        content=b'{"schemaVersion":2,"manifests":[]}',
        media_type=index.media_type,
        children=(index, inner, Node(index.content + b" ", index.media_type, children=(inner,))),
    )
    twice = Node(outer.content + b" ", outer.media_type, children=(outer, inner))

    placed = registry.push(twice)

    assert all(registry.has(placed.name, node.digest) for node in placed.walk())


def test_node_is_read_as_what_it_is(registry: EmbeddedRegistry) -> None:
    image = single()
    as_blob = Node(image.content, "application/octet-stream")
    registry.push(as_blob, name="a", tag=None)

    with pytest.raises(Missing):
        registry.read("a", image)

    assert registry.read("a", image.digest) == image.content


@pytest.mark.parametrize("what", [NOWHERE, "sha512:" + "0" * 128])
def test_reading_what_is_not_there_says_so(registry: EmbeddedRegistry, what: str) -> None:
    registry.push(single(), name="a")

    with pytest.raises(Missing, match="404"):
        registry.read("a", what)


def test_unknown_repository_has_no_tags(registry: EmbeddedRegistry) -> None:
    assert registry.tags("nowhere") == []


@pytest.mark.parametrize("reference", ["v1", NOWHERE])
def test_what_was_never_pushed_is_not_had(registry: EmbeddedRegistry, reference: str) -> None:
    assert not registry.has("nowhere", reference)


def test_deleted_content_is_gone(registry: EmbeddedRegistry) -> None:
    placed = registry.push(single())

    for node in placed.walk():
        delete = registry.delete_manifest if node.is_manifest else registry.delete_blob
        delete(placed.name, node.digest)

    assert not any(registry.has(placed.name, node.digest) for node in placed.walk())


def test_deleting_what_is_not_there_says_so(registry: EmbeddedRegistry) -> None:
    with pytest.raises(Missing):
        registry.delete_manifest("a", NOWHERE)


def test_refused_push_tells_the_registrys_reason(registry: EmbeddedRegistry) -> None:
    with pytest.raises(RegistryError, match=r"PUT .*/v2/A/manifests/v1.*: 400 .*NAME_INVALID"):
        registry.put_manifest("A", "v1", b"{}", "application/json")


def test_client_reads_wrong_bytes_as_they_are_served(
    registry: EmbeddedRegistry, stranger: RegistryClient
) -> None:
    layer = registry.push(single(), name="a").node.blobs()[0]
    registry.faults.add(Fault(corrupt()))

    assert stranger.blob("a", layer.digest) != layer.content


def test_client_follows_redirects(registry: EmbeddedRegistry, stranger: RegistryClient) -> None:
    layer = registry.push(single(), name="a").node.blobs()[0]
    to = f"{registry.url}/v2/a/blobs/{layer.digest}?again"
    registry.faults.add(Fault(redirect(to), times=1))

    assert stranger.blob("a", layer.digest) == layer.content
    assert len(registry.recorder.exchanges) == 2


def test_pages_are_put_together(registry: EmbeddedRegistry) -> None:
    for tag in ("a", "b", "c"):
        registry.push(single(), tag=tag)
    paged = RegistryClient(registry.url)

    assert paged._listed("/v2/acme/app/tags/list?n=1", "tags") == ["a", "b", "c"]
    paged.close()
