"""Drive a tool that relocates bundles and writes the mapping itself."""

from __future__ import annotations

from relocation_conformance.targets.attempt import Attempt, fill, without
from relocation_conformance.targets.process import Finished, run
from relocation_conformance.targets.profile import Invocation, Profile


def relocate(profile: Profile, invocation: Invocation, attempt: Attempt) -> Finished:
    """Run the tool once, on the bundle as it is."""
    template: list[str] = list(invocation.command)
    for blank in sorted(attempt.left_out):
        template = without(template, blank)
    values = {
        "bundle": str(attempt.bundle),
        "prefix": attempt.prefix,
        "mapping": str(attempt.mapping),
    }
    command = fill(template, values) + tls_options(invocation, attempt)
    return run(
        command,
        folder=profile.folder,
        environment=attempt.environment,
        timeout=attempt.timeout,
    )


def tls_options(invocation: Invocation, attempt: Attempt) -> list[str]:
    """Return the options that give the tool its certificates, or tell it not to verify any."""
    options: list[str] = []
    for pem in attempt.ca_certs:
        options += fill(invocation.ca_cert, {"pem": str(pem), "folder": str(pem.parent)})
    if attempt.skip_tls_verify:
        options += invocation.skip_tls_verify
    return options
