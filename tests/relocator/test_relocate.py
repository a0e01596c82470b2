"""Bundles relocated between two registries: what is there afterwards, and what was asked for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_runs import Relocate, repository_of
from registry_fixtures.bundles import bundled, thick_bundle, thin_bundle
from registry_fixtures.content import Node
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.shapes import SHAPES, multi_arch, single

OTHER = "sha256:" + "0" * 64


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_arrives_whole_from_a_thin_bundle(
    shape: Callable[[], Node],
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    image = source.push(shape())

    done = relocate(thin_bundle(image))

    repository = repository_of(done.mapping[image.reference])
    for node in image.walk():
        assert destination.read(repository, node.digest) == node.content


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_arrives_whole_from_a_thick_bundle(
    shape: Callable[[], Node], destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    node = shape()

    done = relocate(thick_bundle(("example.com/a/b:v1", node)))

    repository = repository_of(done.mapping["example.com/a/b:v1"])
    for piece in node.walk():
        assert destination.read(repository, piece.digest) == piece.content


@pytest.mark.parametrize("shape", SHAPES)
def test_media_types_go_along(
    shape: Callable[[], Node],
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    image = source.push(shape())

    done = relocate(thin_bundle(image))

    repository = repository_of(done.mapping[image.reference])
    for node in image.node.manifests():
        assert destination.manifest(repository, node.digest)[1] == node.media_type


def test_a_tag_goes_along(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(multi_arch(), tag="v1.2")

    done = relocate(thin_bundle(image))

    moved = done.mapping[image.reference]
    assert moved.endswith(":v1.2")
    assert destination.resolve(repository_of(moved), "v1.2") == image.digest


def test_an_image_with_tag_and_digest_is_found_by_both(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(multi_arch(), tag="v1")

    done = relocate(thin_bundle((image.tagged_and_pinned, image.node)))

    moved = done.mapping[image.tagged_and_pinned]
    assert moved.endswith(f":v1@{image.digest}")
    assert destination.resolve(repository_of(moved), "v1") == image.digest
    assert destination.has(repository_of(moved), image.digest)


def test_an_image_named_by_digest_alone_gets_no_tag(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(single())

    done = relocate(thin_bundle((image.pinned, image.node)))

    assert destination.tags(repository_of(done.mapping[image.pinned])) == []


def test_an_image_without_tag_and_digest_is_latest(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(single(), tag="latest")

    done = relocate(thin_bundle((image.repository, image.node)))

    moved = done.mapping[image.repository]
    assert destination.resolve(moved.partition("/")[2], "latest") == image.digest


def test_every_spelling_is_an_entry_of_its_own(relocate: Relocate) -> None:
    spellings = ["ubuntu", "library/ubuntu", "docker.io/ubuntu", "ubuntu:latest"]

    done = relocate(thick_bundle(*spellings))

    assert set(done.mapping) == set(spellings)
    assert len({moved.removesuffix(":latest") for moved in done.mapping.values()}) == 1


def test_spellings_of_one_image_are_resolved_once(
    source: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(single(), tag="latest")

    relocate(thin_bundle(image, (image.repository, image.node), (image.reference, image.node)))

    assert len(source.recorder.matching(kind="manifests")) == 1


def test_an_image_of_another_type_maps_to_itself_and_stays(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(single())
    machine = bundled("https://example.com/Machine.qcow2", image_type="qcow")

    done = relocate(thin_bundle(image, machine))

    assert done.mapping[machine.reference] == machine.reference
    assert len(destination.catalog()) == 1


@pytest.mark.parametrize("image_type", ["docker", "oci", None])
def test_docker_oci_and_untyped_images_are_relocated(
    image_type: str | None,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    image = source.push(single())

    done = relocate(thin_bundle(bundled(image, image_type=image_type)))

    assert destination.has(repository_of(done.mapping[image.reference]), image.digest)


def test_the_mapping_is_sorted_and_the_same_every_time(
    source: EmbeddedRegistry, relocate: Relocate
) -> None:
    images = [source.push(single(seed=n), name=f"acme/n{n}") for n in (3, 1, 2)]
    bundle = thin_bundle(*images)

    first = relocate(bundle).file.read_bytes()
    second = relocate(bundle).file.read_bytes()

    assert first == second
    assert list(json.loads(first)) == sorted(image.reference for image in images)


def test_one_line_an_image_is_printed(source: EmbeddedRegistry, relocate: Relocate) -> None:
    image = source.push(single())

    done = relocate(thin_bundle(image))

    assert done.out == f"{image.reference} -> {done.mapping[image.reference]}\n"


def test_quiet_prints_nothing(source: EmbeddedRegistry, relocate: Relocate) -> None:
    done = relocate(thin_bundle(source.push(single())), "--quiet")

    assert (done.status, done.out, done.err) == (0, "", "")


def test_a_blob_that_images_share_is_sent_once_and_mounted(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    node = single()
    one, other = source.push(node, name="acme/one"), source.push(node, name="acme/other")

    done = relocate(thin_bundle(one, other))

    assert done.status == 0
    sent = destination.recorder.matching(method="PUT", kind="uploads")
    assert len(sent) == len(node.blobs())


def test_what_is_there_is_not_sent_again(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    bundle = thin_bundle(source.push(multi_arch()))
    relocate(bundle)
    destination.recorder.clear()

    again = relocate(bundle)

    assert again.status == 0
    assert {exchange.method for exchange in destination.recorder.exchanges} <= {"GET", "HEAD"}


def test_an_image_that_is_there_is_not_sent_again_beside_a_new_one(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    old = source.push(single(), tag="v1")
    new = source.push(single(seed=1), tag="v2")
    relocate(thin_bundle(old))
    destination.recorder.clear()

    assert relocate(thin_bundle(old, new)).status == 0
    pushed = destination.recorder.matching(kind="manifests", method="PUT")
    assert [exchange.reference for exchange in pushed] == ["v2"]


def test_a_manifest_that_is_there_proves_nothing_of_its_blobs(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(multi_arch())
    bundle = thin_bundle(image)
    repository = repository_of(relocate(bundle).mapping[image.reference])
    lost = image.node.blobs()[-1]
    destination.delete_blob(repository, lost.digest)

    relocate(bundle)

    assert destination.read(repository, lost.digest) == lost.content


def test_within_one_registry_blobs_are_mounted_from_the_source(
    source: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(single())

    done = relocate(thin_bundle(image), prefix=f"{source.host}/user")

    assert source.has(repository_of(done.mapping[image.reference]), image.digest)
    assert source.recorder.matching(kind="blobs", method="GET") == ()


def test_the_bundle_is_not_touched(tmp_path: Path, relocate: Relocate) -> None:
    path = thick_bundle("ubuntu:18.10").write(tmp_path)
    before = path.read_bytes()

    assert relocate(path).status == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("options", [{"blobs_first": True}, {"member_prefix": "./"}])
def test_a_thick_bundle_may_be_packed_in_any_order(
    options: dict[str, bool | str], destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    done = relocate(thick_bundle("ubuntu:18.10", **options))  # type: ignore[arg-type]

    assert destination.tags(repository_of(done.mapping["ubuntu:18.10"])) == ["18.10"]


def test_a_thick_bundle_is_known_by_its_content(relocate: Relocate) -> None:
    assert relocate(thick_bundle("ubuntu:18.10", filename="bundle.json")).status == 0


def test_an_image_without_a_digest_is_found_by_its_name(
    destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    bundle = thick_bundle("ubuntu:18.10", "ubuntu:19.04", content_digests=False)

    done = relocate(bundle)

    moved = repository_of(done.mapping["ubuntu:19.04"])
    node = bundle.images[1].node
    assert node is not None
    assert destination.resolve(moved, "19.04") == node.digest


def test_an_image_with_a_digest_is_found_without_its_name(relocate: Relocate) -> None:
    assert relocate(thick_bundle("ubuntu:18.10", annotate=False)).status == 0


def test_a_refused_image_leaves_the_old_mapping_as_it_was(
    tmp_path: Path, source: EmbeddedRegistry, relocate: Relocate
) -> None:
    (tmp_path / "mapping.json").write_bytes(b"old")

    refused = relocate(thin_bundle((f"{source.host}/acme/none:v1", single())))

    assert refused.status == 1
    assert refused.file.read_bytes() == b"old"


def test_a_digest_other_than_the_bundle_states_is_refused_before_anything_is_pushed(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    good, bad = source.push(single(), name="good"), source.push(single(seed=1), name="bad")

    refused = relocate(thin_bundle(good, bundled(bad, content_digest=OTHER)))

    assert f"where the bundle says {OTHER}" in refused.refusal
    assert destination.recorder.exchanges == ()


def test_digests_that_contradict_each_other_are_refused_before_anything_is_asked(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    image = source.push(single())

    refused = relocate(thin_bundle(bundled((image.pinned, image.node), content_digest=OTHER)))

    assert f"is {image.digest}, not {OTHER}" in refused.refusal
    assert (*source.recorder.exchanges, *destination.recorder.exchanges) == ()


def test_two_images_that_need_one_tag_are_refused(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    old = source.push(single(), tag="v1")
    new = source.push(single(seed=1), tag="v1")

    refused = relocate(thin_bundle((old.tagged_and_pinned, old.node), (new.reference, new.node)))

    assert "need the same tag" in refused.refusal
    assert destination.recorder.exchanges == ()
