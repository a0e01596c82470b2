"""Interrupts: what counts as one, when it has to wait, and one that comes after a time."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heed_signals() -> None:
    """Have SIGTERM and SIGHUP raise `KeyboardInterrupt`, as SIGINT does.

    One that is ignored stays so: `nohup` asks for that.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def held() -> Iterator[None]:
    """Let interrupts wait for the end of the block, then act. For the main thread alone."""
    waiting: list[signal.Signals] = []

    def wait(number: int, _frame: FrameType | None) -> None:
        waiting.append(signal.Signals(number))

    handlers = {number: signal.signal(number, wait) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in waiting:
            signal.raise_signal(number)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in a block that takes longer. For the main thread alone."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    handler = signal.signal(signal.SIGALRM, ring)
    before = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, handler)
