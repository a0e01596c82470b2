"""Network namespaces of a test's own: the kernel holds who can reach whom.

They have no names, so that no two runs meet. What is in them ends with the test's process, even
where that is killed, and they end with it.

Sources: network_namespaces(7), setns(2), unshare(2), veth(4), setpriv(1).
"""

import ctypes
import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Self

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET in sched.h
_OF_THIS_THREAD = "/proc/thread-self/ns/net"
_GRACE_SECONDS = 15

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count()


class Namespace:
    """A network of its own, with nothing in it but a loopback interface.

    To be used in a `with` statement, around what is started in it.
    """

    def __init__(self) -> None:
        with _coming_back():
            _call("unshare", _NEW_NETWORK)
            self._descriptor = os.open(_OF_THIS_THREAD, os.O_RDONLY | os.O_CLOEXEC)
        self.ip("link set lo up")
        with self.entered():
            # A new namespace may inherit what an engine outside needs: to pass on packets.
            Path("/proc/sys/net/ipv4/ip_forward").write_text("0")

    @property
    def path(self) -> str:
        """The namespace as a file, as long as it is open."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put this thread into the namespace: what it connects, and the processes it starts."""
        with _coming_back():
            _call("setns", self._descriptor, _NEW_NETWORK)
            yield

    def ip(self, command: str) -> None:
        """Configure the network with a command of iproute2."""
        with self.entered():
            done = subprocess.run(
                ["ip", *command.split()], capture_output=True, text=True, check=False
            )
        assert done.returncode == 0, f"ip {command}: {done.stderr}"

    @contextmanager
    def running(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command until the end of the block; it is killed if this process is."""
        tied = ["setpriv", "--pdeathsig", "KILL", *command]
        with self.entered(), log.open("wb") as output:
            process = subprocess.Popen(
                tied,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            _end(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)


def connect(one: Namespace, address: str, other: Namespace, other_address: str) -> None:
    """Lay a cable between two namespaces, whose ends have these addresses of one /24 network."""
    name, other_name = f"veth{next(_numbers)}", f"veth{next(_numbers)}"
    one.ip(f"link add {name} type veth peer name {other_name} netns {other.path}")
    for namespace, end, its_address in ((one, name, address), (other, other_name, other_address)):
        namespace.ip(f"address add {its_address}/24 dev {end}")
        namespace.ip(f"link set {end} up")


@contextmanager
def _coming_back() -> Iterator[None]:
    """Return this thread to its namespace, whichever it is put into."""
    home = os.open(_OF_THIS_THREAD, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        try:
            _call("setns", home, _NEW_NETWORK)
        finally:
            os.close(home)


def _call(function: str, *arguments: int) -> None:
    if getattr(_libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, kindly if that is quick enough, and its whole group with it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, SIGTERM)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
