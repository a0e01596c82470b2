"""A relocator that says that it is done, with a mapping to match, and has done nothing."""

import argparse
import json
import os
import sys
import tarfile
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--repository-prefix")
parser.add_argument("--relocation-mapping", type=Path, default=os.devnull)
options, _ = parser.parse_known_args()
bundle = Path(sys.argv[2])
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
mapping = {name: f"{options.repository_prefix}/{name}" for name in names}
options.relocation_mapping.write_text(json.dumps(mapping))
