"""Objects that people write: JSON, TOML or YAML, by a file's suffix.

Whatever the notation, what is returned is JSON: one object, text for keys, every key once.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from relocator.documents import read_object
from relocator.errors import Refusal
from relocator.files import read_file


def read_written(path: Path, limit: int) -> dict[str, Any]:
    """Return the object in a file of *limit* bytes at most; `.toml`, `.yaml`, `.yml` or else JSON.

    Raises `Refusal` for anything else, also for what JSON cannot say, such as a date.
    """
    content = read_file(path, limit)
    match path.suffix.lower():
        case ".toml":
            return _as_json(content, path, "TOML", lambda text: tomllib.loads(text.decode()))
        case ".yaml" | ".yml":
            return _as_json(content, path, "YAML", lambda text: yaml.load(text, _Loader))
        case _:
            return read_object(content, str(path))


def _as_json(
    content: bytes, path: Path, notation: str, read: Callable[[bytes], object]
) -> dict[str, Any]:
    try:
        document = read(content)
        text = json.dumps(document, allow_nan=False)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"{path} is not {notation}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise Refusal(f"{path} is nested too deeply") from None
    # Among them are those that PyYAML lets pass, as for `!!int ''`.
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Refusal(f"{path} has a value that JSON does not know, such as a date") from None
    if not isinstance(document, dict):
        raise Refusal(f"{path} is not a {notation} mapping")
    return read_object(text.encode(), str(path))


class _Loader(yaml.SafeLoader):
    """YAML without aliases, which a few lines are enough of to fill the memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has an alias, which is not read here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise yaml.YAMLError(f"the key {twice!r} stands twice in one mapping")
        return super().construct_mapping(node, deep)
