"""What a path of the registry's HTTP interface is about: its kind, repository and reference."""

import re
from dataclasses import dataclass
from functools import lru_cache

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")

_FIXED = {
    "/v2/": "base",
    "/v2": "base",
    "/v2/_catalog": "catalog",
    "/token": "token",
    "/auth/token": "token",
}
_BLOB_UPLOAD = re.compile(
    r"/v2/(?P<repository>.+)/blobs/(?P<kind>uploads)/?(?P<reference>[^/]*)", re.DOTALL
)
_BY_REFERENCE = re.compile(
    r"/v2/(?P<repository>.+)/(?P<kind>manifests|blobs|referrers)/(?P<reference>[^/]+)",
    re.DOTALL,
)
_TAGS = re.compile(r"/v2/(?P<repository>.+)/(?P<kind>tags)/list(?P<reference>)", re.DOTALL)


@dataclass(frozen=True)
class Route:
    """What a request is about.

    `kind` is one of manifests, blobs, uploads, tags, referrers, token, catalog, base, other.
    `repository` is empty where the kind has none. `reference` is a tag or a digest, or the id of
    an upload; empty where there is none. Neither is checked for being well formed.
    """

    kind: str
    repository: str = ""
    reference: str = ""


@lru_cache(maxsize=4096)
def route(path: str) -> Route:
    """Read a decoded path, without its query."""
    if path in _FIXED:
        return Route(_FIXED[path])
    for pattern in (_BLOB_UPLOAD, _BY_REFERENCE, _TAGS):
        if found := pattern.fullmatch(path):
            return Route(found["kind"], found["repository"], found["reference"])
    return Route("other")


def is_repository(name: str) -> bool:
    """Tell whether a repository's name is well formed (OCI distribution-spec v1.1, "Pulling")."""
    return len(name) <= 255 and _REPOSITORY.fullmatch(name) is not None


def is_tag(text: str) -> bool:
    """Tell whether a tag is well formed (OCI distribution-spec v1.1, "Pulling manifests")."""
    return _TAG.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Tell whether a digest is well formed (OCI image-spec, "Digests"), known algorithm or not."""
    return _DIGEST.fullmatch(text) is not None
