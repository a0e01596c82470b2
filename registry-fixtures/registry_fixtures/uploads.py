"""Pushing blobs (distribution-spec v1.1, "Pushing blobs"): at once, in chunks, by mounting."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from urllib3 import HTTPHeaderDict

from registry_fixtures.errors import Refused
from registry_fixtures.manifests import digest_algorithm
from registry_fixtures.messages import Request, Response
from registry_fixtures.store import Store, Upload

_CONTENT_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


def begin(store: Store, request: Request) -> Response:
    """POST: begin an upload, take a whole blob at once, or mount one."""
    repository = request.route.repository
    if request.route.reference:
        raise Refused(405, "UNSUPPORTED", "the operation is unsupported")
    mount = request.query.get("mount")
    if mount and store.mount(repository, mount, request.query.get("from", "")):
        return _created(repository, mount)
    digest = request.query.get("digest")
    if not digest:
        return _progress(202, store.begin_upload(repository))
    digest_algorithm(digest)
    upload = store.begin_upload(repository)
    try:
        with upload.lock:
            return _completed(store, upload, request, digest)
    finally:
        # Nobody was told about this upload, so nobody could go on with it.
        if store.upload(repository, upload.id):
            store.cancel(upload)


def append(store: Store, request: Request) -> Response:
    """PATCH: take a chunk."""
    with _held(store, request) as upload:
        _receive(store, upload, request)
        return _progress(202, upload)


def complete(store: Store, request: Request) -> Response:
    """PUT: take the last chunk, if there is one, and check the digest."""
    with _held(store, request) as upload:
        digest = request.query.get("digest", "")
        digest_algorithm(digest)
        return _completed(store, upload, request, digest)


def status(store: Store, request: Request) -> Response:
    """GET: tell how much has come in."""
    with _held(store, request) as upload:
        return _progress(204, upload)


def cancel(store: Store, request: Request) -> Response:
    """DELETE: forget an upload."""
    with _held(store, request) as upload:
        store.cancel(upload)
    return Response(204)


def _completed(store: Store, upload: Upload, request: Request, digest: str) -> Response:
    _receive(store, upload, request)
    algorithm = digest_algorithm(digest)
    actual = f"{algorithm}:{upload.hex_digest(algorithm)}"
    if actual != digest:
        store.cancel(upload)
        detail = {"digest": digest, "actual": actual}
        raise Refused(400, "DIGEST_INVALID", "the content has another digest", [detail])
    store.complete(upload, digest)
    return _created(upload.repository, digest)


@contextmanager
def _held(store: Store, request: Request) -> Iterator[Upload]:
    """The upload a request is about, for this request alone."""
    route = request.route
    unknown = Refused(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
    upload = store.upload(route.repository, route.reference)
    if upload is None:
        raise unknown
    with upload.lock:
        # Whoever held it before may have completed or cancelled it.
        if store.upload(route.repository, route.reference) is None:
            raise unknown
        yield upload


def _receive(store: Store, upload: Upload, request: Request) -> None:
    """Append the request's body. What came in before a client went away stays, to go on from."""
    announced = _announced(upload, request)
    before = upload.size
    for part in request.body:
        upload.write(part)
    if announced is not None and upload.size - before != announced:
        store.cancel(upload)
        raise Refused(400, "SIZE_INVALID", "provided length did not match content length")


def _announced(upload: Upload, request: Request) -> int | None:
    """The size that Content-Range gives to a chunk, which must begin where the last one ended."""
    given = request.headers.get("Content-Range")
    if given is None:
        return None
    found = _CONTENT_RANGE.fullmatch(given)
    if found is None or int(found.group(1)) != upload.size:
        headers = _progress(416, upload).headers
        raise Refused(416, "BLOB_UPLOAD_INVALID", "chunk out of order", headers=headers)
    return int(found.group(2)) - int(found.group(1)) + 1


def _progress(status: int, upload: Upload) -> Response:
    headers = {
        "Location": f"/v2/{upload.repository}/blobs/uploads/{upload.id}",
        "Range": f"0-{max(0, upload.size - 1)}",
        "Docker-Upload-UUID": upload.id,
    }
    return Response(status, HTTPHeaderDict(headers))


def _created(repository: str, digest: str) -> Response:
    headers = {
        "Location": f"/v2/{repository}/blobs/{digest}",
        "Docker-Content-Digest": digest,
    }
    return Response(201, HTTPHeaderDict(headers))
