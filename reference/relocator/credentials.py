"""Credentials as Docker keeps them: `config.json`, credential stores and helpers."""

from __future__ import annotations

import base64
import binascii
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relocator.errors import Refusal
from relocator.files import home
from relocator.names import DEFAULT_DOMAIN

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""What Docker calls Docker Hub in its configuration and to credential helpers."""

_HELPER_SECONDS = 60
_TOKEN_USER = "<token>"  # what a helper says for an identity token instead of a user's name


@dataclass(frozen=True)
class Credential:
    """A user's name and secret, or an identity token where *username* is empty."""

    username: str
    secret: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of an `Authorization` header of the Basic scheme."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()


@dataclass(frozen=True)
class DockerConfig:
    """`config.json`, or the empty object where there is none."""

    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> DockerConfig:
        """Read `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json` without the variable."""
        folder = environ.get("DOCKER_CONFIG") or home(environ) / ".docker"
        path = Path(folder) / "config.json"
        try:
            document = json.loads(path.read_bytes())
        except FileNotFoundError:
            return cls({})
        except OSError as error:
            raise Refusal(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise Refusal(f"{path} is not JSON") from None
        if not isinstance(document, dict):
            raise Refusal(f"{path} is not a JSON object")
        return cls(document)

    def credential_for(self, host: str) -> Credential | None:
        """Return what is known for the registry *host* (`domain[:port]`), `None` if nothing.

        A helper named for the host comes before the store for all hosts, and that before what
        stands in the file itself: Docker's own order.
        """
        key = DOCKER_HUB_KEY if host == DEFAULT_DOMAIN else host
        helper = self._table("credHelpers").get(key) or self._table("credHelpers").get(host)
        store = helper or self.document.get("credsStore")
        if isinstance(store, str) and store:
            return _from_helper(store, key)
        entries = self._table("auths").items()
        return next((_from_entry(entry, key) for name, entry in entries if _same(name, key)), None)

    def _table(self, name: str) -> dict[str, Any]:
        table = self.document.get(name)
        return table if isinstance(table, dict) else {}


def _same(name: str, key: str) -> bool:
    return _hostname(name) == _hostname(key)


def _hostname(name: str) -> str:
    """`https://host/v1/`, as older configurations say, means `host`."""
    return name.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _from_entry(entry: object, key: str) -> Credential | None:
    if not isinstance(entry, dict):
        return None
    if token := entry.get("identitytoken"):
        return Credential("", str(token))
    if entry.get("username"):
        return Credential(str(entry["username"]), str(entry.get("password", "")))
    if not entry.get("auth"):
        return None
    try:
        text = base64.b64decode(str(entry["auth"]), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(f"the Docker configuration's 'auth' for {key} is not base64") from None
    username, _, secret = text.rstrip("\0").partition(":")
    return Credential(username, secret)


def _from_helper(name: str, key: str) -> Credential | None:
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, "get"],
            input=key.encode(),
            capture_output=True,
            timeout=_HELPER_SECONDS,
            check=False,
        )
    except OSError as error:
        raise Refusal(f"the credential helper {program} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"the credential helper {program} gave no answer") from None
    if done.returncode != 0:
        if b"credentials not found" in done.stdout + done.stderr:
            return None
        raise Refusal(f"the credential helper {program} failed for {key}")
    try:
        answer = json.loads(done.stdout)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError):
        raise Refusal(f"the credential helper {program} gave no credentials for {key}") from None
    return Credential("" if username == _TOKEN_USER else username, secret)
