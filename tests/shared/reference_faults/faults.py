"""What a fault is, and the list of them."""

from collections.abc import Callable

Fault = Callable[[], None]
"""Makes the reference, as it is loaded in this process, faulty."""

FAULTS: dict[str, Fault] = {}


def fault(install: Fault) -> Fault:
    """Offer *install* under its name, with dashes."""
    FAULTS[install.__name__.replace("_", "-")] = install
    return install


def swap(places: object | tuple[object, ...], name: str, new: object) -> None:
    """Put *new* where each of *places*, modules or classes, has *name*."""
    for place in places if isinstance(places, tuple) else (places,):
        if name not in vars(place):
            raise LookupError(f"{place} has no {name}")
        setattr(place, name, new)


@fault
def unmutated() -> None:
    """Change nothing."""
