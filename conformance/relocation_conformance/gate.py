"""The gate: do specification, catalogue, checks and mutants say the same? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from relocation_conformance.checklist import Check
from relocation_conformance.requirements import Catalogue, Requirement
from relocation_conformance.specification import Specification, StatedRule, binding_words

Mutants = Mapping[str, Collection[str]]
"""The ids of the rules that each mutant breaks, by its name."""


def disagreements(
    catalogue: Catalogue,
    specification: Specification,
    checks: Sequence[Check],
    mutants: Mutants,
) -> list[str]:
    """Return a sentence for each place where the four do not agree; none if the gate is open."""
    return [
        *_ill_formed(catalogue),
        *_between_documents(catalogue, specification),
        *_in_changes(catalogue, specification),
        *_in_checks(catalogue, checks),
        *_in_mutants(catalogue, mutants),
    ]


def _ill_formed(catalogue: Catalogue) -> Iterator[str]:
    for rule in catalogue.rules.values():
        words = binding_words(rule.sentence)
        if len(words) != 1:
            yield (
                f"{rule.id}: a sentence is one rule, and has one word of RFC 2119 in it; "
                f"this has {', '.join(words) or 'none'}."
            )
        elif words[0].removesuffix(" NOT") != rule.level:
            yield f"{rule.id}: its level is {rule.level}, and its sentence says {words[0]}."
        if _number(rule.since) > _number(catalogue.version):
            yield (
                f"{rule.id}: it is there since {rule.since}, and the catalogue is of version "
                f"{catalogue.version}."
            )


def _between_documents(catalogue: Catalogue, specification: Specification) -> Iterator[str]:
    if specification.version != catalogue.version:
        yield (
            f"SPECIFICATION.md is of version {specification.version or 'unknown'}, and the "
            f"catalogue of {catalogue.version}."
        )
    for stray in specification.strays:
        yield f"SPECIFICATION.md, line {stray.line}: a rule without an id: {stray.text[:60]}"
    for stated in specification.rules:
        rule = catalogue.rules.get(stated.id)
        if rule is None:
            yield f"SPECIFICATION.md, line {stated.line}: {stated.id} is not in the catalogue."
        else:
            yield from _between(stated, rule)
    numbers = Counter(stated.id for stated in specification.rules)
    for rule_id in catalogue.rules:
        if numbers[rule_id] == 0:
            yield f"{rule_id}: it is not in SPECIFICATION.md."
        elif numbers[rule_id] > 1:
            yield f"{rule_id}: it stands in SPECIFICATION.md {numbers[rule_id]} times."


def _between(stated: StatedRule, rule: Requirement) -> Iterator[str]:
    where = f"SPECIFICATION.md, line {stated.line}: {rule.id}"
    if stated.conformance_class != rule.conformance_class:
        yield (
            f"{where} is of class {stated.conformance_class} there, and of class "
            f"{rule.conformance_class} in the catalogue."
        )
    if stated.sentence != rule.sentence:
        yield f'{where} says "{stated.sentence}", and the catalogue "{rule.sentence}"'


def _in_changes(catalogue: Catalogue, specification: Specification) -> Iterator[str]:
    if catalogue.version not in specification.changes:
        yield f"SPECIFICATION.md does not say what changed in version {catalogue.version}."
    for rule in catalogue.rules.values():
        if rule.id not in specification.changes.get(rule.since, ()):
            yield (
                f"{rule.id}: it is there since {rule.since}, and what SPECIFICATION.md says on "
                "the changes of that version does not name it."
            )


def _in_checks(catalogue: Catalogue, checks: Sequence[Check]) -> Iterator[str]:
    for check in checks:
        if not check.rules:
            yield f"{check.name} names no rule."
        for rule_id in check.rules:
            if rule_id not in catalogue.rules:
                yield f"{check.name} names {rule_id}, which is not in the catalogue."
    tested = {rule_id for check in checks for rule_id in check.rules}
    for rule in catalogue.rules.values():
        if rule.id not in tested and rule.untestable is None:
            yield f"{rule.id}: it has no check, and no reason for having none."
        elif rule.id in tested and rule.untestable is not None:
            yield f"{rule.id}: it has a check, and a reason for having none."


def _in_mutants(catalogue: Catalogue, mutants: Mutants) -> Iterator[str]:
    for name, broken in mutants.items():
        if not broken:
            yield f"The mutant {name} breaks no rule."
        for rule_id in broken:
            if rule_id not in catalogue.rules:
                yield f"The mutant {name} breaks {rule_id}, which is not in the catalogue."
    broken_by_any = {rule_id for broken in mutants.values() for rule_id in broken}
    for rule in catalogue.rules.values():
        if rule.id not in broken_by_any and rule.untestable is None:
            yield f"{rule.id}: no mutant breaks it."


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
