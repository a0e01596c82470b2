"""What is tried again, how often, and how long is waited in between."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from relocator.errors import Refusal

WAITS = (0.25, 0.5, 1.0, 2.0)
"""Seconds before the second and each later attempt, unless the registry asks for more."""

LONGEST_WAIT = 60.0
"""Seconds; a registry that asks for more is waited for this long, then asked again."""

P = ParamSpec("P")
T = TypeVar("T")


class Transient(Refusal):
    """A failure that may pass: too many requests, a server's error, a connection lost."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        """*retry_after*: seconds that the registry asked to be left alone for."""
        super().__init__(reason)
        self.retry_after = retry_after


def retried(operation: Callable[P, T]) -> Callable[P, T]:
    """Make *operation*, which must be safe to repeat, outlast `Transient` failures."""

    @functools.wraps(operation)
    def persistent(*args: P.args, **kwargs: P.kwargs) -> T:
        for wait in WAITS:
            try:
                return operation(*args, **kwargs)
            except Transient as failure:
                # Spread out: transfers turned away together should not come back together.
                spread = wait * random.uniform(0.5, 1.0)
                time.sleep(min(max(spread, failure.retry_after), LONGEST_WAIT))
        return operation(*args, **kwargs)

    return persistent
