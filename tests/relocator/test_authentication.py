"""Credentials: found as Docker keeps them, shown to their own registry, and never in output."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_runs import Outcome, Relocate, repository_of
from registry_fixtures.auth import SERVICE, Auth, Basic, Token
from registry_fixtures.bundles import thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.errors import refusal
from registry_fixtures.faults import Action, Fault, answer, challenge, kind, method
from registry_fixtures.lures import redirect_to, run_out
from registry_fixtures.messages import Application, Request, Response
from registry_fixtures.shapes import multi_arch
from relocator.authentication import Challenge
from relocator.credentials import Credential, DockerConfig
from relocator.errors import Refusal

USER, SECRET = "user", "s3cret:with:colons"
ECHO = """read host; printf '{"Username":"%s","Secret":"s"}' "$host" """


def entry(user: str = USER, secret: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{secret}".encode()).decode()}


@pytest.fixture(params=[Basic(USER, SECRET), Token(USER, SECRET)], ids=lambda a: type(a).__name__)
def auth(request: pytest.FixtureRequest) -> Auth:
    chosen: Auth = request.param
    return chosen


@pytest.fixture
def locked(auth: Auth) -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry(auth=auth) as registry:
        yield registry


@pytest.fixture
def placed(source: EmbeddedRegistry) -> PlacedImage:
    return source.push(multi_arch())


def test_credentials_open_the_destination(
    placed: PlacedImage, locked: EmbeddedRegistry, docker_config: Path, relocate: Relocate
) -> None:
    docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))

    done = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert locked.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_credentials_open_the_source(
    locked: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    docker_config: Path,
    relocate: Relocate,
) -> None:
    docker_config.write_text(json.dumps({"auths": {f"https://{locked.host}/v1/": entry()}}))
    placed = locked.push(multi_arch())

    done = relocate(thin_bundle(placed))

    assert destination.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_without_credentials_a_locked_registry_is_refused(
    placed: PlacedImage, locked: EmbeddedRegistry, relocate: Relocate
) -> None:
    refused = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert "401" in refused.refusal


def test_wrong_credentials_are_refused_and_not_told(
    placed: PlacedImage, locked: EmbeddedRegistry, docker_config: Path, relocate: Relocate
) -> None:
    docker_config.write_text(json.dumps({"auths": {locked.host: entry(secret="wr0ng")}}))

    refused = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert "401" in refused.refusal
    assert "wr0ng" not in refused.refusal


def test_a_secret_that_a_registry_echoes_is_not_told(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    with EmbeddedRegistry(auth=Basic(USER, SECRET)) as locked:
        docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))
        body = json.dumps({"errors": [{"code": "DENIED", "message": f"bad {SECRET}"}]}).encode()
        locked.faults.add(Fault(answer(403, body=body), method("PUT")))

        refused = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert "bad <redacted>" in refused.refusal


def test_a_secret_across_the_end_of_what_is_quoted_is_not_told(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    with EmbeddedRegistry(auth=Basic(USER, SECRET)) as locked:
        docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))
        message = "x" * (200 - len("DENIED ") - len(SECRET) // 2) + SECRET
        body = json.dumps({"errors": [{"code": "DENIED", "message": message}]}).encode()
        locked.faults.add(Fault(answer(403, body=body), method("PUT")))

        refused = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert SECRET[:5] not in refused.refusal


def test_a_token_that_ran_out_is_not_told_either(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    tokens = Token(USER, SECRET)
    everything = Action("tell all", lambda *_: refusal(403, "DENIED", " ".join(tokens.issued)))
    with EmbeddedRegistry(auth=tokens) as locked:
        docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))
        locked.faults.add(Fault(run_out(tokens), kind("uploads") & method("POST"), times=1))
        locked.faults.add(Fault(everything, kind("manifests") & method("PUT")))

        refused = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert len(tokens.issued) > 1
    assert not any(token in refused.refusal for token in tokens.issued)


def test_a_token_that_ran_out_is_renewed(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    with EmbeddedRegistry(auth=Token(USER, SECRET)) as locked:
        docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))
        refuse_once = challenge(f'Bearer realm="{locked.url}/token",service="{SERVICE}"')
        locked.faults.add(Fault(refuse_once, method("PUT") & kind("uploads"), times=1))

        done = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

        assert locked.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_a_token_that_ran_out_before_its_first_use_is_renewed(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    tokens = Token(USER, SECRET)

    def too_late(request: Request, application: Application) -> Response:
        response = application(request)
        tokens.expire()
        return response

    with EmbeddedRegistry(auth=tokens) as locked:
        docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))
        locked.faults.add(Fault(Action("too late", too_late), kind("token"), times=1))

        done = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

        assert locked.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_a_registry_that_takes_no_token_is_refused_in_its_own_words(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    with EmbeddedRegistry(auth=Token(USER, SECRET)) as locked:
        docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))
        again = f'Bearer realm="{locked.url}/token",service="{SERVICE}"'
        body = json.dumps({"errors": [{"code": "DENIED", "message": "not here"}]}).encode()
        never = answer(401, {"WWW-Authenticate": again}, body)
        locked.faults.add(Fault(never, method("POST") & kind("uploads")))

        refused = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

    assert "DENIED not here" in refused.refusal


def test_an_identity_token_is_exchanged(
    placed: PlacedImage, docker_config: Path, relocate: Relocate
) -> None:
    auth = Token(USER, SECRET)
    with EmbeddedRegistry(auth=auth) as locked:
        identity = {"identitytoken": auth.refresh_token()}
        docker_config.write_text(json.dumps({"auths": {locked.host: identity}}))

        done = relocate(thin_bundle(placed), prefix=f"{locked.host}/user")

        assert locked.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_anonymous_tokens_are_asked_for(relocate: Relocate) -> None:
    with EmbeddedRegistry(auth=Token(USER, SECRET, anonymous_pull=True)) as public:
        done = relocate(thin_bundle(public.push(multi_arch())))

    assert done.status == 0


@pytest.fixture
def elsewhere() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as registry:
        yield registry


def authorizations(registry: EmbeddedRegistry) -> list[str]:
    headers = (exchange.request_headers for exchange in registry.recorder.exchanges)
    return [each["Authorization"] for each in headers if "Authorization" in each]


def redirected(
    locked: EmbeddedRegistry, elsewhere: EmbeddedRegistry, relocate: Relocate
) -> Outcome:
    placed = locked.push(multi_arch())
    elsewhere.push(placed.node, name=placed.name)
    locked.faults.add(Fault(redirect_to(elsewhere.url), kind("blobs") & method("GET")))
    return relocate(thin_bundle(placed))


def test_credentials_do_not_follow_redirects(
    locked: EmbeddedRegistry,
    elsewhere: EmbeddedRegistry,
    docker_config: Path,
    relocate: Relocate,
) -> None:
    docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))

    assert redirected(locked, elsewhere, relocate).status == 0
    assert elsewhere.recorder.exchanges != ()
    assert authorizations(elsewhere) == []


def test_credentials_for_one_registry_are_not_shown_to_another(
    locked: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    docker_config: Path,
    relocate: Relocate,
) -> None:
    docker_config.write_text(json.dumps({"auths": {locked.host: entry()}}))

    assert relocate(thin_bundle(locked.push(multi_arch()))).status == 0
    assert authorizations(destination) == []


def test_nobody_is_shown_credentials_before_asking(
    placed: PlacedImage,
    destination: EmbeddedRegistry,
    docker_config: Path,
    relocate: Relocate,
) -> None:
    docker_config.write_text(json.dumps({"auths": {destination.host: entry()}}))

    assert relocate(thin_bundle(placed)).status == 0
    assert authorizations(destination) == []


def helper(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "docker-credential-ours"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_a_credential_helper_is_asked_for_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(
        tmp_path,
        monkeypatch,
        ECHO,
    )
    config = DockerConfig({"credHelpers": {"example.com": "ours"}})

    assert config.credential_for("example.com") == Credential("example.com", "s")


def test_a_credential_store_is_asked_for_every_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(
        tmp_path,
        monkeypatch,
        ECHO,
    )
    config = DockerConfig({"credsStore": "ours"})

    assert config.credential_for("docker.io") == Credential("https://index.docker.io/v1/", "s")


def test_a_helper_that_knows_nothing_means_anonymous(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, monkeypatch, "echo credentials not found in native keychain; exit 1")

    assert DockerConfig({"credsStore": "ours"}).credential_for("example.com") is None


@pytest.mark.parametrize("script", ["echo s3cret; exit 1", "echo s3cret", 'echo "[]"'])
def test_a_helper_that_fails_is_refused_and_not_quoted(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, monkeypatch, script)

    with pytest.raises(Refusal, match="docker-credential-ours") as refusal:
        DockerConfig({"credsStore": "ours"}).credential_for("example.com")
    assert "s3cret" not in str(refusal.value)


def test_a_helper_that_is_not_installed_is_refused() -> None:
    with pytest.raises(Refusal, match="docker-credential-none cannot be run"):
        DockerConfig({"credsStore": "none"}).credential_for("example.com")


@pytest.mark.parametrize(
    ("content", "reason"), [("{", "is not JSON"), ("[]", "is not a JSON object")]
)
def test_a_broken_configuration_is_refused(
    content: str, reason: str, docker_config: Path, relocate: Relocate
) -> None:
    docker_config.write_text(content)

    assert reason in relocate(thin_bundle("example.com/a:v1")).refusal


def test_a_secret_does_not_show_in_what_python_prints() -> None:
    assert SECRET not in repr(Credential(USER, SECRET))


@pytest.mark.parametrize(
    ("header", "scheme", "parameters"),
    [
        ("Basic realm=registry", "basic", {"realm": "registry"}),
        (
            'Bearer realm="https://a/t?x=1,2",service="s",scope="repository:a:pull,push"',
            "bearer",
            {"realm": "https://a/t?x=1,2", "service": "s", "scope": "repository:a:pull,push"},
        ),
        (
            'BEARER  Realm = "https://a" , Service=s',
            "bearer",
            {"realm": "https://a", "service": "s"},
        ),
        (
            'Basic realm="a", Bearer realm="https://b/t",service="s"',
            "bearer",
            {"realm": "https://b/t", "service": "s"},
        ),
        (
            'Bearer realm="https://b/t",service="s", Basic realm="a"',
            "bearer",
            {"realm": "https://b/t", "service": "s"},
        ),
        ("Basic", "basic", {}),
        ("Negotiate", "", {}),
        ("", "", {}),
    ],
)
def test_a_challenge_is_read(header: str, scheme: str, parameters: dict[str, str]) -> None:
    assert Challenge.read(header) == Challenge(scheme, parameters)
