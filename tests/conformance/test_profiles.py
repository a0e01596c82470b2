from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from relocation_conformance.requirements import catalogue
from relocation_conformance.targets import Unusable, open_profile
from relocation_conformance.targets.profile import (
    Deviation,
    built_in_profile,
    built_in_profiles,
    read_profile,
)

FULL = """
name = "full"
description = "everything"
homepage = "https://example.com/"
version-command = ["true", "--version"]
refusal-patterns = ["^no"]
crash-patterns = ["^oh"]
timeout = 2.5

[relocate]
command = ["true", "{bundle}", "{prefix}", "{mapping}"]
ca-cert = ["--ca", "{pem}"]
skip-tls-verify = ["--insecure"]

[runtime]
install = ["true", "install", "{name}", "{bundle}"]
run = ["true", "{action}", "{name}"]
set = ["--set", "{parameter}", "{value}"]
external-drivers = false

[environment]
A = "1"

[not-applicable]
NAME = "no names"
MAP-1 = "no mapping"

[[deviation]]
rule = "DIGEST-2"
reason = "rewrites"
link = "https://example.com/1"
"""


@pytest.fixture
def full(tmp_path: Path) -> Path:
    path = tmp_path / "full.toml"
    path.write_text(FULL)
    return path


@pytest.mark.parametrize("name", built_in_profiles())
def test_built_in_profile_is_valid(name: str, tmp_path: Path) -> None:
    assert built_in_profile(name, tmp_path).name == name


@pytest.mark.parametrize("name", built_in_profiles())
def test_built_in_profile_names_rules_of_the_catalogue(name: str, tmp_path: Path) -> None:
    profile = built_in_profile(name, tmp_path)
    families = {rule.family for rule in catalogue().values()}

    assert set(profile.not_applicable) <= catalogue().keys() | families
    assert {deviation.rule for deviation in profile.deviations} <= catalogue().keys()


def test_built_in_profiles_are_these() -> None:
    assert built_in_profiles() == ("reference", "skopeo", "skopeo-default")


def test_profile_is_read_in_full(full: Path) -> None:
    profile = read_profile(full)

    assert profile.homepage == "https://example.com/"
    assert profile.version_command == ("true", "--version")
    assert profile.refusal_patterns == ("^no",)
    assert profile.crash_patterns == ("^oh",)
    assert profile.timeout == 2.5
    assert profile.environment == {"A": "1"}
    assert profile.invocation.command == ("true", "{bundle}", "{prefix}", "{mapping}")
    assert profile.invocation.ca_cert == ("--ca", "{pem}")
    assert profile.invocation.skip_tls_verify == ("--insecure",)
    assert profile.actions.template("install") == ("true", "install", "{name}", "{bundle}")
    assert profile.actions.template("upgrade") == ()
    assert profile.actions.template("com.example.check") == ("true", "{action}", "{name}")
    assert profile.actions.set == ("--set", "{parameter}", "{value}")
    assert not profile.actions.external_drivers
    assert profile.deviations == (Deviation("DIGEST-2", "rewrites", "https://example.com/1"),)


@pytest.mark.parametrize(
    ("rule", "reason"), [("NAME-4", "no names"), ("MAP-1", "no mapping"), ("MAP-2", None)]
)
def test_rules_are_exempt_alone_or_with_their_family(
    full: Path, rule: str, reason: str | None
) -> None:
    assert read_profile(full).exemption(rule) == reason


def test_profile_file_runs_where_it_is(full: Path) -> None:
    assert open_profile(str(full), Path("/")).folder == full.parent


def test_command_runs_where_the_user_is(tmp_path: Path) -> None:
    assert open_profile("true", tmp_path).folder == tmp_path


def test_command_speaks_protocol_version_1(tmp_path: Path) -> None:
    profile = open_profile("env 'a b.py'", tmp_path)

    assert profile.invocation.command[1:] == (
        "a b.py",
        "relocate",
        "{bundle}",
        "--bundle-is-file",
        "--repository-prefix",
        "{prefix}",
        "--relocation-mapping",
        "{mapping}",
    )
    assert profile.invocation.ca_cert == ("--ca-cert-path", "{pem}")
    assert profile.invocation.skip_tls_verify == ("--skip-tls-verify",)


def test_command_speaks_the_protocol_of_runtimes_too(tmp_path: Path) -> None:
    actions = open_profile("env mine.py", tmp_path).actions

    rest = ("{name}", "{bundle}", "--bundle-is-file", "--driver", "{driver}")
    assert actions.template("upgrade")[1:] == ("mine.py", "upgrade", *rest)
    assert actions.template("com.example.check")[1:] == ("mine.py", "run", "{action}", *rest)
    assert actions.mapping == ("--relocation-mapping", "{mapping}")
    assert actions.external_drivers


def test_commands_of_a_runtime_are_found_too(full: Path) -> None:
    actions = open_profile(str(full), Path("/")).actions

    assert Path(actions.install[0]).is_absolute()
    assert actions.upgrade == ()


def test_profile_without_commands_for_a_runtime_has_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^profile skopeo has no \[runtime\] table$"):
        _ = built_in_profile("skopeo", tmp_path).actions


def test_command_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").write_text("#!/bin/sh\n")
    (tmp_path / "mine").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert open_profile("mine", Path("/")).invocation.command[0] == str(tmp_path / "mine")


def test_command_is_found_in_the_interpreters_scripts_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    command = open_profile("reference", tmp_path).invocation.command

    assert command[0] == str(Path(sysconfig.get_path("scripts"), "relocator"))


def test_command_with_a_slash_is_found_from_where_the_user_is(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("#!/bin/sh\n")
    (tmp_path / "mine").chmod(0o755)

    assert open_profile("./mine", tmp_path).invocation.command[0] == str(tmp_path / "mine")


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("nonesuch", "There is no command nonesuch on PATH. Nor is it a built-in profile: "),
        ("nonesuch --now", "There is no command nonesuch on PATH."),
        ("./nonesuch", "There is no command ./nonesuch at "),
        ("'", "The command ' cannot be split into words: No closing quotation."),
        (" ", "The target's name is empty."),
        ("none.toml", "There is no profile file "),
        ("folder.toml", "cannot be read: Is a directory."),
        ("latin.toml", "is not UTF-8 text."),
        ("broken.toml", "is not valid TOML: "),
        ("empty.toml", "is not valid: the document: "),
        ("command.toml", "There is no command nonesuch on PATH."),
    ],
)
def test_target_that_cannot_be_used_is_told_in_a_sentence(
    named: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    (tmp_path / "broken.toml").write_text("name = ")
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "command.toml").write_text(FULL.replace('["true", "{b', '["nonesuch", "{b'))

    with pytest.raises(Unusable) as told:
        open_profile(named, tmp_path)

    assert sentence in str(told.value)
    assert "\n" not in str(told.value)
