import gzip
import hashlib
import json
import tarfile
import time
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_fixtures.content import DOCKER_LIST, DOCKER_MANIFEST, OCI_EMPTY, Node
from registry_fixtures.images import (
    ImageOption,
    Option,
    annotated,
    artifact,
    attestation,
    built_from,
    docker,
    image,
    index,
    layers,
    non_distributable_layer,
    odd_white_space,
    platform,
    sha512,
    sha512_blobs,
    subject_of,
    uncompressed,
    unknown_fields,
    zstd,
)
from relocation_schemas import validate

OPTIONS: list[Option | ImageOption] = [
    annotated(a="b"),
    docker(),
    layers(3),
    non_distributable_layer(),
    odd_white_space(),
    platform("linux/arm/v7"),
    sha512(),
    sha512_blobs(),
    uncompressed(),
    unknown_fields(),
    zstd(),
]


def parsed(node: Node) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(node.content)
    return document


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@given(options=st.lists(st.sampled_from(OPTIONS)), seed=st.integers())
def test_the_same_options_and_seed_give_the_same_image(
    options: list[Option | ImageOption], seed: int
) -> None:
    assert image(*options, seed=seed) == image(*options, seed=seed)


@given(options=st.lists(st.sampled_from(OPTIONS)))
def test_every_combination_of_options_is_a_valid_manifest(
    options: list[Option | ImageOption],
) -> None:
    validate(parsed(image(*options)), "image-manifest")


@given(options=st.lists(st.sampled_from(OPTIONS)))
def test_a_manifest_names_its_children_in_their_order(
    options: list[Option | ImageOption],
) -> None:
    built = image(*options)

    named = [parsed(built)["config"], *parsed(built)["layers"]]
    assert [one["digest"] for one in named] == [child.digest for child in built.children]


@given(seeds=st.lists(st.integers() | st.text(max_size=9), min_size=2, max_size=2, unique_by=str))
def test_another_seed_gives_other_digests_throughout(seeds: list[int | str]) -> None:
    one, other = ({node.digest for node in image(layers(2), seed=s).walk()} for s in seeds)

    assert one & other == set()


def test_another_seed_gives_another_image_without_layers() -> None:
    one, other = image(layers(0), seed=1), image(layers(0), seed=2)

    assert one.children[0].digest != other.children[0].digest


def test_a_config_holds_the_digests_of_the_unpacked_layers() -> None:
    config, *packed = image(layers(3)).children

    unpacked = [digest_of(gzip.decompress(layer.content)) for layer in packed]
    assert parsed(config)["rootfs"]["diff_ids"] == unpacked


def test_a_layer_is_a_tar_with_one_file_of_the_size_asked_for() -> None:
    layer = image(layers(1, size=1000)).children[1]

    with tarfile.open(fileobj=BytesIO(layer.content), mode="r:gz") as archive:
        assert [info.size for info in archive] == [1000]


def test_the_platform_stands_in_the_config() -> None:
    config = parsed(image(platform("linux/arm/v7")).children[0])

    assert (config["os"], config["architecture"], config["variant"]) == ("linux", "arm", "v7")


def test_the_platform_stands_in_the_descriptor() -> None:
    descriptor = image(platform("linux/arm64")).descriptor()

    assert descriptor["platform"] == {"os": "linux", "architecture": "arm64"}


def test_docker_content_has_dockers_media_types_alone() -> None:
    built = image(docker(), layers(2), non_distributable_layer())

    types = [built.media_type, *(child.media_type for child in built.children)]
    assert types == [
        DOCKER_MANIFEST,
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    ]


@pytest.mark.parametrize(
    ("option", "media_type"),
    [
        (layers(1), "application/vnd.oci.image.layer.v1.tar+gzip"),
        (uncompressed(), "application/vnd.oci.image.layer.v1.tar"),
        (zstd(), "application/vnd.oci.image.layer.v1.tar+zstd"),
        (
            non_distributable_layer(),
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        ),
    ],
)
def test_a_layers_media_type_says_how_it_is_packed(option: ImageOption, media_type: str) -> None:
    assert image(option).children[1].media_type == media_type


def test_a_non_distributable_layer_says_where_it_is() -> None:
    built = image(layers(2), non_distributable_layer("https://example.com/layer"))

    urls = [layer.get("urls") for layer in parsed(built)["layers"]]
    assert urls == [["https://example.com/layer"], None]


