"""Software for the stories of the relocation guide: an installer and what it installs.

The installer reads the relocation mapping that it is given, fetches every image that this names
from where it says, holds each piece against the digests of the bundle, and unpacks it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_fixtures.bundles import Bundle
from registry_fixtures.content import OCI_MANIFEST, Node
from registry_fixtures.invocation_images import image_of

_RUN_TOOL = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin

fail() {
    echo "$1" >&2
    exit 9
}

fetch() {
    wget -q -O piece --header "Accept: {OCI_MANIFEST}" "https://$1" 2>complaint \\
        || fail "no $1: $(cat complaint)"
    echo "${2#sha256:}  piece" | sha256sum -c -s || fail "another digest: $1"
}

install() {
    mkdir /installed
    tr -d ' \\n' < /cnab/app/relocation-mapping.json | tr '{,}' '\\n\\n\\n' \\
        | sed -n 's/^"\\(.*\\)":"\\(.*\\)"$/\\1 \\2/p' > pairs
    while read -r original relocated; do
        name=${relocated%:*}
        api=${name%%/*}/v2/${name#*/}
        described=$(tr '{' '\\n' < /cnab/bundle.json | grep -F "\\"image\\":\\"$original\\"")
        fetch "$api/manifests/${relocated##*:}" "$(echo "$described" | grep -o 'sha256:[0-9a-f]*')"
        for digest in $(grep -o 'sha256:[0-9a-f]*' piece); do
            fetch "$api/blobs/$digest" "$digest"
            gzip -t piece 2>/dev/null && tar -xzf piece -C /installed
        done
        echo "fetched $relocated"
    done < pairs
    cat /installed/etc/motd
}

echo "$CNAB_ACTION $CNAB_INSTALLATION_NAME"
case $CNAB_ACTION in install | upgrade) install ;; esac
"""


@dataclass(frozen=True)
class Software:
    """The images of a bundle by their names, first the installer, and what installing says last."""

    images: Mapping[str, Node]
    greeting: str


def software(busybox: Path, greeting: str) -> Software:
    """Make an `installer`, and an `app` that brings a greeting along."""
    program = busybox.read_bytes()
    run_tool = _RUN_TOOL.replace("{OCI_MANIFEST}", OCI_MANIFEST).encode()
    motd = {"etc/motd": f"{greeting}\n".encode()}
    images = {
        "installer": image_of(program, {"cnab/app/run": run_tool}, ("/cnab/app/run",)),
        "app": image_of(program, motd, ("/bin/busybox", "cat", "/etc/motd")),
    }
    return Software(images, greeting)


def with_status_action(bundle: Bundle, name: str) -> Bundle:
    """Name a bundle, and give it an action of its own: `status`, which changes nothing."""

    def edit(document: dict[str, Any]) -> None:
        document["name"] = name
        document["actions"] = {"status": {"modifies": False}}

    return bundle.edited(edit)
