"""What the end of a command means: done, refused, or crashed."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from enum import StrEnum

from relocation_conformance.targets.process import Finished


class Outcome(StrEnum):
    """How a relocation ended."""

    DONE = "done"
    REFUSED = "refused"
    CRASHED = "crashed"


_TRACES = {
    "a Python traceback": r"^Traceback \(most recent call last\):",
    "a Go panic": r"^(?:panic: |fatal error: )[\s\S]*^goroutine \d+ \[",
    "a Rust panic": r"^thread '.*' (?:\(\d+\) )?panicked at ",
    "a Node.js stack trace": r"^    at .+:\d+:\d+\)?$",
    "a Java stack trace": r"^Exception in thread \"|^\tat [\w.$/@]+\([\w.$ ]+(?::\d+)?\)$",
    "a .NET stack trace": r"^Unhandled exception\. ",
    "a Ruby stack trace": r"^\tfrom .+:\d+:in ",
}


def classify(
    finished: Finished,
    refusal_patterns: Sequence[str] = (),
    crash_patterns: Sequence[str] = (),
) -> tuple[Outcome, str]:
    """Return how *finished* ended, and why in a few words.

    Exit status 0 is done. A refusal is exit status 1, or, where there are *refusal_patterns*
    (regular expressions), any status but 0 with one of them found in stderr. Everything else is
    a crash: a time-out, a signal, an interpreter's stack trace or one of *crash_patterns* in
    stderr, another exit status.
    """
    status = finished.status
    if status is None:
        return Outcome.CRASHED, f"still running after {finished.seconds:.0f} s"
    if status < 0:
        return Outcome.CRASHED, f"ended by {_signal_name(-status)}"
    if status == 0:
        return Outcome.DONE, "exit status 0"
    for language, pattern in _TRACES.items():
        if re.search(pattern, finished.stderr, re.MULTILINE):
            return Outcome.CRASHED, f"exit status {status} and {language} on stderr"
    if _matches(crash_patterns, finished.stderr):
        return Outcome.CRASHED, f"exit status {status} and a crash that its profile describes"
    if _is_refusal(status, finished.stderr, refusal_patterns):
        return Outcome.REFUSED, f"exit status {status}"
    unlike = " and no refusal that its profile describes" if refusal_patterns else ""
    return Outcome.CRASHED, f"exit status {status}{unlike}"


def _is_refusal(status: int, stderr: str, patterns: Sequence[str]) -> bool:
    return _matches(patterns, stderr) if patterns else status == 1


def _matches(patterns: Sequence[str], stderr: str) -> bool:
    return any(re.search(pattern, stderr, re.MULTILINE) for pattern in patterns)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
