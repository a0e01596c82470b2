from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin_runs import Checks


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Write Python source to an executable file, and return its path."""

    def write(source: str) -> str:
        path = tmp_path / f"script-{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!{sys.executable}\n{source}")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture
def checks(pytester: pytest.Pytester) -> Checks:
    return Checks(pytester)
