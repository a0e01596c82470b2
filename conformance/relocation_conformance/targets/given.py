"""What a runtime gave to an invocation image, whoever stood in for that image."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from relocation_schemas import Invalid, validate

BUNDLE = "/cnab/bundle.json"
MAPPING = "/cnab/app/relocation-mapping.json"


T = TypeVar("T")


class Contents(dict[str, T]):
    """Things by name; one that is not there is the runtime's fault, so an AssertionError."""

    def __missing__(self, name: str) -> NoReturn:
        raise AssertionError(f"the invocation image was not given {name}: {sorted(self)}")


@dataclass(frozen=True, slots=True)
class Given:
    """One run of an invocation image.

    `environment` has its variables and `files` the contents of its files, by absolute path.
    `image` is the reference that was to be run, None where only the engine knows it.
    """

    environment: Contents[str]
    files: Contents[bytes]
    image: str | None = None

    @property
    def bundle(self) -> bytes:
        """What is at /cnab/bundle.json."""
        return self.files[BUNDLE]

    @property
    def mapping(self) -> bytes | None:
        """What is at /cnab/app/relocation-mapping.json, None if nothing is."""
        return self.files.get(MAPPING)


def read_operation(content: bytes) -> Given:
    """Return what the operation *content*, as an external driver gets it, would give the image.

    Raises AssertionError if it is not an operation. Source: TARGETS.md, protocol version 1.
    """
    try:
        document: dict[str, Any] = json.loads(content)
        validate(document, "operation")
    except (ValueError, Invalid) as error:
        shown = content[:500].decode(errors="backslashreplace")
        raise AssertionError(f"the driver got no operation: {error}: {shown}") from None
    files = {path: text.encode() for path, text in (document["files"] or {}).items()}
    environment = Contents(document["environment"] or {})
    return Given(environment, Contents(files), document["image"]["image"])
