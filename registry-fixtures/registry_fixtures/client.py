"""The fixtures' own registry client: puts synthetic images in place and reads what is there."""

import base64
import hashlib
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

if TYPE_CHECKING:
    from registry_fixtures.content import Node

MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ONLY_REDIRECTS = urllib3.Retry(total=None, connect=0, read=0, redirect=5, status=0, other=0)
_CHALLENGE_FIELD = re.compile(r'(\w+)="([^"]*)"')


class RegistryError(Exception):
    """The registry answered what the client has no use for."""

    def __init__(self, method: str, path: str, status: int, body: bytes) -> None:
        super().__init__(f"{method} {path}: {status} {body[:500].decode('utf-8', 'replace')}")
        self.status = status


class Missing(RegistryError):
    """The registry does not have it."""


@dataclass(frozen=True)
class PlacedImage:
    """An image (or index, or artifact) and where in which registry it was put."""

    host: str
    name: str
    tag: str | None
    node: "Node"

    @property
    def digest(self) -> str:
        """The image's digest."""
        return self.node.digest

    @property
    def repository(self) -> str:
        """Host and name: `127.0.0.1:5000/acme/app`."""
        return f"{self.host}/{self.name}"

    @property
    def reference(self) -> str:
        """The shortest that finds it: by tag, or by digest when there is none."""
        return f"{self.repository}:{self.tag}" if self.tag else self.pinned

    @property
    def pinned(self) -> str:
        """By digest: `host/name@digest`."""
        return f"{self.repository}@{self.digest}"

    @property
    def tagged_and_pinned(self) -> str:
        """By both: `host/name:tag@digest`."""
        return f"{self.reference}@{self.digest}" if self.tag else self.pinned

    def walk(self) -> Iterator["Node"]:
        """Everything that was put in place, each digest once."""
        return self.node.walk()


