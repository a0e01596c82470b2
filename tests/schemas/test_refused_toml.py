"""Profiles and catalogues that must not pass, and what a person is told: place and reason."""

from datetime import date
from typing import Any

import pytest

from relocation_schemas import Invalid, schema, validate

ARGUMENT = "must be an argument with no placeholder but"
RULE = "must be a rule's id such as NAME-4, not"

ROOT = "the document"
REMOVED = object()


def profile(**fields: object) -> dict[str, Any]:
    """A whole profile with fields set or `REMOVED`; `_` in a field stands for `-`."""
    document: dict[str, Any] = schema("profile")["examples"][0]
    document |= {field.replace("_", "-"): value for field, value in fields.items()}
    return {field: value for field, value in document.items() if value is not REMOVED}


def relocate(*command: object, **fields: object) -> dict[str, Any]:
    command = command or ("tool", "{bundle}", "{prefix}", "{mapping}")
    return profile(relocate={"command": list(command)} | fields)


def copy(*command: str) -> dict[str, Any]:
    return profile(relocate=REMOVED, copy={"command": list(command)})


def runtime(**fields: object) -> dict[str, Any]:
    table = {"install": ["mine", "{name}"]} | fields
    return profile(runtime={name: each for name, each in table.items() if each is not REMOVED})


def catalogue(**fields: object) -> dict[str, Any]:
    document: dict[str, Any] = schema("catalogue")["examples"][0]
    return document | fields


def requirement(**fields: object) -> dict[str, Any]:
    document: dict[str, Any] = schema("catalogue")["examples"][0]
    document["requirement"][0] |= fields
    return document


PROFILES: list[tuple[object, str, str]] = [
    (profile(name=REMOVED), ROOT, "name is missing"),
    (profile(description=REMOVED), ROOT, "description is missing"),
    (profile(description=" "), "description", 'must be a text, not " "'),
    (
        profile(name="My tool"),
        "name",
        'must be a name of lower-case letters, digits and hyphens, not "My tool"',
    ),
    (profile(protocol=1), ROOT, 'has an unknown field: "protocol"'),
    (
        profile(a=1, b=2, c=3, d=4, e=5),
        ROOT,
        'has unknown fields: "a", "b", "c" and 2 more',
    ),
    (
        profile(homepage="example.com"),
        "homepage",
        'must be an http or https URL, not "example.com"',
    ),
    (profile(relocate=REMOVED), ROOT, "has none of [relocate], [copy] and [runtime]"),
    (profile(copy={"command": ["a"]}), ROOT, "has both [relocate] and [copy]"),
    (profile(relocate={}), "relocate", "command is missing"),
    (
        relocate("x", "{prefix}", "{mapping}"),
        "relocate.command",
        "must have a {bundle} placeholder",
    ),
    (
        relocate("x", "{bundle}", "{mapping}"),
        "relocate.command",
        "must have a {prefix} placeholder",
    ),
    (
        relocate("x", "{bundle}", "{prefix}"),
        "relocate.command",
        "must have a {mapping} placeholder",
    ),
    (
        relocate("{bundle}", "{prefix}", "{mapping}", "{source}"),
        "relocate.command[3]",
        f'{ARGUMENT} {{bundle}}, {{prefix}} and {{mapping}}, not "{{source}}"',
    ),
    (
        relocate("", "{bundle}", "{prefix}", "{mapping}"),
        "relocate.command[0]",
        "must not be empty",
    ),
    (
        relocate("{bundle}", "{prefix}", "{mapping}", 1),
        "relocate.command[3]",
        "must be a string, not a number",
    ),
    (relocate(command="x {bundle}"), "relocate.command", "must be an array, not a string"),
    (relocate(shell=True), "relocate", 'has an unknown field: "shell"'),
    (
        relocate(**{"ca-cert": ["--ca"]}),
        "relocate.ca-cert",
        "must have a {pem} or {folder} placeholder",
    ),
    (
        relocate(**{"ca-cert": ["{pem}", "{prefix}"]}),
        "relocate.ca-cert[1]",
        f'{ARGUMENT} {{pem}} and {{folder}}, not "{{prefix}}"',
    ),
    (relocate(**{"ca-cert": []}), "relocate.ca-cert", "must not be empty"),
    (relocate(**{"skip-tls-verify": []}), "relocate.skip-tls-verify", "must not be empty"),
    (copy("x", "{destination}"), "copy.command", "must have a {source} placeholder"),
    (profile(relocate=REMOVED, copy={}), "copy", "command is missing"),
    (
        profile(relocate=REMOVED, copy={"command": ["{source}", "{destination}"], "mapping": 1}),
        "copy",
        'has an unknown field: "mapping"',
    ),
    (copy("x", "{source}"), "copy.command", "must have a {destination} placeholder"),
    (
        copy("{source}", "{destination}", "{bundle}"),
        "copy.command[2]",
        f'{ARGUMENT} {{source}} and {{destination}}, not "{{bundle}}"',
    ),
    (runtime(install=REMOVED), "runtime", "install is missing"),
    (runtime(install=["x"]), "runtime.install", "must have a {name} placeholder"),
    (
        runtime(upgrade=["{name}", "{action}"]),
        "runtime.upgrade[1]",
        f'{ARGUMENT} {{name}}, {{bundle}} and {{driver}}, not "{{action}}"',
    ),
    (runtime(run=["{name}"]), "runtime.run", "must have an {action} placeholder"),
    (
        runtime(run=["{name}", "{action}", "{mapping}"]),
        "runtime.run[2]",
        f'{ARGUMENT} {{action}}, {{name}}, {{bundle}} and {{driver}}, not "{{mapping}}"',
    ),
    (runtime(mapping=["-m"]), "runtime.mapping", "must have a {mapping} placeholder"),
    (runtime(parameters=["-p"]), "runtime.parameters", "must have a {parameters} placeholder"),
    (runtime(set=["{parameter}"]), "runtime.set", "must have a {value} placeholder"),
    (runtime(set=["{value}"]), "runtime.set", "must have a {parameter} placeholder"),
    (runtime(credentials=["-c"]), "runtime.credentials", "must have a {credentials} placeholder"),
    (runtime(downgrade=["{name}"]), "runtime", 'has an unknown field: "downgrade"'),
    (
        runtime(**{"external-drivers": "no"}),
        "runtime.external-drivers",
        "must be a boolean, not a string",
    ),
    (profile(version_command=[]), "version-command", "must not be empty"),
    (
        profile(not_applicable={"NAMES": "x"}),
        "not-applicable",
        'a key must be a family such as NAME or a rule\'s id such as NAME-4, not "NAMES"',
    ),
    (profile(not_applicable={"NAME": ""}), "not-applicable.NAME", 'must be a text, not ""'),
    (profile(deviation=[{"rule": "NAME-1"}]), "deviation[0]", "reason is missing"),
    (
        profile(deviation=[{"rule": "NAME", "reason": "x"}]),
        "deviation[0].rule",
        f'{RULE} "NAME"',
    ),
    (
        profile(deviation=[{"rule": "NAME-1", "reason": "x", "link": "ftp://a"}]),
        "deviation[0].link",
        'must be an http or https URL, not "ftp://a"',
    ),
    (
        profile(deviation=[{"rule": "NAME-1", "reason": "x", "until": date(2030, 1, 1)}]),
        "deviation[0]",
        'has an unknown field: "until"',
    ),
    (
        profile(refusal_patterns=["("]),
        "refusal-patterns[0]",
        'must be a regular expression, not "("',
    ),
    (profile(crash_patterns="panic"), "crash-patterns", "must be an array, not a string"),
    (profile(environment={"A": 1}), "environment.A", "must be a string, not a number"),
    (
        profile(environment={"A=B": "1"}),
        "environment",
        'a key must be an environment variable\'s name, not "A=B"',
    ),
    (profile(timeout=0), "timeout", "must be over 0, not 0"),
    (profile(timeout="10s"), "timeout", "must be a number, not a string"),
    (profile(timeout=date(2030, 1, 1)), "timeout", "must be a number, not a date"),
]

