"""What the user chose on the command line, as the suite's fixtures read it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from relocation_conformance.targets import TIMEOUT, Profile
from relocation_conformance.under_test import UnderTest


@dataclass(frozen=True, slots=True)
class Settings:
    """Who is judged, `--target-timeout` in seconds if it was given, and `--registry`."""

    under_test: UnderTest
    registry: str
    longest: float | None = None

    def timeout_of(self, profile: Profile) -> float:
        """Return the seconds that one call of the target with *profile* may take."""
        return self.longest or profile.timeout or TIMEOUT


SETTINGS = pytest.StashKey[Settings]()
"""Where `pytest.Config.stash` holds the settings of a run that has a target."""
