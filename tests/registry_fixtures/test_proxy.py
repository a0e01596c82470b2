"""The recording proxy passes everything on as it is, and adds what it was asked to add."""

import http.client
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from registry_fixtures.auth import Anonymous, Basic, Token
from registry_fixtures.containers import available_image
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Action, Fault, answer, header, reset, reset_upload, truncate
from registry_fixtures.opening import Unavailable, check_registry, open_registry
from registry_fixtures.proxy import Upstream
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import SHAPES, single
from registry_fixtures.tls import TLS

Ask = Callable[..., urllib3.BaseHTTPResponse]
Say = Callable[[Registry, bytes], socket.socket]
DigestOf = Callable[..., str]

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def proxy(registry: EmbeddedRegistry) -> Iterator[Upstream]:
    """A proxy in front of `registry`."""
    with Upstream(registry.url) as proxy:
        yield proxy


def test_every_shape_goes_through(proxy: Upstream, registry: EmbeddedRegistry) -> None:
    for number, shape in enumerate(SHAPES):
        placed = proxy.push(shape(), name=f"a/{number}")

        assert all(registry.read(placed.name, node) == node.content for node in placed.walk())
        assert all(proxy.read(placed.name, node) == node.content for node in placed.walk())


def test_both_sides_record_the_same(proxy: Upstream, registry: EmbeddedRegistry, say: Say) -> None:
    head = b"GET /v2/a/blobs/sha256:00?x=%2F HTTP/1.1\r\nHost: x:1\r\nA: b\r\nA: c\r\n\r\n"
    connection = say(proxy, head)
    connection.recv(1)
    connection.close()

    (outside,), (inside,) = proxy.recorder.exchanges, registry.recorder.exchanges
    assert str(outside) == str(inside) == "GET /v2/a/blobs/sha256:00?x=/ -> 404"
    added = {"X-Forwarded-Proto": "http"}
    assert dict(inside.request_headers) == {**outside.request_headers, **added}
    assert inside.response_headers == outside.response_headers


def test_own_traffic_of_the_proxy_is_kept_apart(proxy: Upstream) -> None:
    proxy.push(single())

    assert proxy.recorder.exchanges == ()


def test_absolute_locations_lead_back_to_the_proxy(
    proxy: Upstream, registry: EmbeddedRegistry, ask: Ask
) -> None:
    registry.faults.add(Fault(header("Location", f"{registry.url}/v2/a/blobs/uploads/1?x=y")))

    got = ask(proxy, "POST", "/v2/a/blobs/uploads/")

    assert got.headers["Location"] == f"{proxy.url}/v2/a/blobs/uploads/1?x=y"


def test_redirects_elsewhere_are_passed_on(
    proxy: Upstream, registry: EmbeddedRegistry, ask: Ask
) -> None:
    registry.faults.add(Fault(answer(307, {"Location": "http://127.0.0.1:1/x"})))

    got = ask(proxy, "GET", "/v2/")

    assert (got.status, got.headers["Location"]) == (307, "http://127.0.0.1:1/x")


def test_length_of_a_head_is_passed_on(proxy: Upstream, ask: Ask) -> None:
    placed = proxy.push(single())

    got = ask(proxy, "HEAD", "/v2/acme/app/manifests/v1")

    assert got.headers["Content-Length"] == str(placed.node.size)


def test_encoded_bodies_are_passed_on_as_they_are(
    proxy: Upstream, registry: EmbeddedRegistry
) -> None:
    registry.faults.add(Fault(answer(200, {"Content-Encoding": "gzip"}, b"not even gzip")))

    connection = http.client.HTTPConnection(proxy.host)
    connection.request("GET", "/v2/")

    assert connection.getresponse().read() == b"not even gzip"
    connection.close()


def test_faults_of_the_proxy_hit_before_the_registry(
    proxy: Upstream, registry: EmbeddedRegistry, ask: Ask
) -> None:
    proxy.faults.add(Fault(answer(503)))

    assert ask(proxy, "GET", "/v2/").status == 503
    assert registry.recorder.exchanges == ()


