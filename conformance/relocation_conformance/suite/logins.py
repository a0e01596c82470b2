"""Credentials as Docker keeps them, in config.json and with helpers, and where they turn up."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

from registry_fixtures.auth import Auth, Token, Witness
from relocation_conformance.targets import Relocation
from relocation_conformance.targets.executables import SCRIPTS

USER, PASSWORD, WRONG = "ann", "pa:ss w0rd", "wr0ng:pass"

HELPER = "conformance"
"""The name of the helper that `helper` installs: `docker-credential-conformance`."""

_SCRIPT = """#!/bin/sh
read -r host
if [ "$1" = list ]; then
  printf '%s' '{known}'
elif [ "$1" = get ] && [ "$host" = '{host}' ]; then
  printf '%s' '{answer}'
else
  echo 'credentials not found in native keychain'
  exit 1
fi
"""


def encoded(user: str, password: str) -> str:
    """Return what stands in `auth`, and in the header of Basic authentication (RFC 7617 2)."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def login(host: str, user: str = USER, password: str = PASSWORD) -> dict[str, object]:
    """Return the entry of `auths` that lets *user* into the registry *host*, below its key."""
    return {host: {"auth": encoded(user, password)}}


def identity(host: str, token: str) -> dict[str, object]:
    """Return the entry of `auths` that holds an identity token, as `docker login` writes it."""
    return {host: {"auth": encoded(USER, ""), "identitytoken": token}}


def auths(*entries: Mapping[str, object]) -> dict[str, object]:
    """Return a config.json with these entries of `auths`."""
    return {"auths": {host: entry for each in entries for host, entry in each.items()}}


def helper(folder: Path, host: str, user: str = USER, secret: str = PASSWORD) -> dict[str, str]:
    """Install a credential helper that knows the registry *host* alone.

    Returns the environment in which it is found, on `$PATH`. An identity token is the *secret* of
    the user `<token>` (Docker's protocol of credential helpers).
    """
    programs = folder / "programs"
    programs.mkdir()
    program = programs / f"docker-credential-{HELPER}"
    answer = json.dumps({"ServerURL": host, "Username": user, "Secret": secret})
    known = json.dumps({host: user})
    program.write_text(_SCRIPT.format(host=host, known=known, answer=answer))
    program.chmod(0o755)
    return {"PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath), SCRIPTS])}


def assert_unseen(witness: Witness, *secrets: str) -> None:
    """Hold that a registry was shown none of *secrets*."""
    if any(secret in shown for shown in witness.shown for secret in secrets):
        raise AssertionError("a registry was shown a password or a token that is not for it")


def assert_untold(run: Relocation, *secrets: str) -> None:
    """Hold that *run* has written none of *secrets* to where others read."""
    written = {
        "stdout": run.stdout,
        "stderr": run.stderr,
        "the mapping": (run.mapping_bytes or b"").decode(errors="replace"),
    }
    told = [name for name, text in written.items() if any(each in text for each in secrets)]
    if told:
        raise AssertionError(f"a password or a token is in {' and '.join(told)}")


def secrets_of(auth: Auth, password: str = PASSWORD) -> tuple[str, ...]:
    """Return a password, the form in which it is sent, and the tokens that *auth* gave for it."""
    issued = auth.issued if isinstance(auth, Token) else ()
    return password, encoded(USER, password), *issued
