"""What the generators of images and bundles make fits the schemas, whatever options are drawn."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutators import mutations
from registry_fixtures import images
from registry_fixtures.bundles import Bundle, Image, bundled, thick_bundle, thin_bundle
from registry_fixtures.content import DOCKER_LIST, OCI_INDEX, Node
from registry_fixtures.shapes import SHAPES
from relocation_conformance.strategies import repositories, tags
from relocation_schemas import Invalid, validate

PLATFORMS = ("linux/amd64", "linux/arm/v7", "windows/amd64", "unknown/unknown")
ARTIFACT = "application/vnd.example.thing+json"
LAYOUT = "artifacts/layout"

fewer = settings(max_examples=30)
"""A bundle takes long to draw, and holds several of everything."""

texts = st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3)
any_node = st.sampled_from(SHAPES).map(lambda shape: shape())

common_options = st.one_of(
    st.just(images.docker()),
    st.just(images.sha512()),
    st.just(images.unknown_fields()),
    st.just(images.odd_white_space()),
    texts.map(images.annotated),
    any_node.map(images.subject_of),
)
image_options = common_options | st.one_of(
    st.builds(images.layers, st.integers(0, 3), st.integers(0, 99)),
    st.just(images.uncompressed()),
    st.just(images.zstd()),
    st.just(images.sha512_blobs()),
    st.just(images.non_distributable_layer()),
    st.just(images.artifact(ARTIFACT)),
    st.sampled_from(PLATFORMS).map(images.platform),
    st.just(images.built_from(images.image(seed="base"))),
)
drawn_images = st.lists(image_options, max_size=5).map(lambda options: images.image(*options))


def indexes_of(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Indexes of such nodes, with any options."""
    parts = st.tuples(st.lists(nodes, max_size=3), st.lists(common_options, max_size=4))
    return parts.map(lambda drawn: images.index(*drawn[0], *drawn[1]))


drawn_nodes = st.recursive(drawn_images | any_node, indexes_of, max_leaves=4)
image_types = st.sampled_from(["oci", "docker", "", "vm", None])
references = st.tuples(repositories(), st.none() | tags()).map(
    lambda drawn: ":".join(part for part in drawn if part)
)


@st.composite
def bundled_images(draw: st.DrawFn) -> Image:
    """An image of a bundle, said of which is whatever may be said."""
    one = (draw(references), draw(any_node))
    return bundled(one, image_type=draw(image_types), content_digest=draw(st.booleans()))


json_values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())
extensions = st.none() | st.dictionaries(st.text(), json_values, max_size=3)


@st.composite
def thin_bundles(draw: st.DrawFn) -> Bundle:
    """A thin bundle of any images, and with any extensions."""
    named = references | bundled_images()
    return thin_bundle(
        *draw(st.lists(named, min_size=1, max_size=4)),
        invocation_image=draw(st.none() | named),
        content_digests=draw(st.booleans()),
        custom=draw(extensions),
    )


@st.composite
def thick_bundles(draw: st.DrawFn) -> Bundle:
    """A thick bundle of any images, packed in any way that a reader has to understand."""
    return thick_bundle(
        *draw(st.lists(bundled_images(), min_size=1, max_size=4)),
        annotate=draw(st.booleans()),
        blobs_first=draw(st.booleans()),
        custom=draw(extensions),
    )


def kind_of(node: Node) -> str:
    """The name of the schema that a manifest or index is held to."""
    return "image-index" if node.media_type in (OCI_INDEX, DOCKER_LIST) else "image-manifest"


def assert_fits(node: Node) -> None:
    """Hold an image, and everything in it, to the schemas."""
    for each in node.walk():
        validate(each.descriptor(), "descriptor")
        if each.is_manifest:
            validate(json.loads(each.content), kind_of(each))


def members(bundle: Bundle) -> dict[str, Any]:
    """The JSON documents in a thick bundle's archive that are no images, by name."""
    assert bundle.archive is not None
    found = bundle.archive.members(bundle.bundle_json, bundle.images)
    return {one.name: json.loads(one.content) for one in found if "/blobs/" not in one.name}


@given(drawn_nodes)
def test_image_with_any_options_fits(node: Node) -> None:
    assert_fits(node)


@fewer
@given(thin_bundles())
def test_thin_bundle_with_any_images_and_extensions_fits(bundle: Bundle) -> None:
    validate(json.loads(bundle.bundle_json), "bundle")


@fewer
@given(thick_bundles())
def test_documents_of_a_thick_bundle_packed_in_any_way_fit(bundle: Bundle) -> None:
    documents = members(bundle)

    validate(documents.pop("bundle.json"), "bundle")
    validate(documents.pop(f"{LAYOUT}/oci-layout"), "image-layout")
    validate(documents.pop(f"{LAYOUT}/index.json"), "image-index")
    assert documents == {}


@given(drawn_nodes, st.data())
def test_image_with_any_options_and_one_thing_wrong_is_refused(
    node: Node, data: st.DataObject
) -> None:
    document, kind = json.loads(node.content), kind_of(node)
    mutation = data.draw(st.sampled_from(list(mutations(document, kind))))

    with pytest.raises(Invalid):
        validate(mutation.applied(document), kind)


@fewer
@given(thin_bundles(), st.data())
def test_bundle_with_any_images_and_one_thing_wrong_is_refused(
    bundle: Bundle, data: st.DataObject
) -> None:
    mutation = data.draw(st.sampled_from(list(mutations(bundle.document, "bundle"))))

    with pytest.raises(Invalid):
        validate(mutation.applied(bundle.document), "bundle")
