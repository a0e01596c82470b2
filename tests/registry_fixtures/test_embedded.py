"""The embedded registry keeps to OCI distribution-spec v1.1."""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from registry_fixtures.client import RegistryError
from registry_fixtures.content import Node
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.messages import Request, Response
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import SHAPES, multi_arch, non_distributable, single

Ask = Callable[..., urllib3.BaseHTTPResponse]
Say = Callable[[Registry, bytes], socket.socket]
DigestOf = Callable[..., str]

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONTENT = bytes(range(256)) * 4


def errors(answer: urllib3.BaseHTTPResponse) -> list[str]:
    return [error["code"] for error in json.loads(answer.data)["errors"]]


def document(**fields: Any) -> bytes:
    return json.dumps({"schemaVersion": 2, **fields}).encode()


@pytest.fixture
def blob(registry: EmbeddedRegistry, digest_of: DigestOf) -> str:
    registry.put_blob("acme/app", digest_of(CONTENT), CONTENT)
    return digest_of(CONTENT)


@pytest.fixture
def upload(registry: EmbeddedRegistry, ask: Ask) -> str:
    """The path of an upload that was just begun."""
    return ask(registry, "POST", "/v2/acme/app/blobs/uploads/").headers["Location"]


@pytest.fixture(params=["memory", "folder"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedRegistry]:
    """A registry of each kind of storage."""
    folder = tmp_path if request.param == "folder" else None
    with EmbeddedRegistry(folder=folder) as registry:
        yield registry


# Base and errors


def test_base_answers_ok_and_names_the_interface(registry: EmbeddedRegistry, ask: Ask) -> None:
    answer = ask(registry, "GET", "/v2/")

    assert answer.status == 200
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v2/acme/app/manifests/none", 404, "MANIFEST_UNKNOWN"),
        ("GET", f"/v2/acme/app/blobs/sha256:{'0' * 64}", 404, "BLOB_UNKNOWN"),
        ("GET", "/v2/acme/app/blobs/nothing", 400, "DIGEST_INVALID"),
        ("GET", "/v2/acme/none/tags/list", 404, "NAME_UNKNOWN"),
        ("GET", "/v2/Acme/app/tags/list", 400, "NAME_INVALID"),
        ("GET", "/v2/acme/app/referrers/nothing", 400, "DIGEST_INVALID"),
        ("PATCH", "/v2/acme/app/blobs/uploads/none", 404, "BLOB_UPLOAD_UNKNOWN"),
        ("PUT", "/v2/acme/app/blobs/uploads/none?digest=sha256:00", 404, "BLOB_UPLOAD_UNKNOWN"),
        ("DELETE", "/v2/acme/app/manifests/none", 404, "MANIFEST_UNKNOWN"),
        ("DELETE", f"/v2/acme/app/blobs/sha256:{'0' * 64}", 404, "BLOB_UNKNOWN"),
        ("POST", "/v2/acme/app/manifests/v1", 405, "UNSUPPORTED"),
        ("GET", "/elsewhere", 404, "UNSUPPORTED"),
    ],
)
def test_refusal_has_the_code_of_the_specification(
    registry: EmbeddedRegistry, ask: Ask, method: str, path: str, status: int, code: str
) -> None:
    answer = ask(registry, method, path)

    assert (answer.status, errors(answer)) == (status, [code])


# Manifests


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_shape_is_served_byte_for_byte(
    registry: EmbeddedRegistry, shape: Callable[[], Node]
) -> None:
    placed = registry.push(shape())

    assert all(registry.read(placed.name, node) == node.content for node in placed.walk())


def test_manifest_keeps_its_media_type_and_digest(registry: EmbeddedRegistry, ask: Ask) -> None:
    placed = registry.push(multi_arch())

    answer = ask(registry, "HEAD", "/v2/acme/app/manifests/v1")

    assert answer.headers["Content-Type"] == placed.node.media_type
    assert answer.headers["Docker-Content-Digest"] == placed.digest
    assert answer.headers["Content-Length"] == str(placed.node.size)
    assert answer.data == b""


