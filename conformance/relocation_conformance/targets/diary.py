"""What a check's targets did, run by run: kept as it happens, for the evidence."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from registry_fixtures.auth import Auth, Basic, Token
from relocation_conformance.ledger import Said, said_between
from relocation_conformance.redaction import Redaction, of_user
from relocation_conformance.targets.ended import Ended

if TYPE_CHECKING:
    from registry_fixtures.registry import Registry

LONGEST = 16 * 1024 * 1024
"""Bytes of a bundle or a mapping that evidence has a file of."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A bundle's file as a target was given it; `content` is None if there is too much of it."""

    name: str
    size: int
    digest: str
    content: bytes | None

    @classmethod
    def at(cls, path: Path) -> HandedOver | None:
        """Return the file *path*, None if there is none that can be read."""
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
                file.seek(0)
                return cls(path.name, size, digest, file.read() if size <= LONGEST else None)
        except OSError:
            return None


@dataclass(frozen=True, slots=True)
class NotedRun:
    """One run of a target: how it ended, what it was given and what came of it.

    `started` is in seconds since the epoch. `mapping_before` and `mapping_after` are the content
    of the mapping's file, None where there was none. `said` is what was begun to be said over HTTP
    while it went on.
    """

    ended: Ended
    started: float
    prefix: str | None
    bundle: HandedOver | None
    mapping_before: bytes | None
    mapping_after: bytes | None
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A run that goes on; `end` is what puts it into the diary."""

    diary: Diary
    bundle: HandedOver | None
    prefix: str | None
    mapping: Path | None
    mapping_before: bytes | None
    started: float

    def end(self, ended: Ended) -> None:
        """Note the run with how it *ended*, and all that was said since it began."""
        self.diary.runs.append(
            NotedRun(
                ended=ended,
                started=self.started,
                prefix=self.prefix,
                bundle=self.bundle,
                mapping_before=self.mapping_before,
                mapping_after=content(self.mapping),
                said=said_between(self.diary.registries, self.started, time.time()),
            )
        )


@dataclass(slots=True)
class Diary:
    """The runs of a check's targets, in the order in which they ended.

    Who runs a target, a relocator or a runtime, begins a page right before the process starts, and
    ends it with what came of it, at once:

        page = diary.begin(bundle=file, mapping=mapping_file, prefix=prefix, secrets=secrets)
        ...
        page.end(ended)

    A page that is not ended is no run. Who starts a registry, or hands one to a check, has the
    diary `watch` it, and it is watched from then on.
    """

    runs: list[NotedRun] = field(default_factory=list)
    registries: list[Registry] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set, repr=False)

    def watch(self, registry: Registry) -> Registry:
        """Note what runs say to *registry*, which has been started, and return it."""
        if registry not in self.registries:
            self.registries.append(registry)
        return registry

    def begin(
        self,
        *,
        bundle: Path | None = None,
        mapping: Path | None = None,
        prefix: str | None = None,
        secrets: Iterable[str] = (),
    ) -> Page:
        """Begin the page of a run.

        *bundle* and *mapping* are the files that the target is given, or that it is to write;
        there need not be any. *secrets* are passwords and the like, which are never to be shown.
        """
        self.secrets.update(secrets)
        return Page(
            diary=self,
            bundle=HandedOver.at(bundle) if bundle else None,
            prefix=prefix,
            mapping=mapping,
            mapping_before=content(mapping),
            started=time.time(),
        )

    def redaction(self) -> Redaction:
        """Return what takes out the secrets that runs were given, and those of the registries."""
        of_registries = (secret for each in self.registries for secret in _of(each.front.auth))
        return Redaction([*self.secrets, *of_registries])


def _of(auth: Auth) -> tuple[str, ...]:
    if isinstance(auth, Basic):
        return of_user(auth.user, auth.password)
    if isinstance(auth, Token):
        return (*of_user(auth.user, auth.password), *auth.issued, *auth.refresh_tokens)
    return ()


def content(path: Path | None) -> bytes | None:
    """Return what is in the file *path*, None if there is none that can be read."""
    try:
        # A pipe in its place would be waited for.
        return path.read_bytes() if path and path.is_file() else None
    except OSError:
        return None
