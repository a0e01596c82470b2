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
from relocator.documents import check_document
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
    sources = _sources([(path, document)], "parameter")
    return {name: _value(name, source) for name, source in sources.items()}


def read_credentials(
    paths: Iterable[Path], document: Mapping[str, Any], action: str
) -> dict[str, bytes]:
    """Return the bundle's credentials for *action* as the credential sets have them, by name.

    A set may hold more than the bundle asks for; that is not looked at. Raises `Refusal` where a
    required one is missing, or two sets have the same one.
    """
    sources = _sources([(path, _read(path)) for path in paths], "credential")
    wanted = document.get("credentials", {})
    wanted = {name: entry for name, entry in wanted.items() if applies(entry, action)}
    for name, entry in wanted.items():
        if entry.get("required") and name not in sources and not is_stateless(document, action):
            raise Refusal(f"the credential {name} is missing, and {action} requires it")
    return {name: _bytes(name, _value(name, sources[name])) for name in wanted if name in sources}


def _read(path: Path) -> dict[str, Any]:
    from relocator.notations import read_written  # loads PyYAML, and few commands need it

    return read_written(path, MAX_VALUE)


def _sources(
    sets: Iterable[tuple[Path, Mapping[str, Any]]], kind: str
) -> dict[str, Mapping[str, Any]]:
    """Return where the sets say that values are to be taken from, by the values' names."""
    sources: dict[str, Mapping[str, Any]] = {}
    for path, document in sets:
        check_document(document, str(path), f"{kind}-set", f"a {kind} set")
        for entry in document[f"{kind}s"]:
            if entry["name"] in sources:
                raise Refusal(f"{path} has the {kind} {shown(entry['name'])} once more")
            sources[entry["name"]] = entry["source"]
    return sources


def _value(name: str, source: Mapping[str, Any]) -> Text | Content:
    """Take a value from where its source says; the schema has it that there is one."""
    match dict(source):
        case {"value": str(text)}:
            return Text(text)
        case {"value": value}:
            return Text(json.dumps(value))
        case {"env": variable}:
            return Text(_variable(name, variable))
        case {"path": path}:
            return Content(read_file(_expanded(path), MAX_VALUE))
        case {"command": command}:
            return Content(_printed(name, command))
        case others:
            raise Refusal(f"the source of {name} is of a kind not known here: {', '.join(others)}")


def _variable(name: str, variable: str) -> str:
    try:
        return os.environ[variable]
    except (KeyError, ValueError):  # half of a surrogate pair is in no environment
        raise Refusal(f"the environment has no {shown(variable)}, as {name} needs") from None


def _expanded(path: str) -> Path:
    try:
        return Path(os.path.expandvars(path)).expanduser()
    except (RuntimeError, ValueError):
        raise Refusal(f"the home folder in {shown(path)} is not known") from None


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


def _bytes(name: str, value: Text | Content) -> bytes:
    if isinstance(value, Content):
        return value.content
    try:
        # Python has bytes of the environment that are no text as halves of surrogate pairs.
        return value.content.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        raise Refusal(f"the credential {name} is not Unicode text") from None
