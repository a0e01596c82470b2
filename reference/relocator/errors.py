"""The one way this program says no."""

from __future__ import annotations


class Refusal(Exception):
    """What was asked for is not done; the message is one sentence for the person who asked."""


def shown(text: str) -> str:
    """Quote *text* for a message: what cannot be printed escaped, the middle of a long one cut."""
    return repr(text if len(text) <= 300 else f"{text[:200]}...{text[-80:]}")
