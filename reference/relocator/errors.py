"""The one way this program says no."""

from __future__ import annotations


class Refusal(Exception):
    """What was asked for is not done; the message is one sentence for the person who asked."""


class ActionFailed(Refusal):
    """The invocation image ran and failed: *status*, which it exited with, becomes ours."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def printable(text: str) -> str:
    """Return *text* with what a terminal would obey, line ends too, escaped (SAFE-11, SAFE-12)."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def shown(text: str) -> str:
    """Quote *text* for a message: what cannot be printed escaped, the middle of a long one cut."""
    return repr(text if len(text) <= 300 else f"{text[:200]}...{text[-80:]}")
