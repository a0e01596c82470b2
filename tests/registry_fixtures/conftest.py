"""Fixtures for the tests of the registries."""

import hashlib
import socket
from collections.abc import Callable, Iterable, Iterator

import pytest
import urllib3

from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.registry import Registry

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture
def registry() -> Iterator[EmbeddedRegistry]:
    """A strict registry that anybody may use."""
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Say something to a registry as a stranger would: `ask(registry, "GET", "/v2/")`."""
    with urllib3.PoolManager(retries=False) as pool:

        def ask(
            registry: Registry,
            method: str,
            path: str,
            body: bytes | Iterable[bytes] | None = None,
            **headers: str,
        ) -> urllib3.BaseHTTPResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            url = path if path.startswith("http") else registry.url + path
            return pool.request(method, url, body, headers=named, redirect=False)

        yield ask


@pytest.fixture
def say() -> Callable[[Registry, bytes], socket.socket]:
    """Open a connection, send raw bytes, and return the socket."""

    def say(registry: Registry, request: bytes) -> socket.socket:
        host, _, port = registry.host.partition(":")
        connection = socket.create_connection((host, int(port)), timeout=5)
        connection.sendall(request)
        return connection

    return say


@pytest.fixture
def digest_of() -> Callable[..., str]:
    """Compute a digest."""

    def digest_of(content: bytes, algorithm: str = "sha256") -> str:
        return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"

    return digest_of
