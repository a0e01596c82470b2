"""Wall time, CPU time and peak memory of whole processes."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_BATCH = Path(__file__).with_name("batch.py")


class Failed(Exception):
    """A command that was to be measured failed."""


@dataclass(frozen=True)
class Usage:
    """What a batch of commands took.

    Attributes:
        seconds: from the start of the first to the end of the last.
        cpu: user and system seconds of all.
        peak: bytes of resident memory of the largest process.
    """

    seconds: float
    cpu: float
    peak: float


def measured(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], at_a_time: int = 1
) -> Usage:
    """Run commands and return what they took. Raises `Failed` with their last words."""
    batch = {"commands": commands, "at_a_time": at_a_time, "environment": environment}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_BATCH)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        answer, words = process.communicate(json.dumps(batch))
    finally:
        # It ends its own children; after an interruption that is all there is to wait for.
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode:
        raise Failed(f"{commands[0][0]} failed: {words.strip()[-500:]}")
    return Usage(**json.loads(answer))
