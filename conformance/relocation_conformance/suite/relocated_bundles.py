"""A bundle whose images the suite itself has relocated, for a runtime to run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from registry_fixtures.bundles import Bundle, thin_bundle
from registry_fixtures.client import PlacedImage
from registry_fixtures.images import Seed
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from relocation_conformance.destination import Destination
from relocation_conformance.targets.drivers import Driver

CUSTOM_ACTION = "com.example.check"
Document = dict[str, Any]
Edit = Callable[[Document], object]


@dataclass(frozen=True, slots=True)
class RelocatedBundle:
    """A bundle of an invocation image and one other, all of it in two registries.

    `original` is the invocation image where the bundle says, `moved` where the mapping does.
    """

    bundle: Bundle
    original: PlacedImage
    moved: PlacedImage
    names: Mapping[str, str]

    @property
    def mapping(self) -> bytes:
        """The relocation mapping, as one tool among others might write it."""
        return json.dumps(self.names, indent=3).replace("\n", "\r\n").encode() + b"\n\t\n"

    def edited(self, edit: Edit) -> Self:
        """Return the same with another bundle descriptor."""
        return replace(self, bundle=self.bundle.edited(edit))

    def mapped(self, names: Mapping[str, str]) -> Self:
        """Return the same with some *names* mapped otherwise."""
        return replace(self, names={**self.names, **names})

    def pinned(self) -> Self:
        """Return the same with the invocation image named by tag and digest in the bundle."""
        pinned = self.original.tagged_and_pinned
        changed = self.edited(lambda bundle: bundle["invocationImages"][0].update(image=pinned))
        return changed.mapped({pinned: self.moved.reference})


def relocated_bundle(
    driver: Driver,
    source: Registry,
    destination: Destination,
    seed: Seed,
    make: Callable[..., Bundle] = thin_bundle,
) -> RelocatedBundle:
    """Put the images of a bundle into *source* and *destination*; another *seed*, other images."""
    images = {"installer": driver.image(seed), "app": single(f"app of {seed}")}
    originals = [source.push(node, f"acme/{name}") for name, node in images.items()]
    moved = [destination.push(node, name, "v1") for name, node in images.items()]
    bundle = make(*originals).edited(
        lambda document: document.update(actions={CUSTOM_ACTION: {"modifies": False}})
    )
    names = {one.reference: other.reference for one, other in zip(originals, moved, strict=True)}
    return RelocatedBundle(bundle, originals[0], moved[0], names)


def taking(
    name: str,
    definition: Mapping[str, Any],
    *,
    env: str,
    path: str | None = None,
    required: bool = False,
) -> Edit:
    """Return an edit by which a bundle takes a parameter."""
    parameter = {"definition": name, "destination": _place(env, path), "required": required}

    def edit(bundle: Document) -> None:
        bundle.setdefault("definitions", {})[name] = dict(definition)
        bundle.setdefault("parameters", {})[name] = parameter

    return edit


def crediting(name: str, *, env: str, path: str | None = None, required: bool = False) -> Edit:
    """Return an edit by which a bundle wants a credential."""
    credential = {**_place(env, path), "required": required}
    return lambda bundle: bundle.setdefault("credentials", {}).update({name: credential})


def _place(env: str, path: str | None) -> dict[str, str]:
    return {"env": env} if path is None else {"env": env, "path": path}
