"""What the mutators break is refused, and the sentence names the place where it was broken."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutators import Mutation, mutations
from relocation_schemas import NAMES, Invalid, schema, validate
from relocation_schemas.sentences import place_of
from subschemas import STRUCTURAL, subschemas

EXAMPLES = {name: schema(name)["examples"] for name in NAMES}


@cache
def all_mutations(name: str) -> list[tuple[Any, Mutation]]:
    """Everything that can be broken in a schema's examples, each with the example."""
    return [(example, each) for example in EXAMPLES[name] for each in mutations(example, name)]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Mutation, object]:
    """A schema's name, a mutation, and an example of that schema with the thing wrong in it."""
    name = draw(st.sampled_from(NAMES))
    example = draw(st.sampled_from(EXAMPLES[name]))
    mutation = draw(st.sampled_from(list(mutations(example, name))))
    return name, mutation, mutation.applied(example)


@given(mutated())
def test_mutated_example_is_refused_where_it_was_broken(
    drawn: tuple[str, Mutation, object],
) -> None:
    name, mutation, document = drawn

    with pytest.raises(Invalid) as refusal:
        validate(document, name)

    # An array may lack an item that it has to contain, and be refused for that.
    places = {place_of(mutation.path), place_of(mutation.path[:-1])}
    assert refusal.value.place in places


def fits(document: object, name: str) -> bool:
    try:
        validate(document, name)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_no_keyword_can_be_broken_at_any_place_of_an_example(name: str) -> None:
    # One way to break each: the property above draws from all of them.
    one_of_each = {
        (number, mutation.path, mutation.wrong.partition(":")[0]): mutation
        for number, example in enumerate(EXAMPLES[name])
        for mutation in mutations(example, name)
    }
    passed = [
        str(mutation)
        for (number, _, _), mutation in one_of_each.items()
        if fits(mutation.applied(EXAMPLES[name][number]), name)
    ]
    assert passed == []


@pytest.mark.parametrize("name", NAMES)
def test_mutation_changes_the_document_and_leaves_the_original(name: str) -> None:
    for example, mutation in all_mutations(name):
        before = repr(example)
        assert repr(mutation.applied(example)) != before
        assert repr(example) == before


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_of_a_schema_that_can_fail_is_broken_by_some_mutation(name: str) -> None:
    broken = {mutation.wrong.partition(":")[0] for _, mutation in all_mutations(name)}
    can_fail = {
        keyword
        for each in subschemas(schema(name))
        for keyword, says in each.items()
        if keyword not in STRUCTURAL and not is_schema_of_others(keyword, says)
    }
    assert can_fail - broken == set()


def is_schema_of_others(keyword: str, says: object) -> bool:
    """Whether the keyword hands the remaining fields on, and refuses none itself."""
    return keyword == "additionalProperties" and says is not False
