"""When a success counts: only if something arrived."""

from __future__ import annotations

from relocation_conformance.destination import Destination
from relocation_conformance.targets import Relocation, Target
from relocation_conformance.targets.target import Writable


def relocated(target: Target, bundle: Writable, *, to: Destination) -> Relocation:
    """Return a relocation of *bundle* to a place where nothing was before.

    Raises AssertionError, with the evidence, when it was not done, wrote no readable mapping, or
    pushed no image at all: a target that promises and does nothing keeps no rule.
    """
    done = target.relocate(bundle, to=to)
    if done.mapping and not to.pushed_manifests():
        raise AssertionError(f"exit status 0, but nothing was pushed\n{done.evidence}")
    return done
