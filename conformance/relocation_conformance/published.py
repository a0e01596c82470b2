"""The published naming algorithm, written down a second time: what NAME-8 compares with. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from relocation_conformance.references import LONGEST_REPOSITORY, parse


def published_name(name: str, prefix: str) -> str:
    """Return what the algorithm of pivotal/image-relocation makes of *name* under *prefix*.

    Raises `references.Malformed` for a name that is none.
    """
    reference = parse(name)
    digest = hashlib.md5(reference.repository.encode(), usedforsecurity=False).hexdigest()
    room = LONGEST_REPOSITORY - len(f"{prefix}/-{digest}")
    fitting = (flat for flat in _flattened(reference.path.split("/")) if len(flat) <= room)
    readable = next(fitting, "")
    last = f"{readable}-{digest}" if readable else digest
    domain, _, path = f"{prefix}/{last}".partition("/")
    return str(replace(reference, domain=domain, path=path))


def _flattened(path: list[str]) -> Iterator[str]:
    yield "-".join(path)
    for length in range(len(path) - 1, 1, -1):
        yield "-".join(path[: length - 1]) + "---" + path[-1]
    yield path[-1]
    yield path[0]
