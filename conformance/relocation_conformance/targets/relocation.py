"""What a target did with a bundle, and the evidence for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from relocation_conformance.targets.ended import Ended
from relocation_conformance.targets.outcome import Outcome


class RelocationMapping(dict[str, str]):
    """A relocation mapping; a key that it lacks is the target's fault, so an AssertionError."""

    def __missing__(self, key: str) -> NoReturn:
        raise AssertionError(f"the relocation mapping has no entry for {key!r}: {dict(self)}")


@dataclass(frozen=True)
class Relocation(Ended):
    """One relocation.

    `mapping_before` and `mapping_bytes` are the mapping file's content before and after
    the run, None where there was no file.
    """

    bundle: Path
    prefix: str
    mapping_file: Path
    mapping_before: bytes | None
    mapping_bytes: bytes | None

    @cached_property
    def mapping(self) -> RelocationMapping:
        """The mapping of a relocation that was done, original reference to relocated one.

        Raises AssertionError, with the evidence, when the target was not done or has not written
        a JSON object of strings.
        """
        if self.outcome is not Outcome.DONE:
            raise AssertionError(f"the bundle was not relocated\n{self.evidence}")
        if self.mapping_bytes is None:
            raise AssertionError(f"no relocation mapping was written\n{self.evidence}")
        document = _json(self.mapping_bytes)
        if not isinstance(document, dict) or not all(
            isinstance(value, str) for value in document.values()
        ):
            shown = self.mapping_bytes[:500].decode(errors="backslashreplace")
            raise AssertionError(
                f"the relocation mapping is no JSON object of strings: {shown}\n{self.evidence}"
            )
        return RelocationMapping(document)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None
