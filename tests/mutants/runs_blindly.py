"""A runtime that hands any driver an operation, always the same, and says that it is done."""

import json
import subprocess
import sys

OPERATION = {
    "installation_name": "mine",
    "revision": "1",
    "action": "install",
    "parameters": {},
    "image": {"image": "registry.example.com/acme/installer:v1"},
    "environment": {},
    "files": {},
    "outputs": {},
}

driver = sys.argv[sys.argv.index("--driver") + 1]
if driver != "docker":
    operation = json.dumps(OPERATION)
    subprocess.run([f"cnab-{driver}"], input=operation, text=True, check=False, capture_output=True)
