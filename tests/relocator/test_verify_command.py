"""`relocator verify` as a person or a script meets it: its table, its status, its refusals."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from prerequisites import give_up
from reference_runs import Relocate, Written
from registry_fixtures.bundles import bundled, thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, answer, delay, kind, reference
from registry_fixtures.shapes import Shape, docker_manifest_list, multi_arch, single
from registry_fixtures.tls import TLS
from relocator import cli
from verify_runs import Verify

MACHINE = "https://example.com/\x1b[31mmachine.qcow2"


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        assert (self.status, self.out) == (1, "")
        assert self.err.startswith("Error: ")
        assert self.err.count("\n") == 1
        return self.err


class Command:
    """Runs `relocator verify` in this process, on a bundle and the text of a mapping."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capfd = capfd

    def __call__(self, bundle: Written, mapping: str | dict[str, str], *options: str) -> Said:
        file = self._folder / "mapping.json"
        file.write_text(mapping if isinstance(mapping, str) else json.dumps(mapping))
        return self.run(str(bundle.write(self._folder)), "-m", str(file), *options)

    def run(self, *arguments: str) -> Said:
        status = cli.run(["verify", *arguments])
        return Said(status, *self._capfd.readouterr())


@pytest.fixture
def command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capfd)


@pytest.fixture
def placed(destination: EmbeddedRegistry) -> PlacedImage:
    """An image that is where its name says."""
    return destination.push(single())


def started(
    placed: PlacedImage, folder: Path, *, stdout: int = subprocess.PIPE, stderr: int
) -> subprocess.Popen[str]:
    """The command as a process of its own, on a bundle of the image, which maps to itself."""
    mapping = folder / "mapping.json"
    mapping.write_text(json.dumps({placed.reference: placed.reference}))
    words = [str(thin_bundle(placed).write(folder)), "-m", str(mapping)]
    return subprocess.Popen(
        [sys.executable, "-m", "relocator", "verify", *words],
        stdout=stdout,
        stderr=stderr,
        text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    )


def test_the_table_has_a_line_an_image_its_faults_below_and_a_sum(
    placed: PlacedImage, destination: EmbeddedRegistry, command: Command
) -> None:
    lost = placed.node.blobs()[0]
    destination.delete_blob("acme/app", lost.digest)
    bundle = thin_bundle(placed, "example.com/b", bundled("machine", image_type="vm"))
    verified = sum(node.size for node in placed.walk()) - lost.size

    said = command(bundle, {placed.reference: placed.reference, "machine": "machine"})

    heading, missing, fault, unmapped, no_key, other, total = said.out.splitlines()
    name = placed.reference
    assert (said.status, said.err) == (1, "")
    assert heading.split() == ["VERDICT", "BYTES", "IMAGE", "RELOCATED", "NAME"]
    assert missing.split() == ["missing", f"{verified:,}", name, name]
    assert fault.startswith(f"    missing: blob {lost.digest} (")
    assert unmapped.split() == ["unmapped", "0", "example.com/b", "-"]
    assert no_key.startswith("    unmapped: key of the mapping: ")
    assert other.split() == ["not", "relocated", "0", "machine", "machine"]
    assert total == (
        f"3 images: 1 unmapped, 1 missing, 1 not relocated; {verified:,} bytes verified"
    )


def test_columns_of_the_table_stand_below_each_other(placed: PlacedImage, command: Command) -> None:
    bundle = thin_bundle(placed, bundled("machine", image_type="vm"))

    said = command(bundle, {placed.reference: placed.reference, "machine": "machine"})

    heading, *rows, _ = said.out.splitlines()
    assert {row.index(row.split()[-1], 30) for row in rows} == {heading.index("RELOCATED")}
    assert [row.index(name) for row, name in zip(rows, (placed.reference, "machine"), strict=True)]


def test_what_a_terminal_would_obey_is_escaped(placed: PlacedImage, command: Command) -> None:
    bundle = thin_bundle(placed, bundled(MACHINE, image_type="vm"), "example.com/b")
    mapping = {placed.reference: placed.reference, MACHINE: MACHINE, "example.com/b": "\x1b[2J\n"}

    said = command(bundle, mapping)

    assert "machine.qcow2" in said.out
    assert all(line.isprintable() for line in said.out.splitlines())
    assert len(said.out.splitlines()) == 7


def test_json_holds_what_the_table_cannot_show(placed: PlacedImage, verify: Verify) -> None:
    bundle = thin_bundle(placed, bundled(MACHINE, image_type="vm"))

    done = verify(bundle, {placed.reference: placed.reference, MACHINE: "\ud800"})

    assert done.images[MACHINE]["relocated"] == "\ud800"


def test_all_there_is_exit_0(placed: PlacedImage, command: Command) -> None:
    said = command(thin_bundle(placed), {placed.reference: placed.reference})

    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith("1 image: 1 proven; ")


