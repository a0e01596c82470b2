"""Two registries, and the reference relocator between them, run in this process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_runs import Outcome, Relocate, Written
from registry_fixtures.embedded import EmbeddedRegistry
from relocator import cli, retries


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`config.json` of a user who has none yet."""
    folder = tmp_path / "docker"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder / "config.json"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.01, 0.01, 0.01, 0.01))


@pytest.fixture
def source() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
def destination() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
def relocate(
    tmp_path: Path, destination: EmbeddedRegistry, capfd: pytest.CaptureFixture[str]
) -> Relocate:
    def run(bundle: Written | Path, *options: str, prefix: str | None = None) -> Outcome:
        path = bundle if isinstance(bundle, Path) else bundle.write(tmp_path)
        file = tmp_path / "mapping.json"
        arguments: list[Any] = ["relocate", path, "-p", prefix or f"{destination.host}/user"]
        status = cli.run([*map(str, arguments), "-m", str(file), *options])
        out, err = capfd.readouterr()
        return Outcome(status, out, err, file)

    return run
