"""JSON read with suspicion: one object, every key once, and held to the schema of its kind."""

from __future__ import annotations

import json
import math
from typing import Any

from relocation_schemas import Invalid, validate
from relocator.errors import Refusal, shown


def read_document(content: bytes, what: str, schema: str, kind: str) -> dict[str, Any]:
    """Return the JSON object that *content* is, which fits the schema of that name.

    *what* names it in the reason for a `Refusal`, and *kind* says what it is not then, such as
    `a bundle`. Where it does not fit, place and reason are the schema's own.
    """
    document = read_object(content, what)
    check_document(document, what, schema, kind)
    return document


def check_document(document: object, what: str, schema: str, kind: str) -> None:
    """Raise `Refusal` as `read_document` does, of a document that was read already."""
    try:
        validate(document, schema)
    except Invalid as problem:
        raise Refusal(f"{what} is not {kind}: {problem}") from None


def read_object(content: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object that *content* is; *what* names it in the reason for a `Refusal`.

    A key that stands twice is refused: two readers could take it for two different things.
    """
    try:
        document = parse(content)
    except RecursionError:
        raise Refusal(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise Refusal(f"{what} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise Refusal(f"{what} is not a JSON object")
    return document


def parse(content: bytes | str) -> object:
    """Return the JSON value that *content* is.

    Raises `ValueError` for what is none, or is not the same to every reader: a key that stands
    twice, a number too large for many; `RecursionError` if it is nested too deeply.
    """
    return json.loads(
        content,
        object_pairs_hook=_each_key_once,
        parse_constant=_refuse,
        parse_float=_finite,
    )


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {shown(text)} is too large")
    return number


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
