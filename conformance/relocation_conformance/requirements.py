"""The catalogue: every rule that a relocator is judged by, and how a check names its rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import pytest

MARKER = "requirement"
"""The pytest marker that holds the ids of a check's rules."""


class Level(StrEnum):
    """How binding a rule is, as RFC 2119 has it."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Class(StrEnum):
    """Whose rule it is: the CNAB specification's, the relocation guide's, or this suite's."""

    CNAB = "cnab"
    GUIDE = "guide"
    SUITE = "suite"


class Subject(StrEnum):
    """Whom a rule binds: who relocates a bundle, or who runs one with a relocation mapping."""

    RELOCATOR = "relocator"
    RUNTIME = "runtime"


RUNTIME_FAMILY = "RUN"


def subject_of(rule: str) -> Subject:
    """Return whom the rule with the id *rule* binds."""
    runtime = rule.partition("-")[0] == RUNTIME_FAMILY
    return Subject.RUNTIME if runtime else Subject.RELOCATOR


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule. `since` is the first version of the specification that has it."""

    id: str
    level: Level
    conformance_class: Class
    sentence: str
    source: str
    since: str
    untestable: str | None = None

    @property
    def family(self) -> str:
        """The part of the id before the number, such as `NAME`."""
        return self.id.partition("-")[0]

    @property
    def subject(self) -> Subject:
        """Whom the rule binds."""
        return subject_of(self.id)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The rules of one version of the specification, by id, in the order of requirements.toml."""

    version: str
    rules: Mapping[str, Requirement]


def read_catalogue(document: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue that *document* is, a parsed requirements.toml of schema `catalogue`.

    Raises ValueError if an id stands in it twice.
    """
    rules: dict[str, Requirement] = {}
    for entry in document["requirement"]:
        if entry["id"] in rules:
            raise ValueError(f"{entry['id']} stands there twice")
        rules[entry["id"]] = Requirement(
            id=entry["id"],
            level=Level(entry["level"]),
            conformance_class=Class(entry["class"]),
            sentence=entry["sentence"],
            source=entry["source"],
            since=entry["since"],
            untestable=entry.get("untestable"),
        )
    return Catalogue(document["version"], rules)


@cache
def own_catalogue() -> Catalogue:
    """Return the rules that this suite judges by, and the version of their specification."""
    text = (resources.files("relocation_conformance") / "requirements.toml").read_text("utf-8")
    return read_catalogue(tomllib.loads(text))


def catalogue() -> Mapping[str, Requirement]:
    """Return every rule by id, in the order of requirements.toml."""
    return own_catalogue().rules


def requirement(*ids: str) -> pytest.MarkDecorator:
    """Mark a check with the rules that it tests: `@requirement("DIGEST-1", "DIGEST-2")`.

    A check that fails breaks every rule that it names. A check that names none, or an id that is
    not in the catalogue, ends the run before it starts.
    """
    return pytest.mark.requirement(*ids)


def rules_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids that the check *item* is marked with, each once, in order."""
    marks = item.iter_markers(MARKER)
    return tuple(dict.fromkeys(rule for mark in marks for rule in mark.args))
