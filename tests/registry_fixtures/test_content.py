import hashlib

import pytest

from registry_fixtures.content import OCI_INDEX, OCI_MANIFEST, Node

LAYER = "application/vnd.oci.image.layer.v1.tar"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_digest_is_the_hash_of_the_content(algorithm: str) -> None:
    node = Node(b"content", LAYER, algorithm)

    assert node.digest == f"{algorithm}:{hashlib.new(algorithm, b'content').hexdigest()}"


def test_a_descriptor_has_the_type_the_digest_and_the_size() -> None:
    node = Node(b"content", LAYER)

    assert node.descriptor() == {"mediaType": LAYER, "digest": node.digest, "size": 7}


def test_a_descriptor_carries_the_fields_that_its_parent_adds() -> None:
    node = Node(b"content", LAYER, descriptor_fields={"annotations": {"a": "b"}})

    assert node.descriptor()["annotations"] == {"a": "b"}


@pytest.mark.parametrize(("media_type", "expected"), [(OCI_INDEX, True), (LAYER, False)])
def test_indexes_are_manifests_and_layers_are_not(media_type: str, expected: bool) -> None:
    assert Node(b"", media_type).is_manifest is expected


def test_a_walk_meets_each_digest_once() -> None:
    layer = Node(b"layer", LAYER)
    manifest = Node(b"manifest", OCI_MANIFEST, children=(layer, layer))

    assert list(manifest.walk()) == [manifest, layer]


def test_a_walk_meets_children_in_their_order() -> None:
    first, second = Node(b"first", LAYER), Node(b"second", LAYER)
    manifest = Node(b"manifest", OCI_MANIFEST, children=(first, second))

    assert list(manifest.walk()) == [manifest, first, second]


def test_a_walk_meets_a_node_after_all_that_name_it() -> None:
    shared = Node(b"shared", OCI_MANIFEST)
    inner = Node(b"inner", OCI_INDEX, children=(shared,))
    outer = Node(b"outer", OCI_INDEX, children=(shared, inner))

    assert list(outer.walk()) == [outer, inner, shared]


def test_a_walk_leaves_out_what_is_not_distributable() -> None:
    layer = Node(b"layer", LAYER, distributable=False)
    manifest = Node(b"manifest", OCI_MANIFEST, children=(layer,))

    assert list(manifest.walk()) == [manifest]


def test_a_walk_divides_into_manifests_and_blobs() -> None:
    layer = Node(b"layer", LAYER)
    manifest = Node(b"manifest", OCI_MANIFEST, children=(layer,))

    assert (manifest.manifests(), manifest.blobs()) == ((manifest,), (layer,))


def test_a_node_is_shown_by_its_type_and_digest_not_by_its_bytes() -> None:
    node = Node(b"content", LAYER)

    assert repr(node) == f"<Node {LAYER} {node.digest}>"
