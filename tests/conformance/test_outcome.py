from __future__ import annotations

import pytest

from relocation_conformance.targets import Outcome
from relocation_conformance.targets.outcome import classify
from relocation_conformance.targets.process import Finished

PYTHON = "Traceback (most recent call last):\n  File 'x'\nKeyError: 'y'\n"
GO = "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n"
GO_FATAL = "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [select]:\n"
RUST = "thread 'main' panicked at src/main.rs:2:5:\nexplicit panic\n"
RUST_WITH_ID = "\nthread 'main' (4711) panicked at src/main.rs:2:5:\nexplicit panic\n"
NODE = "Error: x\n    at Object.<anonymous> (/tmp/a.js:1:7)\n    at node:internal/main:1:2\n"
JAVA = 'Exception in thread "main" java.lang.IllegalStateException: x\n'
JAVA_LOGGED = "ERROR x\njava.io.IOException: y\n\tat com.example.Main.main(Main.java:5)\n"
DOTNET = "Unhandled exception. System.Exception: x\n"


def ended(status: int | None, stderr: str = "") -> Finished:
    return Finished(("target",), status, "", stderr, 3.2)


@pytest.mark.parametrize(
    ("status", "stderr", "outcome"),
    [
        (0, "", Outcome.DONE),
        (0, "a warning", Outcome.DONE),
        (1, "", Outcome.REFUSED),
        (1, "Error: no such image\n", Outcome.REFUSED),
        (1, "the panic: button is at fault\n", Outcome.REFUSED),
        (1, "panic: is what one should not do\n", Outcome.REFUSED),
        (2, "usage: target", Outcome.CRASHED),
        (126, "", Outcome.CRASHED),
        (139, "", Outcome.CRASHED),
        (-11, "", Outcome.CRASHED),
        (None, "", Outcome.CRASHED),
        (1, PYTHON, Outcome.CRASHED),
        (1, "Error: logged\n" + PYTHON, Outcome.CRASHED),
        (2, GO, Outcome.CRASHED),
        (1, GO, Outcome.CRASHED),
        (1, GO_FATAL, Outcome.CRASHED),
        (1, RUST, Outcome.CRASHED),
        (1, RUST_WITH_ID, Outcome.CRASHED),
        (1, NODE, Outcome.CRASHED),
        (1, JAVA, Outcome.CRASHED),
        (1, JAVA_LOGGED, Outcome.CRASHED),
        (1, DOTNET, Outcome.CRASHED),
    ],
)
def test_end_of_a_command_has_an_outcome(status: int | None, stderr: str, outcome: Outcome) -> None:
    assert classify(ended(status, stderr))[0] is outcome


@pytest.mark.parametrize(
    ("status", "stderr", "outcome"),
    [
        (2, "FATAL: no such image", Outcome.REFUSED),
        (1, "a line\nFATAL: no such image", Outcome.REFUSED),
        (1, "something else", Outcome.CRASHED),
        (2, "FATAL: x\n" + PYTHON, Outcome.CRASHED),
        (0, "FATAL: x", Outcome.DONE),
        (-9, "FATAL: x", Outcome.CRASHED),
        (None, "FATAL: x", Outcome.CRASHED),
    ],
)
def test_refusal_patterns_tell_refusals_apart(
    status: int | None, stderr: str, outcome: Outcome
) -> None:
    assert classify(ended(status, stderr), refusal_patterns=["^FATAL: "])[0] is outcome


def test_crash_patterns_tell_crashes_apart() -> None:
    finished = ended(1, "Error: internal error, please report")

    assert classify(finished, crash_patterns=["internal error"])[0] is Outcome.CRASHED


@pytest.mark.parametrize(
    ("finished", "reason"),
    [
        (ended(None), "still running after 3 s"),
        (ended(-11), "ended by SIGSEGV"),
        (ended(-77), "ended by signal 77"),
        (ended(3), "exit status 3"),
        (ended(1, PYTHON), "exit status 1 and a Python traceback on stderr"),
    ],
)
def test_crash_has_a_reason(finished: Finished, reason: str) -> None:
    assert classify(finished) == (Outcome.CRASHED, reason)
