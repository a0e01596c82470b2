"""A container engine of a test's own in a network namespace, which ends with all that it made."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import docker
from docker.errors import DockerException

from namespaces import Namespace
from waiting import wait_until

_SECONDS = 30

# In namespaces of mounts and processes too, no mount and no container outlives the engine.
_COMMAND = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "dockerd")


@contextmanager
def engine_in(namespace: Namespace, ca: Path) -> Iterator[str]:
    """Run an engine that has no image yet, and yield its address for `DOCKER_HOST`.

    Its containers reach what the namespace itself has an address for, and nothing else.

    Args:
        namespace: where it pulls from, and where its containers have their bridge.
        ca: the one authority whose registries it trusts.
    """
    with tempfile.TemporaryDirectory(prefix="engine-") as name:
        folder = Path(name)
        address = f"unix://{folder}/docker.sock"
        settings, log = folder / "daemon.json", folder / "log"
        document = {
            "hosts": [address],
            "data-root": f"{folder}/data",
            "exec-root": f"{folder}/exec",
            "pidfile": f"{folder}/pid",
            "iptables": False,
            "ip-forward": False,
            "ip-masq": False,
        }
        settings.write_text(json.dumps(document))
        environment = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(ca)}
        command = [*_COMMAND, "--config-file", str(settings)]
        with namespace.running(command, environment, log):
            wait_until(lambda: _answers(address), "the engine does not answer", log)
            try:
                yield address
            finally:
                _remove_containers(address)


def _answers(address: str) -> bool:
    with suppress(DockerException, OSError), _client(address) as client:
        return bool(client.ping())
    return False


def _remove_containers(address: str) -> None:
    """Without it the engine would wait for them, or leave control groups of theirs behind."""
    with _client(address) as client:
        for container in client.containers.list(all=True):
            container.remove(force=True, v=True)


def _client(address: str) -> closing[docker.DockerClient]:
    return closing(docker.DockerClient(base_url=address, timeout=_SECONDS))
