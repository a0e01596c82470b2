"""One relocation that a target is asked for, laid out on disk: what drivers are handed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Blank = Literal["bundle", "prefix", "mapping"]
"""A place in a relocator's command template that each relocation fills in."""

_DROPPED = re.compile(
    r"(?:https?|ftp|all|no)_proxy|PYTEST_.*|DOCKER_.*|REGISTRY_AUTH_FILE|XDG_.*|LC_.*|LANGUAGE"
    r"|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A bundle, a prefix, and the rest of what a relocation is asked to work with.

    `mapping` is where the relocation mapping goes; `timeout` is in seconds; `left_out` are the
    arguments that a check wants missing from the command line.
    """

    bundle: Path
    prefix: str
    mapping: Path
    ca_certs: tuple[Path, ...]
    skip_tls_verify: bool
    left_out: frozenset[Blank]
    environment: Mapping[str, str]
    timeout: float


def surroundings(
    home: Path,
    *,
    search_path: Sequence[str],
    docker_config: Mapping[str, object] | str | None,
    extra: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment of a target that lives in *home*, an empty folder.

    It is this process's own without what would make two machines differ: proxies, certificate
    stores, credentials, languages. `$DOCKER_CONFIG` is `home/.docker`, which holds *docker_config*,
    a document or a text, as config.json if there is one; *search_path* is added to the end of
    `$PATH`; *extra* wins.
    """
    docker = home / ".docker"
    docker.mkdir(parents=True)
    if docker_config is not None:
        text = docker_config if isinstance(docker_config, str) else json.dumps(docker_config)
        (docker / "config.json").write_text(text)
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    return {
        **kept,
        "PATH": os.pathsep.join([kept.get("PATH", os.defpath), *search_path]),
        "HOME": str(home),
        "DOCKER_CONFIG": str(docker),
        "LANG": "C.UTF-8",
        **extra,
    }


def fill(template: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Return *template* with each `{name}` of *values* replaced, all at once."""
    blanks = re.compile("|".join(re.escape(f"{{{name}}}") for name in values))
    return [blanks.sub(lambda found: values[found[0][1:-1]], part) for part in template]


def without(template: Sequence[str], blank: str) -> list[str]:
    """Return *template* without the argument that holds `{blank}` and without its option."""
    kept: list[str] = []
    for part in template:
        if f"{{{blank}}}" not in part:
            kept.append(part)
        elif part == f"{{{blank}}}" and kept and kept[-1].startswith("-"):
            kept.pop()
    return kept
