"""The sentence of a refusal: whole, short and harmless, whatever the document."""

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relocation_schemas import NAMES, Invalid, schema, validate

MEGABYTE = 1_000_000
LONGEST_SENTENCE = 1_000

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def example_of(name: str, number: int = 0) -> dict[str, Any]:
    """An example that is an object; of a schema that has none such, the empty object."""
    examples = [each for each in schema(name)["examples"] if isinstance(each, dict)] or [{}]
    example: dict[str, Any] = examples[number % len(examples)]
    return example


def refusal(document: object, name: str) -> Invalid:
    with pytest.raises(Invalid) as raised:
        validate(document, name)
    return raised.value


def sentence(document: object, name: str) -> str:
    """What is said of a document; empty where it is accepted."""
    try:
        validate(document, name)
    except Invalid as told:
        return str(told)
    return ""


def test_sentence_is_place_then_reason(bundle: dict[str, Any]) -> None:
    told = refusal(bundle | {"images": {"web": 5}}, "bundle")
    assert str(told) == "images.web: must be an object, not a number"


def test_refusal_is_a_value_error() -> None:
    assert issubclass(Invalid, ValueError)


def test_refusal_survives_pickling() -> None:
    told = pickle.loads(pickle.dumps(Invalid("images.web", "image is missing")))
    assert (told.place, told.reason) == ("images.web", "image is missing")


def test_error_nearest_to_the_root_is_told(bundle: dict[str, Any]) -> None:
    bundle["invocationImages"] = [{"image": ""}]
    bundle["images"] = {"web": []}
    bundle["name"] = 5
    assert refusal(bundle, "bundle").place == "name"


def test_first_of_equal_errors_is_told(bundle: dict[str, Any]) -> None:
    bundle["invocationImages"] = [{"image": "a"}, {"image": ""}, {"image": ""}]
    assert refusal(bundle, "bundle").place == "invocationImages[1].image"


def test_first_of_equal_errors_in_an_object_of_any_names_is_told(bundle: dict[str, Any]) -> None:
    bundle["images"] = {f"web-{number}": None for number in range(100)}
    assert refusal(bundle, "bundle").place == "images.web-0"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("x" * MEGABYTE, id="string"),
        pytest.param(["x"] * MEGABYTE, id="array"),
        pytest.param({"name": "x" * MEGABYTE}, id="string in a field"),
        pytest.param({"name": ["x"] * MEGABYTE}, id="array in a field"),
        pytest.param({str(number): number for number in range(5_000)}, id="many fields"),
        pytest.param({"x" * MEGABYTE: 1}, id="long key"),
        pytest.param({"name": 10**4000}, id="long number"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_sentence_stays_short(name: str, document: object) -> None:
    if isinstance(document, dict) and not name.startswith("relocation"):
        document = example_of(name) | document
    assert len(sentence(document, name)) < LONGEST_SENTENCE


def test_long_value_is_quoted_by_its_start_and_length(bundle: dict[str, Any]) -> None:
    told = refusal(bundle | {"version": "x" * MEGABYTE}, "bundle")
    assert told.reason.endswith(f'not "{"x" * 80}"... (1,000,000 characters)')


def test_long_key_is_quoted_by_its_start_and_length() -> None:
    told = refusal({"a." * 500_000: 1}, "relocation-mapping")
    assert told.place == f'["{"a." * 40}"... (1,000,000 characters)]'


def test_long_number_is_cut() -> None:
    size = {"size": 10**1000}
    told = refusal(schema("descriptor")["examples"][0] | size, "descriptor")
    assert told.reason.endswith(f"not 1{'0' * 79}...")


@pytest.mark.parametrize("name", NAMES)
def test_nesting_too_deep_to_read_is_refused(name: str) -> None:
    document: list[Any] = []
    for _ in range(100_000):
        document = [document]
    assert refusal(document, name).place == "the document"


def test_depth_does_not_matter_where_nothing_is_read(bundle: dict[str, Any]) -> None:
    depth: list[Any] = []
    for _ in range(100_000):
        depth = [depth]
    validate(bundle | {"custom": {"x": depth}}, "bundle")


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\n", "\u202e", "\ud800", "\x9b"])
def test_sentence_holds_no_character_that_a_terminal_obeys(character: str) -> None:
    told = refusal({f"a {character}": "b"}, "relocation-mapping")
    assert str(told).isprintable()


def test_letters_of_any_script_are_shown_as_they_are() -> None:
    assert "名 前" in refusal({"名 前": "b"}, "relocation-mapping").reason


@settings(deadline=None)
@given(document=json_values, name=st.sampled_from(NAMES))
def test_any_value_is_accepted_or_refused_in_a_short_printable_sentence(
    document: object, name: str
) -> None:
    said = sentence(document, name)
    assert said.isprintable()
    assert len(said) < LONGEST_SENTENCE


@settings(deadline=None)
@given(name=st.sampled_from(NAMES), value=json_values, data=st.data())
def test_any_changed_example_is_accepted_or_refused_in_a_short_printable_sentence(
    name: str, value: object, data: st.DataObject
) -> None:
    example = example_of(name, data.draw(st.integers(0, 3)))
    field = data.draw(st.sampled_from([*example, "x"]))
    said = sentence(example | {field: value}, name)
    assert said.isprintable()
    assert len(said) < LONGEST_SENTENCE
