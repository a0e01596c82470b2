"""What the stories need: their software, and a machine on which they can be told."""

from pathlib import Path

import pytest

from prerequisites import isolated_places, static_busybox
from story_bundles import Software, software


@pytest.fixture(scope="session")
def busybox() -> Path:
    return static_busybox()


@pytest.fixture(scope="session")
def forge(busybox: Path) -> Software:
    """The software of the first story, on a machine where places can be kept apart."""
    isolated_places()
    return software(busybox, "The forge is lit.")


@pytest.fixture(scope="session")
def sort(busybox: Path) -> Software:
    """The software of the second story, on a machine where places can be kept apart."""
    isolated_places()
    return software(busybox, "The coins roll.")
