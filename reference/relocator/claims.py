"""Claims and their results: what is recorded of an action. Source: CNAB Claims 1, section 400."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from relocator.documents import read_document
from relocator.ulids import new_ulid

VERSION = "CNAB-Claims-1.0.0"
"""What the invocation image is told of the form that its claim has."""

RUNNING, SUCCEEDED, FAILED, UNKNOWN = "running", "succeeded", "failed", "unknown"


@dataclass(frozen=True, slots=True)
class Claim:
    """One action on an installation: with which bundle and which values of parameters."""

    id: str
    installation: str
    revision: str
    created: str
    action: str
    bundle: dict[str, Any]
    parameters: dict[str, Any] = field(repr=False)

    def document(self) -> dict[str, Any]:
        """Return the claim as JSON has it."""
        return {
            "id": self.id,
            "installation": self.installation,
            "revision": self.revision,
            "created": self.created,
            "action": self.action,
            "bundle": self.bundle,
            "parameters": self.parameters,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claim's action; *outputs* are the digests of what it left, by name."""

    id: str
    claim: str
    created: str
    status: str
    message: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the result as JSON has it."""
        return {
            "id": self.id,
            "claimId": self.claim,
            "created": self.created,
            "status": self.status,
            "message": self.message,
            "outputs": {name: {"contentDigest": digest} for name, digest in self.outputs.items()},
        }


def result_of(
    claim: Claim,
    after: str,
    status: str,
    message: str = "",
    outputs: Mapping[str, str] | None = None,
) -> Result:
    """Return a new result of *claim*; its id sorts after the ULID *after*."""
    return Result(new_ulid(after), claim.id, now(), status, message, outputs or {})


def read_claim(content: bytes, what: str) -> Claim:
    """Return the claim that *content* is; *what* names it in the reason for a `Refusal`."""
    document = read_document(content, what, "claim", "a claim")
    return Claim(
        document["id"],
        document["installation"],
        document["revision"],
        document["created"],
        document["action"],
        document["bundle"],
        document.get("parameters", {}),
    )


def read_result(content: bytes, what: str) -> Result:
    """Return the result that *content* is; *what* names it in the reason for a `Refusal`."""
    document = read_document(content, what, "claim-result", "a claim's result")
    outputs = document.get("outputs", {}).items()
    return Result(
        document["id"],
        document["claimId"],
        document["created"],
        document["status"],
        document.get("message", ""),
        {name: output.get("contentDigest", "") for name, output in outputs},
    )


def now() -> str:
    """Return the time as claims have it, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
