"""Synthetic images: every byte follows from the seed and the options, and nothing is read or run.

`image` and `index` build real OCI or Docker content, small options say how it is unusual:

    index(image(platform("linux/amd64")), image(platform("linux/arm64"), layers(3)), docker())

`shapes.SHAPES` names the kinds of image worth relocating.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar

from registry_fixtures.archives import Member, gzipped, tar, zstd_frame
from registry_fixtures.content import (
    DOCKER_CONFIG,
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_EMPTY,
    OCI_INDEX,
    OCI_MANIFEST,
    Node,
    serialised,
)

EPOCH: Final = "1970-01-01T00:00:00Z"
FUTURE: Final = {"future": {"since": "v9", "limit": 9007199254740993, "of": [None, {"": 2.5}]}}

_PACKERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    "gzip": gzipped,
    "zstd": zstd_frame,
}

Seed = int | str


@dataclass(frozen=True)
class Recipe:
    """What the options of an index and of an image have in common."""

    docker: bool = False
    algorithm: str = "sha256"
    annotations: Mapping[str, str] = field(default_factory=dict)
    unknown_fields: bool = False
    odd_white_space: bool = False
    subject: Node | None = None


@dataclass(frozen=True)
class ImageRecipe(Recipe):
    """What the options of an image come to."""

    seed: Seed = 0
    layer_count: int = 1
    layer_size: int = 64
    packing: str = "gzip"
    platform: str | None = None
    artifact_type: str | None = None
    foreign_url: str | None = None
    sha512_blobs: bool = False
    base: Node | None = None


R = TypeVar("R", bound=Recipe)


class Option(Protocol):
    """An option of an image or an index."""

    def __call__(self, recipe: R, /) -> R:
        """The recipe with this option in it."""


ImageOption = Callable[[ImageRecipe], ImageRecipe]


def docker() -> Option:
    """Docker's media types and its three-space indent: schema 2, or a manifest list."""

    def apply(recipe: R, /) -> R:
        return replace(recipe, docker=True)

    return apply


def sha512() -> Option:
    """The manifest or index itself is addressed by SHA-512."""

    def apply(recipe: R, /) -> R:
        return replace(recipe, algorithm="sha512")

    return apply


def annotated(annotations: Mapping[str, str] | None = None, **more: str) -> Option:
    """Annotations on the manifest or index, and on every descriptor in it."""

    def apply(recipe: R, /) -> R:
        return replace(recipe, annotations={**recipe.annotations, **(annotations or {}), **more})

    return apply


def unknown_fields() -> Option:
    """Fields that no specification has yet, in the manifest or index and in its descriptors.

    One is an integer above 2**53, which a parser that knows only doubles does not keep.
    """

    def apply(recipe: R, /) -> R:
        return replace(recipe, unknown_fields=True)

    return apply


def odd_white_space() -> Option:
    """Tabs, CRLF, keys in reverse and blank lines at the end: valid JSON that nobody re-makes."""

    def apply(recipe: R, /) -> R:
        return replace(recipe, odd_white_space=True)

    return apply


def subject_of(node: Node) -> Option:
    """`node` is the subject of the manifest or index (OCI distribution 1.1, referrers)."""

    def apply(recipe: R, /) -> R:
        return replace(recipe, subject=node)

    return apply


def layers(count: int, size: int = 64) -> ImageOption:
    """`count` layers, each a tar with one file of `size` incompressible bytes."""
    return lambda recipe: replace(recipe, layer_count=count, layer_size=size)


def uncompressed() -> ImageOption:
    """Layers are bare tar archives."""
    return lambda recipe: replace(recipe, packing="")


def zstd() -> ImageOption:
    """Layers are packed as Zstandard frames."""
    return lambda recipe: replace(recipe, packing="zstd")


def sha512_blobs() -> ImageOption:
    """The config and the last layer are addressed by SHA-512."""
    return lambda recipe: replace(recipe, sha512_blobs=True)


