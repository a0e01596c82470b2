"""HTTP as relocation needs it: verified TLS, streamed bodies, and no surprises."""

from __future__ import annotations

import contextlib
import email.utils
import ipaddress
import re
import ssl
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import urllib3
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)

from relocator import __version__
from relocator.errors import Refusal, shown
from relocator.retries import Transient

CHUNK = 1024 * 1024
"""Bytes of a blob in memory at a time, for each transfer under way."""

Body = bytes | Callable[[], Iterable[bytes]]
"""What is sent: bytes, or a function that opens a stream anew for every attempt."""

_TIMEOUT = urllib3.Timeout(connect=10, read=60)
_SHORT = 64 * 1024  # bytes
_TRANSIENT = {408, 429, 500, 502, 503, 504}
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
"""What OpenSSL, whichever its version, calls an answer in plain HTTP to the offer of TLS."""


class Unreachable(Refusal):
    """No connection could be made at all."""


class NotTLS(Refusal):
    """The other side does not speak TLS."""


class Transport:
    """Connections to any number of hosts, shared by all threads."""

    def __init__(
        self, *, ca_certs: Iterable[Path] = (), verify: bool = True, connections: int = 8
    ) -> None:
        """*connections* are kept open to each host; *ca_certs* are trusted beside the system's."""
        self._ca_certs = tuple(ca_certs)
        self._verify = verify
        self._connections = connections
        self._pools: dict[tuple[str, str | None], urllib3.PoolManager] = {}
        self._lock = threading.Lock()
        if self._ca_certs:
            _tls_context(self._ca_certs, verify=verify)  # a wrong file is refused at once
        if not verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Send one request and return its response, body unread, redirects not followed.

        A body that is a function needs a `Content-Length` in *headers*. Raises `Transient` for
        what may pass (429, 5xx, lost connections), `Refusal` for what will not.
        """
        try:
            response = self._pool(url).request(
                method,
                url,
                headers={"User-Agent": f"relocator/{__version__}", **headers},
                body=body() if callable(body) else body,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
            )
        except (HTTPError, OSError) as error:
            raise _explained(error, host_of(url)) from None
        if response.status in _TRANSIENT:
            discard(response)
            reason = f"{host_of(url)} answered {response.status} {response.reason or ''}".rstrip()
            raise Transient(reason, _retry_after(response.headers.get("Retry-After", "")))
        return response

    def _pool(self, url: str) -> urllib3.PoolManager:
        scheme = urllib.parse.urlsplit(url).scheme
        key = scheme, _proxy_for(url)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._open(*key)
            return self._pools[key]

    def _open(self, scheme: str, proxy: str | None) -> urllib3.PoolManager:
        options: dict[str, Any] = {"maxsize": self._connections, "timeout": _TIMEOUT}
        if scheme == "https":  # reading the system's certificates takes a while
            options["ssl_context"] = _tls_context(self._ca_certs, verify=self._verify)
            options["assert_hostname"] = None if self._verify else False
        if proxy:
            return urllib3.ProxyManager(proxy, **options)
        return urllib3.PoolManager(**options)


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for *url*, as `HTTPS_PROXY` and `NO_PROXY` do."""
    parts = urllib.parse.urlsplit(url)
    if is_loopback(parts.netloc) or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def read_limited(response: urllib3.BaseHTTPResponse, limit: int, what: str) -> bytes:
    """Return the body of *response*; raise `Refusal` if it is longer than *limit* bytes."""
    content = b"".join(chunks(response, limit + 1))
    if len(content) > limit:
        raise Refusal(f"{what} is larger than {limit} bytes")
    return content


def chunks(response: urllib3.BaseHTTPResponse, limit: int) -> Iterator[bytes]:
    """Yield the body of *response*, at most *limit* bytes; the connection is given back."""
    complete = False
    try:
        while limit > 0 and (chunk := response.read(min(CHUNK, limit))):
            limit -= len(chunk)
            yield chunk
        complete = limit > 0
    except (HTTPError, OSError) as error:
        raise Transient(f"the connection was lost: {error}") from None
    finally:
        if complete:
            response.release_conn()
        else:
            response.close()


def discard(response: urllib3.BaseHTTPResponse) -> None:
    """Give the connection back; a body too long to be worth reading costs the connection."""
    with contextlib.suppress(Transient):
        for _ in chunks(response, _SHORT):
            pass


def is_loopback(host: str) -> bool:
    """Whether *host*, `name[:port]`, is this machine: plain HTTP is used for those alone."""
    name = re.sub(r":[0-9]+$", "", host).strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return `host[:port]` of *url*."""
    return urllib.parse.urlsplit(url).netloc


def absolute(base: str, location: str) -> str:
    """Return the URL that a server means by *location*. Raises `Refusal` if it is none."""
    try:
        url = urllib.parse.urljoin(base, location)
        origin_of(url)
    except ValueError:
        raise Refusal(f"{host_of(base)} names a place that is no URL: {shown(location)}") from None
    return url


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host name and port of *url*: what credentials belong to."""
    parts = urllib.parse.urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def _tls_context(ca_certs: tuple[Path, ...], *, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for path in ca_certs:
        try:
            context.load_verify_locations(cafile=path)
        except ssl.SSLError:
            raise Refusal(f"{path} holds no PEM certificate") from None
        except OSError as error:
            raise Refusal(f"{path} cannot be read: {error.strerror}") from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _explained(error: HTTPError | OSError, host: str) -> Refusal:
    if isinstance(error, SSLError):
        cause = error.args[0] if error.args else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refusal(f"the TLS certificate of {host} is not trusted: {cause.verify_message}")
        reason = f"{host} does not speak TLS as expected: {cause}"
        return NotTLS(reason) if getattr(cause, "reason", "") in _NO_TLS else Refusal(reason)
    if isinstance(error, NameResolutionError):
        return Refusal(f"{host} is not a known host")
    if isinstance(error, NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return Unreachable(f"{host} cannot be reached")
    if isinstance(error, LocationParseError):
        return Refusal(f"{host} is not a host")
    return Transient(f"the connection to {host} was lost")


def _retry_after(value: str) -> float:
    """`Retry-After` is seconds or a date; anything else asks for nothing."""
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0
