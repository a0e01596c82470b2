"""The reports of one pytest session, for those who asked for them with `--report`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from relocation_conformance.checks import CheckResult
from relocation_conformance.evidence import records_of
from relocation_conformance.standards import Standards
from relocation_conformance.under_test import NamedTarget
from relocation_conformance.verdicts import ClassVerdict, JudgedRule
from relocation_schemas import Invalid


class Unwritten(Exception):
    """Reports that could not be written; the text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """What there is to report of a session, which began when this was made.

    `folder` is where reports go, None if nobody asked for any.
    """

    folder: Path | None
    target: NamedTarget | None
    runtime_target: NamedTarget | None
    registry: str
    standards: Standards
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    def write(
        self,
        judged: Sequence[JudgedRule],
        verdicts: Iterable[ClassVerdict],
        results: Sequence[CheckResult],
        *,
        failed: bool,
        complete: bool,
    ) -> Path | None:
        """Write report.json, junit.xml and report.html; return the last one.

        Raises Unwritten.
        """
        if self.folder is None:
            return None
        # What renders reports takes long to import, and most runs do without.
        from registry_fixtures.opening import registry_version
        from relocation_conformance.reports import document

        circumstances = document.Circumstances(
            target=self.target,
            runtime_target=self.runtime_target,
            registry={
                "name": self.registry,
                "version": registry_version(self.registry),
            },
            standards=self.standards,
            started=self.started,
            seconds=time.monotonic() - self.clock,
            failed=failed,
            complete=complete,
        )
        report = document.build(circumstances, judged, verdicts, records_of(results))
        try:
            document.write(self.folder, report)
        except OSError as error:
            raise Unwritten(f"--report: {self.folder}: {error.strerror}.") from None
        except Invalid as error:
            raise Unwritten(f"--report: the report does not fit its schema: {error}.") from None
        return self.folder / document.PAGE


def without_credentials(registry: str) -> str:
    """Return the name or URL of a registry without `user:password@`."""
    url = urlsplit(registry)
    return url._replace(netloc=url.netloc.rpartition("@")[2]).geturl() if url.netloc else registry
