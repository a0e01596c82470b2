"""The driver of tools that copy single images, against a script that notes what it is to copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry_fixtures.bundles import Bundle, bundled, thick_bundle, thin_bundle
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.shapes import multi_arch
from relocation_conformance.destination import Destination
from relocation_conformance.targets import Outcome, Target, open_profile

PREFIX = "127.0.0.1:5000/t"
DIGEST = "sha256:" + "a" * 64
NOTES = """
import sys
source, destination = sys.argv[1:3]
if "refused" in source:
    sys.exit(f"Error: {source}")
print(source, destination)
"""


@pytest.fixture
def target(script: Callable[[str], str], tmp_path: Path) -> Target:
    (tmp_path / "copier.toml").write_text(
        "name = 'copier'\ndescription = 'notes what it is to copy'\n"
        f"[copy]\ncommand = ['{script(NOTES)}', '{{source}}', '{{destination}}']\n"
        "skip-tls-verify = ['--insecure']\n"
    )
    runs = tmp_path / "runs"
    runs.mkdir()
    return Target(open_profile("copier.toml", tmp_path), runs, timeout=20)


def copied(stdout: str) -> dict[str, str]:
    """Return where each source was to be copied to."""
    return dict(line.split() for line in stdout.splitlines())


def test_every_image_is_copied(target: Target) -> None:
    done = target.relocate(thin_bundle("x.io/a:1", "x.io/b:1"), to=PREFIX)

    assert done.outcome is Outcome.DONE
    assert list(copied(done.stdout)) == ["x.io/a:1", "x.io/b:1"]


def test_image_named_twice_is_copied_once(target: Target) -> None:
    done = target.relocate(thin_bundle("x.io/a:1", "x.io/a:1"), to=PREFIX)

    assert done.stdout.count("\n") == 1


def test_destination_starts_with_the_prefix_and_has_the_tag(target: Target) -> None:
    done = target.relocate(thin_bundle("x.io/a:v7"), to=PREFIX)

    destination = copied(done.stdout)["x.io/a:v7"]
    assert destination.startswith(PREFIX + "/")
    assert destination.endswith(":v7")
    assert done.mapping == {"x.io/a:v7": destination}


def test_each_source_repository_has_a_destination_of_its_own(target: Target) -> None:
    names = ["x.io/a:1", "x.io/a:2", "y.io/a:1", "x.io/b/a:1"]

    mapping = target.relocate(thin_bundle(*names), to=PREFIX).mapping

    landed = [mapping[name].rpartition(":")[0] for name in names]
    assert landed[0] == landed[1]
    assert len(set(landed)) == 3


def test_equivalent_names_share_a_destination(target: Target) -> None:
    mapping = target.relocate(thin_bundle("ubuntu:1", "docker.io/library/ubuntu:1"), to=PREFIX)

    assert len(set(mapping.mapping.values())) == 1


def test_untagged_image_is_put_under_latest(target: Target) -> None:
    done = target.relocate(thin_bundle("x.io/a"), to=PREFIX)

    assert copied(done.stdout)["x.io/a"] == done.mapping["x.io/a"] + ":latest"


def test_image_with_tag_and_digest_is_read_by_digest_and_put_under_its_tag(target: Target) -> None:
    name = f"x.io/a:v1@{DIGEST}"

    done = target.relocate(thin_bundle(name), to=PREFIX)

    destination = copied(done.stdout)[f"x.io/a@{DIGEST}"]
    assert destination.endswith(":v1")
    assert done.mapping[name] == f"{destination}@{DIGEST}"


def test_image_with_digest_alone_is_mapped_by_digest(target: Target) -> None:
    name = f"x.io/a@{DIGEST}"

    done = target.relocate(thin_bundle(name), to=PREFIX)

    repository = copied(done.stdout)[name].removesuffix(":latest")
    assert done.mapping[name] == f"{repository}@{DIGEST}"


def test_image_of_another_type_is_mapped_to_itself(target: Target) -> None:
    bundle = thin_bundle("x.io/a:1", bundled("x.io/vm", image_type="vmdk", content_digest=False))

    done = target.relocate(bundle, to=PREFIX)

    assert done.mapping["x.io/vm"] == "x.io/vm"
    assert list(copied(done.stdout)) == ["x.io/a:1"]


def test_first_failure_ends_the_relocation(target: Target) -> None:
    bundle = thin_bundle("x.io/a:1", "x.io/refused:1", "x.io/b:1")

    refused = target.relocate(bundle, to=PREFIX)

    assert refused.outcome is Outcome.REFUSED
    assert refused.stderr == "Error: x.io/refused:1\n"
    assert list(copied(refused.stdout)) == ["x.io/a:1"]
    assert refused.mapping_bytes is None


def test_command_is_the_last_one(target: Target) -> None:
    done = target.relocate(thin_bundle("x.io/a:1", "x.io/b:1"), to=PREFIX, skip_tls_verify=True)

    assert done.command[1] == "x.io/b:1"
    assert done.command[-1] == "--insecure"


@pytest.mark.parametrize(
    "bundle",
    [
        thick_bundle("x.io/a:1"),
        thin_bundle("x.io/A:1"),
        thin_bundle(bundled("x.io/vm", image_type="vmdk")),
        thin_bundle("x.io/a").edited(lambda document: document.pop("invocationImages")),
        thin_bundle("x.io/a").edited(lambda document: document.update(images=[])),
    ],
    ids=["thick", "malformed name", "nothing to copy", "no invocation image", "images is a list"],
)
def test_bundle_that_has_no_use_for_copiers_is_skipped(target: Target, bundle: Bundle) -> None:
    with pytest.raises(pytest.skip.Exception, match="copies single images"):
        target.relocate(bundle, to=PREFIX)


def test_bundle_that_is_nested_without_measure_is_skipped(target: Target, tmp_path: Path) -> None:
    bundle = tmp_path / "nested.json"
    bundle.write_text("[" * 100_000)

    with pytest.raises(pytest.skip.Exception, match="copies single images"):
        target.relocate(bundle, to=PREFIX)


def test_mapping_that_cannot_be_written_has_no_meaning_for_copiers(
    target: Target, tmp_path: Path
) -> None:
    with pytest.raises(pytest.skip.Exception, match="copies single images"):
        target.relocate(
            thin_bundle("x.io/a:1"), to=PREFIX, mapping=tmp_path / "none" / "mapping.json"
        )


def test_missing_argument_has_no_meaning_for_copiers(target: Target) -> None:
    left_out: Any = ["prefix"]

    with pytest.raises(pytest.skip.Exception, match="copies single images"):
        target.relocate(thin_bundle("x.io/a:1"), to=PREFIX, leave_out=left_out)


def test_mapping_is_written_where_it_is_asked_for(target: Target, tmp_path: Path) -> None:
    place = tmp_path / "mapping.json"

    done = target.relocate(thin_bundle("x.io/a:1"), to=PREFIX, mapping=place)

    assert json.loads(place.read_bytes()) == done.mapping


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
@pytest.mark.parametrize(("profile", "preserves"), [("skopeo", True), ("skopeo-default", False)])
def test_skopeo_copies_an_index_whole_if_it_is_told_to(
    tmp_path: Path, profile: str, preserves: bool
) -> None:
    skopeo = Target(open_profile(profile, tmp_path), tmp_path)
    with EmbeddedRegistry() as source, EmbeddedRegistry() as registry:
        index = source.push(multi_arch())
        destination = Destination.fresh(registry)

        done = skopeo.relocate(thin_bundle(index), to=destination)

        moved = done.mapping[index.reference]
        assert all(destination.has(moved, node.digest) for node in index.walk()) is preserves
