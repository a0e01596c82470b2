"""The operation: all that the invocation image is given, put together before anything runs. Pure.

Source: CNAB Core 1, sections 101 ("Resolving Destination Conflicts") and 103; the names of the
fields of its JSON are those of cnab-go, which external drivers read.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relocator.actions import applies
from relocator.claims import VERSION, Claim
from relocator.errors import Refusal, shown
from relocator.parameters import rendered

BUNDLE_FILE = "/cnab/bundle.json"
CLAIM_FILE = "/cnab/claim.json"
MAPPING_FILE = "/cnab/app/relocation-mapping.json"
RUN_TOOL = "/cnab/app/run"


@dataclass(frozen=True, slots=True)
class Operation:
    """What a driver runs.

    Attributes:
        claim: what is recorded of the action.
        image: the invocation image as the bundle has it, with the name it is to be pulled by.
        environment: the container's variables.
        files: the container's files, by absolute path.
        outputs: the names of the outputs that the action is to leave, by absolute path.
    """

    claim: Claim
    image: Mapping[str, Any]
    environment: Mapping[str, str] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    outputs: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """Return the operation as JSON has it. Raises `Refusal` if a file is no text."""
        return {
            "installation_name": self.claim.installation,
            "revision": self.claim.revision,
            "action": self.claim.action,
            "parameters": self.claim.parameters,
            "image": self.image,
            "environment": self.environment,
            "files": {path: _text(path, content) for path, content in self.files.items()},
            "outputs": self.outputs,
            "Bundle": self.claim.bundle,
        }


def operation_for(
    claim: Claim,
    last_revision: str,
    bundle: bytes,
    image: Mapping[str, Any],
    credentials: Mapping[str, bytes],
    mapping: bytes | None,
) -> Operation:
    """Return the operation that *claim* tells of.

    *bundle* and *mapping* are handed on byte for byte; without a mapping there is no file for one,
    which is how the invocation image knows that nothing was relocated. Raises `Refusal` where the
    bundle wants two things in one place, or one in a place that it may not use.
    """
    document, action = claim.bundle, claim.action
    container = _Container()
    for name, content in credentials.items():
        container.put(f"the credential {name}", document["credentials"][name], content)
    for name, entry in document.get("parameters", {}).items():
        if applies(entry, action):
            # One without a value is there and empty, whatever its type (CNAB 103).
            value = rendered(claim.parameters.get(name, ""))
            what = f"the parameter {name}"
            container.put(what, entry["destination"], _encoded(what, value))
    environment = {
        "CNAB_ACTION": action,
        "CNAB_BUNDLE_NAME": document["name"],
        "CNAB_BUNDLE_VERSION": document["version"],
        "CNAB_CLAIMS_VERSION": VERSION,
        "CNAB_INSTALLATION_NAME": claim.installation,
        "CNAB_LAST_REVISION": last_revision,
        "CNAB_REVISION": claim.revision,
    }
    _encoded("the bundle's name", document["name"])
    files = {BUNDLE_FILE: bundle, CLAIM_FILE: json.dumps(claim.document()).encode()}
    if mapping is not None:
        files[MAPPING_FILE] = mapping
    return Operation(
        claim,
        image,
        container.environment | environment,
        container.files | files,
        _outputs(document.get("outputs", {}), action),
    )


def _outputs(entries: Mapping[str, Mapping[str, Any]], action: str) -> dict[str, str]:
    """Return the names of the action's outputs by path, of which each has its own (CNAB 101)."""
    names: dict[str, str] = {}
    for name, entry in entries.items():
        path = _path(f"the output {name}", entry["path"])
        if names.setdefault(path, name) != name:
            raise Refusal(f"the bundle has the outputs {names[path]} and {name} at {shown(path)}")
    return {path: name for path, name in names.items() if applies(entries[name], action)}


class _Container:
    """What parameters and credentials put into the container, each thing in a place of its own."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self._holders = dict.fromkeys((BUNDLE_FILE, CLAIM_FILE, MAPPING_FILE, RUN_TOOL), "CNAB")

    def put(self, what: str, destination: Mapping[str, Any], content: bytes) -> None:
        """Put *content* where *destination* says: a variable, a file, or both."""
        variable, path = destination.get("env"), destination.get("path")
        if not variable and not path:
            raise Refusal(f"the bundle does not say where {what} goes")
        if variable:
            self._claim(variable, what)
            self.environment[variable] = _variable(what, variable, content)
        if path:
            path = _path(what, path)
            self._claim(path, what)
            self.files[path] = content

    def _claim(self, place: str, what: str) -> None:
        holder = self._holders.setdefault(place, what)
        if holder != what:
            raise Refusal(f"the bundle has {what} at {shown(place)}, where {holder} is")


def _variable(what: str, name: str, content: bytes) -> str:
    if name.startswith("CNAB_"):
        raise Refusal(f"the bundle has {what} at {name}, but CNAB_ is for CNAB's own variables")
    if "=" in name or "\0" in name or not _is_unicode(name):
        raise Refusal(f"the bundle has {what} at {shown(name)}, which no variable can be called")
    value = _text(f"the value of {what}", content)
    if "\0" in value:
        raise Refusal(f"the value of {what} has a null character, which no variable can have")
    return value


def _path(what: str, path: str) -> str:
    is_normal = posixpath.normpath(f"/{path.lstrip('/')}") == path
    if "\0" in path or not is_normal or not _is_unicode(path):
        raise Refusal(f"the bundle has {what} at {shown(path)}, which is no path of a file")
    return path


def _encoded(what: str, text: str) -> bytes:
    if not _is_unicode(text):
        raise Refusal(f"{what} is not Unicode text")
    return text.encode()


def _is_unicode(text: str) -> bool:
    """Whether *text* can be told in UTF-8: JSON may have halves of surrogate pairs."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _text(what: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refusal(f"{what} is not UTF-8 text") from None
