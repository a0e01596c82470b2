"""Every field that a schema knows has a type: a value of no JSON type is refused in its place."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from relocation_schemas import NAMES, Invalid, schema, validate
from relocation_schemas.sentences import place_of

ALIEN = date(2030, 1, 31)
"""TOML has dates, and no field here holds one."""

Path = tuple[str | int, ...]


def paths(value: object, above: Path = ()) -> Iterator[Path]:
    """The path of a value, then of every value in it."""
    yield above
    inside: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    for step, each in inside:
        yield from paths(each, (*above, step))


FREE = {"default", "const"}
"""Fields that hold anything."""

FREE_INSIDE = {"custom", "example", "examples", "enum", "Bundle"}
"""Fields whose insides are free."""

FREE_PARAMETERS = {"claim", "operation"}
"""Where `parameters` are values; in a bundle they are what it declares."""


def is_known(name: str, path: Path) -> bool:
    """Whether a schema says what stands there."""
    free_inside = FREE_INSIDE | ({"parameters"} if name in FREE_PARAMETERS else set())
    return FREE.isdisjoint(path[-1:]) and free_inside.isdisjoint(path[:-1])


FIELDS = [
    (name, number, path)
    for name in NAMES
    for number, example in enumerate(schema(name)["examples"])
    for path in paths(example)
    if is_known(name, path)
]
IDS = [f"{name}-{number}-{place_of(path)}"[:100] for name, number, path in FIELDS]


@pytest.mark.parametrize(("name", "number", "path"), FIELDS, ids=IDS)
def test_value_of_no_known_type_is_refused_in_its_place(name: str, number: int, path: Path) -> None:
    whole = {"document": schema(name)["examples"][number]}
    above: Any = whole
    for step in ("document", *path)[:-1]:
        above = above[step]
    above[("document", *path)[-1]] = ALIEN

    with pytest.raises(Invalid) as refusal:
        validate(whole["document"], name)

    assert refusal.value.place == place_of(path)
