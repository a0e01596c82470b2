"""What the schemas must let pass: documents that are met in the wild."""

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
        pytest.param({"x-tool": {"any": ["thing"]}}, id="unknown field"),
        pytest.param({"parameters": {"port": {"type": "int", "defaultValue": 80}}}, id="inline"),
        pytest.param(
            {"parameters": {"fields": {"port": {"definition": "port"}}, "required": ["port"]}},
            id="draft list of required parameters",
        ),
        pytest.param({"outputs": {"fields": {"log": {"definition": "log"}}}}, id="draft outputs"),
        pytest.param({"credentials": {"token": {}}}, id="credential that goes nowhere"),
        pytest.param({"maintainers": [{"email": "a@example.com"}]}, id="nameless maintainer"),
        pytest.param({"actions": {"io.cnab.status": {}}}, id="bare action"),
        pytest.param({"definitions": {"any": True, "port": {"$id": "#p"}}}, id="definitions"),
        pytest.param({"custom": {"io.cnab.dependencies": [1, None]}}, id="custom"),
        pytest.param({"requiredExtensions": ["not.in.custom"]}, id="required extension"),
        pytest.param({"images": {}}, id="no images"),
    ],
)
def test_bundle_passes_with_what_relocation_does_not_read(
    bundle: dict[str, Any], field: dict[str, Any]
) -> None:
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


def test_loose_mapping_may_hold_what_the_strict_one_refuses() -> None:
    validate({"": "two words"}, "relocation-mapping-cnab")


@pytest.mark.parametrize("name", ["descriptor", "image-manifest", "image-index", "image-layout"])
def test_oci_document_passes_with_unknown_fields(name: str) -> None:
    validate(schema(name)["examples"][0] | {"x-unknown": [None]}, name)


def test_manifest_passes_without_media_type() -> None:
    manifest = schema("image-manifest")["examples"][0]
    del manifest["mediaType"]
    validate(manifest, "image-manifest")


def test_index_of_indexes_passes() -> None:
    index = schema("image-index")["examples"][0]
    index["manifests"][0]["mediaType"] = index["mediaType"]
    validate(index, "image-index")


@pytest.mark.parametrize(
    "word", ["--format={{json .}}", "dest={prefix}/{bundle}", "{", "a{B}", "{}", "{{prefix}}"]
)
def test_braces_that_are_no_placeholder_pass_in_a_command(word: str) -> None:
    profile = schema("profile")["examples"][0]
    profile["relocate"]["command"].append(word)
    validate(profile, "profile")


def test_profile_may_declare_a_single_rule_not_applicable() -> None:
    profile = schema("profile")["examples"][0]
    validate(profile | {"not-applicable": {"THIN-30": "no network"}}, "profile")
