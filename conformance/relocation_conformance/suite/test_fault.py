"""FAULT: registries that fail, and relocations that break off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal, NamedTuple

import pytest

from registry_fixtures.bundles import thin_bundle
from registry_fixtures.faults import (
    Action,
    Fault,
    Faults,
    Match,
    answer,
    kind,
    mapped,
    method,
    redirect,
    reference,
    reset,
    reset_upload,
    stall,
    truncate,
    with_content,
)
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import odd_white_space_image, single
from relocation_conformance.arrivals import assert_whole, relocated
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.suite import locations
from relocation_conformance.suite.registries import Registries
from relocation_conformance.targets import Outcome, Target

PULLED = {name: kind(name) & method("GET") for name in ("manifests", "blobs")}
OPENED = kind("uploads") & method("POST")
SENT = kind("uploads") & with_content
PUT_MANIFEST = kind("manifests") & method("PUT")
MOUNTED = Match("mount", lambda request: "mount" in request.query)
UNAVAILABLE = answer(503)
EARLY = 0.1
"""Seconds by which a timer may ring too early."""


def by_description(action: Action) -> str:
    """Name a parameter after what it does."""
    return action.description


@requirement("FAULT-1")
@pytest.mark.parametrize("piece", ["manifest", "layer"])
def test_what_was_cut_short_is_not_taken_for_whole(
    target: Target, source: Registry, destination: Destination, piece: str
) -> None:
    """Content that a connection cut short arrives whole in the end, or the bundle is refused."""
    # What is lost of the manifest is white space: the rest is a manifest too.
    original = source.push(odd_white_space_image(destination.path), "acme/app")
    node, match = {
        "manifest": (original.node, PULLED["manifests"]),
        "layer": (original.node.children[-1], PULLED["blobs"]),
    }[piece]
    match &= reference(node.digest, original.tag or "")
    fault = source.faults.add(Fault(truncate(node.size - 3), match, times=1))
    bundle = thin_bundle(original, content_digests=False)

    relocation = target.relocate(bundle, to=destination)

    twin = target.relocate(bundle, to=destination.afresh())
    if relocation.outcome is Outcome.DONE:
        assert fault.hits == 1
        moved = relocation.mapping[original.reference]
        assert destination.manifest(moved)[0] == original.node.content
        assert_whole(destination, original, moved)
    else:
        assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("FAULT-2")
@pytest.mark.parametrize("failure", [UNAVAILABLE, reset()], ids=by_description)
def test_a_read_that_fails_once_is_tried_again(
    target: Target, source: Registry, destination: Destination, failure: Action
) -> None:
    """A read that fails with 503, or by a lost connection, is made again."""
    original = source.push(single(destination.path), "acme/app")
    faults = [source.faults.add(Fault(failure, match, times=1)) for match in PULLED.values()]

    done = target.relocate(thin_bundle(original), to=destination)

    assert_whole(destination, original, done.mapping[original.reference])
    assert [fault.hits for fault in faults] == [1, 1]


@requirement("FAULT-3")
@pytest.mark.parametrize(
    ("failure", "match"),
    [
        pytest.param(UNAVAILABLE, OPENED, id="opening an upload"),
        pytest.param(reset_upload(10), SENT, id="uploading"),
        pytest.param(UNAVAILABLE, PUT_MANIFEST, id="pushing a manifest"),
    ],
)
def test_a_push_that_fails_once_is_tried_again(
    target: Target, source: Registry, destination: Destination, failure: Action, match: Match
) -> None:
    """A push that fails with 503, or by a lost connection, is made again."""
    original = source.push(single(destination.path), "acme/app")
    fault = destination.faults.add(Fault(failure, match, times=1))

    done = target.relocate(thin_bundle(original), to=destination)

    assert_whole(destination, original, done.mapping[original.reference])
    assert fault.hits == 1


@requirement("FAULT-4")
def test_retry_after_is_waited_for(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A request that was turned away for a second is not made again before that has passed."""
    original = source.push(single(destination.path), "acme/app")
    busy = answer(429, {"Retry-After": "1"})
    fault = source.faults.add(Fault(busy, PULLED["manifests"], times=1))
    bundle = thin_bundle(original)

    relocation = target.relocate(bundle, to=destination)

    asked = source.recorder.matching(kind="manifests", method="GET")
    twin = target.relocate(bundle, to=destination.afresh())
    if relocation.outcome is Outcome.DONE:
        assert_whole(destination, original, relocation.mapping[original.reference])
        turned_away, again = asked[:2]
        waited = again.started - (turned_away.started + turned_away.seconds)
        assert waited >= 1 - EARLY
    else:
        assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("FAULT-5")
@pytest.mark.parametrize(
    "failure",
    [UNAVAILABLE, redirect(lambda request: f"{request.origin}{request.target}")],
    ids=by_description,
)
def test_a_registry_that_never_recovers_is_refused(
    target: Target, source: Registry, destination: Destination, failure: Action
) -> None:
    """A registry that goes on failing, or redirects without end, is refused in time."""
    bundle = thin_bundle(source.push(single(destination.path), "acme/app"))
    fault = source.faults.add(Fault(failure, PULLED["blobs"]))

    relocation = target.relocate(bundle, to=destination)

    source.faults.clear()
    twin = target.relocate(bundle, to=destination.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))


