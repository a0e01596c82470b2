"""Drive a tool that copies single images as if it were a relocator.

What such a tool does not do is done here, in the plainest way that the rules allow: reading a thin
bundle, choosing destination names and writing the mapping. The profiles of these tools exempt them
from the rules on all that, so that they are judged by what they do themselves.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from relocation_conformance.references import Malformed, Reference, parse
from relocation_conformance.targets.attempt import Attempt, fill
from relocation_conformance.targets.process import Finished, run
from relocation_conformance.targets.profile import Invocation, Profile
from relocation_conformance.targets.relocator import tls_options


class NotForCopiers(Exception):
    """A relocation of which a tool that copies single images has no part."""


def relocate(profile: Profile, invocation: Invocation, attempt: Attempt) -> Finished:
    """Run the tool once an image, stopping at the first failure; write the mapping at the end.

    The result is the last run's, with everything that all of them wrote and the time they took.
    Raises `NotForCopiers` for a thick bundle, one that cannot be read, one without an image to
    copy, and a mapping that cannot be written.
    """
    if not attempt.mapping.parent.is_dir():
        raise NotForCopiers("a tool that copies single images writes no mapping")
    images = _images(attempt)
    mapping: dict[str, str] = {}
    runs: list[Finished] = []
    deadline = time.monotonic() + attempt.timeout
    for name, reference in images.items():
        if reference is None:
            mapping[name] = name
            continue
        source, destination, mapping[name] = _places(name, reference, attempt.prefix)
        values = {"source": source, "destination": destination}
        runs.append(
            run(
                fill(invocation.command, values) + tls_options(invocation, attempt),
                folder=profile.folder,
                environment=attempt.environment,
                timeout=max(deadline - time.monotonic(), 0),
            )
        )
        if runs[-1].status != 0:
            return _as_one(runs)
    if not runs:
        raise NotForCopiers("a tool that copies single images has nothing to do in this bundle")
    attempt.mapping.write_text(json.dumps(mapping, sort_keys=True))
    return _as_one(runs)


def _images(attempt: Attempt) -> dict[str, Reference | None]:
    """Return each image's name with its reference, or None if its type is not to be copied."""
    if attempt.left_out:
        raise NotForCopiers("a tool that copies single images has no such arguments")
    try:
        document = json.loads(attempt.bundle.read_bytes())
        return {
            image["image"]: parse(image["image"])
            if image.get("imageType", "oci") in ("oci", "docker", "")
            else None
            for image in _entries(document)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed):
        raise NotForCopiers("a tool that copies single images reads no such bundle") from None


def _entries(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from document["invocationImages"]
    yield from document.get("images", {}).values()


def _places(name: str, reference: Reference, prefix: str) -> tuple[str, str, str]:
    """Return what to copy, where to, and what the mapping says of it.

    Many tools refuse a name with both tag and digest, so such an image is read by its digest and
    put under its tag; the mapping's value has both. Without a tag, it is put under `latest`.
    """
    repository_hash = hashlib.sha256(reference.repository.encode()).hexdigest()[:16]
    domain, _, path = f"{prefix}/image-{repository_hash}".partition("/")
    moved = replace(reference, domain=domain, path=path)
    destination = f"{moved.repository}:{reference.tag or 'latest'}"
    source = name
    if reference.tag and reference.digest:
        source = str(replace(reference, tag=None))
    return source, destination, str(moved)


def _as_one(runs: Sequence[Finished]) -> Finished:
    return replace(
        runs[-1],
        stdout="".join(each.stdout for each in runs),
        stderr="".join(each.stderr for each in runs),
        seconds=sum(each.seconds for each in runs),
    )