def test_a_manifest_with_odd_white_space_cannot_be_written_by_a_serialiser() -> None:
    content = image(odd_white_space()).content

    plain = [json.dumps(json.loads(content), indent=indent).encode() for indent in (None, 3, "\t")]
    assert content not in plain
    assert content.strip() != content


def test_unknown_fields_stand_in_the_manifest_and_in_each_descriptor() -> None:
    document = parsed(image(unknown_fields(), layers(2)))

    holders = [document, document["config"], *document["layers"]]
    assert all("future" in holder for holder in holders)


def test_annotations_stand_in_the_manifest_and_in_each_descriptor() -> None:
    document = parsed(image(annotated({"com.example": "x"}), annotated(b="y"), layers(2)))

    holders = [document, document["config"], *document["layers"]]
    assert {json.dumps(holder["annotations"]) for holder in holders} == {
        '{"com.example": "x", "b": "y"}'
    }


def test_an_artifact_has_the_empty_config() -> None:
    config = image(artifact("application/vnd.example+json")).children[0]

    assert (config.media_type, config.content) == (OCI_EMPTY, b"{}")


def test_an_artifact_says_its_type() -> None:
    built = image(artifact("application/vnd.example+json"))

    assert parsed(built)["artifactType"] == "application/vnd.example+json"


def test_a_subject_is_named_by_the_manifest() -> None:
    subject = image(platform("linux/arm64"), seed=1)

    named = parsed(image(subject_of(subject)))["subject"]
    assert named == {
        "mediaType": subject.media_type,
        "digest": subject.digest,
        "size": subject.size,
    }


def test_a_subject_is_not_walked() -> None:
    subject = image(seed=1)

    assert subject not in image(subject_of(subject)).walk()


def test_an_image_built_from_another_starts_with_its_layers() -> None:
    base = image(layers(2))

    built = image(built_from(base), seed=1)

    assert built.children[1:3] == base.children[1:]


def test_an_image_built_from_another_has_a_diff_id_for_every_layer() -> None:
    built = image(built_from(image(layers(2))), layers(3), seed=1)

    assert len(parsed(built.children[0])["rootfs"]["diff_ids"]) == 5


def test_sha512_addresses_the_manifest() -> None:
    assert image(sha512()).digest.startswith("sha512:")


def test_sha512_blobs_addresses_the_config_and_the_last_layer() -> None:
    children = image(layers(3), sha512_blobs()).children

    algorithms = [child.digest.partition(":")[0] for child in children]
    assert algorithms == ["sha512", "sha256", "sha256", "sha512"]


def test_an_index_names_its_children_in_their_order() -> None:
    children = [image(seed=seed) for seed in range(3)]

    named = [one["digest"] for one in parsed(index(*children))["manifests"]]
    assert named == [child.digest for child in children]


@pytest.mark.parametrize(
    "option",
    [annotated(a="b"), docker(), odd_white_space(), sha512(), unknown_fields()],
)
def test_every_option_of_an_index_gives_a_valid_index(option: Option) -> None:
    document = parsed(index(image(platform("linux/amd64")), option))

    validate(document, "image-index")


def test_an_index_for_docker_is_a_manifest_list() -> None:
    built = index(image(docker()), docker())

    assert (built.media_type, parsed(built)["mediaType"]) == (DOCKER_LIST, DOCKER_LIST)


def test_an_attestation_says_which_image_it_is_about() -> None:
    built = image()

    annotations = attestation(built).descriptor()["annotations"]
    assert annotations == {
        "vnd.docker.reference.digest": built.digest,
        "vnd.docker.reference.type": "attestation-manifest",
    }


def test_an_attestation_is_for_no_platform() -> None:
    described = attestation(image()).descriptor()["platform"]

    assert described == {"os": "unknown", "architecture": "unknown"}


def test_an_attestation_holds_an_in_toto_statement_about_the_image() -> None:
    built = image()

    (statement,) = attestation(built).children[1:]

    assert statement.media_type == "application/vnd.in-toto+json"
    assert parsed(statement)["subject"][0]["digest"] == {"sha256": built.digest.split(":")[1]}


def test_two_hundred_images_are_made_in_under_a_second() -> None:
    started = time.perf_counter()

    digests = {image(seed=seed).digest for seed in range(200)}

    assert len(digests) == 200
    assert time.perf_counter() - started < 1
