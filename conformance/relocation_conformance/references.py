"""Image references as the suite reads them: parse, normalise, take the repository (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_DOMAIN = "docker.io"
LONGEST_REPOSITORY = 255
"""The most characters a repository name may have, domain included."""

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")


class Malformed(ValueError):
    """A text that the grammar of image references does not allow."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image reference in its normal form: `domain/path[:tag][@digest]`."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository(self) -> str:
        """`domain/path`: the reference without its tag and digest."""
        return f"{self.domain}/{self.path}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


def parse(text: str) -> Reference:
    """Return the normal form of *text*: `ubuntu` is `docker.io/library/ubuntu`, without a tag.

    Raises `Malformed` with the reason where the grammar of image references is broken.
    """
    name, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise Malformed(f"{text!r} is no image reference: {digest!r} is no digest")
    before, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise Malformed(f"{text!r} is no image reference: {tag!r} is no tag")

    domain, path = _split(before + slash + last)
    if not _DOMAIN.fullmatch(domain):
        raise Malformed(f"{text!r} is no image reference: {domain!r} is no domain name")
    if not all(_COMPONENT.fullmatch(component) for component in path.split("/")):
        raise Malformed(f"{text!r} is no image reference: {path!r} is no path")
    reference = Reference(domain, path, tag or None, digest or None)
    if len(reference.repository) > LONGEST_REPOSITORY:
        raise Malformed(f"{text!r} is no image reference: its repository name is too long")
    return reference


def repository(text: str) -> str:
    """Return the normal form of *text* without tag and digest: `docker.io/library/ubuntu`.

    Raises `Malformed` as `parse` does.
    """
    return parse(text).repository


def _split(name: str) -> tuple[str, str]:
    domain, slash, path = name.partition("/")
    if not slash or not ("." in domain or ":" in domain or domain == "localhost"):
        domain, path = DEFAULT_DOMAIN, name
    if domain == "index.docker.io":
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = f"library/{path}"
    return domain, path
