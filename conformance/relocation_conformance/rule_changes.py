"""What changed in the rules between two catalogues, and whether that is breaking. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relocation_conformance.requirements import Catalogue, Class, Level, Requirement
from relocation_conformance.specification import binding_words


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that came (`old` is None), went (`new` is None) or changed."""

    old: Requirement | None
    new: Requirement | None

    @property
    def rule(self) -> Requirement:
        """The rule as it is now, or as it was when it went."""
        rule = self.new or self.old
        assert rule is not None
        return rule

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    @property
    def breaking(self) -> bool:
        """Whether a relocator or a profile with which all was well may fail by this.

        A relocator fails by a MUST that it did not have to keep, or not for its conformance class;
        a profile by naming a rule that is not there.
        """
        if self.new is None:
            return True
        if self.new.level is not Level.MUST:
            return False
        return self.old is None or (
            self.old.level is not Level.MUST
            or not set(binding_words(self.new.sentence)) <= set(binding_words(self.old.sentence))
            or (self.old.conformance_class != self.new.conformance_class and _counts(self.new))
        )

    def details(self) -> Iterator[str]:
        """Yield what is to be said of it beside its id, level and class, a line each."""
        if self.old is None or self.new is None:
            yield self.rule.sentence
            return
        if self.old.sentence != self.new.sentence:
            yield f"- {self.old.sentence}"
            yield f"+ {self.new.sentence}"
        pairs = {
            "level": (self.old.level, self.new.level),
            "class": (self.old.conformance_class, self.new.conformance_class),
            "source": (self.old.source, self.new.source),
            "since": (self.old.since, self.new.since),
            "untestable": (self.old.untestable or "no", self.new.untestable or "no"),
        }
        yield from (f"{field}: {old} -> {new}" for field, (old, new) in pairs.items() if old != new)


def rule_changes(old: Catalogue, new: Catalogue) -> list[RuleChange]:
    """Return what changed from *old* to *new*, in the order of *new*, and then what went."""
    ids = [*new.rules, *(rule_id for rule_id in old.rules if rule_id not in new.rules)]
    pairs = (RuleChange(old.rules.get(rule_id), new.rules.get(rule_id)) for rule_id in ids)
    return [pair for pair in pairs if pair.old != pair.new]


def _counts(rule: Requirement) -> bool:
    """Tell whether the rule's class is a conformance class."""
    return rule.conformance_class is not Class.SUITE
