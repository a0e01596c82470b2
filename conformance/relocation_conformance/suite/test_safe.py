"""SAFE: bundles and registries that mean harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_fixtures.archives import Member
from registry_fixtures.bundles import LAYOUT, Members, thick_bundle, thin_bundle
from registry_fixtures.content import OCI_INDEX, OCI_MANIFEST, Node, serialised
from registry_fixtures.faults import (
    Fault,
    answer,
    followed_by,
    header,
    kind,
    method,
    substitute,
)
from registry_fixtures.images import image, index
from registry_fixtures.layouts import blob_path
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.suite import control_characters, escapes
from relocation_conformance.suite.registries import Registries
from relocation_conformance.suite.ways import lines
from relocation_conformance.targets import Outcome, Relocation, Target

NAME = "registry.example.com/acme/app:v1"
MIB = 1024 * 1024
NESTED = b"[" * 100_000 + b"]" * 100_000
PULLED = kind("manifests") & method("GET")
Document = dict[str, Any]


def assert_no_crash(relocation: Relocation) -> None:
    """Hold that *relocation* ended as one should, whether it was done or refused."""
    if relocation.outcome is Outcome.CRASHED:
        raise AssertionError(f"hostile input ended in a crash\n{relocation.evidence}")


# Archives


@requirement("SAFE-1")
@pytest.mark.parametrize("escape", escapes.WRITES)
def test_no_member_of_an_archive_is_written_outside(
    target: Target,
    destination: Destination,
    folder: Path,
    escape: Callable[[Path], list[Member]],
) -> None:
    """No member of an archive is written to where its name, or a link, leads outside."""
    temporary = folder / "a" / "b" / "c" / "d"
    temporary.mkdir(parents=True)
    relocated(target, thick_bundle((NAME, single())), to=destination)
    hostile = escape(folder / "a")
    bundle = thick_bundle((NAME, single()), edit_members=lambda members: [*members, *hostile])

    target.relocate(bundle, to=destination.afresh(), environment={"TMPDIR": str(temporary)})

    assert escapes.escaped(folder) == []


@requirement("SAFE-2")
@pytest.mark.parametrize("link", escapes.LINKS)
def test_no_link_in_an_archive_leads_to_a_local_file(
    target: Target,
    destination: Destination,
    folder: Path,
    link: Callable[[Node, Path], Member],
) -> None:
    """A local file to which a link in the place of a layer leads does not get out."""
    node = single(destination.path)
    layer = node.children[-1]
    member = link(layer, folder)

    def linked(members: Members) -> list[Member]:
        own = LAYOUT + blob_path(layer.digest)
        return [member, *(each for each in members if each.name != own)]

    bundle = thick_bundle((NAME, node), edit_members=linked)

    relocation = target.relocate(bundle, to=destination)

    arrived = destination.recorder.matching(kind="uploads", status=201)
    twin = target.relocate(thick_bundle((NAME, node)), to=destination.afresh())
    assert_refused(relocation, twin=twin, met=None)
    assert [each for each in arrived if each.query.get("digest") == layer.digest] == []


@requirement("SAFE-14")
def test_a_file_that_is_twice_in_an_archive_is_refused(
    target: Target, destination: Destination
) -> None:
    """An archive with two descriptors, of which one might have been audited, is refused."""
    plain = thick_bundle((NAME, single()))
    other = plain.edited(lambda document: document.update(version="2.0.0"))
    bundle = thick_bundle(
        (NAME, single()),
        edit_members=lambda members: [*members, Member("bundle.json", other.bundle_json)],
    )

    relocation = target.relocate(bundle, to=destination)

    twin = target.relocate(plain, to=destination.afresh())
    assert_refused(relocation, twin=twin, met=None)


@requirement("SAFE-10")
def test_a_descriptor_that_is_much_larger_than_its_archive_is_refused(
    target: Target, destination: Destination
) -> None:
    """A thick bundle of less than 1 MiB whose descriptor unpacks to 160 MiB is refused."""

    def swell(members: Members) -> list[Member]:
        return [replace(e, blanks=160) if e.name == "bundle.json" else e for e in members]

    twin = target.relocate(thick_bundle((NAME, single()), squeeze=True), to=destination.afresh())

    bundle = thick_bundle((NAME, single()), squeeze=True, edit_members=swell)
    relocation = target.relocate(bundle, to=destination)

    assert_refused(relocation, twin=twin, met=None)


# Descriptors of bundles


def written(content: bytes, target: Target) -> Path:
    """Return a file with *content* in the place of a thin bundle."""
    file = target.folder / "hostile.json"
    file.write_bytes(content)
    return file


@requirement("SAFE-13")
def test_a_key_that_is_twice_in_a_bundle_is_refused(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A bundle in which one image has two references, of which readers differ, is refused."""
    good, other = source.push(single(), "acme/app"), source.push(single("b"), "acme/other")
    bundle = thin_bundle(good, content_digests=False)
    twin = target.relocate(bundle, to=destination.afresh())
    own = b'"image":"%s"' % good.reference.encode()
    twice = b'"image":"%s",%s' % (other.reference.encode(), own)

    relocation = target.relocate(
        written(bundle.bundle_json.replace(own, twice), target), to=destination
    )

    assert_refused(relocation, twin=twin, met=None)


