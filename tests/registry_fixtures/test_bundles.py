import json
import os
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_fixtures.archives import Member
from registry_fixtures.bundles import Bundle, BundledImage, bundled, thick_bundle, thin_bundle
from registry_fixtures.content import Node
from registry_fixtures.images import image
from registry_fixtures.layouts import REF_NAME, blob_path
from relocation_schemas import validate

names = st.from_regex(r"\A([a-z]{1,6}\.io/)?[a-z]{1,6}(/[a-z]{1,6})?(:v[0-9])?\Z")


@dataclass(frozen=True)
class Placed:
    """What a registry's client returns for an image that it pushed, in short."""

    reference: str
    node: Node


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        files = {info.name: archive.extractfile(info) for info in archive}
        return {name: file.read() if file else b"" for name, file in files.items()}


def layout_index(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(members(path)["artifacts/layout/index.json"])[
        "manifests"
    ]
    return entries


def test_the_first_image_is_the_invocation_image() -> None:
    document = thin_bundle("host.io/a", "host.io/b").document

    assert [one["image"] for one in document["invocationImages"]] == ["host.io/a"]
    assert [one["image"] for one in document["images"].values()] == ["host.io/b"]


def test_an_invocation_image_of_its_own_leaves_all_images_to_be_images() -> None:
    document = thin_bundle("host.io/a", invocation_image="host.io/b").document

    assert [one["image"] for one in document["invocationImages"]] == ["host.io/b"]
    assert [one["image"] for one in document["images"].values()] == ["host.io/a"]


def test_a_bundle_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="invocation image"):
        thin_bundle()


@given(asked=st.lists(names, min_size=1, max_size=40))
def test_references_are_verbatim_and_in_order(asked: list[str]) -> None:
    assert thin_bundle(*asked).references == tuple(asked)


@given(asked=st.lists(names, min_size=1, max_size=40))
def test_references_keep_their_order_in_the_file(asked: list[str]) -> None:
    bundle = thin_bundle(*asked)

    written = Bundle(json.loads(bundle.bundle_json), bundle.images)
    assert written.references == tuple(asked)


@given(asked=st.lists(names, min_size=1, max_size=8))
def test_a_bundle_is_valid(asked: list[str]) -> None:
    validate(thick_bundle(*asked).document, "bundle")


@pytest.mark.parametrize("given_as", ["placed", "pair", "bundled"])
def test_an_image_may_be_given_in_several_forms(given_as: str) -> None:
    node = image()
    forms: dict[str, Placed | tuple[str, Node] | BundledImage] = {
        "placed": Placed("host.io/a:v1", node),
        "pair": ("host.io/a:v1", node),
        "bundled": BundledImage("host.io/a:v1", node, content_digest=node.digest),
    }

    document = thin_bundle(forms[given_as]).document

    assert document["invocationImages"] == [
        {"image": "host.io/a:v1", "imageType": "oci", "contentDigest": node.digest}
    ]


def test_content_digests_can_be_left_out() -> None:
    document = thin_bundle(("host.io/a", image()), content_digests=False).document

    assert "contentDigest" not in document["invocationImages"][0]


@pytest.mark.parametrize("image_type", ["docker", "vm", "", None])
def test_an_image_has_the_type_of_ones_choice(image_type: str | None) -> None:
    bundle = thin_bundle(bundled(("host.io/a", image()), image_type=image_type))

    assert bundle.document["invocationImages"][0].get("imageType") == image_type


@pytest.mark.parametrize(("choice", "expected"), [(False, None), ("sha256:0", "sha256:0")])
def test_an_image_has_the_digest_of_ones_choice(choice: str | bool, expected: str | None) -> None:
    bundle = thin_bundle(bundled(("host.io/a", image()), content_digest=choice))

    assert bundle.document["invocationImages"][0].get("contentDigest") == expected


def test_a_bundle_carries_custom_extensions() -> None:
    bundle = thin_bundle("host.io/a", custom={"com.example": {"a": 1}})

    assert bundle.document["custom"] == {"com.example": {"a": 1}}


def test_an_edit_changes_the_edited_bundle() -> None:
    bundle = thin_bundle("host.io/a").edited(lambda document: document.pop("version"))

    assert "version" not in bundle.document


def test_an_edit_leaves_the_original_as_it_was() -> None:
    bundle = thin_bundle("host.io/a")

    bundle.edited(lambda document: document["invocationImages"].clear())

    assert bundle.references == ("host.io/a",)


