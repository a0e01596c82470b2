"""An OCI distribution registry in this process."""

from pathlib import Path

from registry_fixtures.auth import Auth
from registry_fixtures.distribution import Distribution
from registry_fixtures.registry import Registry
from registry_fixtures.store import Store
from registry_fixtures.tls import TLS


class EmbeddedRegistry(Registry):
    """A registry that needs nothing but this process.

    Args:
        strict: refuse manifests that name what is not there, or that are no manifests.
        insists_on_foreign_layers: when strict, refuse manifests whose non-distributable layers
            are not there.
        folder: where to keep blobs; in memory without one.
        tls: speak TLS with this certificate.
        auth: who may do what: `Anonymous()`, `Basic(...)` or `Token(...)`.
    """

    def __init__(
        self,
        *,
        strict: bool = True,
        insists_on_foreign_layers: bool = False,
        folder: Path | None = None,
        tls: TLS | None = None,
        auth: Auth | None = None,
    ) -> None:
        self.store = Store(folder)
        super().__init__(
            Distribution(
                self.store, strict=strict, insists_on_foreign_layers=insists_on_foreign_layers
            ),
            tls=tls,
            auth=auth,
        )
