"""Control characters that nobody should print, for the checks of SAFE-11 and SAFE-12."""

from __future__ import annotations

import json
import re
from typing import Any

from relocation_conformance.targets import Relocation

SEQUENCE = "\x1b]0;owned\x07\x9b31m"
"""Gives a terminal's window another title, and makes what follows red."""

AS_AN_ERROR = json.dumps({"errors": [{"code": SEQUENCE, "message": SEQUENCE}]})
"""An answer as OCI Distribution 1.1 has it, "error codes"."""


def assert_not_printed(relocation: Relocation) -> None:
    """Hold that none of the control characters in `SEQUENCE` were printed."""
    printed = relocation.stdout + relocation.stderr
    assert re.findall(r"\x1b\]|[\x07\x9b]", printed) == [], relocation.evidence


def in_a_reference(document: dict[str, Any]) -> None:
    """Put control characters into the reference of an image."""
    document["invocationImages"][0]["image"] += SEQUENCE


def in_a_type(document: dict[str, Any]) -> None:
    """Put control characters into the type and the digest of an image, which is none then."""
    document["invocationImages"][0].update(imageType=SEQUENCE, contentDigest=SEQUENCE)


def in_a_key(document: dict[str, Any]) -> None:
    """Put control characters into the key of an image whose name is wrong."""
    wrong = document["invocationImages"][0]["image"].replace("acme", "Acme")
    document["images"] = {SEQUENCE: {"description": "", "image": wrong}}


EDITS = (in_a_reference, in_a_type, in_a_key)
"""Ways to get them into the descriptor of a bundle."""
