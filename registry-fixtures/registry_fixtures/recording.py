"""What was said over HTTP, kept as evidence."""

import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from urllib3 import HTTPHeaderDict

from registry_fixtures.messages import Request
from registry_fixtures.routes import Route, route

REDACTED = "<redacted>"
_SECRET_HEADERS = ("Authorization", "Proxy-Authorization", "Cookie")
_SECRET_PARAMETERS = ("password", "refresh_token", "access_token")


@dataclass(frozen=True)
class Exchange:
    """One request and what became of it.

    Attributes:
        path: decoded, without the query.
        query: the last value of each parameter; credentials redacted.
        status: of the response; 0 when none was sent.
        request_headers: case-insensitive; credentials redacted.
        response_headers: case-insensitive, as they were sent.
        bytes_received: of the request's body, without the framing of chunks.
        bytes_sent: of the response's body, handed to the operating system.
        started: seconds since the epoch.
        seconds: from the request's first line to the response's last byte.
        fault: the description of the fault that was applied, or None.
        authenticated: anonymous, basic or bearer: what the server was convinced of.
    """

    method: str
    path: str
    query: Mapping[str, str]
    status: int
    request_headers: Mapping[str, str]
    response_headers: Mapping[str, str]
    bytes_received: int
    bytes_sent: int
    started: float
    seconds: float
    fault: str | None = None
    authenticated: str = "anonymous"

    @property
    def route(self) -> Route:
        """What the exchange was about."""
        return route(self.path)

    @property
    def kind(self) -> str:
        """One of the kinds that `Route` lists."""
        return self.route.kind

    @property
    def repository(self) -> str:
        """The repository's name; empty where there is none."""
        return self.route.repository

    @property
    def reference(self) -> str:
        """A tag, a digest or an upload's id; empty where there is none."""
        return self.route.reference

    def __str__(self) -> str:
        fault = f" [{self.fault}]" if self.fault else ""
        query = "?" + "&".join(f"{k}={v}" for k, v in self.query.items()) if self.query else ""
        return f"{self.method} {self.path}{query} -> {self.status or 'no answer'}{fault}"


class Recording:
    """An exchange that is still going on. `finish` is what puts it among the exchanges."""

    def __init__(self, recorder: "Recorder", number: int, request: Request) -> None:
        self.status = 0
        self.headers = HTTPHeaderDict()
        self.bytes_sent = 0
        self.fault: str | None = None
        self._recorder = recorder
        self._number = number
        self._request = request
        self._started = time.time()
        self._clock = time.perf_counter()
        self._finished = False

    def finish(self) -> None:
        """Record the exchange as it stands. Only the first call counts."""
        if self._finished:
            return
        self._finished = True
        request = self._request
        self._recorder.append(
            Exchange(
                method=request.method,
                path=request.path,
                query=_without_secrets(request.query),
                status=self.status,
                request_headers=_redacted(request.headers),
                response_headers=self.headers,
                bytes_received=request.body.received,
                bytes_sent=self.bytes_sent,
                started=self._started,
                seconds=time.perf_counter() - self._clock,
                fault=self.fault,
                authenticated=request.authenticated,
            ),
            self._number,
        )


class Recorder:
    """All exchanges of one front end, in the order in which they began; any thread may use it.

    An exchange is there before its client has the last byte of the response, so a test that
    waited for a client finds all that the client did.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._exchanges: list[tuple[int, Exchange]] = []
        self._failed_handshakes: list[str] = []

    def start(self, request: Request) -> Recording:
        """Begin to record an exchange."""
        return Recording(self, next(self._numbers), request)

    def append(self, exchange: Exchange, number: int | None = None) -> None:
        """Add an exchange, in its place when it has a number, else as the latest."""
        with self._lock:
            number = next(self._numbers) if number is None else number
            self._exchanges.append((number, exchange))

    def handshake_failed(self, reason: str) -> None:
        """Note a connection on which TLS was not agreed, with OpenSSL's reason."""
        with self._lock:
            self._failed_handshakes.append(reason)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges so far, in the order in which they began."""
        with self._lock:
            return tuple(e for _, e in sorted(self._exchanges, key=lambda pair: pair[0]))

    @property
    def failed_handshakes(self) -> tuple[str, ...]:
        """Why connections ended before TLS was agreed, e.g. a client that refused our CA."""
        with self._lock:
            return tuple(self._failed_handshakes)

    def matching(
        self,
        *,
        method: str | None = None,
        kind: str | None = None,
        repository: str | None = None,
        reference: str | None = None,
        status: int | None = None,
    ) -> tuple[Exchange, ...]:
        """The exchanges that agree with everything given."""
        wanted = {
            "method": method,
            "kind": kind,
            "repository": repository,
            "reference": reference,
            "status": status,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return tuple(
            exchange
            for exchange in self.exchanges
            if all(getattr(exchange, name) == value for name, value in given.items())
        )

    def clear(self) -> None:
        """Forget everything recorded so far."""
        with self._lock:
            self._exchanges.clear()
            self._failed_handshakes.clear()


def _redacted(headers: HTTPHeaderDict) -> HTTPHeaderDict:
    kept = headers.copy()
    for name in _SECRET_HEADERS:
        if name in kept:
            scheme, separator, _ = kept[name].partition(" ")
            kept[name] = f"{scheme} {REDACTED}" if separator else REDACTED
    return kept


def _without_secrets(query: Mapping[str, str]) -> Mapping[str, str]:
    return {k: REDACTED if k in _SECRET_PARAMETERS else v for k, v in query.items()}
