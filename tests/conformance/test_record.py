"""The record of a check, made from its result and from what was noted of its runs."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_fixtures.archives import Member
from registry_fixtures.bundles import Bundle, thick_bundle, thin_bundle
from registry_fixtures.recording import Exchange
from relocation_conformance import record as records
from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.ledger import Said
from relocation_conformance.record import Files, descriptor_in, record_of
from relocation_conformance.redaction import Redaction
from relocation_conformance.reports.model import Record
from relocation_conformance.targets import Outcome
from relocation_conformance.targets.diary import HandedOver, NotedRun
from relocation_conformance.targets.ended import Ended
from relocation_schemas import validate

SECRET = "s3cr3t-w0rd"
CHECK = CheckResult(
    nodeid="suite/test_name.py::test_x[a]",
    claim="A claim.",
    rules=("NAME-1", "NAME-2"),
    result=Result.BROKEN,
    reason="a reason",
    seconds=1.23456,
    example={"names": ["a"]},
)


def run_with(
    *,
    bundle: HandedOver | None = None,
    mapping: bytes | None = None,
    text: str = "",
    said: tuple[Said, ...] = (),
) -> NotedRun:
    """Return a run; *text* is wherever a target may write."""
    ended = Ended(("relocator", text), 1, text, text, 0.5, Outcome.REFUSED, "exit status 1")
    return NotedRun(ended, 100.0, "127.0.0.1:1/t", bundle, None, mapping, said)


def handed_over(content: bytes, name: str = "bundle.json") -> HandedOver:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return HandedOver(name, len(content), digest, content)


def recorded(*runs: NotedRun) -> tuple[Record, Files]:
    return record_of(CHECK, "test_name.py::test_x[a]", "evidence/x", runs, Redaction([SECRET]))


def test_record_fits_its_schema() -> None:
    exchange = Exchange("GET", "/v2/", {"a": "b"}, 0, {}, {}, 0, 2, 100.25, 0.1, "reset", "basic")
    run = run_with(bundle=handed_over(b"{}"), mapping=b"{}", said=(Said("h:1", exchange),))

    record, _ = recorded(run, run_with())

    validate(record, "check-record")


def test_entry_of_the_ledger_tells_of_the_exchange() -> None:
    exchange = Exchange("GET", "/v2/", {"a": "b"}, 401, {}, {}, 1, 2, 100.25, 0.1, "reset", "basic")

    record, _ = recorded(run_with(said=(Said("h:1", exchange),)))

    assert record["runs"][0]["ledger"] == [
        {
            "host": "h:1",
            "method": "GET",
            "path": "/v2/",
            "query": {"a": "b"},
            "status": 401,
            "bytes_received": 1,
            "bytes_sent": 2,
            "digest": None,
            "fault": "reset",
            "authenticated": "basic",
            "offset": 0.25,
            "seconds": 0.1,
        }
    ]


def test_nothing_secret_is_in_a_record_or_its_files() -> None:
    exchange = Exchange(
        "PUT", f"/v2/{SECRET}", {SECRET: SECRET}, 200, {}, {"Docker-Content-Digest": SECRET},
        0, 0, 100.0, 0.0,
    )  # fmt: skip
    run = run_with(text=f"x {SECRET}", mapping=SECRET.encode(), said=(Said("h:1", exchange),))

    record, files = recorded(run)

    assert SECRET not in repr(record)
    assert SECRET not in repr(files)
    assert record["runs"][0]["stderr"] == "x <redacted>"
    assert record["runs"][0]["mapping"]["after"] == "<redacted>"


def test_files_are_bundles_and_mappings_as_they_were() -> None:
    runs = run_with(bundle=handed_over(b"one")), run_with(bundle=handed_over(b"two"), mapping=b"m")

    record, files = recorded(*runs)

    assert files == {"bundle-1.json": b"one", "bundle-2.json": b"two", "mapping-2.json": b"m"}
    assert [run["bundle"]["file"] for run in record["runs"]] == ["bundle-1.json", "bundle-2.json"]


def test_bundle_of_several_runs_is_one_file() -> None:
    run = run_with(bundle=handed_over(b"one"), mapping=b"one")

    record, files = recorded(run, run)

    assert sorted(files) == ["bundle-1.json", "mapping-1.json", "mapping-2.json"]
    assert [run["bundle"]["file"] for run in record["runs"]] == ["bundle-1.json"] * 2


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("bundle.tgz", "bundle-1.tgz"),
        ("my.tar.gz", "bundle-1.tar.gz"),
        ("bundle", "bundle-1"),
        ("b. odd", "bundle-1"),
        (f"b.{'x' * 200}", "bundle-1"),
    ],
)
def test_file_of_a_bundle_has_its_suffix_if_that_is_one(name: str, file: str) -> None:
    _, files = recorded(run_with(bundle=handed_over(b"{}", name)))

    assert list(files) == [file]


def test_bundle_that_was_too_long_has_no_file() -> None:
    digest = f"sha256:{'0' * 64}"

    record, files = recorded(run_with(bundle=HandedOver("b.tgz", 99, digest, None)))

    assert files == {}
    bundle = {"file": None, "size": 99, "digest": digest, "descriptor": None}
    assert record["runs"][0]["bundle"] == bundle


def test_mapping_that_is_too_long_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 3)

    record, files = recorded(run_with(mapping=b"long"))

    assert (files, record["runs"][0]["mapping"]["after"]) == ({}, "long")


@pytest.mark.parametrize(
    "bundle",
    [
        thin_bundle("ubuntu"),
        thick_bundle("ubuntu"),
        thick_bundle("ubuntu", blobs_first=True),
        thick_bundle("ubuntu", member_prefix="./", folders=True),
    ],
    ids=["thin", "thick", "thick, last", "thick, with folders"],
)
def test_descriptor_of_a_bundle_is_found(bundle: Bundle, tmp_path: Path) -> None:
    content = bundle.write(tmp_path).read_bytes()

    assert descriptor_in(content) == bundle.bundle_json.decode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"\x1f\x8b",
        lambda _: gzip.compress(b"no archive" * 100),
        lambda content: gzip.compress(b"\0" * (32 * 1024 * 1024)) + content,
    ],
    ids=["cut off", "no archive", "all zeros"],
)
def test_thick_bundle_without_a_descriptor_has_none(
    spoil: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    content = thick_bundle("ubuntu").write(tmp_path).read_bytes()

    assert descriptor_in(spoil(content)) is None


def test_descriptor_is_found_although_the_archive_has_no_end(tmp_path: Path) -> None:
    zeros = Member("zeros", b"\0" * (16 * 1024 * 1024))
    endless = thick_bundle("ubuntu", edit_members=lambda members: [*members, zeros])

    assert descriptor_in(endless.write(tmp_path).read_bytes()) == endless.bundle_json.decode()


def test_middle_of_a_long_text_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST_TEXT", 10)

    record, _ = recorded(run_with(text="abcdefghijklmno"))

    assert record["runs"][0]["stdout"] == "abcde\n[... 5 characters ...]\nklmno"
