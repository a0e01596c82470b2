"""What a run is held to: which rules fail it when they are broken, and which are only told of."""

from __future__ import annotations

from dataclasses import dataclass

from relocation_conformance.requirements import Class, Level, Requirement

CONFORMANCE_CLASSES = (Class.CNAB, Class.GUIDE)
"""The classes that one can be conformant to. Source: SPECIFICATION.md, Conformance."""


@dataclass(frozen=True, slots=True)
class Standards:
    """The classes whose MUSTs fail a run, and whether they do where a profile documents that."""

    classes: frozenset[Class] = frozenset(CONFORMANCE_CLASSES)
    allow_deviations: bool = False

    def binding(self, rule: Requirement) -> bool:
        """Tell whether the run is held to *rule*."""
        return rule.level is Level.MUST and rule.conformance_class in self.classes

    def fails(self, rule: Requirement, *, documented: bool) -> bool:
        """Tell whether the run fails when *rule* is broken; *documented* as the profile has it."""
        return self.binding(rule) and not (documented and self.allow_deviations)
