"""An invocation image that runs: it tells what it was given, and pulls what its mapping names.

It is made of a statically linked busybox and a script, byte by byte, without an engine.

What it was given is in two lines on stdout, `MARK environment BASE64` and `MARK files BASE64`: its
environment as in /proc/PID/environ, and a tar archive of /cnab and of `FILES`.

Sources: CNAB 102 (invocation image), OCI image-spec (config).
"""

import hashlib
import io
import struct
import tarfile
from collections.abc import Mapping, Sequence

from registry_fixtures.archives import gzipped
from registry_fixtures.content import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Node, serialised
from registry_fixtures.images import EPOCH, Seed
from registry_fixtures.local_image import ImageMissing

MARK = "invocation-image-was-given"
FILES = "/given"
"""The folder for files that a bundle declares, if the image is to tell of them."""

REGISTRY = "GIVEN_REGISTRY"
"""The variable that holds host and port under which the image reaches the mapping's registry.

It pulls nothing without it.
"""

FAILED_TO_PULL = 9
"""The exit status when an image that the mapping names cannot be pulled."""

_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_MACHINES = {62: "amd64", 183: "arm64"}  # elf(5), e_machine
# There is no -T for wget: it makes the static busybox of Debian crash.
_SCRIPT = """\
#!/bin/busybox sh
echo '{stdout}'
echo '{stderr}' >&2
echo {mark} environment $(/bin/busybox base64 -w 0 < /proc/$$/environ)
cd /
folders=cnab
[ -e {files} ] && folders="$folders {files_below}"
echo {mark} files $(/bin/busybox tar -c $folders | /bin/busybox base64 -w 0)
if [ -n "${registry}" ]; then
    mapping=$(/bin/busybox cat /cnab/app/relocation-mapping.json) || exit {failed}
    for image in $(echo "$mapping" | /bin/busybox tr , '\\n' \\
        | /bin/busybox sed -n 's/.*"\\([^"]*\\)"[^"]*$/\\1/p'); do
        path=${{image#*/}}
        /bin/busybox timeout 10 /bin/busybox wget -q -O /dev/null --header 'Accept: {accepted}' \\
            "http://${registry}/v2/${{path%:*}}/manifests/${{path##*:}}" || exit {failed}
    done
fi
exit {status}
"""


def invocation_image(
    busybox: bytes,
    *,
    seed: Seed = 0,
    exit_status: int = 0,
    stdout: str = "",
    stderr: str = "",
    labels: Mapping[str, str] | None = None,
) -> Node:
    """An invocation image whose run tool ends with `exit_status`.

    Args:
        busybox: a statically linked one.
        seed: another seed gives another digest.
        exit_status: of the run tool, once it has pulled what it was to pull.
        stdout: a line, without a quote, that it writes first.
        stderr: another.
        labels: of the image.

    Raises:
        ImageMissing: `busybox` is for a machine that has no name here.
    """
    script = _SCRIPT.format(
        stdout=stdout,
        stderr=stderr,
        mark=MARK,
        files=FILES,
        files_below=FILES.lstrip("/"),
        registry=REGISTRY,
        failed=FAILED_TO_PULL,
        accepted=f"{OCI_INDEX}, {OCI_MANIFEST}",
        status=exit_status,
    )
    files = {"cnab/app/run": script.encode(), "cnab/seed": str(seed).encode()}
    return image_of(busybox, files, ("/cnab/app/run",), labels)


def image_of(
    busybox: bytes,
    files: Mapping[str, bytes],
    entry_point: Sequence[str],
    labels: Mapping[str, str] | None = None,
) -> Node:
    """An image that runs, of `/bin/busybox` in its first layer and `files` in its second.

    Args:
        busybox: a statically linked one.
        files: by their paths without a leading slash; all may be executed.
        entry_point: what a container runs.
        labels: of the image.

    Raises:
        ImageMissing: `busybox` is for a machine that has no name here.
    """
    archives = [_archive({"bin/busybox": busybox}), _archive(files)]
    config = {
        "created": EPOCH,
        "os": "linux",
        "architecture": _architecture(busybox),
        "config": {"Entrypoint": list(entry_point), "Labels": dict(labels or {})},
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in archives],
        },
    }
    pieces = [Node(serialised(config), OCI_CONFIG)]
    pieces += [Node(gzipped(each), _LAYER) for each in archives]
    first, *layers = [piece.descriptor() for piece in pieces]
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": first,
        "layers": layers,
    }
    return Node(serialised(manifest), OCI_MANIFEST, children=tuple(pieces))


def _architecture(program: bytes) -> str:
    (machine,) = struct.unpack_from("<H", program, 0x12)
    if machine not in _MACHINES:
        raise ImageMissing(f"busybox is for a machine of number {machine}, which is not known here")
    return _MACHINES[machine]


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
