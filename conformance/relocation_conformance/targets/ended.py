"""A run of a target that is over, as checks and their readers see it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from relocation_conformance.targets.outcome import Outcome

_SHOWN_LINES = {"stderr": 15, "stdout": 5}
_SHOWN_WIDTH = 300
"""Characters of a line that are shown; the record has them all."""


@dataclass(frozen=True)
class Ended:
    """One run of a target.

    `outcome` and `reason` say how it ended; `status` is None after a time-out and negative after
    a signal; `seconds` is wall-clock time.
    """

    command: tuple[str, ...]
    status: int | None
    stdout: str
    stderr: str
    seconds: float
    outcome: Outcome
    reason: str

    @property
    def evidence(self) -> str:
        """The command, how it ended and the last lines that it wrote, for a reader."""
        lines = [f"{self.outcome}: {self.reason}, {self.seconds:.1f} s", shlex.join(self.command)]
        for name, most in _SHOWN_LINES.items():
            lines += [f"{name}: {_cut(line)}" for line in getattr(self, name).splitlines()[-most:]]
        return "\n".join(lines)


def _cut(line: str) -> str:
    return line if len(line) <= _SHOWN_WIDTH else f"{line[:_SHOWN_WIDTH]}..."
