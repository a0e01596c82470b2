"""TLS: whom a relocator trusts. A certificate is given in each check, so that TLS is spoken."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_fixtures.faults import Fault, kind, method
from registry_fixtures.lures import redirect_to
from registry_fixtures.tls import TLS
from relocation_conformance.arrivals import arrived
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.suite.registries import Registries
from relocation_conformance.suite.ways import Side, Way, lines, on_each_side
from relocation_conformance.targets import Target

PLAIN_HTTP = "HTTP_REQUEST"
"""OpenSSL's word for a request in plain HTTP where it waits for a handshake."""


@pytest.fixture
def trusted() -> TLS:
    """A certificate of the authority that the target is told to trust."""
    return TLS()


@pytest.fixture
def ca(trusted: TLS, folder: Path) -> Path:
    """The file with the certificate of that authority."""
    return ca_file(trusted, folder / "trusted")


def ca_file(tls: TLS, folder: Path) -> Path:
    """Write the certificate of an authority to a new folder, and return its file."""
    folder.mkdir()
    return tls.write_ca(folder)


def assert_certificate_refused(
    target: Target, registries: Registries, side: Side, *, wrong: TLS, trusted: TLS, ca: Path
) -> None:
    """Hold that a registry with the certificate *wrong* is refused before it gets a request."""
    way = Way.secured(registries, side, wrong, trusted)

    refused = target.relocate(way.bundle, to=way.destination, ca_certs=[ca])

    way.there.stop()  # so that every handshake has come to its end
    right = Way.secured(registries, side, trusted, trusted)
    twin = target.relocate(right.bundle, to=right.destination, ca_certs=[ca])
    assert_refused(refused, twin=twin, met=way.there.recorder.failed_handshakes)
    assert lines(way.there.recorder.exchanges) == []


@requirement("TLS-1")
@on_each_side
def test_a_certificate_of_an_unknown_authority_is_refused(
    target: Target, registries: Registries, side: Side, trusted: TLS, ca: Path
) -> None:
    """A registry whose certificate no trusted authority has signed is refused, unasked."""
    assert_certificate_refused(target, registries, side, wrong=TLS(), trusted=trusted, ca=ca)


@requirement("TLS-2")
def test_an_authority_that_is_given_is_trusted(
    target: Target, registries: Registries, trusted: TLS, ca: Path
) -> None:
    """Registries are spoken to whose certificates the authority of --ca-cert-path has signed."""
    way = Way.secured(registries, "source", trusted, TLS(authority=trusted.authority))

    done = target.relocate(way.bundle, to=way.destination, ca_certs=[ca])

    way.assert_arrived(done)


@requirement("TLS-3")
def test_all_authorities_that_are_given_are_trusted(
    target: Target, registries: Registries, trusted: TLS, ca: Path, folder: Path
) -> None:
    """Registries of two authorities are spoken to when --ca-cert-path is given for each."""
    other = TLS()
    way = Way.secured(registries, "source", trusted, other)

    ca_certs = [ca, ca_file(other, folder / "other")]
    done = target.relocate(way.bundle, to=way.destination, ca_certs=ca_certs)

    way.assert_arrived(done)


@requirement("TLS-4")
@on_each_side
def test_a_certificate_for_another_host_is_refused(
    target: Target, registries: Registries, side: Side, trusted: TLS, ca: Path
) -> None:
    """A registry whose certificate is for another host is refused, unasked."""
    wrong = TLS(["registry.example.com"], authority=trusted.authority)
    assert_certificate_refused(target, registries, side, wrong=wrong, trusted=trusted, ca=ca)


@requirement("TLS-5")
@on_each_side
def test_a_certificate_that_has_expired_is_refused(
    target: Target, registries: Registries, side: Side, trusted: TLS, ca: Path
) -> None:
    """A registry whose certificate has expired is refused, unasked."""
    wrong = TLS(expired=True, authority=trusted.authority)
    assert_certificate_refused(target, registries, side, wrong=wrong, trusted=trusted, ca=ca)


@requirement("TLS-6")
@pytest.mark.parametrize(
    "tls",
    [TLS(), TLS(["registry.example.com"]), TLS(expired=True)],
    ids=["unknown authority", "another host", "expired"],
)
def test_any_certificate_is_accepted_without_verification(
    target: Target, registries: Registries, tls: TLS
) -> None:
    """Registries are spoken to with --skip-tls-verify, whatever their certificates are."""
    way = Way.secured(registries, "destination", tls, tls)

    done = target.relocate(way.bundle, to=way.destination, skip_tls_verify=True)

    # The suite's own client would not read from there.
    pushed = {each.reference for each in way.destination.pushed_manifests()}
    assert way.original.reference in arrived(done, way.destination).mapping
    assert pushed & {way.original.tag, way.original.digest}


@requirement("TLS-7")
@pytest.mark.parametrize("content", [None, "", "no certificate"], ids=["missing", "empty", "text"])
def test_a_file_without_a_certificate_is_refused(
    target: Target,
    registries: Registries,
    trusted: TLS,
    ca: Path,
    folder: Path,
    content: str | None,
) -> None:
    """A file of --ca-cert-path without a certificate is refused, beside one that is enough."""
    way = Way.secured(registries, "destination", trusted, trusted)
    none = folder / "none.pem"
    if content is not None:
        none.write_text(content)

    refused = target.relocate(way.bundle, to=way.destination, ca_certs=[ca, none])

    twin = target.relocate(way.bundle, to=way.destination, ca_certs=[ca])
    assert_refused(refused, twin=twin, met=None)


@requirement("TLS-8")
@pytest.mark.parametrize("defect", ["unknown authority", "wants a certificate"])
def test_plain_http_does_not_follow_on_tls_that_failed(
    target: Target, registries: Registries, trusted: TLS, ca: Path, defect: str
) -> None:
    """A registry with which TLS has failed is sent no request in plain HTTP."""
    locked = TLS(authority=trusted.authority, asks_for_certificate=True)
    wrong = TLS() if defect == "unknown authority" else locked
    way = Way.secured(registries, "destination", wrong, trusted)

    refused = target.relocate(way.bundle, to=way.destination, ca_certs=[ca])

    way.there.stop()  # so that every handshake has come to its end
    right = Way.secured(registries, "destination", trusted, trusted)
    twin = target.relocate(right.bundle, to=right.destination, ca_certs=[ca])
    failed = way.there.recorder.failed_handshakes
    assert_refused(refused, twin=twin, met=failed)
    assert PLAIN_HTTP not in failed


@requirement("TLS-9")
def test_a_redirect_to_plain_http_is_not_followed(
    target: Target, registries: Registries, trusted: TLS, ca: Path
) -> None:
    """A redirect that leads from TLS to plain HTTP is not followed."""
    way = Way.secured(registries, "source", trusted, trusted)
    plain = registries(beside=way.there)
    away = Fault(redirect_to(plain.url), kind("blobs") & method("GET"))
    way.there.faults.add(away)

    target.relocate(way.bundle, to=way.destination, ca_certs=[ca])

    way.there.faults.clear()
    again = way.afresh()
    again.assert_arrived(target.relocate(again.bundle, to=again.destination, ca_certs=[ca]))
    assert away.hits > 0
    assert lines(plain.recorder.exchanges) == []