CATALOGUES: list[tuple[object, str, str]] = [
    ({}, ROOT, "version and requirement are missing"),
    (catalogue(version=1), "version", "must be a string, not a number"),
    (catalogue(version="1"), "version", 'must be a version such as 1.0, not "1"'),
    (catalogue(version="1.01"), "version", 'must be a version such as 1.0, not "1.01"'),
    (
        requirement(since="v1.0"),
        "requirement[0].since",
        'must be a version such as 1.0, not "v1.0"',
    ),
    (catalogue(requirement=[]), "requirement", "must not be empty"),
    (catalogue(extra=1), ROOT, 'has an unknown field: "extra"'),
    (
        catalogue(requirement=[{}]),
        "requirement[0]",
        "id, level, class, sentence, source and since are missing",
    ),
    (requirement(id="NAME-0"), "requirement[0].id", f'{RULE} "NAME-0"'),
    (requirement(id="FOO-1"), "requirement[0].id", f'{RULE} "FOO-1"'),
    (requirement(id="NAME-1a"), "requirement[0].id", f'{RULE} "NAME-1a"'),
    (
        requirement(level="must"),
        "requirement[0].level",
        'must be "MUST" or "SHOULD" or "MAY", not "must"',
    ),
    (
        requirement(**{"class": "oci"}),
        "requirement[0].class",
        'must be "cnab" or "guide" or "suite", not "oci"',
    ),
    (requirement(sentence=""), "requirement[0].sentence", 'must be a text, not ""'),
    (requirement(untestable="\n"), "requirement[0].untestable", 'must be a text, not "\\n"'),
    (requirement(check="x"), "requirement[0]", 'has an unknown field: "check"'),
]

REFUSED = [
    *(("profile", *row) for row in PROFILES),
    *(("catalogue", *row) for row in CATALOGUES),
]
IDS = [f"{name}: {place}: {reason}"[:100] for name, _, place, reason in REFUSED]


@pytest.mark.parametrize(("name", "document", "place", "reason"), REFUSED, ids=IDS)
def test_refusal_names_its_place_and_reason(
    name: str, document: object, place: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(document, name)
    assert (refusal.value.place, refusal.value.reason) == (place, reason)
