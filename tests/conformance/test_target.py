"""The driver of tools that relocate bundles, against small scripts in the place of such a tool."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relocation_conformance.targets import Outcome, Target, open_profile

PREFIX = "127.0.0.1:5000/t"
TELLS = """
import json, os, sys
arguments = sys.argv[1:]
mapping = arguments[arguments.index("--relocation-mapping") + 1]
told = {"arguments": json.dumps(arguments), "environment": json.dumps(dict(os.environ)),
        "folder": os.getcwd()}
config = os.path.join(os.environ["DOCKER_CONFIG"], "config.json")
if os.path.exists(config):
    told["config"] = open(config).read()
json.dump(told, open(mapping, "w"))
"""


class Text:
    """A bundle of a few bytes."""

    def write(self, folder: Path) -> Path:
        path = folder / "bundle.json"
        path.write_text("{}")
        return path


@pytest.fixture
def target(script: Callable[[str], str], tmp_path: Path) -> Callable[[str], Target]:
    """Make a target of Python source."""

    def make(source: str) -> Target:
        runs = tmp_path / "runs"
        runs.mkdir()
        return Target(open_profile(script(source), tmp_path), runs, timeout=20)

    return make


@pytest.fixture
def telling(target: Callable[[str], Target]) -> Target:
    """A target that writes what it was given into its mapping."""
    return target(TELLS)


def arguments(mapping: dict[str, str]) -> list[str]:
    told: list[str] = json.loads(mapping["arguments"])
    return told


def environment(mapping: dict[str, str]) -> dict[str, str]:
    told: dict[str, str] = json.loads(mapping["environment"])
    return told


def test_command_line_is_protocol_version_1(telling: Target) -> None:
    done = telling.relocate(Text(), to=PREFIX)

    assert arguments(done.mapping) == [
        "relocate",
        str(done.bundle),
        "--bundle-is-file",
        "--repository-prefix",
        PREFIX,
        "--relocation-mapping",
        str(done.mapping_file),
    ]


def test_tls_options_come_last(telling: Target) -> None:
    certificates = [Path("/a.pem"), Path("/b.pem")]

    done = telling.relocate(Text(), to=PREFIX, ca_certs=certificates, skip_tls_verify=True)

    assert arguments(done.mapping)[-5:] == [
        "--ca-cert-path",
        "/a.pem",
        "--ca-cert-path",
        "/b.pem",
        "--skip-tls-verify",
    ]


def test_certificate_may_be_given_as_the_folder_that_it_is_in(telling: Target) -> None:
    invocation = replace(telling.profile.invocation, ca_cert=("--certs", "{folder}"))
    target = replace(telling, profile=replace(telling.profile, relocate=invocation))

    done = target.relocate(Text(), to=PREFIX, ca_certs=[Path("/ours/ca.crt")])

    assert arguments(done.mapping)[-2:] == ["--certs", "/ours"]


def test_placeholders_in_values_are_left_alone(telling: Target) -> None:
    done = telling.relocate(Text(), to="{mapping}")

    assert "{mapping}" in arguments(done.mapping)


def test_place_with_a_prefix_will_do(telling: Target) -> None:
    class Place:
        prefix = "127.0.0.1:5000/place"

    done = telling.relocate(Text(), to=Place())

    assert done.prefix == "127.0.0.1:5000/place"
    assert "127.0.0.1:5000/place" in arguments(done.mapping)


def test_bundle_that_is_a_path_is_handed_over_as_it_is(telling: Target) -> None:
    done = telling.relocate(Path("/none/such.json"), to=PREFIX)

    assert arguments(done.mapping)[1] == "/none/such.json"


@pytest.mark.parametrize(
    ("left_out", "option"), [("prefix", "--repository-prefix"), ("bundle", "bundle.json")]
)
def test_argument_can_be_left_out_with_its_option(
    telling: Target, left_out: Any, option: str
) -> None:
    done = telling.relocate(Text(), to=PREFIX, leave_out=[left_out])

    assert option not in " ".join(arguments(done.mapping))
    assert arguments(done.mapping)[0] == "relocate"


def test_environment_has_no_proxies_and_no_credentials(
    telling: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "NO_PROXY", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("OTHER", "kept")

    given = environment(telling.relocate(Text(), to=PREFIX).mapping)

    assert "theirs" not in given.values()
    assert given["OTHER"] == "kept"
    assert given["LANG"] == "C.UTF-8"


def test_home_is_a_folder_of_the_runs_own(telling: Target) -> None:
    homes = {environment(telling.relocate(Text(), to=PREFIX).mapping)["HOME"] for _ in range(2)}

    assert len(homes) == 2
    assert all(Path(home).is_relative_to(telling.folder) for home in homes)


def test_docker_config_is_an_empty_folder(telling: Target) -> None:
    folder = Path(environment(telling.relocate(Text(), to=PREFIX).mapping)["DOCKER_CONFIG"])

    assert list(folder.iterdir()) == []


def test_docker_config_holds_what_is_given(telling: Target) -> None:
    config = {"auths": {"127.0.0.1:5000": {"auth": "YTpi"}}}

    done = telling.relocate(Text(), to=PREFIX, docker_config=config)

    assert json.loads(done.mapping["config"]) == config


def test_docker_config_may_be_text_that_is_no_json(telling: Target) -> None:
    done = telling.relocate(Text(), to=PREFIX, docker_config="{")

    assert done.mapping["config"] == "{"


def test_environment_of_the_check_is_added(telling: Target) -> None:
    done = telling.relocate(Text(), to=PREFIX, environment={"EXTRA": "1"})

    assert environment(done.mapping)["EXTRA"] == "1"


def test_command_runs_where_the_user_is(telling: Target, tmp_path: Path) -> None:
    assert telling.relocate(Text(), to=PREFIX).mapping["folder"] == str(tmp_path)


def test_mapping_before_and_after_are_kept(telling: Target, tmp_path: Path) -> None:
    place = tmp_path / "old.json"
    place.write_text("old")

    done = telling.relocate(Text(), to=PREFIX, mapping=place)

    assert done.mapping_before == b"old"
    assert done.mapping_bytes == place.read_bytes() != b"old"


def test_mapping_that_was_not_there_was_none(telling: Target) -> None:
    assert telling.relocate(Text(), to=PREFIX).mapping_before is None


def test_refusal_is_told_apart(target: Callable[[str], Target]) -> None:
    refused = target("import sys; sys.exit('no such image')").relocate(Text(), to=PREFIX)

    assert (refused.outcome, refused.status) == (Outcome.REFUSED, 1)
    assert refused.stderr == "no such image\n"
    assert refused.mapping_bytes is None


def test_traceback_is_a_crash(target: Callable[[str], Target]) -> None:
    crashed = target("{}['bundle']").relocate(Text(), to=PREFIX)

    assert (crashed.outcome, crashed.status) == (Outcome.CRASHED, 1)


def test_time_out_is_a_crash(target: Callable[[str], Target]) -> None:
    crashed = target("import time; time.sleep(60)").relocate(Text(), to=PREFIX, timeout=0.5)

    assert (crashed.outcome, crashed.status) == (Outcome.CRASHED, None)


@pytest.mark.parametrize(
    ("asked", "option"),
    [({"ca_certs": [Path("/a")]}, "CA cert"), ({"skip_tls_verify": True}, "not verifying")],
)
def test_check_of_an_option_that_the_target_lacks_is_skipped(
    asked: dict[str, Any], option: str, tmp_path: Path
) -> None:
    (tmp_path / "plain.toml").write_text(
        "name = 'plain'\ndescription = 'no options'\n"
        "[relocate]\ncommand = ['true', '{bundle}', '{prefix}', '{mapping}']\n"
    )
    plain = Target(open_profile("plain.toml", tmp_path), tmp_path)

    with pytest.raises(pytest.skip.Exception, match=option):
        plain.relocate(Text(), to=PREFIX, **asked)


def test_version_is_the_first_line_that_is_printed(tmp_path: Path) -> None:
    (tmp_path / "echo.toml").write_text(
        "name = 'echo'\ndescription = 'x'\nversion-command = ['printf', 'echo 1.2\\nmore']\n"
        "[relocate]\ncommand = ['true', '{bundle}', '{prefix}', '{mapping}']\n"
    )

    assert Target(open_profile("echo.toml", tmp_path), tmp_path).version() == "echo 1.2"


def test_target_without_a_version_command_has_no_version(tmp_path: Path) -> None:
    assert Target(open_profile("true", tmp_path), tmp_path).version() is None
