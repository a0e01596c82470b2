"""A statically linked busybox: the one program that an image of ours needs to run."""

import io
import shutil
import struct
import tarfile
from pathlib import Path

import docker
from docker.errors import DockerException

from registry_fixtures.local_image import ImageMissing

PUBLIC_IMAGE = "busybox:1.36.1-musl"
_PLACE = "bin/busybox"
_PULL_SECONDS = 20
_INTERPRETER = 3  # PT_INTERP, what a program header of a dynamically linked program is


def busybox() -> bytes:
    """Return a busybox that runs in an image which holds nothing else.

    It is the installed one, or that of the public image if an engine can pull it.

    Raises:
        ImageMissing: neither can be had.
    """
    found = shutil.which("busybox", path="/usr/bin:/bin")
    if found is not None:
        program = Path(found).read_bytes()
        if is_static(program):
            return program
    try:
        return _of_image(PUBLIC_IMAGE)
    except (DockerException, OSError) as failed:
        reason = getattr(failed, "explanation", None) or failed
        raise ImageMissing(
            "no statically linked busybox is installed (on Debian: busybox-static), and "
            f"{PUBLIC_IMAGE} cannot be had: {reason}"
        ) from failed


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


def _of_image(name: str) -> bytes:
    engine = docker.from_env(timeout=_PULL_SECONDS)
    try:
        image = engine.images.pull(name)
        container = engine.containers.create(image)
        try:
            pieces, _ = container.get_archive(f"/{_PLACE}")
            content = b"".join(pieces)
        finally:
            container.remove(force=True)
    finally:
        engine.close()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        file = archive.extractfile(archive.getmembers()[0])
        return file.read() if file else b""
