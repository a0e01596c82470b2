"""A relocator as one might write it in an evening, and wrong where one would be.

It flattens an index to one platform, writes manifests anew, takes the last component of a path for
the image's name, believes what it is told of digests, and writes the mapping as it goes.
"""

import argparse
import hashlib
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import requests

TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
Json = dict[str, Any]
session = requests.Session()


class Remote:
    """A repository as a source."""

    def __init__(self, image: str) -> None:
        name, _, digest = image.partition("@")
        host, _, path = name.partition("/")
        path, _, tag = path.partition(":")
        self.url = f"http://{host}/v2/{path}"
        self.reference = digest or tag or "latest"

    def manifest(self, reference: str | None = None) -> Json:
        url = f"{self.url}/manifests/{reference or self.reference}"
        document: Json = get(url, headers={"Accept": ", ".join(TYPES)}).json()
        return document

    def blob(self, digest: str) -> bytes:
        return get(f"{self.url}/blobs/{digest}").content


class Layout:
    """An image of an unpacked thick bundle as a source."""

    def __init__(self, folder: Path, digest: str) -> None:
        self.folder = folder
        self.digest = digest

    def manifest(self, reference: str | None = None) -> Json:
        document: Json = json.loads(self.blob(reference or self.digest))
        return document

    def blob(self, digest: str) -> bytes:
        return (self.folder / "artifacts/layout/blobs" / digest.replace(":", "/")).read_bytes()


def get(url: str, **options: Any) -> requests.Response:
    response = session.get(url, timeout=30, **options)
    response.raise_for_status()
    return response


def upload(repository: str, content: bytes) -> None:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    opened = session.post(f"{repository}/blobs/uploads/", timeout=30)
    opened.raise_for_status()
    location = requests.compat.urljoin(opened.url, opened.headers["Location"])
    session.put(location, params={"digest": digest}, data=content, timeout=30).raise_for_status()


def copy(source: Remote | Layout, image: str, prefix: str) -> str:
    manifest = source.manifest()
    if "manifests" in manifest:
        manifest = source.manifest(manifest["manifests"][0]["digest"])
    name, _, _ = image.partition("@")
    last = name.rpartition("/")[2]
    last, _, tag = last.partition(":")
    host, _, path = f"{prefix}/{last}".partition("/")
    repository = f"http://{host}/v2/{path}"
    for blob in (manifest["config"], *manifest["layers"]):
        upload(repository, source.blob(blob["digest"]))
    headers = {"Content-Type": manifest.get("mediaType", TYPES[0])}
    url = f"{repository}/manifests/{tag or 'latest'}"
    content = json.dumps(manifest, indent=3)
    session.put(url, content, headers=headers, timeout=30).raise_for_status()
    return f"{host}/{path}:{tag or 'latest'}"


def source_of(image: Json, folder: Path | None) -> Remote | Layout:
    if folder is None:
        return Remote(image["image"])
    index = json.loads((folder / "artifacts/layout/index.json").read_text())
    known = (each["digest"] for each in index["manifests"])
    return Layout(folder, image.get("contentDigest") or next(known))


def relocate(bundle: Path, prefix: str, mapping: Path) -> None:
    folder = None
    if bundle.suffix == ".tgz":
        folder = mapping.parent / "unpacked"
        with tarfile.open(bundle) as archive:
            archive.extractall(folder)
        bundle = folder / "bundle.json"
    document = json.loads(bundle.read_text())
    images = [document["invocationImages"][0], *document.get("images", {}).values()]
    written = {}
    for image in images:
        written[image["image"]] = copy(source_of(image, folder), image["image"], prefix)
        mapping.write_text(json.dumps(written))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["relocate"])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--bundle-is-file", action="store_true")
    parser.add_argument("--repository-prefix", required=True)
    parser.add_argument("--relocation-mapping", type=Path, required=True)
    options = parser.parse_args()
    try:
        relocate(options.bundle, options.repository_prefix, options.relocation_mapping)
    except (OSError, ValueError, KeyError, requests.RequestException) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
