"""The drivers by name: `docker`, `debug`, and the commands `cnab-NAME` of other people."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from relocator.credentials import DockerConfig
from relocator.driver import GRACE_SECONDS, MAX_OUTPUT, SIGNAL_STATUS, Driver, Outcome
from relocator.errors import Refusal, shown
from relocator.files import read_file
from relocator.interrupts import held
from relocator.operation import Operation

_HANDLES_SECONDS = 60


def driver_named(name: str, config: DockerConfig) -> Driver:
    """Return the driver of that name. Raises `Refusal` if there is none."""
    match name:
        case "docker":
            from relocator.engine import Engine

            return Engine(config)
        case "debug":
            return Debug()
        case _:
            return Command.found(name)


class Debug:
    """Prints the operation as JSON, credentials and all, and runs nothing."""

    runs = False
    pins = False

    def handles(self, _: str, /) -> bool:
        """Any type will do."""
        return True

    def prepare(self, operation: Operation) -> None:
        """Do nothing."""

    def run(self, operation: Operation) -> Outcome:
        """Print the operation."""
        print(json.dumps(operation.document(), indent=2), flush=True)
        return Outcome(0)


@dataclass(frozen=True)
class Command:
    """A command that gets the operation as JSON on its standard input, as cnab-go has it.

    Its environment has the operation's variables too, listed in `CNAB_VARS`. What it leaves below
    the folder `CNAB_OUTPUT_DIR`, at an output's path, is that output.
    """

    name: str
    program: str
    types: frozenset[str]

    runs = True
    pins = False

    @classmethod
    def found(cls, name: str) -> Command:
        """Look for `cnab-NAME` on PATH, and ask it for the types of images that it handles."""
        command = f"cnab-{name.lower()}"
        program = None if "/" in name else shutil.which(command)
        if program is None:
            raise Refusal(f"there is no driver {shown(name)}: {command} is not on PATH")
        try:
            done = subprocess.run(
                [program, "--handles"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
                errors="replace",
                timeout=_HANDLES_SECONDS,
                check=False,
            )
        except OSError as error:
            raise Refusal(f"{command} cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise Refusal(f"{command} gave no answer to --handles") from None
        if done.returncode != 0:
            raise Refusal(f"{command} does not say which types of images it handles")
        return cls(command, program, frozenset(each.strip() for each in done.stdout.split(",")))

    def handles(self, image_type: str, /) -> bool:
        """Whether the command said so."""
        return image_type in self.types

    def prepare(self, operation: Operation) -> None:
        """See that the operation can be told; pulling is the command's own affair."""
        operation.document()

    def run(self, operation: Operation) -> Outcome:
        """Run the command, whose output is ours."""
        document = json.dumps(operation.document()).encode()
        # What a command leaves there may be another user's, and is not ours to remove then.
        with tempfile.TemporaryDirectory(prefix="relocator-", ignore_cleanup_errors=True) as folder:
            variables = {**operation.environment, "CNAB_OUTPUT_DIR": folder}
            names = {"CNAB_VARS": ",".join(variables)}
            with ExitStack() as stack:
                with held():  # or the command could run on with nobody to end it
                    process = self._started({**os.environ, **variables, **names})
                    stack.enter_context(process)
                    stack.callback(_end, process)
                process.communicate(document)
            status = process.returncode
            outputs = dict(_outputs(Path(folder), operation.outputs))
        return Outcome(status if status >= 0 else SIGNAL_STATUS - status, outputs)

    def _started(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen([self.program], stdin=subprocess.PIPE, env=environment)
        except OSError as error:
            raise Refusal(f"{self.name} cannot be run: {error.strerror}") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that is still at work, first kindly."""
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()


def _outputs(folder: Path, paths: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for path, name in paths.items():
        file = folder / path.lstrip("/")
        if file.is_file():
            yield name, read_file(file, MAX_OUTPUT)
