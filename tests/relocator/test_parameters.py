"""Parameters: what a value is read as, which one counts, and what is refused."""

from typing import Any

import pytest

from relocator import parameters
from relocator.errors import Refusal
from relocator.parameters import Content, Text, rendered, resolve


def document(definition: object, **entry: object) -> dict[str, Any]:
    """A bundle with one parameter, `it`."""
    return {
        "definitions": {"d": definition},
        "parameters": {"it": {"definition": "d", "destination": {"env": "IT"}, **entry}},
    }


def read(definition: object, given: object) -> object:
    return resolve(document(definition), "install", {"it": given}, {})["it"]


@pytest.mark.parametrize(
    ("definition", "text", "value"),
    [
        ({"type": "string"}, "8080", "8080"),
        ({"type": "string"}, "", ""),
        ({"type": "integer"}, "8080", 8080),
        ({"type": "number"}, "0.5", 0.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "False", False),
        ({"type": "null"}, "null", None),
        ({"type": "array"}, "[1, 2]", [1, 2]),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": ["string", "null"]}, "null", "null"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"enum": [1, 2]}, "1", 1),
        ({"enum": ["1", 2]}, "1", "1"),
        ({}, "1", "1"),
        (True, "1", "1"),
    ],
)
def test_text_is_read_by_its_definition(definition: object, text: str, value: object) -> None:
    found = read(definition, Text(text))

    assert (type(found), found) == (type(value), value)


def test_a_file_is_read_as_text() -> None:
    assert read({"type": "integer"}, Content(b"8080\n")) == 8080


def test_any_file_may_be_what_is_to_be_base64() -> None:
    definition = {"type": "string", "contentEncoding": "base64"}

    assert read(definition, Content(b"\xff\x00")) == "/wA="
    assert read(definition, Text("/wA=")) == "/wA="


@pytest.mark.parametrize(
    ("definition", "given", "reason"),
    [
        ({"type": "integer"}, Text("many"), "'many' is not of type 'integer'"),
        ({"type": "number"}, Text("NaN"), "'NaN' is not of type 'number'"),
        ({"type": "integer"}, "8080", "'8080' is not of type 'integer'"),
        ({"type": "integer", "minimum": 1024}, Text("80"), "80 is less than the minimum of 1024"),
        ({"type": "string", "pattern": "^a"}, Text("b"), "'b' does not match '^a'"),
        ({"type": "string", "format": "email"}, Text("nobody"), "'nobody' is not a 'email'"),
        ({"type": "string", "maxLength": 2}, Text("x" * 1000), "is too long"),
        (False, Text("x"), "False schema does not allow 'x'"),
        ({"type": "string"}, Content(b"\xff"), "not UTF-8 text"),
        ({"$ref": "http://127.0.0.1:1/schema"}, Text("x"), "refers to"),
        ({"$ref": "#/nowhere"}, Text("x"), "refers to"),
        ({"$ref": "#"}, Text("x"), "refers to itself"),
        ({"const": "text", "$ref": "#/const"}, Text("x"), "refers to what is no JSON Schema"),
        ({"const": {"type": 1}, "$ref": "#/const"}, Text("x"), "refers to what is no JSON Schema"),
        (
            {"const": {"pattern": "("}, "$ref": "#/const"},
            Text("x"),
            "refers to what is no JSON Schema",
        ),
        (
            {"const": {"type": "strange"}, "$ref": "#/const"},
            Text("x"),
            "refers to what is no JSON Schema",
        ),
        ({"type": "strange"}, Text("x"), "is no JSON Schema"),
        ({"pattern": "a{99999999999999999999}"}, Text("x"), "numbers that are too large"),
        ({"pattern": "(" * 5000 + ")" * 5000}, Text("x"), "nested too deeply"),
        ({"type": "number"}, Text("1e999"), "'1e999' is not of type 'number'"),
        ({"pattern": "("}, Text("x"), "is no JSON Schema"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    definition: object, given: object, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read(definition, given)

    assert reason in str(refused.value)
    assert len(str(refused.value)) < 500


TWICE = {
    f"d{level}": {"allOf": [{"$ref": f"#/definitions/d{level + 1}"}] * 2} for level in range(40)
}


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "string", "pattern": "^(a+)+$"},
        {"definitions": {**TWICE, "d40": {}}, "$ref": "#/definitions/d0"},
    ],
    ids=["pattern", "references"],
)
def test_a_definition_that_takes_years_to_follow_is_refused(
    definition: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameters, "SECONDS", 0.2)

    with pytest.raises(Refusal, match="seconds to follow"):
        read(definition, Text("a" * 60 + "!"))


