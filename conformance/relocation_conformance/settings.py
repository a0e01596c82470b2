"""What the user chose on the command line, as the suite's fixtures read it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from relocation_conformance.targets import Profile


@dataclass(frozen=True, slots=True)
class Settings:
    """The target's profile, seconds that a relocation may take, and the `--registry` option."""

    profile: Profile
    timeout: float
    registry: str


SETTINGS = pytest.StashKey[Settings]()
"""Where `pytest.Config.stash` holds the settings of a run that has a target."""
