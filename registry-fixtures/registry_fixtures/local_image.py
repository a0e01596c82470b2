"""A container image built from a registry that is installed on this machine."""

import hashlib
import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from docker import DockerClient
from docker.errors import NotFound

REPOSITORY = "relocation-conformance/distribution"
_LIBRARY = re.compile(r"(?:^|=>)\s*(/\S+) \(0x", re.MULTILINE)
_CONFIG = b"""\
version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
"""


class ImageMissing(Exception):
    """An image can be had in no way."""


def build_from_binary(engine: DockerClient, program: str) -> str:
    """Make an image of an installed distribution registry, and return its name.

    The image holds the program, the shared libraries it is linked to, and a configuration. Its
    tag is made of its content, so the same program is built once.

    Raises:
        ImageMissing: the program is not installed, or no Linux program.
    """
    path = shutil.which(program)
    if path is None:
        raise ImageMissing(f"{program} is not installed to build one of")
    archive = _archive([Path(path), *_libraries(Path(path))])
    tag = hashlib.sha256(archive).hexdigest()[:16]
    name = f"{REPOSITORY}:{tag}"
    try:
        engine.images.get(name)
    except NotFound:
        command = f'ENTRYPOINT ["{path}", "serve", "/config.yml"]'
        engine.api.import_image_from_data(archive, REPOSITORY, tag, changes=[command])
    return name


def _libraries(program: Path) -> list[Path]:
    try:
        listed = subprocess.run(
            ["ldd", program], capture_output=True, text=True, check=False, timeout=30
        )
    except FileNotFoundError as missing:
        raise ImageMissing("ldd is not installed to tell the libraries of a program") from missing
    return [Path(name) for name in _LIBRARY.findall(listed.stdout)]


def _archive(files: list[Path]) -> bytes:
    """A tar of these files under their own paths; the same bytes for the same content."""
    content = {str(file).lstrip("/"): (file.read_bytes(), 0o755) for file in files}
    content["config.yml"] = (_CONFIG, 0o644)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (data, mode) in sorted(content.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
