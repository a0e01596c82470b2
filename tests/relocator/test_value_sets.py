"""Credential sets and parameter sets: where values come from, and what is refused."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from relocator.errors import Refusal
from relocator.parameters import Content, Text
from relocator.value_sets import read_credentials, read_parameters

BUNDLE = {"credentials": {"token": {"env": "TOKEN"}, "key": {"path": "/key", "required": True}}}


def write_set(folder: Path, kind: str = "credential", **sources: object) -> Path:
    entries = [{"name": name, "source": source} for name, source in sources.items()]
    path = folder / "set.json"
    path.write_text(json.dumps({"name": "mine", f"{kind}s": entries}))
    return path


def credentials(*paths: Path, **bundle: Any) -> dict[str, bytes]:
    return read_credentials(paths, {**BUNDLE, **bundle}, "install")


def test_a_credential_comes_from_where_its_source_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"\xff")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    monkeypatch.setenv("SECRET", "of the environment")
    monkeypatch.setenv("BYTES", os.fsdecode(b"\xff"))
    sources = [
        ({"value": "a value"}, b"a value"),
        ({"value": 1234}, b"1234"),
        ({"value": True}, b"true"),
        ({"env": "SECRET"}, b"of the environment"),
        ({"env": "BYTES"}, b"\xff"),
        ({"path": "$FOLDER/file"}, b"\xff"),
        ({"command": "printf %s 'of a command'"}, b"of a command"),
    ]

    found = [credentials(write_set(tmp_path, key=source))["key"] for source, _ in sources]

    assert found == [content for _, content in sources]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"env": "NOT_THERE"}, "the environment has no 'NOT_THERE'"),
        ({"path": "/none/at/all"}, "No such file"),
        ({"env": "\ud800"}, "the environment has no"),
        ({"path": "a\0b"}, "is no file's name"),
        ({"path": "\ud800"}, "is no file's name"),
        ({"path": "~nobody-has-this-name/key"}, "the home folder in"),
        ({"value": "\ud800"}, "is not Unicode text"),
        ({"command": "false"}, "failed with exit status 1"),
        ({"command": "/none/at/all"}, "No such file"),
        ({"command": "'"}, "No closing quotation"),
        ({"command": ""}, "cannot be run"),
        ({"secret": "mine"}, "a kind not known here: secret"),
        ({}, "is not a credential set"),
        ({"value": None}, "is not a credential set"),
    ],
    ids=str,
)
def test_a_source_without_a_value_is_refused(source: object, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        credentials(write_set(tmp_path, key=source))

    assert reason in str(refused.value)


def test_a_required_credential_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="the credential key is missing, and install requires it"):
        credentials(write_set(tmp_path, token={"value": "x"}))


def test_a_credential_is_required_only_where_it_applies(tmp_path: Path) -> None:
    entry = {"path": "/key", "required": True, "applyTo": ["upgrade"]}

    found = credentials(write_set(tmp_path, key={"value": "x"}), credentials={"key": entry})

    assert found == {}


def test_a_stateless_action_needs_no_credentials() -> None:
    document = {**BUNDLE, "actions": {"help": {"stateless": True}}}

    assert read_credentials([], document, "help") == {}


def test_a_source_that_the_bundle_does_not_ask_for_is_not_looked_at(tmp_path: Path) -> None:
    path = write_set(tmp_path, key={"value": "x"}, other={"command": f"touch {tmp_path}/touched"})

    assert credentials(path) == {"key": b"x"}
    assert not (tmp_path / "touched").exists()


def test_two_sets_are_used_together_but_not_for_one_credential(tmp_path: Path) -> None:
    one = write_set(tmp_path, key={"value": "k"}).rename(tmp_path / "one.json")
    two = write_set(tmp_path, token={"value": "t"})

    assert credentials(one, two) == {"key": b"k", "token": b"t"}
    with pytest.raises(Refusal, match="'key' once more"):
        credentials(one, one)


def test_a_parameter_stands_once_in_a_set(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    entry = {"name": "port", "source": {"value": "8080"}}
    path.write_text(json.dumps({"name": "mine", "parameters": [entry, entry]}))

    with pytest.raises(Refusal, match="'port' once more"):
        read_parameters(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "set.json",
            '{"name": "mine", "credentials": [{"name": "key", "source": {"value": "k"}}]}',
        ),
        ("set.yaml", "name: mine\ncredentials:\n- name: key\n  source:\n    value: k\n"),
        ("set.toml", 'name = "mine"\n[[credentials]]\nname = "key"\nsource = {value = "k"}\n'),
    ],
)
def test_a_set_is_read_by_its_suffix(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)

    assert credentials(tmp_path / name) == {"key": b"k"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("none.json", None, "No such file"),
        ("set.json", "", "is not JSON"),
        ("set.json", "[]", "is not a JSON object"),
        ("set.json", "{}", "is not a credential set"),
        ("set.yaml", "{", "is not YAML"),
        ("set.yaml", "- a", "is not a YAML mapping"),
        ("set.yml", "created: 2026-11-24", "a value that JSON does not know"),
        ("set.toml", "=", "is not TOML"),
        ("set.toml", "created = 2026-11-24", "a value that JSON does not know"),
    ],
)
def test_a_file_that_is_no_set_is_refused(
    name: str, text: str | None, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)

    with pytest.raises(Refusal) as refused:
        credentials(path)

    assert reason in str(refused.value)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_parameter_set_has_text_that_definitions_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    path = write_set(tmp_path, "parameter", port={"value": 8080}, motd={"path": f"{tmp_path}/file"})

    assert read_parameters(path) == {"port": Text("8080"), "motd": Content(b"content")}


def test_an_object_of_values_has_json(tmp_path: Path) -> None:
    path = tmp_path / "values.json"
    path.write_text('{"port": 8080, "tags": ["a"]}')

    assert read_parameters(path) == {"port": 8080, "tags": ["a"]}
