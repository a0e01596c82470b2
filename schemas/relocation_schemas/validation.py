"""Hold a document to a schema, and say in one sentence where and why it does not fit."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from relocation_schemas.documents import NAMES, schema
from relocation_schemas.sentences import place_of, reason_of

# jsonschema takes longer to import than a small command takes to run, so only validation pays.
if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator


class Invalid(ValueError):
    """A document does not fit its schema.

    Attributes:
        place: where, such as `images.web.contentDigest`, or `the document` for all of it.
        reason: what is wrong there, such as `must be a string, not null`.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


def validate(document: object, name: str) -> None:
    """Accept a document that fits the schema of that name.

    `document` is what a JSON or TOML parser returns. Of several errors the one that is nearest
    to the document's root is told, and the first in the schema's order among equals.

    Raises:
        Invalid: the document does not fit.
        KeyError: no schema has that name.
    """
    instance: Any = document
    # No keyword in these schemas has alternatives, so the nearest error is also the apt one.
    try:
        error = min(
            _validator(name).iter_errors(instance),
            key=lambda error: len(error.absolute_path),
            default=None,
        )
    except RecursionError:
        raise Invalid("the document", "is nested too deeply") from None
    if error is not None:
        raise Invalid(place_of(error.absolute_path), reason_of(error))


@cache
def _validator(name: str) -> "Validator":
    from jsonschema import Draft202012Validator, FormatChecker, validators
    from referencing import Registry, Resource

    documents = {each: schema(each) for each in NAMES}
    registry: Registry[Any] = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents.values()
    )
    extend: Callable[..., Callable[..., Validator]] = validators.extend
    dialect = extend(Draft202012Validator, {"pattern": _whole_pattern})
    return dialect(
        documents[name], registry=registry, format_checker=FormatChecker(formats=["regex"])
    )


def _whole_pattern(
    _validator: "Validator", pattern: str, instance: object, _schema: object
) -> "Iterator[ValidationError]":
    """The `pattern` keyword: all patterns here are anchored, and `$` is the end of the string.

    Python's own `$` would also stand before a final newline, and let one into a digest.
    """
    from jsonschema import ValidationError

    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError("does not match")
