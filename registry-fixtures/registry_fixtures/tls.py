"""Certificates for a registry that speaks TLS, from an authority that nobody else trusts."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

LOOPBACK = ("127.0.0.1", "localhost")


class TLS:
    """A server certificate and the authority that signed it.

    Args:
        hosts: the names and addresses the certificate is valid for.
        expired: whether it stopped being valid yesterday.
        authority: who signs, e.g. the authority of another `TLS`; a new one by default.
        asks_for_certificate: whether clients need a certificate of the authority's too.
    """

    def __init__(
        self,
        hosts: Sequence[str] = LOOPBACK,
        *,
        expired: bool = False,
        authority: trustme.CA | None = None,
        asks_for_certificate: bool = False,
    ) -> None:
        self.authority = authority or trustme.CA()
        today = datetime.now(UTC)
        certificate = self.authority.issue_cert(
            *hosts,
            not_before=today - timedelta(days=30),
            not_after=today + timedelta(days=-1 if expired else 30),
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        if asks_for_certificate:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(self.context)

    @property
    def ca_pem(self) -> bytes:
        """The authority's certificate, PEM."""
        return self.authority.cert_pem.bytes()

    def write_ca(self, folder: Path) -> Path:
        """Write the authority's certificate to `ca.crt` in a folder, and return its path."""
        path = folder / "ca.crt"
        path.write_bytes(self.ca_pem)
        return path
