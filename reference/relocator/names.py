"""Image names: parse, normalise, and map under a prefix. Pure: text in, text out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from relocator.digests import check_digest
from relocator.errors import Refusal, shown

DEFAULT_DOMAIN = "docker.io"
LEGACY_DEFAULT_DOMAIN = "index.docker.io"
OFFICIAL_PATH = "library"
MAX_REPOSITORY = 255
"""The most characters a repository, domain included, may have."""

_HOST_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_HOST_LABEL}(?:\.{_HOST_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image name in its normal form: `domain/path[:tag][@digest]`."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository(self) -> str:
        """The name without tag and digest: what is mapped one to one (NAME-2, NAME-4)."""
        return f"{self.domain}/{self.path}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


def parse(text: str) -> ImageName:
    """Return the normal form of the image name *text*.

    `ubuntu`, `library/ubuntu`, `docker.io/ubuntu` and `index.docker.io/library/ubuntu` are one
    name, `docker.io/library/ubuntu` (NAME-5). No tag is made up. Raises `Refusal` with the
    reason where the grammar of image references is broken (NAME-9).
    """
    try:
        return _parse(text)
    except Refusal as refusal:
        raise Refusal(f"{shown(text)} is not an image name: {refusal}") from None


def _parse(text: str) -> ImageName:
    rest, at, digest = text.partition("@")
    if at:
        check_digest(digest)
    if _IMAGE_ID.fullmatch(rest):
        raise Refusal("64 hex digits are an image's id, not its name")

    before, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise Refusal(f"{shown(tag)} is not a tag")

    domain, path = _split_domain(f"{before}{slash}{last}")
    _check_path(path)
    name = ImageName(domain, path, tag or None, digest or None)
    if len(name.repository) > MAX_REPOSITORY:
        raise Refusal(f"it has more than {MAX_REPOSITORY} characters before its tag and digest")
    return name


def _split_domain(text: str) -> tuple[str, str]:
    domain, slash, path = text.partition("/")
    if not slash or not _is_domain(domain):
        domain, path = DEFAULT_DOMAIN, text
    elif not _DOMAIN.fullmatch(domain):
        raise Refusal(f"{shown(domain)} is not a domain name with an optional port")
    if domain == LEGACY_DEFAULT_DOMAIN:
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = f"{OFFICIAL_PATH}/{path}"
    return domain, path


def _is_domain(component: str) -> bool:
    return "." in component or ":" in component or component == "localhost"


def _check_path(path: str) -> None:
    for component in path.split("/"):
        if not component:
            raise Refusal("a component of its path is empty")
        if component != component.lower():
            raise Refusal(f"{shown(component)} has capital letters")
        if not _COMPONENT.fullmatch(component):
            raise Refusal(f"{shown(component)} is not a component of a path")


def parse_prefix(text: str) -> str:
    """Return the normal form of a repository prefix, `domain[/path]`.

    A prefix without a domain means Docker Hub's: `user` is `docker.io/user`. Raises `Refusal`
    for anything that no relocated name could start with (CLI-4).
    """
    first, slash, path = text.partition("/")
    if not _is_domain(first):
        first, slash, path = DEFAULT_DOMAIN, "/", text
    try:
        _check_host(first)
        if slash:
            _check_path(path)
    except Refusal as refusal:
        raise Refusal(f"{shown(text)} is not a repository prefix: {refusal}") from None

    domain = DEFAULT_DOMAIN if first == LEGACY_DEFAULT_DOMAIN else first
    prefix = f"{domain}{slash}{path}"
    if len(prefix) > _LONGEST_PREFIX:
        raise Refusal(f"the repository prefix has more than {_LONGEST_PREFIX} characters")
    return prefix


def _check_host(domain: str) -> None:
    if not _DOMAIN.fullmatch(domain):
        raise Refusal(f"{shown(domain)} is not a domain name with an optional port")
    port = re.search(r":([0-9]+)$", domain)
    if port and not 0 < int(port[1]) < 65536:
        raise Refusal(f"there is no port {shown(port[1])}")


_HASH_LENGTH = 32
_LONGEST_PREFIX = MAX_REPOSITORY - len("/") - _HASH_LENGTH


def relocated(name: ImageName, prefix: str) -> ImageName:
    """Return *name* under *prefix* (from `parse_prefix`), tag and digest kept.

    The path is flattened for registries that take two components only, cut between components
    where it would be too long, and ends in a hash of the repository: two repositories never
    meet, however they are flattened or cut (NAME-1 to NAME-4, NAME-8).
    """
    repository_hash = hashlib.md5(name.repository.encode(), usedforsecurity=False).hexdigest()
    room = MAX_REPOSITORY - len(f"{prefix}/-{repository_hash}")
    readable = next(flat for flat in _flattened(name.path.split("/")) if len(flat) <= max(room, 0))
    separator = "-" if readable else ""
    domain, _, path = f"{prefix}/{readable}{separator}{repository_hash}".partition("/")
    return ImageName(domain, path, name.tag, name.digest)


def _flattened(components: list[str]) -> Iterator[str]:
    """Yield readable forms of a path, longest first; a gap shows as `---`."""
    first, last = components[0], components[-1]
    yield "-".join(components)
    for kept in range(len(components) - 2, 0, -1):
        yield "-".join([*components[:kept], "-", last])
    yield last
    yield first
    yield ""
