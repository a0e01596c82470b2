"""A real registry in a network namespace, which speaks TLS and keeps a log of its requests."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme
import urllib3

from namespaces import Namespace
from registry_fixtures.client import RegistryClient
from waiting import wait_until

_SECONDS = 10.0
_LINE = re.compile(r'^(\S+) \S+ \S+ \[[^]]*\] "(\S+) (\S+) HTTP/[\d.]+" (\d+) ', re.MULTILINE)


@dataclass(frozen=True)
class Request:
    """A line of the registry's log: who asked for what, and the answer's status."""

    client: str
    method: str
    path: str
    status: int


def from_container(request: Request) -> bool:
    """Tell whether a request came over an engine's bridge, whose addresses are 172.17.0.0/16."""
    return request.client.startswith("172.17.")


@dataclass(frozen=True)
class IsolatedRegistry:
    """A registry that is reached where its namespace is.

    Attributes:
        host: address and port, as in names of images.
        namespace: where it runs.
        ca: the file of the authority that signed its certificate.
        log: the file of all that it says.
    """

    host: str
    namespace: Namespace
    ca: Path
    log: Path

    @contextmanager
    def client(self) -> Iterator[RegistryClient]:
        """Yield a client that is where the registry is, as is this thread meanwhile."""
        client = RegistryClient(f"https://{self.host}", ca_pem=self.ca.read_bytes())
        with self.namespace.entered(), closing(client):
            yield client

    def requests(self) -> list[Request]:
        """Return all that it was asked for until now, by others than this object."""
        mark = secrets.token_hex(8)
        self._ask(mark)
        # It is the last line, once it is there: the log is written after the answer.
        wait_until(lambda: mark in self.log.read_text(), "a request is not logged", self.log)
        lines = _LINE.findall(self.log.read_text())
        found = (Request(client, method, path, int(code)) for client, method, path, code in lines)
        return [each for each in found if not each.path.startswith("/v2/?")]

    def answers(self) -> bool:
        """Tell whether it is up."""
        with suppress(urllib3.exceptions.HTTPError):
            return self._ask("up") == 200
        return False

    def _ask(self, query: str) -> int:
        with self.namespace.entered(), urllib3.PoolManager(ca_certs=str(self.ca)) as pool:
            url = f"https://{self.host}/v2/?{query}"
            return pool.request("GET", url, retries=False, timeout=_SECONDS).status


@contextmanager
def registry_in(
    namespace: Namespace, host: str, authority: trustme.CA, folder: Path
) -> Iterator[IsolatedRegistry]:
    """Run a registry that listens on *host*, an address of the namespace and a port.

    All that it has is below *folder*, which is made.
    """
    folder.mkdir()
    certificate, ca, settings = folder / "server.pem", folder / "ca.crt", folder / "config.yml"
    authority.cert_pem.write_to_path(ca)
    authority.issue_cert(address_of(host)).private_key_and_cert_chain_pem.write_to_path(certificate)
    tls = {"certificate": str(certificate), "key": str(certificate)}
    document = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "content")}},
        "http": {"addr": host, "secret": secrets.token_hex(8), "tls": tls},
    }
    settings.write_text(json.dumps(document))  # which is YAML too
    registry = IsolatedRegistry(host, namespace, ca, folder / "log")
    environment = {"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none"}
    command = ["docker-registry", "serve", str(settings)]
    with namespace.running(command, environment, registry.log):
        wait_until(registry.answers, "the registry does not answer", registry.log)
        yield registry


def address_of(host: str) -> str:
    """Return *host* without its port."""
    return host.partition(":")[0]
