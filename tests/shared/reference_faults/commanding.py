"""Faults in how the command line behaves."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from reference_faults.faults import fault, swap
from relocator import cli
from relocator import relocate as use_case
from relocator.commands import relocate as command
from relocator.errors import Refusal
from relocator.workers import Workers


@fault
def touches_the_bundle() -> None:
    original = use_case.relocate

    def relocate(bundle: Path, *arguments: Any) -> None:
        original(bundle, *arguments)
        with bundle.open("ab") as file:
            file.write(b"\n")

    swap(command, "relocate", relocate)


@fault
def goes_on_after_failures() -> None:
    class Forgiving(Workers):
        def each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
            results = []
            for item in items:
                try:
                    results += super().each(work, [item])
                except Refusal as refusal:
                    print(f"Warning: {refusal}", file=sys.stderr)
            return results

    swap(use_case, "Workers", Forgiving)


@fault
def always_exits_with_0() -> None:
    original = cli.run
    swap(cli, "run", lambda arguments: 0 * original(arguments))


@fault
def refuses_without_a_word() -> None:
    swap(cli, "_say", lambda _: 1)


@fault
def prints_help_for_a_missing_argument() -> None:
    def error(self: Any, _: str) -> None:
        self.print_help()
        self.exit()

    swap(cli._Parser, "error", error)
