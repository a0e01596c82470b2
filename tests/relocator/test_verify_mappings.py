"""`relocator verify` and the mappings of any tool: which names it takes, and what proves."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from registry_fixtures.auth import Basic
from registry_fixtures.bundles import Bundle, Image, bundled, thick_bundle, thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import (
    Fault,
    corrupt,
    kind,
    reference,
)
from registry_fixtures.shapes import (
    multi_arch,
    single,
)
from verify_runs import Verify

OTHER = "sha256:" + "0" * 64


def without_digests(image: Image) -> Bundle:
    return thin_bundle(image, content_digests=False)


def test_one_repository_for_all_images_by_digest_is_proven(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    nodes = [single(), multi_arch()]
    placed = [destination.push(node, "all/in-one", None) for node in nodes]
    bundle = thin_bundle(*((f"example.com/{n}:v1", node) for n, node in enumerate(nodes)))

    done = verify(bundle, {f"example.com/{n}:v1": each.pinned for n, each in enumerate(placed)})

    assert (done.status, set(done.verdicts.values())) == (0, {"proven"})


def test_a_name_without_tag_and_digest_is_read_by_the_digest_that_the_bundle_gives(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single(), tag=None)

    done = verify(thin_bundle(placed), {placed.reference: placed.repository})

    assert (done.status, done.image["digest"]) == (0, placed.digest)


def test_a_name_without_tag_and_digest_is_latest_if_the_bundle_gives_no_digest(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single(), tag="latest")

    done = verify(without_digests(placed), {placed.reference: placed.repository})

    assert done.image["digest"] == placed.digest


def test_a_key_that_the_bundle_does_not_name_is_ignored(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    name = f"{destination.host}/{moved}:v1"

    done = verify(thin_bundle(image), {image.reference: name, "other": "127.0.0.1:1/other"})

    assert (done.status, list(done.images)) == (0, [image.reference])


@pytest.mark.parametrize("mapping", [{}, {"docker.io/library/ubuntu:v1": "127.0.0.1:1/ubuntu"}])
def test_a_reference_that_is_no_key_is_unmapped_though_an_equivalent_is(
    mapping: dict[str, str], verify: Verify
) -> None:
    done = verify(thin_bundle("ubuntu:v1"), mapping)

    assert (done.status, done.image["verdict"]) == (1, "unmapped")
    assert done.image["relocated"] is None
    reason = done.image["faults"][0]["reason"]
    assert all(key in reason for key in mapping)


@pytest.mark.parametrize("is_mapped", [True, False])
def test_an_image_of_another_type_is_not_relocated_and_no_fault(
    is_mapped: bool, image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    machine = "https://example.com/machine.qcow2"
    mapping = {image.reference: f"{destination.host}/{moved}:v1"}
    bundle = thin_bundle(image, bundled(machine, image_type="qcow"))

    done = verify(bundle, mapping | ({machine: machine} if is_mapped else {}))

    assert done.status == 0
    assert done.verdicts[machine] == "not relocated"
    assert len(done.images[machine]["notes"]) == (0 if is_mapped else 1)


@pytest.mark.usefixtures("moved")
def test_places_that_name_an_image_alike_are_told_as_one(
    image: PlacedImage, verify: Verify
) -> None:
    done = verify(thin_bundle(image, image, image))

    assert done.image["places"] == [
        "invocationImages[0]",
        "images.image-0001",
        "images.image-0002",
    ]


@pytest.mark.usefixtures("moved")
def test_an_image_whose_digest_nothing_gives_is_unproven(
    image: PlacedImage, verify: Verify
) -> None:
    done = verify(without_digests(image))

    assert (done.status, done.image["verdict"]) == (2, "unproven")
    assert done.image["notes"] == ["digest not given by the bundle"]
    assert done.image["contents"] == len(list(image.walk()))


@pytest.mark.usefixtures("moved")
def test_an_unproven_image_is_still_held_to_its_own_digests(
    image: PlacedImage, destination: EmbeddedRegistry, verify: Verify
) -> None:
    blob = image.node.blobs()[0]
    destination.faults.add(Fault(corrupt(), kind("blobs") & reference(blob.digest)))

    done = verify(without_digests(image))

    assert (done.status, done.faults) == (1, [("different", blob.digest)])


def test_the_digest_in_a_relocated_name_proves_nothing(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single())

    done = verify(without_digests(placed), {placed.reference: placed.pinned})

    assert (done.status, done.image["verdict"]) == (2, "unproven")
    assert done.image["given"] == [{"digest": placed.digest, "by": "relocated name"}]


def test_a_tag_and_a_digest_of_different_images_are_different_in_any_case(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single())
    other = destination.push(multi_arch(), tag=None)
    name = f"{placed.reference}@{other.digest}"

    done = verify(without_digests(placed), {placed.reference: name})

    assert (done.status, done.faults) == (1, [("different", "tag v1")])


def test_the_digest_of_a_reference_proves(destination: EmbeddedRegistry, verify: Verify) -> None:
    placed = destination.push(single())

    done = verify(without_digests((placed.pinned, placed.node)), {placed.pinned: placed.reference})

    assert (done.status, done.image["verdict"]) == (0, "proven")


def test_a_bundle_that_gives_two_digests_is_never_proven(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single())
    image = bundled((placed.pinned, placed.node), content_digest=OTHER)

    done = verify(thin_bundle(image), {placed.pinned: placed.reference})

    assert (done.status, done.faults) == (1, [("different", "tag v1")])


def test_a_content_digest_that_cannot_be_recomputed_proves_nothing(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single())
    image = bundled(placed, content_digest="multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv")

    done = verify(thin_bundle(image), {placed.reference: placed.reference})

    assert (done.status, done.image["verdict"]) == (2, "unproven")
    assert "cannot be recomputed" in done.image["notes"][0]


def test_a_content_digest_of_another_algorithm_proves(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    placed = destination.push(single())
    digest = replace(placed.node, algorithm="sha512").digest
    image = bundled(placed, content_digest=digest)

    done = verify(thin_bundle(image), {placed.reference: placed.reference})

    assert (done.status, done.image["verdict"]) == (0, "proven")


def test_an_archive_that_lacks_an_image_is_noted_where_the_bundle_gives_the_digest(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    node = single()
    bundle = thick_bundle(("example.com/a:v1", node), omit_blobs=[node.digest])
    placed = destination.push(node)

    done = verify(bundle, {"example.com/a:v1": placed.reference})

    assert (done.status, done.image["verdict"]) == (0, "proven")
    assert "archive does not prove it" in done.image["notes"][0]


def test_an_archive_with_another_image_of_that_name_shows_the_difference(
    destination: EmbeddedRegistry, verify: Verify
) -> None:
    bundle = thick_bundle(("example.com/a:v1", single()), content_digests=False)
    placed = destination.push(multi_arch())

    done = verify(bundle, {"example.com/a:v1": placed.reference})

    assert done.faults[0] == ("different", "tag v1")
    assert done.image["digest"] is None


INVALID = [
    "",
    "not a name",
    "127.0.0.1:1/UPPER",
    "\x1b[2Jregistry.example.com/app",
    f"127.0.0.1:1/app@{OTHER[:-1]}",
    "localhost:99999/app:v1",
    "[::1/app:v1",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("name", INVALID, ids=ascii)
def test_a_mapped_value_that_is_no_name_is_a_fault_of_its_image_alone(
    name: str, image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    other = bundled("example.com/other:v1")
    mapping = {image.reference: f"{destination.host}/{moved}:v1", other.reference: name}

    done = verify(thin_bundle(image, other), mapping)

    assert done.status == 1
    assert done.verdicts == {image.reference: "proven", other.reference: "unreadable"}
    assert len(done.images[other.reference]["faults"]) == 1


@pytest.mark.parametrize("make", [thin_bundle, thick_bundle])
def test_a_registry_that_is_not_there_is_one_fault_of_each_of_its_images(
    make: Callable[..., Bundle], verify: Verify
) -> None:
    with EmbeddedRegistry() as gone:
        host = gone.host
    names = ["example.com/a:v1", "example.com/b:v1"]
    bundle = make(*((name, multi_arch()) for name in names))

    done = verify(bundle, dict.fromkeys(names, f"{host}/app:v1"))

    assert done.status == 1
    assert set(done.verdicts.values()) == {"unreadable"}
    assert [len(each["faults"]) for each in done.images.values()] == [1, 1]


def test_credentials_are_those_of_docker(docker_config: Path, verify: Verify) -> None:
    with EmbeddedRegistry(auth=Basic("ann", "secret")) as registry:
        user = {"username": "ann", "password": "secret"}
        docker_config.write_text(json.dumps({"auths": {registry.host: user}}))
        placed = registry.push(single())

        done = verify(thin_bundle(placed), {placed.reference: placed.reference})

    assert done.status == 0


def test_a_registry_that_wants_other_credentials_is_unreadable(verify: Verify) -> None:
    with EmbeddedRegistry(auth=Basic("ann", "secret")) as registry:
        placed = registry.push(single())

        done = verify(thin_bundle(placed), {placed.reference: placed.reference})

    assert done.image["verdict"] == "unreadable"
    assert "401" in done.image["faults"][0]["reason"]


def test_requests_name_nothing_but_what_is_mapped(
    image: PlacedImage, destination: EmbeddedRegistry, moved: str, verify: Verify
) -> None:
    destination.recorder.clear()

    verify(thin_bundle(image))

    assert {each.repository for each in destination.recorder.exchanges} == {moved}
    assert len(destination.recorder.matching(method="GET")) == len(list(image.walk()))
