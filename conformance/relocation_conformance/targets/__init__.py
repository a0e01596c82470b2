"""How a relocator under test is driven."""

from relocation_conformance.targets.outcome import Outcome
from relocation_conformance.targets.profile import Profile, Unusable
from relocation_conformance.targets.relocation import Relocation, RelocationMapping
from relocation_conformance.targets.runtime import Action, Runtime
from relocation_conformance.targets.target import TIMEOUT, Target, open_profile

__all__ = [
    "TIMEOUT",
    "Action",
    "Outcome",
    "Profile",
    "Relocation",
    "RelocationMapping",
    "Runtime",
    "Target",
    "Unusable",
    "open_profile",
]
