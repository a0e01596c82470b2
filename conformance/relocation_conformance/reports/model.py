"""The types of report.json, as a JSON parser returns it. Source: schema `report`."""

from __future__ import annotations

from typing import Any, TypedDict

Counts = dict[str, int]
"""How many rules have each judgement, by judgement; all judgements are there."""


class Version(TypedDict):
    """A version of the suite or the specification."""

    version: str


class TargetOf(TypedDict):
    """A relocator or a runtime. `named` is what `--target` was given."""

    named: str
    name: str
    description: str
    version: str | None
    command: list[str]
    homepage: str | None


class RegistryOf(TypedDict):
    """Where images were relocated to."""

    name: str
    version: str | None


class Platform(TypedDict):
    """Where the suite ran."""

    system: str
    release: str
    machine: str
    python: str


VerdictOf = TypedDict("VerdictOf", {"subject": str, "class": str, "verdict": str, "must": Counts})
"""The verdict on a subject by a conformance class, and what its MUSTs came to."""

RuleOf = TypedDict(
    "RuleOf",
    {
        "id": str,
        "family": str,
        "subject": str,
        "level": str,
        "class": str,
        "sentence": str,
        "source": str,
        "since": str,
        "untestable": str | None,
        "judgement": str,
        "reason": str,
        "link": str | None,
        "fails": bool,
        "checks": list[str],
    },
)
"""A rule, the judgement on it, whether the run fails for that, and the ids of its checks.

`link` is where a documented deviation is documented.
"""


class Entry(TypedDict):
    """One exchange of a ledger; `status` is 0 where there was no answer."""

    host: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    bytes_received: int
    bytes_sent: int
    digest: str | None
    fault: str | None
    authenticated: str
    offset: float
    seconds: float


class BundleOf(TypedDict):
    """What a run of the target was given."""

    file: str | None
    size: int | None
    digest: str | None
    descriptor: str | None


class MappingOf(TypedDict):
    """The mapping file's text before and after a run, None where there was no file."""

    before: str | None
    after: str | None


class RunOf(TypedDict):
    """One run of the target; `started` is in seconds since the epoch."""

    command: list[str]
    status: int | None
    outcome: str
    reason: str
    started: float
    seconds: float
    stdout: str
    stderr: str
    prefix: str | None
    bundle: BundleOf
    mapping: MappingOf
    ledger: list[Entry]


class Record(TypedDict):
    """What one check found, and the evidence. Source: schema `check-record`."""

    id: str
    claim: str
    rules: list[str]
    result: str
    reason: str
    leftover: str
    seconds: float
    example: dict[str, Any] | None
    evidence: str | None
    runs: list[RunOf]


Report = TypedDict(
    "Report",
    {
        "$schema": str,
        "suite": Version,
        "specification": Version,
        "target": TargetOf | None,
        "runtime_target": TargetOf | None,
        "registry": RegistryOf,
        "platform": Platform,
        "started": str,
        "seconds": float,
        "complete": bool,
        "held_to": list[str],
        "allow_deviations": bool,
        "exit_status": int,
        "verdicts": list[VerdictOf],
        "sums": dict[str, Counts],
        "rules": list[RuleOf],
        "checks": list[Record],
    },
)
"""All of report.json."""
