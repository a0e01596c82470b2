"""Faults hit the requests they are for, do what they say, and are recorded."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import (
    Action,
    Fault,
    Match,
    answer,
    anything,
    challenge,
    corrupt,
    delay,
    followed_by,
    header,
    kind,
    located,
    mapped,
    method,
    path,
    redirect,
    reference,
    repository,
    reset,
    reset_upload,
    stall,
    substitute,
    truncate,
    with_content,
)
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single

Ask = Callable[..., urllib3.BaseHTTPResponse]
Say = Callable[[Registry, bytes], socket.socket]
DigestOf = Callable[..., str]

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def blob(registry: EmbeddedRegistry, digest_of: DigestOf) -> str:
    """The path of a blob of 1,024,000 bytes."""
    registry.put_blob("a", digest_of(CONTENT), CONTENT)
    return f"/v2/a/blobs/{digest_of(CONTENT)}"


@pytest.fixture(params=["memory", "folder"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedRegistry]:
    """A registry of each kind of storage."""
    folder = tmp_path if request.param == "folder" else None
    with EmbeddedRegistry(folder=folder) as registry:
        yield registry


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; raises ConnectionResetError for a reset."""
    content = bytearray()
    while part := connection.recv(65536):
        content += part
    return bytes(content)


# Which requests


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        (anything, True),
        (method("GET"), True),
        (method("HEAD", "PUT"), False),
        (kind("blobs", "manifests"), True),
        (kind("uploads"), False),
        (path(r"/v2/.*/manifests/v\d$"), True),
        (path("blobs"), False),
        (repository("acme/app"), True),
        (repository("acme"), False),
        (reference("v1"), True),
        (reference("v2"), False),
        (method("GET") & kind("manifests"), True),
        (method("GET") & kind("blobs"), False),
        (kind("blobs") | method("GET"), True),
        (~method("GET"), False),
    ],
    ids=str,
)
def test_fault_hits_what_it_matches(
    registry: EmbeddedRegistry, ask: Ask, match: Match, hit: bool
) -> None:
    registry.push(single(), name="acme/app", tag="v1")
    registry.faults.add(Fault(answer(418), match))

    status = ask(registry, "GET", "/v2/acme/app/manifests/v1").status

    assert status == (418 if hit else 200)


@pytest.mark.parametrize(
    ("body", "status"),
    [(None, 202), (b"x", 418), ((b"x",), 418)],
    ids=["none", "of a known length", "in chunks"],
)
def test_fault_hits_requests_with_content(
    registry: EmbeddedRegistry, ask: Ask, body: bytes | tuple[bytes] | None, status: int
) -> None:
    registry.faults.add(Fault(answer(418), with_content))

    assert ask(registry, "POST", "/v2/a/blobs/uploads/", body).status == status


def test_transient_fault_is_over_after_its_times(registry: EmbeddedRegistry, ask: Ask) -> None:
    fault = registry.faults.add(Fault(answer(503), times=2))

    assert [ask(registry, "GET", "/v2/").status for _ in range(4)] == [503, 503, 200, 200]
    assert (fault.hits, fault.spent) == (2, True)


def test_fault_may_let_some_requests_pass_first(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(answer(503), after=2, times=1))

    assert [ask(registry, "GET", "/v2/").status for _ in range(4)] == [200, 200, 503, 200]


def test_faults_come_one_after_the_other(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(answer(503), times=1))
    registry.faults.add(Fault(answer(429), times=1))

    assert [ask(registry, "GET", "/v2/").status for _ in range(3)] == [503, 429, 200]


def test_cleared_faults_hit_nothing(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(answer(503)))

    registry.faults.clear()

    assert ask(registry, "GET", "/v2/").status == 200


def test_fixtures_own_traffic_meets_no_fault_and_leaves_no_trace(
    registry: EmbeddedRegistry,
) -> None:
    fault = registry.faults.add(Fault(reset()))

    placed = registry.push(single())

    assert registry.read(placed.name, placed.digest) == placed.node.content
    assert (fault.hits, registry.recorder.exchanges) == (0, ())


