"""The command line as a person meets it: every wrong input is one sentence and exit 1."""

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from reference_runs import Relocate
from registry_fixtures.archives import Member
from registry_fixtures.bundles import Bundle, thick_bundle, thin_bundle
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, delay, kind
from registry_fixtures.shapes import single
from relocator import cli

COMPLETE = ["relocate", "bundle.json", "-p", "example.com/user", "-m", "mapping.json"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["relocate"],
        COMPLETE[:2],
        COMPLETE[:4],
        [*COMPLETE, "more"],
        [*COMPLETE, "--unknown"],
        [*COMPLETE, "--jobs", "0"],
        [*COMPLETE, "--jobs", "many"],
        [*COMPLETE, "--ca-cert-path"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_are_refused_in_one_line(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    status = cli.run(arguments)

    out, err = capfd.readouterr()
    assert (status, out) == (1, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1


def test_control_characters_of_a_bundle_are_printed_escaped(
    tmp_path: Path, relocate: Relocate
) -> None:
    document = thin_bundle("example.com/app:v1").document
    document["images"] = {"\x1b[31m\n\x9b": {"description": "", "image": "example.com/Wrong:v1"}}
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(document))

    assert r"images.\x1b[31m\n\x9b: " in relocate(bundle).refusal


@pytest.mark.parametrize("arguments", [["--help"], ["relocate", "--help"], ["--version"]])
def test_help_and_version_are_printed(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 0
    assert "relocat" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"\x00\x01", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"{}", "is not a bundle"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"name": "a", "name": "b"}', "stands twice"),
        (b'{"name": NaN}', "is no JSON number"),
        (gzip.compress(b"no tar"), "not a whole gzipped tar"),
        (gzip.compress(b"\0" * 10240), "does not hold bundle.json"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_bundle_is_refused(
    content: bytes, reason: str, tmp_path: Path, relocate: Relocate
) -> None:
    path = tmp_path / "bundle"
    path.write_bytes(content)

    assert reason in relocate(path).refusal


def edited(**fields: object) -> Bundle:
    return thin_bundle("example.com/a:v1").edited(lambda document: document.update(fields))


@pytest.mark.parametrize(
    ("bundle", "place"),
    [
        (edited(invocationImages=[]), "invocationImages"),
        (edited(invocationImages=[{}]), "invocationImages[0]"),
        (edited(images={"web": {"image": 1}}), "images.web.image"),
        (edited(images={"web": {"image": "a", "contentDigest": "x"}}), "images.web.contentDigest"),
        (edited(images={"web": {"image": "UPPER"}}), "images.web"),
        (edited(images={"web": {"image": "a", "contentDigest": "b3:" + "0" * 64}}), "images.web"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_in_a_bundle_is_named_by_its_place(
    bundle: Bundle, place: str, relocate: Relocate
) -> None:
    assert place in relocate(bundle).refusal


def test_a_missing_bundle_is_refused(tmp_path: Path, relocate: Relocate) -> None:
    assert "No such file" in relocate(tmp_path / "none.json").refusal


def test_a_folder_is_no_bundle(tmp_path: Path, relocate: Relocate) -> None:
    assert "Is a directory" in relocate(tmp_path).refusal


@pytest.mark.parametrize("mapping", ["none/mapping.json", ".", "bundle.json", "/dev/null"])
def test_a_mapping_that_could_not_be_written_is_refused_before_anything_is_asked(
    mapping: str,
    tmp_path: Path,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = thin_bundle(source.push(single())).write(tmp_path)
    before = path.read_bytes()

    file = str(tmp_path / mapping)
    status = cli.run(["relocate", str(path), "-p", f"{destination.host}/user", "-m", file])

    assert status == 1
    assert capfd.readouterr().err.count("\n") == 1
    assert (*source.recorder.exchanges, *destination.recorder.exchanges) == ()
    assert path.read_bytes() == before


def test_a_mapping_is_replaced_behind_a_link(
    tmp_path: Path, source: EmbeddedRegistry, relocate: Relocate
) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "mapping.json").symlink_to("real.json")
    image = source.push(single())

    relocate(thin_bundle(image))

    assert (tmp_path / "mapping.json").is_symlink()
    assert image.reference in json.loads((tmp_path / "real.json").read_text())


def test_a_mapping_has_the_permissions_of_any_new_file(
    tmp_path: Path, source: EmbeddedRegistry, relocate: Relocate
) -> None:
    (tmp_path / "other").touch()

    done = relocate(thin_bundle(source.push(single())))

    assert done.file.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_thick_bundle_of_another_layout_version_is_refused(relocate: Relocate) -> None:
    def outdated(members: tuple[Member, ...]) -> list[Member]:
        marker = b'{"imageLayoutVersion": "2.0.0"}'
        markers = [replace(m, content=marker) for m in members if m.name.endswith("oci-layout")]
        return [*markers, *(m for m in members if not m.name.endswith("oci-layout"))]

    bundle = thick_bundle("ubuntu", edit_members=outdated)

    assert 'imageLayoutVersion: must be "1.0.0", not "2.0.0"' in relocate(bundle).refusal


@pytest.mark.parametrize(
    ("redirection", "status"), [(">/dev/full", 1), (">&-", 0)], ids=["full", "closed"]
)
def test_an_output_that_takes_nothing_is_no_traceback(
    redirection: str,
    status: int,
    tmp_path: Path,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
) -> None:
    bundle = thin_bundle(source.push(single())).write(tmp_path)
    mapping = tmp_path / "mapping.json"
    command = f"{sys.executable} -m relocator relocate {bundle} -m {mapping}"

    done = subprocess.run(
        f"{command} -p {destination.host}/user {redirection}",
        shell=True,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode == status
    assert done.stderr.count("\n") == status


def test_on_a_terminal_images_and_bytes_are_shown(
    tmp_path: Path, source: EmbeddedRegistry, destination: EmbeddedRegistry
) -> None:
    image = source.push(single())
    bundle = thin_bundle(image).write(tmp_path)
    options = ["-p", f"{destination.host}/user", "-m", str(tmp_path / "mapping.json")]
    ours, theirs = pty.openpty()
    shown = b""

    with subprocess.Popen(
        [sys.executable, "-m", "relocator", "relocate", str(bundle), *options],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    ) as process:
        os.close(theirs)
        with suppress(OSError):  # how Linux says that nobody writes to the terminal any more
            while piece := os.read(ours, 65536):
                shown += piece
        out = process.communicate()[0]

    assert (process.returncode, out) == (0, b"")
    assert f"{image.reference} -> " in shown.decode()
    assert "1/1 images" in shown.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_relocation_ends_at_once_and_leaves_nothing(
    number: signal.Signals,
    tmp_path: Path,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
) -> None:
    source.faults.add(Fault(delay(30), kind("blobs")))
    bundle = thin_bundle(source.push(single())).write(tmp_path)
    mapping = tmp_path / "mapping.json"
    arguments = ["relocate", bundle, "-p", f"{destination.host}/user", "-m", mapping]
    before = sorted(tmp_path.iterdir())

    with subprocess.Popen(
        [sys.executable, "-m", "relocator", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not destination.recorder.matching(kind="uploads"):
            assert process.poll() is None
        process.send_signal(number)
        err = process.communicate(timeout=10)[1]

    assert (process.returncode, err) == (1, "Error: interrupted\n")
    assert sorted(tmp_path.iterdir()) == before
