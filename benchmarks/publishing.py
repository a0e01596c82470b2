"""Where images are before they are copied: in a registry, or in a thick bundle."""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import urllib3

from content import MANIFEST, Blob, Image, distinct

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_VERSION = "1.0.0"
_LAYOUT = "artifacts/layout"


def publish(images: Iterable[Image], registry: str) -> dict[str, Image]:
    """Push images to the registry at a URL, and return them by their references."""
    pool = urllib3.PoolManager(retries=False)
    placed: dict[str, str] = {}
    references = {}
    for image in images:
        for blob in distinct(image.blobs):
            _push_blob(pool, f"{registry}/v2/{image.name}/blobs/uploads/", blob, placed)
            placed.setdefault(blob.digest, image.name)
        content = b"".join(image.manifest.read())
        url = f"{registry}/v2/{image.name}/manifests/v1"
        _ask(pool, "PUT", url, 201, body=content, headers={"Content-Type": MANIFEST})
        references[f"{urlsplit(registry).netloc}/{image.name}:v1"] = image
    pool.clear()
    return references


def _push_blob(
    pool: urllib3.PoolManager, uploads: str, blob: Blob, placed: Mapping[str, str]
) -> None:
    if blob.digest in placed:
        _ask(pool, "POST", f"{uploads}?mount={blob.digest}&from={placed[blob.digest]}", 201)
        return
    location = _ask(pool, "POST", uploads, 202).headers["Location"]
    headers = {"Content-Length": str(blob.size), "Content-Type": "application/octet-stream"}
    url = f"{location}{'&' if '?' in location else '?'}digest={blob.digest}"
    _ask(pool, "PUT", url, 201, body=blob.read(), headers=headers)


def digest_at(reference: str) -> str | None:
    """Return the digest that a registry on this machine gives for a tag, if it has it."""
    name, _, tag = reference.rpartition(":")
    host, _, path = name.partition("/")
    answer = urllib3.request(
        "HEAD", f"http://{host}/v2/{path}/manifests/{tag}", headers={"Accept": MANIFEST}
    )
    return answer.headers.get("Docker-Content-Digest") if answer.status == 200 else None


def write_thin(path: Path, images: Mapping[str, Image]) -> None:
    """Write a bundle that names the images at their references."""
    path.write_bytes(_bundle(images))


def write_thick(path: Path, images: Mapping[str, Image]) -> None:
    """Write a bundle that brings the images along in an OCI image layout."""
    manifests = [
        image.manifest.descriptor()
        | {"annotations": {"org.opencontainers.image.ref.name": reference}}
        for reference, image in images.items()
    ]
    index = {"schemaVersion": 2, "manifests": manifests}
    files = {
        "bundle.json": _bundle(images),
        f"{_LAYOUT}/oci-layout": json.dumps({"imageLayoutVersion": _VERSION}).encode(),
        f"{_LAYOUT}/index.json": json.dumps(index).encode(),
    }
    everything = (blob for image in images.values() for blob in (*image.blobs, image.manifest))
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            _add(archive, name, len(content), iter([content]))
        for blob in distinct(everything):
            name = f"{_LAYOUT}/blobs/{blob.digest.replace(':', '/')}"
            _add(archive, name, blob.size, blob.read())


def _add(archive: tarfile.TarFile, name: str, size: int, chunks: Iterator[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    archive.addfile(member, io.BufferedReader(_Chunks(chunks)))


class _Chunks(io.RawIOBase):
    """A stream of bytes as the file that tarfile wants."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._held = self._held or memoryview(next(self._chunks, b""))
        target = memoryview(buffer)
        taken = self._held[: len(target)]
        target[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)


def _bundle(images: Mapping[str, Image]) -> bytes:
    named = {
        f"image-{number}": {
            "image": reference,
            "description": "measured",
            "contentDigest": image.manifest.digest,
        }
        for number, (reference, image) in enumerate(images.items())
    }
    invocation = {"image": next(iter(images)), "imageType": "docker"}
    document = {
        "schemaVersion": "v1.0.0",
        "name": "benchmark",
        "version": "1.0.0",
        "description": "Images to copy",
        "invocationImages": [invocation],
        "images": named,
    }
    return json.dumps(document).encode()


def _ask(
    pool: urllib3.PoolManager,
    method: str,
    url: str,
    expected: int,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterator[bytes] | None = None,
) -> urllib3.BaseHTTPResponse:
    answer = pool.request(method, url, headers=headers, body=body)
    if answer.status != expected:
        raise RuntimeError(f"{method} {url} was answered {answer.status}: {answer.data[:300]!r}")
    return answer
