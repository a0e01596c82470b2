"""Image references, read as the relocation guide reads them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageName:
    """The parts of a full image reference; an absent tag or digest is None."""

    domain: str
    path: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return f"{self.domain}/{self.path}{tag}{digest}"


def normalised(reference: str) -> ImageName:
    """The full name that `reference` is short for; `ubuntu` is `docker.io/library/ubuntu`.

    A first component with `.` or `:` in it, and `localhost`, is the domain. No tag is added.
    Nothing is refused: what is no image reference comes out as it may.

    Source: the image relocation guide, and the naming algorithm published with it.
    """
    rest, _, digest = reference.partition("@")
    head, slash, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    domain, path = _domain_and_path(head + slash + last)
    if domain in ("docker.io", "index.docker.io"):
        domain, path = "docker.io", path if "/" in path else f"library/{path}"
    return ImageName(domain, path, tag or None, digest or None)


def _domain_and_path(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_domain = "." in first or ":" in first or first == "localhost"
    return (first, rest) if slash and is_domain else ("docker.io", name)
