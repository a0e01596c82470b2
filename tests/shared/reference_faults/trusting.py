"""Faults in whom TLS is spoken with, and whom nothing else."""

import ssl
from collections.abc import Callable
from pathlib import Path

import urllib3

from reference_faults.faults import fault, swap
from relocator import transport
from relocator.errors import Refusal
from relocator.registry import Registries, Registry
from relocator.transport import Transport

Files = tuple[Path, ...]

NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME."""


def choose_files(chosen: Callable[[Files], Files]) -> None:
    original = transport._tls_context

    def context(ca_certs: Files, *, verify: bool) -> ssl.SSLContext:
        return original(chosen(ca_certs), verify=verify)

    swap(transport, "_tls_context", context)


def alter(change: Callable[[ssl.SSLContext], None]) -> None:
    original = transport._tls_context

    def context(ca_certs: Files, *, verify: bool) -> ssl.SSLContext:
        made = original(ca_certs, verify=verify)
        change(made)
        return made

    swap(transport, "_tls_context", context)


def always(*, verify: bool) -> None:
    original = Transport.__init__

    def init(self: Transport, *, ca_certs: Files, connections: int, **_: bool) -> None:
        original(self, ca_certs=ca_certs, verify=verify, connections=connections)

    swap(Transport, "__init__", init)


@fault
def verifies_no_certificates() -> None:
    always(verify=False)


@fault
def verifies_certificates_always() -> None:
    always(verify=True)


@fault
def ignores_ca_certificates() -> None:
    choose_files(lambda _: ())


@fault
def trusts_the_last_ca_certificate_alone() -> None:
    choose_files(lambda files: files[-1:])


def is_certificate(file: Path) -> bool:
    return file.exists() and "BEGIN CERTIFICATE" in file.read_text()


@fault
def skips_files_without_certificates() -> None:
    choose_files(lambda files: tuple(filter(is_certificate, files)))


@fault
def minds_no_host_names() -> None:
    alter(lambda context: setattr(context, "check_hostname", False))
    swap(urllib3.connection, "_match_hostname", lambda *_: None)


@fault
def minds_no_dates() -> None:
    alter(lambda context: setattr(context, "verify_flags", context.verify_flags | NO_CHECK_TIME))


@fault
def falls_back_to_plain_http() -> None:
    original = Registries._scheme

    def scheme(self: Registries, host: str) -> str:
        try:
            return original(self, host)
        except Refusal:
            return "http"

    swap(Registries, "_scheme", scheme)


@fault
def follows_redirects_anywhere() -> None:
    swap(Registry, "_safe", lambda _, url: url)
