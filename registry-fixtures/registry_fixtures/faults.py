"""Faults put between a registry and its client: which requests they hit, and what they do.

registry.faults.add(Fault(answer(503), kind("blobs") & method("GET"), times=2))
"""

import itertools
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from urllib3 import HTTPHeaderDict

from registry_fixtures.messages import Application, Disconnect, Request, Response


@dataclass(frozen=True)
class Match:
    """Which requests a fault is for. Combine with `&`, `|` and `~`."""

    description: str
    test: Callable[[Request], bool]

    def __call__(self, request: Request) -> bool:
        """Tell whether this request is one of them."""
        return self.test(request)

    def __and__(self, other: "Match") -> "Match":
        return Match(f"{self} and {other}", lambda r: self.test(r) and other.test(r))

    def __or__(self, other: "Match") -> "Match":
        return Match(f"({self} or {other})", lambda r: self.test(r) or other.test(r))

    def __invert__(self) -> "Match":
        return Match(f"not {self}", lambda r: not self.test(r))

    def __str__(self) -> str:
        return self.description


anything = Match("anything", lambda _: True)


def method(*names: str) -> Match:
    """Requests with one of these methods."""
    return Match("/".join(names), lambda request: request.method in names)


def kind(*names: str) -> Match:
    """Requests of one of these kinds: manifests, blobs, uploads, tags, ... (see `Route`)."""
    return Match("/".join(names), lambda request: request.route.kind in names)


def path(pattern: str) -> Match:
    """Requests in whose decoded path the regular expression is found."""
    compiled = re.compile(pattern)
    return Match(f"path ~ {pattern}", lambda request: compiled.search(request.path) is not None)


def repository(*names: str) -> Match:
    """Requests about one of these repositories."""
    return Match(f"in {'/'.join(names)}", lambda request: request.route.repository in names)


def reference(*references: str) -> Match:
    """Requests about one of these tags or digests."""
    return Match(f"of {'/'.join(references)}", lambda r: r.route.reference in references)


with_content = Match("with content", lambda request: request.body.length != 0)
"""Requests that bring a body, of a known length or in chunks."""


@dataclass(frozen=True)
class Action:
    """What a fault does: it answers in the application's place, or meddles with its answer."""

    description: str
    apply: Callable[[Request, Application], Response]


