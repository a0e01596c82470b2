"""Faults to put into the reference relocator, one at a time.

Each replaces one thing and leaves the rest alone, so that what the suite then finds broken is what
it looks at.
"""

from reference_faults import (
    authenticating,
    bundling,
    careless,
    commanding,
    copying,
    failing,
    naming,
    running,
    trusting,
)
from reference_faults.faults import FAULTS

__all__ = [
    "FAULTS",
    "authenticating",
    "bundling",
    "careless",
    "commanding",
    "copying",
    "failing",
    "naming",
    "running",
    "trusting",
]
