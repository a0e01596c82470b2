"""What the schemas must let pass: documents that are met in the wild."""

import json
from pathlib import Path
from typing import Any

import pytest

from relocation_schemas import schema, validate

HASH = "0123456789abcdef" * 4
SHA256 = f"sha256:{HASH}"


@pytest.mark.parametrize(
    "version", ["v1", "v1.0.0", "1.0.0", "v1.0.0-WD", "1.0-WD", "v1.0.0-CR.2", "1.2.0"]
)
def test_schema_version_of_any_cnab_1_passes(bundle: dict[str, Any], version: str) -> None:
    validate(bundle | {"schemaVersion": version}, "bundle")


@pytest.mark.parametrize("version", ["0.1.0", "v2", "1.2", "1.0.0-rc.1+build.5", "2020-01-31"])
def test_version_that_cnab_reads_passes(bundle: dict[str, Any], version: str) -> None:
    validate(bundle | {"version": version}, "bundle")


@pytest.mark.parametrize("name", ["hello", "com.example.hello", "Ünser Bündel", "名前"])
def test_name_of_graphic_characters_passes(bundle: dict[str, Any], name: str) -> None:
    validate(bundle | {"name": name}, "bundle")


@pytest.mark.parametrize(
    "field",
    [
        pytest.param({"credentials": {"token": {}}}, id="credential that goes nowhere"),
        pytest.param({"maintainers": [{"email": "a@example.com"}]}, id="nameless maintainer"),
        pytest.param({"actions": {"io.cnab.status": {}}}, id="bare action"),
        pytest.param({"definitions": {"any": True, "port": {"$id": "#p"}}}, id="definitions"),
        pytest.param({"definitions": {"n": {"type": "number", "minimum": 0.5}}}, id="fraction"),
        pytest.param({"definitions": {"n": {"x-tool": [1]}}}, id="unknown keyword"),
        pytest.param(
            {"parameters": {"p": {"definition": "p", "destination": {}, "x": 1}}},
            id="parameter that goes nowhere",
        ),
        pytest.param(
            {"credentials": {"c": {"path": "/cnab/app/outputs-of-mine"}}},
            id="path beside the outputs",
        ),
        pytest.param({"custom": {"io.cnab.dependencies": [1, None]}}, id="custom"),
        pytest.param({"requiredExtensions": ["not.in.custom"]}, id="required extension"),
        pytest.param({"images": {}}, id="no images"),
    ],
)
def test_bundle_passes_with(bundle: dict[str, Any], field: dict[str, Any]) -> None:
    validate(bundle | field, "bundle")


@pytest.mark.parametrize(
    "field",
    [
        {"imageType": ""},
        {"imageType": "vm"},
        {"contentDigest": SHA256},
        {"contentDigest": f"sha384:{HASH}{HASH[:32]}"},
        {"contentDigest": f"sha512:{HASH}{HASH}"},
        {"contentDigest": "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"},
        {"size": 1337, "mediaType": "application/vnd.oci.image.manifest.v1+json"},
        {"labels": {"os": "linux"}},
        {"description": "The front"},
        {"digest": "sha256:old", "platform": {"os": "linux"}, "refs": []},
    ],
    ids=str,
)
def test_image_passes_with(bundle: dict[str, Any], field: dict[str, Any]) -> None:
    image = {"image": "example/web:1"} | field
    validate(bundle | {"invocationImages": [image], "images": {"web": image}}, "bundle")


def example(name: str, number: int = 0, /, **fields: object) -> dict[str, Any]:
    """A schema's own example with fields set."""
    document: dict[str, Any] = schema(name)["examples"][number]
    return document | fields


