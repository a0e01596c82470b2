"""The schemas as documents: that each is sound, and written for the package's own sentences."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import relocation_schemas
from relocation_schemas import NAMES, schema, validate
from relocation_schemas.sentences import _REASONS

EXPLAINED_BY_A_TITLE = {"pattern", "contains", "not", "format"}
SCHEMAS_BY_KEY = {"properties", "$defs"}
SCHEMA_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SCHEMAS = {"items", "contains", "not", "if", "then", "else", "propertyNames"}
SILENT = {"$schema", "$id", "$ref", "$defs", "title", "description", "examples", "default"}


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


ALL_SUBSCHEMAS = [(name, each) for name in NAMES for each in subschemas(schema(name))]


def test_every_schema_file_has_a_name() -> None:
    folder = Path(relocation_schemas.__file__).parent
    files = {path.name.removesuffix(".schema.json") for path in folder.glob("*.json")}
    assert files == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_draft_2020_12(name: str) -> None:
    document = schema(name)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("name", NAMES)
def test_schema_id_is_its_public_address(name: str) -> None:
    address = f"https://relocation-conformance.dev/schemas/1/{name}.schema.json"
    assert schema(name)["$id"] == address


@pytest.mark.parametrize("name", NAMES)
def test_schema_says_what_it_is_of(name: str) -> None:
    document = schema(name)
    assert document["title"]
    assert document["description"]


EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in NAMES
    for number, example in enumerate(schema(name)["examples"])
]


def test_every_schema_has_an_example() -> None:
    with_examples = {name for name in NAMES if schema(name)["examples"]}
    assert with_examples == set(NAMES)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_example_validates(name: str, example: object) -> None:
    validate(example, name)


@pytest.mark.parametrize("name", NAMES)
def test_files_end_in_a_newline_and_keep_their_indentation(name: str) -> None:
    path = Path(relocation_schemas.__file__).with_name(f"{name}.schema.json")
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert "\t" not in text


def test_each_call_returns_a_fresh_schema() -> None:
    schema("bundle")["title"] = "changed"
    assert schema("bundle")["title"] != "changed"


def test_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="claim"):
        schema("claim")


def test_validating_against_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="claim"):
        validate({}, "claim")


def test_a_path_is_no_name() -> None:
    with pytest.raises(KeyError):
        schema("../relocation_schemas/bundle")


def test_importing_the_package_does_not_import_jsonschema() -> None:
    probe = "import sys, relocation_schemas; print('jsonschema' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"


def test_every_keyword_that_can_fail_has_a_sentence() -> None:
    structural = SCHEMAS_BY_KEY | SCHEMA_LISTS | {"items", "propertyNames"} | SILENT
    used = {keyword for _, each in ALL_SUBSCHEMAS for keyword in each} - structural
    assert used - set(_REASONS) == set()


def test_no_schema_offers_alternatives() -> None:
    alternatives = {"anyOf", "oneOf", "if", "dependentSchemas", "patternProperties"}
    offered = [name for name, each in ALL_SUBSCHEMAS if alternatives & set(each)]
    assert offered == []


def test_every_pattern_is_anchored_at_both_ends() -> None:
    patterns = [each["pattern"] for _, each in ALL_SUBSCHEMAS if "pattern" in each]
    loose = [each for each in patterns if not (each.startswith("^") and each.endswith("$"))]
    assert loose == []


def test_what_only_a_machine_could_explain_has_a_title() -> None:
    untitled = [
        (name, keyword)
        for name, each in ALL_SUBSCHEMAS
        for keyword in EXPLAINED_BY_A_TITLE & set(each)
        if "title" not in (each[keyword] if keyword in {"contains", "not"} else each)
    ]
    assert untitled == []


def test_every_least_length_is_one() -> None:
    lengths = [
        each[keyword]
        for _, each in ALL_SUBSCHEMAS
        for keyword in ("minLength", "minItems")
        if keyword in each
    ]
    assert set(lengths) == {1}


def test_every_reference_leads_to_a_schema() -> None:
    dangling = [
        each["$ref"]
        for name, each in ALL_SUBSCHEMAS
        if "$ref" in each and not leads_somewhere(name, each["$ref"])
    ]
    assert dangling == []


def leads_somewhere(name: str, reference: str) -> bool:
    """Whether a reference in the schema of that name has a target."""
    address, _, pointer = reference.partition("#")
    document = schema(address.removesuffix(".schema.json") or name)
    for step in pointer.split("/")[1:]:
        if step not in document:
            return False
        document = document[step]
    return True


def test_digests_are_defined_once() -> None:
    owners = [name for name in NAMES if "sha384" in json.dumps(schema(name).get("$defs", {}))]
    assert owners == ["descriptor"]
