"""A registry behind the recording front end, together with a client of its own."""

from types import TracebackType
from typing import Self

from registry_fixtures.auth import Auth
from registry_fixtures.client import RegistryClient
from registry_fixtures.faults import Faults
from registry_fixtures.messages import Application
from registry_fixtures.recording import Recorder
from registry_fixtures.server import Front
from registry_fixtures.tls import TLS


class Registry(RegistryClient):
    """A registry to be used in a `with` statement; its `url` and `host` are known inside.

    What its methods do, as a client, needs no credentials, is not recorded and meets no faults.

    Args:
        application: what answers behind the front end.
        tls: speak TLS with this certificate.
        auth: who may do what.
        credentials: for the registry behind the front end, if that asks for some.
    """

    def __init__(
        self,
        application: Application,
        *,
        tls: TLS | None = None,
        auth: Auth | None = None,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self.front = Front(application, tls=tls, auth=auth)
        super().__init__(
            "",
            credentials=credentials,
            ca_pem=tls.ca_pem if tls else None,
            headers=self.front.own_traffic,
        )

    @property
    def recorder(self) -> Recorder:
        """What clients other than itself said."""
        return self.front.recorder

    @property
    def faults(self) -> Faults:
        """What goes wrong for clients other than itself."""
        return self.front.faults

    @property
    def tls(self) -> TLS | None:
        """Its certificate; None when it speaks plain HTTP."""
        return self.front.tls

    def start(self, port: int = 0) -> Self:
        """Listen on a port of 127.0.0.1, by default a free one."""
        self.front.start(port)
        self.url = self.front.url
        return self

    def stop(self) -> None:
        """End every connection and stop listening."""
        self.front.stop()
        self.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
