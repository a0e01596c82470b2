"""How fast the reference relocates, next to skopeo: `python benchmarks/relocation.py`."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tables
from contenders import UNPACKING, Contender, Reference, Skopeo, Thick, is_installed
from measure import Failed
from publishing import publish, write_thick
from registry_fixtures.containers import EngineMissing, NotReady
from registry_fixtures.local_image import ImageMissing
from rounds import Runs, alternate, registry, scratch
from scenarios import KEYS, scenario

THICK = "thick"


def main() -> None:
    """Measure, print tables, and end with 1 and one sentence where that cannot be done."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _options()
    if not is_installed() and set(options.only) != {THICK}:
        sys.exit("skopeo, which the reference is measured against, is not installed.")
    try:
        results = _measure(options)
    except EngineMissing:
        sys.exit("Docker, which runs the registries, does not answer.")
    except (ImageMissing, NotReady, Failed) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("interrupted")
    if options.json:
        document = {"machine": _machine(), "quick": options.quick, "results": results}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    results = {}
    for key in options.only:
        run = _thick if key == THICK else _scenario
        results[key] = [asdict(runs) for runs in run(key, options)]
    return results


def _scenario(key: str, options: argparse.Namespace) -> list[Runs]:
    chosen = scenario(key, quick=options.quick)
    contenders: list[Contender] = [Reference(), Skopeo(1), Skopeo(4)]
    contenders += [Reference(jobs) for jobs in options.jobs]
    with registry() as source:
        images = publish(chosen.images, source)
        runs = alternate(contenders, images, options.rounds)
    _print(f"({key}) {chosen.title}", tables.comparison(runs), runs)
    sys.stdout.write(f"\n{tables.verdict(chosen, runs)}\n")
    return runs


def _thick(key: str, options: argparse.Namespace) -> list[Runs]:
    chosen = scenario("a", quick=options.quick)
    images = {f"registry.example/{image.name}:v1": image for image in chosen.images}
    with scratch() as folder:
        bundle = folder / "bundle.tgz"
        write_thick(bundle, images)
        contenders = [
            Thick("read in place", bundle),
            Thick("unpacked first", bundle, UNPACKING),
        ]
        runs = alternate(contenders, images, options.rounds)
    _print(f"({key}) a thick bundle of the images of (a)", tables.thick(runs), runs)
    return runs


def _print(title: str, table: str, runs: Sequence[Runs]) -> None:
    load = [each for kept in runs for each in kept.load]
    rounds = len(runs[0].usages)
    sys.stdout.write(f"\n### {title}\n\n{table}\n\n")
    sys.stdout.write(f"{rounds} rounds; load before a run {min(load):.1f} to {max(load):.1f}.\n")
    sys.stdout.flush()


def _machine() -> Mapping[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="a tenth of the content and one round: does it work?")
    add("--only", type=_among(*KEYS, THICK), default=[*KEYS, THICK], help="such as a,c")
    add("--rounds", type=int, metavar="N", help="runs of each contender (5)")
    add("--jobs", type=_numbers, default=[], metavar="N,...", help="more runs of the reference")
    add("--json", type=Path, metavar="FILE", help="write every run's figures there too")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def _among(*keys: str) -> Callable[[str], list[str]]:
    def chosen(text: str) -> list[str]:
        unknown = set(text.split(",")) - set(keys)
        if unknown:
            raise argparse.ArgumentTypeError(f"choose among {', '.join(keys)}")
        return text.split(",")

    return chosen


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