def test_a_thin_bundle_is_canonical_json(tmp_path: Path) -> None:
    bundle = thin_bundle("host.io/a", "host.io/b")

    content = bundle.write(tmp_path).read_text()

    assert content == json.dumps(bundle.document, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize("filename", ["forge.json", "no-suffix"])
def test_a_bundle_has_the_file_name_of_ones_choice(tmp_path: Path, filename: str) -> None:
    path = thin_bundle("host.io/a", filename=filename).write(tmp_path)

    assert path == tmp_path / filename


def test_a_thick_bundle_has_its_document_at_the_root(tmp_path: Path) -> None:
    bundle = thick_bundle("a")

    assert members(bundle.write(tmp_path))["bundle.json"] == bundle.bundle_json


def test_a_thick_bundle_holds_all_content_of_its_images(tmp_path: Path) -> None:
    bundle = thick_bundle("a", "b")

    found = members(bundle.write(tmp_path))

    for one in bundle.images:
        assert one.node is not None
        for node in one.node.walk():
            assert found[f"artifacts/layout/{blob_path(node.digest)}"] == node.content


def test_a_thick_bundle_names_its_images_in_full(tmp_path: Path) -> None:
    index = layout_index(thick_bundle("ubuntu:18.10", "gcr.io/a/b").write(tmp_path))

    found = [entry["annotations"][REF_NAME] for entry in index]
    assert found == ["docker.io/library/ubuntu:18.10", "gcr.io/a/b"]


def test_a_thick_bundle_ties_names_to_digests(tmp_path: Path) -> None:
    bundle = thick_bundle("a", "b")

    entries = layout_index(bundle.write(tmp_path))

    assert [one["digest"] for one in entries] == [one.content_digest for one in bundle.images]


def test_a_thick_bundle_can_do_without_names(tmp_path: Path) -> None:
    (entry,) = layout_index(thick_bundle("a", annotate=False).write(tmp_path))

    assert "annotations" not in entry


def test_an_image_that_is_only_named_is_not_in_the_layout(tmp_path: Path) -> None:
    bundle = thick_bundle("a", BundledImage("host.io/disk", image_type="vm"))

    assert len(layout_index(bundle.write(tmp_path))) == 1


def test_a_thick_bundle_is_the_same_each_time(tmp_path: Path) -> None:
    first = thick_bundle("a", "b:v1").write(tmp_path).read_bytes()

    assert thick_bundle("a", "b:v1").write(tmp_path).read_bytes() == first


def test_a_names_image_is_the_same_in_every_process() -> None:
    script = (
        "from registry_fixtures.bundles import thick_bundle;"
        "print(thick_bundle('ubuntu').images[0].content_digest)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert process.stdout.strip() == thick_bundle("ubuntu").images[0].content_digest


def test_equivalent_names_share_an_image() -> None:
    bundle = thick_bundle("ubuntu", "docker.io/library/ubuntu", "index.docker.io/ubuntu:latest")

    assert len({one.content_digest for one in bundle.images}) == 1


def test_different_tags_have_different_images() -> None:
    bundle = thick_bundle("ubuntu:18.10", "ubuntu:19.04", "ubuntu")

    assert len({one.content_digest for one in bundle.images}) == 3


def test_a_name_may_hold_the_digest_of_its_own_image() -> None:
    bundle = thick_bundle("ubuntu:18.10@{digest}")

    assert bundle.references == (f"ubuntu:18.10@{bundle.images[0].content_digest}",)


def test_a_name_with_another_digest_is_refused() -> None:
    with pytest.raises(ValueError, match="no image can be made"):
        thick_bundle(f"ubuntu@sha256:{'0' * 64}")


def test_an_omitted_blob_is_not_there(tmp_path: Path) -> None:
    node = image()

    path = thick_bundle(("a", node), omit_blobs=[node.digest]).write(tmp_path)

    assert f"artifacts/layout/{blob_path(node.digest)}" not in members(path)


def test_a_corrupt_blob_has_other_bytes_of_the_same_length(tmp_path: Path) -> None:
    node = image()

    path = thick_bundle(("a", node), corrupt=[node.digest]).write(tmp_path)

    wrong = members(path)[f"artifacts/layout/{blob_path(node.digest)}"]
    assert (wrong == node.content, len(wrong)) == (False, node.size)


@pytest.mark.parametrize("blobs_first", [True, False])
def test_blobs_can_stand_before_what_names_them(tmp_path: Path, blobs_first: bool) -> None:
    found = list(members(thick_bundle("a", blobs_first=blobs_first).write(tmp_path)))

    blobs = [number for number, name in enumerate(found) if "/blobs/" in name]
    documents = [found.index("bundle.json"), found.index("artifacts/layout/index.json")]
    assert (max(blobs) < min(documents)) is blobs_first


def test_members_have_the_prefix_of_ones_choice(tmp_path: Path) -> None:
    found = members(thick_bundle("a", member_prefix="./").write(tmp_path))

    assert {name[:2] for name in found} == {"./"}


def test_folders_can_be_members(tmp_path: Path) -> None:
    path = thick_bundle("a", folders=True).write(tmp_path)

    with tarfile.open(path) as archive:
        assert [info.name for info in archive if info.isdir()] == [
            "artifacts",
            "artifacts/layout",
            "artifacts/layout/blobs",
            "artifacts/layout/blobs/sha256",
        ]


def test_a_thick_bundle_can_be_squeezed(tmp_path: Path) -> None:
    plain, squeezed = (
        thick_bundle("a", squeeze=way).write(tmp_path).stat() for way in (False, True)
    )

    assert squeezed.st_size < plain.st_size / 2


def test_members_can_be_edited(tmp_path: Path) -> None:
    evil = Member("../evil", b"x")

    path = thick_bundle("a", edit_members=lambda found: [*found, evil]).write(tmp_path)

    assert members(path)["../evil"] == b"x"


def test_five_hundred_names_are_bundled_in_about_a_second(tmp_path: Path) -> None:
    started = time.perf_counter()

    path = thick_bundle(*(f"host.io/app-{n}" for n in range(500))).write(tmp_path)

    assert time.perf_counter() - started < 2
    assert len(layout_index(path)) == 500
