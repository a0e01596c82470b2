"""The record of a check: what it found, and what its targets did (pure). Schema `check-record`."""

from __future__ import annotations

import io
import re
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from relocation_conformance.checks import CheckResult
from relocation_conformance.redaction import Redaction
from relocation_conformance.reports.model import BundleOf, Record, RunOf
from relocation_conformance.targets.diary import LONGEST, HandedOver, NotedRun

LONGEST_TEXT = 64 * 1024
"""Characters of a text in a record; the middle of a longer one is left out."""

_DESCRIPTOR = "bundle.json"
_UNPACKED = 8 * 1024 * 1024
"""Bytes of a thick bundle that are searched for its descriptor: it may be an endless one."""

_SUFFIX = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,2}")
_AS_GZIP = 31

Files = dict[str, bytes]
"""The content of the files that a record speaks of, by name."""


def record_of(
    check: CheckResult,
    identity: str,
    folder: str | None,
    runs: Sequence[NotedRun],
    redacted: Redaction,
) -> tuple[Record, Files]:
    """Return the record of *check* and the bundles and mappings of its *runs*.

    *identity* is what the check is found by, and *folder* where the evidence goes, relative to the
    report, None if it goes nowhere. A bundle that several runs were given is one file, and what
    is longer than `LONGEST` is none.
    """
    files: Files = {}
    record: Record = {
        "id": identity,
        "claim": check.claim,
        "rules": list(check.rules),
        "result": check.result.value,
        "reason": check.reason,
        "leftover": check.leftover,
        "seconds": round(check.seconds, 3),
        "example": check.example,
        "evidence": folder,
        "runs": [
            _run(noted, number, files, redacted) for number, noted in enumerate(runs, start=1)
        ],
    }
    return record, files


def descriptor_in(content: bytes) -> str | None:
    """Return the text of bundle.json in a bundle, which is the bundle itself if it is thin.

    None for a thick one in the beginning of which there is none.
    """
    if not content.startswith(b"\x1f\x8b"):
        return _shown(content)
    try:
        unpacked = zlib.decompressobj(_AS_GZIP).decompress(content, _UNPACKED)
        # Sequentially, as its end may be missing.
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r|") as archive:
            for member in archive:
                if member.isfile() and str(PurePosixPath(member.name)) == _DESCRIPTOR:
                    file = archive.extractfile(member)
                    return _shown(file.read()) if file else None
    except (zlib.error, tarfile.TarError, EOFError, ValueError, OverflowError):
        return None
    return None


def _run(noted: NotedRun, number: int, files: Files, redacted: Redaction) -> RunOf:
    ended = noted.ended
    mappings = {"-before": noted.mapping_before, "": noted.mapping_after}
    for when, content in mappings.items():
        if content is not None and len(content) <= LONGEST:
            files[f"mapping-{number}{when}.json"] = redacted.in_bytes(content)
    return {
        "command": [redacted(word) for word in ended.command],
        "status": ended.status,
        "outcome": ended.outcome.value,
        "reason": redacted(ended.reason),
        "started": round(noted.started, 3),
        "seconds": round(ended.seconds, 3),
        "stdout": _cut(redacted(ended.stdout)),
        "stderr": _cut(redacted(ended.stderr)),
        "prefix": noted.prefix,
        "bundle": _bundle(noted.bundle, number, files),
        "mapping": {
            "before": _text(noted.mapping_before, redacted),
            "after": _text(noted.mapping_after, redacted),
        },
        "ledger": [said.entry(noted.started, redacted) for said in noted.said],
    }


def _bundle(bundle: HandedOver | None, number: int, files: Files) -> BundleOf:
    if bundle is None:
        return {"file": None, "size": None, "digest": None, "descriptor": None}
    content = bundle.content
    return {
        "file": None if content is None else _filed(bundle.name, content, number, files),
        "size": bundle.size,
        "digest": bundle.digest,
        "descriptor": None if content is None else descriptor_in(content),
    }


def _filed(name: str, content: bytes, number: int, files: Files) -> str:
    for file, other in files.items():
        if file.startswith("bundle-") and other == content:
            return file
    suffix = "".join(Path(name).suffixes)
    file = f"bundle-{number}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    files[file] = content
    return file


def _text(content: bytes | None, redacted: Redaction) -> str | None:
    return None if content is None else _cut(redacted(content.decode(errors="replace")))


def _shown(content: bytes) -> str:
    return _cut(content.decode(errors="replace"))


def _cut(text: str) -> str:
    left_out = len(text) - LONGEST_TEXT
    if left_out <= 0:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]}\n[... {left_out} characters ...]\n{text[-half:]}"
