"""The OCI distribution interface (distribution-spec v1.1) to a store, as an application."""

import hashlib
import json
import re
from collections.abc import Callable
from urllib.parse import quote

from urllib3 import HTTPHeaderDict

from registry_fixtures import uploads
from registry_fixtures.errors import Refused
from registry_fixtures.manifests import checked_manifest, digest_algorithm, referrers_index
from registry_fixtures.messages import Request, Response, TooLarge
from registry_fixtures.routes import is_digest, is_repository, is_tag
from registry_fixtures.store import Manifest, Store

MANIFEST_LIMIT = 4 * 1024 * 1024
_COUNT = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Distribution:
    """Answers requests out of a store.

    Args:
        store: what there is.
        strict: refuse manifests that name what is not there, or that are no manifests.
        insists_on_foreign_layers: when strict, refuse manifests whose non-distributable layers
            are not there.
    """

    def __init__(
        self, store: Store, *, strict: bool = True, insists_on_foreign_layers: bool = False
    ) -> None:
        self._store = store
        self._strict = strict
        self._insists = insists_on_foreign_layers
        self._handlers: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("base", "GET"): self._base,
            ("catalog", "GET"): self._catalog,
            ("tags", "GET"): self._tags,
            ("referrers", "GET"): self._referrers,
            ("manifests", "GET"): self._get_manifest,
            ("manifests", "PUT"): self._put_manifest,
            ("manifests", "DELETE"): self._delete_manifest,
            ("blobs", "GET"): self._get_blob,
            ("blobs", "DELETE"): self._delete_blob,
            ("uploads", "POST"): lambda request: uploads.begin(store, request),
            ("uploads", "PATCH"): lambda request: uploads.append(store, request),
            ("uploads", "PUT"): lambda request: uploads.complete(store, request),
            ("uploads", "GET"): lambda request: uploads.status(store, request),
            ("uploads", "DELETE"): lambda request: uploads.cancel(store, request),
        }

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        try:
            response = self._handler(request)(request)
        except Refused as refused:
            response = refused.response
        response.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
        return response

    def _handler(self, request: Request) -> Callable[[Request], Response]:
        route = request.route
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._handlers.get((route.kind, method))
        if handler is None:
            known = any(kind == route.kind for kind, _ in self._handlers)
            raise Refused(405 if known else 404, "UNSUPPORTED", "the operation is unsupported")
        if route.repository and not is_repository(route.repository):
            raise Refused(400, "NAME_INVALID", "invalid repository name", [route.repository])
        return handler

    def _base(self, _: Request) -> Response:
        return _json({})

    def _catalog(self, request: Request) -> Response:
        names, link = _page(request, list(self._store.repositories), "/v2/_catalog")
        return _json({"repositories": names}, link)

    def _tags(self, request: Request) -> Response:
        name = request.route.repository
        tags = self._store.tags(name)
        if tags is None:
            raise Refused(404, "NAME_UNKNOWN", "repository name not known to registry", [name])
        tags, link = _page(request, tags, f"/v2/{name}/tags/list")
        return _json({"name": name, "tags": tags}, link)

    def _referrers(self, request: Request) -> Response:
        route = request.route
        if not is_digest(route.reference):
            raise Refused(400, "DIGEST_INVALID", "not a digest", [route.reference])
        wanted = request.query.get("artifactType")
        found = self._store.referrers(route.repository, route.reference)
        response = _json(referrers_index(found, wanted))
        response.headers["Content-Type"] = "application/vnd.oci.image.index.v1+json"
        if wanted:
            response.headers["OCI-Filters-Applied"] = "artifactType"
        return response

    def _get_manifest(self, request: Request) -> Response:
        route = request.route
        found = self._store.manifest(route.repository, route.reference)
        if found is None:
            raise _unknown_manifest(route.reference)
        digest, manifest = found
        headers = {"Content-Type": manifest.media_type, "Docker-Content-Digest": digest}
        return Response(200, HTTPHeaderDict(headers), manifest.content)

    def _put_manifest(self, request: Request) -> Response:
        route = request.route
        try:
            content = request.body.read(MANIFEST_LIMIT)
        except TooLarge:
            raise Refused(413, "SIZE_INVALID", f"over {MANIFEST_LIMIT} bytes") from None
        digest, tag = self._named(route.reference, content)
        manifest = self._checked(route.repository, content, request.headers.get("Content-Type"))
        self._store.put_manifest(route.repository, digest, manifest, tag)
        headers = {
            "Location": f"/v2/{route.repository}/manifests/{route.reference}",
            "Docker-Content-Digest": digest,
        }
        if manifest.subject:
            headers["OCI-Subject"] = manifest.subject
        return Response(201, HTTPHeaderDict(headers))

    def _named(self, reference: str, content: bytes) -> tuple[str, str | None]:
        """The digest under which to keep a manifest, and the tag to give it."""
        if is_tag(reference):
            return f"sha256:{hashlib.sha256(content).hexdigest()}", reference
        algorithm = digest_algorithm(reference)
        digest = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
        if digest != reference:
            detail = {"digest": reference, "actual": digest}
            raise Refused(400, "DIGEST_INVALID", "the content has another digest", [detail])
        return digest, None

    def _checked(self, repository: str, content: bytes, content_type: str | None) -> Manifest:
        store = self._store
        return checked_manifest(
            content,
            content_type,
            strict=self._strict,
            insists_on_foreign_layers=self._insists,
            has_manifest=lambda digest: store.has_manifest(repository, digest),
            has_blob=lambda digest: store.has_blob(repository, digest),
        )

    def _delete_manifest(self, request: Request) -> Response:
        route = request.route
        delete = self._store.delete_tag if is_tag(route.reference) else self._store.delete_manifest
        if not delete(route.repository, route.reference):
            raise _unknown_manifest(route.reference)
        return Response(202)

    def _get_blob(self, request: Request) -> Response:
        digest = self._known_blob(request)
        size = self._store.contents.size(digest)
        if size is None:
            raise _unknown_blob(digest)
        headers = HTTPHeaderDict(
            {
                "Content-Type": "application/octet-stream",
                "Docker-Content-Digest": digest,
                "Accept-Ranges": "bytes",
            }
        )
        wanted = _wanted_range(request, size)
        start, stop = wanted or (0, size)
        headers["Content-Length"] = str(stop - start)
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        content = (
            b"" if request.method == "HEAD" else self._store.contents.read(digest, start, stop)
        )
        return Response(206 if wanted else 200, headers, content)

    def _delete_blob(self, request: Request) -> Response:
        digest = self._known_blob(request)
        if not self._store.delete_blob(request.route.repository, digest):
            raise _unknown_blob(digest)
        return Response(202)

    def _known_blob(self, request: Request) -> str:
        digest = request.route.reference
        if not is_digest(digest):
            raise Refused(400, "DIGEST_INVALID", "not a digest", [digest])
        if not self._store.has_blob(request.route.repository, digest):
            raise _unknown_blob(digest)
        return digest


