"""The same copying with five HTTP stacks; `http_stacks.py` runs this once for each.

Called with a stack's name and a file that says what to copy, it writes what that took, apart
from what it took to start, to a second file.
"""

import asyncio
import hashlib
import http.client
import importlib
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

CHUNK: Final = 1024 * 1024
AT_A_TIME: Final = 4


class Copying(Protocol):
    """A way to talk HTTP with threads."""

    def read(self, url: str) -> Iterator[bytes]:
        """Yield the body of a GET."""

    def send(self, method: str, url: str, body: Iterator[bytes] | None, size: int) -> str:
        """Send *size* bytes, want 201 or 202, and return the `Location` if there is one."""


class Standard:
    """`http.client`, a connection for each thread and host."""

    def __init__(self) -> None:
        self._local = threading.local()

    def _connection(self, host: str) -> http.client.HTTPConnection:
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__
        if host not in kept:
            kept[host] = http.client.HTTPConnection(host, blocksize=CHUNK)
        return kept[host]

    def read(self, url: str) -> Iterator[bytes]:
        """Yield the body of a GET."""
        parts = urlsplit(url)
        connection = self._connection(parts.netloc)
        connection.request("GET", parts.path)
        response = connection.getresponse()
        while chunk := response.read(CHUNK):
            yield chunk

    def send(self, method: str, url: str, body: Iterator[bytes] | None, size: int) -> str:
        """Send a body."""
        parts = urlsplit(url)
        connection = self._connection(parts.netloc)
        headers = {"Content-Length": str(size)}
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        response = connection.getresponse()
        response.read()
        return _location(response.status, response.headers.get("Location"))


class Urllib3:
    """urllib3, one pool."""

    def __init__(self) -> None:
        self._pool = importlib.import_module("urllib3").PoolManager(
            maxsize=AT_A_TIME, retries=False
        )

    def read(self, url: str) -> Iterator[bytes]:
        """Yield the body of a GET."""
        response = self._pool.request("GET", url, preload_content=False, decode_content=False)
        while chunk := response.read(CHUNK):
            yield chunk
        response.release_conn()

    def send(self, method: str, url: str, body: Iterator[bytes] | None, size: int) -> str:
        """Send a body."""
        headers = {"Content-Length": str(size)}
        response = self._pool.request(method, url, body=body, headers=headers)
        return _location(response.status, response.headers.get("Location"))


class _Sized:
    """A body of known length, without which requests sends chunks."""

    def __init__(self, body: Iterator[bytes], size: int) -> None:
        self._body = body
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return self._body


class Requests:
    """requests, one session."""

    def __init__(self) -> None:
        self._session = importlib.import_module("requests").Session()

    def read(self, url: str) -> Iterator[bytes]:
        """Yield the body of a GET."""
        with self._session.get(url, stream=True) as response:
            yield from response.iter_content(CHUNK)

    def send(self, method: str, url: str, body: Iterator[bytes] | None, size: int) -> str:
        """Send a body."""
        data = _Sized(body, size) if body is not None else None
        response = self._session.request(method, url, data=data)
        return _location(response.status_code, response.headers.get("Location"))


class Httpx:
    """httpx, asyncio."""

    def __init__(self) -> None:
        httpx = importlib.import_module("httpx")
        self.session = httpx.AsyncClient(timeout=60, trust_env=False)

    async def read(self, url: str) -> AsyncIterator[bytes]:
        """Yield the body of a GET."""
        async with self.session.stream("GET", url) as response:
            async for chunk in response.aiter_raw():
                yield chunk

    async def send(
        self, method: str, url: str, body: AsyncIterator[bytes] | None, size: int
    ) -> str:
        """Send a body."""
        headers = {"Content-Length": str(size)}
        response = await self.session.request(method, url, content=body, headers=headers)
        return _location(response.status_code, response.headers.get("Location"))


class Aiohttp:
    """aiohttp, asyncio."""

    def __init__(self) -> None:
        aiohttp = importlib.import_module("aiohttp")
        self.session = aiohttp.ClientSession(read_bufsize=CHUNK)

    async def read(self, url: str) -> AsyncIterator[bytes]:
        """Yield the body of a GET."""
        async with self.session.get(url) as response:
            async for chunk in response.content.iter_any():
                yield chunk

    async def send(
        self, method: str, url: str, body: AsyncIterator[bytes] | None, size: int
    ) -> str:
        """Send a body."""
        headers = {"Content-Length": str(size)}
        async with self.session.request(method, url, data=body, headers=headers) as response:
            await response.read()
            return _location(response.status, response.headers.get("Location"))


THREADED: Final[Mapping[str, Callable[[], Copying]]] = {
    "http.client": Standard,
    "urllib3": Urllib3,
    "requests": Requests,
}
ASYNCHRONOUS: Final[Mapping[str, Callable[[], Httpx | Aiohttp]]] = {
    "httpx": Httpx,
    "aiohttp": Aiohttp,
}


def _location(status: int, location: str | None) -> str:
    if status not in (201, 202):
        raise RuntimeError(f"the registry answered {status}")
    return location or ""


def _copy(client: Copying, item: Mapping[str, Any]) -> None:
    hasher = hashlib.sha256()

    def content() -> Iterator[bytes]:
        for chunk in client.read(item["source"]):
            hasher.update(chunk)
            yield chunk

    location = client.send("POST", item["uploads"], None, 0)
    digest = item["digest"]
    client.send("PUT", f"{location}&digest={digest}", content(), item["size"])
    _check(hasher.hexdigest(), digest)


async def _copy_asynchronously(client: Httpx | Aiohttp, item: Mapping[str, Any]) -> None:
    hasher = hashlib.sha256()

    async def content() -> AsyncIterator[bytes]:
        async for chunk in client.read(item["source"]):
            hasher.update(chunk)
            yield chunk

    location = await client.send("POST", item["uploads"], None, 0)
    digest = item["digest"]
    await client.send("PUT", f"{location}&digest={digest}", content(), item["size"])
    _check(hasher.hexdigest(), digest)


def _check(hexadecimal: str, digest: str) -> None:
    if digest != f"sha256:{hexadecimal}":
        raise RuntimeError(f"{digest} was not what arrived")


def _with_threads(client: Copying, work: list[Mapping[str, Any]]) -> None:
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        for done in [threads.submit(_copy, client, item) for item in work]:
            done.result()


async def _with_tasks(client: Httpx | Aiohttp, work: list[Mapping[str, Any]]) -> None:
    waiting = iter(work)

    async def take() -> None:
        for item in waiting:
            await _copy_asynchronously(client, item)

    await asyncio.gather(*(take() for _ in range(AT_A_TIME)))


async def _asynchronously(name: str, work: list[Mapping[str, Any]]) -> dict[str, float]:
    client = ASYNCHRONOUS[name]()
    begun = _now()
    async with client.session:
        await _with_tasks(client, work)
    return _since(begun)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(begun: tuple[float, float]) -> dict[str, float]:
    seconds, cpu = (now - then for now, then in zip(_now(), begun, strict=True))
    return {"seconds": seconds, "cpu": cpu, "start": begun[1]}


def main(name: str, work_path: str, result_path: str) -> None:
    """Copy everything in *work_path* and write what that took to *result_path*."""
    work = json.loads(Path(work_path).read_text())
    if name in ASYNCHRONOUS:
        result = asyncio.run(_asynchronously(name, work))
    else:
        client = THREADED[name]()
        begun = _now()
        _with_threads(client, work)
        result = _since(begun)
    Path(result_path).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
