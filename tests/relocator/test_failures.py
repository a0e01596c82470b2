"""Registries that fail or lie: what is tried again, what is refused, what is never believed."""

import pytest

from reference_runs import Relocate, repository_of
from registry_fixtures.bundles import thick_bundle, thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import (
    Action,
    Fault,
    Match,
    answer,
    corrupt,
    header,
    kind,
    method,
    redirect,
    reference,
    reset,
    reset_upload,
    truncate,
)
from registry_fixtures.images import image, layers
from registry_fixtures.shapes import multi_arch, non_distributable, single
from relocator import retries

OTHER = "sha256:" + "0" * 64


@pytest.fixture
def placed(source: EmbeddedRegistry) -> PlacedImage:
    """An image of several pieces, one of them larger than what is in memory at a time."""
    return source.push(image(layers(2, size=3_000_000)))


def described(action: Action) -> str:
    return action.description


TRANSIENT = [answer(429), answer(500), answer(502), answer(503), answer(504), reset()]


@pytest.mark.parametrize("action", [*TRANSIENT, truncate(10), reset(10)], ids=described)
def test_a_source_that_fails_twice_is_asked_again(
    action: Action,
    placed: PlacedImage,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    faults = [
        source.faults.add(Fault(action, kind(place) & method("GET"), times=2))
        for place in ("manifests", "blobs")
    ]

    done = relocate(thin_bundle(placed))

    assert [fault.hits for fault in faults] == [2, 2]
    repository = repository_of(done.mapping[placed.reference])
    for node in placed.walk():
        assert destination.read(repository, node.digest) == node.content


@pytest.mark.parametrize("action", [*TRANSIENT, reset_upload(1_500_000)], ids=described)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_a_destination_that_fails_twice_is_pushed_to_again(
    action: Action,
    verb: str,
    placed: PlacedImage,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    fault = destination.faults.add(Fault(action, kind("uploads") & method(verb), times=2))

    done = relocate(thin_bundle(placed))

    assert fault.hits == 2
    repository = repository_of(done.mapping[placed.reference])
    for node in placed.walk():
        assert destination.read(repository, node.digest) == node.content


def test_a_registry_that_never_recovers_is_given_up_on(
    placed: PlacedImage, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    fault = destination.faults.add(Fault(answer(503), method("PUT") & kind("manifests")))

    refused = relocate(thin_bundle(placed))

    assert "answered 503" in refused.refusal
    assert fault.hits == 1 + len(retries.WAITS)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7.0), ("Fri, 31 Dec 2100 23:59:59 GMT", retries.LONGEST_WAIT), ("soon", 0.01)],
)
def test_retry_after_is_waited_for_within_reason(
    asked: str,
    waited: float,
    placed: PlacedImage,
    source: EmbeddedRegistry,
    relocate: Relocate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    slow_down = answer(429, {"Retry-After": asked})
    source.faults.add(Fault(slow_down, kind("manifests"), times=1))

    assert relocate(thin_bundle(placed)).status == 0
    assert waits == [pytest.approx(waited, rel=0.5)]


@pytest.mark.parametrize("place", ["manifests", "blobs"])
def test_wrong_bytes_are_refused_and_never_arrive_whole(
    place: str,
    placed: PlacedImage,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    bundle = thin_bundle((placed.pinned, placed.node))
    fault = source.faults.add(Fault(corrupt(), kind(place) & method("GET")))

    refused = relocate(bundle)

    assert fault.hits > 0
    assert "does not match" in refused.refusal
    assert destination.recorder.matching(method="PUT", status=201, kind="manifests") == ()


def test_a_lying_digest_header_is_not_believed(
    placed: PlacedImage,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    relocate: Relocate,
) -> None:
    source.faults.add(Fault(header("Docker-Content-Digest", OTHER)))

    done = relocate(thin_bundle(placed))

    assert destination.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_a_layer_longer_than_its_descriptor_says_is_refused(
    source: EmbeddedRegistry, relocate: Relocate
) -> None:
    node = image(layers(1, size=1000))
    layer = node.children[-1]
    shortened = node.content.replace(b'"size":%d' % layer.size, b'"size":%d' % (layer.size - 1))
    source.push(node)
    source.put_manifest("acme/app", "v2", shortened, node.media_type)

    refused = relocate(thin_bundle(f"{source.host}/acme/app:v2"))

    assert "is longer than" in refused.refusal


def test_a_missing_layer_is_refused_by_its_digest(
    placed: PlacedImage, source: EmbeddedRegistry, relocate: Relocate
) -> None:
    lost = placed.node.blobs()[-1].digest
    source.delete_blob(placed.name, lost)

    assert lost in relocate(thin_bundle(placed)).refusal


def test_a_relocation_that_broke_off_is_taken_up_again(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    placed = source.push(multi_arch())
    lost = min(placed.node.blobs(), key=lambda blob: blob.size)  # the last to be sent
    fault = source.faults.add(Fault(answer(404), reference(lost.digest)))
    assert relocate(thin_bundle(placed), "--jobs", "1").status == 1
    source.faults.clear()
    destination.recorder.clear()

    done = relocate(thin_bundle(placed))

    assert fault.hits == 1
    assert destination.has(repository_of(done.mapping[placed.reference]), lost.digest)
    sent = destination.recorder.matching(kind="uploads", method="PUT")
    assert len(sent) < len(placed.node.blobs())


def test_a_registry_that_does_not_mount_is_sent_the_bytes(
    source: EmbeddedRegistry, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    node = single()
    images = [source.push(node, name=f"acme/n{number}") for number in range(2)]
    is_mount = Match("mount", lambda request: "mount" in request.query)
    fault = destination.faults.add(Fault(answer(405), is_mount))

    done = relocate(thin_bundle(*images))

    assert fault.hits == len(node.blobs())
    for moved in done.mapping.values():
        assert all(destination.has(repository_of(moved), blob.digest) for blob in node.blobs())


def test_non_distributable_layers_are_never_asked_for(
    source: EmbeddedRegistry, relocate: Relocate
) -> None:
    placed = source.push(non_distributable())

    assert relocate(thin_bundle(placed)).status == 0
    present = {blob.digest for blob in placed.node.blobs()}
    assert {e.reference for e in source.recorder.matching(kind="blobs")} == present


def test_a_registry_that_insists_on_non_distributable_layers_is_told_on(
    source: EmbeddedRegistry, relocate: Relocate
) -> None:
    placed = source.push(non_distributable())

    with EmbeddedRegistry(insists_on_foreign_layers=True) as insisting:
        refused = relocate(thin_bundle(placed), prefix=f"{insisting.host}/user")

    assert "MANIFEST_BLOB_UNKNOWN" in refused.refusal


def test_blobs_may_be_kept_elsewhere(placed: PlacedImage, relocate: Relocate) -> None:
    with EmbeddedRegistry() as elsewhere, EmbeddedRegistry() as front:
        elsewhere.push(placed.node)
        front.push(placed.node)
        to = lambda request: f"{elsewhere.url}{request.path}"  # noqa: E731
        front.faults.add(Fault(redirect(to), kind("blobs") & method("GET")))

        done = relocate(thin_bundle((f"{front.host}/acme/app:v1", placed.node)))

    assert done.status == 0


def test_redirects_without_end_are_refused(
    placed: PlacedImage, source: EmbeddedRegistry, relocate: Relocate
) -> None:
    again = lambda request: f"{source.url}{request.path}"  # noqa: E731
    source.faults.add(Fault(redirect(again), kind("blobs") & method("GET")))

    assert "answered 307" in relocate(thin_bundle(placed)).refusal


@pytest.mark.parametrize("place", ["http://[", "http://example.com:port/", "//"])
def test_a_redirect_to_what_is_no_url_is_refused(
    place: str, placed: PlacedImage, source: EmbeddedRegistry, relocate: Relocate
) -> None:
    source.faults.add(Fault(redirect(place), kind("blobs") & method("GET")))

    assert relocate(thin_bundle(placed)).refusal


@pytest.mark.parametrize("place", ["http://[", "http://127.0.0.1:port/"])
def test_an_upload_to_what_is_no_url_is_refused(
    place: str, placed: PlacedImage, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    opened = answer(202, {"Location": place})
    destination.faults.add(Fault(opened, kind("uploads") & method("POST")))

    assert "no URL" in relocate(thin_bundle(placed)).refusal


def test_a_registry_that_is_not_there_is_refused_at_once(
    placed: PlacedImage, relocate: Relocate
) -> None:
    refused = relocate(thin_bundle(placed), prefix="127.0.0.1:1/user")

    assert "127.0.0.1:1 cannot be reached" in refused.refusal


def test_the_registrys_own_words_are_passed_on(
    placed: PlacedImage, destination: EmbeddedRegistry, relocate: Relocate
) -> None:
    body = b'{"errors": [{"code": "DENIED", "message": "quota \\u001b[31mexceeded"}]}'
    destination.faults.add(Fault(answer(403, body=body), method("PUT")))

    refusal = relocate(thin_bundle(placed)).refusal

    assert "answered 403" in refusal
    assert "DENIED" in refusal
    assert "\x1b" not in refusal


def test_an_archive_with_a_wrong_blob_is_refused(relocate: Relocate) -> None:
    node = single()
    layer = node.blobs()[-1].digest

    refused = relocate(thick_bundle(("example.com/a:v1", node), corrupt=[layer]))

    assert f"{layer} does not match" in refused.refusal


def test_an_archive_that_lacks_a_blob_is_refused(relocate: Relocate) -> None:
    node = single()
    layer = node.blobs()[-1].digest

    refused = relocate(thick_bundle(("example.com/a:v1", node), omit_blobs=[layer]))

    assert layer.partition(":")[2] in refused.refusal
