"""What is noted of runs of a target: of each its own part, as it was at the time."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry_fixtures.auth import Basic, Token
from registry_fixtures.client import RegistryClient
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.recording import Exchange
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from relocation_conformance.ledger import Said
from relocation_conformance.targets import Outcome, Target, open_profile
from relocation_conformance.targets import diary as diaries
from relocation_conformance.targets.diary import Diary, HandedOver
from relocation_conformance.targets.ended import Ended

ENDED = Ended(("relocator",), 0, "", "", 0.1, Outcome.DONE, "exit status 0")
DIGEST = f"sha256:{'0' * 64}"
OTHER = f"sha256:{'1' * 64}"


@pytest.fixture
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as running:
        yield running


def ask(registry: Registry) -> None:
    RegistryClient(registry.url).catalog()


def test_a_run_has_what_was_said_during_it_alone(registry: EmbeddedRegistry) -> None:
    diary = Diary()
    diary.watch(registry)

    ask(registry)
    first = diary.begin()
    ask(registry)
    ask(registry)
    first.end(ENDED)
    ask(registry)
    second = diary.begin()
    ask(registry)
    second.end(ENDED)

    assert [len(run.said) for run in diary.runs] == [2, 1]


def test_what_a_check_forgets_later_is_kept(registry: EmbeddedRegistry) -> None:
    diary = Diary()
    page = diary.begin()
    diary.watch(registry)
    ask(registry)
    page.end(ENDED)

    registry.recorder.clear()

    assert [said.exchange.path for said in diary.runs[0].said] == ["/v2/_catalog"]


def test_several_registries_make_one_ledger_in_order(registry: EmbeddedRegistry) -> None:
    with EmbeddedRegistry() as other:
        diary = Diary()
        page = diary.begin()
        for each in (registry, other, registry):
            ask(diary.watch(each))
        page.end(ENDED)

    assert [said.host for said in diary.runs[0].said] == [registry.host, other.host, registry.host]


def test_what_the_suite_itself_says_is_no_part_of_a_ledger(registry: EmbeddedRegistry) -> None:
    diary = Diary()
    diary.watch(registry)
    page = diary.begin()
    registry.push(single())
    page.end(ENDED)

    assert diary.runs[0].said == ()


def test_run_that_did_not_end_is_no_run(registry: EmbeddedRegistry) -> None:
    diary = Diary()
    diary.watch(registry)
    diary.begin()

    assert diary.runs == []


@pytest.mark.parametrize(
    ("path", "query", "header", "digest"),
    [
        (f"/v2/a/blobs/{DIGEST}", {"digest": OTHER}, OTHER, DIGEST),
        (f"/v2/a/manifests/{DIGEST}", {}, None, DIGEST),
        ("/v2/a/blobs/uploads/1", {"digest": DIGEST}, OTHER, DIGEST),
        ("/v2/a/blobs/uploads/", {"mount": DIGEST, "from": "b"}, None, DIGEST),
        ("/v2/a/manifests/v1", {}, DIGEST, DIGEST),
        ("/v2/a/manifests/v1", {}, None, None),
        ("/v2/", {"digest": ""}, None, None),
    ],
)
def test_digest_of_an_exchange(
    path: str, query: dict[str, str], header: str | None, digest: str | None
) -> None:
    headers = {"Docker-Content-Digest": header} if header else {}
    exchange = Exchange("GET", path, query, 200, {}, headers, 0, 0, 1.0, 0.1)

    assert Said("127.0.0.1:1", exchange).digest == digest


def test_bundle_is_noted_as_it_was_handed_over(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_bytes(b"before")
    diary = Diary()

    page = diary.begin(bundle=bundle)
    bundle.write_bytes(b"after")
    page.end(ENDED)

    digest = f"sha256:{hashlib.sha256(b'before').hexdigest()}"
    assert diary.runs[0].bundle == HandedOver("bundle.json", 6, digest, b"before")


def test_mapping_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mapping.json")
    diary = Diary()

    diary.begin(mapping=tmp_path / "mapping.json").end(ENDED)

    assert (diary.runs[0].mapping_before, diary.runs[0].mapping_after) == (None, None)


def test_of_a_long_bundle_only_size_and_digest_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diaries, "LONGEST", 3)
    bundle = tmp_path / "bundle.tgz"
    bundle.write_bytes(b"long")

    noted = HandedOver.at(bundle)

    digest = f"sha256:{hashlib.sha256(b'long').hexdigest()}"
    assert noted == HandedOver("bundle.tgz", 4, digest, None)


@pytest.mark.parametrize("name", ["none", "folder", "pipe"])
def test_bundle_that_is_no_file_is_none(tmp_path: Path, name: str) -> None:

    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    assert HandedOver.at(tmp_path / name) is None


def test_mapping_before_and_after_is_noted(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    diary = Diary()

    page = diary.begin(mapping=mapping)
    mapping.write_bytes(b"{}")
    page.end(ENDED)

    assert (diary.runs[0].mapping_before, diary.runs[0].mapping_after) == (None, b"{}")


def test_relocation_is_a_run_and_its_credentials_are_secrets(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text("{}")
    command = f"{sys.executable} -c 'print(1)'"
    target = Target(open_profile(command, tmp_path), tmp_path)
    config = {"auths": {"a.example.com": {"password": "s3cr3t-w0rd"}}}

    done = target.relocate(tmp_path / "bundle.json", to="127.0.0.1:1/t", docker_config=config)

    (run,) = target.diary.runs
    assert (run.ended, run.prefix, run.said) == (done, "127.0.0.1:1/t", ())
    assert target.diary.redaction()("s3cr3t-w0rd") == "<redacted>"
    assert "s3cr3t-w0rd" not in repr(target)


def test_secrets_of_registries_are_secrets_of_the_diary() -> None:
    tokens = Token("ann", "another-passw0rd")
    refresh = tokens.refresh_token()
    diary = Diary()
    with (
        EmbeddedRegistry(auth=Basic("ann", "s3cr3t-w0rd")) as one,
        EmbeddedRegistry(auth=tokens) as two,
    ):
        diary.watch(one)
        diary.watch(two)
        client = RegistryClient(two.url, credentials=("ann", "another-passw0rd"))
        client.catalog()

    (bearer,) = tokens.issued
    text = f"s3cr3t-w0rd {refresh} another-passw0rd {bearer}"
    assert diary.redaction()(text) == " ".join(["<redacted>"] * 4)
