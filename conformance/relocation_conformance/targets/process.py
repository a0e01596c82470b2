"""Run a command so that it cannot hang, flood or outlive the check that started it."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

CAPTURED = 512 * 1024
"""Bytes kept of each output stream: the first half and the last half of these."""

_GLANCE = 0.05
"""Seconds between two looks at a process whose pipes stay silent."""

_LAST_READS = 32
"""More than a pipe can hold: who still writes after that is no longer listened to."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that is over.

    `status` is the exit status, minus the signal's number if a signal ended it, or None if it was
    killed because its time was up. `seconds` is wall-clock time.
    """

    command: tuple[str, ...]
    status: int | None
    stdout: str
    stderr: str
    seconds: float


def run(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float
) -> Finished:
    """Run *command* in *folder*, for at most *timeout* seconds, with nothing on its stdin.

    It becomes the leader of a process group of its own. When it ends, or its time is up, what is
    left of the group is killed, and output that a surviving grandchild might still write is not
    waited for. Raises OSError if the command cannot be started.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        bufsize=0,
    )
    outputs = _outputs(process)
    try:
        in_time = _follow(process, outputs, deadline=started + timeout)
    finally:
        _kill_group(process.pid)
        process.wait()
    seconds = time.monotonic() - started
    status = process.returncode if in_time else None
    stdout, stderr = (output.finish() for output in outputs)
    return Finished(tuple(command), status, stdout, stderr, seconds)


@dataclass(slots=True)
class _Output:
    """One stream of a command: its first and its last bytes, and how many were between."""

    pipe: IO[bytes]
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    dropped: int = 0
    ended: bool = False

    def read(self) -> bool:
        """Take what the pipe holds; False if there was nothing to take."""
        try:
            content = os.read(self.pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        self.ended = not content
        room = CAPTURED // 2 - len(self.head)
        self.head += content[:room]
        self.tail += content[room:]
        excess = max(len(self.tail) - CAPTURED // 2, 0)
        del self.tail[:excess]
        self.dropped += excess
        return bool(content)

    def finish(self) -> str:
        """Take what has arrived by now, close the pipe, and return it all as text."""
        for _ in range(_LAST_READS):
            if self.ended or not self.read():
                break
        self.pipe.close()
        gap = b"\n[... %d bytes ...]\n" % self.dropped if self.dropped else b""
        return (self.head + gap + self.tail).decode(errors="replace")


def _outputs(process: subprocess.Popen[bytes]) -> tuple[_Output, _Output]:
    if process.stdout is None or process.stderr is None:
        raise AssertionError("both streams were asked for as pipes")
    for pipe in (process.stdout, process.stderr):
        os.set_blocking(pipe.fileno(), False)
    return _Output(process.stdout), _Output(process.stderr)


def _follow(
    process: subprocess.Popen[bytes], outputs: tuple[_Output, _Output], *, deadline: float
) -> bool:
    """Read *outputs* until *process* ends; False if *deadline* came first."""
    with selectors.DefaultSelector() as selector:
        for output in outputs:
            selector.register(output.pipe, selectors.EVENT_READ, output)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for key, _ in selector.select(min(left, _GLANCE)):
                key.data.read()
                if key.data.ended:
                    selector.unregister(key.fileobj)
            if process.poll() is not None:
                return True
    try:
        process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_group(leader: int) -> None:
    # macOS answers EPERM, not ESRCH, for a group of which only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
