"""Invocation images in containers of a real Docker engine."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import docker
import pytest

from prerequisites import static_busybox
from real_engine import Engine, Recipe
from real_images import read_image
from registry_fixtures.auth import Basic
from registry_fixtures.content import Node
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.images import index, platform_fields
from registry_fixtures.shapes import single
from relocator.driver import MAX_OUTPUT
from relocator.engine import LABEL
from runtime_runs import write_bundle

ORIGINAL = "original.invalid/installer:v1"
USER, SECRET = "user", "hunter2"
RUN = """#!/bin/busybox sh
echo "action $CNAB_ACTION of $CNAB_INSTALLATION_NAME"
echo "port $PORT, key $(/bin/busybox cat /root/key)" >&2
for file in /cnab/bundle.json /cnab/app/relocation-mapping.json; do
  echo "$file $(/bin/busybox sha256sum < $file)"
done
/bin/busybox mkdir -p /cnab/app/outputs
echo -n "$PORT" > /cnab/app/outputs/port
case $CNAB_ACTION in
  com.example.fails) exit 42 ;;
  com.example.talks) exec /bin/busybox yes ;;
  com.example.tells) /bin/busybox yes | /bin/busybox head -c 1000000 ;;
  com.example.leaves)
    /bin/busybox truncate -s 65M /cnab/app/outputs/port ;;
  com.example.waits)
    trap 'echo ended; exit 3' TERM
    echo begun
    while :; do /bin/busybox sleep 1 & wait; done ;;
esac
"""
FIELDS = {
    "definitions": {"port": {"type": "integer", "default": 80}},
    "parameters": {"port": {"definition": "port", "destination": {"env": "PORT"}}},
    "credentials": {"key": {"path": "/root/key", "required": True}},
    "outputs": {"port": {"definition": "port", "path": "/cnab/app/outputs/port"}},
    "actions": {
        f"com.example.{name}": {} for name in ("fails", "talks", "tells", "leaves", "waits")
    },
}


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def installer(engine: Engine) -> Node:
    """An invocation image that tells what it was given, which the engine has no more."""
    # No other run's image has this name, or these layers.
    run = RUN + f"# {secrets.token_hex(8)}\n"
    with EmbeddedRegistry() as registry:
        name = f"{registry.host}/acme/installer:v1"
        engine.build(name, Recipe(static_busybox(), {"/cnab/app/run": run}, ("/cnab/app/run",)))
        engine.push(name)
        engine.clear()
        return read_image(registry, "acme/installer", "v1")


@pytest.fixture
def registry(installer: Node) -> Iterator[EmbeddedRegistry]:
    """Where the invocation image has been relocated to."""
    with EmbeddedRegistry() as registry:
        registry.push(installer, "team/installer")
        registry.recorder.clear()
        yield registry


class Commands:
    """Runs `relocator` as a user does, with the relocated image and its credential."""

    def __init__(self, folder: Path, host: str, digest: str) -> None:
        image = {"image": ORIGINAL, "contentDigest": digest}
        self.bundle = write_bundle(folder, invocationImages=[image], **FIELDS)
        self.mapping = folder / "mapping.json"
        self.mapping.write_text(json.dumps({ORIGINAL: f"{host}/team/installer:v1"}))
        self.credentials = folder / "credentials.json"
        source = {"name": "key", "source": {"value": SECRET}}
        self.credentials.write_text(json.dumps({"name": "mine", "credentials": [source]}))
        # Of each test's installation there is one container at most.
        self.name = f"i-{secrets.token_hex(8)}"

    def arguments(self, *action: str) -> list[str]:
        options = ["-m", str(self.mapping), "-c", str(self.credentials)]
        return [*action, self.name, str(self.bundle), *options]

    def __call__(self, *action: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "relocator", *self.arguments(*action)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def shown(self) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "relocator", "show", self.name, "--json"],
            capture_output=True,
            check=True,
        )
        details: dict[str, Any] = json.loads(done.stdout)
        return details

    def containers(self) -> list[object]:
        with closing(docker.from_env()) as client:
            mine = {"label": f"{LABEL}={self.name}"}
            found: list[object] = client.containers.list(all=True, filters=mine)
        return found


@pytest.fixture
def commands(tmp_path: Path, registry: EmbeddedRegistry, installer: Node) -> Commands:
    return Commands(tmp_path, registry.host, installer.digest)


def digest_line(path: str, file: Path) -> str:
    return f"{path} {sha256(file.read_bytes()).hexdigest()}  -\n"


@pytest.mark.docker
def test_the_relocated_image_is_run_with_all_that_it_is_to_have(
    commands: Commands, registry: EmbeddedRegistry, installer: Node
) -> None:
    done = commands("install")

    assert (done.status, done.err) == (0, f"port 80, key {SECRET}\n")
    assert done.out == (
        f"action install of {commands.name}\n"
        + digest_line("/cnab/bundle.json", commands.bundle)
        + digest_line("/cnab/app/relocation-mapping.json", commands.mapping)
    )
    # The name is looked up once, by us; the engine is given the digest.
    asked = [each.reference for each in registry.recorder.matching(kind="manifests")]
    assert asked[0] == "v1"
    assert set(asked[1:]) == {installer.digest}
    assert commands.containers() == []


@pytest.mark.docker
def test_what_the_action_leaves_is_kept(commands: Commands) -> None:
    commands("install")

    details = commands.shown()
    assert details["status"] == "succeeded"
    assert Path(details["outputs"]["port"]["path"]).read_bytes() == b"80"


@pytest.mark.docker
def test_the_exit_status_becomes_ours_and_is_recorded(commands: Commands) -> None:
    commands("install")

    done = commands("run", "com.example.fails")

    assert done.status == 42
    assert done.err.endswith("the invocation image's exit status is 42\n")
    assert commands.shown()["message"] == "exit status 42"
    assert commands.containers() == []


@pytest.mark.docker
def test_a_tampered_image_is_neither_pulled_nor_run(
    commands: Commands, registry: EmbeddedRegistry, installer: Node
) -> None:
    tampered = single()
    registry.push(tampered, "team/installer")
    registry.recorder.clear()

    done = commands("install")

    assert (done.status, done.out) == (1, "")
    assert tampered.digest in done.err
    assert installer.digest in done.err
    assert registry.recorder.matching(kind="blobs") == ()


@pytest.mark.docker
def test_an_image_of_several_platforms_is_run(
    tmp_path: Path, engine: Engine, registry: EmbeddedRegistry, installer: Node
) -> None:
    platform = {"platform": platform_fields(f"linux/{engine.architecture}")}
    several = index(Node(installer.content, installer.media_type, descriptor_fields=platform))
    registry.put_manifest("team/installer", "v1", several.content, several.media_type)
    commands = Commands(tmp_path, registry.host, several.digest)

    assert commands("install").status == 0


@pytest.mark.docker
def test_the_engine_is_given_the_user_s_credentials(
    tmp_path: Path, docker_config: Path, installer: Node
) -> None:
    auth = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
    with EmbeddedRegistry(auth=Basic(USER, SECRET)) as locked:
        locked.push(installer, "team/installer")
        commands = Commands(tmp_path, locked.host, installer.digest)
        docker_config.write_text(json.dumps({"auths": {locked.host: {"auth": auth}}}))

        assert commands("install").status == 0


@pytest.mark.docker
def test_an_image_without_a_run_tool_is_a_failure_that_is_recorded(
    tmp_path: Path, engine: Engine, registry: EmbeddedRegistry
) -> None:
    name = f"{registry.host}/team/installer:v1"
    engine.build(name, Recipe(static_busybox(), {}, ("/bin/busybox", "true")))
    engine.push(name)
    commands = Commands(
        tmp_path, registry.host, read_image(registry, "team/installer", "v1").digest
    )

    done = commands("install")

    assert done.status == 1
    assert done.err.startswith("Error: the Docker engine: ")
    assert done.err.count("\n") == 1
    assert commands.shown()["status"] == "failed"
    assert commands.containers() == []


@contextmanager
def running(arguments: list[str], *, until: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a command that is at work, once it has printed a line."""
    with subprocess.Popen(
        [sys.executable, "-m", "relocator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != f"{until}\n":
            assert process.poll() is None
        yield process


@pytest.mark.docker
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_action_leaves_no_container(
    number: signal.Signals, commands: Commands
) -> None:
    commands("install")

    with running(commands.arguments("run", "com.example.waits"), until="begun") as process:
        process.send_signal(number)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert err.endswith("Error: interrupted\n")
    assert commands.containers() == []
    details = commands.shown()
    assert (details["action"], details["status"]) == ("com.example.waits", "failed")


@pytest.mark.docker
def test_a_user_who_interrupts_again_and_again_leaves_no_container(commands: Commands) -> None:
    commands("install")

    with running(commands.arguments("run", "com.example.talks"), until="y") as process:
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        _, err = process.communicate()

    assert process.returncode == 1
    assert err.endswith("Error: interrupted\n")
    assert commands.containers() == []
    assert commands.shown()["status"] == "failed"


@pytest.mark.docker
def test_an_action_goes_on_to_its_end_when_nobody_reads_what_it_says(commands: Commands) -> None:
    commands("install")
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "relocator", *commands.arguments("run", "com.example.tells")],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)

    assert done.returncode == 1
    assert done.stderr.endswith("Error: the output: Broken pipe\n")
    assert commands.shown()["status"] == "succeeded"
    assert commands.containers() == []


