"""Ways in which a registry can write the Location of an upload, for the checks of FAULT-7.

Each is put between a destination and the target by calling it with the destination's faults.
"""

from __future__ import annotations

import posixpath
import secrets
from urllib.parse import urljoin, urlsplit

from registry_fixtures.faults import (
    Fault,
    Faults,
    Match,
    answer,
    kind,
    located,
    mapped,
    path,
    with_content,
)
from registry_fixtures.messages import Request

_UPLOADS = kind("uploads")
_IN_PROGRESS = _UPLOADS & path("/uploads/.")


def relative(faults: Faults) -> None:
    """Give the Location of an upload relative to what was asked for."""

    def at(request: Request, own: str) -> str:
        parts = urlsplit(own)
        place = posixpath.relpath(parts.path, posixpath.dirname(request.path))
        return parts._replace(scheme="", netloc="", path=place).geturl()

    faults.add(Fault(located(at), _UPLOADS))


def absolute(faults: Faults) -> None:
    """Give the Location of an upload with scheme and host."""

    def at(request: Request, own: str) -> str:
        return urljoin(request.origin, own)

    faults.add(Fault(located(at), _UPLOADS))


def elsewhere(faults: Faults) -> None:
    """Give a Location for an upload from which nothing can be told, another one for each."""
    places: dict[str, str] = {}

    def at(_: Request, own: str) -> str:
        parts = urlsplit(own)
        place = f"/elsewhere/{secrets.token_hex(8)}"
        places[place] = parts.path
        return parts._replace(scheme="", netloc="", path=place).geturl()

    def target_of(asked: str) -> str:
        place, mark, query = asked.partition("?")
        return f"{places.get(place, '/')}{mark}{query}"

    faults.add(Fault(located(at), _UPLOADS))
    faults.add(Fault(mapped(target_of), path("^/elsewhere/")))


def with_a_query(faults: Faults) -> None:
    """Give a Location for an upload that is only good with its query."""
    token = "token=a%2Fb%3D%3D"

    def at(_: Request, own: str) -> str:
        return f"{own}{'&' if '?' in own else '?'}{token}"

    is_genuine = Match("genuine", lambda request: request.query.get("token") == "a/b==")
    faults.add(Fault(answer(404), _IN_PROGRESS & with_content & ~is_genuine))
    faults.add(Fault(located(at), _UPLOADS))


WAYS = (relative, absolute, elsewhere, with_a_query)
"""All of them."""
