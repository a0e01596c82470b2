"""An image and two registries of a check's own, for it to be relocated from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, Self

import pytest

from registry_fixtures.auth import Auth
from registry_fixtures.bundles import Bundle, thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.recording import Exchange
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import Shape, single
from registry_fixtures.tls import TLS
from relocation_conformance.arrivals import arrived
from relocation_conformance.destination import Destination
from relocation_conformance.suite.registries import Registries
from relocation_conformance.targets import Relocation

Side = Literal["source", "destination"]

on_each_side = pytest.mark.parametrize("side", ["source", "destination"])


def lines(exchanges: Iterable[Exchange]) -> list[str]:
    """Return what was said as lines, for whoever reads why a check failed."""
    return [str(each) for each in exchanges]


@dataclass(frozen=True, slots=True)
class Way:
    """An image in a source, and a destination for it.

    `there` is the registry of the side that the check is about, `opposite` the other one.
    """

    original: PlacedImage
    destination: Destination
    there: Registry
    opposite: Registry

    @property
    def bundle(self) -> Bundle:
        """A bundle with the image alone."""
        return thin_bundle(self.original)

    def afresh(self) -> Self:
        """Return the way to another path in the destination that nobody has used."""
        return replace(self, destination=self.destination.afresh())

    def assert_arrived(self, done: Relocation) -> None:
        """Hold that the image was relocated: that *done* is no empty promise."""
        moved = arrived(done, self.destination).mapping[self.original.reference]
        digest = self.destination.resolve(moved)
        if digest != self.original.digest:
            raise AssertionError(f"{moved} is {digest}, not {self.original.digest}")

    @classmethod
    def locked(
        cls,
        registries: Registries,
        side: Side,
        auth: Auth,
        other: Auth | None = None,
        *,
        shape: Shape = single,
    ) -> Self:
        """Return a way on one side of which is *auth*, and *other*, if anything, on the other."""
        there, opposite = registries(auth=auth), registries(auth=other)
        source, goal = (there, opposite) if side == "source" else (opposite, there)
        return cls(source.push(shape()), Destination.fresh(goal), there, opposite)

    @classmethod
    def secured(cls, registries: Registries, side: Side, tls: TLS, other: TLS) -> Self:
        """Return a way with *tls* on one side, and *other* on the other."""
        inside = registries()  # takes the image, whatever is wrong with the certificates
        source = registries(tls=tls if side == "source" else other, beside=inside)
        goal = registries(tls=other if side == "source" else tls)
        original = replace(inside.push(single()), host=source.host)
        there, opposite = (source, goal) if side == "source" else (goal, source)
        return cls(original, Destination.fresh(goal), there, opposite)