def test_recorder_tells_which_fault_hit(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(answer(503), times=1))

    ask(registry, "GET", "/v2/")
    ask(registry, "GET", "/v2/")

    assert [(e.status, e.fault) for e in registry.recorder.exchanges] == [
        (503, "answer 503"),
        (200, None),
    ]


# Answers in the place of the registry's


def test_answer_replaces_what_the_registry_would_do(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(answer(429, {"Retry-After": "7"}, b"later")))

    got = ask(registry, "POST", "/v2/a/blobs/uploads/")

    assert (got.status, got.headers["Retry-After"], got.data) == (429, "7", b"later")
    assert registry.store.uploads == ()


def test_connection_survives_an_answer_that_left_the_body_unread(
    registry: EmbeddedRegistry, blob: str
) -> None:
    registry.faults.add(Fault(answer(503), times=1))
    connection = http.client.HTTPConnection(registry.host)

    connection.request("PUT", "/v2/a/blobs/uploads/x", CONTENT)
    first = connection.getresponse()
    first.read()
    connection.request("GET", blob)
    second = connection.getresponse()

    assert (first.status, second.status, second.read()) == (503, 200, CONTENT)
    connection.close()


def test_challenge_asks_for_credentials(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(challenge('Bearer realm="http://127.0.0.1:1/token"')))

    got = ask(registry, "GET", "/v2/")

    assert got.status == 401
    assert got.headers["WWW-Authenticate"] == 'Bearer realm="http://127.0.0.1:1/token"'


def test_redirect_leads_to_another_registry(
    registry: EmbeddedRegistry, ask: Ask, blob: str
) -> None:
    with EmbeddedRegistry() as other:
        other.faults.add(Fault(redirect(lambda request: registry.url + request.target)))

        got = ask(other, "GET", blob)

    assert (got.status, got.headers["Location"]) == (307, registry.url + blob)
    assert ask(registry, "GET", got.headers["Location"]).data == CONTENT


def test_delay_waits_before_it_goes_on(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(delay(0.2)))
    started = time.monotonic()

    status = ask(registry, "GET", "/v2/").status

    assert status == 200
    assert time.monotonic() - started >= 0.2


