"""Memory stays the same however large a layer is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from registry_fixtures.bundles import Bundle, thick_bundle, thin_bundle
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.images import image, layers, uncompressed

MIB = 1024 * 1024
SMALL, LARGE = 1 * MIB, 160 * MIB

# Linux counts the memory of who starts a process in that process's peak, so a small one does.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def peak(command: str, bundle: Bundle, folder: Path, *options: str) -> int:
    """Return the most memory, in bytes, that a command of the reference takes for *bundle*."""
    files = [str(bundle.write(folder)), "-m", str(folder / "mapping.json")]
    words = [sys.executable, "-m", "relocator", command, *files, *options]
    measured = [sys.executable, "-c", PEAK, *words]
    done = subprocess.run(measured, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", ["thin", "thick"])
def test_a_large_layer_takes_no_more_memory_than_a_small_one(kind: str, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("source", "destination")]
    with EmbeddedRegistry(folder=folders[0]) as source, EmbeddedRegistry(folder=folders[1]) as to:
        peaks = []
        for size in (SMALL, LARGE):
            placed = source.push(image(layers(1, size=size), uncompressed()), f"acme/of-{size}")
            make = thin_bundle if kind == "thin" else thick_bundle
            options = ["-p", f"{to.host}/user", "--quiet"]
            peaks.append(peak("relocate", make(placed), tmp_path, *options))

    small, large = peaks
    assert large - small < 16 * MIB


def test_a_large_layer_takes_no_more_memory_to_verify(tmp_path: Path) -> None:
    with EmbeddedRegistry(folder=tmp_path / "blobs") as registry:
        peaks = []
        for size in (SMALL, LARGE):
            placed = registry.push(image(layers(1, size=size), uncompressed()), f"acme/of-{size}")
            mapping = {placed.reference: placed.reference}
            (tmp_path / "mapping.json").write_text(json.dumps(mapping))
            peaks.append(peak("verify", thin_bundle(placed), tmp_path))

    small, large = peaks
    assert large - small < 16 * MIB
