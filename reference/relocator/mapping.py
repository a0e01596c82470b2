"""The relocation mapping file: original image references to relocated ones."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from relocator.documents import read_document
from relocator.errors import Refusal
from relocator.files import read_file, replace_file

MAX_MAPPING = 64 * 1024 * 1024
"""Bytes; a mapping that is larger is none."""


def read_mapping(path: Path) -> dict[str, str]:
    """Return the mapping in a file, by whatever tool it was written.

    Raises `Refusal` for what is not as CNAB 103 has it: an object whose values are strings.
    """
    return parse_mapping(read_file(path, MAX_MAPPING), str(path))


def parse_mapping(content: bytes, what: str) -> dict[str, str]:
    """Return the mapping that *content* is; *what* names it in the reason for a `Refusal`."""
    return read_document(content, what, "relocation-mapping-cnab", "a relocation mapping")


def check_mapping_path(path: Path, bundle: Path) -> None:
    """Raise `Refusal`, before anything is copied, if the mapping could not be written there."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Refusal(f"{path} is not a file that a relocation mapping can replace")
        if bundle.exists() and path.samefile(bundle):
            raise Refusal(f"{path} is the bundle, which a relocation mapping may not replace")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise Refusal(f"{path} cannot be written: {folder} is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refusal(f"{path} cannot be written: {folder} may not be changed")


def write_mapping(path: Path, mapping: Mapping[str, str]) -> None:
    """Write the whole mapping or, on any failure, nothing (MAP-4).

    Sorted, so that equal mappings are equal bytes (MAP-5).
    """
    text = json.dumps(mapping, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    target = Path(os.path.realpath(path))
    try:
        replace_file(target, text.encode(), _mode_of(target))
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None


def _mode_of(target: Path) -> int:
    """The permissions of the file that is replaced, or what the user's umask gives a new one."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
