"""The OCI distribution client: pull, push, mount. Source: OCI distribution-spec 1.1."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import urllib3

from relocator.authentication import Authenticator, Scopes
from relocator.credentials import DockerConfig
from relocator.errors import Refusal
from relocator.manifests import MANIFEST_TYPES, MAX_MANIFEST, Descriptor, Manifest
from relocator.names import DEFAULT_DOMAIN
from relocator.retries import Transient, retried
from relocator.transport import (
    Body,
    NotTLS,
    Transport,
    Unreachable,
    absolute,
    chunks,
    discard,
    is_loopback,
    origin_of,
    read_limited,
)

DOCKER_HUB_HOST = "registry-1.docker.io"
"""Where Docker Hub, `docker.io` in names, answers the distribution API."""

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_MOST_LOGINS = 2  # one that is asked for, and one more if its token has run out meanwhile
_MAX_ERROR = 64 * 1024
_MAX_WORDS = 200


class Missing(Refusal):
    """The registry does not have it."""


class Registries:
    """The registries a relocation talks to, each met once and then remembered."""

    def __init__(
        self, transport: Transport, config: DockerConfig, *, tls_on_loopback: bool = False
    ) -> None:
        """*tls_on_loopback*: TLS is tried on loopback hosts too, plain HTTP only if refused."""
        self._transport = transport
        self._config = config
        self._tls_on_loopback = tls_on_loopback
        self._met: dict[str, Registry] = {}
        self._lock = threading.Lock()

    def repository(self, domain: str, path: str) -> Repository:
        """Return the repository *path* of the registry that image names call *domain*."""
        with self._lock:
            if domain not in self._met:
                self._met[domain] = self._meet(domain)
            return Repository(self._met[domain], path)

    def _meet(self, domain: str) -> Registry:
        host = DOCKER_HUB_HOST if domain == DEFAULT_DOMAIN else domain
        origin = f"{self._scheme(host)}://{host}"
        look_up = partial(self._config.credential_for, domain)
        return Registry(origin, self._transport, Authenticator(origin, self._transport, look_up))

    def _scheme(self, host: str) -> str:
        if not is_loopback(host):
            return "https"
        if not self._tls_on_loopback:
            return "http"
        try:
            self._transport.send("GET", f"https://{host}/v2/", {}).close()
        except NotTLS:
            return "http"
        except Transient:
            pass
        return "https"


@dataclass
class Registry:
    """One registry: where it is, and how it wants to be spoken to."""

    origin: str
    transport: Transport
    authenticator: Authenticator
    answered: bool = False

    @property
    def host(self) -> str:
        """The host, and port if any, that answers."""
        return urllib.parse.urlsplit(self.origin).netloc

    def request(
        self,
        method: str,
        path: str,
        scopes: Scopes,
        expected: Collection[int],
        headers: dict[str, str] | None = None,
        body: Body | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Send a request, answering challenges and following redirects; return its response.

        *path* may be a whole URL, as `Location` headers are. Raises `Missing` for a 404 that is
        not *expected*, `Refusal` with the registry's own words for any other status.
        """
        url = absolute(self.origin, path)
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._authorized(method, url, scopes, dict(headers or {}), body)
            if response.status not in _REDIRECTS or method not in ("GET", "HEAD"):
                break
            discard(response)
            url = self._safe(absolute(url, response.headers.get("Location", "")))
        if response.status not in expected:
            raise self._refusal(method, path, response)
        return response

    def _authorized(
        self, method: str, url: str, scopes: Scopes, headers: dict[str, str], body: Body | None
    ) -> urllib3.BaseHTTPResponse:
        # Credentials are for the registry alone: a redirect or upload elsewhere goes without.
        if origin_of(url) != origin_of(self.origin):
            return self._send(method, url, headers, body)
        for logins_left in reversed(range(_MOST_LOGINS + 1)):
            authorization = self.authenticator.header(scopes)
            if authorization:
                headers["Authorization"] = authorization
            response = self._send(method, url, headers, body)
            challenge = response.headers.get("WWW-Authenticate")
            if response.status != 401 or not challenge or not logins_left:
                break
            if not self.authenticator.answer(challenge, scopes, authorization):
                break
            discard(response)
        return response

    def _send(
        self, method: str, url: str, headers: dict[str, str], body: Body | None
    ) -> urllib3.BaseHTTPResponse:
        try:
            response = self.transport.send(method, url, headers, body)
        except Unreachable as failure:
            # One that has answered before may be restarting; one that never did is not there.
            if self.answered:
                raise Transient(str(failure)) from None
            raise
        self.answered = True
        return response

    def _safe(self, url: str) -> str:
        if self.origin.startswith("https:") and not url.startswith("https:"):
            raise Refusal(f"{self.host} leads from TLS to a place without it")
        return url

    def location(self, response: urllib3.BaseHTTPResponse, path: str) -> str:
        """Return the absolute URL that the response to a request for *path* says to go on at."""
        location = response.headers.get("Location")
        if not location:
            raise Refusal(f"{self.host} opens an upload without saying where")
        return self._safe(absolute(absolute(self.origin, path), location))

    def _refusal(self, method: str, path: str, response: urllib3.BaseHTTPResponse) -> Refusal:
        content = b"".join(chunks(response, _MAX_ERROR))
        shown = urllib.parse.urlsplit(path).path
        # Cut once it is redacted, or the first half of a secret could stay.
        words = self.authenticator.redacted(_words_of(content))[:_MAX_WORDS]
        reason = f"{self.host} answered {response.status} to {method} {shown}{words}"
        return Missing(reason) if response.status == 404 else Refusal(reason)


