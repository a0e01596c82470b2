"""The smallest case of a failure: what hypothesis drew, without what the failure does not need.

Hypothesis shrinks by hundreds of executions, and each of ours is a process. It is lists that make
an example long, and few of their elements make it fail, so these few are searched for by halving.
Nothing is made up on the way: what is left was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Value = Any
"""A JSON value."""

Example = dict[str, Value]
"""What hypothesis drew, by argument of the check."""

MOST_EXECUTIONS = 30
"""Executions that a search may take; two elements of 64 are found in about 15."""


def smallest(
    example: Example, fails: Callable[[Example], bool], most: int = MOST_EXECUTIONS
) -> Example:
    """Return a part of the failing *example* that *fails* as well, after *most* calls or fewer.

    Each list in it is a part of the one that was drawn, in the same order, and is not empty. What
    is returned was seen to fail, and is the same for the same answers of *fails*.
    """
    left = most

    def seen_to_fail(candidate: Example) -> bool:
        nonlocal left
        if left == 0:
            return False
        left -= 1
        return fails(candidate)

    return dict(_shortened(example, seen_to_fail))


def _shortened(value: Value, fails: Callable[[Value], bool]) -> Value:
    """Return *value* with each list in it as short as it may be; outer ones come first."""
    if isinstance(value, list):
        value = _needed(value, fails)
        places: list[int] | list[str] = list(range(len(value)))
    elif isinstance(value, dict):
        places = sorted(value)
    else:
        return value
    for place in places:
        value = _with(value, place, _shortened(value[place], _in_place(value, place, fails)))
    return value


def _needed(elements: list[Value], fails: Callable[[list[Value]], bool]) -> list[Value]:
    """Return as few of the failing *elements* as *fails* needs.

    The last of the first elements that are enough is needed. What is needed beside it is found
    among those before it, in the same way. At each turn, `rest + needed` was seen to fail.
    """
    rest, needed = elements, list[Value]()
    while rest and not (needed and fails(needed)):
        last = _enough(rest, needed, fails) - 1
        needed = [rest[last], *needed]
        rest = rest[:last]
    return needed


def _enough(rest: list[Value], needed: list[Value], fails: Callable[[list[Value]], bool]) -> int:
    """Return how many of the first of *rest* are enough to fail with *needed*, by halving."""
    low, high = 1, len(rest)
    while low < high:
        middle = (low + high) // 2
        if fails(rest[:middle] + needed):
            high = middle
        else:
            low = middle + 1
    return high


def _in_place(
    value: Value, place: int | str, fails: Callable[[Value], bool]
) -> Callable[[Value], bool]:
    """Return what tells of something whether *value* fails with it in its *place*."""
    return lambda part: fails(_with(value, place, part))


def _with(value: Value, place: int | str, part: Value) -> Value:
    """Return a copy of *value* with *part* in its *place*."""
    changed = value.copy()
    changed[place] = part
    return changed
