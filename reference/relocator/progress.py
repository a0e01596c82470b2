"""What the person who waits is shown: a display on a terminal, a line an image elsewhere."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, Self


class Progress(Protocol):
    """What a relocation tells of itself; called from any thread."""

    def planned(self, images: int, size: int) -> None:
        """So many images are to be put in place, with blobs of *size* bytes."""

    def moved(self, size: int) -> None:
        """*size* more bytes are in place; negative when an attempt is thrown away."""

    def placed(self, original: str, relocated: str) -> None:
        """An image is in place under its relocated name."""


class Silent:
    """Says nothing."""

    def planned(self, images: int, size: int) -> None:
        """Say nothing."""

    def moved(self, size: int) -> None:
        """Say nothing."""

    def placed(self, original: str, relocated: str) -> None:
        """Say nothing."""


class Lines(Silent):
    """One line an image on standard output."""

    def placed(self, original: str, relocated: str) -> None:
        """Print the line at once, for whoever follows a log."""
        print(f"{original} -> {relocated}\n", end="", flush=True)  # in one piece, from any thread


class Display:
    """Images, bytes, rate and time left, on a terminal."""

    def __init__(self, *, lines: bool) -> None:
        """Needs rich, which is loaded here because most runs have no terminal."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as RichProgress

        images = TextColumn("{task.fields[placed]}/{task.fields[images]} images")
        columns = (images, BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._rich = RichProgress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
        self._task = self._rich.add_task("relocate", total=None, placed=0, images="?")
        self._placed = 0
        self._lines = lines

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._rich.stop()

    def planned(self, images: int, size: int) -> None:
        """Draw the whole bar."""
        self._rich.update(self._task, total=size, images=images)

    def moved(self, size: int) -> None:
        """Move the bar."""
        self._rich.advance(self._task, size)

    def placed(self, original: str, relocated: str) -> None:
        """Count the image and print its line above the bar, if lines are wanted."""
        self._placed += 1
        self._rich.update(self._task, placed=self._placed)
        if self._lines:
            self._rich.console.out(f"{original} -> {relocated}", highlight=False)


def progress_for(*, quiet: bool, lines: bool = True) -> AbstractContextManager[Progress]:
    """Return what suits where the output goes; *lines*: whether each image is to have one."""
    if quiet:
        return nullcontext(Silent())
    if sys.stderr.isatty():
        return Display(lines=lines)
    return nullcontext(Lines() if lines else Silent())
