"""From the name of a registry, as a command line gives it, to the registry."""

from importlib import metadata
from urllib.parse import unquote, urlsplit

import urllib3

from registry_fixtures.auth import Auth
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.proxy import Upstream
from registry_fixtures.registry import Registry
from registry_fixtures.tls import TLS

_ANSWER_SECONDS = 10


class Unavailable(Exception):
    """A registry that has a name, and cannot be had here and now."""


def check_registry(spec: str) -> None:
    """Find out whether the registry that `open_registry` would return can be had.

    Raises:
        ValueError: as `open_registry`.
        Unavailable: there is no engine or image to run it, or nothing answers at its URL.
    """
    registry = open_registry(spec)
    if isinstance(registry, EmbeddedRegistry):
        return
    from registry_fixtures.containers import ContainerRegistry, EngineMissing, available_image
    from registry_fixtures.local_image import ImageMissing

    try:
        if isinstance(registry, ContainerRegistry):
            available_image(spec)
        elif isinstance(registry, Upstream):
            address = f"{registry.upstream}/v2/"
            urllib3.request("GET", address, retries=False, redirect=False, timeout=_ANSWER_SECONDS)
    except (EngineMissing, ImageMissing) as missing:
        raise Unavailable(f"the registry {spec} cannot be run: {missing}") from missing
    except urllib3.exceptions.HTTPError as failed:
        raise Unavailable(f"no registry answers there: {failed}") from failed


def credentials_in(spec: str) -> tuple[str, str] | None:
    """Return user and password in the URL of a registry, None where there are none."""
    url = urlsplit(spec)
    return (unquote(url.username), unquote(url.password or "")) if url.username else None


def registry_version(spec: str) -> str | None:
    """Return what is known of the version of the registry that `open_registry` would return.

    That of this package for the embedded one, the image of one in a container, None for a URL.
    The registry has to be one that can be had: see `check_registry`.
    """
    if spec == "embedded":
        return metadata.version("relocation-conformance")
    from registry_fixtures.containers import RECIPES, available_image

    return available_image(spec) if spec in RECIPES else None


def open_registry(spec: str, *, tls: TLS | None = None, auth: Auth | None = None) -> Registry:
    """Return a registry, not started yet, behind the recording front end.

    Args:
        spec: `embedded`, the name of a registry in a container (see `RECIPES`), or the URL of one
            that runs already, which may hold `user:password@`.
        tls: speak TLS with this certificate to clients.
        auth: who may do what.

    Raises:
        ValueError: it is none of these.
    """
    if spec == "embedded":
        return EmbeddedRegistry(tls=tls, auth=auth)
    # Docker's client takes long to load, and most runs do without.
    from registry_fixtures.containers import RECIPES, ContainerRegistry

    if spec in RECIPES:
        return ContainerRegistry(spec, tls=tls, auth=auth)
    url = urlsplit(spec)
    if url.scheme not in ("http", "https") or not url.hostname:
        known = ", ".join(["embedded", *RECIPES])
        raise ValueError(f"{spec!r} is no registry: give a URL, or one of {known}")
    server = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
    return Upstream(
        server, tls=tls, auth=auth, credentials=credentials_in(spec), preserve_host=False
    )
