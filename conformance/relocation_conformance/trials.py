"""The executions of a check for which hypothesis draws: each noted apart, and failures made small.

What stands in for the check's own function is put in by the hook that hypothesis documents for
it, `inner_test`, so that hypothesis itself is not needed here, and no version of it in particular.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import pytest

from relocation_conformance.smallest import Example, smallest
from relocation_conformance.targets.diary import Diary, NotedRun

Check = Callable[..., None]

PINNED = pytest.StashKey[Example]()
"""Where `pytest.Item.stash` holds the one example that a check is called with, if it is pinned."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that broke a check, how, and what was run for it."""

    example: Example
    error: AssertionError
    runs: tuple[NotedRun, ...]


class Trials:
    """Stands in for a check's function in one run of the check.

    After a failure, the smallest part of its example that fails as well takes its place, and all
    else passes at once, so that hypothesis comes to an end. The diary holds the runs of one
    example: the smallest that failed, else the last.
    """

    def __init__(self, check: Check, drawn: frozenset[str], diary: Diary) -> None:
        self.example: Example | None = None
        self._check = check
        self._drawn = drawn
        self._diary = diary
        self._broken_by: Example | None = None
        self._smallest: Failure | None = None

    def __call__(self, *arguments: object, **named: object) -> None:
        """Execute the check with what hypothesis passes to it."""
        __tracebackhide__ = True
        example = {name: value for name, value in named.items() if name in self._drawn}
        others = {name: value for name, value in named.items() if name not in self._drawn}

        def failure_of(example: Example) -> Failure | None:
            execute = functools.partial(self._check, *arguments, **others, **example)
            return self._failure_of(example, execute)

        if self._broken_by is None:
            self._try(example, failure_of)
        if self._smallest and example == self._broken_by:
            raise self._smallest.error

    def _try(self, example: Example, failure_of: Callable[[Example], Failure | None]) -> None:
        if not _is_json(example):
            raise TypeError(f"what was drawn is no JSON, so no record could hold it: {example}")
        self.example = example
        found = failure_of(example)
        if found is None:
            return
        if not any(run.ended.status is None for run in found.runs):
            found = _smaller(found, failure_of)
        self._broken_by, self._smallest = example, found
        self.example = found.example
        self._diary.runs[:] = found.runs

    def _failure_of(self, example: Example, execute: Callable[[], None]) -> Failure | None:
        __tracebackhide__ = True
        self._diary.runs.clear()
        try:
            execute()
        except AssertionError as error:
            return Failure(example, error, tuple(self._diary.runs))
        return None


def _smaller(failure: Failure, failure_of: Callable[[Example], Failure | None]) -> Failure:
    """Return the failure of the smallest part of the example of *failure*."""
    found = failure  # the search ends with the last that failed

    def fails(part: Example) -> bool:
        nonlocal found
        try:
            another = failure_of(part)
        except (Exception, pytest.skip.Exception):
            # What is wrong with a part of an example says nothing of the example.
            return False
        found = another or found
        return another is not None

    smallest(failure.example, fails)
    return found


class _Handle(Protocol):
    """What hypothesis lets its tests be changed by: the function that is executed."""

    inner_test: Check


@contextmanager
def tried(item: pytest.Function, diary: Diary) -> Iterator[Trials | None]:
    """Let the executions of the check *item* be trials; None if hypothesis does not draw for it."""
    handle = _handle(item)
    if handle is None:
        yield None
        return
    check = handle.inner_test
    trials = Trials(check, _drawn(item, check), diary)
    handle.inner_test = _standing_in(check, trials)
    try:
        yield trials
    except AssertionError as error:
        _retell(error, check, trials)
        raise
    finally:
        handle.inner_test = check


def pin(item: pytest.Function, example: Example) -> None:
    """Have the check *item* called with *example*, and hypothesis draw nothing for it.

    Raises ValueError, with what is wrong in a sentence, if that is not what it takes.
    """
    handle = _handle(item)
    drawn = frozenset[str]() if handle is None else _drawn(item, handle.inner_test)
    if handle is None or drawn != example.keys():
        taken = ", ".join(sorted(drawn)) or "no example"
        recorded = ", ".join(sorted(example))
        raise ValueError(f"The check {item.name} takes {taken} now, and the record has {recorded}.")
    item.stash[PINNED] = example
    item.obj = functools.partial(handle.inner_test, **example)


def _handle(item: pytest.Function) -> _Handle | None:
    handle: _Handle | None = getattr(item.obj, "hypothesis", None)
    return handle


def _drawn(item: pytest.Function, check: Check) -> frozenset[str]:
    given = inspect.signature(item.obj).parameters
    return frozenset(inspect.signature(check).parameters.keys() - given.keys())


def _retell(error: AssertionError, check: Check, trials: Trials) -> None:
    """Tell of the smallest example where hypothesis tells of all that it drew, and of fixtures."""
    call = f"{getattr(check, '__name__', '')}("
    notes = [note for note in getattr(error, "__notes__", ()) if call not in note]
    error.__notes__ = [*notes, f"smallest example: {json.dumps(trials.example)}"]


def _standing_in(check: Check, trials: Trials) -> Check:
    @functools.wraps(check)  # hypothesis derives its random numbers from the source
    def stand_in(*arguments: object, **named: object) -> None:
        __tracebackhide__ = True
        trials(*arguments, **named)

    return stand_in


def _is_json(example: Example) -> bool:
    try:
        return bool(json.loads(json.dumps(example)) == example)
    except TypeError:
        return False
