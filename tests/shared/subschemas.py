"""A schema taken apart: every schema that is in it, and which keywords only hold such."""

from collections.abc import Iterator
from typing import Any

SCHEMAS_BY_KEY = {"properties", "$defs"}
SCHEMA_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SCHEMAS = {"items", "contains", "not", "if", "then", "else", "propertyNames"}
SILENT = {"$schema", "$id", "$ref", "$defs", "title", "description", "examples", "default"}
STRUCTURAL = SCHEMAS_BY_KEY | SCHEMA_LISTS | {"items", "propertyNames"} | SILENT
"""Keywords that cannot fail themselves."""


def subschemas(document: object) -> Iterator[dict[str, Any]]:
    """A schema and every schema in it."""
    if not isinstance(document, dict):
        return
    yield document
    for keyword, value in document.items():
        if keyword in SCHEMAS_BY_KEY:
            below = list(value.values())
        elif keyword in SCHEMA_LISTS:
            below = value
        elif keyword in SCHEMAS or keyword == "additionalProperties":
            below = [value]
        else:
            below = []
        for each in below:
            yield from subschemas(each)