def test_manifest_is_not_kept_under_a_wrong_digest(registry: EmbeddedRegistry, ask: Ask) -> None:
    wrong = f"sha256:{'0' * 64}"

    answer = ask(registry, "PUT", f"/v2/a/manifests/{wrong}", document(), Content_Type=INDEX)

    assert (answer.status, errors(answer)) == (400, ["DIGEST_INVALID"])
    assert not registry.has("a", wrong)


def test_manifest_is_kept_under_a_sha512_digest(
    registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    digest = digest_of(document(), "sha512")

    answer = ask(registry, "PUT", f"/v2/a/manifests/{digest}", document(), Content_Type=INDEX)

    assert answer.headers["Docker-Content-Digest"] == digest
    assert registry.read("a", digest) == document()


def test_strict_registry_names_every_blob_and_manifest_that_is_missing(
    registry: EmbeddedRegistry, ask: Ask
) -> None:
    image = single()

    answer = ask(
        registry, "PUT", "/v2/acme/app/manifests/v1", image.content, Content_Type=image.media_type
    )

    assert errors(answer) == ["MANIFEST_BLOB_UNKNOWN"] * len(image.children)
    assert answer.status == 404
    named = {error["detail"]["digest"] for error in json.loads(answer.data)["errors"]}
    assert named == {child.digest for child in image.children}
    assert not registry.has("acme/app", "v1")


def test_strict_registry_refuses_an_index_whose_manifests_are_missing(
    registry: EmbeddedRegistry,
) -> None:
    index = multi_arch()

    with pytest.raises(RegistryError, match="MANIFEST_BLOB_UNKNOWN"):
        registry.put_manifest("acme/app", "v1", index.content, index.media_type)

    assert not registry.has("acme/app", "v1")


def test_lenient_registry_takes_an_index_whose_manifests_are_missing() -> None:
    index = multi_arch()

    with EmbeddedRegistry(strict=False) as registry:
        registry.put_manifest("acme/app", "v1", index.content, index.media_type)

        assert registry.read("acme/app", "v1") == index.content


def test_blob_of_another_repository_does_not_count_as_there(registry: EmbeddedRegistry) -> None:
    image = registry.push(single(), name="other").node

    with pytest.raises(RegistryError, match="MANIFEST_BLOB_UNKNOWN"):
        registry.put_manifest("acme/app", "v1", image.content, image.media_type)


def test_non_distributable_layers_need_not_be_there(registry: EmbeddedRegistry) -> None:
    placed = registry.push(non_distributable())

    assert registry.resolve(placed.name, "v1") == placed.digest


def test_registry_that_insists_on_foreign_layers_refuses_an_image_without_them() -> None:
    with (
        EmbeddedRegistry(insists_on_foreign_layers=True) as registry,
        pytest.raises(RegistryError, match="MANIFEST_BLOB_UNKNOWN"),
    ):
        registry.push(non_distributable())


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{", INDEX),
        (b"[]", INDEX),
        (b'{"schemaVersion": 1}', INDEX),
        (document(mediaType=MANIFEST), INDEX),
        (document(layers=["no descriptor"]), MANIFEST),
        (document(config=5), MANIFEST),
    ],
)
def test_strict_registry_refuses_what_is_no_manifest(
    registry: EmbeddedRegistry, ask: Ask, content: bytes, content_type: str
) -> None:
    answer = ask(registry, "PUT", "/v2/a/manifests/v1", content, Content_Type=content_type)

    assert (answer.status, errors(answer)) == (400, ["MANIFEST_INVALID"])
    assert registry.tags("a") == []


def test_parameters_of_a_content_type_are_ignored(registry: EmbeddedRegistry, ask: Ask) -> None:
    ask(registry, "PUT", "/v2/a/manifests/v1", document(), Content_Type=f"{INDEX}; charset=utf-8")

    assert registry.manifest("a", "v1") == (document(), INDEX)