def test_a_secret_is_not_told_in_a_refusal() -> None:
    with pytest.raises(Refusal) as refused:
        read({"type": "integer", "writeOnly": True}, Text("hunter2"))

    assert "hunter2" not in str(refused.value)


def test_a_value_given_comes_before_the_previous_one_and_that_before_the_default() -> None:
    bundle = document({"type": "integer", "default": 1})

    assert resolve(bundle, "upgrade", {}, {}) == {"it": 1}
    assert resolve(bundle, "upgrade", {}, {"it": 2}) == {"it": 2}
    assert resolve(bundle, "upgrade", {"it": 3}, {"it": 2}) == {"it": 3}


def test_a_default_is_not_held_to_the_definition() -> None:
    bundle = document({"type": "string", "minLength": 1, "default": ""})

    assert resolve(bundle, "install", {}, {}) == {"it": ""}
    assert resolve(bundle, "upgrade", {}, {"it": ""}) == {"it": ""}


def test_a_previous_value_that_a_new_bundle_does_not_take_is_refused() -> None:
    with pytest.raises(Refusal, match="'x' is not of type 'integer'"):
        resolve(document({"type": "integer"}), "upgrade", {}, {"it": "x"})


def test_a_previous_value_of_no_parameter_is_forgotten() -> None:
    assert resolve(document({}), "upgrade", {}, {"gone": 1}) == {}


def test_a_required_parameter_without_a_value_is_refused() -> None:
    with pytest.raises(Refusal, match="it has no value, and install requires one"):
        resolve(document({}, required=True), "install", {}, {})


def test_a_default_satisfies_a_requirement() -> None:
    assert resolve(document({"default": 1}, required=True), "install", {}, {}) == {"it": 1}


def test_a_parameter_is_required_only_where_it_applies() -> None:
    bundle = document({}, required=True, applyTo=["install"])

    assert resolve(bundle, "upgrade", {}, {}) == {}


def test_a_value_for_an_action_that_does_not_take_it_is_refused() -> None:
    with pytest.raises(Refusal, match="it is not for upgrade"):
        resolve(document({}, applyTo=["install"]), "upgrade", {"it": 1}, {})


def test_a_value_that_an_action_does_not_take_is_kept_for_those_that_do() -> None:
    assert resolve(document({}, applyTo=["install"]), "upgrade", {}, {"it": 1}) == {"it": 1}


def test_a_read_only_parameter_cannot_be_changed() -> None:
    bundle = document({"readOnly": True})

    assert resolve(bundle, "upgrade", {"it": 1}, {"it": 1}) == {"it": 1}
    with pytest.raises(Refusal, match="cannot be changed"):
        resolve(bundle, "upgrade", {"it": 2}, {"it": 1})


def test_a_value_for_no_parameter_is_refused() -> None:
    with pytest.raises(Refusal, match="has no parameter 'other'"):
        resolve(document({}), "install", {"other": 1}, {})


def test_a_parameter_without_a_definition_is_refused() -> None:
    with pytest.raises(Refusal, match="'it' has no definition"):
        resolve({"parameters": {"it": {"definition": "none"}}}, "install", {}, {})


@pytest.mark.parametrize(
    ("value", "text"),
    [("a\n", "a\n"), (8080, "8080"), (True, "true"), (None, "null"), ({"é": [1]}, '{"é":[1]}')],
)
def test_text_is_handed_on_as_it_is_and_all_else_as_json(value: object, text: str) -> None:
    assert rendered(value) == text
