"""When a refusal counts: only bound to the defect that it is claimed for."""

from __future__ import annotations

from collections.abc import Collection

from relocation_conformance.targets import Action, Outcome, Relocation


def assert_refused(
    relocation: Relocation, *, twin: Relocation, met: Collection[object] | None
) -> None:
    """Hold that *relocation* was refused, and for its defect.

    *twin* is a relocation that differs in nothing but the defect, and so must have succeeded.
    *met* is what shows that the target came upon the defect, such as the exchanges in which it
    was served; it must not be empty. It is None only where the defect is in the command line, in
    the bundle's own file or in another local one, which leave no trace elsewhere: there the twin
    alone is the proof.

    Raises AssertionError, with the evidence, also when the target crashed, claims success, or
    touched the mapping file.
    """
    if twin.outcome is not Outcome.DONE or twin.mapping_bytes is None:
        raise AssertionError(
            "a refusal shows nothing, as the same without the defect was not relocated either\n"
            + twin.evidence
        )
    if relocation.outcome is not Outcome.REFUSED:
        raise AssertionError(f"the defect was not refused\n{relocation.evidence}")
    if met is not None and not met:
        raise AssertionError(f"refused without having come upon the defect\n{relocation.evidence}")
    if relocation.mapping_bytes != relocation.mapping_before:
        raise AssertionError(
            f"refused, but {_change(relocation)} the mapping file\n{relocation.evidence}"
        )


def assert_not_run(action: Action, *, twin: Action, met: Collection[object] | None = None) -> None:
    """Hold that *action* was refused for its defect, and that no invocation image was run.

    *twin* and *met* are what they are to `assert_refused`; the twin must have run exactly one.

    Raises AssertionError, with the evidence.
    """
    if twin.outcome is not Outcome.DONE or len(twin.runs) != 1:
        raise AssertionError(
            "a refusal shows nothing, as the same without the defect was not done either\n"
            + twin.evidence
        )
    if action.runs or action.unreadable:
        raise AssertionError(
            f"an invocation image was run in spite of the defect\n{action.evidence}"
        )
    if action.outcome is not Outcome.REFUSED:
        raise AssertionError(f"the defect was not refused\n{action.evidence}")
    if met is not None and not met:
        raise AssertionError(f"refused without having come upon the defect\n{action.evidence}")


def _change(relocation: Relocation) -> str:
    if relocation.mapping_before is None:
        return "wrote"
    return "removed" if relocation.mapping_bytes is None else "changed"
