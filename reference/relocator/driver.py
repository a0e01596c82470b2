"""What a driver is: that which runs an invocation image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from relocator.operation import Operation

GRACE_SECONDS = 10
"""How long an interrupted action may take to end by itself."""

SIGNAL_STATUS = 128
"""What shells add to the number of the signal that ended a process, to have an exit status."""


MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes of one output; an action that leaves more has failed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended.

    Attributes:
        status: its exit status.
        outputs: the outputs that it left, by name.
        unwritten: why not all that it wrote was passed on, if that is so.
    """

    status: int
    outputs: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    unwritten: OSError | None = None


class Driver(Protocol):
    """Runs invocation images."""

    @property
    def runs(self) -> bool:
        """Whether anything is run at all, and so has to be recorded."""

    @property
    def pins(self) -> bool:
        """Whether it pulls by digest alone, so that one has to be known."""

    def handles(self, image_type: str, /) -> bool:
        """Whether it can run images of that type."""

    def prepare(self, operation: Operation) -> None:
        """Do all that can fail before the action is begun. Raises `Refusal`."""

    def run(self, operation: Operation) -> Outcome:
        """Run the action to its end, output streaming through. Raises `Refusal` if it cannot."""
