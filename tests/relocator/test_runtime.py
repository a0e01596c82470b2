"""Actions on installations, run by a driver that keeps what it is given."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reference_runs import Relocate
from registry_fixtures.bundles import thick_bundle, thin_bundle
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.shapes import docker_image, multi_arch, single
from relocator.digests import digest_of
from relocator.installations import State
from runtime_runs import Done, Perform, write_bundle

RECORDER = ("--driver", "recorder")
ORIGINAL = "original.invalid/installer:v1"
PORT = {
    "definitions": {"port": {"type": "integer", "default": 80}},
    "parameters": {"port": {"definition": "port", "destination": {"env": "PORT"}}},
}
ACTIONS = {
    "actions": {
        "status": {"description": "Tell."},
        "migrate": {"modifies": True},
        "help": {"stateless": True},
    }
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with a parameter and actions of its own."""
    return write_bundle(tmp_path, **PORT, **ACTIONS)


@pytest.fixture
def installed(perform: Perform, bundle: Path) -> Done:
    """What it took to install the bundle as `mine`."""
    done = perform("install", "mine", bundle, *RECORDER)
    assert done.status == 0, done.err
    return done


def listed(perform: Perform) -> dict[str, dict[str, Any]]:
    done = perform("list", "--json")
    assert (done.status, done.err) == (0, "")
    return {each["name"]: each for each in json.loads(done.out)}


def shown(perform: Perform) -> dict[str, Any]:
    done = perform("show", "mine", "--json")
    assert (done.status, done.err) == (0, "")
    details: dict[str, Any] = json.loads(done.out)
    return details


def with_digest(reference: str, digest: str) -> dict[str, object]:
    return {"invocationImages": [{"image": reference, "contentDigest": digest}]}


def write_mapping(folder: Path, mapping: object) -> Path:
    path = folder / "mapping.json"
    path.write_text(json.dumps(mapping))
    return path


def test_install_runs_the_invocation_image_with_what_cnab_asks_for(installed: Done) -> None:
    operation = installed.ran

    assert operation["image"] == {"image": ORIGINAL}
    assert operation["action"] == "install"
    assert operation["environment"]["CNAB_ACTION"] == "install"
    assert operation["environment"]["CNAB_INSTALLATION_NAME"] == "mine"
    assert operation["environment"]["PORT"] == "80"


def test_the_bundle_is_handed_on_byte_for_byte(installed: Done, bundle: Path) -> None:
    assert installed.ran["files"]["/cnab/bundle.json"] == bundle.read_text()


def test_output_streams_through(installed: Done) -> None:
    assert installed.out == "the output of install\n"
    assert installed.err.endswith("the errors of install\n")


def test_an_external_driver_has_the_variables_and_their_names(
    installed: Done, tmp_path: Path
) -> None:
    environment = dict(
        line.partition("=")[::2] for line in (tmp_path / "environment").read_text().splitlines()
    )

    assert installed.ran["environment"].items() <= environment.items()
    assert set(environment["CNAB_VARS"].split(",")) == {
        *installed.ran["environment"],
        "CNAB_OUTPUT_DIR",
    }


def test_with_a_mapping_the_relocated_image_is_run(
    perform: Perform,
    relocate: Relocate,
    source: EmbeddedRegistry,
    destination: EmbeddedRegistry,
    tmp_path: Path,
) -> None:
    image = source.push(multi_arch())
    written = thin_bundle(image)
    relocated = relocate(written)
    source.recorder.clear()

    done = perform("install", "mine", written.write(tmp_path), "-m", relocated.file, *RECORDER)

    assert done.ran["image"]["image"] == relocated.mapping[image.reference]
    assert done.ran["files"]["/cnab/app/relocation-mapping.json"] == relocated.file.read_text()
    assert source.recorder.exchanges == ()
    assert destination.recorder.matching(method="GET", kind="manifests") != ()


