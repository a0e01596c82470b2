"""What keeps the places of a story apart holds, and nothing of them is left."""

import io
import os
import socket
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import docker
import pytest
import trustme

from isolated_engine import engine_in
from isolated_registry import registry_in
from namespaces import Namespace, connect
from prerequisites import isolated_places


@pytest.fixture(autouse=True)
def _places() -> None:
    isolated_places()


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "ca.crt"
    trustme.CA().cert_pem.write_to_path(path)
    return path


def test_namespaces_that_are_not_connected_do_not_see_each_other() -> None:
    with Namespace() as one, Namespace() as other:
        other.ip("address add 10.77.1.2/32 dev lo")

        with listening(other, "10.77.1.2") as port:
            assert reaches(other, "10.77.1.2", port)
            assert not reaches(one, "10.77.1.2", port)


def test_namespace_in_the_middle_passes_nothing_on() -> None:
    """Not even to those who know the way; and it is that alone which keeps them apart."""
    with Namespace() as left, Namespace() as middle, Namespace() as right:
        connect(left, "10.77.1.1", middle, "10.77.1.2")
        connect(middle, "10.77.2.2", right, "10.77.2.1")
        left.ip("route add 10.77.2.0/24 via 10.77.1.2")
        right.ip("route add 10.77.1.0/24 via 10.77.2.2")

        with listening(right, "10.77.2.1") as port:
            assert not reaches(left, "10.77.2.1", port)
            assert reaches(middle, "10.77.2.1", port)
            with middle.entered():
                Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
            assert reaches(left, "10.77.2.1", port)


def test_thread_comes_back_after_a_failure() -> None:
    """What is started next is where it was before."""
    before = Path("/proc/thread-self/ns/net").readlink()

    with Namespace() as namespace, suppress(ZeroDivisionError), namespace.entered():
        assert Path("/proc/thread-self/ns/net").readlink() != before
        raise ZeroDivisionError

    assert Path("/proc/thread-self/ns/net").readlink() == before


def test_nothing_of_an_engine_is_left_after_a_failure(ca: Path, busybox: Path) -> None:
    """Its processes, folder, mounts and the container that was running have gone."""
    with Namespace() as namespace, suppress(ZeroDivisionError), engine_in(namespace, ca) as at:
        folder = Path(at.removeprefix("unix://")).parent
        container = start_container(at, busybox)
        assert processes_with(str(folder)) != set()
        raise ZeroDivisionError

    assert not folder.exists()
    assert processes_with(str(folder)) == set()
    assert str(folder) not in Path("/proc/self/mounts").read_text()
    assert list(Path("/sys/fs/cgroup").glob(f"**/docker/{container}")) == []


def test_nothing_of_a_registry_is_left_after_a_failure(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    authority = trustme.CA()

    with (
        Namespace() as namespace,
        suppress(ZeroDivisionError),
        registry_in(namespace, "127.0.0.1:5000", authority, folder),
    ):
        assert processes_with(str(folder)) != set()
        raise ZeroDivisionError

    assert processes_with(str(folder)) == set()


@contextmanager
def listening(namespace: Namespace, address: str) -> Iterator[int]:
    with namespace.entered(), socket.create_server((address, 0)) as server:
        yield server.getsockname()[1]


def reaches(namespace: Namespace, address: str, port: int) -> bool:
    with namespace.entered(), suppress(OSError):
        socket.create_connection((address, port), timeout=2).close()
        return True
    return False


def start_container(engine: str, busybox: Path) -> str:
    """Leave a container running, of an image that is imported, and return its id."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as members:
        members.add(busybox, "busybox")
    with closing(docker.DockerClient(base_url=engine, timeout=30)) as client:
        client.api.import_image_from_data(archive.getvalue(), "left", "behind")
        container = client.containers.run("left:behind", ["/busybox", "sleep", "600"], detach=True)
        return str(container.id)


def processes_with(text: str) -> set[str]:
    """The processes that have a text in their command line, but for this one."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text.encode() in (process / "cmdline").read_bytes():
                found.add(process.name)
    return found - {str(os.getpid())}
