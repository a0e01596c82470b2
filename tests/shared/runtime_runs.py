"""Runs of the reference's runtime with a driver that keeps what it is given, and bundles for it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from relocation_schemas import validate

RECORDER = """#!/bin/sh
if [ "$1" = --handles ]; then echo "docker, oci"; exit 0; fi
cat > "$RECORDER/operation.json"
env > "$RECORDER/environment"
echo "the output of $CNAB_ACTION"
echo "the errors of $CNAB_ACTION" >&2
if [ -n "$LEAVES" ]; then
  mkdir -p "$CNAB_OUTPUT_DIR/cnab/app/outputs"
  printf %s "$LEAVES" > "$CNAB_OUTPUT_DIR/cnab/app/outputs/port"
fi
exit ${STATUS:-0}
"""
"""An external driver: `$STATUS` is what it exits with, `$LEAVES` the output `port`."""


@dataclass(frozen=True)
class Done:
    """What a run left behind: *operation* is what the driver was given, if it was run."""

    status: int
    out: str
    err: str
    operation: dict[str, Any] | None

    @property
    def ran(self) -> dict[str, Any]:
        """The operation, once it is certain that it ended well."""
        assert self.status == 0, self.err
        assert self.operation is not None
        return self.operation

    @property
    def refusal(self) -> str:
        """The reason, once it is certain that nothing was run and nothing else was said."""
        assert (self.status, self.out, self.operation) == (1, "", None)
        assert self.err.startswith("Error: ")
        assert self.err.count("\n") == 1, self.err
        return self.err


class Perform(Protocol):
    """Runs a command line of `relocator`."""

    def __call__(self, *arguments: object) -> Done: ...


def write_recorder(folder: Path) -> None:
    """Write the driver `recorder` to a folder that is to be on PATH."""
    folder.mkdir()
    program = folder / "cnab-recorder"
    program.write_text(RECORDER)
    program.chmod(0o755)


def operation_of(folder: Path) -> dict[str, Any] | None:
    """Return what the driver kept, which has to be as external drivers know it."""
    file = folder / "operation.json"
    if not file.exists():
        return None
    operation: dict[str, Any] = json.loads(file.read_text())
    validate(operation, "operation")
    return operation


def write_bundle(folder: Path, **fields: object) -> Path:
    """Write a bundle whose images are nowhere, so that no registry is asked for their digests."""
    document = {
        "schemaVersion": "v1",
        "name": "hello",
        "version": "0.1.0",
        "invocationImages": [{"image": "original.invalid/installer:v1"}],
        **fields,
    }
    path = folder / "bundle.json"
    path.write_text(json.dumps(document))
    return path