def test_registry_stops_in_the_middle_of_a_delay(say: Say) -> None:
    with EmbeddedRegistry() as registry:
        fault = registry.faults.add(Fault(delay(60)))
        connection = say(registry, b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n")
        while not fault.hits:
            time.sleep(0.01)
        started = time.monotonic()

    assert time.monotonic() - started < 1
    connection.close()


# Meddling with the registry's answer


@pytest.mark.parametrize("at", [0, 500_000, 1_023_999, 5_000_000])
def test_corrupt_serves_one_wrong_byte(
    registry: EmbeddedRegistry, ask: Ask, blob: str, at: int
) -> None:
    registry.faults.add(Fault(corrupt(at)))

    got = ask(registry, "GET", blob)

    wrong = at if at < len(CONTENT) else 0
    assert got.data[:wrong] == CONTENT[:wrong]
    assert got.data[wrong] != CONTENT[wrong]
    assert got.data[wrong + 1 :] == CONTENT[wrong + 1 :]
    assert got.headers["Content-Length"] == str(len(CONTENT))


def test_corrupt_works_on_content_that_is_streamed(
    tmp_path: Path, ask: Ask, digest_of: DigestOf
) -> None:
    with EmbeddedRegistry(folder=tmp_path) as registry:
        registry.put_blob("a", digest_of(CONTENT), CONTENT)
        registry.faults.add(Fault(corrupt(700_000)))

        got = ask(registry, "GET", f"/v2/a/blobs/{digest_of(CONTENT)}")

    assert got.data[:700_000] == CONTENT[:700_000]
    assert got.data[700_000] != CONTENT[700_000]
    assert got.data[700_001:] == CONTENT[700_001:]


def test_substitute_serves_other_content_under_the_same_digest(
    registry: EmbeddedRegistry, ask: Ask, blob: str
) -> None:
    registry.faults.add(Fault(substitute(b"other")))

    got = ask(registry, "GET", blob)

    assert (got.data, got.headers["Content-Length"]) == (b"other", "5")
    assert blob.endswith(got.headers["Docker-Content-Digest"])


def test_truncate_closes_in_order_before_the_announced_length(
    registry: EmbeddedRegistry, say: Say, blob: str
) -> None:
    registry.faults.add(Fault(truncate(1000)))
    connection = say(registry, f"GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    head, _, body = received(connection).partition(b"\r\n\r\n")

    assert b"Content-Length: 1024000" in head
    assert body == CONTENT[:1000]
    assert registry.recorder.exchanges[0].bytes_sent == 1000
    connection.close()


def test_reset_before_the_answer_resets_the_connection(
    registry: EmbeddedRegistry, say: Say, blob: str
) -> None:
    registry.faults.add(Fault(reset()))
    connection = say(registry, f"GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    with pytest.raises(ConnectionResetError):
        connection.recv(1)

    exchange = registry.recorder.exchanges[0]
    assert (exchange.status, exchange.fault) == (0, "reset")
    connection.close()


def test_reset_inside_the_answer_resets_the_connection(
    registry: EmbeddedRegistry, say: Say, blob: str
) -> None:
    registry.faults.add(Fault(reset(after_bytes=1000)))
    connection = say(registry, f"GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    with pytest.raises(ConnectionResetError):
        received(connection)

    exchange = registry.recorder.exchanges[0]
    assert (exchange.status, exchange.bytes_sent) == (200, 1000)
    connection.close()


def test_stall_falls_silent_inside_the_answer(
    registry: EmbeddedRegistry, ask: Ask, blob: str
) -> None:
    registry.faults.add(Fault(stall(after_bytes=1000, seconds=0.2)))
    started = time.monotonic()

    got = ask(registry, "GET", blob)

    assert got.data == CONTENT
    assert time.monotonic() - started >= 0.2


def test_stall_sends_what_comes_before_the_silence(
    registry: EmbeddedRegistry, say: Say, blob: str
) -> None:
    registry.faults.add(Fault(stall(after_bytes=1000, seconds=60)))
    connection = say(registry, f"GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    content = b""
    while len(content.partition(b"\r\n\r\n")[2]) < 1000:
        content += connection.recv(65536)
    connection.settimeout(0.1)

    assert content.endswith(b"\r\n\r\n" + CONTENT[:1000])
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.close()


@pytest.mark.parametrize("value", ["sha256:" + "0" * 64, None])
def test_header_lies_or_is_left_out(
    registry: EmbeddedRegistry, ask: Ask, blob: str, value: str | None
) -> None:
    registry.faults.add(Fault(header("Docker-Content-Digest", value)))

    got = ask(registry, "GET", blob)

    assert got.headers.get("Docker-Content-Digest") == value
    assert got.data == CONTENT


def test_lie_about_the_length_closes_the_connection(
    registry: EmbeddedRegistry, say: Say, blob: str
) -> None:
    registry.faults.add(Fault(header("Content-Length", "2000000")))
    connection = say(registry, f"GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    head, _, body = received(connection).partition(b"\r\n\r\n")

    assert b"Content-Length: 2000000" in head
    assert body == CONTENT
    connection.close()


@pytest.mark.parametrize(
    "action",
    [corrupt(), truncate(1), reset(1), stall(0, 60), substitute(b"x")],
    ids=lambda a: a.description,
)
def test_refusals_are_left_as_they_are(
    registry: EmbeddedRegistry, ask: Ask, action: Action
) -> None:
    plain = ask(registry, "GET", "/v2/a/manifests/none").data
    registry.faults.add(Fault(action))

    got = ask(registry, "GET", "/v2/a/manifests/none")

    assert (got.status, got.data) == (404, plain)


def test_located_gives_another_location(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(located(lambda request, own: f"{request.path}-{own[:4]}")))

    answered = ask(registry, "POST", "/v2/a/blobs/uploads/", b"")

    assert answered.headers["Location"] == "/v2/a/blobs/uploads/-/v2/"


def test_located_adds_no_location(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.faults.add(Fault(located(lambda *_: "/elsewhere")))

    assert "Location" not in ask(registry, "GET", "/v2/").headers


def test_mapped_asks_for_another_target(registry: EmbeddedRegistry, ask: Ask, blob: str) -> None:
    registry.faults.add(Fault(mapped(lambda asked: blob if asked == "/else?x=1" else "/")))

    assert ask(registry, "GET", "/else?x=1").data == CONTENT
    assert registry.recorder.exchanges[0].path == "/else"


@pytest.mark.usefixtures("blob")
def test_mapped_can_take_the_query_away(
    registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    registry.faults.add(Fault(mapped(lambda asked: asked.partition("?")[0])))

    mount = f"/v2/b/blobs/uploads/?mount={digest_of(CONTENT)}&from=a"

    assert ask(registry, "POST", mount).status == 202


def test_body_is_followed_by_a_filler(registry: EmbeddedRegistry, ask: Ask, blob: str) -> None:
    registry.faults.add(Fault(followed_by(b"ab", 3)))

    answered = ask(registry, "GET", blob)

    assert answered.data == CONTENT + b"ababab"
    assert "Content-Length" not in answered.headers


# Uploads


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_upload_reset_half_way_leaves_no_blob(
    either: EmbeddedRegistry, ask: Ask, digest_of: DigestOf, verb: str
) -> None:
    location = ask(either, "POST", "/v2/a/blobs/uploads/").headers["Location"]
    either.faults.add(Fault(reset_upload(500_000), method("PUT", "PATCH"), times=1))

    with pytest.raises(urllib3.exceptions.ProtocolError):
        ask(either, verb, f"{location}?digest={digest_of(CONTENT)}", CONTENT)

    exchange = either.recorder.matching(method=verb)[0]
    assert (exchange.status, exchange.fault) == (0, "reset after 500000 bytes received")
    assert exchange.bytes_received > 500_000
    assert not either.has("a", digest_of(CONTENT))


def test_upload_that_was_reset_can_be_done_again(
    either: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    digest = digest_of(CONTENT)
    first = ask(either, "POST", "/v2/a/blobs/uploads/").headers["Location"]
    either.faults.add(Fault(reset_upload(0), method("PUT"), times=1))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        ask(either, "PUT", f"{first}?digest={digest}", CONTENT)

    second = ask(either, "POST", "/v2/a/blobs/uploads/").headers["Location"]
    ask(either, "PUT", f"{second}?digest={digest}", CONTENT)

    assert either.read("a", digest) == CONTENT


# Clients that go wrong by themselves


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "POST"])
def test_client_that_vanishes_leaves_no_blob_and_no_noise(
    either: EmbeddedRegistry,
    ask: Ask,
    say: Say,
    digest_of: DigestOf,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    verb: str,
) -> None:
    path = "/v2/a/blobs/uploads/"
    if verb != "POST":
        path = ask(either, "POST", path).headers["Location"]
    head = f"{verb} {path}?digest={digest_of(CONTENT)} HTTP/1.1\r\nHost: x\r\n"
    head += f"Content-Length: {len(CONTENT)}\r\n\r\n"

    say(either, head.encode() + CONTENT[:1000]).close()
    while not (seen := either.recorder.matching(method=verb, status=0)):
        time.sleep(0.01)

    assert seen[0].bytes_received == 1000
    assert "a" not in either.store.repositories
    assert len(either.store.uploads) == (0 if verb == "POST" else 1)
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])


def test_client_that_does_not_wait_for_the_answer_makes_no_noise(
    registry: EmbeddedRegistry,
    say: Say,
    blob: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(5):
        say(registry, f"GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 3).close()

    registry.stop()

    assert (capfd.readouterr(), caplog.records) == (("", ""), [])


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_malformed_request_is_refused(
    registry: EmbeddedRegistry, say: Say, request_bytes: bytes
) -> None:
    connection = say(registry, request_bytes)

    assert b" 400 " in received(connection).partition(b"\r\n")[0]
    connection.close()


def test_client_that_expects_continue_is_told_to_go_on(
    registry: EmbeddedRegistry, say: Say, digest_of: DigestOf
) -> None:
    digest = digest_of(b"0123")
    head = f"POST /v2/a/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: x\r\n"
    connection = say(registry, head.encode() + b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n")

    interim = connection.recv(65536)
    connection.sendall(b"0123")
    final = connection.recv(65536)

    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert final.startswith(b"HTTP/1.1 201 ")
    assert registry.read("a", digest) == b"0123"
    connection.close()


def test_client_that_expects_continue_is_refused_before_it_sends(
    registry: EmbeddedRegistry, say: Say
) -> None:
    registry.faults.add(Fault(answer(503)))
    connection = say(
        registry,
        b"PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        b"Expect: 100-continue\r\n\r\n",
    )

    assert received(connection).startswith(b"HTTP/1.1 503 ")
    assert registry.recorder.exchanges[0].bytes_received == 0
    connection.close()


# The recorder


def test_exchange_tells_what_was_said(registry: EmbeddedRegistry, ask: Ask) -> None:
    ask(registry, "POST", "/v2/acme/app/blobs/uploads/?mount=sha256:00&from=b", b"", X_y="z")

    exchange = registry.recorder.exchanges[0]

    assert (exchange.method, exchange.path) == ("POST", "/v2/acme/app/blobs/uploads/")
    assert exchange.query == {"mount": "sha256:00", "from": "b"}
    assert (exchange.kind, exchange.repository, exchange.reference) == ("uploads", "acme/app", "")
    assert exchange.status == 202
    assert exchange.request_headers["x-Y"] == "z"
    assert exchange.response_headers["location"].startswith("/v2/acme/app/blobs/uploads/")


def test_exchange_counts_the_bytes_of_both_bodies(
    registry: EmbeddedRegistry, ask: Ask, blob: str, digest_of: DigestOf
) -> None:
    ask(registry, "GET", blob)
    ask(registry, "POST", f"/v2/b/blobs/uploads/?digest={digest_of(CONTENT)}", CONTENT)

    read, written = registry.recorder.exchanges

    assert (read.bytes_received, read.bytes_sent) == (0, len(CONTENT))
    assert (written.bytes_received, written.bytes_sent) == (len(CONTENT), 0)


@pytest.mark.parametrize("authorization", ["Basic dTpw", "Bearer secret", "secret"])
def test_recorder_keeps_no_credentials(
    registry: EmbeddedRegistry, ask: Ask, authorization: str
) -> None:
    ask(registry, "GET", "/v2/?refresh_token=secret", Authorization=authorization)

    told = repr(registry.recorder.exchanges)

    assert "redacted" in told
    assert not any(secret in told for secret in ("secret", "dTpw"))


def test_recorder_finds_exchanges_by_what_they_are(registry: EmbeddedRegistry, ask: Ask) -> None:
    ask(registry, "GET", "/v2/a/manifests/v1")
    ask(registry, "HEAD", "/v2/a/manifests/v1")
    ask(registry, "GET", "/v2/b/tags/list")

    recorder = registry.recorder

    assert len(recorder.matching(repository="a")) == 2
    assert len(recorder.matching(repository="a", method="HEAD", kind="manifests")) == 1
    assert len(recorder.matching(kind="tags", status=404)) == 1
    assert recorder.matching(reference="v2") == ()


def test_cleared_recorder_has_no_exchanges(registry: EmbeddedRegistry, ask: Ask) -> None:
    ask(registry, "GET", "/v2/")

    registry.recorder.clear()

    assert registry.recorder.exchanges == ()
