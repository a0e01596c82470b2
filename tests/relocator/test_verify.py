"""`relocator verify`: what it says of a destination that is right, and of one that is not."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from reference_runs import Relocate, repository_of
from registry_fixtures.bundles import thick_bundle, thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.content import Node, serialised
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import (
    Action,
    Fault,
    answer,
    corrupt,
    kind,
    reference,
    substitute,
    truncate,
)
from registry_fixtures.shapes import (
    SHAPES,
    multi_arch,
    nested_index,
    non_distributable,
    shared_layer_pair,
    single,
)
from verify_runs import Verify

OTHER = "sha256:" + "0" * 64


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_proven_from_a_thin_bundle(
    shape: Callable[[], Node], source: EmbeddedRegistry, relocate: Relocate, verify: Verify
) -> None:
    bundle = thin_bundle(source.push(shape()))
    relocate(bundle)

    done = verify(bundle)

    nodes = list(shape().walk())
    assert (done.status, done.image["verdict"], done.image["faults"]) == (0, "proven", [])
    assert done.image["contents"] == len(nodes)
    assert done.image["bytes"] == done.document["bytes"] == sum(node.size for node in nodes)


@pytest.mark.parametrize("content_digests", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_proven_from_a_thick_bundle(
    shape: Callable[[], Node], content_digests: bool, relocate: Relocate, verify: Verify
) -> None:
    bundle = thick_bundle(("example.com/a/b:v1", shape()), content_digests=content_digests)
    relocate(bundle)

    done = verify(bundle)

    assert (done.status, done.image["verdict"]) == (0, "proven")
    assert done.image["given"][-1] == {"digest": shape().digest, "by": "archive"}
    assert done.image["contents"] == len(list(shape().walk()))


@pytest.mark.usefixtures("moved")
def test_a_thin_bundle_is_proven_without_the_original_registry(
    image: PlacedImage, source: EmbeddedRegistry, verify: Verify
) -> None:
    source.recorder.clear()

    assert verify(thin_bundle(image)).status == 0
    assert source.recorder.exchanges == ()


@pytest.mark.usefixtures("moved")
def test_nothing_is_written_to_the_destination(
    image: PlacedImage, destination: EmbeddedRegistry, verify: Verify
) -> None:
    destination.recorder.clear()

    verify(thin_bundle(image))

    assert {exchange.method for exchange in destination.recorder.exchanges} == {"GET"}


def test_a_missing_tag_is_missing(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    destination.delete_manifest(moved, "v1")

    done = verify(thin_bundle(image))

    assert done.status == 1
    assert done.faults == [("missing", "tag v1")]
    assert done.image["digest"] is None
    assert done.image["contents"] == len(list(image.walk()))


@pytest.mark.parametrize("tag", ["v1", None])
def test_a_missing_image_is_missing(tag: str | None, verify: Verify, image: PlacedImage) -> None:
    nowhere = f"{image.host}/nowhere"
    name = f"{nowhere}:{tag}" if tag else f"{nowhere}@{image.digest}"

    done = verify(thin_bundle(image), {image.reference: name})

    what = f"tag {tag}" if tag else f"digest {image.digest}"
    assert done.faults == [("missing", what)]
    assert done.image["contents"] == 0


def test_every_missing_blob_is_told(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    lost = image.node.blobs()[:2]
    for blob in lost:
        destination.delete_blob(moved, blob.digest)

    done = verify(thin_bundle(image))

    assert (done.status, done.image["verdict"]) == (1, "missing")
    assert sorted(done.faults) == sorted(("missing", blob.digest) for blob in lost)
    assert done.image["contents"] == len(list(image.walk())) - 2


def test_a_manifest_missing_below_an_index_is_told(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    child = image.node.children[1]
    destination.delete_manifest(moved, child.digest)

    done = verify(thin_bundle(image))

    assert done.faults == [("missing", child.digest)]
    assert done.image["contents"] == len(list(image.walk())) - len(list(child.walk()))


def test_a_thick_bundle_tells_what_has_to_be_below_a_missing_manifest(
    destination: EmbeddedRegistry, relocate: Relocate, verify: Verify
) -> None:
    node = multi_arch()
    bundle = thick_bundle(("example.com/a/b:v1", node))
    repository = repository_of(relocate(bundle).mapping["example.com/a/b:v1"])
    child = node.children[1]
    destination.delete_manifest(repository, child.digest)
    destination.delete_blob(repository, child.children[0].digest)

    done = verify(bundle)

    assert done.faults == [("missing", child.digest), ("missing", child.children[0].digest)]
    assert done.image["contents"] == len(list(node.walk())) - 2


def test_a_thick_bundle_tells_all_that_is_missing_of_an_image(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    node = nested_index()
    name = "example.com/a/b:v1"

    done = verify(thick_bundle((name, node)), {name: f"{destination.host}/a:v1"})

    below = {("missing", each.digest) for each in node.walk()} - {("missing", node.digest)}
    assert set(done.faults) == below | {("missing", "tag v1")}


def described(value: Action | str) -> str:
    return value if isinstance(value, str) else value.description


WRONG: list[tuple[Action, str]] = [
    (corrupt(), "different"),
    (substitute(b"shorter"), "different"),
    (substitute(b"longer" * 1000), "different"),
    (truncate(10), "unreadable"),
    (answer(403), "unreadable"),
    (answer(503), "unreadable"),
    (answer(404), "missing"),
]


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("action", "verdict"), WRONG, ids=described)
def test_a_blob_that_is_served_wrongly_is_told(
    action: Action,
    verdict: str,
    image: PlacedImage,
    destination: EmbeddedRegistry,
    verify: Verify,
) -> None:
    blob = image.node.blobs()[0]
    destination.faults.add(Fault(action, kind("blobs") & reference(blob.digest)))

    done = verify(thin_bundle(image))

    assert (done.status, done.image["verdict"]) == (1, verdict)
    assert done.faults == [(verdict, blob.digest)]


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("action", "verdict"), WRONG, ids=described)
def test_a_manifest_that_is_served_wrongly_is_told(
    action: Action,
    verdict: str,
    image: PlacedImage,
    destination: EmbeddedRegistry,
    verify: Verify,
) -> None:
    child = image.node.children[0]
    destination.faults.add(Fault(action, kind("manifests") & reference(child.digest)))

    done = verify(thin_bundle(image))

    assert (done.status, done.image["verdict"]) == (1, verdict)
    assert done.faults == [(verdict, child.digest)]


@pytest.mark.usefixtures("moved")
def test_an_index_that_is_served_wrongly_by_its_tag_is_told(
    image: PlacedImage, destination: EmbeddedRegistry, verify: Verify
) -> None:
    destination.faults.add(Fault(corrupt(), kind("manifests") & reference("v1")))

    done = verify(thin_bundle(image))

    assert done.faults[0][1] == "tag v1"
    assert done.image["verdict"] in {"different", "unreadable"}


@pytest.mark.usefixtures("moved")
def test_a_failure_that_passes_is_no_fault(
    image: PlacedImage, destination: EmbeddedRegistry, verify: Verify
) -> None:
    for place in ("manifests", "blobs"):
        destination.faults.add(Fault(answer(503), kind(place), times=2))
    destination.faults.add(Fault(truncate(10), kind("blobs"), times=1))

    assert verify(thin_bundle(image)).status == 0


def test_a_tag_on_another_image_is_different_and_the_right_one_is_still_read(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    destination.push(single(), moved, "v1")

    done = verify(thin_bundle(image))

    assert (done.status, done.faults) == (1, [("different", "tag v1")])
    assert image.digest in done.image["faults"][0]["reason"]
    assert single().digest in done.image["faults"][0]["reason"]
    assert done.image["contents"] == len(list(image.walk()))


@pytest.mark.parametrize("lost", ["tag", "digest"])
def test_a_name_with_tag_and_digest_must_lead_to_the_image_by_both(
    lost: str, image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    name = f"{destination.host}/{moved}:v1@{image.digest}"
    what = "v1" if lost == "tag" else image.digest
    destination.faults.add(Fault(answer(404), kind("manifests") & reference(what)))

    done = verify(thin_bundle(image), {image.reference: name})

    assert done.faults == [("missing", f"{lost} {what}")]
    assert done.image["digest"] == image.digest


def test_a_name_by_the_digest_of_another_image_is_different(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    other = destination.push(single(), moved, None)

    done = verify(thin_bundle(image), {image.reference: other.pinned})

    assert done.faults == [("different", f"digest {other.digest}")]


def test_a_size_that_a_descriptor_misstates_is_different(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    node = single()
    document = json.loads(node.content)
    document["layers"][1]["size"] += 1
    wrong = replace(node, content=serialised(document))
    placed = destination.push(wrong)

    done = verify(thin_bundle(placed), {placed.reference: placed.reference})

    assert done.faults == [("different", node.children[2].digest)]


def test_one_fault_does_not_stop_the_rest(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate, verify: Verify
) -> None:
    placed = [source.push(single(seed), f"acme/app-{seed}") for seed in range(4)]
    bundle = thin_bundle(*placed)
    mapping = relocate(bundle).mapping
    names = [each.reference for each in placed]
    destination.delete_blob(repository_of(mapping[names[0]]), placed[0].node.blobs()[0].digest)
    destination.delete_manifest(repository_of(mapping[names[1]]), "v1")
    del mapping[names[2]]

    done = verify(bundle, mapping)

    assert done.status == 1
    assert list(done.verdicts.values()) == ["missing", "missing", "unmapped", "proven"]
    assert done.document["verdicts"]["missing"] == 2


def test_two_faults_of_an_image_give_the_graver_verdict(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    missing, wrong = image.node.blobs()[:2]
    destination.delete_blob(moved, missing.digest)
    destination.faults.add(Fault(corrupt(), kind("blobs") & reference(wrong.digest)))

    done = verify(thin_bundle(image))

    assert done.image["verdict"] == "different"
    assert sorted(done.faults) == [("different", wrong.digest), ("missing", missing.digest)]


def test_a_layer_that_no_registry_holds_is_noted(
    source: EmbeddedRegistry, relocate: Relocate, verify: Verify
) -> None:
    image = source.push(non_distributable())
    bundle = thin_bundle(image)
    relocate(bundle)

    done = verify(bundle)

    layer = next(node for node in image.node.children if not node.distributable)
    assert done.image["notes"] == [f"the non-distributable layer {layer.digest} is not there"]
    assert done.status == 0


def test_a_non_distributable_layer_that_is_there_is_checked(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate, verify: Verify
) -> None:
    image = source.push(non_distributable())
    bundle = thin_bundle(image)
    repository = repository_of(relocate(bundle).mapping[image.reference])
    layer = next(node for node in image.node.children if not node.distributable)
    destination.put_blob(repository, layer.digest, layer.content)
    destination.faults.add(Fault(corrupt(), kind("blobs") & reference(layer.digest)))

    done = verify(bundle)

    assert (done.status, done.faults) == (1, [("different", layer.digest)])


def test_blobs_that_images_share_in_a_repository_are_read_and_counted_once(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    pair = shared_layer_pair()
    placed = [destination.push(node, "all/in-one", None) for node in pair]
    destination.recorder.clear()

    done = verify(thin_bundle(*placed), {each.pinned: each.pinned for each in placed})

    distinct = {node.digest: node.size for each in pair for node in each.walk()}
    read = [each.reference for each in destination.recorder.matching(kind="blobs", method="GET")]
    assert sorted(read) == sorted({blob.digest for each in pair for blob in each.blobs()})
    assert done.document["bytes"] == sum(distinct.values())
    assert sum(each["bytes"] for each in done.document["images"]) > done.document["bytes"]
