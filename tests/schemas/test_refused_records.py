"""Claims, sets, operations and reports that must not pass, and what a person is told."""

from collections.abc import Callable
from typing import Any

import pytest

from relocation_schemas import Invalid, schema, validate

ROOT = "the document"
ULID = "must be a ULID (26 digits and capital letters, without I, L, O and U), not"
TIME = "must be a time such as 2026-11-24T01:02:03Z, not"
PATH = "must be a relative path without .. in it, not"
UTC = "must be a time in UTC such as 2026-11-24T01:02:03Z, not"

Edit = Callable[[Any], object]


def edited(name: str, number: int, edit: Edit) -> object:
    """A schema's own example with one thing changed."""
    document: object = schema(name)["examples"][number]
    edit(document)
    return document


def with_field(name: str, number: int = 0, **fields: object) -> object:
    return edited(name, number, lambda it: it.update(fields))


def source(name: str, value: object) -> object:
    """A set whose first entry is taken from there."""
    entries = name.replace("-set", "s")
    return edited(name, 0, lambda it: it[entries][0].update(source=value))


def run(**fields: object) -> object:
    """A check's record with something else in its first run."""
    return edited("check-record", 1, lambda it: it["runs"][0].update(fields))


def exchange(**fields: object) -> object:
    return edited("ledger", 1, lambda it: it[0].update(fields))


CLAIMS: list[tuple[str, object, str, str]] = [
    (
        "claim",
        {},
        ROOT,
        "id, installation, revision, created, action and bundle are missing",
    ),
    ("claim", with_field("claim", id="1"), "id", f'{ULID} "1"'),
    ("claim", with_field("claim", revision="I" * 26), "revision", f'{ULID} "{"I" * 26}"'),
    ("claim", with_field("claim", created="today"), "created", f'{TIME} "today"'),
    (
        "claim",
        with_field("claim", created="2026-11-24T01:02:03"),
        "created",
        f'{TIME} "2026-11-24T01:02:03"',
    ),
    (
        "claim",
        with_field("claim", installation="../up"),
        "installation",
        "must be a name of letters, digits, dots, underscores and hyphens, with no dot at its",
    ),
    ("claim", with_field("claim", action=""), "action", "must not be empty"),
    (
        "claim",
        with_field("claim", bundle={}),
        "bundle",
        "schemaVersion, name, version and invocationImages are missing",
    ),
    (
        "claim",
        with_field("claim", credentials={"token": "secret"}),
        ROOT,
        'has an unknown field: "credentials"',
    ),
    ("claim-result", {}, ROOT, "id, claimId, created and status are missing"),
    ("claim-result", with_field("claim-result", claimId=""), "claimId", f'{ULID} ""'),
    (
        "claim-result",
        with_field("claim-result", status="success"),
        "status",
        'must be "pending" or "running" or "succeeded" or "failed" or "cancelled" or "unknown", ',
    ),
    (
        "claim-result",
        with_field("claim-result", outputs={"a": "b"}),
        "outputs.a",
        "must be an object, not a string",
    ),
]

SETS: list[tuple[str, object, str, str]] = [
    ("credential-set", {}, ROOT, "name and credentials are missing"),
    (
        "credential-set",
        with_field("credential-set", credentials={"token": "secret"}),
        "credentials",
        "must be an array, not an object",
    ),
    (
        "credential-set",
        with_field("credential-set", credentials=[{}]),
        "credentials[0]",
        "name and source are missing",
    ),
    ("credential-set", source("credential-set", {}), "credentials[0].source", "must not be empty"),
    (
        "credential-set",
        source("credential-set", {"env": "A", "path": "b"}),
        "credentials[0].source",
        "must have no more than 1 field, not 2",
    ),
    (
        "credential-set",
        source("credential-set", {"value": None}),
        "credentials[0].source.value",
        "must be a string or a number or a boolean, not null",
    ),
    (
        "credential-set",
        source("credential-set", {"vault": 1}),
        "credentials[0].source.vault",
        "must be a string, not a number",
    ),
    ("parameter-set", {}, ROOT, "name and parameters are missing"),
    ("parameter-set", {"name": "a", "credentials": []}, ROOT, "parameters is missing"),
    (
        "parameter-set",
        with_field("parameter-set", labels=["red"]),
        "labels",
        "must be an object, not an array",
    ),
    (
        "parameter-set",
        source("parameter-set", {"env": 1}),
        "parameters[0].source.env",
        "must be a string, not a number",
    ),
]

