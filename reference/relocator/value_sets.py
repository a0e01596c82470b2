"""Credential sets and parameter sets: files that say where values are to be taken from.

Source: CNAB 802, which is not normative, and the tools that exist.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from relocator.actions import applies, is_stateless
from relocator.documents import check_document, read_object
from relocator.errors import Refusal, shown
from relocator.files import read_file
from relocator.parameters import Content, Given, Text

MAX_VALUE = 16 * 1024 * 1024
"""Bytes of a value, or of a set, in a file."""

_COMMAND_SECONDS = 60


def read_parameters(path: Path) -> dict[str, Given]:
    """Return the values in a file: a parameter set, or an object of values by name."""
    document = _read(path)
    if not isinstance(document.get("parameters"), list):
        return document
    return {name: _value(name, source) for name, source in _entries(path, document, "parameter")}


def read_credentials(
    paths: Iterable[Path], document: Mapping[str, Any], action: str
) -> dict[str, bytes]:
    """Return the bundle's credentials for *action* as the credential sets have them, by name.

    A set may hold more than the bundle asks for; that is not looked at. Raises `Refusal` where a
    required one is missing, or two sets have the same one.
    """
    sources: dict[str, Mapping[str, Any]] = {}
    for path in paths:
        for name, source in _entries(path, _read(path), "credential"):
            if name in sources:
                raise Refusal(f"{path} has the credential {shown(name)} once more")
            sources[name] = source
    wanted = document.get("credentials", {})
    wanted = {name: entry for name, entry in wanted.items() if applies(entry, action)}
    for name, entry in wanted.items():
        if entry.get("required") and name not in sources and not is_stateless(document, action):
            raise Refusal(f"the credential {name} is missing, and {action} requires it")
    return {name: _bytes(_value(name, sources[name])) for name in wanted if name in sources}


def _read(path: Path) -> dict[str, Any]:
    """Read a file by its suffix: TOML, YAML or else JSON."""
    content = read_file(path, MAX_VALUE)
    match path.suffix.lower():
        case ".toml":
            document = _read_toml(content, path)
        case ".yaml" | ".yml":
            document = _read_yaml(content, path)
        case _:
            return read_object(content, str(path))
    try:
        json.dumps(document, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Refusal(f"{path} has a value that JSON does not know, such as a date") from None
    return document


def _read_toml(content: bytes, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{path} is not TOML: {error}") from None


def _read_yaml(content: bytes, path: Path) -> dict[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Refusal(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise Refusal(f"{path} is not a YAML mapping")
    return document


def _entries(
    path: Path, document: Mapping[str, Any], kind: str
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    check_document(document, str(path), f"{kind}-set", f"a {kind} set")
    return [(entry["name"], entry["source"]) for entry in document[f"{kind}s"]]


def _value(name: str, source: Mapping[str, Any]) -> Text | Content:
    """Take a value from where its source says; the schema has it that there is one."""
    match dict(source):
        case {"value": str(text)}:
            return Text(text)
        case {"value": value}:
            return Text(json.dumps(value))
        case {"env": variable}:
            if variable not in os.environ:
                raise Refusal(f"the environment has no {shown(variable)}, as {name} needs")
            return Text(os.environ[variable])
        case {"path": path}:
            return Content(read_file(Path(os.path.expandvars(path)).expanduser(), MAX_VALUE))
        case {"command": command}:
            return Content(_printed(name, command))
        case others:
            raise Refusal(f"the source of {name} is of a kind not known here: {', '.join(others)}")


def _printed(name: str, command: str) -> bytes:
    try:
        done = subprocess.run(
            shlex.split(command),
            stdout=subprocess.PIPE,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, ValueError, IndexError) as error:
        raise Refusal(f"the command for {name} cannot be run: {error}") from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"the command for {name} gave no answer") from None
    if done.returncode != 0:
        raise Refusal(f"the command for {name} failed with exit status {done.returncode}")
    return done.stdout


def _bytes(value: Text | Content) -> bytes:
    return value.content.encode() if isinstance(value, Text) else value.content
