"""HTTP messages as applications see them: a request whose body streams in, and a response."""

import io
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol, Self
from urllib.parse import parse_qsl, unquote

from urllib3 import HTTPHeaderDict

from registry_fixtures.routes import Route, route

CHUNK = 256 * 1024
"""Bytes moved at a time wherever a body is streamed."""

_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}")


class Disconnect(Exception):
    """The connection ends here: the peer has gone, or a fault says so.

    Deliberately no `OSError`: HTTP clients take those for trouble of their own and try again.
    """

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("reset" if reset else "disconnected")
        self.reset = reset


class TooLarge(Exception):
    """A body is larger than its reader takes."""


class Body:
    """A request's body, read once, as it arrives.

    Args:
        source: where the bytes come from.
        length: how many bytes there are; None when they come in chunks (RFC 9112, 7.1).
        begin: called once before the first byte is read (to answer `Expect: 100-continue`).
    """

    def __init__(
        self,
        source: io.BufferedIOBase,
        length: int | None = 0,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self.length = length
        self.received = 0
        self.begun = False
        self._source = source
        self._begin = begin
        self._limit: int | None = None
        self._parts = self._sized(length) if length is not None else self._chunked()

    def cut(self, after: int) -> None:
        """Let reading end in a reset connection once more than `after` bytes were received."""
        self._limit = after

    def __iter__(self) -> Iterator[bytes]:
        """Yield what was not read yet.

        Raises:
            Disconnect: the peer went away before it had sent everything.
        """
        if not self.begun and self.length != 0:
            self._begin()
        self.begun = True
        for part in self._parts:
            self.received += len(part)
            if self._limit is not None and self.received > self._limit:
                raise Disconnect(reset=True)
            yield part

    def read(self, limit: int) -> bytes:
        """Read all of it.

        Raises:
            TooLarge: there are more than `limit` bytes.
            Disconnect: the peer went away before it had sent everything.
        """
        content = bytearray()
        for part in self:
            content += part
            if len(content) > limit:
                raise TooLarge
        return bytes(content)

    def _sized(self, length: int) -> Iterator[bytes]:
        while length:
            try:
                part = self._source.read1(min(CHUNK, length))
            except OSError as lost:
                raise Disconnect from lost
            if not part:
                raise Disconnect
            length -= len(part)
            yield part

    def _chunked(self) -> Iterator[bytes]:
        while size := self._chunk_size():
            yield from self._sized(size)
            self._line()
        while self._line():
            pass

    def _chunk_size(self) -> int:
        digits = self._line().partition(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(digits):
            raise Disconnect
        return int(digits, 16)

    def _line(self) -> bytes:
        try:
            line = self._source.readline(CHUNK)
        except OSError as lost:
            raise Disconnect from lost
        if not line.endswith(b"\n"):
            raise Disconnect
        return line.rstrip(b"\r\n")


@dataclass
class Request:
    """One request, as far as it has arrived.

    `target` is path and query as they were sent. `query` holds the last value of a parameter, but
    all of them, joined by spaces, for `scope` (RFC 6749, 3.3). `scheme` is http or https, as the
    client sees it. `stopping` is set once the server is being stopped. `authenticated` is
    anonymous, basic or bearer: how the client proved who it is, once that was checked.
    """

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: HTTPHeaderDict
    body: Body
    route: Route
    scheme: str = "http"
    stopping: threading.Event = field(default_factory=threading.Event)
    authenticated: str = "anonymous"

    @property
    def origin(self) -> str:
        """Scheme and authority the client addressed: `http://127.0.0.1:5000`."""
        return f"{self.scheme}://{self.headers.get('Host', '')}"

    def to(self, target: str) -> Self:
        """The same request for another target, a path with its query."""
        path, query = read_target(target)
        return replace(self, target=target, path=path, query=query, route=route(path))


@dataclass
class Response:
    """One response.

    A `body` of `bytes` gets its Content-Length by itself; one that streams has it among the
    headers, or is sent in chunks. A Content-Length that is there is sent as it is, true or not.
    """

    status: int
    headers: HTTPHeaderDict = field(default_factory=HTTPHeaderDict)
    body: bytes | Iterable[bytes] = b""


def read_target(target: str) -> tuple[str, dict[str, str]]:
    """The decoded path of a request's target, and its query as `Request` has it."""
    path, _, raw = target.partition("?")
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        joined = name == "scope" and name in query
        query[name] = f"{query[name]} {value}" if joined else value
    return unquote(path), query


class Application(Protocol):
    """Whatever answers requests. It may raise `Disconnect` to end the connection instead."""

    def __call__(self, request: Request, /) -> Response:
        """Answer one request."""
