"""A relocator that says that it is done, with a mapping to match, and has done nothing."""

import json
import sys
import tarfile
from pathlib import Path

bundle, prefix, mapping = Path(sys.argv[2]), sys.argv[-3], Path(sys.argv[-1])
try:
    with tarfile.open(bundle) as archive:
        file = archive.extractfile("bundle.json")
        content = file.read() if file else b""
except (OSError, tarfile.TarError, KeyError):
    content = bundle.read_bytes() if bundle.exists() else b""
try:
    document = json.loads(content)
    images = [*document.get("invocationImages", []), *document.get("images", {}).values()]
    names = [image["image"] for image in images]
except (ValueError, AttributeError, KeyError):
    names = []
mapping.write_text(json.dumps({name: f"{prefix}/{name}" for name in names}))
