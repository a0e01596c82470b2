"""Results as tables in Markdown, and in a sentence each whether an aim was met."""

from collections.abc import Iterable, Sequence

from content import MIB
from rounds import Runs
from scenarios import Scenario

_COLUMNS = ("", "median", "fastest", "CPU", "registries' CPU", "peak memory", "reference is faster")
_THICK_COLUMNS = ("", "median", "fastest", "CPU", "registries' CPU", "peak memory", "disk")


def comparison(runs: Sequence[Runs]) -> str:
    """Return a table of all contenders, the reference first."""
    reference, *_ = runs
    rows = [
        (
            *_figures(each),
            "" if each is reference else f"{each.seconds / reference.seconds:.2f} times",
        )
        for each in runs
    ]
    return table(_COLUMNS, rows)


def thick(runs: Iterable[Runs]) -> str:
    """Return a table of the ways to read a thick bundle."""
    rows = [(*_figures(each), f"{max(each.disk) / MIB:.0f} MiB") for each in runs]
    return table(_THICK_COLUMNS, rows)


def verdict(scenario: Scenario, runs: Sequence[Runs]) -> str:
    """Say whether the reference, the first of *runs*, meets the scenario's aims."""
    reference, image_by_image, *_ = runs
    ratio = image_by_image.seconds / reference.seconds
    sentence = (
        f"Aim: at least {scenario.faster:g} times as fast as {image_by_image.name}: "
        f"{_met(met=ratio >= scenario.faster)}, {ratio:.2f} times."
    )
    if scenario.memory is None:
        return sentence
    return (
        f"{sentence} Aim: under {scenario.memory / MIB:.0f} MiB of memory: "
        f"{_met(met=reference.peak < scenario.memory)}, {reference.peak / MIB:.0f} MiB."
    )


def _met(*, met: bool) -> str:
    return "met" if met else "NOT met"


def _figures(runs: Runs) -> tuple[str, ...]:
    return (
        runs.name,
        f"{runs.seconds:.2f} s",
        f"{runs.fastest:.2f} s",
        f"{runs.cpu:.2f} s",
        f"{runs.registries_cpu:.2f} s",
        f"{runs.peak / MIB:.0f} MiB",
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown that can also be read as it is."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = [columns, ["-" * width for width in widths], *rows]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    )
