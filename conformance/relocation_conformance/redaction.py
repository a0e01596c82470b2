"""Take credentials out of what is kept as evidence (pure)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from urllib.parse import quote, unquote, urlsplit

from registry_fixtures.recording import REDACTED

_SECRET_FIELDS = ("password", "identitytoken", "registrytoken")
_SHORT = 8
"""A shorter secret is redacted only where it stands as a word: it may be part of others."""


class Redaction:
    """Replaces each of some secrets by `<redacted>`, in texts and in bytes."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = frozenset(filter(None, secrets))

    def __call__(self, text: str) -> str:
        """Return *text* without the secrets."""
        return self._pattern.sub(REDACTED, text) if self.secrets else text

    def in_bytes(self, content: bytes) -> bytes:
        """Return *content* without the secrets, and otherwise as it is."""
        return self(content.decode(errors="surrogateescape")).encode(errors="surrogateescape")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # A secret may be part of another one, which is then to go as a whole.
        longest_first = sorted(self.secrets, key=lambda each: (-len(each), each))
        return re.compile("|".join(map(_as_pattern, longest_first)))


def of_user(user: str, password: str) -> tuple[str, ...]:
    """Return a password in each form in which it is sent or written (RFC 7617 2, RFC 3986 3.2.1).

    There is nothing secret in an empty one.
    """
    if not password:
        return ()
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    return password, encoded, quote(password, safe="")


def of_docker_config(config: Mapping[str, object] | str | None) -> frozenset[str]:
    """Return what is secret in the content of Docker's config.json, which need not be valid."""
    if isinstance(config, str):
        try:
            config = json.loads(config)
        except ValueError:
            return frozenset()
    entries = config.get("auths") if isinstance(config, Mapping) else None
    if not isinstance(entries, Mapping):
        return frozenset()
    return frozenset(
        secret
        for entry in entries.values()
        if isinstance(entry, Mapping)
        for secret in _of_entry(entry)
    )


def of_url(url: str) -> tuple[str, ...]:
    """Return the password in the user-info of *url*, in each of its forms."""
    parts = urlsplit(url)
    if not parts.password:
        return ()
    return parts.password, *of_user(unquote(parts.username or ""), unquote(parts.password))


def _of_entry(entry: Mapping[object, object]) -> Iterator[str]:
    yield from (str(entry[field]) for field in _SECRET_FIELDS if entry.get(field))
    encoded = entry.get("auth")
    if not isinstance(encoded, str):
        return
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, ValueError):
        yield encoded
        return
    yield from of_user(user, password)


def _as_pattern(secret: str) -> str:
    escaped = re.escape(secret)
    return escaped if len(secret) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"
