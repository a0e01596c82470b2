"""JSON read with suspicion: one object, every key once."""

from __future__ import annotations

import json
from typing import Any

from relocator.errors import Refusal, shown


def read_object(content: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object that *content* is; *what* names it in the reason for a `Refusal`.

    A key that stands twice is refused: two readers could take it for two different things.
    """
    try:
        document = json.loads(content, object_pairs_hook=_each_key_once, parse_constant=_refuse)
    except RecursionError:
        raise Refusal(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise Refusal(f"{what} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise Refusal(f"{what} is not a JSON object")
    return document


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
