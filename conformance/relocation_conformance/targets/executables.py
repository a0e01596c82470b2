"""Where a target's executables are found."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

from relocation_conformance.targets.profile import Unusable

SCRIPTS = sysconfig.get_path("scripts")
"""The running interpreter's scripts folder, searched after `$PATH`: it need not be activated."""


def executable(name: str, folder: Path) -> str:
    """Return the absolute path of the executable *name*.

    A name with a slash is looked up from *folder*, any other on `$PATH`, then in `SCRIPTS`.
    Raises `Unusable` when there is none.
    """
    if os.sep in name:
        place = f"at {folder / name}"
        found = shutil.which(folder / name)
    else:
        place = "on PATH"
        found = shutil.which(name) or shutil.which(name, path=SCRIPTS)
    if found is None:
        raise Unusable(f"There is no command {name} {place}.")
    return str(Path(found).absolute())
