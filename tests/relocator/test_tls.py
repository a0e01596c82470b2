"""TLS: verified, with a CA of one's own, or not at all; plain HTTP on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_runs import Relocate, repository_of
from registry_fixtures.bundles import thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, kind, method
from registry_fixtures.lures import redirect_to
from registry_fixtures.shapes import single
from registry_fixtures.tls import TLS
from relocator.transport import is_loopback


@pytest.fixture
def secure() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry(tls=TLS()) as registry:
        yield registry


@pytest.fixture
def placed(source: EmbeddedRegistry) -> PlacedImage:
    return source.push(single())


def ca_of(registry: EmbeddedRegistry, folder: Path) -> str:
    assert registry.tls is not None
    return str(registry.tls.write_ca(folder))


def test_a_ca_certificate_makes_a_registry_trusted_and_plain_loopback_stays_usable(
    placed: PlacedImage, secure: EmbeddedRegistry, tmp_path: Path, relocate: Relocate
) -> None:
    options = ("--ca-cert-path", ca_of(secure, tmp_path))

    done = relocate(thin_bundle(placed), *options, prefix=f"{secure.host}/user")

    assert secure.has(repository_of(done.mapping[placed.reference]), placed.digest)


def test_several_ca_certificates_may_be_given(tmp_path: Path, relocate: Relocate) -> None:
    with EmbeddedRegistry(tls=TLS()) as one, EmbeddedRegistry(tls=TLS()) as other:
        (tmp_path / "other").mkdir()
        ca_certs = ca_of(one, tmp_path), ca_of(other, tmp_path / "other")
        options = [word for path in ca_certs for word in ("--ca-cert-path", path)]

        done = relocate(thin_bundle(one.push(single())), *options, prefix=f"{other.host}/user")

    assert done.status == 0


def test_a_certificate_of_another_ca_is_refused(
    placed: PlacedImage, secure: EmbeddedRegistry, tmp_path: Path, relocate: Relocate
) -> None:
    stranger = str(TLS().write_ca(tmp_path))

    refused = relocate(
        thin_bundle(placed), "--ca-cert-path", stranger, prefix=f"{secure.host}/user"
    )

    assert "is not trusted" in refused.refusal
    assert secure.recorder.exchanges == ()


@pytest.mark.parametrize("tls", [TLS(hosts=["example.com"]), TLS(expired=True)])
def test_a_certificate_for_another_host_or_time_is_refused(
    tls: TLS, placed: PlacedImage, tmp_path: Path, relocate: Relocate
) -> None:
    with EmbeddedRegistry(tls=tls) as wrong:
        options = ("--ca-cert-path", ca_of(wrong, tmp_path))
        refused = relocate(thin_bundle(placed), *options, prefix=f"{wrong.host}/user")

    assert "is not trusted" in refused.refusal


@pytest.mark.parametrize("tls", [TLS(), TLS(hosts=["example.com"]), TLS(expired=True)])
def test_skip_tls_verify_accepts_any_certificate(
    tls: TLS, placed: PlacedImage, relocate: Relocate
) -> None:
    with EmbeddedRegistry(tls=tls) as untrusted:
        relocate(thin_bundle(placed), "--skip-tls-verify", prefix=f"{untrusted.host}/user")

        assert len(untrusted.recorder.matching(kind="manifests", method="PUT", status=201)) == 1


def test_a_registry_that_wants_a_certificate_is_not_spoken_to_in_plain_http(
    placed: PlacedImage, tmp_path: Path, relocate: Relocate
) -> None:
    with EmbeddedRegistry(tls=TLS(asks_for_certificate=True)) as wants:
        options = ("--ca-cert-path", ca_of(wants, tmp_path))
        refused = relocate(thin_bundle(placed), *options, prefix=f"{wants.host}/user")
        wants.stop()

    assert wants.host in refused.refusal
    assert set(wants.recorder.failed_handshakes) == {"PEER_DID_NOT_RETURN_A_CERTIFICATE"}


def test_plain_http_to_a_registry_that_speaks_tls_is_refused(
    placed: PlacedImage, secure: EmbeddedRegistry, relocate: Relocate
) -> None:
    assert relocate(thin_bundle(placed), prefix=f"{secure.host}/user").status == 1


def test_tls_is_not_left_by_a_redirect(
    source: EmbeddedRegistry,
    secure: EmbeddedRegistry,
    tmp_path: Path,
    relocate: Relocate,
) -> None:
    moved = secure.push(single())
    secure.faults.add(Fault(redirect_to(source.url), kind("blobs") & method("GET")))

    refused = relocate(thin_bundle(moved), "--ca-cert-path", ca_of(secure, tmp_path))

    assert "leads from TLS to a place without it" in refused.refusal


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "cannot be read"), ("no certificate", "no PEM certificate")]
)
def test_a_ca_certificate_that_is_none_is_refused(
    content: str | None, reason: str, placed: PlacedImage, tmp_path: Path, relocate: Relocate
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)

    refused = relocate(thin_bundle(placed), "--ca-cert-path", str(path))

    assert reason in refused.refusal


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("127.8.8.8", True),
        ("[::1]:5000", True),
        ("[::1]", True),
        ("10.0.0.1:5000", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("[fe80::1]:5000", False),
    ],
)
def test_loopback_hosts_are_told_from_others(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
