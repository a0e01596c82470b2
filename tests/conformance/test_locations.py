"""However a registry writes the Location of an upload, every way to upload that OCI has works."""

import hashlib
from collections.abc import Callable
from urllib.parse import quote, urljoin

import pytest
import urllib3

from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Faults
from relocation_conformance.suite import locations

CONTENT = b"content"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


def send(method: str, url: str, content: bytes = b"", *, digest: bool = False) -> str:
    """Send a part of a blob, or its end with its *digest*; return where to go on."""
    if digest:
        url += f"{'&' if '?' in url else '?'}digest={quote(DIGEST)}"
    answer = urllib3.request(method, url, body=content)
    assert answer.status in (201, 202), answer.data
    return urljoin(url, answer.headers["Location"])


def whole(begin: str) -> None:
    send("PUT", send("POST", begin), CONTENT, digest=True)


def streamed(begin: str) -> None:
    send("PUT", send("PATCH", send("POST", begin), CONTENT), digest=True)


def in_chunks(begin: str) -> None:
    chunked = send("PATCH", send("PATCH", send("POST", begin), CONTENT[:2]), CONTENT[2:4])
    send("PUT", chunked, CONTENT[4:], digest=True)


def at_once(begin: str) -> None:
    send("POST", begin, CONTENT, digest=True)


@pytest.mark.parametrize("upload", [whole, streamed, in_chunks, at_once])
@pytest.mark.parametrize("begin", ["uploads/", "uploads"])
@pytest.mark.parametrize("place", locations.WAYS)
def test_blob_is_uploaded_to_its_location(
    place: Callable[[Faults], None], begin: str, upload: Callable[[str], None]
) -> None:
    with EmbeddedRegistry() as registry:
        place(registry.faults)

        upload(f"{registry.url}/v2/a/blobs/{begin}")

        assert registry.read("a", DIGEST) == CONTENT


def test_blob_without_the_query_of_its_location_is_not_taken() -> None:
    with EmbeddedRegistry() as registry:
        locations.with_a_query(registry.faults)
        location = send("POST", f"{registry.url}/v2/a/blobs/uploads/").partition("?")[0]

        assert urllib3.request("PATCH", location, body=CONTENT).status == 404
