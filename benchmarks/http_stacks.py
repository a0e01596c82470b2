"""What the HTTP stack costs: `python benchmarks/http_stacks.py`.

The reference's inner work, reading blobs from one registry, hashing and sending them to another,
done with each stack: 500 blobs of 2 kB, and one of 512 MiB.
"""

import argparse
import importlib.util
import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from contenders import private_environment
from content import MIB, Image, Layer
from measure import Failed, measured
from publishing import publish
from registry_fixtures.containers import EngineMissing, NotReady
from registry_fixtures.local_image import ImageMissing
from rounds import registry, scratch
from stacks import ASYNCHRONOUS, THREADED
from tables import table

_PROGRAM: Final = str(Path(__file__).with_name("stacks.py"))
_FIGURES: Final = ("seconds", "cpu", "start", "peak")
_COLUMNS: Final = ("", "time", "CPU", "CPU to start", "peak memory")


def main() -> None:
    """Measure every stack that is installed, and print a table for each kind of work."""
    options = _options()
    scale = 10 if options.quick else 1
    small = Image("small", tuple(Layer(number, 2048) for number in range(500 // scale)))
    large = Image("large", (Layer(0, 512 * MIB // scale),))
    try:
        for title, image in (("500 blobs of 2 kB", small), ("one blob of 512 MiB", large)):
            _measure(title, image, options.rounds or (1 if options.quick else 5))
    except EngineMissing:
        sys.exit("Docker, which runs the registries, does not answer.")
    except (ImageMissing, NotReady, Failed) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("interrupted")


def _measure(title: str, image: Image, rounds: int) -> None:
    names = [name for name in (*THREADED, *ASYNCHRONOUS) if _installed(name)]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    load = []
    with registry() as source:
        publish([image], source)
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                load.append(os.getloadavg()[0])
                runs[name].append(_run(name, image, source))
    print(f"\n### {title}\n")
    print(table(_COLUMNS, [_row(name, taken) for name, taken in runs.items()]))
    print(f"\nMedians of {rounds} rounds; load before a run {min(load):.1f} to {max(load):.1f}.")


def _run(name: str, image: Image, source: str) -> dict[str, float]:
    with registry() as destination, scratch() as folder:
        work = [
            {
                "source": f"{source}/v2/{image.name}/blobs/{layer.blob.digest}",
                "uploads": f"{destination}/v2/copy/blobs/uploads/",
                "digest": layer.blob.digest,
                "size": layer.blob.size,
            }
            for layer in image.layers
        ]
        work_path, result_path = folder / "work.json", folder / "result.json"
        work_path.write_text(json.dumps(work))
        command = [sys.executable, _PROGRAM, name, str(work_path), str(result_path)]
        usage = measured([command], private_environment(folder))
        taken: dict[str, float] = json.loads(result_path.read_text())
        return taken | {"peak": usage.peak}


def _row(name: str, taken: Sequence[dict[str, float]]) -> tuple[str, ...]:
    seconds, cpu, start, peak = (
        statistics.median(each[figure] for each in taken) for figure in _FIGURES
    )
    kind = "asyncio" if name in ASYNCHRONOUS else "threads"
    return (
        f"{name}, {kind}",
        f"{seconds:.2f} s",
        f"{cpu:.2f} s",
        f"{start:.2f} s",
        f"{peak / MIB:.0f} MiB",
    )


def _installed(name: str) -> bool:
    if importlib.util.find_spec(name):
        return True
    print(f"{name} is not installed and left out.")
    return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="a tenth of the content and one round: does it work?")
    add("--rounds", type=int, metavar="N", help="runs of each stack (5)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
