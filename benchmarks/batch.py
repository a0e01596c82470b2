"""Run commands, so many at a time, and measure them: a small process for the sake of its size.

`ru_maxrss` of a process counts what its parent held when it was started, so a large parent
would be measured along. This script imports next to nothing and is itself started by
`measure.py`. It reads a batch as JSON on standard input and writes `Usage` as JSON.
"""

import json
import os
import signal
import sys
import time


def run(commands: list[list[str]], at_a_time: int, environment: dict[str, str]) -> dict[str, float]:
    """Run all commands; return seconds of wall and CPU time, and the largest one's peak in bytes.

    What the commands say goes to standard error. Exits with 1 at the first that fails.
    """
    waiting = commands[::-1]
    running: set[int] = set()
    cpu, peak = 0.0, 0
    started = time.perf_counter()
    try:
        while waiting or running:
            while waiting and len(running) < at_a_time:
                running.add(_started(waiting.pop(), environment))
            process, status, usage = os.wait4(-1, 0)
            running.discard(process)
            cpu += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss * 1024)
            if status:
                sys.exit(1)
        return {"seconds": time.perf_counter() - started, "cpu": cpu, "peak": peak}
    finally:
        for process in running:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _started(command: list[str], environment: dict[str, str]) -> int:
    outputs = [(os.POSIX_SPAWN_DUP2, 2, 1)]
    return os.posix_spawnp(command[0], command, environment, file_actions=outputs)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.stdout.write(json.dumps(run(**json.load(sys.stdin))))
    except KeyboardInterrupt:
        sys.exit(1)
