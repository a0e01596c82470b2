"""The evidence for what each check found: a folder with its record, its bundles and its mappings.

    record.json          what the check found and what its targets did; schema `check-record`
    options.json         how the suite was called, so that the check can be run again
    bundle-1.json        what the first run was given, and so on
    mapping-1.json       the mapping file after the first run, mapping-1-before.json before it

Nothing secret is in any of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict, cast

import pytest

from relocation_conformance import checks, redaction
from relocation_conformance.record import Files, record_of
from relocation_conformance.reports.model import Record
from relocation_conformance.revisions import Unreadable, read_json
from relocation_conformance.trials import PINNED, pin, tried
from relocation_schemas import Invalid, validate

EVIDENCE, RECORD, OPTIONS = "evidence", "record.json", "options.json"

SUITE = Path(__file__).parent / "suite"
"""Every test below this folder is a check, and has to name a rule."""

TARGETS = ("--target", "--runtime-target")
"""The options that name who is judged."""

_LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_OPTIONS = ("target", "runtime_target", "registry", "target_timeout")


class Options(TypedDict):
    """How the suite was called: in which `folder`, and with which of its options.

    The URL of a registry is without its password.
    """

    folder: str
    arguments: dict[str, str]


BASE = pytest.StashKey[Path]()
"""Where `pytest.Item.stash` may hold the folder below which evidence goes without `--report`."""

_SECONDS = pytest.StashKey[float]()


class Evidence:
    """Keeps the evidence for the checks of one pytest process.

    It goes below the folder of `--report` or `--evidence`, else below what is in `BASE`, if
    anything. Raises `pytest.UsageError` if it cannot go where the user wants it.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._base = _base(config)
        self._replayed: Path | None = config.getoption("replay")
        self._passwords = redaction.of_url(config.getoption("registry"))
        self._options = Options(
            folder=str(config.invocation_params.dir),
            arguments=_arguments(config, redaction.Redaction(self._passwords)),
        )

    @property
    def targets(self) -> list[str]:
        """The options that name who is judged, as words of a command."""
        arguments = self._options["arguments"].items()
        return [word for pair in arguments if pair[0] in TARGETS for word in pair]

    def pin(self, items: Iterable[pytest.Item]) -> str | None:
        """Have checks called with the example in the folder of `--replay`, if it was given.

        Returns what is wrong with that, in a sentence, and None if nothing is.
        """
        if self._replayed is None:
            return None
        try:
            example = read_record(self._replayed)["example"]
            for item in items:
                if isinstance(item, pytest.Function) and example is not None:
                    pin(item, example)
        except (Unreadable, ValueError) as problem:
            return str(problem)
        return None

    @contextmanager
    def called(self, item: pytest.Item) -> Iterator[None]:
        """Keep what hypothesis draws for the check *item*, while that is called."""
        if not isinstance(item, pytest.Function):
            yield
            return
        item.stash[checks.DIARY].secrets.update(self._passwords)
        with tried(item, item.stash[checks.DIARY]) as trials:
            try:
                yield
            finally:
                example = item.stash.get(PINNED, None) if trials is None else trials.example
                if example is not None:
                    item.user_properties.append(("example", json.dumps(example)))

    def ended(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Take the phase *call* of the check *item* down, and all of its evidence after the last.

        Adds to the check's properties where that is; a folder that cannot be written is told of as
        left over.
        """
        seconds = item.stash.get(_SECONDS, 0.0) + call.duration
        item.stash[_SECONDS] = seconds
        if call.when != "teardown":
            return
        item.user_properties.append(("seconds", round(seconds, 3)))
        base = self._base or item.stash.get(BASE, None)
        if base is None:
            return
        try:
            item.user_properties += self._written(item, base)
        except OSError as error:
            problem = f"the evidence cannot be written: {error}"
            item.user_properties.append(("leftover", problem))

    def _written(self, item: pytest.Item, base: Path) -> list[tuple[str, object]]:
        check = checks.result_in(item.nodeid, item.user_properties)
        if check is None:
            return []
        identity = identity_of(item)
        diary = item.stash[checks.DIARY]
        place = f"{EVIDENCE}/{folder_name(identity)}"
        record, files = record_of(check, identity, place, diary.runs, diary.redaction())
        folder = base / place
        _write(folder, {RECORD: _document(record), OPTIONS: _document(self._options), **files})
        found: list[tuple[str, object]] = [("evidence", str(folder))]
        bundles = [run["bundle"]["file"] for run in record["runs"] if run["bundle"]["file"]]
        return found + [("bundle", str(folder / bundle)) for bundle in bundles[-1:]]


def identity_of(item: pytest.Item) -> str:
    """Return what a check is found by: `test_name.py::test_a_tag_is_kept` for one of the suite."""
    if SUITE not in item.path.parents:
        return item.nodeid
    return f"{item.path.relative_to(SUITE).as_posix()}::{item.nodeid.partition('::')[2]}"


def folder_name(identity: str) -> str:
    """Return a name for the folder of a check's evidence that no other check's has."""
    readable = _UNSAFE.sub("-", identity.replace(".py", "")).strip("-")[:_LONGEST_NAME]
    return f"{readable}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def read_record(folder: Path) -> Record:
    """Return the record in the evidence *folder*. Raises `Unreadable`."""
    document = read_json(folder / RECORD)
    try:
        validate(document, "check-record")
    except Invalid as error:
        raise Unreadable(f"{folder / RECORD} is no record of a check: {error}.") from None
    return cast("Record", document)


def records_of(results: Iterable[checks.CheckResult]) -> list[Record]:
    """Return the records that this run has written of *results*.

    One that could not be written, or is no more, has no runs and no evidence.
    """
    return [_record_of(each) for each in results]


def read_options(folder: Path) -> Options:
    """Return how the suite was called for the evidence in *folder*. Raises `Unreadable`."""
    document = read_json(folder / OPTIONS)
    match document:
        case {"folder": str(), "arguments": dict(arguments)}:
            if all(isinstance(each, str) for each in arguments.values()):
                return cast("Options", document)
    raise Unreadable(f"{folder / OPTIONS} does not tell how the suite was called.")


def _base(config: pytest.Config) -> Path | None:
    chosen: str | None = config.getoption("evidence") or config.getoption("report")
    if chosen is None:
        return None
    folder = config.invocation_params.dir / chosen
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        problem = f"--report: {folder} is no folder that can be written to: {error.strerror}."
        raise pytest.UsageError(problem) from None


def _arguments(config: pytest.Config, redacted: redaction.Redaction) -> dict[str, str]:
    chosen = {name: config.getoption(name) for name in _OPTIONS}
    return {
        f"--{name.replace('_', '-')}": redacted(str(value))
        for name, value in chosen.items()
        if value is not None
    }


def _record_of(check: checks.CheckResult) -> Record:
    try:
        if check.evidence is not None:
            return cast("Record", read_json(Path(check.evidence) / RECORD))
    except Unreadable:
        pass
    identity = check.nodeid.rpartition("/")[2]
    return record_of(check, identity, None, (), redaction.Redaction(()))[0]


def _document(content: Record | Options) -> bytes:
    return f"{json.dumps(content, indent=1)}\n".encode()


def _write(folder: Path, files: Files) -> None:
    """Make *folder* anew with *files*; it is there as a whole or not at all."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    part.mkdir(parents=True)
    try:
        for name, content in files.items():
            (part / name).write_bytes(content)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
