"""What is known of installations: claims and results, kept in a folder of the user's own.

`$XDG_STATE_HOME/relocator/installations/NAME` has a folder `claims`, a folder `results`, and one
of `outputs` by claim. Files in them are written once and whole, and never changed.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from relocator.actions import INSTALL, UNINSTALL, modifies
from relocator.claims import (
    RUNNING,
    SUCCEEDED,
    UNKNOWN,
    Claim,
    Result,
    read_claim,
    read_result,
    result_of,
)
from relocator.digests import digest_of
from relocator.errors import Refusal, shown
from relocator.files import home, read_file, replace_file

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_OWNER_ONLY = 0o600  # parameters may be secrets
_LARGEST = 128 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Record:
    """An action that was tried: its claim, and what became of it so far."""

    claim: Claim
    result: Result

    @property
    def modifies(self) -> bool:
        """Whether the action could have changed what is installed."""
        return modifies(self.claim.bundle, self.claim.action)

    @property
    def uninstalled(self) -> bool:
        """Whether it left nothing installed."""
        return self.claim.action == UNINSTALL and self.result.status == SUCCEEDED


@dataclass(frozen=True, slots=True)
class Installation:
    """What was done under an installation's name, at least one action, the oldest first.

    *status* is what became of the last one: unknown if nobody was left to record its end.
    """

    name: str
    records: tuple[Record, ...]
    status: str

    @property
    def last(self) -> Record:
        """The last action."""
        return self.records[-1]

    @property
    def life(self) -> tuple[Record, ...]:
        """What was done since it was uninstalled, all if it never was."""
        ends = [number for number, record in enumerate(self.records, 1) if record.uninstalled]
        return self.records[ends[-1] :] if ends else self.records

    @property
    def is_gone(self) -> bool:
        """Whether it has been uninstalled."""
        return not self.life

    @property
    def present(self) -> Claim:
        """The claim of the last action that could have changed what is installed."""
        changes = (each.claim for each in reversed(self.records) if each.modifies)
        return next(changes, self.last.claim)

    @property
    def never_succeeded(self) -> bool:
        """Whether there were attempts to install it alone, none of which succeeded."""
        return all(
            record.claim.action == INSTALL and record.result.status != SUCCEEDED
            for record in self.life
        )


class State:
    """The folder that remembers."""

    def __init__(self, root: Path) -> None:
        """Nothing is made in *root* before there is something to remember."""
        self._root = root

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> State:
        """Return `$XDG_STATE_HOME/relocator`, or `~/.local/state/relocator` without the variable.

        Source: XDG Base Directory Specification, by which a relative path counts for nothing.
        """
        told = Path(environ.get("XDG_STATE_HOME", ""))
        folder = told if told.is_absolute() else home(environ) / ".local" / "state"
        return cls(folder / "relocator")

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Keep the installation to this process; raise `Refusal` if another one has it."""
        path = self._root / "locks" / check_name(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"another command is at work on the installation {name}") from None
            yield

    def find(self, name: str) -> Installation | None:
        """Return what is known of an installation, be it gone, or `None`.

        Raises `Refusal` for a record that cannot be understood, `OSError` for a folder.
        """
        folder = self._folder(check_name(name))
        claims = [read_claim(*each) for each in _documents(folder / "claims")]
        results = [read_result(*each) for each in _documents(folder / "results")]
        last = {result.claim: result for result in results}
        records = tuple(
            Record(claim, last.get(claim.id) or result_of(claim, claim.id, UNKNOWN))
            for claim in claims
        )
        return Installation(name, records, self._status(name, records[-1])) if records else None

    def names(self) -> list[str]:
        """Return the names of all installations, of those that are gone too."""
        names = (path.name for path in _entries(self._root / "installations"))
        return [name for name in names if _NAME.fullmatch(name)]

    def add_claim(self, claim: Claim) -> None:
        """Remember that an action is about to be tried."""
        self._write(claim.installation, f"claims/{claim.id}.json", claim.document())

    def add_result(self, claim: Claim, result: Result) -> None:
        """Remember what became of an action."""
        self._write(claim.installation, f"results/{result.id}.json", result.document())

    def add_outputs(self, claim: Claim, outputs: Mapping[str, bytes]) -> dict[str, str]:
        """Keep what an action left; return the digest of each output."""
        for name, content in outputs.items():
            self._replace(self.output(claim, name), content)
        return {name: digest_of(content) for name, content in outputs.items()}

    def output(self, claim: Claim, name: str) -> Path:
        """Return the file that keeps an output, if the action left it."""
        # Output names may be longer than those of files, and have slashes.
        file = sha256(name.encode(errors="surrogatepass")).hexdigest()
        return self._folder(claim.installation) / "outputs" / claim.id / file

    def _folder(self, name: str) -> Path:
        return self._root / "installations" / name

    def _status(self, name: str, last: Record) -> str:
        status = last.result.status
        return UNKNOWN if status == RUNNING and not self._is_busy(name) else status

    def _is_busy(self, name: str) -> bool:
        path = self._root / "locks" / name
        if not path.exists():
            return False
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _write(self, installation: str, place: str, document: Mapping[str, Any]) -> None:
        content = json.dumps(document, indent=2) + "\n"
        self._replace(self._folder(installation) / place, content.encode())

    def _replace(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, content, _OWNER_ONLY)


def _documents(folder: Path) -> list[tuple[bytes, str]]:
    """Return content and name of each record in a folder, the oldest first."""
    paths = (path for path in _entries(folder) if path.suffix == ".json")
    return [(read_file(path, _LARGEST), str(path)) for path in paths]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def check_name(name: str) -> str:
    """Return *name* if an installation may have it; raise `Refusal` if not."""
    if not _NAME.fullmatch(name):
        raise Refusal(
            f"{shown(name)} is not an installation's name: it takes up to 200 letters, digits, "
            "dots, underscores and hyphens, with no dot at its start"
        )
    return name
