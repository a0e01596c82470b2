"""When a success counts: only if something arrived."""

from __future__ import annotations

from relocation_conformance.destination import Destination
from relocation_conformance.targets import Relocation, Target
from relocation_conformance.targets.target import Writable


def relocated(target: Target, bundle: Writable, *, to: Destination) -> Relocation:
    """Return a relocation of *bundle* to a place where nothing was before.

    Raises AssertionError, with the evidence, when it was not done, wrote no mapping that can be
    read or an empty one, or pushed no image: a target that promises and does nothing keeps no rule.
    """
    done = target.relocate(bundle, to=to)
    if not done.mapping:
        raise AssertionError(f"exit status 0, but nothing was mapped\n{done.evidence}")
    if not to.pushed_manifests():
        raise AssertionError(f"exit status 0, but nothing was pushed\n{done.evidence}")
    return done
