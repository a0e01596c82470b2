"""Reports of runs that never were, small, with every judgement and hostile words in them."""

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any, cast

from relocation_conformance.reports.model import Counts, Entry, Record, Report, RuleOf, RunOf
from relocation_conformance.verdicts import Judgement

HOSTILE = "<script>alert('x')</script> & \"quotes\" \x1b[31mred\x00 \u202eback\ud800 \ufffe"
"""Markup, a terminal's colours, characters that XML forbids, and a turned direction of writing."""

LONG = "a-name-without-any-place-to-break-" * 12
STDERR = f"Error: the index arrived as another manifest.\n{HOSTILE}\n"
DIGEST = "sha256:" + "9834876dcfb05cb1" * 4


def rule(rule_id: str, judgement: str = "kept", **changes: Any) -> RuleOf:
    """Return a judged rule: a MUST of class guide that the run fails for if it is broken."""
    made: dict[str, Any] = {
        "id": rule_id,
        "family": rule_id.partition("-")[0],
        "subject": "relocator",
        "level": "MUST",
        "class": "guide",
        "sentence": f"What {rule_id} asks for MUST be so.",
        "source": f"Relocation guide, the part on {rule_id}",
        "since": "0.1",
        "untestable": None,
        "judgement": judgement,
        "reason": "" if judgement == "kept" else f"why {rule_id} is {judgement}",
        "link": None,
        "fails": judgement in ("broken", "stale deviation", "suite error"),
        "checks": [],
    }
    return cast("RuleOf", {**made, **changes})


def entry(**changes: Any) -> Entry:
    """Return an exchange of a ledger."""
    made: dict[str, Any] = {
        "host": "127.0.0.1:40001",
        "method": "PUT",
        "path": f"/v2/team/web/manifests/{DIGEST}",
        "query": {},
        "status": 201,
        "bytes_received": 412,
        "bytes_sent": 0,
        "digest": DIGEST,
        "fault": None,
        "authenticated": "anonymous",
        "offset": 0.21,
        "seconds": 0.002,
    }
    return cast("Entry", {**made, **changes})


def run(**changes: Any) -> RunOf:
    """Return a run of the target that was refused."""
    made: dict[str, Any] = {
        "command": ["mine", "relocate", "/tmp/check/bundle.json", "--repository-prefix", "r/x"],
        "status": 1,
        "outcome": "refused",
        "reason": "exit status 1",
        "started": 1795482123.25,
        "seconds": 0.31,
        "stdout": "",
        "stderr": STDERR,
        "prefix": "127.0.0.1:40001/t",
        "bundle": {
            "file": "bundle-1.json",
            "size": 412,
            "digest": DIGEST,
            "descriptor": json.dumps({"schemaVersion": "v1", "name": "<b>mine</b>"}),
        },
        "mapping": {"before": None, "after": '{"web": "127.0.0.1:40001/t/web"}'},
        "ledger": [
            entry(method="GET", path="/v2/", digest=None, status=401),
            entry(query={"digest": DIGEST, "mount": LONG}, authenticated="bearer"),
            entry(status=0, fault="the connection is reset after the request"),
        ],
    }
    return cast("RunOf", {**made, **changes})


def record(check_id: str, *rules: str, result: str = "kept", **changes: Any) -> Record:
    """Return the record of a check."""
    made: dict[str, Any] = {
        "id": check_id,
        "claim": f"A claim of {check_id.rpartition('::')[2]}.",
        "rules": list(rules),
        "result": result,
        "reason": "" if result == "kept" else f"found: {result}\nin more words",
        "leftover": "",
        "seconds": 0.5,
        "example": None,
        "evidence": None,
        "runs": [],
    }
    return cast("Record", {**made, **changes})


