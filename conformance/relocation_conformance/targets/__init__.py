"""How a relocator under test is driven."""

from relocation_conformance.targets.outcome import Outcome
from relocation_conformance.targets.profile import Profile, Unusable
from relocation_conformance.targets.relocation import Relocation, RelocationMapping
from relocation_conformance.targets.target import TIMEOUT, Target, open_profile

__all__ = [
    "TIMEOUT",
    "Outcome",
    "Profile",
    "Relocation",
    "RelocationMapping",
    "Target",
    "Unusable",
    "open_profile",
]