@pytest.mark.parametrize("name", ["bundle.tgz", "bundle"])
def test_a_thick_bundle_is_installed_and_uninstalled_whatever_its_name(
    name: str, perform: Perform, relocate: Relocate, tmp_path: Path
) -> None:
    written = thick_bundle("ubuntu")
    relocated = relocate(written)
    path = written.write(tmp_path).rename(tmp_path / name)
    options = ["-m", relocated.file, *RECORDER]

    for action in ("install", "upgrade", "uninstall"):
        done = perform(action, "mine", path, "-f", *options)
        assert done.ran["image"]["image"] == relocated.mapping["ubuntu"]
    assert listed(perform) == {}


def test_without_a_mapping_there_is_none(installed: Done) -> None:
    assert "/cnab/app/relocation-mapping.json" not in installed.ran["files"]


def test_an_image_that_has_another_digest_is_refused(
    perform: Perform, destination: EmbeddedRegistry, tmp_path: Path
) -> None:
    tampered = destination.push(docker_image(), "installer")
    digest = single().digest
    bundle = write_bundle(tmp_path, **with_digest(ORIGINAL, digest))
    mapping = write_mapping(tmp_path, {ORIGINAL: tampered.reference})

    refused = perform("install", "mine", bundle, "-m", mapping, *RECORDER)

    assert tampered.node.digest in refused.refusal
    assert digest in refused.refusal
    assert listed(perform) == {}


def test_an_image_that_has_the_digest_of_its_reference_is_run(
    perform: Perform, destination: EmbeddedRegistry, tmp_path: Path
) -> None:
    image = destination.push(single(), "installer")
    pinned = f"original.invalid/installer@{image.node.digest}"
    bundle = write_bundle(tmp_path, invocationImages=[{"image": pinned}])
    mapping = write_mapping(tmp_path, {pinned: image.reference})

    done = perform("install", "mine", bundle, "-m", mapping, *RECORDER)

    assert done.ran["image"] == {"image": image.reference, "contentDigest": image.node.digest}


def test_an_original_image_is_checked_too(
    perform: Perform, source: EmbeddedRegistry, tmp_path: Path
) -> None:
    image = source.push(single())
    wrong = write_bundle(tmp_path, **with_digest(image.reference, digest_of(b"another")))
    assert image.node.digest in perform("install", "mine", wrong, *RECORDER).refusal

    right = write_bundle(tmp_path, **with_digest(image.reference, image.node.digest))
    assert perform("install", "mine", right, *RECORDER).ran["image"]["image"] == image.reference


def test_a_digest_that_the_bundle_does_not_state_is_warned_of(installed: Done) -> None:
    assert installed.err.startswith(f"Warning: the bundle states no digest for {ORIGINAL}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not JSON"),
        ("{}", f"lacks {ORIGINAL}"),
        ("[]", "is not a JSON object"),
        (json.dumps({ORIGINAL: 1}), "is not a relocation mapping"),
        (json.dumps({ORIGINAL: None}), "is not a relocation mapping"),
        (json.dumps({"original.invalid/installer": "{host}/a:v1"}), f"lacks {ORIGINAL}"),
        (json.dumps({ORIGINAL: "{host}/a:v1"}), "lacks original.invalid/web:v1"),
        (json.dumps({ORIGINAL: "not a name", "original.invalid/web:v1": "a"}), "not an image name"),
        (f'{{"{ORIGINAL}": "a", "{ORIGINAL}": "b"}}', "stands twice"),
    ],
    ids=["empty", "object", "array", "number", "null", "other", "incomplete", "name", "twice"],
)
def test_a_mapping_that_cannot_be_used_is_refused_before_anything_is_asked(
    content: str,
    reason: str,
    perform: Perform,
    destination: EmbeddedRegistry,
    tmp_path: Path,
) -> None:
    image = destination.push(single(), "a")
    destination.recorder.clear()
    fields = with_digest(ORIGINAL, image.node.digest)
    bundle = write_bundle(tmp_path, **fields, images={"web": {"image": "original.invalid/web:v1"}})
    mapping = tmp_path / "mapping.json"
    mapping.write_text(content.replace("{host}", destination.host))

    refused = perform("install", "mine", bundle, "-m", mapping, *RECORDER)

    assert reason in refused.refusal
    assert destination.recorder.exchanges == ()
    assert listed(perform) == {}


