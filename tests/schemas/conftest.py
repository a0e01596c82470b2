"""Whole, valid documents for the tests to add one thing to, or take one thing from."""

from typing import Any

import pytest


@pytest.fixture
def bundle() -> dict[str, Any]:
    """The least that is a bundle."""
    return {
        "schemaVersion": "v1",
        "name": "hello",
        "version": "1.0.0",
        "invocationImages": [{"image": "example/installer:1"}],
    }