def _unknown_manifest(reference: str) -> Refused:
    return Refused(404, "MANIFEST_UNKNOWN", "manifest unknown to registry", [reference])


def _unknown_blob(digest: str) -> Refused:
    return Refused(404, "BLOB_UNKNOWN", "blob unknown to registry", [{"digest": digest}])


def _wanted_range(request: Request, size: int) -> tuple[int, int] | None:
    """The half-open range asked for (RFC 9110, 14); None for all, or for what we don't know."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or found.group(1) == found.group(2) == "":
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    if start >= stop:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Refused(416, "SIZE_INVALID", "range not satisfiable", headers=headers)
    return start, stop


def _page(request: Request, names: list[str], path: str) -> tuple[list[str], dict[str, str]]:
    """The part of a sorted list that is asked for by `n` and `last`, and a link to the next."""
    last = request.query.get("last")
    if last is not None:
        key = (last.lower(), last)
        names = [name for name in names if (name.lower(), name) > key]
    count = request.query.get("n", "")
    if not _COUNT.fullmatch(count):
        return names, {}
    page = names[: int(count)]
    if not page or len(page) == len(names):
        return page, {}
    return page, {"Link": f'<{path}?n={count}&last={quote(page[-1])}>; rel="next"'}


def _json(document: object, headers: dict[str, str] | None = None) -> Response:
    content = {"Content-Type": "application/json", **(headers or {})}
    return Response(200, HTTPHeaderDict(content), json.dumps(document).encode())
