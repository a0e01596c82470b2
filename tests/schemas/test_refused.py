"""Bundles, mappings and image documents that must not pass, and what a person is told."""

from typing import Any

import pytest

from relocation_schemas import Invalid, schema, validate

HASH = "0123456789abcdef" * 4
DIGEST = "must be a digest (algorithm, colon, the whole hash in lower-case hexadecimal), not"
REFERENCE = "must be an image reference without white space, not"
VERSION = "must be a version such as 1.2.3, v1 or 1.0.0-rc.1, not"
PATH = "must be an absolute path that is not under /cnab/app/outputs, not"
KIND = "must be null, boolean, object, array, string, integer or number, not"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

ROOT = "the document"
REMOVED = object()


def changed(name: str, /, **fields: object) -> dict[str, Any]:
    """A schema's own example with fields set or `REMOVED`."""
    document: dict[str, Any] = schema(name)["examples"][0]
    document |= fields
    return {field: value for field, value in document.items() if value is not REMOVED}


def bundle(**fields: object) -> dict[str, Any]:
    return changed("bundle", **fields)


def image(**fields: object) -> dict[str, Any]:
    return bundle(images={"web": {"image": "example/web:1"} | fields})


def parameter(**fields: object) -> dict[str, Any]:
    return bundle(parameters={"a": {"definition": "port", "destination": {}} | fields})


def definition(**fields: object) -> dict[str, Any]:
    """A definition with keywords set."""
    return {"type": "integer"} | fields


def descriptor(**fields: object) -> dict[str, Any]:
    return changed("descriptor", **fields)


