"""Words for what is wrong with a document: short, whatever the size of the document.

The schemas are written for these words: a keyword that only a machine could explain (`pattern`,
`contains`, `not`, `format`) has a `title`, a noun phrase that ends the sentence "must be ...",
"must have ..." or, of what is wrong, "has ...". The least length of anything is 1.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from jsonschema import ValidationError

_LONGEST_QUOTE: Final = 80
_MOST_NAMES: Final = 3
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_KINDS: Final = {
    "string": "a string",
    "object": "an object",
    "array": "an array",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
}


def place_of(path: Iterable[str | int]) -> str:
    """Write a path from a document's root as `images.web`, `layers[0]` or `["a.example/b"]`."""
    place = ""
    for step in path:
        if isinstance(step, int):
            place += f"[{step}]"
        elif _PLAIN_NAME.fullmatch(step):
            place += f".{step}" if place else step
        else:
            place += f"[{_quoted(step)}]"
    return place or "the document"


class _Breach(NamedTuple):
    """A keyword of a schema that a value breaks."""

    wanted: Any
    """What the keyword says."""
    found: Any
    """The value."""
    schema: Any
    """The schema that the keyword stands in."""


def reason_of(error: "ValidationError") -> str:
    """Say what is wrong at an error's place, in one clause without a full stop."""
    breach = _Breach(error.validator_value, error.instance, error.schema)
    reason = _REASONS[str(error.validator)](breach)
    if "propertyNames" in list(error.absolute_schema_path)[-2:-1]:
        return f"a key {reason}"
    return reason


def _required(breach: _Breach) -> str:
    missing = [name for name in breach.wanted if name not in breach.found]
    return f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing"


def _additional_properties(breach: _Breach) -> str:
    known = breach.schema.get("properties", {})
    unknown = [name for name in breach.found if name not in known]
    names = [_quoted(name) for name in unknown[:_MOST_NAMES]]
    if len(unknown) > _MOST_NAMES:
        names.append(f"{len(unknown) - _MOST_NAMES:,} more")
    noun = "an unknown field" if len(unknown) == 1 else "unknown fields"
    return f"has {noun}: {_listed(names)}"


def _type(breach: _Breach) -> str:
    names = [breach.wanted] if isinstance(breach.wanted, str) else breach.wanted
    return f"must be {' or '.join(_KINDS[name] for name in names)}, not {_kind(breach.found)}"


def _enum(breach: _Breach) -> str:
    allowed = " or ".join(_shown(value) for value in breach.wanted)
    return f"must be {allowed}, not {_shown(breach.found)}"


def _max_properties(breach: _Breach) -> str:
    noun = "field" if breach.wanted == 1 else "fields"
    return f"must have no more than {breach.wanted} {noun}, not {len(breach.found):,}"


def _titled(breach: _Breach) -> str:
    return f"must be {breach.schema['title']}, not {_shown(breach.found)}"


_REASONS: Final[Mapping[str, Callable[[_Breach], str]]] = {
    "required": _required,
    "additionalProperties": _additional_properties,
    "type": _type,
    "enum": _enum,
    "const": lambda breach: f"must be {_shown(breach.wanted)}, not {_shown(breach.found)}",
    "minItems": lambda _: "must not be empty",
    "minLength": lambda _: "must not be empty",
    "minProperties": lambda _: "must not be empty",
    "maxProperties": _max_properties,
    "minimum": lambda breach: f"must be at least {breach.wanted}, not {_shown(breach.found)}",
    "maximum": lambda breach: f"must be at most {breach.wanted}, not {_shown(breach.found)}",
    "exclusiveMinimum": lambda breach: f"must be over {breach.wanted}, not {_shown(breach.found)}",
    "pattern": _titled,
    "format": _titled,
    "contains": lambda breach: f"must have {breach.wanted['title']}",
    "not": lambda breach: f"has {breach.wanted['title']}",
}


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return _KINDS["boolean"]
        case int() | float():
            return _KINDS["number"]
        case str():
            return _KINDS["string"]
        case list():
            return _KINDS["array"]
        case dict():
            return _KINDS["object"]
        case _:
            return f"a {type(value).__name__}"


def _shown(value: object) -> str:
    match value:
        case str():
            return _quoted(value)
        case None | bool() | int() | float():
            digits = json.dumps(value)
            return digits if len(digits) <= _LONGEST_QUOTE else f"{digits[:_LONGEST_QUOTE]}..."
        case _:
            return _kind(value)


def _quoted(text: str) -> str:
    start = text[:_LONGEST_QUOTE]
    # A terminal must not obey what a document says, nor fail to encode it.
    quoted = json.dumps(start, ensure_ascii=not start.isprintable())
    return quoted if start == text else f"{quoted}... ({len(text):,} characters)"
