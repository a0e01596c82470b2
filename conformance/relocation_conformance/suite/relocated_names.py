"""Relocated names as checks read them: one that is no image reference is the target's fault."""

from __future__ import annotations

from relocation_conformance.references import Malformed, Reference, parse


def reference_of(relocated: str) -> Reference:
    """Return the parts of a relocated name. Raises AssertionError if it is no reference."""
    try:
        return parse(relocated)
    except Malformed as error:
        raise AssertionError(f"the relocated name is malformed: {error}") from None


def repository_of(relocated: str) -> str:
    """Return the repository of a relocated name, domain included. Raises as `reference_of` does."""
    return reference_of(relocated).repository