@dataclass(frozen=True)
class Repository:
    """One repository of a registry. Every method may be repeated without harm, and is."""

    registry: Registry
    path: str

    @property
    def _pull(self) -> Scopes:
        return (f"repository:{self.path}:pull",)

    @property
    def _push(self) -> Scopes:
        return (f"repository:{self.path}:pull,push",)

    @retried
    def manifest(self, reference: str, *media_types: str) -> tuple[bytes, str]:
        """Return the manifest at a tag or digest, and its media type. Its digest is unchecked."""
        accept = ", ".join(dict.fromkeys([*media_types, *MANIFEST_TYPES]))
        path = self._at("manifests", reference)
        response = self.registry.request("GET", path, self._pull, {200}, {"Accept": accept})
        content = read_limited(response, MAX_MANIFEST, f"the manifest {reference}")
        return content, response.headers.get("Content-Type", "").partition(";")[0].strip()

    @retried
    def has(self, kind: str, digest: str) -> bool:
        """Whether a digest is there; *kind* is `blobs` or `manifests`."""
        headers = {"Accept": ", ".join([*MANIFEST_TYPES, "*/*"])}
        path = self._at(kind, digest)
        response = self.registry.request("HEAD", path, self._pull, {200, 404}, headers)
        discard(response)
        return response.status == 200

    @retried
    def put_manifest(self, reference: str, manifest: Manifest) -> None:
        """Push the bytes of *manifest* under a tag or digest."""
        headers = {"Content-Type": manifest.descriptor.media_type}
        path = self._at("manifests", reference)
        body = manifest.content
        discard(self.registry.request("PUT", path, self._push, {201}, headers, body))

    def blob(self, blob: Descriptor) -> Iterator[bytes]:
        """Yield a blob's bytes, unchecked; a lost connection is the caller's to try again."""
        response = self.registry.request("GET", self._at("blobs", blob.digest), self._pull, {200})
        yield from chunks(response, blob.size + 1)

    @retried
    def put_blob(
        self,
        blob: Descriptor,
        content: Callable[[], Iterable[bytes]],
        mount_from: Repository | None = None,
    ) -> bool:
        """Push a blob, in one streamed request; return False if it was mounted instead.

        *content* opens the blob's bytes, once for each attempt. A registry that will not mount
        from *mount_from*, a repository of the same registry, gets the bytes.
        """
        uploads = f"/v2/{self.path}/blobs/uploads/"
        if mount_from:
            query = urllib.parse.urlencode({"mount": blob.digest, "from": mount_from.path})
            scopes = (*self._push, f"repository:{mount_from.path}:pull")
            opened = self.registry.request(
                "POST", f"{uploads}?{query}", scopes, {201, 202, 400, 403, 404, 405}
            )
            discard(opened)
            if opened.status == 201:
                return False
        if not mount_from or opened.status != 202:
            opened = self.registry.request("POST", uploads, self._push, {202})
            discard(opened)
        location = self.registry.location(opened, uploads)
        joint = "&" if urllib.parse.urlsplit(location).query else "?"
        url = f"{location}{joint}{urllib.parse.urlencode({'digest': blob.digest})}"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)}
        discard(self.registry.request("PUT", url, self._push, {201}, headers, content))
        return True

    def _at(self, kind: str, reference: str) -> str:
        return f"/v2/{self.path}/{kind}/{reference}"


def _words_of(content: bytes) -> str:
    """Return the first error of a registry's answer as `: CODE message`, or nothing."""
    try:
        error = json.loads(content)["errors"][0]
        words = f"{error.get('code', '')} {error.get('message', '')}".strip()
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return ""
    return f": {''.join(filter(str.isprintable, words))}" if words else ""
