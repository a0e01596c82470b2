"""What is copied, and how much faster than skopeo the reference means to be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from content import MIB, Image, Layer


@dataclass(frozen=True)
class Scenario:
    """Images to copy, and an aim.

    Attributes:
        key: what the command line calls it.
        title: what tables call it.
        images: makes the images.
        faster: the aim: how many times as fast as skopeo image by image.
        memory: the aim: the most bytes of memory, if one is set.
    """

    key: str
    title: str
    images: tuple[Image, ...]
    faster: float
    memory: int | None = None


def _sharing(scale: int) -> tuple[Image, ...]:
    base = Layer(0, 100 * MIB // scale)
    own = (Layer(number, 30 * MIB // scale) for number in range(1, 11))
    return tuple(Image(f"sharing-{layer.seed}", (base, layer)) for layer in own)


def _small(scale: int) -> tuple[Image, ...]:
    layers = (Layer(1000 + number, 2048) for number in range(200 // scale))
    return tuple(Image(f"small-{layer.seed}", (layer,)) for layer in layers)


def _large(scale: int) -> tuple[Image, ...]:
    return (Image("large", (Layer(2000, 1024 * MIB // scale),)),)


_SCENARIOS: Final[dict[str, Callable[[int], Scenario]]] = {
    "a": lambda scale: Scenario(
        "a", "ten images of 130 MiB that share 100 MiB", _sharing(scale), faster=2
    ),
    "b": lambda scale: Scenario("b", "200 images of a few kB", _small(scale), faster=3),
    "c": lambda scale: Scenario(
        "c", "one image with a layer of 1 GiB", _large(scale), faster=1, memory=100 * MIB
    ),
}
KEYS: Final = tuple(_SCENARIOS)


def scenario(key: str, *, quick: bool) -> Scenario:
    """Return a scenario; *quick* divides its content by ten, to see whether all works."""
    return _SCENARIOS[key](10 if quick else 1)
