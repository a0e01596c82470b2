"""What the reference says of a document that fits no schema is what the schema package says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutators import mutations
from reference_runs import Relocate
from registry_fixtures.archives import Member
from registry_fixtures.bundles import thick_bundle
from registry_fixtures.layouts import index_member
from registry_fixtures.shapes import single
from relocation_schemas import Invalid, schema, validate
from relocator.bundles import parse_bundle
from relocator.errors import Refusal
from relocator.mapping import parse_mapping

Edit = Callable[[dict[str, Any]], object]

EDITS: dict[str, Edit] = {
    "no name": lambda it: it.pop("name"),
    "slip at the top": lambda it: it.update(image={}),
    "wrong type": lambda it: it.update(images={"a b": None}),
    "short digest": lambda it: it["images"]["web"].update(contentDigest="sha256:beef"),
    "parameter without definition": lambda it: it["parameters"]["port"].pop("definition"),
    "output elsewhere": lambda it: it["outputs"]["certificate"].update(path="/tmp"),
    "unknown type in a definition": lambda it: it["definitions"]["port"].update(type="int"),
}


def told(document: object, name: str) -> str:
    """What the schema package says."""
    with pytest.raises(Invalid) as refusal:
        validate(document, name)
    return str(refusal.value)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_relocate_says_of_a_bad_bundle_what_the_schema_package_says(
    edit: Edit, tmp_path: Path, relocate: Relocate
) -> None:
    document = schema("bundle")["examples"][1]
    edit(document)
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(document))

    refusal = relocate(file).refusal

    assert refusal == f"Error: {file} is not a bundle: {told(document, 'bundle')}\n"


def test_relocate_says_of_a_bad_layout_what_the_schema_package_says(relocate: Relocate) -> None:
    index = json.loads(index_member([("example.com/a:v1", single())]).content)
    index["manifests"][0]["digest"] = "sha256:beef"

    def edit_members(members: tuple[Member, ...]) -> list[Member]:
        path = "artifacts/layout/index.json"
        others = [one for one in members if one.name != path]
        return [*others, Member(path, json.dumps(index).encode())]

    refusal = relocate(thick_bundle("example.com/a:v1", edit_members=edit_members)).refusal

    assert refusal.endswith(f"index.json is not an index: {told(index, 'image-index')}\n")


READERS: dict[str, tuple[str, Callable[[bytes, str], object]]] = {
    "bundle": ("a bundle", parse_bundle),
    "relocation-mapping-cnab": ("a relocation mapping", parse_mapping),
}


@given(data=st.data())
@pytest.mark.parametrize("name", READERS)
def test_any_broken_object_is_told_in_the_words_of_the_schema_package(
    name: str, data: st.DataObject
) -> None:
    kind, read = READERS[name]
    examples = schema(name)["examples"]
    broken = [each.applied(one) for one in examples for each in mutations(one, name)]
    document = data.draw(st.sampled_from([each for each in broken if isinstance(each, dict)]))

    with pytest.raises(Refusal) as refusal:
        read(json.dumps(document).encode(), "it")

    assert str(refusal.value) == f"it is not {kind}: {told(document, name)}"