def test_a_missing_mapping_is_refused(perform: Perform, bundle: Path) -> None:
    refused = perform("install", "mine", bundle, "-m", "none.json", *RECORDER)

    assert "none.json cannot be read" in refused.refusal


def test_a_mapping_need_not_have_images_that_nobody_relocates(
    perform: Perform, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path, images={"disk": {"image": "disk.vhd", "imageType": "vhd"}})
    mapping = write_mapping(tmp_path, {ORIGINAL: "relocated.invalid/installer:v1"})

    done = perform("install", "mine", bundle, "-m", mapping, *RECORDER)

    assert done.ran["image"]["image"] == "relocated.invalid/installer:v1"


def test_the_first_image_of_a_type_that_the_driver_handles_is_run(
    perform: Perform, tmp_path: Path
) -> None:
    images = [
        {"image": "disk.vhd", "imageType": "vhd"},
        {"image": "one.invalid/a:v1", "imageType": "docker"},
        {"image": "two.invalid/a:v1"},
    ]
    bundle = write_bundle(tmp_path, invocationImages=images)

    assert perform("install", "mine", bundle, *RECORDER).ran["image"] == images[1]


def test_a_bundle_without_an_image_that_the_driver_handles_is_refused(
    perform: Perform, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path, invocationImages=[{"image": "disk", "imageType": "vhd"}])

    assert "no invocation image" in perform("install", "mine", bundle, *RECORDER).refusal


def test_two_digests_for_one_image_are_refused(perform: Perform, tmp_path: Path) -> None:
    one, other = digest_of(b"one"), digest_of(b"other")
    bundle = write_bundle(tmp_path, **with_digest(f"original.invalid/a@{one}", other))

    assert other in perform("install", "mine", bundle, *RECORDER).refusal