def test_manifest_over_four_mebibytes_is_too_large(registry: EmbeddedRegistry, ask: Ask) -> None:
    content = b" " * (4 * 1024 * 1024 + 1)

    answer = ask(registry, "PUT", "/v2/a/manifests/v1", content, Content_Type=INDEX)

    assert (answer.status, errors(answer)) == (413, ["SIZE_INVALID"])


def test_deleting_a_manifest_takes_its_tags_along(registry: EmbeddedRegistry) -> None:
    placed = registry.push(single(), tag="v1")

    registry.delete_manifest(placed.name, placed.digest)

    assert registry.tags(placed.name) == []
    assert not registry.has(placed.name, placed.digest)


def test_deleting_a_tag_leaves_the_manifest(registry: EmbeddedRegistry) -> None:
    placed = registry.push(single(), tag="v1")

    registry.delete_manifest(placed.name, "v1")

    assert registry.tags(placed.name) == []
    assert registry.has(placed.name, placed.digest)


# Blobs


def test_blob_is_served_with_length_and_digest(
    registry: EmbeddedRegistry, ask: Ask, blob: str
) -> None:
    answer = ask(registry, "GET", f"/v2/acme/app/blobs/{blob}")

    assert answer.data == CONTENT
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["Docker-Content-Digest"] == blob


def test_digest_may_be_percent_encoded(registry: EmbeddedRegistry, ask: Ask, blob: str) -> None:
    answer = ask(registry, "GET", f"/v2/acme/app/blobs/{blob.replace(':', '%3A')}")

    assert answer.data == CONTENT


def test_blob_is_gated_by_its_repository(registry: EmbeddedRegistry, ask: Ask, blob: str) -> None:
    assert ask(registry, "HEAD", f"/v2/other/blobs/{blob}").status == 404


