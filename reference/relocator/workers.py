"""Threads that work through a list, and stop taking from it at the first failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """A bounded pool of threads."""

    def __init__(self, count: int) -> None:
        """At most *count* items are under way at a time."""
        self._pool = ThreadPoolExecutor(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What is under way is not waited for: after a failure its result is of no use.
        self._pool.shutdown(wait=False, cancel_futures=True)

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return the results of *work* in the order of *items*; raise its first failure at once."""
        futures = [self._pool.submit(work, item) for item in items]
        for future in as_completed(futures):
            future.result()
        return [future.result() for future in futures]
