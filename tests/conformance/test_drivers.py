"""The drivers of the suite's, and what they tell of invocation images."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from registry_fixtures.invocation_images import MARK
from relocation_conformance.targets.drivers import SAYS_ON_STDERR, SAYS_ON_STDOUT, Recording
from relocation_conformance.targets.engine import Engine
from relocation_conformance.targets.given import read_operation
from relocation_conformance.targets.process import Finished

OPERATION: dict[str, Any] = {
    "installation_name": "mine",
    "revision": "1",
    "action": "install",
    "parameters": None,
    "image": {"image": "example.com/installer:v1"},
    "environment": {"A": "b"},
    "files": {"/cnab/bundle.json": "{}", "/given/name": "€"},
    "outputs": None,
}
ENGINE = Engine(b"\x7fELF".ljust(0x12, b"\0") + b"\x3e\x00", {"a": "b"})


def finished(stdout: str = "", stderr: str = "") -> Finished:
    return Finished((), 0, stdout, stderr, 0.1)


def run(folder: Path, *arguments: str, given: str = "") -> tuple[int, str, str]:
    """Run the command of the external driver, and return its exit status and what it said."""
    command = folder / "cnab-recording"
    done = subprocess.run(
        [command, *arguments], input=given, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_command_is_found_where_it_was_installed(tmp_path: Path) -> None:
    assert Recording().install(tmp_path).search_path == (str(tmp_path),)


def test_command_says_which_image_types_it_handles(tmp_path: Path) -> None:
    driver = Recording(exit_status=7)
    driver.install(tmp_path)

    assert run(tmp_path, "--handles") == (0, "docker,oci\n", "")
    assert driver.runs(tmp_path, finished()) == ()


def test_command_says_what_invocation_images_say_and_ends_like_them(tmp_path: Path) -> None:
    driver = Recording().ending_with(7)
    driver.install(tmp_path)

    said = run(tmp_path, given=json.dumps(OPERATION))

    assert said == (7, f"{SAYS_ON_STDOUT}\n", f"{SAYS_ON_STDERR}\n")


def test_operations_are_kept_in_their_order(tmp_path: Path) -> None:
    driver = Recording()
    driver.install(tmp_path)
    actions = [f"com.example.{number}" for number in range(12)]

    for action in actions:
        environment = {"CNAB_ACTION": action}
        run(tmp_path, given=json.dumps({**OPERATION, "environment": environment}))

    kept = driver.runs(tmp_path, finished())
    assert [each.environment["CNAB_ACTION"] for each in kept] == actions


def test_operation_is_read() -> None:
    given = read_operation(json.dumps(OPERATION).encode())

    assert given.image == "example.com/installer:v1"
    assert given.environment == {"A": "b"}
    assert given.files["/given/name"] == "€".encode()
    assert given.bundle == b"{}"
    assert given.mapping is None


def test_operation_may_have_null_for_an_empty_table() -> None:
    given = read_operation(json.dumps({**OPERATION, "files": None, "environment": None}).encode())

    assert (given.files, given.environment) == ({}, {})


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"action": "install"}'])
def test_what_is_no_operation_is_the_runtimes_fault(content: bytes) -> None:
    with pytest.raises(AssertionError, match=r"^the driver got no operation: "):
        read_operation(content)


@pytest.mark.parametrize("things", ["environment", "files"])
def test_what_was_not_given_is_the_runtimes_fault(things: str) -> None:
    given = read_operation(json.dumps(OPERATION).encode())

    with pytest.raises(AssertionError, match=r"^the invocation image was not given /none: "):
        getattr(given, things)["/none"]


def report(environment: bytes, files: dict[str, bytes]) -> str:
    """Return what an invocation image that was given these would write."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    lines = {"environment": environment, "files": buffer.getvalue()}
    return "".join(
        f"{MARK} {what} {base64.b64encode(content).decode()}\n" for what, content in lines.items()
    )


REPORT = report(b"A=b=c\nd\0EMPTY=\0", {"cnab/bundle.json": b"{}\n"})


@pytest.mark.parametrize(
    "output",
    [
        finished(stdout=f"hello\n{REPORT}"),
        finished(stderr=REPORT),
        finished(stdout=REPORT.replace(MARK, f"install | {MARK}")),
    ],
    ids=["stdout", "stderr", "with something before each line"],
)
def test_what_a_container_was_given_is_read_from_the_output(
    tmp_path: Path, output: Finished
) -> None:
    (given,) = ENGINE.runs(tmp_path, output)

    assert given.environment == {"A": "b=c\nd", "EMPTY": ""}
    assert given.files == {"/cnab/bundle.json": b"{}\n"}


def test_output_without_a_report_is_of_no_run(tmp_path: Path) -> None:
    assert ENGINE.runs(tmp_path, finished("hello\n")) == ()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (REPORT.splitlines()[0], "what the invocation image wrote did not come out in full"),
        (f"{MARK} files AA", "a line of the invocation image was cut: "),
    ],
)
def test_half_a_report_is_the_runtimes_fault(tmp_path: Path, output: str, reason: str) -> None:
    with pytest.raises(AssertionError, match=f"^{reason}"):
        ENGINE.runs(tmp_path, finished(output))


def test_report_is_not_for_readers() -> None:
    assert ENGINE.readable(f"hello\n{REPORT}bye") == (
        f"hello\n{MARK} environment ...\n{MARK} files ...\nbye"
    )


def test_images_of_the_engine_carry_its_labels() -> None:
    config = json.loads(ENGINE.image("seed").children[0].content)

    assert config["config"]["Labels"] == {"a": "b"}


def test_images_of_the_engine_end_as_they_are_asked_to() -> None:
    assert ENGINE.ending_with(7).image("seed").digest != ENGINE.image("seed").digest
