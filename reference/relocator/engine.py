"""The driver `docker`: an invocation image in a container of the Docker engine."""

from __future__ import annotations

import contextlib
import io
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

from relocator.bundles import RELOCATED_TYPES
from relocator.credentials import Credential, DockerConfig
from relocator.driver import GRACE_SECONDS, MAX_OUTPUT, Outcome
from relocator.errors import Refusal
from relocator.interrupts import held
from relocator.names import ImageName, parse
from relocator.operation import RUN_TOOL, Operation
from relocator.output import Passage

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

LABEL = "dev.relocation-conformance.installation"
"""What a container is labelled with: the name of the installation."""


class Engine:
    """The engine that the environment names, `DOCKER_HOST` and all."""

    runs = True
    pins = True

    def __init__(self, config: DockerConfig) -> None:
        """*config* has the credentials that the engine is given to pull with."""
        self._config = config

    def handles(self, image_type: str, /) -> bool:
        """Whether it is one of the two types that CNAB asks for."""
        return image_type in RELOCATED_TYPES

    def prepare(self, operation: Operation) -> None:
        """Have the engine pull the image by its digest, which the engine checks in turn."""
        name = _pinned(operation.image)
        login = _login(name.domain, self._config.credential_for(name.domain))
        with _client() as client:
            pulled = client.api.pull(
                name.repository, tag=name.digest, stream=True, decode=True, auth_config=login
            )
            for line in pulled:
                if "error" in line:
                    raise Refusal(f"the Docker engine cannot pull {name}: {_line(line['error'])}")

    def run(self, operation: Operation) -> Outcome:
        """Run the action; its container is removed whatever becomes of it."""
        with _client() as client, ExitStack() as stack:
            with held():  # or the container could be left behind
                container = client.containers.create(
                    str(_pinned(operation.image)),
                    entrypoint=[RUN_TOOL],
                    environment=dict(operation.environment),
                    labels={LABEL: operation.claim.installation},
                )
                stack.callback(_remove, container)
            try:
                container.put_archive("/", _archive(operation.files))
                return _run(client, container, operation.outputs)
            except KeyboardInterrupt:
                container.stop(timeout=GRACE_SECONDS)
                raise


def _run(client: DockerClient, container: Container, outputs: Mapping[str, str]) -> Outcome:
    from docker.errors import DockerException

    # Attached before it is started, so that not a byte is missed.
    frames = client.api.attach(container.id, stream=True, logs=True, demux=True)
    out, err = Passage(sys.stdout), Passage(sys.stderr)
    try:
        container.start()
        for of_stdout, of_stderr in frames:
            out.write(of_stdout)
            err.write(of_stderr)
    except KeyboardInterrupt:
        # The engine could not end a container that has more to say than anybody reads.
        with contextlib.suppress(OSError, DockerException):
            frames.close()
        raise
    ended = client.api.wait(container.id, timeout=None)
    found = ((name, _output(container, path)) for path, name in outputs.items())
    return Outcome(
        ended["StatusCode"],
        {name: content for name, content in found if content is not None},
        out.failure or err.failure,
    )


def _remove(container: Container) -> None:
    with held():
        container.remove(force=True, v=True)


def _output(container: Container, path: str) -> bytes | None:
    from docker.errors import NotFound

    try:
        pieces, _ = container.get_archive(path)
    except NotFound:
        return None
    # Left open, it would keep the engine from removing the container.
    with closing(pieces):
        return _only_file(_limited(pieces, path))


def _limited(pieces: Iterable[bytes], path: str) -> bytes:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > MAX_OUTPUT:
            raise Refusal(f"the output {path} is larger than {MAX_OUTPUT} bytes")
    return bytes(content)


def _only_file(archive: bytes) -> bytes | None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        first = members.next()
        file = members.extractfile(first) if first and first.isreg() else None
        return file.read() if file else None


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Return a tar of *files*; the engine makes the folders that are missing."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size = len(content)
            member.mode = 0o644  # whoever the image runs as has to read it (CNAB 103)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _login(domain: str, credential: Credential | None) -> dict[str, str]:
    """Return what the engine is to log in with; it is told too that there is nothing."""
    login = {"serveraddress": domain}
    if credential is None:
        return login
    if not credential.username:
        return {**login, "identitytoken": credential.secret}
    return {**login, "username": credential.username, "password": credential.secret}


def _pinned(image: Mapping[str, Any]) -> ImageName:
    """Return the image's name with nothing but the digest to tell which one is meant."""
    name = parse(image["image"])
    return ImageName(name.domain, name.path, digest=image["contentDigest"])


@contextmanager
def _client() -> Iterator[DockerClient]:
    """Yield a client of the engine; what it says is wrong becomes a `Refusal`."""
    import docker
    from docker.errors import APIError, DockerException, StreamParseError
    from docker.utils.socket import SocketError
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    try:
        client = docker.from_env()
    except DockerException as error:
        raise Refusal(f"the Docker engine cannot be reached: {_line(str(error))}") from None
    except (AttributeError, TypeError, ValueError) as error:
        reason = _line(str(error))
        raise Refusal(f"Docker's configuration or DOCKER_HOST is malformed: {reason}") from None
    try:
        yield client
    except APIError as error:
        raise Refusal(f"the Docker engine: {_line(str(error.explanation or error))}") from None
    except (DockerException, StreamParseError, SocketError, RequestException, HTTPError) as error:
        raise Refusal(
            f"the connection to the Docker engine was lost: {_line(str(error))}"
        ) from None
    finally:
        client.close()


def _line(text: str) -> str:
    return " ".join(text.split())
