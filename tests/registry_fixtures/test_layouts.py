import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_fixtures.images import image
from registry_fixtures.layouts import (
    REF_NAME,
    blob_members,
    corrupted,
    index_member,
    version_member,
)
from registry_fixtures.shapes import (
    SHAPES,
    Shape,
    docker_image,
    nested_index,
    non_distributable,
    shared_layer_pair,
    single,
)
from relocation_schemas import validate


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_blob_lies_under_its_digest(shape: Shape) -> None:
    for member in blob_members([shape()]):
        folder, algorithm, encoded = member.name.split("/")
        assert hashlib.new(algorithm, member.content).hexdigest() == encoded
        assert folder == "blobs"


def test_a_layout_holds_all_that_the_roots_name() -> None:
    root = nested_index()

    assert {member.content for member in blob_members([root])} == {
        node.content for node in root.walk()
    }


def test_a_layout_holds_a_digest_once() -> None:
    names = [member.name for member in blob_members(shared_layer_pair())]

    assert len(names) == len(set(names))


def test_a_layout_lacks_what_is_not_distributable() -> None:
    root = non_distributable()

    stored = {member.content for member in blob_members([root])}
    assert root.children[1].content not in stored


def test_a_layout_lacks_what_is_omitted() -> None:
    root = single()
    omitted = root.children[1]

    stored = {
        member.content for member in blob_members([root], omitted=frozenset([omitted.digest]))
    }
    assert stored == {node.content for node in root.walk() if node is not omitted}


def test_a_corrupt_blob_lies_under_the_digest_that_it_ought_to_have() -> None:
    root = single()

    good = list(blob_members([root]))
    bad = list(blob_members([root], corrupt=frozenset([root.digest])))
    assert [one.name for one in bad] == [one.name for one in good]
    assert [a == b for a, b in zip(bad, good, strict=True)] == [False, True, True, True]


@given(content=st.binary(min_size=1))
def test_corrupted_content_is_as_long_and_different(content: bytes) -> None:
    wrong = corrupted(content)

    assert (len(wrong), wrong != content) == (len(content), True)


@pytest.mark.parametrize("shape", [single, docker_image, nested_index])
def test_a_corrupted_manifest_still_says_the_same(shape: Shape) -> None:
    content = shape().content

    assert json.loads(corrupted(content)) == json.loads(content)


def test_an_index_has_an_entry_for_each_name() -> None:
    node = image()

    entries = json.loads(index_member([("a", node), ("b", node), ("a", node)]).content)
    named = [(one["digest"], one["annotations"][REF_NAME]) for one in entries["manifests"]]
    assert named == [(node.digest, "a"), (node.digest, "b")]


def test_an_index_without_annotations_has_digests_alone() -> None:
    node = image()

    document = json.loads(index_member([("a", node)], annotate=False).content)
    assert document["manifests"] == [node.descriptor()]


def test_an_index_is_valid() -> None:
    validate(json.loads(index_member([("a", image())]).content), "image-index")


def test_the_version_file_is_valid() -> None:
    validate(json.loads(version_member().content), "image-layout")
