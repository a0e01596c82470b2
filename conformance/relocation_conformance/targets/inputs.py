"""What an action is given beside its bundle, and the command line that hands it over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from relocation_conformance.targets.attempt import fill
from relocation_conformance.targets.profile import Actions

Values = Mapping[str, str]

MAPPING_FILE = "relocation-mapping.json"
"""Where a mapping goes that is given by its content."""


class NoSuchOption(Exception):
    """A runtime cannot be given what a check wants to give it; the text says what that is."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a runtime is to work with.

    `mapping` is the content of a relocation mapping, or a path that is handed over as it is.
    `parameters` go into a file, `settings` on the command line, `credentials` into a credential
    set.
    """

    mapping: bytes | Path | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    settings: Values = field(default_factory=dict)
    credentials: Values = field(default_factory=dict)
    ca_certs: Sequence[Path] = ()
    skip_tls_verify: bool = False

    def options(self, actions: Actions, folder: Path) -> list[str]:
        """Return the options that hand everything over, in files in *folder* where need be.

        Raises `NoSuchOption`.
        """
        words: list[str] = []
        for what, template, values in self._wanted(actions, folder):
            if not template:
                raise NoSuchOption(what)
            words += fill(template, values) if values else template
        return words

    def _wanted(
        self, actions: Actions, folder: Path
    ) -> Iterator[tuple[str, tuple[str, ...], Values]]:
        """Yield what each option is for, its template, and what fills it."""
        if self.mapping is not None:
            values = {"mapping": str(_file(folder / MAPPING_FILE, self.mapping))}
            yield "a relocation mapping", actions.mapping, values
        if self.parameters:
            content = json.dumps(dict(self.parameters)).encode()
            values = {"parameters": str(_file(folder / "parameters.json", content))}
            yield "a file of parameters", actions.parameters, values
        for parameter, value in self.settings.items():
            yield "setting a parameter", actions.set, {"parameter": parameter, "value": value}
        if self.credentials:
            content = json.dumps(_credential_set(self.credentials)).encode()
            values = {"credentials": str(_file(folder / "credentials.json", content))}
            yield "a credential set", actions.credentials, values
        for pem in self.ca_certs:
            yield "a CA certificate", actions.ca_cert, {"pem": str(pem), "folder": str(pem.parent)}
        if self.skip_tls_verify:
            yield "not verifying certificates", actions.skip_tls_verify, {}


def _file(path: Path, content: bytes | Path) -> Path:
    if isinstance(content, Path):
        return content
    path.write_bytes(content)
    return path


def _credential_set(credentials: Values) -> dict[str, object]:
    """Return a credential set. Source: CNAB 802."""
    sources = [{"name": name, "source": {"value": value}} for name, value in credentials.items()]
    return {"name": "fixture", "credentials": sources}
