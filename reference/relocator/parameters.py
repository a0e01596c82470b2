"""The values of a bundle's parameters: given, remembered or defaults, held to their definitions.

Source: CNAB Core 1, sections 101 ("Parameters") and 103 ("Setting Parameter Values"). Pure.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from relocator.actions import applies
from relocator.documents import parse
from relocator.errors import Refusal, shown
from relocator.interrupts import limited

Definition = dict[str, Any] | bool
Value: TypeAlias = Any
"""A JSON value."""


@dataclass(frozen=True, slots=True)
class Text:
    """A value as a person wrote it, which its definition reads."""

    content: str


@dataclass(frozen=True, slots=True)
class Content:
    """A value as it stands in a file: text, or bytes where the definition asks for base64."""

    content: bytes


SECONDS = 10
"""What a definition may take to be followed: a few lines of it can take years."""

Given: TypeAlias = Text | Content | Value
"""A value from a user, in one of three forms."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a bundle, and the schema that its values are held to."""

    name: str
    entry: Mapping[str, Any]
    definition: Definition

    def of_definition(self, keyword: str) -> Value:
        """Return what the definition says under *keyword*, `None` if nothing."""
        return None if isinstance(self.definition, bool) else self.definition.get(keyword)

    @property
    def types(self) -> list[str]:
        """The types that the definition names, none if it does not say."""
        named = self.of_definition("type") or []
        return [named] if isinstance(named, str) else named

    @property
    def has_default(self) -> bool:
        """Whether there is a value where none is given."""
        return isinstance(self.definition, dict) and "default" in self.definition


def resolve(
    document: Mapping[str, Any],
    action: str,
    given: Mapping[str, Given],
    previous: Mapping[str, Value],
) -> dict[str, Value]:
    """Return the values of the bundle's parameters, by name; those without any are left out.

    What is *given* for this action comes before what the installation was told *previous*ly, and
    that before the default. Raises `Refusal` for a value that does not fit, is missing, or is for
    something else. A default is the bundle's own word, and is not held to the definition.
    """
    parameters = {parameter.name: parameter for parameter in _declared(document)}
    if unknown := [name for name in given if name not in parameters]:
        raise Refusal(f"the bundle has no parameter {shown(unknown[0])}")
    values: dict[str, Value] = {}
    for name, parameter in parameters.items():
        if name in given:
            values[name] = _read(parameter, given[name])
            _check_given(parameter, action, values[name], previous)
        elif name in previous:
            values[name] = previous[name]
            if not (parameter.has_default and values[name] == parameter.of_definition("default")):
                _check(parameter, values[name])
        elif parameter.has_default:
            values[name] = parameter.of_definition("default")
        elif parameter.entry.get("required") and applies(parameter.entry, action):
            raise Refusal(f"the parameter {name} has no value, and {action} requires one")
    return values


def _declared(document: Mapping[str, Any]) -> Iterator[Parameter]:
    """Yield the parameters of a bundle. Raises `Refusal` for one without a usable definition."""
    definitions = document.get("definitions", {})
    for name, entry in document.get("parameters", {}).items():
        definition = entry["definition"]
        if definition not in definitions:
            raise Refusal(f"the bundle's parameter {shown(name)} has no definition")
        _check_definition(definition, definitions[definition])
        yield Parameter(name, entry, definitions[definition])


def rendered(value: Value) -> str:
    """Return a value as the invocation image gets it: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _check_given(
    parameter: Parameter, action: str, value: Value, previous: Mapping[str, Value]
) -> None:
    name = parameter.name
    if not applies(parameter.entry, action):
        raise Refusal(f"the parameter {name} is not for {action}")
    if parameter.of_definition("readOnly") and previous.get(name, value) != value:
        raise Refusal(f"the parameter {name} cannot be changed once it is installed")
    _check(parameter, value)


def _read(parameter: Parameter, given: Given) -> Value:
    match given:
        case Text(content):
            return _read_text(parameter, content)
        case Content(content) if parameter.of_definition("contentEncoding") == "base64":
            return base64.b64encode(content).decode()
        case Content(content):
            try:
                return _read_text(parameter, content.decode())
            except UnicodeDecodeError:
                raise Refusal(f"the parameter {parameter.name} is not UTF-8 text") from None
        case _:
            return given


def _read_text(parameter: Parameter, text: str) -> Value:
    """Return *text* itself if the definition takes it, else the JSON that it is, if it is any."""
    if _misfit(parameter, text) is None:
        return text
    types = parameter.types
    try:
        value = parse(text.lower() if "boolean" in types else text)
    except (ValueError, RecursionError):
        return text
    # Of two readings that do not fit, the likelier one is to be told of.
    is_meant = types and "string" not in types
    return value if is_meant or _misfit(parameter, value) is None else text


def _check(parameter: Parameter, value: Value) -> None:
    if (reason := _misfit(parameter, value)) is None:
        return
    # What is write-only is a secret, and the reason would tell it.
    reason = "it does not fit its definition" if parameter.of_definition("writeOnly") else reason
    raise Refusal(f"the parameter {parameter.name} cannot be used: {reason}")


def _misfit(parameter: Parameter, value: Value) -> str | None:
    """Return why *value* does not fit, `None` if it does."""
    from jsonschema import Draft7Validator
    from referencing import Registry

    # With a registry of its own, which is empty, a definition cannot make us fetch another.
    validator = Draft7Validator(
        parameter.definition,
        format_checker=Draft7Validator.FORMAT_CHECKER,
        registry=Registry(),
    )
    with _suspicion(f"the definition of {parameter.name}"):
        error = next(validator.iter_errors(value), None)
        return None if error is None else _shortened(error.message)


def _check_definition(name: str, definition: Definition) -> None:
    from jsonschema import Draft7Validator, SchemaError

    what = f"the bundle's definition {shown(name)}"
    try:
        with _suspicion(what):
            Draft7Validator.check_schema(definition, Draft7Validator.FORMAT_CHECKER)
    except SchemaError as problem:
        raise Refusal(f"{what} is no JSON Schema: {_shortened(problem.message)}") from None


@contextmanager
def _suspicion(what: str) -> Iterator[None]:
    """Have all that a definition can do to whoever follows it end in a `Refusal`."""
    from jsonschema.exceptions import UnknownType
    from referencing.exceptions import Unresolvable

    try:
        with limited(SECONDS):
            yield
    except TimeoutError:
        raise Refusal(f"{what} takes more than {SECONDS} seconds to follow") from None
    except RecursionError:
        raise Refusal(f"{what} refers to itself without end, or is nested too deeply") from None
    except Unresolvable as problem:
        raise Refusal(f"{what} refers to {shown(problem.ref)}, which is not in it") from None
    except ArithmeticError:
        raise Refusal(f"{what} has numbers that are too large to follow") from None
    # What a $ref leads to has been held to nothing.
    except (AttributeError, LookupError, TypeError, ValueError, re.error, UnknownType):
        raise Refusal(f"{what} refers to what is no JSON Schema") from None


def _shortened(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:200]}...{message[-80:]}"
