"""Waiting for what another process is about to do."""

import time
from collections.abc import Callable
from pathlib import Path

_SECONDS = 30.0


def wait_until(holds: Callable[[], bool], otherwise: str, log: Path) -> None:
    """Wait for what has to be so soon; if it never is, fail with the end of that process's log."""
    deadline = time.monotonic() + _SECONDS
    while not holds():
        last_words = log.read_text(errors="replace")[-2000:]
        assert time.monotonic() < deadline, f"{otherwise}: {last_words}"
        time.sleep(0.02)
