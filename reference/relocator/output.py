"""Standard output and standard error, which may be closed, full or short of characters."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TextIO


def escape_what_is_lacking() -> None:
    """Have characters that the output's encoding lacks printed as escapes, as errors have them."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def tell(line: str) -> None:
    """Print a line on standard error, or nowhere if that cannot take it."""
    if sys.stderr:  # where it is closed, print would use standard output
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)


class Passage:
    """Where bytes are passed on to, at once, for as long as they are taken there.

    *failure* is why they are not any more; whoever sends them is not to be stopped for that.
    """

    def __init__(self, stream: TextIO | None) -> None:
        """*stream* is `sys.stdout` or `sys.stderr`, which is `None` if it is closed."""
        self._stream = stream.buffer if stream else None
        self.failure: OSError | None = None

    def write(self, content: bytes | None) -> None:
        """Pass *content* on, if there is any."""
        if not content or not self._stream or self.failure:
            return
        try:
            self._stream.write(content)
            self._stream.flush()
        except OSError as error:
            self.failure = error
