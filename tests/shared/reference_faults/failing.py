"""Faults in how failing registries, and relocations that broke off, are met."""

import urllib.parse
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import urllib3

from reference_faults.faults import fault, swap
from relocator import mapping, registry
from relocator import relocate as use_case
from relocator.errors import Refusal
from relocator.registry import Registry, Repository
from relocator.retries import Transient
from relocator.transfer import BlobTransfer
from relocator.transport import Transport


@fault
def takes_a_part_for_the_whole() -> None:
    original = Transport.send

    def send(*arguments: Any) -> urllib3.BaseHTTPResponse:
        response = original(*arguments)
        response.enforce_content_length = False  # type: ignore[attr-defined]
        return response

    swap(Transport, "send", send)


def once(*names: str) -> None:
    for name in names:
        swap(Repository, name, vars(Repository)[name].__wrapped__)


@fault
def asks_only_once() -> None:
    once("manifest", "has")


@fault
def pushes_only_once() -> None:
    once("put_manifest", "put_blob")


@fault
def comes_back_too_soon() -> None:
    original = Transient.__init__
    swap(Transient, "__init__", lambda self, reason, _=0.0: original(self, reason))


@fault
def overlooks_rejections() -> None:
    def put_manifest(*arguments: Any) -> None:
        with suppress(Refusal):
            originals["put_manifest"](*arguments)

    def put_blob(*arguments: Any, **options: Any) -> bool:
        with suppress(Refusal):
            originals["put_blob"](*arguments, **options)
        return True

    originals: dict[str, Callable[..., Any]] = dict(vars(Repository))
    swap(Repository, "put_manifest", put_manifest)
    swap(Repository, "put_blob", put_blob)


@fault
def drops_the_query_of_a_location() -> None:
    original = Registry.location

    def location(self: Registry, *arguments: Any) -> str:
        return urllib.parse.urlsplit(original(self, *arguments))._replace(query="").geturl()

    swap(Registry, "location", location)


@fault
def follows_no_redirects() -> None:
    swap(registry, "_REDIRECTS", frozenset())


@fault
def takes_every_mount_for_done() -> None:
    original = Registry.request

    def request(self: Registry, method: str, path: str, *arguments: Any) -> Any:
        response = original(self, method, path, *arguments)
        if "?mount=" in path:
            response.status = 201
        return response

    swap(Registry, "request", request)


@fault
def wants_an_empty_destination() -> None:
    original = BlobTransfer.run

    def run(self: BlobTransfer, *arguments: Any) -> set[tuple[str, str]]:
        if any(each.has("blobs", self.blob.digest) for each in self.repositories.values()):
            raise Refusal("there is something at the destination already")
        return original(self, *arguments)

    swap(BlobTransfer, "run", run)


@fault
def keeps_quiet_on_a_mapping_that_was_not_written() -> None:
    original = mapping.write_mapping

    def write(path: Path, written: Mapping[str, str]) -> None:
        with suppress(Refusal):
            original(path, written)

    swap(use_case, "check_mapping_path", lambda *_: None)
    swap(use_case, "write_mapping", write)
