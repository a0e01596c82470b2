import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from registry_fixtures.content import DOCKER_LIST, OCI_INDEX, Node
from registry_fixtures.shapes import (
    SHAPES,
    Shape,
    annotated_image,
    multi_arch,
    nested_index,
    sha512_children,
    shared_layer_pair,
    single,
    with_attestation,
    with_subject,
)
from relocation_schemas import validate

each_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)


def named_in(document: dict[str, Any]) -> Iterator[str]:
    """The digests of all descriptors in `document`, but its subject's."""
    for part in [document.get("config"), *document.get("layers", document.get("manifests", []))]:
        if part is not None:
            yield part["digest"]


@each_shape
def test_a_shape_is_the_same_each_time(shape: Shape) -> None:
    assert shape() == shape(0)


@each_shape
def test_another_seed_is_another_image(shape: Shape) -> None:
    assert shape(1).digest != shape(2).digest


@each_shape
def test_every_child_is_named_by_its_parents_bytes(shape: Shape) -> None:
    for node in shape().manifests():
        named = list(named_in(json.loads(node.content)))
        assert named == [child.digest for child in node.children]


@each_shape
def test_every_digest_is_the_hash_of_its_content(shape: Shape) -> None:
    for node in shape().walk():
        algorithm, _, encoded = node.digest.partition(":")
        assert hashlib.new(algorithm, node.content).hexdigest() == encoded


@each_shape
def test_every_manifest_is_valid(shape: Shape) -> None:
    for node in shape().manifests():
        kind = "image-index" if node.media_type in (OCI_INDEX, DOCKER_LIST) else "image-manifest"
        validate(json.loads(node.content), kind)


def test_shapes_have_names_of_their_own() -> None:
    assert len({shape.__name__ for shape in SHAPES}) == len(SHAPES)


def test_multi_arch_has_three_images_that_share_nothing() -> None:
    images = multi_arch().children

    digests = [node.digest for one in images for node in one.walk()]
    assert (len(images), len(digests)) == (3, len(set(digests)))


def test_a_nested_index_names_one_image_twice() -> None:
    shared, inner = nested_index().children

    assert (inner.media_type, inner.children[0]) == (OCI_INDEX, shared)


def test_with_attestation_attests_the_image_beside_it() -> None:
    built, provenance = with_attestation().children

    annotations = provenance.descriptor()["annotations"]
    assert annotations["vnd.docker.reference.digest"] == built.digest


def test_an_annotated_image_has_text_that_json_libraries_escape() -> None:
    content = annotated_image().content

    assert content != json.dumps(json.loads(content), separators=(",", ":")).encode()
    assert b"<&>" in content


def test_with_subject_refers_to_the_single_image() -> None:
    assert json.loads(with_subject(3).content)["subject"]["digest"] == single(3).digest


def test_sha512_children_are_addressed_by_either_algorithm() -> None:
    algorithms = [child.algorithm for child in sha512_children().children]

    assert algorithms == ["sha256", "sha512"]


def test_a_shared_layer_pair_shares_layers_alone() -> None:
    base, built = shared_layer_pair()

    def digests(node: Node) -> set[str]:
        return {below.digest for below in node.walk()}

    assert digests(base) & digests(built) == {layer.digest for layer in base.children[1:]}
