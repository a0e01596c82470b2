"""Registries of a check's own, as its fixture `registries` starts them."""

from __future__ import annotations

from typing import Protocol

from registry_fixtures.auth import Auth
from registry_fixtures.registry import Registry
from registry_fixtures.tls import TLS


class Registries(Protocol):
    """Starts registries, stopped when the check is over."""

    def __call__(
        self,
        *,
        strict: bool = True,
        tls: TLS | None = None,
        auth: Auth | None = None,
        beside: Registry | None = None,
    ) -> Registry:
        """Start an embedded registry, or one that holds the same as the one it is *beside*."""
