"""What tests need of the machine they run on, and what becomes of them where it is missing."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def give_up(reason: str) -> NoReturn:
    """Skip the test; in CI, where all that is needed has to be there, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def isolated_places() -> None:
    """Give up where a test can have no network namespaces, registries and engine of its own."""
    packages = {
        "unshare": "util-linux",
        "setpriv": "util-linux",
        "ip": "iproute2",
        "docker-registry": "docker-registry",
        "dockerd": "docker.io",
    }
    for program, package in packages.items():
        if shutil.which(program) is None:
            give_up(f"{program} is not installed (on Debian: {package})")
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if tried.returncode != 0:
        give_up(f"no namespaces can be made, which root may: {tried.stderr.strip()}")


def static_busybox() -> Path:
    """Return the path of a busybox that runs in an image which holds nothing else."""
    # Docker's client, which comes with it, takes long to load.
    from registry_fixtures.programs import is_static

    found = shutil.which("busybox", path="/usr/bin:/bin")
    if found is None:
        give_up("busybox is not installed (on Debian: busybox-static)")
    if not is_static(Path(found).read_bytes()):
        give_up(f"{found} is not statically linked (on Debian: busybox-static)")
    return Path(found)