OPERATIONS: list[tuple[str, object, str, str]] = [
    (
        "operation",
        {},
        ROOT,
        "installation_name, revision, action, parameters, image, environment, files and outputs ",
    ),
    (
        "operation",
        with_field("operation", image="example/installer:1"),
        "image",
        "must be an object, not a string",
    ),
    (
        "operation",
        with_field("operation", environment={"PORT": 8080}),
        "environment.PORT",
        "must be a string, not a number",
    ),
    (
        "operation",
        with_field("operation", outputs=["/cnab/app/outputs/a"]),
        "outputs",
        "must be an object or null, not an array",
    ),
]

REPORTS: list[tuple[str, object, str, str]] = [
    ("ledger", {}, ROOT, "must be an array, not an object"),
    ("ledger", exchange(status=-1), "[0].status", "must be at least 0, not -1"),
    (
        "ledger",
        exchange(authenticated="digest"),
        "[0].authenticated",
        'must be "anonymous" or "basic" or "bearer", not "digest"',
    ),
    ("ledger", exchange(headers={}), "[0]", 'has an unknown field: "headers"'),
    (
        "check-record",
        with_field("check-record", rules=[]),
        "rules",
        "must not be empty",
    ),
    (
        "check-record",
        with_field("check-record", evidence="../other"),
        "evidence",
        f'{PATH} "../other"',
    ),
    (
        "check-record",
        with_field("check-record", evidence="/etc"),
        "evidence",
        f'{PATH} "/etc"',
    ),
    (
        "check-record",
        run(outcome="killed"),
        "runs[0].outcome",
        'must be "done" or "refused" or "crashed", not "killed"',
    ),
    ("check-record", run(command=[]), "runs[0].command", "must not be empty"),
    (
        "check-record",
        run(mapping={"before": None}),
        "runs[0].mapping",
        "after is missing",
    ),
    ("check-record", run(ledger=[{}]), "runs[0].ledger[0]", "host, method, path"),
    ("report", with_field("report", exit_status=2), "exit_status", "must be 0 or 1, not 2"),
    (
        "report",
        with_field("report", started="2026-11-24T01:02:03+01:00"),
        "started",
        f'{UTC} "2026-11-24T01:02:03+01:00"',
    ),
    (
        "report",
        edited("report", 0, lambda it: it["sums"]["MAY"].pop("kept")),
        "sums.MAY",
        "kept is missing",
    ),
    (
        "report",
        edited("report", 0, lambda it: it["rules"][0].update(judgement="fine")),
        "rules[0].judgement",
        'must be "kept" or "broken" or',
    ),
    (
        "report",
        edited("report", 0, lambda it: it["checks"][0].pop("runs")),
        "checks[0]",
        "runs is missing",
    ),
    ("verification", {}, ROOT, "$schema, bundle, thick, mapping, exit_status"),
]

REFUSED = [*CLAIMS, *SETS, *OPERATIONS, *REPORTS]
IDS = [f"{name}: {place}: {reason}"[:100] for name, _, place, reason in REFUSED]


@pytest.mark.parametrize(("name", "document", "place", "reason"), REFUSED, ids=IDS)
def test_refusal_names_its_place_and_reason(
    name: str, document: object, place: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(document, name)

    assert refusal.value.place == place
    assert refusal.value.reason.startswith(reason)
