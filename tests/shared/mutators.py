"""Valid documents with one thing wrong, read from the schemas: what breaks them is what they say.

A schema here has no alternatives, so that one broken keyword, wherever it is, breaks the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from relocation_schemas import schema

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]
Wrong = Iterator[tuple[str, object]]
"""What is wrong with a value, and the value that stands there then."""

Breaker = Callable[[Any, Any, Schema], Wrong]
"""From a value, what a keyword says, and the schema that it stands in."""

UNKNOWN = "x-unknown"
KINDS: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
SAMPLES = (None, True, 7, 1.5, "x", ["x"], {UNKNOWN: "x"})
"""A value of each kind."""

ILL_FORMED = (
    "",
    " ",
    "\n",
    "\x00",
    "-",
    "(",
    "{x}",
    "{unknown}",
    "a b",
    "ÄÖ",
    "../up",
    "sha256:ab",
)


@dataclass(frozen=True)
class Mutation:
    """One thing wrong, at one place of a document; `value` stands there then."""

    path: Path
    wrong: str
    value: object

    def applied(self, document: object) -> object:
        """A document like this one, which is left as it was, with the thing wrong in it."""
        return _replaced(document, self.path, self.value)


def mutations(document: object, name: str) -> Iterator[Mutation]:
    """Everything that can be broken in a document that fits the schema of that name."""
    yield from _mutations(document, (), _document(name), name)


def _mutations(value: object, path: Path, wanted: Schema | bool, name: str) -> Iterator[Mutation]:
    if isinstance(wanted, bool):
        return
    for keyword, says in wanted.items():
        breaker: Breaker = _BREAKERS.get(keyword, _nothing)
        for wrong, instead in breaker(value, says, wanted):
            yield Mutation(path, f"{keyword}: {wrong}", instead)
    for step, inside, below, owner in _below(value, wanted, name):
        yield from _mutations(inside, (*path, *step), below, owner)
    if isinstance(value, dict) and "propertyNames" in wanted:
        for key in _mutations("x", (), wanted["propertyNames"], name):
            if isinstance(key.value, str):
                yield Mutation(path, f"a key: {key.wrong}", value | {key.value: "x"})


def _below(
    value: object, wanted: Schema, name: str
) -> Iterator[tuple[Path, object, Schema | bool, str]]:
    """Each schema that a part of the value is held to, or all of it, and whose schema that is."""
    if "$ref" in wanted:
        owner, below = _resolved(wanted["$ref"], name)
        yield (), value, below, owner
    for each in wanted.get("allOf", []):
        yield (), value, each, name
    if isinstance(value, list) and "items" in wanted:
        for number, item in enumerate(value):
            yield (number,), item, wanted["items"], name
    if isinstance(value, dict):
        known = wanted.get("properties", {})
        for key, inside in value.items():
            yield (key,), inside, known.get(key, wanted.get("additionalProperties", True)), name


@cache
def _document(name: str) -> Schema:
    return schema(name)


def _resolved(reference: str, name: str) -> tuple[str, Schema]:
    address, _, pointer = reference.partition("#")
    owner = address.removesuffix(".schema.json") or name
    found: Any = _document(owner)
    for step in pointer.split("/")[1:]:
        found = found[step]
    return owner, found


def _replaced(document: Any, path: Path, value: object) -> object:
    if not path:
        return value
    step, *rest = path
    copy = document.copy()
    copy[step] = _replaced(document[step], tuple(rest), value)
    return copy


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, KINDS[kind])


def _nothing(_value: object, _says: Any, _wanted: Schema) -> Wrong:
    yield from ()


def _type(_value: object, says: str | list[str], _wanted: Schema) -> Wrong:
    kinds = [says] if isinstance(says, str) else says
    for sample in SAMPLES:
        if not any(_is(sample, kind) for kind in kinds):
            yield f"a {type(sample).__name__}", sample


def _required(value: object, says: list[str], _wanted: Schema) -> Wrong:
    if isinstance(value, dict):
        for key in says:
            yield f"no {key}", {each: value[each] for each in value if each != key}


def _additional(value: object, says: Schema | bool, _wanted: Schema) -> Wrong:
    if isinstance(value, dict) and says is False:
        yield "an unknown field", value | {UNKNOWN: "x"}


def _pattern(value: object, says: str, _wanted: Schema) -> Wrong:
    if isinstance(value, str):
        candidates = {
            *ILL_FORMED,
            value.upper(),
            value[:-1],
            f"{value}\n",
            f" {value}",
            f"{value} ",
        }
        for candidate in sorted(candidates):
            if not re.fullmatch(says, candidate):
                yield repr(candidate), candidate


def _not_one_of(_value: object, says: list[object], _wanted: Schema) -> Wrong:
    for sample in (*SAMPLES, "", *(str(each).swapcase() for each in says)):
        if sample not in says:
            yield repr(sample), sample


def _empty(value: object, kind: type) -> Wrong:
    if isinstance(value, kind):
        yield "empty", kind()


def _too_many(value: object, says: int, _wanted: Schema) -> Wrong:
    if isinstance(value, dict):
        yield "too many", value | {f"{UNKNOWN}-{number}": "x" for number in range(says)}


def _number(value: object, instead: float) -> Wrong:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield str(instead), instead


def _lacking(value: object, says: Schema, _wanted: Schema) -> Wrong:
    if isinstance(value, list):
        kept = [item for item in value if not re.fullmatch(says["pattern"], str(item))]
        yield f"without {says['title']}", kept


def _forbidden(value: object, says: Schema, _wanted: Schema) -> Wrong:
    if not isinstance(value, dict):
        return
    if "required" in says:
        yield f"with {says['title']}", dict.fromkeys(says["required"]) | value
    else:
        kept = {key: value[key] for key in value if key not in says["properties"]}
        yield f"with {says['title']}", kept


def _format(_value: object, says: str, _wanted: Schema) -> Wrong:
    if says == "regex":  # the one format that documents are held to
        yield "no expression", "("


_BREAKERS: Mapping[str, Breaker] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _additional,
    "pattern": _pattern,
    "enum": _not_one_of,
    "const": lambda value, says, wanted: _not_one_of(value, [says], wanted),
    "minLength": lambda value, _says, _wanted: _empty(value, str),
    "minItems": lambda value, _says, _wanted: _empty(value, list),
    "minProperties": lambda value, _says, _wanted: _empty(value, dict),
    "maxProperties": _too_many,
    "minimum": lambda value, says, _wanted: _number(value, says - 1),
    "maximum": lambda value, says, _wanted: _number(value, says + 1),
    "exclusiveMinimum": lambda value, says, _wanted: _number(value, says),
    "contains": _lacking,
    "not": _forbidden,
    "format": _format,
}
