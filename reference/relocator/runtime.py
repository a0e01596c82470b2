"""The use case: an action on an installation, from a bundle and a mapping to what is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from relocator.actions import INSTALL, check_action, is_stateless, modifies
from relocator.bundles import Bundle, parse_bundle, read_bundle
from relocator.claims import FAILED, RUNNING, SUCCEEDED, Claim, now, result_of
from relocator.driver import Driver, Outcome
from relocator.errors import ActionFailed, Refusal
from relocator.files import read_file
from relocator.installations import Installation, State
from relocator.interrupts import held
from relocator.invocation import choose, verified
from relocator.mapping import MAX_MAPPING, parse_mapping
from relocator.operation import Operation, operation_for
from relocator.parameters import Given, resolve
from relocator.registry import Registries
from relocator.ulids import new_ulid
from relocator.value_sets import read_credentials


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        action: install, upgrade, uninstall, or one of the bundle's own.
        installation: the installation's name.
        bundle: the bundle's file; without it the bundle of the installation's last change is meant.
        mapping: the relocation mapping's file; without it nothing is taken to be relocated.
        parameters: what the user says of parameters, by name.
        credentials: the files of the user's credential sets.
    """

    action: str
    installation: str
    bundle: Path | None = None
    mapping: Path | None = None
    parameters: Mapping[str, Given] = field(default_factory=dict)
    credentials: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Runtime:
    """Performs actions.

    Attributes:
        state: where they are recorded.
        driver: what runs invocation images.
        registries: where the digests of invocation images are looked up.
        warn: is told, in a sentence, what a person should know of and nothing is refused for.
    """

    state: State
    driver: Driver
    registries: Registries
    warn: Callable[[str], None]

    def perform(self, request: Request) -> None:
        """Run the action, and record it and how it ended.

        Before the action is begun nothing is recorded. Raises `ActionFailed` if the invocation
        image failed, `Refusal` for anything that is in the way, and `OSError` if that is the folder
        of the records, or where the output goes.
        """
        with self.state.locked(request.installation):
            known = self.state.find(request.installation)
            installed = None if known is None or known.is_gone else known
            bundle = _bundle(request, installed)
            check_action(bundle.document, request.action)
            _check_installed(request, bundle, installed)
            claim = _claim(request, bundle, known, installed)
            last_revision = installed.present.revision if installed else ""
            operation = self._operation(request, claim, bundle, last_revision)
            self.driver.prepare(operation)
            if not self.driver.runs or is_stateless(bundle.document, request.action):
                outcome = self.driver.run(operation)
            else:
                outcome = self._run_recorded(operation)
        _check_status(claim, outcome.status)
        if outcome.unwritten:
            raise outcome.unwritten

    def _operation(
        self, request: Request, claim: Claim, bundle: Bundle, last_revision: str
    ) -> Operation:
        """Return what is to be run. A registry is asked last, when nothing else is in the way."""
        mapping = read_file(request.mapping, MAX_MAPPING) if request.mapping else None
        names = None if mapping is None else parse_mapping(mapping, str(request.mapping))
        image = choose(bundle, names, self.driver.handles)
        credentials = read_credentials(request.credentials, bundle.document, claim.action)
        operation = operation_for(
            claim, last_revision, bundle.content, image.document(), credentials, mapping
        )
        if extensions := bundle.document.get("requiredExtensions"):
            self.warn(f"the bundle requires extensions not known here: {', '.join(extensions)}")
        if not self.driver.runs:
            return operation
        if image.digest is None:
            self.warn(f"the bundle states no digest for {image.reference}: it may be any image")
        if image.digest or self.driver.pins:
            image = verified(image, self.registries)
        return replace(operation, image=image.document())

    def _run_recorded(self, operation: Operation) -> Outcome:
        claim = operation.claim
        running = result_of(claim, claim.id, RUNNING)
        try:
            with held():
                self.state.add_claim(claim)
                self.state.add_result(claim, running)
            outcome = self.driver.run(operation)
            outputs = self.state.add_outputs(claim, outcome.outputs)
        except BaseException as error:
            reason = str(error) or "interrupted"
            with held():
                self.state.add_result(claim, result_of(claim, running.id, FAILED, reason))
            raise
        status = FAILED if outcome.status else SUCCEEDED
        message = f"exit status {outcome.status}" if outcome.status else ""
        with held():
            self.state.add_result(claim, result_of(claim, running.id, status, message, outputs))
        missing = sorted({*operation.outputs.values()} - {*outputs})
        if missing and status == SUCCEEDED:
            self.warn(f"{claim.action} left no output {', '.join(missing)}")
        return outcome


def _bundle(request: Request, installed: Installation | None) -> Bundle:
    if request.bundle:
        return read_bundle(request.bundle)
    if installed is None:
        raise _unknown(request)
    recorded = json.dumps(installed.present.bundle, sort_keys=True, separators=(",", ":"))
    return parse_bundle(recorded.encode(), f"the bundle recorded of {request.installation}")


def _check_installed(request: Request, bundle: Bundle, installed: Installation | None) -> None:
    """Install what is not there, and do all else to what is; a failed install may be repeated."""
    if request.action == INSTALL:
        if installed and not installed.never_succeeded:
            raise Refusal(f"there is an installation {request.installation} already")
    elif installed is None and not is_stateless(bundle.document, request.action):
        raise _unknown(request)


def _unknown(request: Request) -> Refusal:
    return Refusal(f"there is no installation {request.installation}")


def _claim(
    request: Request, bundle: Bundle, known: Installation | None, installed: Installation | None
) -> Claim:
    """Return the claim of the action; a change of the installation is a new revision."""
    changes = installed is None or modifies(bundle.document, request.action)
    present = None if installed is None else installed.present
    previous = present.parameters if present and request.action != INSTALL else {}
    return Claim(
        new_ulid(known.last.result.id if known else ""),
        request.installation,
        present.revision if present and not changes else new_ulid(),
        now(),
        request.action,
        bundle.document,
        resolve(bundle.document, request.action, request.parameters, previous),
    )


def _check_status(claim: Claim, status: int) -> None:
    if status:
        what = f"{claim.action} of {claim.installation}"
        raise ActionFailed(f"{what} failed: the invocation image's exit status is {status}", status)