def answer(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Action:
    """Answer so, and never ask the application."""
    return Action(
        f"answer {status}",
        lambda *_: Response(status, HTTPHeaderDict(headers or {}), body),
    )


def challenge(www_authenticate: str = 'Basic realm="fault"') -> Action:
    """Answer 401 with this challenge, whatever credentials came along."""
    return Action("challenge", answer(401, {"WWW-Authenticate": www_authenticate}).apply)


def redirect(to: str | Callable[[Request], str], status: int = 307) -> Action:
    """Send the client elsewhere: to a URL, or to the one a function makes of the request."""

    def apply(request: Request, _: Application) -> Response:
        location = to if isinstance(to, str) else to(request)
        return Response(status, HTTPHeaderDict({"Location": location}))

    return Action(f"redirect {status}", apply)


def delay(seconds: float) -> Action:
    """Wait before the application is asked."""

    def apply(request: Request, application: Application) -> Response:
        _wait(request, seconds)
        return application(request)

    return Action(f"delay {seconds} s", apply)


def reset(after_bytes: int | None = None) -> Action:
    """Reset the connection (TCP RST): before the application is asked, or inside the answer.

    Args:
        after_bytes: of the response's body, sent first. The client may see fewer, as a reset
            discards what it has not read yet.
    """

    def apply(request: Request, application: Application) -> Response:
        if after_bytes is None:
            raise Disconnect(reset=True)
        return _cut(request, application(request), after_bytes, reset=True)

    return Action("reset" if after_bytes is None else f"reset after {after_bytes} bytes", apply)


def reset_upload(after_bytes: int) -> Action:
    """Reset the connection (TCP RST) once more than this much of the request's body came in."""

    def apply(request: Request, application: Application) -> Response:
        request.body.cut(after_bytes)
        return application(request)

    return Action(f"reset after {after_bytes} bytes received", apply)


def truncate(after_bytes: int) -> Action:
    """Announce the whole body, send only its first bytes, and close the connection in order."""

    def apply(request: Request, application: Application) -> Response:
        return _cut(request, application(request), after_bytes, reset=False)

    return Action(f"truncate after {after_bytes} bytes", apply)


def stall(after_bytes: int, seconds: float) -> Action:
    """Fall silent inside the response's body for a while, then send the rest."""

    def apply(request: Request, application: Application) -> Response:
        def stalled(parts: Iterable[bytes]) -> Iterator[bytes]:
            head, rest = _split(parts, after_bytes)
            yield head
            _wait(request, seconds)
            yield from rest

        return _with_body(request, application(request), stalled)

    return Action(f"stall after {after_bytes} bytes", apply)


def corrupt(at: int = 0) -> Action:
    """Serve a body of the right length with one wrong byte.

    Args:
        at: which byte; one beyond the end becomes the body's first.
    """

    def apply(request: Request, application: Application) -> Response:
        def flipped(parts: Iterable[bytes]) -> Iterator[bytes]:
            head, rest = _split(parts, at)
            first = next(rest, b"")
            if first:
                yield head + bytes([first[0] ^ 1]) + first[1:]
            elif head:
                yield bytes([head[0] ^ 1]) + head[1:]
            yield from rest

        return _with_body(request, application(request), flipped)

    return Action("corrupt", apply)


def substitute(content: bytes) -> Action:
    """Serve other content in the place of the right one, with a Content-Length to match."""

    def apply(request: Request, application: Application) -> Response:
        response = application(request)
        if response.status == 200:
            response.headers["Content-Length"] = str(len(content))
            response.body = content
        return response

    return Action("substitute", apply)


def header(name: str, value: str | None) -> Action:
    """Lie in one header of a successful answer; None leaves the header out."""

    def apply(request: Request, application: Application) -> Response:
        response = application(request)
        if response.status < 400:
            response.headers.discard(name)
            if value is not None:
                response.headers[name] = value
        return response

    return Action(f"header {name}", apply)


def located(at: Callable[[Request, str], str]) -> Action:
    """Give another Location in a successful answer: what a function makes of request and own."""

    def apply(request: Request, application: Application) -> Response:
        response = application(request)
        if response.status < 400 and "Location" in response.headers:
            response.headers["Location"] = at(request, response.headers["Location"])
        return response

    return Action("Location", apply)


def mapped(target: Callable[[str], str]) -> Action:
    """Ask the application for another target, the one that a function makes of the client's."""
    return Action(
        "mapped", lambda request, application: application(request.to(target(request.target)))
    )


def followed_by(filler: bytes, times: int) -> Action:
    """Send the body without saying how long it is, and behind it a filler, many times."""

    def apply(request: Request, application: Application) -> Response:
        def longer(parts: Iterable[bytes]) -> Iterator[bytes]:
            yield from parts
            yield from itertools.repeat(filler, times)

        response = _with_body(request, application(request), longer)
        response.headers.discard("Content-Length")
        return response

    return Action(f"followed by {times * len(filler)} bytes", apply)


@dataclass
class Fault:
    """One fault.

    Args:
        action: what happens to a request it hits.
        match: which requests it is for.
        times: how many requests it hits before it is spent; None is without end.
        after: how many requests that match it lets pass first.
    """

    action: Action
    match: Match = anything
    times: int | None = None
    after: int = 0
    hits: int = field(default=0, init=False)
    _passed: int = field(default=0, init=False, repr=False)

    @property
    def spent(self) -> bool:
        """Whether it has hit all the requests it may."""
        return self.times is not None and self.hits >= self.times

    def strikes(self, request: Request) -> bool:
        """Tell whether this request is hit, and count it."""
        if self.spent or not self.match(request):
            return False
        if self._passed < self.after:
            self._passed += 1
            return False
        self.hits += 1
        return True

    def __str__(self) -> str:
        return f"{self.action.description} ({self.match})"


class Faults:
    """The faults of one front end. The first that strikes is applied, alone.

    Requests that fail authentication reach no fault, nor does the fixtures' own traffic.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Add a fault behind those that are there, and return it, for its `hits`."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def strike(self, request: Request) -> Fault | None:
        """Find the fault that hits this request, and count the hit."""
        if not self._faults:
            return None
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(request)), None)


def _wait(request: Request, seconds: float) -> None:
    if request.stopping.wait(seconds):
        raise Disconnect


def _cut(request: Request, response: Response, after: int, *, reset: bool) -> Response:
    def cut(parts: Iterable[bytes]) -> Iterator[bytes]:
        yield _split(parts, after)[0]
        raise Disconnect(reset=reset)

    return _with_body(request, response, cut)


def _with_body(
    request: Request, response: Response, change: Callable[[Iterable[bytes]], Iterator[bytes]]
) -> Response:
    if request.method == "HEAD" or response.status not in (200, 206):
        return response
    body = response.body
    if isinstance(body, bytes):
        response.headers.setdefault("Content-Length", str(len(body)))
        body = (body,)
    response.body = change(body)
    return response


def _split(parts: Iterable[bytes], at: int) -> tuple[bytes, Iterator[bytes]]:
    head = bytearray()
    rest = iter(parts)
    for part in rest:
        head += part
        if len(head) > at:
            tail = bytes(head[at:])
            return bytes(head[:at]), _chain(tail, rest)
    return bytes(head), iter(())


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
