"""What a run of the reference relocator, in this process, is given and leaves behind."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Written(Protocol):
    """A bundle that can be written to a folder."""

    def write(self, folder: Path) -> Path: ...


@dataclass(frozen=True)
class Outcome:
    """What a run of the command line left behind."""

    status: int
    out: str
    err: str
    file: Path

    @property
    def mapping(self) -> dict[str, str]:
        assert self.status == 0, self.err
        mapping: dict[str, str] = json.loads(self.file.read_text())
        return mapping

    @property
    def refusal(self) -> str:
        """The reason, once it is certain that nothing else was said or written."""
        assert self.status == 1
        assert self.err.startswith("Error: ")
        assert self.err.count("\n") == 1, self.err
        assert not self.file.exists()
        return self.err


class Relocate(Protocol):
    """Runs `relocator relocate` on a bundle, by default to the destination registry."""

    def __call__(
        self, bundle: Written | Path, *options: str, prefix: str | None = None
    ) -> Outcome: ...


def repository_of(relocated: str) -> str:
    """The path of the repository in a relocated name."""
    path = relocated.partition("/")[2].partition("@")[0]
    return path.rpartition(":")[0] if ":" in path else path