@pytest.mark.docker
def test_an_output_that_is_too_large_is_a_failure_that_is_recorded(commands: Commands) -> None:
    commands("install")

    done = commands("run", "com.example.leaves")

    assert done.status == 1
    assert done.err.endswith(
        f"Error: the output /cnab/app/outputs/port is larger than {MAX_OUTPUT} bytes\n"
    )
    assert commands.shown()["status"] == "failed"
    assert commands.containers() == []


@pytest.mark.parametrize("config", ['{"auths": 5}', '{"proxies": 5}'])
def test_a_malformed_configuration_of_docker_is_refused_in_one_sentence(
    config: str, tmp_path: Path, docker_config: Path
) -> None:
    docker_config.write_text(config)
    image = single()
    with EmbeddedRegistry() as registry:
        registry.push(image, "team/installer")
        done = Commands(tmp_path, registry.host, image.digest)("install")

    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("Error: Docker's configuration or DOCKER_HOST is malformed: ")
    assert done.err.count("\n") == 1


def test_without_an_engine_there_is_one_sentence_and_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    image = single()
    with EmbeddedRegistry() as registry:
        registry.push(image, "team/installer")
        done = Commands(tmp_path, registry.host, image.digest)("install")

    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("Error: the Docker engine cannot be reached: ")
    assert done.err.count("\n") == 1
    assert not (state_home / "relocator" / "installations").exists()


def test_an_image_of_another_type_is_none_for_the_engine(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, invocationImages=[{"image": "disk", "imageType": "vhd"}])

    done = subprocess.run(
        [sys.executable, "-m", "relocator", "install", "mine", bundle],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "no invocation image of a type that the driver can run" in done.stderr
