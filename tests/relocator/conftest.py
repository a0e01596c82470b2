"""Two registries, and the reference relocator between them, run in this process."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_runs import Outcome, Relocate, Written, repository_of
from registry_fixtures.bundles import thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.shapes import multi_arch
from relocation_schemas import validate
from relocator import cli, retries
from runtime_runs import Done, Perform, operation_of, write_recorder
from verify_runs import Verified, Verify


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`config.json` of a user who has none yet."""
    folder = tmp_path / "docker"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder / "config.json"


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a user's state is who has none yet."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


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


@pytest.fixture
def verify(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Verify:
    def run(bundle: Written, mapping: dict[str, str] | None = None, *options: str) -> Verified:
        file = tmp_path / "mapping.json"
        if mapping is not None:
            file.write_text(json.dumps(mapping))
        path = bundle.write(tmp_path)
        status = cli.run(["verify", str(path), "-m", str(file), "--json", *options])
        out, err = capfd.readouterr()
        assert err == ""
        document = json.loads(out)
        validate(document, "verification")
        assert document["exit_status"] == status
        return Verified(status, document)

    return run


@pytest.fixture
def image(source: EmbeddedRegistry) -> PlacedImage:
    """An image of several platforms, in the source."""
    return source.push(multi_arch())


@pytest.fixture
def moved(image: PlacedImage, relocate: Relocate) -> str:
    """The repository at the destination that `image` was relocated to."""
    return repository_of(relocate(thin_bundle(image)).mapping[image.reference])


@pytest.fixture
def perform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Perform:
    """Run the command line with a driver `recorder` on PATH, whose operations are kept."""
    write_recorder(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("RECORDER", str(tmp_path))

    def run(*arguments: object) -> Done:
        (tmp_path / "operation.json").unlink(missing_ok=True)
        capfd.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Done(status, out, err, operation_of(tmp_path))

    return run
