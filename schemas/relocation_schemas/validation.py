"""Hold a document to a schema, and say in one sentence where and why it does not fit."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from relocation_schemas.documents import NAMES, schema
from relocation_schemas.sentences import place_of, reason_of

# jsonschema takes longer to import than a small command takes to run, so only validation pays.
if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

_MOST_ERRORS: Final = 1_000
"""An array of a million wrong items takes a minute to be wrong in all of them."""


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
    to the document's root is told, and the first in the schema's order among equals. Of very many
    errors only the first are looked at.

    Raises:
        Invalid: the document does not fit.
        KeyError: no schema has that name.
    """
    instance: Any = document
    # No keyword in these schemas has alternatives, so the nearest error is also the apt one.
    try:
        error = min(
            islice(_validator(name).iter_errors(instance), _MOST_ERRORS),
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
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    documents = {each: schema(each) for each in NAMES}
    for document in documents.values():
        # A document that names its dialect would be held to that, not to the one made here.
        del document["$schema"]
    registry: Registry[Any] = Registry().with_resources(
        (document["$id"], DRAFT202012.create_resource(document)) for document in documents.values()
    )
    extend: Callable[..., Callable[..., Validator]] = validators.extend
    dialect = extend(
        Draft202012Validator,
        {"pattern": _whole_pattern, "additionalProperties": _properties_in_order},
    )
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


def _properties_in_order(
    validator: "Validator",
    wanted: bool | Mapping[str, Any],
    instance: object,
    schema: Mapping[str, Any],
) -> "Iterator[ValidationError]":
    """The `additionalProperties` keyword, which jsonschema holds fields to in any order.

    Of two wrong fields the same one is to be told in every run. No schema here has
    `patternProperties`.
    """
    from jsonschema import ValidationError

    if not isinstance(instance, dict):
        return
    others = [name for name in instance if name not in schema.get("properties", {})]
    if wanted is False and others:
        yield ValidationError("unknown fields")
    elif wanted is not False:
        of_each = validator.evolve(schema=wanted)
        for name in others:
            for error in of_each.iter_errors(instance[name]):
                error.relative_path.appendleft(name)
                yield error
