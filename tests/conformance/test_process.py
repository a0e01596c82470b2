from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from relocation_conformance.targets import process
from relocation_conformance.targets.process import Finished, run


def python(source: str, folder: Path, timeout: float = 20) -> Finished:
    command = [sys.executable, "-c", source]
    return run(command, folder=folder, environment=dict(os.environ), timeout=timeout)


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def gone_within(seconds: float, pid: int) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_output_and_exit_status_are_kept(tmp_path: Path) -> None:
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)", tmp_path)

    assert (done.status, done.stdout, done.stderr) == (7, "out\n", "err\n")


def test_command_is_kept(tmp_path: Path) -> None:
    assert python("pass", tmp_path).command == (sys.executable, "-c", "pass")


def test_seconds_are_wall_clock_time(tmp_path: Path) -> None:
    assert 0.2 <= python("import time; time.sleep(0.2)", tmp_path).seconds < 10


def test_signal_is_a_negative_status(tmp_path: Path) -> None:
    done = python("import os; os.kill(os.getpid(), 11)", tmp_path)

    assert done.status == -signal.SIGSEGV


def test_command_runs_in_the_folder(tmp_path: Path) -> None:
    assert python("import os; print(os.getcwd())", tmp_path).stdout.strip() == str(tmp_path)


def test_environment_is_the_given_one_alone(tmp_path: Path) -> None:
    done = run(["env"], folder=tmp_path, environment={"A": "1"}, timeout=20)

    assert "A=1\n" in done.stdout
    assert "HOME=" not in done.stdout


def test_stdin_is_empty(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", tmp_path).stdout == "''\n"


def test_time_out_has_no_status(tmp_path: Path) -> None:
    done = python("print('begun', flush=True); import time; time.sleep(60)", tmp_path, 0.5)

    assert done.status is None
    assert done.seconds < 10


def test_what_was_written_before_the_time_out_is_kept(tmp_path: Path) -> None:
    done = python("print('begun', flush=True); import time; time.sleep(60)", tmp_path, 2)

    assert done.stdout == "begun\n"


def test_time_out_holds_for_a_command_that_closed_its_output(tmp_path: Path) -> None:
    done = python("import os, time; os.close(1); os.close(2); time.sleep(60)", tmp_path, 0.5)

    assert done.status is None
    assert done.seconds < 10


def test_time_out_kills_the_whole_group(tmp_path: Path) -> None:
    source = (
        "import subprocess, time; child = subprocess.Popen(['sleep', '60']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )

    done = python(source, tmp_path, 2)

    assert done.status is None
    assert gone_within(5, int(done.stdout))


def test_grandchild_that_holds_the_pipes_is_not_waited_for(tmp_path: Path) -> None:
    source = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"

    done = python(source, tmp_path)

    assert done.status == 0
    assert done.seconds < 10
    assert gone_within(5, int(done.stdout))


def test_grandchild_out_of_the_group_is_not_waited_for(tmp_path: Path) -> None:
    source = "import subprocess; subprocess.Popen(['sleep', '2'], start_new_session=True)"

    assert python(source, tmp_path).seconds < 1.9


def test_grandchild_that_floods_the_pipes_is_not_listened_to(tmp_path: Path) -> None:
    source = (
        "import subprocess; child = subprocess.Popen(['timeout', '3', 'yes'],"
        "start_new_session=True); import sys; print(child.pid, file=sys.stderr)"
    )

    done = python(source, tmp_path)
    os.killpg(int(done.stderr), signal.SIGKILL)

    assert done.status == 0
    assert done.seconds < 2.5


def test_long_output_keeps_its_start_and_its_end(tmp_path: Path) -> None:
    source = "import sys; sys.stderr.write('first' + 'x' * 4_000_000 + 'last')"

    done = python(source, tmp_path)

    assert done.stderr.startswith("firstx")
    assert done.stderr.endswith("xlast")
    assert f"[... {4_000_009 - process.CAPTURED} bytes ...]" in done.stderr
    assert len(done.stderr) < process.CAPTURED + 100


def test_output_that_is_no_text_is_kept_legible(tmp_path: Path) -> None:
    done = python(r"import os; os.write(1, b'a\xffb')", tmp_path)

    assert done.stdout == "a�b"


def test_interruption_kills_the_group(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    source = (
        f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        with pytest.raises(KeyboardInterrupt):
            python(source, tmp_path)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert gone_within(5, int(pid_file.read_text()))


def test_command_that_cannot_be_started_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nonesuch"):
        run(["/nonesuch"], folder=tmp_path, environment={}, timeout=5)
