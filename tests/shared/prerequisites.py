"""What tests need of the machine they run on, and what becomes of them where it is missing."""

import os
import shutil
import struct
from pathlib import Path
from typing import NoReturn

import pytest

_INTERPRETER = 3  # PT_INTERP, what a program header of a dynamically linked program is


def give_up(reason: str) -> NoReturn:
    """Skip the test; in CI, where all that is needed has to be there, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def static_busybox() -> Path:
    """Return the path of a busybox that runs in an image which holds nothing else."""
    found = shutil.which("busybox", path="/usr/bin:/bin")
    if found is None:
        give_up("busybox is not installed (on Debian: busybox-static)")
    if not is_static(Path(found).read_bytes()):
        give_up(f"{found} is not statically linked (on Debian: busybox-static)")
    return Path(found)


def is_static(program: bytes) -> bool:
    """Tell whether *program* is a little-endian 64-bit ELF file that needs no loader.

    Source: elf(5).
    """
    if program[:6] != b"\x7fELF\x02\x01":
        return False
    (first,) = struct.unpack_from("<Q", program, 0x20)
    size, count = struct.unpack_from("<HH", program, 0x36)
    kinds = (struct.unpack_from("<I", program, first + n * size)[0] for n in range(count))
    return _INTERPRETER not in kinds
