from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relocation_conformance.refusals import assert_refused
from relocation_conformance.targets import Outcome, Relocation


def relocation(**changes: Any) -> Relocation:
    fields: dict[str, Any] = {
        "bundle": Path("bundle.json"),
        "prefix": "127.0.0.1:5000/t",
        "command": ("target", "relocate", "a b"),
        "status": 0,
        "stdout": "",
        "stderr": "first\nlast words\n",
        "seconds": 0.1,
        "outcome": Outcome.DONE,
        "reason": "exit status 0",
        "mapping_file": Path("mapping.json"),
        "mapping_before": None,
        "mapping_bytes": b'{"a": "b"}',
    }
    return Relocation(**{**fields, **changes})


def refused(**changes: Any) -> Relocation:
    fields = {"outcome": Outcome.REFUSED, "status": 1, "mapping_bytes": None}
    return relocation(**{**fields, **changes})


def test_mapping_is_the_file_as_an_object() -> None:
    assert relocation().mapping == {"a": "b"}


def test_key_that_the_mapping_lacks_is_the_targets_fault() -> None:
    with pytest.raises(AssertionError, match="has no entry for 'x'"):
        relocation().mapping["x"]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.CRASHED])
def test_relocation_that_was_not_done_has_no_mapping(outcome: Outcome) -> None:
    with pytest.raises(AssertionError, match="was not relocated"):
        _ = relocation(outcome=outcome).mapping


def test_done_without_a_mapping_file_is_the_targets_fault() -> None:
    with pytest.raises(AssertionError, match="no relocation mapping was written"):
        _ = relocation(mapping_bytes=None).mapping


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"a": 1}', b'{"a": null}'])
def test_mapping_that_is_no_object_of_strings_is_the_targets_fault(content: bytes) -> None:
    with pytest.raises(AssertionError, match="no JSON object of strings"):
        _ = relocation(mapping_bytes=content).mapping


def test_evidence_has_the_command_its_end_and_its_last_words() -> None:
    crashed = relocation(outcome=Outcome.CRASHED, reason="ended by SIGSEGV", stdout="begun\n")

    evidence = crashed.evidence

    assert evidence.splitlines() == [
        "crashed: ended by SIGSEGV, 0.1 s",
        "target relocate 'a b'",
        "stderr: first",
        "stderr: last words",
        "stdout: begun",
    ]


def test_long_line_of_evidence_is_cut() -> None:
    shown = relocation(outcome=Outcome.CRASHED, stderr="x" * 9999).evidence.splitlines()[-1]

    assert shown == f"stderr: {'x' * 300}..."


def test_refusal_with_a_good_twin_counts() -> None:
    assert_refused(refused(), twin=relocation(), met=["GET"])


def test_refusal_of_a_defect_in_the_file_needs_no_trace() -> None:
    assert_refused(refused(), twin=relocation(), met=None)


def test_refusal_that_leaves_an_old_mapping_alone_counts() -> None:
    kept = refused(mapping_before=b"old", mapping_bytes=b"old")

    assert_refused(kept, twin=relocation(), met=None)


@pytest.mark.parametrize(
    ("said", "defective", "twin", "met"),
    [
        ("shows nothing", refused(), refused(), ["GET"]),
        ("shows nothing", refused(), relocation(mapping_bytes=None), ["GET"]),
        ("was not refused", relocation(), relocation(), ["GET"]),
        ("was not refused", refused(outcome=Outcome.CRASHED), relocation(), ["GET"]),
        ("without having come upon", refused(), relocation(), []),
        ("wrote the mapping", refused(mapping_bytes=b""), relocation(), ["GET"]),
        ("removed the mapping", refused(mapping_before=b"old"), relocation(), ["GET"]),
        (
            "changed the mapping",
            refused(mapping_before=b"old", mapping_bytes=b"new"),
            relocation(),
            ["GET"],
        ),
    ],
)
def test_refusal_that_is_not_bound_to_its_defect_does_not_count(
    said: str, defective: Relocation, twin: Relocation, met: list[str]
) -> None:
    with pytest.raises(AssertionError, match=said):
        assert_refused(defective, twin=twin, met=met)
