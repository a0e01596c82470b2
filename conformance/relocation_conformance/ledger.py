"""What a target said over HTTP during one of its runs, as evidence. Source: schema `ledger`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from registry_fixtures.recording import Exchange, Recorder
from registry_fixtures.routes import is_digest
from relocation_conformance.reports.model import Entry

_DIGEST_PARAMETERS = ("digest", "mount")


class Listening(Protocol):
    """A registry that records what it is asked for."""

    @property
    def host(self) -> str:
        """Its address and port."""

    @property
    def recorder(self) -> Recorder:
        """What was said to it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One exchange, and the address and port of the registry that it was with."""

    host: str
    exchange: Exchange

    @property
    def digest(self) -> str | None:
        """The digest that the exchange was about, None if neither side named one.

        It is the one in the path, else the one that is uploaded or mounted, else the one of the
        response's Docker-Content-Digest.
        """
        exchange = self.exchange
        if is_digest(exchange.reference):
            return exchange.reference
        for parameter in _DIGEST_PARAMETERS:
            if exchange.query.get(parameter):
                return exchange.query[parameter]
        return exchange.response_headers.get("Docker-Content-Digest")

    def entry(self, since: float, redacted: Callable[[str], str]) -> Entry:
        """Return it as an entry of a ledger of a run that started at *since*.

        That is in seconds since the epoch; *redacted* takes what is secret out of a text.
        """
        exchange, digest = self.exchange, self.digest
        return {
            "host": self.host,
            "method": redacted(exchange.method),
            "path": redacted(exchange.path),
            "query": {redacted(name): redacted(each) for name, each in exchange.query.items()},
            "status": exchange.status,
            "bytes_received": exchange.bytes_received,
            "bytes_sent": exchange.bytes_sent,
            "digest": digest and redacted(digest),
            "fault": exchange.fault,
            "authenticated": exchange.authenticated,
            "offset": round(exchange.started - since, 6),
            "seconds": round(exchange.seconds, 6),
        }


def said_between(registries: Iterable[Listening], start: float, end: float) -> tuple[Said, ...]:
    """Return what began to be said to *registries* from *start* to *end*, in that order.

    Both are in seconds since the epoch.
    """
    said = [
        Said(registry.host, exchange)
        for registry in registries
        for exchange in registry.recorder.exchanges
        if start <= exchange.started <= end
    ]
    return tuple(sorted(said, key=lambda each: each.exchange.started))