def test_upload_reset_at_the_proxy_leaves_no_blob(
    proxy: Upstream, registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    proxy.faults.add(Fault(reset_upload(500_000)))

    with pytest.raises(urllib3.exceptions.ProtocolError):
        ask(proxy, "POST", f"/v2/a/blobs/uploads/?digest={digest_of(CONTENT)}", CONTENT)

    assert not registry.has("a", digest_of(CONTENT))


@pytest.mark.parametrize(
    "fault", [reset(), truncate(1000), reset(1000)], ids=lambda a: a.description
)
def test_registry_that_breaks_off_looks_broken_off(
    proxy: Upstream, registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf, fault: Action
) -> None:
    registry.put_blob("a", digest_of(CONTENT), CONTENT)
    registry.faults.add(Fault(fault))

    try:
        status = ask(proxy, "GET", f"/v2/a/blobs/{digest_of(CONTENT)}").status
    except urllib3.exceptions.HTTPError:
        status = 0

    assert status == (502 if fault.description == "reset" else 0)


def test_unreachable_registry_is_a_bad_gateway(ask: Ask) -> None:
    with Upstream("http://127.0.0.1:1") as proxy:
        assert ask(proxy, "GET", "/v2/").status == 502


def test_proxy_adds_tls(registry: EmbeddedRegistry) -> None:
    with Upstream(registry.url, tls=TLS()) as proxy:
        placed = proxy.push(single())

        assert proxy.url.startswith("https://")
        assert registry.read(placed.name, placed.digest) == placed.node.content


def test_proxy_adds_authentication(registry: EmbeddedRegistry, ask: Ask) -> None:
    with Upstream(registry.url, auth=Basic("ann", "secret")) as proxy:
        refused = ask(proxy, "GET", "/v2/").status
        admitted = ask(proxy, "GET", "/v2/", Authorization="Basic YW5uOnNlY3JldA==").status

    assert (refused, admitted) == (401, 200)
    assert "Authorization" not in registry.recorder.exchanges[0].request_headers


def test_proxy_tells_how_a_request_was_authenticated_behind_it(ask: Ask) -> None:
    with (
        EmbeddedRegistry(auth=Basic("ann", "secret")) as registry,
        Upstream(registry.url) as proxy,
    ):
        ask(proxy, "GET", "/v2/", Authorization="Basic invented")
        ask(proxy, "GET", "/v2/", Authorization="Basic YW5uOnNlY3JldA==")

        told = [exchange.authenticated for exchange in proxy.recorder.exchanges]

    assert told == ["anonymous", "basic"]


def test_long_upload_is_streamed_through_proxy_and_registry_to_a_folder(
    tmp_path: Path, ask: Ask, digest_of: DigestOf
) -> None:
    part, parts = bytes(1024 * 1024), 48
    digest = digest_of(part * parts)
    with EmbeddedRegistry(folder=tmp_path) as registry, Upstream(registry.url) as proxy:
        tracemalloc.start()
        path = f"/v2/a/blobs/uploads/?digest={digest}"
        got = ask(proxy, "POST", path, iter([part] * parts), Content_Length=str(len(part) * parts))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert got.status == 201
        assert registry.has("a", digest)
    assert peak < 8 * len(part)


# Opening by name


def test_registry_is_opened_by_url(registry: EmbeddedRegistry) -> None:
    with open_registry(registry.url) as opened:
        placed = opened.push(single())

        assert registry.read(placed.name, placed.digest) == placed.node.content
        assert opened.host != registry.host


@pytest.mark.parametrize("auth", [Basic, Token])
def test_url_may_hold_credentials(auth: type[Basic] | type[Token]) -> None:
    with EmbeddedRegistry(auth=auth("ann", "a:b@c")) as registry:
        url = registry.url.replace("://", "://ann:a%3Ab%40c@")

        with open_registry(url) as opened:
            placed = opened.push(single())

        assert registry.read(placed.name, placed.digest) == placed.node.content


def test_embedded_registry_is_opened_by_name() -> None:
    with open_registry("embedded", tls=TLS(), auth=Anonymous()) as opened:
        assert isinstance(opened, EmbeddedRegistry)
        assert opened.url.startswith("https://127.0.0.1:")


@pytest.mark.parametrize("spec", ["", "nothing", "ftp://x", "http://"])
def test_what_is_no_registry_is_refused_with_what_would_be(spec: str) -> None:
    with pytest.raises(ValueError, match="give a URL, or one of embedded, distribution"):
        open_registry(spec)


def test_a_registry_that_answers_is_available(registry: EmbeddedRegistry) -> None:
    check_registry(registry.url)


def test_a_url_where_nothing_answers_is_not_available() -> None:
    with pytest.raises(Unavailable, match="no registry answers there"):
        check_registry("http://127.0.0.1:1")


def test_a_container_without_an_engine_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    available_image.cache_clear()

    with pytest.raises(Unavailable, match="no container engine answers at unix:///nowhere"):
        check_registry("distribution")
