"""The schema documents that this package carries."""

import json
from pathlib import Path
from typing import Any, Final

NAMES: Final = (
    "bundle",
    "definition",
    "relocation-mapping",
    "relocation-mapping-cnab",
    "descriptor",
    "image-manifest",
    "image-index",
    "image-layout",
    "claim",
    "claim-result",
    "credential-set",
    "parameter-set",
    "operation",
    "profile",
    "catalogue",
    "ledger",
    "check-record",
    "report",
    "verification",
)
"""Every schema's name, as `schema` and `validate` take it."""


def schema(name: str) -> dict[str, Any]:
    """Return the schema of that name as a fresh document, the caller's to change.

    Raises:
        KeyError: no schema has that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    text = Path(__file__).with_name(f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