class RegistryClient:
    """A client of one registry; any thread may use it.

    Args:
        url: `http://127.0.0.1:5000`.
        credentials: user and password, sent once they are asked for.
        ca_pem: the authority to trust in the place of the system's, PEM.
        headers: sent along with every request.
    """

    def __init__(
        self,
        url: str,
        *,
        credentials: tuple[str, str] | None = None,
        ca_pem: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self._credentials = credentials
        self._headers = dict(headers or {})
        self._authorizations: dict[str, str] = {}
        trust = ssl.create_default_context(cadata=ca_pem.decode()) if ca_pem else None
        self._pool = urllib3.PoolManager(maxsize=8, retries=_ONLY_REDIRECTS, ssl_context=trust)

    @property
    def host(self) -> str:
        """The registry as image references name it: `127.0.0.1:5000`."""
        return urlsplit(self.url).netloc

    def push(self, node: "Node", name: str = "acme/app", tag: str | None = "v1") -> PlacedImage:
        """Put an image and everything below it in place, and tag it.

        Raises:
            RegistryError: the registry refused.
        """
        self._push_below(node, name, set())
        if tag is not None:
            self.put_manifest(name, tag, node.content, node.media_type)
        return PlacedImage(self.host, name, tag, node)

    def _push_below(self, node: "Node", name: str, done: set[str]) -> None:
        """Children first: registries refuse what names what they don't have."""
        if node.digest in done or not node.distributable:
            return
        done.add(node.digest)
        for child in node.children:
            self._push_below(child, name, done)
        if node.is_manifest:
            self.put_manifest(name, node.digest, node.content, node.media_type)
        else:
            self.put_blob(name, node.digest, node.content)

    def put_manifest(self, name: str, reference: str, content: bytes, media_type: str) -> None:
        """Put a manifest under a tag or a digest.

        Raises:
            RegistryError: the registry refused.
        """
        headers = {"Content-Type": media_type}
        self._expect(201, "PUT", f"/v2/{name}/manifests/{reference}", content, headers)

    def put_blob(self, name: str, digest: str, content: bytes) -> None:
        """Put a blob.

        Raises:
            RegistryError: the registry refused.
        """
        begun = self._expect(202, "POST", f"/v2/{name}/blobs/uploads/", b"")
        location = urljoin(self.url, begun.headers["Location"])
        separator = "&" if urlsplit(location).query else "?"
        target = f"{location}{separator}{urlencode({'digest': digest})}"
        headers = {"Content-Type": "application/octet-stream"}
        self._expect(201, "PUT", target, content, headers)

    def manifest(self, name: str, reference: str) -> tuple[bytes, str]:
        """Read a manifest: the bytes that are served, and their media type.

        Raises:
            Missing: there is none.
        """
        headers = {"Accept": ", ".join([*MANIFEST_TYPES, "*/*"])}
        answer = self._expect(200, "GET", f"/v2/{name}/manifests/{reference}", headers=headers)
        return answer.data, answer.headers.get("Content-Type", "")

    def blob(self, name: str, digest: str) -> bytes:
        """Read a blob: the bytes that are served.

        Raises:
            Missing: there is none.
        """
        return self._expect(200, "GET", f"/v2/{name}/blobs/{digest}").data

    def read(self, name: str, what: "Node | str") -> bytes:
        """Read the bytes that are served for a node, or for a digest, be it manifest or blob.

        Raises:
            Missing: it is not there; for a node: not as what it is.
        """
        if not isinstance(what, str):
            return (
                self.manifest(name, what.digest)[0]
                if what.is_manifest
                else self.blob(name, what.digest)
            )
        try:
            return self.manifest(name, what)[0]
        except Missing:
            return self.blob(name, what)

    def resolve(self, name: str, tag: str) -> str:
        """Compute the sha256 digest of the bytes that are served for a tag.

        Raises:
            Missing: there is no such tag.
        """
        return f"sha256:{hashlib.sha256(self.manifest(name, tag)[0]).hexdigest()}"

    def has(self, name: str, digest: str) -> bool:
        """Tell whether there is a manifest or a blob under a digest, or a manifest under a tag."""
        headers = {"Accept": ", ".join([*MANIFEST_TYPES, "*/*"])}
        return any(
            self._request("HEAD", f"/v2/{name}/{kind}/{digest}", headers=headers).status == 200
            for kind in (("manifests", "blobs") if ":" in digest else ("manifests",))
        )

    def tags(self, name: str) -> list[str]:
        """List a repository's tags; none when the repository is not known."""
        try:
            return self._listed(f"/v2/{name}/tags/list", "tags")
        except Missing:
            return []

    def catalog(self) -> list[str]:
        """List the repositories."""
        return self._listed("/v2/_catalog", "repositories")

    def delete_manifest(self, name: str, reference: str) -> None:
        """Delete a manifest by digest, or a tag.

        Raises:
            Missing: it is not there.
        """
        self._expect(202, "DELETE", f"/v2/{name}/manifests/{reference}")

    def delete_blob(self, name: str, digest: str) -> None:
        """Delete a blob.

        Raises:
            Missing: it is not there.
        """
        self._expect(202, "DELETE", f"/v2/{name}/blobs/{digest}")

    def close(self) -> None:
        """Close the connections that are kept for reuse."""
        self._pool.clear()

    def _listed(self, path: str, field: str) -> list[str]:
        names: list[str] = []
        next_path: str | None = path
        while next_path:
            answer = self._expect(200, "GET", next_path)
            names += json.loads(answer.data).get(field) or []
            link = re.match(r"<([^>]+)>", answer.headers.get("Link", ""))
            next_path = link and link.group(1)
        return names

    def _expect(
        self,
        status: int,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        answer = self._request(method, path, body, headers)
        if answer.status == status:
            return answer
        error = Missing if answer.status == 404 and method != "PUT" else RegistryError
        raise error(method, path, answer.status, answer.data)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        url = urljoin(self.url, path)
        space = urlsplit(url).path.partition("/blobs/")[0].partition("/manifests/")[0]
        all_headers = {**self._headers, **(headers or {})}
        if space in self._authorizations:
            all_headers["Authorization"] = self._authorizations[space]
        answer = self._pool.request(method, url, body, headers=all_headers)
        if answer.status != 401 or self._credentials is None:
            return answer
        authorization = self._authorization(answer.headers.get("WWW-Authenticate", ""))
        self._authorizations[space] = all_headers["Authorization"] = authorization
        return self._pool.request(method, url, body, headers=all_headers)

    def _authorization(self, challenge: str) -> str:
        assert self._credentials is not None
        basic = "Basic " + base64.b64encode(":".join(self._credentials).encode()).decode()
        if not challenge.lower().startswith("bearer "):
            return basic
        fields = dict(_CHALLENGE_FIELD.findall(challenge))
        wanted = [("service", fields.get("service", ""))]
        wanted += [("scope", scope) for scope in fields.get("scope", "").split()]
        url = f"{fields['realm']}?{urlencode(wanted)}"
        answer = self._pool.request("GET", url, headers={**self._headers, "Authorization": basic})
        if answer.status != 200:
            raise RegistryError("GET", url, answer.status, answer.data)
        grant = json.loads(answer.data)
        return f"Bearer {grant.get('token') or grant['access_token']}"
