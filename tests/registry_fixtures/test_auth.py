"""Authentication and TLS: who gets in, with what, and what is told to those who don't."""

import base64
import json
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
import urllib3

from registry_fixtures.auth import SERVICE, Auth, Basic, Token, Witness
from registry_fixtures.client import RegistryClient, RegistryError
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, answer, kind, reset
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from registry_fixtures.tls import TLS

Ask = Callable[..., urllib3.BaseHTTPResponse]

USER, PASSWORD = "ann", "pa:ss wörd"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
WRONG = "Basic " + base64.b64encode(f"{USER}:wrong".encode()).decode()


def token(registry: Registry, ask: Ask, *scopes: str, authorization: str = BASIC) -> str:
    """Get a token, as a value for Authorization."""
    query = urlencode([("service", SERVICE), *(("scope", scope) for scope in scopes)])
    answer = ask(registry, "GET", f"/token?{query}", Authorization=authorization)
    return f"Bearer {json.loads(answer.data)['token']}"


def fields(challenge: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', challenge))


# What a witness sees


def test_witness_lets_the_other_authentication_decide(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Witness(Token(USER, PASSWORD))) as registry:
        strange = ask(registry, "GET", "/v2/").status
        known = ask(registry, "GET", "/v2/", Authorization=token(registry, ask)).status

    assert (strange, known) == (401, 200)


def test_witness_keeps_what_was_shown_whether_or_not_it_was_right(ask: Ask) -> None:
    witness = Witness(Basic(USER, PASSWORD))
    with EmbeddedRegistry(auth=witness) as registry:
        ask(registry, "GET", "/v2/")
        ask(registry, "GET", "/v2/", Authorization=WRONG)
        ask(registry, "GET", "/v2/", Authorization="Bearer x")

    assert witness.shown == (WRONG, USER, "wrong", "Bearer x")


# Basic


def test_basic_registry_challenges_a_stranger(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        answer = ask(registry, "GET", "/v2/")

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="registry-fixtures"'
    assert json.loads(answer.data)["errors"][0]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [(BASIC, 200), (WRONG, 401), ("Basic !", 401), ("Basic /w==", 401), ("Bearer x", 401)],
)
def test_basic_registry_admits_its_user_alone(ask: Ask, authorization: str, status: int) -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        assert ask(registry, "GET", "/v2/", Authorization=authorization).status == status


def test_stranger_leaves_nothing_in_a_basic_registry(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        ask(registry, "POST", "/v2/a/blobs/uploads/", b"x")

        assert registry.store.uploads == ()


# Token


def test_token_registry_challenges_with_realm_service_and_scope(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        answer = ask(registry, "POST", "/v2/a/b/blobs/uploads/")

        assert answer.status == 401
        assert fields(answer.headers["WWW-Authenticate"]) == {
            "realm": f"{registry.url}/token",
            "service": SERVICE,
            "scope": "repository:a/b:pull,push",
        }


def test_base_is_challenged_without_a_scope(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        answer = ask(registry, "GET", "/v2/")

    assert answer.status == 401
    assert "scope" not in fields(answer.headers["WWW-Authenticate"])


def test_mount_asks_for_the_source_too(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        answer = ask(registry, "POST", "/v2/a/blobs/uploads/?mount=sha256:00&from=b")

    scope = fields(answer.headers["WWW-Authenticate"])["scope"]
    assert scope == "repository:a:pull,push repository:b:pull"


@pytest.mark.parametrize("authorization", [WRONG, ""])
def test_token_endpoint_turns_strangers_away(ask: Ask, authorization: str) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        path = f"/token?service={SERVICE}&scope=repository:a:pull"
        answer = ask(registry, "GET", path, Authorization=authorization)

    assert answer.status == 401
    assert b"token" not in answer.data


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("repository:a:pull", "GET", "/v2/a/manifests/v1", 200),
        ("repository:a:pull", "POST", "/v2/a/blobs/uploads/", 401),
        ("repository:a:push", "GET", "/v2/a/manifests/v1", 401),
        ("repository:b:pull,push", "GET", "/v2/a/manifests/v1", 401),
        ("repository:a:pull,push", "POST", "/v2/a/blobs/uploads/", 202),
        ("repository:a:pull,push", "DELETE", "/v2/a/manifests/v1", 401),
        ("repository:a:delete", "DELETE", "/v2/a/manifests/v1", 202),
        ("repository:a:pull", "GET", "/v2/_catalog", 401),
        ("registry:catalog:*", "GET", "/v2/_catalog", 200),
        ("", "GET", "/v2/", 200),
    ],
)
def test_token_is_good_for_its_scope_alone(
    ask: Ask, scope: str, method: str, path: str, status: int
) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        registry.push(single(), name="a")
        bearer = token(registry, ask, scope)

        assert ask(registry, method, path, Authorization=bearer).status == status


def test_token_for_two_scopes_mounts_from_one_to_the_other(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        layer = registry.push(single(), name="b").node.blobs()[0]
        bearer = token(registry, ask, "repository:a:pull,push", "repository:b:pull")
        path = f"/v2/a/blobs/uploads/?mount={layer.digest}&from=b"

        assert ask(registry, "POST", path, Authorization=bearer).status == 201
        assert registry.read("a", layer) == layer.content


def test_name_that_is_none_is_refused_for_that_not_for_its_token(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        bearer = token(registry, ask)
        path = "/v2/a%0d%0aX:y/tags/list"

        refused = ask(registry, "GET", path)
        admitted = ask(registry, "GET", path, Authorization=bearer)

    assert "X" not in refused.headers
    assert (refused.status, admitted.status) == (401, 400)


def test_token_too_small_is_told_so(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        bearer = token(registry, ask, "repository:a:pull")

        answer = ask(registry, "POST", "/v2/a/blobs/uploads/", Authorization=bearer)

    assert fields(answer.headers["WWW-Authenticate"])["error"] == "insufficient_scope"


def test_expired_token_is_invalid(ask: Ask) -> None:
    auth = Token(USER, PASSWORD)
    with EmbeddedRegistry(auth=auth) as registry:
        bearer = token(registry, ask)
        auth.expire()

        answer = ask(registry, "GET", "/v2/", Authorization=bearer)

    assert answer.status == 401
    assert fields(answer.headers["WWW-Authenticate"])["error"] == "invalid_token"


def test_token_is_good_for_its_lifetime(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD, lifetime=0)) as registry:
        bearer = token(registry, ask)

        assert ask(registry, "GET", "/v2/", Authorization=bearer).status == 401


@pytest.mark.parametrize(("scope", "status"), [("pull", 200), ("pull,push", 200), ("push", 401)])
def test_anonymous_tokens_are_for_pulling(ask: Ask, scope: str, status: int) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD, anonymous_pull=True)) as registry:
        registry.push(single(), name="a")
        bearer = token(registry, ask, f"repository:a:{scope}", authorization="")

        read = ask(registry, "GET", "/v2/a/manifests/v1", Authorization=bearer)
        written = ask(registry, "POST", "/v2/a/blobs/uploads/", Authorization=bearer)

    assert (read.status, written.status) == (status, 401)


def test_oauth2_password_grant_gives_tokens(ask: Ask) -> None:
    form = {
        "service": SERVICE,
        "grant_type": "password",
        "username": USER,
        "password": PASSWORD,
        "scope": "repository:a:pull",
        "access_type": "offline",
    }
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        granted = json.loads(ask(registry, "POST", "/token", urlencode(form).encode()).data)
        bearer = f"Bearer {granted['access_token']}"

        assert ask(registry, "GET", "/v2/", Authorization=bearer).status == 200
        assert "refresh_token" in granted


@pytest.mark.parametrize("service", ["", "another"])
def test_tokens_are_for_the_service_that_challenges_name(ask: Ask, service: str) -> None:
    query = urlencode({"service": service})
    form = {"grant_type": "password", "username": USER, "password": PASSWORD, "service": service}
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        got = ask(registry, "GET", f"/token?{query}", Authorization=BASIC)
        posted = ask(registry, "POST", "/token", urlencode(form).encode())

    assert (got.status, posted.status) == (400, 400)


def test_realm_may_be_at_another_path(ask: Ask) -> None:
    auth = Token(USER, PASSWORD)
    with EmbeddedRegistry(auth=auth) as registry:
        auth.realm = f"{registry.url}/auth/token"
        realm = fields(ask(registry, "GET", "/v2/").headers["WWW-Authenticate"])["realm"]
        answer = ask(registry, "GET", f"{realm}?service={SERVICE}", Authorization=BASIC)

    assert realm == auth.realm
    assert auth.issued == (json.loads(answer.data)["token"],)


def test_realm_may_be_another_server(ask: Ask) -> None:
    auth = Token(USER, PASSWORD)
    with EmbeddedRegistry(auth=auth) as registry, EmbeddedRegistry(auth=auth) as other:
        auth.realm = f"{other.url}/token"

        realm = fields(ask(registry, "GET", "/v2/").headers["WWW-Authenticate"])["realm"]
        bearer = token(other, ask)

        assert realm == auth.realm
        assert ask(registry, "GET", "/v2/", Authorization=bearer).status == 200


def test_issued_tokens_are_known(ask: Ask) -> None:
    auth = Token(USER, PASSWORD)
    with EmbeddedRegistry(auth=auth) as registry:
        bearers = [token(registry, ask) for _ in range(2)]
        auth.expire()

    assert [f"Bearer {each}" for each in auth.issued] == bearers


@pytest.mark.parametrize("good", [True, False])
def test_oauth2_refresh_token_gives_tokens_if_it_was_issued(ask: Ask, good: bool) -> None:
    auth = Token(USER, PASSWORD)
    refresh = auth.refresh_token() if good else "invented"
    grant = {"grant_type": "refresh_token", "refresh_token": refresh}
    form = urlencode({"service": SERVICE, **grant}).encode()
    with EmbeddedRegistry(auth=auth) as registry:
        answer = ask(registry, "POST", "/token", form)

    assert answer.status == (200 if good else 400)
    assert ("access_token" in json.loads(answer.data)) == good


def test_token_endpoint_can_be_at_fault(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        registry.faults.add(Fault(answer(503), kind("token"), times=1))

        path = f"/token?service={SERVICE}"
        statuses = [ask(registry, "GET", path, Authorization=BASIC).status for _ in range(2)]

    assert statuses == [503, 200]


def test_unauthenticated_requests_use_no_fault_up(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        fault = registry.faults.add(Fault(answer(503), times=1))

        refused = ask(registry, "GET", "/v2/").status
        hit = ask(registry, "GET", "/v2/", Authorization=BASIC).status

    assert (refused, hit, fault.hits) == (401, 503, 1)


# What the recorder says


def test_recorder_tells_how_each_request_was_authenticated(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Token(USER, PASSWORD)) as registry:
        ask(registry, "GET", "/v2/", Authorization="Bearer invented")
        bearer = token(registry, ask)
        ask(registry, "GET", "/v2/", Authorization=bearer)

        told = [(e.kind, e.status, e.authenticated) for e in registry.recorder.exchanges]
        kept = repr(registry.recorder.exchanges)

    assert told == [
        ("base", 401, "anonymous"),
        ("token", 200, "basic"),
        ("base", 200, "bearer"),
    ]
    assert bearer.removeprefix("Bearer ") not in kept
    assert BASIC.removeprefix("Basic ") not in kept


# The fixtures' client


@pytest.mark.parametrize(
    "auth", [Basic(USER, PASSWORD), Token(USER, PASSWORD)], ids=["basic", "token"]
)
def test_client_with_credentials_pushes_and_reads(auth: Auth) -> None:
    with EmbeddedRegistry(auth=auth) as registry:
        client = RegistryClient(registry.url, credentials=(USER, PASSWORD))

        placed = client.push(single(), name="a")

        assert all(client.read("a", node) == node.content for node in placed.walk())
        client.close()


def test_client_goes_on_when_its_token_expires() -> None:
    auth = Token(USER, PASSWORD)
    with EmbeddedRegistry(auth=auth) as registry:
        client = RegistryClient(registry.url, credentials=(USER, PASSWORD))
        client.push(single(), name="a")
        auth.expire()

        assert client.tags("a") == ["v1"]
        client.close()


def test_client_with_wrong_credentials_is_refused() -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        client = RegistryClient(registry.url, credentials=(USER, "wrong"))

        with pytest.raises(RegistryError, match="401"):
            client.push(single(), name="a")

        assert registry.catalog() == []
        client.close()


@pytest.mark.parametrize(
    "auth", [Basic(USER, PASSWORD), Token(USER, PASSWORD)], ids=["basic", "token"]
)
def test_registry_itself_needs_no_credentials(auth: Auth) -> None:
    with EmbeddedRegistry(auth=auth) as registry:
        placed = registry.push(single())

        assert registry.read(placed.name, placed.digest) == placed.node.content


def test_mark_of_the_fixtures_own_traffic_cannot_be_guessed(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        answer = ask(registry, "GET", "/v2/", Registry_Fixtures_Own_Traffic="true")

        assert answer.status == 401
        assert len(registry.recorder.exchanges) == 1


# TLS


def trusting(tls: TLS) -> urllib3.PoolManager:
    context = ssl.create_default_context(cadata=tls.ca_pem.decode())
    return urllib3.PoolManager(retries=False, ssl_context=context)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_registry_speaks_tls_to_those_who_trust_its_authority(host: str) -> None:
    tls = TLS()
    with EmbeddedRegistry(tls=tls) as registry, trusting(tls) as pool:
        url = registry.url.replace("127.0.0.1", host)

        assert registry.url.startswith("https://")
        assert pool.request("GET", f"{url}/v2/").status == 200


def test_registry_is_its_own_client_over_tls() -> None:
    with EmbeddedRegistry(tls=TLS()) as registry:
        placed = registry.push(single())

        assert registry.read(placed.name, placed.digest) == placed.node.content


def test_realm_is_https_behind_tls() -> None:
    tls = TLS()
    with EmbeddedRegistry(tls=tls, auth=Token(USER, PASSWORD)) as registry, trusting(tls) as pool:
        answer = pool.request("GET", f"{registry.url}/v2/")

        realm = fields(answer.headers["WWW-Authenticate"])["realm"]
        assert realm == f"{registry.url}/token"


@pytest.mark.parametrize(
    ("tls", "trusted"),
    [
        (TLS(), TLS()),
        (expired := TLS(expired=True), expired),
        (elsewhere := TLS(["example.com"]), elsewhere),
    ],
    ids=["unknown authority", "expired", "another host"],
)
def test_refused_certificate_is_noted_as_a_failed_handshake(tls: TLS, trusted: TLS) -> None:
    with EmbeddedRegistry(tls=tls) as registry, trusting(trusted) as pool:
        with pytest.raises(urllib3.exceptions.SSLError):
            pool.request("GET", f"{registry.url}/v2/")
        registry.stop()

        assert len(registry.recorder.failed_handshakes) == 1
        assert registry.recorder.exchanges == ()


def test_registry_may_ask_clients_for_a_certificate() -> None:
    tls = TLS(asks_for_certificate=True)
    with EmbeddedRegistry(tls=tls) as registry, trusting(tls) as pool:
        with pytest.raises((urllib3.exceptions.SSLError, urllib3.exceptions.ProtocolError)):
            pool.request("GET", f"{registry.url}/v2/")
        registry.stop()

        assert registry.recorder.failed_handshakes == ("PEER_DID_NOT_RETURN_A_CERTIFICATE",)
        assert registry.recorder.exchanges == ()


def test_two_certificates_may_share_an_authority() -> None:
    first = TLS()
    second = TLS(authority=first.authority)

    with EmbeddedRegistry(tls=second) as registry, trusting(first) as pool:
        assert pool.request("GET", f"{registry.url}/v2/").status == 200


def test_plain_http_to_a_tls_registry_is_a_failed_handshake(
    say: Callable[[Registry, bytes], socket.socket],
) -> None:
    with EmbeddedRegistry(tls=TLS()) as registry:
        connection = say(registry, b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n")

        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
        assert registry.recorder.failed_handshakes == ("HTTP_REQUEST",)
        connection.close()


def test_connection_is_broken_off_over_tls_too() -> None:
    tls = TLS()
    with EmbeddedRegistry(tls=tls) as registry, trusting(tls) as pool:
        registry.faults.add(Fault(reset(), times=1))

        with pytest.raises(urllib3.exceptions.ProtocolError):
            pool.request("GET", f"{registry.url}/v2/")

        assert pool.request("GET", f"{registry.url}/v2/").status == 200


def test_ca_certificate_is_written_for_a_command_line(tmp_path: Path) -> None:
    path = TLS().write_ca(tmp_path)

    assert path == tmp_path / "ca.crt"
    assert path.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