def without(document: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {field: value for field, value in document.items() if field not in fields}


OCI_INDEX = "application/vnd.oci.image.index.v1+json"
NO_FIELDS: dict[str, object] = {}

ACCEPTED: list[tuple[str, str, object]] = [
    ("bundle", "with any extension", example("bundle", custom={"a.b": [1, None, "c"]})),
    ("definition", "that forbids everything", False),
    ("definition", "that says nothing", NO_FIELDS),
    ("definition", "in a dialect of JavaScript", {"pattern": "^(?<year>\\p{Nd}{4})$"}),
    ("relocation-mapping", "of what is no image", {"https://example.com/vm": "https://b.c/vm"}),
    ("relocation-mapping-cnab", "that the strict one refuses", {"": "two words"}),
    ("descriptor", "with unknown fields", example("descriptor", **{"x-unknown": [None]})),
    ("descriptor", "of nothing", example("descriptor", size=0)),
    ("image-manifest", "with unknown fields", example("image-manifest", **{"x-unknown": [None]})),
    ("image-manifest", "without media type", without(example("image-manifest"), "mediaType")),
    ("image-manifest", "without layers", example("image-manifest", layers=[])),
    ("image-index", "with unknown fields", example("image-index", **{"x-unknown": [None]})),
    (
        "image-index",
        "of an index",
        example("image-index", manifests=[example("descriptor", mediaType=OCI_INDEX)]),
    ),
    ("image-layout", "with unknown fields", example("image-layout", **{"x-unknown": [None]})),
    ("claim", "of an action of the bundle's own", example("claim", action="io.cnab.status")),
    ("claim", "with offset from UTC", example("claim", created="2026-11-24T01:02:03.5+01:00")),
    ("claim-result", "of an action that was stopped", example("claim-result", status="cancelled")),
    ("claim-result", "with a tool's own field", example("claim-result", outputs={"a": {"b": 1}})),
    ("credential-set", "of no credentials", {"name": "", "credentials": []}),
    (
        "credential-set",
        "from a store of another tool's",
        {"name": "a", "credentials": [{"name": "a", "source": {"vault": "a/b"}, "x": 1}], "x": 1},
    ),
    ("parameter-set", "of no parameters", {"name": "", "parameters": []}),
    ("parameter-set", "with a tool's own field", example("parameter-set", status={"a": 1})),
    ("operation", "with unknown fields", example("operation", **{"x-unknown": [None]})),
    ("operation", "without the bundle", without(example("operation"), "Bundle")),
    ("operation", "of tables that are null", example("operation", environment=None, files=None)),
    ("profile", "with one rule", example("profile", **{"not-applicable": {"THIN-30": "alone"}})),
    ("profile", "of a runtime alone", example("profile", 2)),
    ("catalogue", "of a later version", example("catalogue", version="12.30")),
    ("ledger", "of a target that said nothing", []),
    ("check-record", "without a claim", example("check-record", claim="")),
    ("check-record", "that is kept nearby", example("check-record", evidence="a.b/..c/d [e]")),
    ("report", "of an interrupted run", example("report", complete=False, checks=[], rules=[])),
    ("report", "held to nothing", example("report", held_to=[])),
    ("verification", "of a thin bundle", example("verification", 1)),
]


@pytest.mark.parametrize(
    ("name", "document"),
    [pytest.param(name, document, id=f"{name} {what}") for name, what, document in ACCEPTED],
)
def test_document_passes(name: str, document: object) -> None:
    validate(document, name)


BUNDLES = sorted((Path(__file__).parent / "bundles").glob("*.json"))


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_bundle_as_tools_write_them_passes(path: Path) -> None:
    validate(json.loads(path.read_text("utf-8")), "bundle")


@pytest.mark.parametrize(
    "word", ["--format={{json .}}", "dest={prefix}/{bundle}", "{", "a{B}", "{}", "{{prefix}}"]
)
def test_braces_that_are_no_placeholder_pass_in_a_command(word: str) -> None:
    profile = schema("profile")["examples"][0]
    profile["relocate"]["command"].append(word)
    validate(profile, "profile")


def test_profile_may_be_of_a_relocator_and_a_runtime() -> None:
    profile = schema("profile")["examples"][0]
    validate(profile | {"runtime": {"install": ["mine", "{name}"]}}, "profile")