def test_parameters_come_from_file_and_command_line(
    perform: Perform, bundle: Path, tmp_path: Path
) -> None:
    values = tmp_path / "values.json"
    values.write_text('{"port": 1}')
    options = ["-p", values, *RECORDER]

    assert perform("install", "a", bundle, *options).ran["parameters"] == {"port": 1}
    done = perform("install", "b", bundle, *options, "--set", "port=2")
    assert done.ran["parameters"] == {"port": 2}
    values.write_text("3")
    done = perform("install", "c", bundle, "--set-file", f"port={values}", *RECORDER)
    assert done.ran["parameters"] == {"port": 3}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--set", "port=many"], "'many' is not of type 'integer'"),
        (["--set", "other=1"], "no parameter 'other'"),
        (["--set", "port"], "'port' is not NAME=VALUE"),
        (["--set", "port=1", "--set", "port=2"], "'port' is set more than once"),
        (["--set", "port=1", "--set-file", "port=x"], "'port' is set more than once"),
        (["--set-file", "port=none"], "none cannot be read"),
        (["-p", "none.json"], "none.json cannot be read"),
        (["-c", "none.json"], "none.json cannot be read"),
        (["--ca-cert-path", "none.pem"], "none.pem cannot be read"),
        (["--driver", "none"], "there is no driver 'none': cnab-none is not on PATH"),
        (["--driver", "../recorder"], "there is no driver"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_begun_is_refused_and_not_recorded(
    options: list[str], reason: str, perform: Perform, bundle: Path
) -> None:
    refused = perform("install", "mine", bundle, *RECORDER, *options)

    assert reason in refused.refusal
    assert listed(perform) == {}


def test_a_credential_reaches_the_driver_and_no_record(
    perform: Perform, tmp_path: Path, state_home: Path
) -> None:
    bundle = write_bundle(tmp_path, credentials={"key": {"env": "KEY", "required": True}})
    entries = [{"name": "key", "source": {"value": "hunter2"}}]
    file = tmp_path / "set.json"
    file.write_text(json.dumps({"name": "mine", "credentials": entries}))

    assert "the credential key is missing" in perform("install", "mine", bundle, *RECORDER).refusal
    done = perform("install", "mine", bundle, "-c", file, *RECORDER)

    assert done.ran["environment"]["KEY"] == "hunter2"
    assert not any("hunter2" in path.read_text() for path in files(state_home))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_recorded_is_for_its_owner_alone(installed: Done, state_home: Path) -> None:
    assert installed.status == 0
    recorded = files(state_home / "relocator" / "installations")

    assert {path.stat().st_mode & 0o777 for path in recorded} == {0o600}


def test_an_installation_is_listed_with_its_bundle_and_last_action(
    perform: Perform, installed: Done
) -> None:
    found = listed(perform)["mine"]

    assert found["bundle"] == "hello"
    assert found["revision"] == installed.ran["revision"]
    assert (found["action"], found["status"]) == ("install", "succeeded")
    assert "mine  hello" in perform("list").out


def test_nothing_is_listed_where_nothing_is_installed(perform: Perform) -> None:
    done = perform("list")

    assert (done.status, done.out, done.err) == (0, "", "")


def test_an_installation_is_shown_with_its_parameters_and_history(
    perform: Perform, installed: Done
) -> None:
    assert installed.status == 0
    perform("upgrade", "mine", "--set", "port=8080", *RECORDER)

    details = shown(perform)
    assert details["parameters"] == {"port": 8080}
    assert [each["action"] for each in details["actions"]] == ["install", "upgrade"]
    assert "parameter: port = 8080" in perform("show", "mine").out


def test_a_secret_is_not_shown(perform: Perform, tmp_path: Path) -> None:
    definitions = {"word": {"type": "string", "writeOnly": True}}
    parameters = {"word": {"definition": "word", "destination": {"env": "WORD"}}}
    bundle = write_bundle(tmp_path, definitions=definitions, parameters=parameters)
    done = perform("install", "mine", bundle, "--set", "word=hunter2", *RECORDER)
    assert done.ran["environment"]["WORD"] == "hunter2"

    assert "hunter2" not in perform("show", "mine").out
    assert "hunter2" not in perform("show", "mine", "--json").out


def test_an_unknown_installation_is_refused(perform: Perform, bundle: Path) -> None:
    for arguments in (
        ["show", "mine"],
        ["upgrade", "mine", *RECORDER],
        ["upgrade", "mine", bundle, *RECORDER],
        ["uninstall", "mine", bundle, *RECORDER],
        ["run", "status", "mine", bundle, *RECORDER],
    ):
        assert "there is no installation mine" in perform(*arguments).refusal
    assert listed(perform) == {}


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "é", "x" * 201])
def test_a_name_that_no_installation_may_have_is_refused(
    name: str, perform: Perform, bundle: Path
) -> None:
    assert "is not an installation's name" in perform("install", name, bundle, *RECORDER).refusal


def test_install_of_what_is_installed_is_refused(
    perform: Perform, installed: Done, bundle: Path
) -> None:
    refused = perform("install", "mine", bundle, *RECORDER)

    assert "there is an installation mine already" in refused.refusal
    assert shown(perform)["revision"] == installed.ran["revision"]