def platform(name: str) -> ImageOption:
    """What the image runs on, `linux/arm64` or `linux/arm/v7`, in its config and its descriptor."""
    return lambda recipe: replace(recipe, platform=name)


def artifact(artifact_type: str) -> ImageOption:
    """No image but an artifact: an empty config, and layers that are bare bytes."""
    return lambda recipe: replace(recipe, artifact_type=artifact_type)


def non_distributable_layer(url: str = "https://layers.invalid/base.tar.gz") -> ImageOption:
    """The first layer is one that registries do not hold and `url` is said to serve."""
    return lambda recipe: replace(recipe, foreign_url=url)


def built_from(base: Node) -> ImageOption:
    """The image starts with all the layers of the image `base`, as `FROM` in a Dockerfile."""
    return lambda recipe: replace(recipe, base=base)


def image(*options: Option | ImageOption, seed: Seed = 0) -> Node:
    """An image manifest with its config and layers; one small gzipped layer unless told otherwise.

    Another seed gives other digests to the layers, the config and the manifest.
    """
    recipe = ImageRecipe(seed=seed)
    for option in options:
        recipe = option(recipe)
    if recipe.artifact_type is not None:
        return _artifact(recipe, recipe.artifact_type)
    packed = _base_layers(recipe.base) + [_layer(recipe, n) for n in range(recipe.layer_count)]
    diff_ids = [diff_id for _, diff_id in packed]
    fields = {} if recipe.platform is None else {"platform": platform_fields(recipe.platform)}
    return _manifest(recipe, _config(recipe, diff_ids), [node for node, _ in packed], fields)


def index(*parts: Node | Option) -> Node:
    """An index (a manifest list with `docker()`) of the nodes among `parts`, in their order."""
    recipe = Recipe()
    children: list[Node] = []
    for part in parts:
        if isinstance(part, Node):
            children.append(part)
        else:
            recipe = part(recipe)
    media_type = DOCKER_LIST if recipe.docker else OCI_INDEX
    return _document(recipe, media_type, {"manifests": _descriptors(recipe, children)}, children)


def attestation(of: Node, seed: Seed = 0) -> Node:
    """The provenance of the image `of`, as BuildKit puts it beside the image into an index.

    Source: docs.docker.com/build/metadata/attestations/attestation-storage
    """
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{"name": "fixture", "digest": dict([of.digest.split(":")])}],
        "predicate": {"buildType": f"seed {seed}"},
    }
    layer = Node(
        serialised(statement),
        "application/vnd.in-toto+json",
        descriptor_fields={
            "annotations": {"in-toto.io/predicate-type": statement["predicateType"]}
        },
    )
    recipe = ImageRecipe(seed=seed, platform="unknown/unknown")
    fields = {
        "platform": platform_fields("unknown/unknown"),
        "annotations": {
            "vnd.docker.reference.digest": of.digest,
            "vnd.docker.reference.type": "attestation-manifest",
        },
    }
    return _manifest(recipe, _config(recipe, [layer.digest]), [layer], fields)


def platform_fields(name: str) -> dict[str, str]:
    """`linux/arm/v7` as the fields of an OCI platform."""
    return dict(zip(("os", "architecture", "variant"), name.split("/"), strict=False))


def _noise(label: str, size: int) -> bytes:
    return hashlib.shake_128(label.encode()).digest(size)


def _layer(recipe: ImageRecipe, number: int) -> tuple[Node, str]:
    """Layer `number` and its diff id, the digest of the tar before it is packed."""
    label = f"{recipe.seed} {recipe.platform} {number}"
    archive = tar([Member(f"layer-{number}.bin", _noise(label, recipe.layer_size))])
    content = _PACKERS[recipe.packing](archive)
    is_last = number == recipe.layer_count - 1
    algorithm = "sha512" if recipe.sha512_blobs and is_last else "sha256"
    url = recipe.foreign_url if number == 0 else None
    node = Node(
        content,
        _layer_type(recipe, is_foreign=url is not None),
        algorithm,
        distributable=url is None,
        descriptor_fields={} if url is None else {"urls": [url]},
    )
    return node, f"sha256:{hashlib.sha256(archive).hexdigest()}"


