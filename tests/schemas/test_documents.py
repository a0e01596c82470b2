"""The schemas as documents: that each is sound, and written for the package's own sentences."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import relocation_schemas
from relocation_schemas import NAMES, schema, validate
from relocation_schemas.sentences import _REASONS
from subschemas import STRUCTURAL, subschemas

HERE = Path(__file__).parent
EXPLAINED_BY_A_TITLE = {"pattern", "contains", "not", "format"}
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
    with pytest.raises(KeyError, match="claims"):
        schema("claims")


def test_validating_against_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="claims"):
        validate({}, "claims")


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
    used = {keyword for _, each in ALL_SUBSCHEMAS for keyword in each} - STRUCTURAL
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
        for keyword in ("minLength", "minItems", "minProperties")
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


def test_every_schema_has_documents_that_it_accepts_and_that_it_refuses() -> None:
    tables = {
        table: {row[0] for path in HERE.glob(f"test_{table}*.py") for row in rows(path, table)}
        for table in ("accepted", "refused")
    }
    assert tables == {"accepted": set(NAMES), "refused": set(NAMES)}


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    """The table of a test module: rows that start with a schema's name."""
    found: list[tuple[Any, ...]] = runpy.run_path(str(path))[table.upper()]
    return found