def report(
    rules: Iterable[RuleOf], records: Iterable[Record], cnab: str = "conformant", **changes: Any
) -> Report:
    """Return a report of *rules* and *records*, with *cnab* as the verdict by that class."""
    judged = deepcopy(list(rules))
    checks = deepcopy(list(records))
    for each in judged:
        each["checks"] = [check["id"] for check in checks if each["id"] in check["rules"]]
    fails = any(each["fails"] for each in judged)
    made: dict[str, Any] = {
        "$schema": "https://relocation-conformance.dev/schemas/1/report.schema.json",
        "suite": {"version": "0.1.0"},
        "specification": {"version": "0.2"},
        "target": {
            "named": "./mine.toml",
            "name": "mine",
            "description": "A relocator that gets indexes wrong",
            "version": "mine 1.4.0",
            "command": ["mine", "relocate", "{bundle}", "--repository-prefix", "{prefix}"],
            "homepage": "https://mine.example/",
        },
        "runtime_target": None,
        "registry": {"name": "distribution", "version": "3.0.0"},
        "platform": {
            "system": "Linux",
            "release": "6.1.0",
            "machine": "x86_64",
            "python": "3.11.2",
        },
        "started": "2026-11-24T01:02:03Z",
        "seconds": 166.1,
        "complete": True,
        "held_to": ["cnab", "guide"],
        "allow_deviations": False,
        "exit_status": int(fails),
        "verdicts": [
            _verdict("cnab", cnab, judged),
            _verdict("guide", "nonconformant" if fails else "conformant", judged),
        ],
        "sums": {
            level: _counts(each for each in judged if each["level"] == level)
            for level in ("MUST", "SHOULD", "MAY")
        },
        "rules": judged,
        "checks": checks,
    }
    return cast("Report", {**made, **changes})


def sample(**changes: Any) -> Report:
    """Return a report in which each judgement and each result is, and hostile words are."""
    rules = [
        rule("NAME-1"),
        rule("NAME-2", "stale deviation", link="https://mine.example/issues/2"),
        rule(
            "NAME-8",
            "broken",
            level="SHOULD",
            sentence="What NAME-8 asks for SHOULD be so.",
            fails=False,
            **{"class": "suite"},
        ),
        rule("NAME-9", "broken", fails=False, **{"class": "suite"}),
        rule("NAME-10", "not tested", untestable="nobody outside can tell", level="MAY"),
        rule("DIGEST-1", "broken", reason=STDERR, **{"class": "cnab"}),
        rule("DIGEST-2", "broken", **{"class": "cnab"}),
        rule("DIGEST-3", **{"class": "cnab"}),
        rule(
            "TYPE-1",
            "documented deviation",
            reason=f"it converts {HOSTILE}",
            link="https://mine.example/issues/7?a=1&b=<2>",
            fails=True,
        ),
        rule("MAP-1", "suite error"),
        rule("THIN-1", "not applicable", reason="it reads no thin bundles"),
        rule("THICK-1", "not tested", reason="no check of it was run"),
        rule("RUN-1", "not applicable", reason="no runtime was named", subject="runtime"),
    ]
    return report(rules, _records(), "nonconformant", **changes)


def _records() -> list[Record]:
    failed = record(
        f"test_digest.py::test_an_index_keeps_its_digest[{LONG}]",
        "DIGEST-1",
        "DIGEST-2",
        result="broken",
        claim=f"An index keeps its digest, {HOSTILE}.",
        reason=f"another digest: {HOSTILE}",
        leftover="the destination did not stop in 5 s",
        example={"names": ["r.example.com/a/b-c", LONG, HOSTILE], "depth": 2},
        evidence="evidence/test_digest-4f2a91",
        runs=[
            run(status=0, outcome="done", reason="exit status 0", stderr="", ledger=[]),
            run(),
            run(status=None, outcome="crashed", reason="still running after 60 s", stderr="x" * 99),
        ],
    )
    return [
        record("test_name.py::test_starts_with_prefix", "NAME-1", runs=[run(status=0)]),
        record("test_name.py::test_tag", "NAME-2"),
        record("test_name.py::test_published", "NAME-8", "NAME-9", result="broken", runs=[run()]),
        failed,
        record("test_digest.py::test_layers", "DIGEST-3"),
        record("test_type.py::test_type[x]", "TYPE-1", result="deviation", runs=[run()]),
        record("test_map.py::test_map", "MAP-1", result="suite error"),
        record("test_thin.py::test_thin", "THIN-1", result="not applicable"),
        record("test_thick.py::test_thick", "THICK-1", result="not tested"),
    ]


def _verdict(name: str, verdict: str, rules: list[RuleOf]) -> Any:
    musts = (each for each in rules if (each["class"], each["level"]) == (name, "MUST"))
    counts = _counts(each for each in musts if each["subject"] == "relocator")
    return {"subject": "relocator", "class": name, "verdict": verdict, "must": counts}


def _counts(rules: Iterable[RuleOf]) -> Counts:
    found = [each["judgement"] for each in rules]
    return {judgement.value: found.count(judgement.value) for judgement in Judgement}