def rejection(status: int, code: str) -> Action:
    """Answer as the distribution specification has it for a request that is in vain."""
    body = json.dumps({"errors": [{"code": code, "message": "no"}]}).encode()
    return answer(status, {"Content-Type": "application/json"}, body)


@requirement("FAULT-6")
@pytest.mark.parametrize(
    ("failure", "match"),
    [
        pytest.param(rejection(403, "DENIED"), OPENED, id="403 for an upload"),
        pytest.param(rejection(413, "SIZE_INVALID"), SENT, id="413 for a blob"),
        pytest.param(rejection(400, "MANIFEST_INVALID"), PUT_MANIFEST, id="400 for a manifest"),
    ],
)
def test_a_rejected_push_is_refused(
    target: Target, source: Registry, destination: Destination, failure: Action, match: Match
) -> None:
    """A push that the destination rejects is refused, and the mapping stays as it was."""
    bundle = thin_bundle(source.push(single(destination.path), "acme/app"))
    mapping = target.folder / "mapping.json"
    mapping.write_bytes(b"an older mapping")
    fault = destination.faults.add(Fault(failure, match))

    relocation = target.relocate(bundle, to=destination, mapping=mapping)

    destination.faults.clear()
    twin = target.relocate(bundle, to=destination.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("FAULT-7")
@pytest.mark.parametrize("place", locations.WAYS)
def test_a_blob_is_uploaded_to_its_location(
    target: Target, source: Registry, destination: Destination, place: Callable[[Faults], None]
) -> None:
    """A blob goes to the Location that the registry gives, however that is written."""
    original = source.push(single(destination.path), "acme/app")
    place(destination.faults)

    done = target.relocate(thin_bundle(original), to=destination)

    assert_whole(destination, original, done.mapping[original.reference])


@requirement("FAULT-8")
def test_a_blob_is_fetched_from_where_its_registry_redirects_to(
    target: Target, source: Registry, destination: Destination, registries: Registries
) -> None:
    """A blob that its registry keeps on another host is fetched from there."""
    original = source.push(single(destination.path), "acme/app")
    storage = registries()
    storage.push(original.node, original.name)
    to = redirect(lambda request: f"{storage.url}{request.path}")
    source.faults.add(Fault(to, PULLED["blobs"]))

    done = target.relocate(thin_bundle(original), to=destination)

    assert_whole(destination, original, done.mapping[original.reference])
    fetched = {each.reference for each in storage.recorder.matching(method="GET", status=200)}
    assert fetched >= {blob.digest for blob in original.node.blobs()}


@requirement("FAULT-9")
def test_what_is_not_mounted_is_sent(
    target: Target, source: Registry, destination: Destination
) -> None:
    """Blobs that two images share arrive in both, though the registry mounts none."""
    node = single(destination.path)
    originals = [source.push(node, name) for name in ("acme/one", "acme/other")]
    destination.faults.add(Fault(mapped(lambda asked: asked.partition("?")[0]), MOUNTED))

    done = target.relocate(thin_bundle(*originals), to=destination)

    for original in originals:
        assert_whole(destination, original, done.mapping[original.reference])


class Obstacle(NamedTuple):
    """What keeps a relocation from its end, on which side, and for how long it is waited for."""

    action: Action
    match: Match
    side: Literal["source", "destination"]
    timeout: float | None


@requirement("FAULT-10")
@pytest.mark.parametrize(
    "obstacle",
    [
        pytest.param(Obstacle(answer(403), PUT_MANIFEST, "destination", None), id="failed"),
        pytest.param(Obstacle(stall(10, 60), PULLED["blobs"], "source", 2), id="killed"),
    ],
)
def test_a_relocation_that_broke_off_can_be_run_again(
    target: Target, registries: Registries, destination: Destination, obstacle: Obstacle
) -> None:
    """A relocation that failed, or was killed half-way, comes to its end when it is run again."""
    source = registries()
    original = source.push(single(destination.path), "acme/app")
    bundle = thin_bundle(original)
    faults = source.faults if obstacle.side == "source" else destination.faults
    faults.add(Fault(obstacle.action, obstacle.match))
    first = target.relocate(bundle, to=destination, timeout=obstacle.timeout)
    faults.clear()

    second = target.relocate(bundle, to=destination)

    assert first.outcome is not Outcome.DONE
    assert_whole(destination, original, second.mapping[original.reference])


@requirement("DIGEST-8")
def test_what_arrived_before_a_failure_is_not_sent_again(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A relocation that failed at the manifest, run again, sends none of the blobs again."""
    original = source.push(single(destination.path), "acme/app")
    bundle = thin_bundle(original)
    fault = destination.faults.add(Fault(answer(403), PUT_MANIFEST))
    target.relocate(bundle, to=destination)
    destination.faults.clear()
    destination.recorder.clear()

    again = target.relocate(bundle, to=destination)

    assert fault.hits
    assert_whole(destination, original, again.mapping[original.reference])
    sent = [each for each in destination.recorder.matching(kind="uploads") if each.bytes_received]
    assert sent == []


@requirement("FAULT-11")
def test_a_mapping_that_cannot_be_written_is_refused(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A mapping file below what is a file, and no folder that could be made, is refused."""
    bundle = thin_bundle(source.push(single(destination.path), "acme/app"))
    file = target.folder / "file"
    file.touch()
    twin = relocated(target, bundle, to=destination)

    relocation = target.relocate(bundle, to=destination.afresh(), mapping=file / "mapping.json")

    assert_refused(relocation, twin=twin, met=None)