def test_the_invocation_image_s_exit_status_becomes_ours_and_is_recorded(
    perform: Perform, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUS", "42")

    done = perform("install", "mine", bundle, *RECORDER)

    assert done.status == 42
    assert "Error: install of mine failed: the invocation image's exit status is 42" in done.err
    assert listed(perform)["mine"]["status"] == "failed"
    assert shown(perform)["message"] == "exit status 42"


def test_a_failed_install_may_be_repeated_upgraded_or_uninstalled(
    perform: Perform, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"again": "install", "up": "upgrade", "down": "uninstall"}
    monkeypatch.setenv("STATUS", "1")
    for name in names:
        perform("install", name, bundle, *RECORDER)
    monkeypatch.setenv("STATUS", "0")

    for name, action in names.items():
        assert perform(action, name, bundle, *RECORDER).ran["action"] == action

    assert {name: each["status"] for name, each in listed(perform).items()} == {
        "again": "succeeded",
        "up": "succeeded",
    }


def test_a_failed_upgrade_does_not_make_room_for_an_install(
    perform: Perform, installed: Done, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed.status == 0
    monkeypatch.setenv("STATUS", "1")
    perform("upgrade", "mine", *RECORDER)

    assert "already" in perform("install", "mine", bundle, *RECORDER).refusal


@pytest.mark.parametrize("action", [["upgrade"], ["uninstall"], ["run", "status"]])
def test_without_a_bundle_the_one_that_is_installed_is_used(
    action: list[str], perform: Perform, installed: Done, bundle: Path
) -> None:
    assert installed.status == 0
    document = json.loads(bundle.read_text())
    bundle.unlink()

    operation = perform(*action, "mine", *RECORDER).ran

    assert operation["Bundle"] == document
    assert json.loads(operation["files"]["/cnab/bundle.json"]) == document


def test_an_upgrade_keeps_parameters_and_takes_a_new_bundle(
    perform: Perform, installed: Done, tmp_path: Path
) -> None:
    assert installed.status == 0
    perform("upgrade", "mine", "--set", "port=8080", *RECORDER)
    newer = write_bundle(tmp_path, **PORT, version="0.2.0")

    operation = perform("upgrade", "mine", newer, *RECORDER).ran

    assert operation["parameters"] == {"port": 8080}
    assert operation["environment"]["CNAB_BUNDLE_VERSION"] == "0.2.0"
    assert listed(perform)["mine"]["version"] == "0.2.0"


@pytest.mark.parametrize(
    ("action", "is_new"),
    [
        (["upgrade"], True),
        (["uninstall"], True),
        (["run", "migrate"], True),
        (["run", "status"], False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_change_is_a_new_revision(
    action: list[str], is_new: bool, perform: Perform, installed: Done
) -> None:
    operation = perform(*action, "mine", *RECORDER).ran

    assert operation["environment"]["CNAB_LAST_REVISION"] == installed.ran["revision"]
    assert (operation["revision"] != installed.ran["revision"]) == is_new
    assert operation["environment"]["CNAB_REVISION"] == operation["revision"]


def test_a_value_for_an_action_that_changes_nothing_is_not_kept(
    perform: Perform, installed: Done
) -> None:
    assert installed.status == 0
    perform("run", "status", "mine", "--set", "port=1", *RECORDER)

    assert perform("upgrade", "mine", *RECORDER).ran["parameters"] == {"port": 80}


def test_what_is_uninstalled_is_shown_but_not_listed_and_may_be_installed_anew(
    perform: Perform, installed: Done, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed.status == 0
    perform("upgrade", "mine", "--set", "port=8080", *RECORDER)
    assert perform("uninstall", "mine", *RECORDER).ran["action"] == "uninstall"

    assert listed(perform) == {}
    assert shown(perform)["action"] == "uninstall"
    assert "there is no installation" in perform("uninstall", "mine", *RECORDER).refusal

    monkeypatch.setenv("STATUS", "1")
    perform("install", "mine", bundle, *RECORDER)
    monkeypatch.setenv("STATUS", "0")
    assert perform("install", "mine", bundle, *RECORDER).ran["parameters"] == {"port": 80}
    assert list(listed(perform)) == ["mine"]


def test_a_failed_uninstall_leaves_the_installation(
    perform: Perform, installed: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed.status == 0
    monkeypatch.setenv("STATUS", "1")
    perform("uninstall", "mine", *RECORDER)

    assert listed(perform)["mine"]["status"] == "failed"


def test_an_action_that_the_bundle_does_not_declare_is_refused(
    perform: Perform, installed: Done
) -> None:
    assert installed.status == 0

    assert "no action 'other'" in perform("run", "other", "mine", *RECORDER).refusal
    assert "command of its own" in perform("run", "install", "mine", *RECORDER).refusal
    assert len(shown(perform)["actions"]) == 1


def test_a_bundle_that_declares_cnab_s_own_actions_is_refused(
    perform: Perform, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path, actions={"upgrade": {}})

    assert "which CNAB forbids" in perform("install", "mine", bundle, *RECORDER).refusal


def test_a_stateless_action_needs_no_installation_and_leaves_none(
    perform: Perform, bundle: Path
) -> None:
    operation = perform("run", "help", "mine", bundle, *RECORDER).ran

    assert operation["action"] == "help"
    assert listed(perform) == {}


def test_debug_prints_the_operation_and_runs_and_records_nothing(
    perform: Perform, bundle: Path, source: EmbeddedRegistry, tmp_path: Path
) -> None:
    image = source.push(single())
    source.recorder.clear()
    bundle = write_bundle(tmp_path, **with_digest(image.reference, image.node.digest))

    done = perform("install", "mine", bundle, "--driver", "debug")

    assert (done.status, done.err, done.operation) == (0, "", None)
    assert json.loads(done.out)["image"]["image"] == image.reference
    assert source.recorder.exchanges == ()
    assert listed(perform) == {}


def test_outputs_are_kept_and_those_that_are_missing_told(
    perform: Perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = {
        name: {"definition": "any", "path": f"/cnab/app/outputs/{name}"}
        for name in ("port", "other")
    }
    bundle = write_bundle(tmp_path, definitions={"any": {}}, outputs=outputs)
    monkeypatch.setenv("LEAVES", "8080")

    done = perform("install", "mine", bundle, *RECORDER)

    assert done.err.endswith("Warning: install left no output other\n")
    output = shown(perform)["outputs"]["port"]
    assert Path(output["path"]).read_bytes() == b"8080"
    assert output["contentDigest"] == digest_of(b"8080")


def test_required_extensions_are_told_of(perform: Perform, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, requiredExtensions=["com.example.backup"])

    done = perform("install", "mine", bundle, *RECORDER)

    assert "Warning: the bundle requires extensions not known here: com.example.backup" in done.err
    assert done.ran["action"] == "install"


def test_an_installation_that_another_command_works_on_is_refused(
    perform: Perform, installed: Done, state_home: Path
) -> None:
    assert installed.status == 0
    with State(state_home / "relocator").locked("mine"):
        refused = perform("upgrade", "mine", *RECORDER)

    assert "another command is at work on the installation mine" in refused.refusal
    assert perform("upgrade", "mine", *RECORDER).ran["action"] == "upgrade"


def test_an_action_that_nobody_saw_the_end_of_is_unknown(
    perform: Perform, installed: Done, state_home: Path
) -> None:
    assert installed.status == 0
    results = sorted((state_home / "relocator/installations/mine/results").iterdir())
    results[-1].unlink()

    assert listed(perform)["mine"]["status"] == "unknown"
    with State(state_home / "relocator").locked("mine"):
        assert listed(perform)["mine"]["status"] == "running"


def test_a_record_that_cannot_be_read_is_named(
    perform: Perform, installed: Done, state_home: Path
) -> None:
    assert installed.status == 0
    (claim,) = (state_home / "relocator/installations/mine/claims").iterdir()
    claim.write_text("{}")

    assert f"{claim} is not a claim" in perform("list").refusal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_action_is_ended_and_recorded_as_failed(
    number: signal.Signals, perform: Perform, bundle: Path, tmp_path: Path
) -> None:
    driver = tmp_path / "bin" / "cnab-slow"
    driver.write_text(
        '#!/bin/sh\n[ "$1" = --handles ] && echo oci && exit\n'
        "trap 'echo ended; exit 3' TERM INT\necho begun\nwhile :; do sleep 0.1; done\n"
    )
    driver.chmod(0o755)
    arguments = ["install", "mine", str(bundle), "--driver", "slow"]

    with subprocess.Popen(
        [sys.executable, "-m", "relocator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (1, "ended\n")
    assert err.endswith("Error: interrupted\n")
    found = shown(perform)
    assert (found["status"], found["message"]) == ("failed", "interrupted")


def test_the_user_s_state_is_in_the_home_folder_without_the_variable(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path))
        for environ in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
            assert State.of(environ)._root == tmp_path / ".local/state/relocator"
