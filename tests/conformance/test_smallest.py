"""What is left of an example that fails, and at what cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocation_conformance.smallest import MOST_EXECUTIONS, Example, smallest

LONG = [f"gcr.io/n{number}" for number in range(64)]


class Counted:
    """What tells whether an example fails, and how often it was asked."""

    def __init__(self, fails: Callable[[Example], bool]) -> None:
        self.fails = fails
        self.calls = 0

    def __call__(self, example: Example) -> bool:
        self.calls += 1
        return self.fails(example)


def containing(*names: str) -> Counted:
    return Counted(lambda example: {*names} <= {*example["names"]})


@pytest.mark.parametrize("needed", [LONG[:1], LONG[63:], LONG[13:14], [LONG[7], LONG[55]]])
def test_what_is_needed_is_left(needed: list[str]) -> None:
    assert smallest({"names": LONG}, containing(*needed)) == {"names": needed}


def test_two_of_many_are_found_in_few_executions() -> None:
    fails = containing(LONG[13], LONG[50])

    smallest({"names": LONG}, fails)

    assert fails.calls <= 16


def test_no_list_becomes_empty() -> None:
    assert smallest({"names": LONG, "others": LONG}, lambda _: True) == {
        "names": LONG[:1],
        "others": LONG[:1],
    }


def test_lists_in_lists_become_short_too() -> None:
    groups = [["a", "b"], ["c", "d", "e"], ["f"]]

    found = smallest(
        {"groups": groups}, lambda drawn: any({"c", "e"} <= {*each} for each in drawn["groups"])
    )

    assert found == {"groups": [["c", "e"]]}


def test_what_is_no_list_is_left_alone() -> None:
    example = {"tag": "v1", "depth": 160, "bare": None}

    assert smallest(example, lambda _: True) == example


def test_example_that_was_drawn_is_left_as_it_was() -> None:
    example = {"names": list(LONG)}

    smallest(example, containing(LONG[1]))

    assert example == {"names": LONG}


@pytest.mark.parametrize("most", [0, 1, 5, MOST_EXECUTIONS])
def test_no_more_is_executed_than_may_be(most: int) -> None:
    fails = containing(*LONG[::3])

    smallest({"names": LONG}, fails, most)

    assert fails.calls <= most


@given(needed=st.sets(st.integers(0, 20), min_size=1), most=st.integers(0, MOST_EXECUTIONS))
def test_what_is_returned_was_the_last_to_fail(needed: set[int], most: int) -> None:
    failed = [{"numbers": list(range(21))}]

    def fails(example: Example) -> bool:
        # Neither more nor less always fails more.
        if needed & {*example["numbers"]} and len(example["numbers"]) % 3:
            failed.append(example)
            return True
        return False

    assert smallest(failed[0], fails, most) == failed[-1]
