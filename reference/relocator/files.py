"""Files read with a limit, and files that are replaced as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from relocator.errors import Refusal


def home(environ: Mapping[str, str]) -> Path:
    """Return the user's home folder. Raises `Refusal` for a user who has none."""
    try:
        return Path(environ.get("HOME") or Path("~").expanduser())
    except RuntimeError:
        raise Refusal("the user has no home folder, and HOME is not set") from None


def read_file(path: Path, limit: int) -> bytes:
    """Return the content of a file. Raises `Refusal` if it cannot be read or is over *limit*."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:  # a null character, or half of a surrogate pair
        raise Refusal(f"{path} is no file's name") from None
    if len(content) > limit:
        raise Refusal(f"{path} is larger than {limit} bytes")
    return content


def replace_file(target: Path, content: bytes, mode: int) -> None:
    """Write a file that others see either as it was or with all of *content*.

    Raises `OSError`; nothing is left behind then.
    """
    handle, name = tempfile.mkstemp(prefix=".relocator-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