def _layer_type(recipe: ImageRecipe, *, is_foreign: bool) -> str:
    if recipe.docker:
        kind = "foreign.diff" if is_foreign else "diff"
        return f"application/vnd.docker.image.rootfs.{kind}.tar.{recipe.packing}".rstrip(".")
    kind = "nondistributable.v1" if is_foreign else "v1"
    return f"application/vnd.oci.image.layer.{kind}.tar+{recipe.packing}".rstrip("+")


def _base_layers(base: Node | None) -> list[tuple[Node, str]]:
    if base is None:
        return []
    config, *packed = base.children
    return list(zip(packed, json.loads(config.content)["rootfs"]["diff_ids"], strict=True))


def _config(recipe: ImageRecipe, diff_ids: Sequence[str]) -> Node:
    document = {
        "created": EPOCH,
        "author": f"seed {recipe.seed}",
        **platform_fields(recipe.platform or "linux/amd64"),
        "config": {"Entrypoint": ["/cnab/app/run"]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created": EPOCH, "created_by": "fixture"} for _ in diff_ids],
    }
    media_type = DOCKER_CONFIG if recipe.docker else OCI_CONFIG
    algorithm = "sha512" if recipe.sha512_blobs else "sha256"
    return Node(serialised(document), media_type, algorithm)


def _artifact(recipe: ImageRecipe, artifact_type: str) -> Node:
    config = Node(b"{}", OCI_EMPTY, descriptor_fields={"data": "e30="})
    files = [
        Node(_noise(f"{recipe.seed} {n}", recipe.layer_size), "application/octet-stream")
        for n in range(recipe.layer_count)
    ]
    return _manifest(recipe, config, files, {"artifactType": artifact_type})


def _manifest(
    recipe: ImageRecipe, config: Node, packed: Sequence[Node], descriptor_fields: Mapping[str, Any]
) -> Node:
    body: dict[str, Any] = {}
    if recipe.artifact_type is not None:
        body["artifactType"] = recipe.artifact_type
    body["config"], *body["layers"] = _descriptors(recipe, [config, *packed])
    media_type = DOCKER_MANIFEST if recipe.docker else OCI_MANIFEST
    node = _document(recipe, media_type, body, [config, *packed])
    return replace(node, descriptor_fields=descriptor_fields)


def _descriptors(recipe: Recipe, nodes: Sequence[Node]) -> list[dict[str, Any]]:
    added = {**FUTURE} if recipe.unknown_fields else {}
    described = []
    for node in nodes:
        descriptor = {**node.descriptor(), **added}
        annotations = {**descriptor.get("annotations", {}), **recipe.annotations}
        described.append({**descriptor, **({"annotations": annotations} if annotations else {})})
    return described


def _document(
    recipe: Recipe, media_type: str, body: Mapping[str, Any], children: Sequence[Node]
) -> Node:
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": media_type, **body}
    if recipe.subject is not None:
        document["subject"] = replace(recipe.subject, descriptor_fields={}).descriptor()
    if recipe.annotations:
        document["annotations"] = dict(recipe.annotations)
    if recipe.unknown_fields:
        document |= FUTURE
    content = _oddly(document) if recipe.odd_white_space else _plainly(recipe, document)
    return Node(content, media_type, recipe.algorithm, tuple(children))


def _plainly(recipe: Recipe, document: Mapping[str, Any]) -> bytes:
    return serialised(document, indent=3 if recipe.docker else None)


def _oddly(document: Mapping[str, Any]) -> bytes:
    backwards = json.loads(serialised(document), object_pairs_hook=lambda kv: dict(reversed(kv)))
    text = json.dumps(backwards, ensure_ascii=False, indent="\t", separators=(" ,", "\t:  "))
    return text.replace("\n", "\r\n").encode() + b"\r\n \t\r\n"
