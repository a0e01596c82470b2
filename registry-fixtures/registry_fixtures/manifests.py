"""What a registry demands of a manifest, and what it tells about those that refer to another."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from registry_fixtures.errors import Refused
from registry_fixtures.routes import is_digest
from registry_fixtures.store import Manifest

_ALGORITHMS = ("sha256", "sha384", "sha512")
_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_FOREIGN = ("nondistributable", "foreign")


def digest_algorithm(digest: str) -> str:
    """The algorithm of a digest.

    Raises:
        Refused: it is no digest, or its algorithm is not supported.
    """
    algorithm = digest.partition(":")[0]
    if not is_digest(digest) or algorithm not in _ALGORITHMS:
        raise Refused(400, "DIGEST_INVALID", "not a digest, or not supported", [digest])
    return algorithm


def checked_manifest(
    content: bytes,
    content_type: str | None,
    *,
    strict: bool,
    insists_on_foreign_layers: bool,
    has_manifest: Callable[[str], bool],
    has_blob: Callable[[str], bool],
) -> Manifest:
    """Make a manifest of what was pushed.

    A subject need not be there (distribution-spec v1.1, "Push"); everything else must if strict.

    Raises:
        Refused: it is no manifest, or names what is not there.
    """
    document = _parsed(content)
    declared = (content_type or "").partition(";")[0].strip()
    own = document.get("mediaType")
    usable = isinstance(own, str) and own.isascii() and own.isprintable()
    media_type = declared or (str(own) if usable else _MANIFEST)
    if strict:
        _check_types(document, declared)
        missing = _missing(document, insists_on_foreign_layers, has_manifest, has_blob)
        if missing:
            details = [{"digest": digest} for digest in missing]
            message = "manifest references a manifest or blob unknown to registry"
            raise Refused(404, "MANIFEST_BLOB_UNKNOWN", message, details)
    subject = document.get("subject")
    refers_to = subject.get("digest") if isinstance(subject, dict) else None
    return Manifest(content, media_type, refers_to if isinstance(refers_to, str) else "")


def referrers_index(
    referrers: Iterable[tuple[str, Manifest]], artifact_type: str | None
) -> dict[str, Any]:
    """The index of manifests that refer to one (distribution-spec v1.1, "Listing Referrers")."""
    descriptors = [_referrer(digest, manifest) for digest, manifest in referrers]
    return {
        "schemaVersion": 2,
        "mediaType": _INDEX,
        "manifests": [
            descriptor
            for descriptor in descriptors
            if not artifact_type or descriptor.get("artifactType") == artifact_type
        ],
    }


def _referrer(digest: str, manifest: Manifest) -> dict[str, Any]:
    document = json.loads(manifest.content)
    descriptor = {
        "mediaType": manifest.media_type,
        "size": len(manifest.content),
        "digest": digest,
    }
    config = document.get("config")
    fallback = config.get("mediaType") if isinstance(config, dict) else None
    if artifact_type := document.get("artifactType") or fallback:
        descriptor["artifactType"] = artifact_type
    if annotations := document.get("annotations"):
        descriptor["annotations"] = annotations
    return descriptor


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as malformed:
        raise Refused(400, "MANIFEST_INVALID", "not JSON") from malformed
    if not isinstance(document, dict):
        raise Refused(400, "MANIFEST_INVALID", "not a JSON object")
    return document


def _check_types(document: dict[str, Any], declared: str) -> None:
    if not declared:
        raise Refused(400, "MANIFEST_INVALID", "no Content-Type")
    if document.get("schemaVersion") != 2:
        raise Refused(400, "MANIFEST_INVALID", "schemaVersion is not 2")
    if document.get("mediaType", declared) != declared:
        raise Refused(400, "MANIFEST_INVALID", "mediaType differs from Content-Type")


def _missing(
    document: dict[str, Any],
    insists_on_foreign_layers: bool,
    has_manifest: Callable[[str], bool],
    has_blob: Callable[[str], bool],
) -> list[str]:
    missing = [
        digest
        for descriptor in _descriptors(document, "manifests")
        if not has_manifest(digest := _digest(descriptor))
    ]
    for name in ("config", "layers", "blobs"):
        for descriptor in _descriptors(document, name):
            needed = insists_on_foreign_layers or not _is_foreign(descriptor)
            if needed and not has_blob(digest := _digest(descriptor)):
                missing.append(digest)
    return list(dict.fromkeys(missing))


def _descriptors(document: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = document.get(name) or []
    for descriptor in found if isinstance(found, list) else [found]:
        if not isinstance(descriptor, dict):
            raise Refused(400, "MANIFEST_INVALID", f"{name} holds what is no descriptor")
        yield descriptor


def _digest(descriptor: dict[str, Any]) -> str:
    digest = descriptor.get("digest")
    if not isinstance(digest, str) or not is_digest(digest):
        raise Refused(400, "DIGEST_INVALID", "a descriptor without a digest", [digest])
    return digest


def _is_foreign(descriptor: dict[str, Any]) -> bool:
    media_type = str(descriptor.get("mediaType", ""))
    return bool(descriptor.get("urls")) or any(word in media_type for word in _FOREIGN)
