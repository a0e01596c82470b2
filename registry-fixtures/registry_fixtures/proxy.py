"""A recording reverse proxy in front of any registry."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import urllib3
from urllib3 import HTTPHeaderDict

from registry_fixtures.auth import Auth
from registry_fixtures.errors import refusal
from registry_fixtures.messages import CHUNK, Disconnect, Request, Response
from registry_fixtures.registry import Registry
from registry_fixtures.tls import TLS

_HOP_BY_HOP = (
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
)
_TIMEOUT = urllib3.Timeout(connect=5, read=120)


class Forward:
    """Passes requests on to a server and its responses back, both as they stream.

    Args:
        url: the server.
        preserve_host: whether the server is told the host that the client addressed, so that it
            makes its absolute URLs from that. One that serves several hosts needs its own.
        drop_authorization: whether credentials end here.
    """

    def __init__(
        self, url: str, *, preserve_host: bool = True, drop_authorization: bool = False
    ) -> None:
        self.url = url.rstrip("/")
        self._preserve_host = preserve_host
        self._drop_authorization = drop_authorization
        self._pool = urllib3.PoolManager(maxsize=32, retries=False, timeout=_TIMEOUT)

    def __call__(self, request: Request) -> Response:
        """Ask the server; 502 when it cannot be reached or answers nothing."""
        try:
            answer = self._pool.request(
                request.method,
                self.url + request.target,
                headers=self._request_headers(request),
                body=None if request.body.length == 0 else iter(request.body),
                preload_content=False,
                decode_content=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as failed:
            return refusal(502, "UNKNOWN", f"the registry behind the proxy: {failed}")
        if answer.status != 401 and not self._drop_authorization:
            scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
            request.authenticated = scheme if scheme in ("basic", "bearer") else "anonymous"
        headers = self._response_headers(request, answer)
        return Response(answer.status, headers, _body(answer))

    def close(self) -> None:
        """Close the connections that are kept for reuse."""
        self._pool.clear()

    def _request_headers(self, request: Request) -> HTTPHeaderDict:
        headers = _end_to_end(request.headers)
        headers.discard("Expect")
        headers["X-Forwarded-Proto"] = request.scheme
        if not self._preserve_host:
            headers["Host"] = urlsplit(self.url).netloc
        if self._drop_authorization:
            headers.discard("Authorization")
        # urllib3 would add what is missing.
        for name in ("Accept-Encoding", "User-Agent"):
            headers.setdefault(name, urllib3.util.SKIP_HEADER)
        return headers

    def _response_headers(
        self, request: Request, answer: urllib3.BaseHTTPResponse
    ) -> HTTPHeaderDict:
        headers = _end_to_end(answer.headers)
        location = headers.get("Location", "")
        own = urlsplit(self.url)
        if urlsplit(location)[:2] == (own.scheme, own.netloc):
            client_side = urlsplit(request.origin)
            headers["Location"] = urlunsplit(
                urlsplit(location)._replace(scheme=client_side.scheme, netloc=client_side.netloc)
            )
        return headers


class Upstream(Registry):
    """Any registry behind the recording front end, which adds TLS and authentication on request.

    Args:
        url: the registry, e.g. `http://127.0.0.1:5000`.
        tls: speak TLS with this certificate to clients.
        auth: who may do what, decided here; without it credentials are passed on.
        credentials: the registry's, for the fixtures' own requests.
        preserve_host: whether the registry is told the host that clients address.
    """

    def __init__(
        self,
        url: str,
        *,
        tls: TLS | None = None,
        auth: Auth | None = None,
        credentials: tuple[str, str] | None = None,
        preserve_host: bool = True,
    ) -> None:
        self._forward = Forward(
            url, preserve_host=preserve_host, drop_authorization=auth is not None
        )
        super().__init__(self._forward, tls=tls, auth=auth, credentials=credentials)

    @property
    def upstream(self) -> str:
        """The URL of the registry behind the front end."""
        return self._forward.url

    @upstream.setter
    def upstream(self, url: str) -> None:
        self._forward.url = url.rstrip("/")

    def stop(self) -> None:
        """End every connection and stop listening. The registry behind goes on."""
        super().stop()
        self._forward.close()


def _end_to_end(headers: HTTPHeaderDict) -> HTTPHeaderDict:
    kept = headers.copy()
    named = [name.strip() for name in kept.get("Connection", "").split(",") if name.strip()]
    for name in (*_HOP_BY_HOP, *named):
        kept.discard(name)
    return kept


def _body(answer: urllib3.BaseHTTPResponse) -> bytes | Iterator[bytes]:
    """The response's body; a short one at once, to give its connection back."""
    declared = answer.headers.get("Content-Length")
    if declared is None or int(declared) > CHUNK:
        return _streamed(answer)
    return b"".join(_streamed(answer))


def _streamed(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from answer.stream(CHUNK, decode_content=False)
    except urllib3.exceptions.HTTPError as lost:
        raise Disconnect from lost
    else:
        answer.release_conn()
    finally:
        answer.close()
