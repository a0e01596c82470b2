"""The gate between SPECIFICATION.md, catalogue, checks and mutants: open, and closed by each edit.

The edits are made to the four as they are in this checkout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from relocation_conformance.checklist import Check, checks_of, read_checks, read_mutants
from relocation_conformance.gate import disagreements
from relocation_conformance.requirements import Catalogue, Class, Level
from relocation_conformance.revisions import (
    MUTANTS,
    PACKAGE,
    SPECIFICATION,
    in_checkout,
    mutants_in,
)
from relocation_conformance.specification import read_specification

ROOT = Path(__file__).parents[2]
VERSION = in_checkout(ROOT).catalogue.version
RULE = "**NAME-1** (guide) A relocated name MUST start with the repository prefix"


@dataclass(frozen=True)
class House:
    """All that the gate looks at."""

    catalogue: Catalogue
    text: str
    checks: tuple[Check, ...]
    mutants: dict[str, list[str]] = field(default_factory=dict)

    def disagreements(self) -> list[str]:
        specification = read_specification(self.text)
        return disagreements(self.catalogue, specification, self.checks, self.mutants)

    def rule(self, rule_id: str, **fields: Any) -> House:
        """Change a rule of the catalogue."""
        rules = dict(self.catalogue.rules)
        rules[rule_id] = replace(rules[rule_id], **fields)
        return replace(self, catalogue=replace(self.catalogue, rules=rules))

    def without_rule(self, rule_id: str) -> House:
        rules = {key: rule for key, rule in self.catalogue.rules.items() if key != rule_id}
        return replace(self, catalogue=replace(self.catalogue, rules=rules))

    def written(self, old: str, new: str) -> House:
        """Change SPECIFICATION.md."""
        assert old in self.text
        return replace(self, text=self.text.replace(old, new))

    def unchecked(self, rule_id: str) -> House:
        return replace(self, checks=tuple(c for c in self.checks if rule_id not in c.rules))

    def checked(self, *rules: str) -> House:
        return replace(self, checks=(*self.checks, Check("test_new.py::test_new", rules)))

    def unbroken(self, rule_id: str) -> House:
        mutants = {name: rules for name, rules in self.mutants.items() if rule_id not in rules}
        return replace(self, mutants=mutants)

    def mutated(self, *rules: str) -> House:
        return replace(self, mutants={**self.mutants, "new": list(rules)})


@cache
def house() -> House:
    revision = in_checkout(ROOT)
    text = (ROOT / SPECIFICATION).read_text()
    return House(revision.catalogue, text, revision.checks, mutants_in(ROOT / MUTANTS))


def test_gate_is_open() -> None:
    assert house().disagreements() == []


DOCUMENTS: list[tuple[str, Callable[[House], House], str]] = [
    (
        "a rule without an id",
        lambda h: h.written("\n## Terms\n", "\nA relocator MUST be quick.\n\n## Terms\n"),
        "a rule without an id: A relocator MUST be quick.",
    ),
    (
        "a rule that is in SPECIFICATION.md alone",
        lambda h: h.without_rule("CLI-7"),
        "CLI-7 is not in the catalogue.",
    ),
    (
        "a rule that is in the catalogue alone",
        lambda h: h.written(RULE, "A relocated name starts with"),
        "NAME-1: it is not in SPECIFICATION.md.",
    ),
    (
        "a rule that is there twice",
        lambda h: h.written("**NAME-1**", "**CLI-7** (suite) x\n\n**NAME-1**"),
        "CLI-7: it stands in SPECIFICATION.md 2 times.",
    ),
    (
        "another sentence",
        lambda h: h.written(RULE, f"{RULE} and a dot"),
        'NAME-1 says "A relocated name MUST start with the repository prefix and a dot, ',
    ),
    (
        "another class",
        lambda h: h.rule("NAME-1", conformance_class=Class.CNAB),
        "NAME-1 is of class guide there, and of class cnab in the catalogue.",
    ),
    (
        "another level",
        lambda h: h.rule("NAME-1", level=Level.SHOULD),
        "NAME-1: its level is SHOULD, and its sentence says MUST.",
    ),
    (
        "a sentence that binds nobody",
        lambda h: h.rule("NAME-1", sentence="A name is short."),
        "NAME-1: a sentence is one rule, and has one word of RFC 2119 in it; this has none.",
    ),
    (
        "two rules in a sentence",
        lambda h: h.rule("NAME-1", sentence="A name MUST be short, and MUST NOT be long."),
        "this has MUST, MUST NOT.",
    ),
    (
        "another version",
        lambda h: h.written(f"\nVersion {VERSION}\n", "\nVersion 99.0\n"),
        f"SPECIFICATION.md is of version 99.0, and the catalogue of {VERSION}.",
    ),
    (
        "no version",
        lambda h: h.written(f"\nVersion {VERSION}\n", "\n"),
        f"SPECIFICATION.md is of version unknown, and the catalogue of {VERSION}.",
    ),
    (
        "a rule of a later version",
        lambda h: h.rule("NAME-1", since="99.0"),
        f"NAME-1: it is there since 99.0, and the catalogue is of version {VERSION}.",
    ),
    (
        "a version without changes",
        lambda h: h.written(f"### {VERSION}", "### 0.0"),
        f"SPECIFICATION.md does not say what changed in version {VERSION}.",
    ),
    (
        "a rule that the changes do not name",
        lambda h: h.written("CLI-1 to CLI-5, CLI-7", "CLI-1 to CLI-5"),
        "CLI-7: it is there since 0.1, and what SPECIFICATION.md says on the changes of that ",
    ),
]
SUITE: list[tuple[str, Callable[[House], House], str]] = [
    (
        "a rule without a check",
        lambda h: h.unchecked("NAME-1"),
        "NAME-1: it has no check, and no reason for having none.",
    ),
    (
        "a check, and a reason for having none",
        lambda h: h.rule("NAME-1", untestable="It cannot be seen.").unbroken("NAME-1"),
        "NAME-1: it has a check, and a reason for having none.",
    ),
    (
        "a check that names no rule",
        lambda h: h.checked(),
        "test_new.py::test_new names no rule.",
    ),
    (
        "a check that names an unknown rule",
        lambda h: h.checked("NAME-1", "NAME-99"),
        "test_new.py::test_new names NAME-99, which is not in the catalogue.",
    ),
    (
        "a rule without a mutant",
        lambda h: h.unbroken("MAP-7"),
        "MAP-7: no mutant breaks it.",
    ),
    (
        "a mutant that breaks an unknown rule",
        lambda h: h.mutated("NAME-99"),
        "The mutant new breaks NAME-99, which is not in the catalogue.",
    ),
    (
        "a mutant that breaks no rule",
        lambda h: h.mutated(),
        "The mutant new breaks no rule.",
    ),
]


@pytest.mark.parametrize(
    ("edit", "sentence"), [each[1:] for each in DOCUMENTS], ids=[each[0] for each in DOCUMENTS]
)
def test_gate_is_closed_by_documents_that_differ(
    edit: Callable[[House], House], sentence: str
) -> None:
    assert [found for found in edit(house()).disagreements() if sentence in found]


@pytest.mark.parametrize(
    ("edit", "sentence"), [each[1:] for each in SUITE], ids=[each[0] for each in SUITE]
)
def test_gate_is_closed_by_what_is_not_tested(
    edit: Callable[[House], House], sentence: str
) -> None:
    assert edit(house()).disagreements() == [sentence]


def test_rule_with_a_reason_needs_neither_check_nor_mutant() -> None:
    plain = house().unchecked("MAP-7").unbroken("MAP-7")

    assert plain.rule("MAP-7", untestable="It cannot be seen.").disagreements() == []


MODULE = """
@requirement("MAP-1", "MAP-2")
@pytest.mark.parametrize("x", [pytest.param(1, marks=requirement("MAP-3"))])
def test_one(): ...

