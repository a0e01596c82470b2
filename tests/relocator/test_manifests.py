"""What manifests and indexes name."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from registry_fixtures.content import Node
from registry_fixtures.shapes import SHAPES
from relocator.digests import digest_of
from relocator.errors import Refusal
from relocator.manifests import OCI_INDEX, OCI_MANIFEST, Manifest, read_manifest

BLOB = {"mediaType": "application/octet-stream", "digest": digest_of(b"x"), "size": 1}


def read(document: Any, media_type: str = OCI_MANIFEST) -> Manifest:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_manifest(content, media_type, digest_of(content))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_names_what_was_put_into_it(shape: Callable[[], Node]) -> None:
    for node in shape().manifests():
        manifest = read_manifest(node.content, node.media_type, node.digest)

        named = {child.digest for child in (*manifest.manifests, *manifest.blobs)}
        assert named == {child.digest for child in node.children}


def test_the_bytes_stay_as_they_came() -> None:
    content = b'{ "schemaVersion":2,\r\n\t"manifests" : [ ] }\n\n'

    assert read(content, OCI_INDEX).content == content


def test_content_of_another_digest_is_refused() -> None:
    with pytest.raises(Refusal, match="does not match"):
        read_manifest(b"{}", OCI_MANIFEST, digest_of(b"{ }"))


def test_the_document_states_its_type_where_nothing_else_does() -> None:
    manifest = read({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}, "text/plain")

    assert manifest.descriptor.media_type == OCI_INDEX


@pytest.mark.parametrize(
    ("document", "media_type"),
    [
        ({"schemaVersion": 2, "manifests": []}, OCI_INDEX),
        ({"schemaVersion": 2, "config": BLOB, "layers": []}, OCI_MANIFEST),
    ],
)
def test_a_document_that_states_no_type_is_of_ocis(document: Any, media_type: str) -> None:
    assert read(document, "").descriptor.media_type == media_type


@pytest.mark.parametrize(
    ("stated", "said"),
    [(OCI_INDEX, OCI_MANIFEST), (OCI_MANIFEST, OCI_INDEX), ("text/plain", OCI_INDEX)],
)
def test_a_document_that_is_said_to_be_of_another_type_is_refused(stated: str, said: str) -> None:
    with pytest.raises(Refusal, match="is said to be"):
        read({"schemaVersion": 2, "mediaType": stated, "manifests": []}, said)


def test_a_subject_is_not_part_of_the_image() -> None:
    manifest = read({"schemaVersion": 2, "config": BLOB, "layers": [], "subject": BLOB})

    assert manifest.manifests == ()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "not a JSON object"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schemaVersion": 2, "schemaVersion": 2}', "stands twice"),
        ({"schemaVersion": 1, "fsLayers": []}, "schema version 2"),
        ({"schemaVersion": 2, "manifests": [], "layers": []}, "an index and as a manifest"),
        ({"schemaVersion": 2, "layers": {}}, "no array"),
        ({"schemaVersion": 2, "layers": [1]}, "without a media type"),
        ({"schemaVersion": 2, "layers": [{**BLOB, "size": -1}]}, "without a media type"),
        ({"schemaVersion": 2, "layers": [{**BLOB, "size": "1"}]}, "without a media type"),
        ({"schemaVersion": 2, "config": None, "layers": []}, "without a media type"),
        ({"schemaVersion": 2, "layers": [{**BLOB, "digest": "sha256:../x"}]}, "not a digest"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_manifest_is_refused_with_its_reason(document: Any, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        read(document)
