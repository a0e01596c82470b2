"""Fixtures and rules for all tests."""

import signal
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

from prerequisites import give_up

# A busy machine is slow, which says nothing of the code; and every run has the same examples.
settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


def pytest_configure() -> None:
    """Let programs be interrupted by tests, also where a shell or nohup has that ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that need a container engine are skipped without one, except in CI: there they fail."""
    if item.get_closest_marker("docker") and (reason := _what_is_missing()):
        give_up(reason)


@cache
def _what_is_missing() -> str | None:
    # Docker's client takes long to load, and most runs do without.
    from registry_fixtures.containers import EngineMissing, available_image
    from registry_fixtures.local_image import ImageMissing

    try:
        available_image("distribution")
    except (EngineMissing, ImageMissing) as missing:
        return str(missing)
    return None
