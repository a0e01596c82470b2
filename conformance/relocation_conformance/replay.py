"""`relocation-conformance replay FOLDER`: run exactly the case again that a record tells of.

Exit 0: the rules are kept now. Exit 1: they are broken. Exit 2: there was nothing to judge by.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from registry_fixtures.recording import REDACTED
from relocation_conformance.checks import Result
from relocation_conformance.evidence import (
    EVIDENCE,
    SUITE,
    TARGETS,
    Options,
    folder_name,
    read_options,
    read_record,
)
from relocation_conformance.reports.commands import Topics
from relocation_conformance.reports.model import Record, RunOf
from relocation_conformance.reports.texts import counted, one_line, visible
from relocation_conformance.requirements import catalogue
from relocation_conformance.revisions import Unreadable

_OPTIONS = {
    "--target": "TARGET",
    "--runtime-target": "TARGET",
    "--registry": "REGISTRY",
    "--target-timeout": "SECONDS",
}
_STATUS = {Result.KEPT: 0, Result.BROKEN: 1, Result.DEVIATION: 1}
_WITHOUT = ("cacheprovider", "randomly", "hypothesispytest", "benchmark", "xdist")
"""Plugins of pytest that one check has no use for."""

_PROBLEM = re.compile(r"^(?:ERROR|[^:\n]+: error): (?!usage: )(.*)$", re.MULTILINE)
"""How pytest tells what is wrong with its options."""

_NOT_FOUND = ("not found: ", "file or directory not found: ")
_SHOWN_LINES = 15


def add_parser(topics: Topics) -> None:
    """Add the command to those of `relocation-conformance`."""
    parser = topics.add_parser("replay", help="run a check again, as the record in a folder has it")
    parser.description = (
        "Run the check again whose evidence is in FOLDER, with the same example. What is not given "
        "is as it was then. Exit 0 if its rules are kept, 1 if they are broken."
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the evidence for a check")
    for option, metavar in _OPTIONS.items():
        parser.add_argument(option, metavar=metavar, help="as in a run of the suite")
    parser.set_defaults(run=_replay)


def _replay(options: argparse.Namespace) -> int:
    folder: Path = options.folder.absolute()
    was = read_record(folder)
    given = {
        option: value
        for option in _OPTIONS
        if (value := getattr(options, option[2:].replace("-", "_"))) is not None
    }
    now = _run_again(folder, was, _as_then(read_options(folder), given, folder))
    result = Result(now["result"])
    if result not in _STATUS:
        why = visible(one_line(now["reason"]))
        raise Unreadable(f"The check came to no judgement, {result}: {why}")
    for line in _told(now):
        print(visible(line))
    return _STATUS[result]


def _as_then(then: Options, given: Mapping[str, str], folder: Path) -> Options:
    """Return how the suite is to be called: as it was *then*, but for what was *given* now.

    Targets are named from where one is, so those of then are used as a whole or not at all.
    """
    arguments = dict(then["arguments"])
    place = then["folder"]
    if given.keys() & set(TARGETS):
        arguments = {name: value for name, value in arguments.items() if name not in TARGETS}
        place = str(Path.cwd())
    arguments |= given
    if REDACTED in arguments.get("--registry", ""):
        raise Unreadable(f"The password of the registry is not in {folder}: give --registry.")
    if not Path(place).is_dir():
        raise Unreadable(f"The folder {place} is no more, where the suite was: give --target.")
    return {"folder": place, "arguments": arguments}


def _run_again(folder: Path, was: Record, options: Options) -> Record:
    """Run the check of the record *was*, in a process of its own, and return its new record."""
    arguments = [word for pair in options["arguments"].items() for word in pair]
    arguments += [part for plugin in _WITHOUT for part in ("-p", f"no:{plugin}")]
    file, _, test = was["id"].partition("::")
    root = SUITE if (SUITE / file).is_file() else Path(options["folder"])
    with tempfile.TemporaryDirectory() as temporary:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", f"{root / file}::{test}"),
                *("-c", os.devnull, f"--rootdir={root}", "--import-mode=importlib"),
                *("--basetemp", f"{temporary}/base", "--evidence", temporary),
                *("--replay", str(folder), *arguments),
            ],
            cwd=options["folder"],
            env={name: each for name, each in os.environ.items() if not name.startswith("PYTEST_")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        evidence = Path(temporary) / EVIDENCE / folder_name(was["id"])
        if not evidence.exists():
            raise Unreadable(_why_not(ended, was["id"]))
        return read_record(evidence)


def _why_not(ended: subprocess.CompletedProcess[str], identity: str) -> str:
    """Return in a sentence why pytest *ended* without a record."""
    told = _PROBLEM.search(ended.stderr)
    if told is None:
        return f"The check {identity} could not be run: exit status {ended.returncode}."
    if told[1].startswith(_NOT_FOUND):
        return f"There is no check {identity} any more."
    return visible(told[1])


def _told(record: Record) -> Iterator[str]:
    """Yield the lines that tell what came of the check."""
    yield f"{record['result']}: {record['claim']}"
    yield f"  {record['id']}"
    for identity in record["rules"]:
        rule = catalogue()[identity]
        yield f"  {rule.id} ({rule.level}, class {rule.conformance_class}): {rule.sentence}"
        yield f"    source: {rule.source}"
    if record["example"] is not None:
        yield f"  example: {json.dumps(record['example'])}"
    yield from (f"  {line}".rstrip() for line in record["reason"].splitlines())
    for number, run in enumerate(record["runs"], start=1):
        yield from _run(number, run)


def _run(number: int, run: RunOf) -> Iterator[str]:
    requests = counted(len(run["ledger"]), "request")
    yield f"  run {number}: {run['outcome']}, {run['reason']}, {run['seconds']:.1f} s, {requests}"
    yield f"    {shlex.join(run['command'])}"
    yield from (f"    stderr: {line}" for line in run["stderr"].splitlines()[-_SHOWN_LINES:])