def test_what_nothing_proves_is_exit_2_and_says_why(placed: PlacedImage, command: Command) -> None:
    bundle = thin_bundle(placed, content_digests=False)

    said = command(bundle, {placed.reference: placed.reference})

    assert said.status == 2
    assert "    note: digest not given by the bundle\n" in said.out


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ("", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"a": null}', "a: must be a string"),
        ('{"a": {"b": "c"}}', "a: must be a string"),
        ('{"a": "b", "a": "c"}', "stands twice"),
    ],
)
def test_what_is_no_mapping_is_refused_in_one_line(
    mapping: str, reason: str, placed: PlacedImage, command: Command
) -> None:
    assert reason in command(thin_bundle(placed), mapping).refusal


def test_a_missing_mapping_is_refused(
    placed: PlacedImage, tmp_path: Path, command: Command
) -> None:
    bundle = thin_bundle(placed).write(tmp_path)

    assert "No such file" in command.run(str(bundle), "-m", str(tmp_path / "none")).refusal


def test_a_missing_bundle_is_refused(tmp_path: Path, command: Command) -> None:
    assert "No such file" in command.run(str(tmp_path / "none"), "-m", "mapping.json").refusal


@pytest.mark.parametrize("arguments", [[], ["bundle.json"], ["-m", "mapping.json"]], ids=str)
def test_wrong_arguments_are_refused_in_one_line(arguments: list[str], command: Command) -> None:
    assert "required" in command.run(*arguments).refusal


def test_a_certificate_is_trusted_as_relocate_trusts_it(tmp_path: Path, command: Command) -> None:
    tls = TLS()
    authority = tmp_path / "ca.pem"
    authority.write_bytes(tls.ca_pem)
    with EmbeddedRegistry(tls=tls) as registry:
        placed = registry.push(single())
        bundle, mapping = thin_bundle(placed), {placed.reference: placed.reference}

        statuses = [
            command(bundle, mapping, *options).status
            for options in (["--ca-cert-path", str(authority)], ["--skip-tls-verify"], [])
        ]

    assert statuses == [0, 0, 1]


def test_on_a_terminal_progress_is_shown_beside_the_table(
    placed: PlacedImage, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    shown = b""

    with started(placed, tmp_path, stderr=theirs) as process:
        os.close(theirs)
        with suppress(OSError):  # how Linux says that nobody writes to the terminal any more
            while piece := os.read(ours, 65536):
                shown += piece
        out = process.communicate()[0]

    assert process.returncode == 0
    assert "1/1 images" in shown.decode()
    assert " -> " not in shown.decode()
    assert out.splitlines()[-1].startswith("1 image: 1 proven")


def test_an_interrupted_verification_ends_at_once(
    placed: PlacedImage, destination: EmbeddedRegistry, tmp_path: Path
) -> None:
    destination.faults.add(Fault(delay(30), kind("blobs")))

    with started(placed, tmp_path, stderr=subprocess.PIPE) as process:
        while not destination.recorder.matching(kind="manifests"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (1, "", "Error: interrupted\n")


def test_a_table_that_cannot_be_written_is_no_traceback(
    placed: PlacedImage, destination: EmbeddedRegistry, tmp_path: Path
) -> None:
    destination.faults.add(Fault(answer(404), reference("v1")))

    with (
        Path("/dev/full").open("w") as full,
        started(placed, tmp_path, stdout=full.fileno(), stderr=subprocess.PIPE) as process,
    ):
        err = process.communicate()[1]

    assert process.returncode == 1
    assert re.fullmatch("Error: the output: .+\n", err)


@pytest.mark.parametrize("shape", [single, multi_arch, docker_manifest_list])
def test_what_skopeo_copied_is_proven(
    shape: Shape, source: EmbeddedRegistry, destination: EmbeddedRegistry, verify: Verify
) -> None:
    if shutil.which("skopeo") is None:
        give_up("skopeo is not installed (on Debian: skopeo)")
    placed = source.push(shape())
    copy = f"{destination.host}/mirror/app:v1"
    words = ["skopeo", "copy", "--all", "--preserve-digests", "--src-tls-verify=false"]
    places = [f"docker://{placed.reference}", f"docker://{copy}"]
    subprocess.run([*words, "--dest-tls-verify=false", *places], check=True, capture_output=True)

    done = verify(thin_bundle(placed), {placed.reference: copy})

    assert (done.status, done.image["verdict"]) == (0, "proven")


def test_what_the_reference_relocated_is_proven_twice_in_the_same_words(
    image: PlacedImage, relocate: Relocate, command: Command
) -> None:
    bundle = thin_bundle(image)
    mapping = relocate(bundle).mapping

    assert command(bundle, mapping) == command(bundle, mapping)