@requirement("SAFE-8")
def test_a_deeply_nested_bundle_is_no_crash(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A bundle that is nested a hundred thousand deep is relocated or refused, without a crash."""
    bundle = thin_bundle(source.push(single(), "acme/app"), custom={"com.example": "nested"})
    relocated(target, bundle, to=destination)
    content = bundle.bundle_json.replace(b'"nested"', NESTED)

    relocation = target.relocate(written(content, target), to=destination.afresh())

    assert_no_crash(relocation)


# Manifests


@requirement("SAFE-7")
def test_a_deeply_nested_manifest_is_no_crash(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A manifest that is nested a hundred thousand deep ends in no crash."""
    original = source.push(single(destination.path), "acme/app")
    bundle = thin_bundle(original, content_digests=False)
    nested = original.node.content[:-1] + b',"future":' + NESTED + b"}"
    fault = source.faults.add(Fault(substitute(nested), PULLED))

    relocation = target.relocate(bundle, to=destination)

    source.faults.clear()
    relocated(target, bundle, to=destination.afresh())
    assert_no_crash(relocation)
    assert fault.hits


@requirement("SAFE-9")
def test_a_manifest_without_end_is_refused_before_it_has_been_read(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A manifest of 256 MiB is refused, and the connection given up before its end."""
    bundle = thin_bundle(source.push(single(destination.path), "acme/app"), content_digests=False)
    fault = source.faults.add(Fault(followed_by(b" " * MIB, 256), PULLED))

    relocation = target.relocate(bundle, to=destination)

    read = [each.bytes_sent for each in source.recorder.matching(kind="manifests", method="GET")]
    source.faults.clear()
    twin = target.relocate(bundle, to=destination.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))
    assert max(read, default=0) < 256 * MIB


def rewritten(node: Node, edit: Callable[[Document], object]) -> Node:
    """Return a manifest or index like *node* after *edit* has changed its document in place."""
    document = json.loads(node.content)
    edit(document)
    return replace(node, content=serialised(document))


def assert_image_refused(
    target: Target, source: Registry, to: Destination, *, hostile: Node, twin: Node
) -> None:
    """Hold that *hostile* is refused, where *twin* is relocated."""
    names = {"hostile": hostile, "twin": twin}
    placed = {name: source.push(node, f"acme/{name}") for name, node in names.items()}
    bundles = {name: thin_bundle(one, content_digests=False) for name, one in placed.items()}

    relocation = target.relocate(bundles["hostile"], to=to)

    met = source.recorder.matching(kind="manifests", repository="acme/hostile")
    assert_refused(relocation, twin=target.relocate(bundles["twin"], to=to.afresh()), met=met)


@requirement("SAFE-3")
@pytest.mark.parametrize("more", [1, -1], ids=["too short", "too long"])
@pytest.mark.parametrize("part", ["manifests", "layers"])
def test_content_of_another_size_is_refused(
    target: Target, registries: Registries, destination: Destination, part: str, more: int
) -> None:
    """A manifest or layer that is longer or shorter than its descriptor says is refused."""
    built = image(seed=destination.path)
    node = index(built) if part == "manifests" else built

    def misstate(document: Document) -> None:
        document[part][-1]["size"] += more

    assert_image_refused(
        target, registries(), destination, hostile=rewritten(node, misstate), twin=node
    )


@requirement("SAFE-4")
@pytest.mark.parametrize("media_type", [OCI_INDEX, OCI_MANIFEST], ids=["index", "manifest"])
def test_a_document_of_two_kinds_is_refused(
    target: Target, registries: Registries, media_type: str
) -> None:
    """A document that can be read as an index and as a manifest is refused as either of them."""
    takes_anything = Destination.fresh(registries(strict=False))
    one, other = image(seed="one"), image(seed="other")
    twin = one if media_type == OCI_MANIFEST else index(other)

    def both(document: Document) -> None:
        del document["mediaType"]
        document["manifests"] = [other.descriptor()]
        document |= {part: json.loads(one.content)[part] for part in ("config", "layers")}

    ambiguous = replace(
        rewritten(twin, both), media_type=media_type, children=(*one.children, other)
    )

    assert_image_refused(
        target, registries(strict=False), takes_anything, hostile=ambiguous, twin=twin
    )


@requirement("SAFE-5")
@pytest.mark.parametrize(
    ("node", "claim"),
    [
        pytest.param(image(), OCI_INDEX, id="a manifest as an index"),
        pytest.param(index(image()), OCI_MANIFEST, id="an index as a manifest"),
    ],
)
def test_what_is_served_as_something_else_is_refused(
    target: Target, source: Registry, registries: Registries, node: Node, claim: str
) -> None:
    """A manifest that is served as an index, or an index as a manifest, is refused."""
    bundle = thin_bundle(source.push(node, "acme/app"), content_digests=False)
    takes_anything = Destination.fresh(registries(strict=False))
    fault = source.faults.add(Fault(header("Content-Type", claim), PULLED))

    relocation = target.relocate(bundle, to=takes_anything)

    source.faults.clear()
    twin = target.relocate(bundle, to=takes_anything.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("SAFE-6")
@pytest.mark.parametrize(
    "digest",
    ["sha256:../../../../../../secret", f"sha256:{'0' * 63}", f"sha256:{'A' * 64}"],
    ids=["a path", "too short", "capitals"],
)
def test_what_is_no_digest_is_not_asked_for(
    target: Target, registries: Registries, destination: Destination, digest: str
) -> None:
    """An image that names a layer by what is no digest is refused, and no such layer asked for."""
    source = registries(strict=False)
    node = image(seed=destination.path)

    def misname(document: Document) -> None:
        document["layers"][-1]["digest"] = digest

    assert_image_refused(target, source, destination, hostile=rewritten(node, misname), twin=node)

    said = (*source.recorder.exchanges, *destination.recorder.exchanges)
    end = digest.rpartition("/")[2]  # what a client that resolves the dots asks for
    assert lines(each for each in said if each.path.endswith(end)) == []


# What is printed


@requirement("SAFE-11")
@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("source", control_characters.AS_AN_ERROR),
        ("destination", control_characters.SEQUENCE),
    ],
    ids=["a source, as an error", "a destination, as text"],
)
def test_what_a_registry_says_is_not_printed_as_it_is(
    target: Target, source: Registry, destination: Destination, side: str, words: str
) -> None:
    """Escape sequences in a registry's answer are not printed."""
    bundle = thin_bundle(source.push(single(destination.path), "acme/app"))
    denial = answer(403, {"Content-Type": "application/json"}, words.encode())
    faults = source.faults if side == "source" else destination.faults
    fault = faults.add(Fault(denial, PULLED | kind("uploads")))

    relocation = target.relocate(bundle, to=destination)

    faults.clear()
    relocated(target, bundle, to=destination.afresh())
    assert fault.hits
    control_characters.assert_not_printed(relocation)


@requirement("SAFE-12")
@pytest.mark.parametrize("edit", control_characters.EDITS)
def test_what_a_bundle_says_is_not_printed_as_it_is(
    target: Target,
    source: Registry,
    destination: Destination,
    edit: Callable[[Document], None],
) -> None:
    """Escape sequences in a bundle are not printed."""
    bundle = thin_bundle(source.push(single(), "acme/app"))
    relocated(target, bundle, to=destination.afresh())

    relocation = target.relocate(bundle.edited(edit), to=destination)

    control_characters.assert_not_printed(relocation)
