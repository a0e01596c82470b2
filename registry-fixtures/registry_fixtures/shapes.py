"""The kinds of image worth relocating, each a function of a seed whose name is its test id."""

from typing import Final, Protocol

from registry_fixtures.content import Node
from registry_fixtures.images import (
    Seed,
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

_PROSE = {"org.opencontainers.image.title": 'Größe <&> "\u2028"', "com.example.empty": ""}


class Shape(Protocol):
    """A kind of image; the same seed gives the same bytes."""

    __name__: str

    def __call__(self, seed: Seed = 0) -> Node:
        """An image of this kind."""


def single(seed: Seed = 0) -> Node:
    """An OCI image of two gzipped layers."""
    return image(layers(2), seed=seed)


def docker_image(seed: Seed = 0) -> Node:
    """A Docker schema 2 image of two gzipped layers."""
    return image(layers(2), docker(), seed=seed)


def multi_arch(seed: Seed = 0) -> Node:
    """An OCI index of an image each for amd64, arm64 and 32-bit arm."""
    names = ("linux/amd64", "linux/arm64", "linux/arm/v7")
    return index(*(image(platform(name), seed=seed) for name in names))


def docker_manifest_list(seed: Seed = 0) -> Node:
    """A Docker manifest list of an image each for amd64 and arm64."""
    names = ("linux/amd64", "linux/arm64")
    return index(*(image(platform(name), docker(), seed=seed) for name in names), docker())


def nested_index(seed: Seed = 0) -> Node:
    """An index of an image and of an index, which names that image too and one more."""
    shared = image(platform("linux/amd64"), seed=seed)
    inner = index(shared, image(platform("linux/arm64"), seed=seed))
    return index(shared, inner)


def with_attestation(seed: Seed = 0) -> Node:
    """An index of an image and its provenance, for the platform `unknown/unknown`."""
    built = image(platform("linux/amd64"), seed=seed)
    return index(built, attestation(built, seed))


def empty_config_artifact(seed: Seed = 0) -> Node:
    """An artifact: no image config, but `{}` of the empty media type."""
    return image(artifact("application/vnd.example+json"), layers(2), seed=seed)


def odd_white_space_image(seed: Seed = 0) -> Node:
    """An image whose manifest no JSON serialiser would write like that."""
    return image(odd_white_space(), seed=seed)


def unknown_fields_image(seed: Seed = 0) -> Node:
    """An index of an image, with fields from the future wherever there can be some."""
    return index(image(platform("linux/amd64"), unknown_fields(), seed=seed), unknown_fields())


def uncompressed_layers(seed: Seed = 0) -> Node:
    """An image whose layers are bare tar archives."""
    return image(layers(2), uncompressed(), seed=seed)


def zstd_layers(seed: Seed = 0) -> Node:
    """An image whose layers are packed with Zstandard."""
    return image(layers(2), zstd(), seed=seed)


def annotated_image(seed: Seed = 0) -> Node:
    """An index of an image with annotations on every level, some of which JSON libraries escape."""
    built = image(platform("linux/amd64"), annotated(_PROSE), seed=seed)
    return index(built, annotated(_PROSE))


def with_subject(seed: Seed = 0) -> Node:
    """An artifact that refers to an image, `single(seed)`, which need not be there."""
    return image(artifact("application/vnd.example+json"), subject_of(single(seed)), seed=seed)


def sha512_descriptors(seed: Seed = 0) -> Node:
    """An image whose config and last layer are addressed by SHA-512."""
    return image(layers(2), sha512_blobs(), seed=seed)


def sha512_children(seed: Seed = 0) -> Node:
    """An index that names one manifest by SHA-256 and one by SHA-512."""
    amd64 = image(platform("linux/amd64"), seed=seed)
    return index(amd64, image(platform("linux/arm64"), sha512(), seed=seed))


def non_distributable(seed: Seed = 0) -> Node:
    """An image whose first layer no registry holds."""
    return image(layers(2), non_distributable_layer(), seed=seed)


def docker_foreign_layer(seed: Seed = 0) -> Node:
    """A Docker image whose first layer no registry holds."""
    return image(layers(2), docker(), non_distributable_layer(), seed=seed)


def shared_layer_pair(seed: Seed = 0) -> tuple[Node, Node]:
    """An image, and one that is built from it; no shape, for it is two images."""
    base = image(layers(2), seed=seed)
    return base, image(built_from(base), seed=f"{seed}, second")


SHAPES: Final[tuple[Shape, ...]] = (
    single,
    docker_image,
    multi_arch,
    docker_manifest_list,
    nested_index,
    with_attestation,
    empty_config_artifact,
    odd_white_space_image,
    unknown_fields_image,
    uncompressed_layers,
    zstd_layers,
    annotated_image,
    with_subject,
    sha512_descriptors,
    sha512_children,
    non_distributable,
    docker_foreign_layer,
)