@requirements.requirement("MAP-1")
class TestAll:
    @requirement("MAP-1")
    @requirement("MAP-1")
    def test_other(self): ...

def test_none(): ...
def no_test(): ...
"""


def test_checks_are_read_with_their_rules() -> None:
    assert read_checks({"test_x.py": MODULE}) == (
        Check("test_x.py::test_one", ("MAP-1", "MAP-2", "MAP-3")),
        Check("test_x.py::test_none", ()),
        Check("test_x.py::test_other", ("MAP-1",)),
    )


def test_checks_of_a_rule_are_found() -> None:
    checks = read_checks({"test_x.py": MODULE})

    assert checks_of("MAP-1", checks) == ["test_x.py::test_one", "test_x.py::test_other"]


def test_checks_that_are_read_are_those_that_pytest_finds(pytester: pytest.Pytester) -> None:
    # In a process of its own: the suite sets up Hypothesis, for all that is run with it.
    run = pytester.runpytest_subprocess(
        str(ROOT / PACKAGE / "suite"), "--collect-only", "-q", "-p", "no:randomly"
    )

    lines = (line.rpartition("/suite/")[2] for line in run.outlines if "::" in line)
    found = {line.partition("[")[0] for line in lines}
    assert {check.name for check in house().checks} == found


def test_mutants_are_read_from_their_table() -> None:
    assert read_mutants("X = 1\nBREAKS = {'a': ['MAP-1']}\n") == {"a": ["MAP-1"]}


def test_missing_table_of_mutants_is_told() -> None:
    with pytest.raises(ValueError, match="it has no table BREAKS"):
        read_mutants("X = 1\n")