BUNDLES: list[tuple[object, str, str]] = [
    ([], ROOT, "must be an object, not an array"),
    (None, ROOT, "must be an object, not null"),
    ({}, ROOT, "schemaVersion, name, version and invocationImages are missing"),
    (bundle(schemaVersion=REMOVED), ROOT, "schemaVersion is missing"),
    (bundle(name=REMOVED), ROOT, "name is missing"),
    (bundle(version=REMOVED), ROOT, "version is missing"),
    (bundle(invocationImages=REMOVED), ROOT, "invocationImages is missing"),
    (bundle(schemaVersion=1), "schemaVersion", "must be a string, not a number"),
    (bundle(schemaVersion=""), "schemaVersion", f'{VERSION} ""'),
    (bundle(schemaVersion="cnab"), "schemaVersion", f'{VERSION} "cnab"'),
    (bundle(version="latest"), "version", f'{VERSION} "latest"'),
    (bundle(version="1.0.0\n"), "version", f'{VERSION} "1.0.0\\n"'),
    (bundle(name=""), "name", 'must be a name without control characters, not ""'),
    (bundle(name="a\tb"), "name", 'must be a name without control characters, not "a\\tb"'),
    (bundle(description=5), "description", "must be a string, not a number"),
    (bundle(keywords="a"), "keywords", "must be an array, not a string"),
    (bundle(keywords=["a", 1]), "keywords[1]", "must be a string, not a number"),
    (bundle(maintainers=["me"]), "maintainers[0]", "must be an object, not a string"),
    (bundle(maintainers=[{"name": 1}]), "maintainers[0].name", "must be a string, not a number"),
    (bundle(license=[]), "license", "must be a string, not an array"),
    (bundle(invocationImages={}), "invocationImages", "must be an array, not an object"),
    (bundle(invocationImages=[]), "invocationImages", "must not be empty"),
    (bundle(invocationImages=["a"]), "invocationImages[0]", "must be an object, not a string"),
    (bundle(invocationImages=[{"image": ""}]), "invocationImages[0].image", "must not be empty"),
    (bundle(invocationImages=[{}]), "invocationImages[0]", "image is missing"),
    (bundle(images=[]), "images", "must be an object, not an array"),
    (bundle(images=None), "images", "must be an object, not null"),
    (bundle(images={"web": None}), "images.web", "must be an object, not null"),
    (bundle(images={"web": {}}), "images.web", "image is missing"),
    (bundle(images={"a.b": {}}), 'images["a.b"]', "image is missing"),
    (image(image=["a"]), "images.web.image", "must be a string, not an array"),
    (image(imageType=None), "images.web.imageType", "must be a string, not null"),
    (image(contentDigest=None), "images.web.contentDigest", "must be a string, not null"),
    (image(contentDigest=""), "images.web.contentDigest", f'{DIGEST} ""'),
    (image(contentDigest=HASH), "images.web.contentDigest", f'{DIGEST} "{HASH}"'),
    (image(contentDigest="sha256:ab"), "images.web.contentDigest", f'{DIGEST} "sha256:ab"'),
    (image(contentDigest="sha512:ab"), "images.web.contentDigest", f'{DIGEST} "sha512:ab"'),
    (
        image(contentDigest=f"sha384:{HASH}"),
        "images.web.contentDigest",
        f'{DIGEST} "sha384:{HASH}"',
    ),
    (
        image(contentDigest=f"sha256:{HASH.upper()}"),
        "images.web.contentDigest",
        f'{DIGEST} "sha256:{HASH.upper()}"',
    ),
    (
        image(contentDigest=f"sha256:{HASH}\n"),
        "images.web.contentDigest",
        f'{DIGEST} "sha256:{HASH}\\n"',
    ),
    (image(size="1"), "images.web.size", "must be an integer, not a string"),
    (image(labels={"a": 1}), "images.web.labels.a", "must be a string, not a number"),
    (image(mediaType=1), "images.web.mediaType", "must be a string, not a number"),
    (bundle(actions={"a": True}), "actions.a", "must be an object, not a boolean"),
    (
        bundle(actions={"a": {"modifies": "no"}}),
        "actions.a.modifies",
        "must be a boolean, not a string",
    ),
    (bundle(parameters={"a": 1}), "parameters.a", "must be an object, not a number"),
    (
        bundle(parameters={"a": {"type": "int"}}),
        "parameters.a",
        "definition and destination are missing",
    ),
    (
        bundle(parameters={"fields": {}, "required": ["a"]}),
        "parameters.fields",
        "definition and destination are missing",
    ),
    (parameter(definition={}), "parameters.a.definition", "must be a string, not an object"),
    (
        parameter(destination={"env": 1}),
        "parameters.a.destination.env",
        "must be a string, not a number",
    ),
    (parameter(destination={"path": "a"}), "parameters.a.destination.path", f'{PATH} "a"'),
    (
        parameter(destination={"path": "/cnab/app/outputs/a"}),
        "parameters.a.destination.path",
        f'{PATH} "/cnab/app/outputs/a"',
    ),
    (parameter(applyTo="install"), "parameters.a.applyTo", "must be an array, not a string"),
    (parameter(required=1), "parameters.a.required", "must be a boolean, not a number"),
    (
        bundle(credentials={"a": {"path": "/cnab/app/outputs"}}),
        "credentials.a.path",
        f'{PATH} "/cnab/app/outputs"',
    ),
    (bundle(credentials={"a": []}), "credentials.a", "must be an object, not an array"),
    (
        bundle(credentials={"a": {"path": 1}}),
        "credentials.a.path",
        "must be a string, not a number",
    ),
    (bundle(outputs={"a": ""}), "outputs.a", "must be an object, not a string"),
    (bundle(outputs={"a": {"definition": "a"}}), "outputs.a", "path is missing"),
    (
        bundle(outputs={"a": {"definition": "a", "path": "/tmp/a"}}),
        "outputs.a.path",
        'must be a path under /cnab/app/outputs, not "/tmp/a"',
    ),
    (bundle(definitions={"a": 1}), "definitions.a", "must be an object or a boolean, not a number"),
    (
        bundle(definitions={"a": {"type": "int"}}),
        "definitions.a.type",
        f'{KIND} "int"',
    ),
    (bundle(**{"x-tool": {}}), ROOT, 'has an unknown field: "x-tool"'),
    (bundle(Images={}), ROOT, 'has an unknown field: "Images"'),
    (bundle(custom=[]), "custom", "must be an object, not an array"),
    (bundle(requiredExtensions={}), "requiredExtensions", "must be an array, not an object"),
]

DEFINITIONS: list[tuple[object, str, str]] = [
    ("integer", ROOT, "must be an object or a boolean, not a string"),
    (definition(type="int"), "type", f'{KIND} "int"'),
    (definition(type=[]), "type", "must not be empty"),
    (definition(type=["string", 1]), "type[1]", "must be a string, not a number"),
    (definition(minLength=-1), "minLength", "must be at least 0, not -1"),
    (definition(minimum="1"), "minimum", "must be a number, not a string"),
    (definition(multipleOf=0), "multipleOf", "must be over 0, not 0"),
    (definition(enum=[]), "enum", "must not be empty"),
    (definition(allOf=[]), "allOf", "must not be empty"),
    (definition(required="a"), "required", "must be an array, not a string"),
    (definition(pattern=1), "pattern", "must be a string, not a number"),
    (definition(writeOnly="yes"), "writeOnly", "must be a boolean, not a string"),
    (definition(items=1), "items", "must be an object or a boolean or an array, not a number"),
    (definition(items=[True, 1]), "items[1]", "must be an object or a boolean, not a number"),
    (
        definition(properties={"a": {"not": {"type": "date"}}}),
        "properties.a.not.type",
        f'{KIND} "date"',
    ),
    (
        definition(dependencies={"a": ["b", 1]}),
        "dependencies.a[1]",
        "must be a string, not a number",
    ),
]