@pytest.mark.parametrize(
    ("wanted", "part", "content_range"),
    [
        ("bytes=0-9", CONTENT[:10], "bytes 0-9/1024"),
        ("bytes=1000-", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=1000-5000", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=-24", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=0-1023", CONTENT, "bytes 0-1023/1024"),
    ],
)
def test_range_of_a_blob_is_served(
    either: EmbeddedRegistry,
    ask: Ask,
    digest_of: DigestOf,
    wanted: str,
    part: bytes,
    content_range: str,
) -> None:
    either.put_blob("a", digest_of(CONTENT), CONTENT)

    answer = ask(either, "GET", f"/v2/a/blobs/{digest_of(CONTENT)}", Range=wanted)

    assert (answer.status, answer.data) == (206, part)
    assert answer.headers["Content-Range"] == content_range


def test_range_beyond_a_blob_is_not_satisfiable(
    registry: EmbeddedRegistry, ask: Ask, blob: str
) -> None:
    answer = ask(registry, "GET", f"/v2/acme/app/blobs/{blob}", Range="bytes=1024-")

    assert answer.status == 416
    assert answer.headers["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize("wanted", ["bytes=5-1", "bytes=-", "lines=1-2", "bytes=0-1,4-5"])
def test_range_that_means_nothing_is_ignored(
    registry: EmbeddedRegistry, ask: Ask, blob: str, wanted: str
) -> None:
    answer = ask(registry, "GET", f"/v2/acme/app/blobs/{blob}", Range=wanted)

    assert (answer.status, answer.data) == (200, CONTENT)


def test_deleted_blob_is_gone_from_its_repository_alone(
    registry: EmbeddedRegistry, digest_of: DigestOf
) -> None:
    for name in ("here", "there"):
        registry.put_blob(name, digest_of(CONTENT), CONTENT)

    registry.delete_blob("here", digest_of(CONTENT))

    assert not registry.has("here", digest_of(CONTENT))
    assert registry.read("there", digest_of(CONTENT)) == CONTENT


def test_blob_deleted_everywhere_takes_no_more_room(tmp_path: Path, digest_of: DigestOf) -> None:
    with EmbeddedRegistry(folder=tmp_path) as registry:
        registry.put_blob("a", digest_of(CONTENT), CONTENT)

        registry.delete_blob("a", digest_of(CONTENT))

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# Uploads


def test_blob_is_uploaded_by_post_and_put(
    either: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    begun = ask(either, "POST", "/v2/a/blobs/uploads/")
    digest = digest_of(CONTENT)

    ended = ask(either, "PUT", f"{begun.headers['Location']}?digest={digest}", CONTENT)

    assert (begun.status, ended.status) == (202, 201)
    assert ended.headers["Location"] == f"/v2/a/blobs/{digest}"
    assert ended.headers["Docker-Content-Digest"] == digest
    assert either.read("a", digest) == CONTENT


def test_blob_is_uploaded_by_a_single_post(
    registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    digest = digest_of(CONTENT)

    answer = ask(registry, "POST", f"/v2/a/blobs/uploads/?digest={digest}", CONTENT)

    assert answer.status == 201
    assert registry.read("a", digest) == CONTENT
    assert registry.store.uploads == ()


def test_blob_is_uploaded_in_chunks(
    either: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    location = ask(either, "POST", "/v2/a/blobs/uploads/").headers["Location"]

    first = ask(either, "PATCH", location, CONTENT[:600], Content_Range="0-599")
    second = ask(either, "PATCH", location, CONTENT[600:1000], Content_Range="600-999")
    ask(
        either,
        "PUT",
        f"{location}?digest={digest_of(CONTENT)}",
        CONTENT[1000:],
        Content_Range="1000-1023",
    )

    assert [answer.status for answer in (first, second)] == [202, 202]
    assert [answer.headers["Range"] for answer in (first, second)] == ["0-599", "0-999"]
    assert either.read("a", digest_of(CONTENT)) == CONTENT


def test_blob_is_uploaded_in_the_chunks_of_http(
    registry: EmbeddedRegistry, ask: Ask, upload: str, digest_of: DigestOf
) -> None:
    ask(registry, "PATCH", upload, iter([CONTENT[:5], CONTENT[5:]]))
    ask(registry, "PUT", f"{upload}?digest={digest_of(CONTENT)}")

    assert registry.read("acme/app", digest_of(CONTENT)) == CONTENT
    assert registry.recorder.matching(method="PATCH")[0].bytes_received == len(CONTENT)


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_blob_is_uploaded_under_another_algorithm(
    either: EmbeddedRegistry, digest_of: DigestOf, algorithm: str
) -> None:
    digest = digest_of(CONTENT, algorithm)

    either.put_blob("a", digest, CONTENT)

    assert either.read("a", digest) == CONTENT


@pytest.mark.parametrize("content_range", ["1-4", "bytes 0-3/4", "x"])
def test_chunk_out_of_order_is_refused_and_told_where_to_go_on(
    registry: EmbeddedRegistry, ask: Ask, upload: str, content_range: str
) -> None:
    ask(registry, "PATCH", upload, b"0123", Content_Range="0-3")

    answer = ask(registry, "PATCH", upload, b"abcd", Content_Range=content_range)

    assert answer.status == 416
    assert (answer.headers["Location"], answer.headers["Range"]) == (upload, "0-3")


def test_upload_tells_how_far_it_has_come(
    registry: EmbeddedRegistry, ask: Ask, upload: str
) -> None:
    ask(registry, "PATCH", upload, b"0123")

    answer = ask(registry, "GET", upload)

    assert answer.status == 204
    assert (answer.headers["Location"], answer.headers["Range"]) == (upload, "0-3")


def test_chunk_of_another_length_than_announced_is_refused(
    registry: EmbeddedRegistry, ask: Ask, upload: str
) -> None:
    answer = ask(registry, "PATCH", upload, b"0123", Content_Range="0-9")

    assert (answer.status, errors(answer)) == (400, ["SIZE_INVALID"])
    assert registry.store.uploads == ()


def test_upload_with_a_wrong_digest_leaves_nothing(
    either: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    location = ask(either, "POST", "/v2/a/blobs/uploads/").headers["Location"]
    wrong = digest_of(b"something else")

    answer = ask(either, "PUT", f"{location}?digest={wrong}", CONTENT)

    assert (answer.status, errors(answer)) == (400, ["DIGEST_INVALID"])
    assert not either.has("a", wrong)
    assert not either.has("a", digest_of(CONTENT))
    assert either.store.uploads == ()


@pytest.mark.parametrize("digest", ["", "?digest=nothing", "?digest=md5:00"])
def test_upload_without_a_digest_to_check_is_not_completed(
    registry: EmbeddedRegistry, ask: Ask, upload: str, digest: str
) -> None:
    answer = ask(registry, "PUT", f"{upload}{digest}", CONTENT)

    assert (answer.status, errors(answer)) == (400, ["DIGEST_INVALID"])


def test_cancelled_upload_is_unknown(registry: EmbeddedRegistry, ask: Ask, upload: str) -> None:
    assert ask(registry, "DELETE", upload).status == 204

    assert ask(registry, "GET", upload).status == 404


def test_upload_belongs_to_its_repository(
    registry: EmbeddedRegistry, ask: Ask, upload: str
) -> None:
    assert ask(registry, "GET", upload.replace("acme/app", "other")).status == 404


def test_blob_is_mounted_from_another_repository(
    registry: EmbeddedRegistry, ask: Ask, blob: str
) -> None:
    answer = ask(registry, "POST", f"/v2/other/blobs/uploads/?mount={blob}&from=acme/app")

    assert answer.status == 201
    assert answer.headers["Location"] == f"/v2/other/blobs/{blob}"
    assert registry.read("other", blob) == CONTENT


@pytest.mark.parametrize("source", ["&from=nowhere", ""])
def test_mount_that_fails_begins_an_upload(
    registry: EmbeddedRegistry, ask: Ask, blob: str, source: str
) -> None:
    answer = ask(registry, "POST", f"/v2/other/blobs/uploads/?mount={blob}{source}")

    assert answer.status == 202
    assert answer.headers["Location"].startswith("/v2/other/blobs/uploads/")
    assert not registry.has("other", blob)


# Discovery


def test_tags_are_listed_in_lexical_order_and_by_the_page(
    registry: EmbeddedRegistry, ask: Ask
) -> None:
    for tag in ("b", "C", "a"):
        registry.push(single(), name="a", tag=tag)

    first = ask(registry, "GET", "/v2/a/tags/list?n=2")
    second = ask(registry, "GET", "/v2/a/tags/list?n=2&last=b")

    assert json.loads(first.data) == {"name": "a", "tags": ["a", "b"]}
    assert first.headers["Link"] == '</v2/a/tags/list?n=2&last=b>; rel="next"'
    assert json.loads(second.data)["tags"] == ["C"]
    assert "Link" not in second.headers


def test_no_tags_are_listed_when_none_are_asked_for(registry: EmbeddedRegistry, ask: Ask) -> None:
    registry.push(single(), name="a")

    answer = ask(registry, "GET", "/v2/a/tags/list?n=0")

    assert json.loads(answer.data)["tags"] == []
    assert "Link" not in answer.headers


def test_referrers_of_a_manifest_are_listed(
    registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    subject = digest_of(b"not even there")
    referrer = document(
        mediaType=MANIFEST,
        subject={"digest": subject},
        artifactType="application/x",
        annotations={"a": "b"},
    )

    pushed = ask(registry, "PUT", "/v2/a/manifests/r", referrer, Content_Type=MANIFEST)
    listed = ask(registry, "GET", f"/v2/a/referrers/{subject}")

    assert pushed.headers["OCI-Subject"] == subject
    assert listed.headers["Content-Type"] == INDEX
    assert json.loads(listed.data)["manifests"] == [
        {
            "mediaType": MANIFEST,
            "size": len(referrer),
            "digest": digest_of(referrer),
            "artifactType": "application/x",
            "annotations": {"a": "b"},
        }
    ]


def test_referrers_are_filtered_by_artifact_type(
    registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    subject = digest_of(b"")
    for name in ("x", "y"):
        referrer = document(subject={"digest": subject}, artifactType=f"application/{name}")
        registry.put_manifest("a", name, referrer, MANIFEST)

    answer = ask(registry, "GET", f"/v2/a/referrers/{subject}?artifactType=application/y")

    assert answer.headers["OCI-Filters-Applied"] == "artifactType"
    types = [found["artifactType"] for found in json.loads(answer.data)["manifests"]]
    assert types == ["application/y"]


def test_manifest_without_referrers_has_an_empty_list(
    registry: EmbeddedRegistry, ask: Ask, digest_of: DigestOf
) -> None:
    answer = ask(registry, "GET", f"/v2/nowhere/referrers/{digest_of(b'')}")

    assert (answer.status, json.loads(answer.data)["manifests"]) == (200, [])


def test_catalog_lists_the_repositories(registry: EmbeddedRegistry) -> None:
    for name in ("b", "a/c"):
        registry.push(single(), name=name)

    assert registry.catalog() == ["a/c", "b"]


# The server


@pytest.mark.parametrize("part", [b"-5\r\nabcde\r\n", b"zz\r\n", b"0x4\r\nabcd\r\n"])
def test_malformed_chunk_ends_the_connection_and_leaves_no_blob(
    registry: EmbeddedRegistry, say: Say, digest_of: DigestOf, part: bytes
) -> None:
    head = f"POST /v2/a/blobs/uploads/?digest={digest_of(b'')} HTTP/1.1\r\nHost: x\r\n"
    connection = say(registry, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + part)

    assert connection.recv(1) == b""
    assert "a" not in registry.store.repositories
    connection.close()


def test_stream_of_unknown_length_is_sent_in_chunks(ask: Ask) -> None:
    def streaming(_: Request) -> Response:
        return Response(200, body=iter([b"ab", b"", b"c"]))

    with Registry(streaming) as registry:
        answer = ask(registry, "GET", "/")

        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.data == b"abc"
        assert registry.recorder.exchanges[0].bytes_sent == 3


def test_client_of_http_1_0_is_served_and_let_go(registry: EmbeddedRegistry, say: Say) -> None:
    connection = say(registry, b"GET /v2/ HTTP/1.0\r\n\r\n")
    connection.settimeout(5)

    content = b""
    while part := connection.recv(65536):
        content += part

    assert content.endswith(b"\r\n\r\n{}")
    connection.close()


def test_defect_of_the_fixtures_is_logged_and_never_answered(
    say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    def defective(_: Request) -> Response:
        raise ZeroDivisionError

    with Registry(defective) as registry:
        connection = say(registry, b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n")

        assert connection.recv(1) == b""
        assert registry.recorder.exchanges[0].status == 0
        connection.close()
    assert "ZeroDivisionError" in caplog.text


def test_hundred_registries_one_after_the_other_take_two_seconds_at_most() -> None:
    started = time.monotonic()

    for _ in range(100):
        with EmbeddedRegistry() as registry:
            registry.catalog()

    assert time.monotonic() - started < 2


def test_stopped_registry_takes_no_connections(ask: Ask) -> None:
    with EmbeddedRegistry() as registry:
        ask(registry, "GET", "/v2/")

    with pytest.raises(urllib3.exceptions.HTTPError):
        ask(registry, "GET", "/v2/")


def test_registry_leaves_no_threads_behind(ask: Ask) -> None:
    before = threading.active_count()

    with EmbeddedRegistry() as registry:
        ask(registry, "GET", "/v2/")

    assert threading.active_count() == before


def test_many_clients_at_once_get_what_they_ask_for(registry: EmbeddedRegistry) -> None:
    contents = [bytes([number]) * 50_000 for number in range(16)]
    digests = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in contents]

    threads = [
        threading.Thread(target=registry.put_blob, args=("a", digest, content))
        for digest, content in zip(digests, contents, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [registry.read("a", digest) for digest in digests] == contents