MAPPINGS: list[tuple[object, str, str]] = [
    ([], ROOT, "must be an object, not an array"),
    ({"a": None}, "a", "must be a string, not null"),
    ({"a": ""}, "a", f'{REFERENCE} ""'),
    ({"a": "b c"}, "a", f'{REFERENCE} "b c"'),
    ({"a": "b\n"}, "a", f'{REFERENCE} "b\\n"'),
    ({"": "a"}, ROOT, f'a key {REFERENCE} ""'),
    ({"a b": "c"}, ROOT, f'a key {REFERENCE} "a b"'),
    ({"docker.io/a:1": 1}, '["docker.io/a:1"]', "must be a string, not a number"),
]

CNAB_MAPPINGS: list[tuple[object, str, str]] = [
    ("", ROOT, "must be an object, not a string"),
    ({"a": 1}, "a", "must be a string, not a number"),
]

DESCRIPTORS: list[tuple[object, str, str]] = [
    ({}, ROOT, "mediaType, digest and size are missing"),
    (descriptor(size=REMOVED), ROOT, "size is missing"),
    (descriptor(size=-1), "size", "must be at least 0, not -1"),
    (descriptor(size=1.5), "size", "must be an integer, not a number"),
    (descriptor(size=True), "size", "must be an integer, not a boolean"),
    (
        descriptor(size=2**63),
        "size",
        "must be at most 9223372036854775807, not 9223372036854775808",
    ),
    (descriptor(digest="sha256:"), "digest", f'{DIGEST} "sha256:"'),
    (descriptor(digest="sha+:ab"), "digest", f'{DIGEST} "sha+:ab"'),
    (descriptor(mediaType="text"), "mediaType", 'must be a media type, not "text"'),
    (descriptor(urls="http://a"), "urls", "must be an array, not a string"),
    (descriptor(annotations={"a": None}), "annotations.a", "must be a string, not null"),
    (descriptor(platform={"os": "linux"}), "platform", "architecture is missing"),
    (descriptor(data=1), "data", "must be a string, not a number"),
    (descriptor(artifactType=""), "artifactType", 'must be a media type, not ""'),
]

IMAGES: list[tuple[str, object, str, str]] = [
    ("image-manifest", {}, ROOT, "schemaVersion, config and layers are missing"),
    ("image-manifest", changed("image-manifest", config=REMOVED), ROOT, "config is missing"),
    ("image-manifest", changed("image-manifest", layers=REMOVED), ROOT, "layers is missing"),
    (
        "image-manifest",
        changed("image-manifest", layers=[{}]),
        "layers[0]",
        "mediaType, digest and size are missing",
    ),
    (
        "image-manifest",
        changed("image-manifest", schemaVersion=1),
        "schemaVersion",
        "must be 2, not 1",
    ),
    (
        "image-manifest",
        changed("image-manifest", manifests=[]),
        ROOT,
        "has both layers and manifests",
    ),
    (
        "image-manifest",
        changed("image-manifest", mediaType="text/plain"),
        "mediaType",
        f'must be "{OCI_MANIFEST}" or "{DOCKER_MANIFEST}", not "text/plain"',
    ),
    (
        "image-manifest",
        changed("image-manifest", subject="x"),
        "subject",
        "must be an object, not a string",
    ),
    ("image-index", {}, ROOT, "schemaVersion and manifests are missing"),
    (
        "image-index",
        changed("image-index", manifests=None),
        "manifests",
        "must be an array, not null",
    ),
    ("image-index", changed("image-index", schemaVersion=1), "schemaVersion", "must be 2, not 1"),
    ("image-index", changed("image-index", layers=[]), ROOT, "has both manifests and layers"),
    ("image-index", changed("image-index", config={}), ROOT, "has both manifests and a config"),
    ("image-layout", {}, ROOT, "imageLayoutVersion is missing"),
    (
        "image-layout",
        {"imageLayoutVersion": "2.0.0"},
        "imageLayoutVersion",
        'must be "1.0.0", not "2.0.0"',
    ),
]

REFUSED = [
    *(("bundle", *row) for row in BUNDLES),
    *(("definition", *row) for row in DEFINITIONS),
    *(("relocation-mapping", *row) for row in MAPPINGS),
    *(("relocation-mapping-cnab", *row) for row in CNAB_MAPPINGS),
    *(("descriptor", *row) for row in DESCRIPTORS),
    *IMAGES,
]
IDS = [f"{name}: {place}: {reason}"[:100] for name, _, place, reason in REFUSED]


@pytest.mark.parametrize(("name", "document", "place", "reason"), REFUSED, ids=IDS)
def test_refusal_names_its_place_and_reason(
    name: str, document: object, place: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(document, name)
    assert (refusal.value.place, refusal.value.reason) == (place, reason)
