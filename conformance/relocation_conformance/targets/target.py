"""The relocator under test, as checks see it."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pytest

from relocation_conformance.redaction import of_docker_config
from relocation_conformance.targets import copier, relocator
from relocation_conformance.targets.attempt import Attempt, Blank, surroundings
from relocation_conformance.targets.diary import Diary, content
from relocation_conformance.targets.executables import SCRIPTS, executable
from relocation_conformance.targets.outcome import classify
from relocation_conformance.targets.process import Finished, run
from relocation_conformance.targets.profile import (
    Invocation,
    Profile,
    Unusable,
    built_in_profile,
    built_in_profiles,
    command_profile,
    read_profile,
)
from relocation_conformance.targets.relocation import Relocation

TIMEOUT = 60.0
"""Seconds that a relocation may take where neither user nor profile says otherwise."""


class Writable(Protocol):
    """A bundle that is still to be written to a file."""

    def write(self, folder: Path) -> Path:
        """Write the bundle into *folder* and return its file."""


class Prefixed(Protocol):
    """A place that images are relocated to."""

    @property
    def prefix(self) -> str:
        """The repository prefix, such as `127.0.0.1:5000/t-1`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A relocator under test. Everything that its runs need is written below `folder`.

    `timeout` is in seconds, for one relocation. Each run is noted in the `diary`. `docker_config`
    is what the target finds in `$DOCKER_CONFIG/config.json` where a check says nothing of it.
    """

    profile: Profile
    folder: Path
    timeout: float = TIMEOUT
    diary: Diary = field(default_factory=Diary, repr=False)
    docker_config: Mapping[str, object] | None = None

    def relocate(
        self,
        bundle: Writable | Path,
        *,
        to: Prefixed | str,
        mapping: Path | None = None,
        ca_certs: Sequence[Path] = (),
        skip_tls_verify: bool = False,
        docker_config: Mapping[str, object] | str | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
        leave_out: Collection[Blank] = (),
    ) -> Relocation:
        """Ask the target to relocate *bundle*, and return what came of it, whatever it was.

        A bundle that is a path is handed over as it is, whether or not there is a file. The
        mapping goes to *mapping*, by default to a place where no file is. *docker_config* is the
        content of `$DOCKER_CONFIG/config.json`, a document or a text, *environment* is added to
        the target's own, and the arguments *leave_out* are missing from its command line.

        Skips the check when the target has no option for what is asked here.
        """
        invocation = self.profile.invocation
        docker_config = self.docker_config if docker_config is None else docker_config
        self._require(invocation, ca_certs=ca_certs, skip_tls_verify=skip_tls_verify)
        folder = Path(tempfile.mkdtemp(prefix="relocation-", dir=self.folder))
        attempt = Attempt(
            bundle=bundle if isinstance(bundle, Path) else bundle.write(folder),
            prefix=to if isinstance(to, str) else to.prefix,
            mapping=mapping or folder / "relocation-mapping.json",
            ca_certs=tuple(ca_certs),
            skip_tls_verify=skip_tls_verify,
            left_out=frozenset(leave_out),
            environment=self._environment(folder, docker_config, environment or {}),
            timeout=self.timeout if timeout is None else timeout,
        )
        page = self.diary.begin(
            bundle=attempt.bundle,
            mapping=attempt.mapping,
            prefix=attempt.prefix,
            secrets=of_docker_config(docker_config),
        )
        finished = self._drive(invocation, attempt)
        outcome, reason = classify(
            finished, self.profile.refusal_patterns, self.profile.crash_patterns
        )
        relocation = Relocation(
            bundle=attempt.bundle,
            prefix=attempt.prefix,
            command=finished.command,
            status=finished.status,
            stdout=finished.stdout,
            stderr=finished.stderr,
            seconds=finished.seconds,
            outcome=outcome,
            reason=reason,
            mapping_file=attempt.mapping,
            mapping_before=page.mapping_before,
            mapping_bytes=content(attempt.mapping),
        )
        page.end(relocation)
        return relocation

    def version(self) -> str | None:
        """Return the first line that the version command prints, None where there is none."""
        if not self.profile.version_command:
            return None
        folder = Path(tempfile.mkdtemp(prefix="version-", dir=self.folder))
        try:
            printed = run(
                self.profile.version_command,
                folder=self.profile.folder,
                environment=self._environment(folder, None, {}),
                timeout=self.timeout,
            )
        except OSError:
            return None
        lines = printed.stdout.split("\n") if printed.status == 0 else []
        return lines[0].strip() or None if lines else None

    def _drive(self, invocation: Invocation, attempt: Attempt) -> Finished:
        if self.profile.copy is None:
            return relocator.relocate(self.profile, invocation, attempt)
        try:
            return copier.relocate(self.profile, invocation, attempt)
        except copier.NotForCopiers as reason:
            pytest.skip(str(reason))

    def _require(
        self, invocation: Invocation, *, ca_certs: Sequence[Path], skip_tls_verify: bool
    ) -> None:
        if ca_certs and not invocation.ca_cert:
            pytest.skip("the target has no option for a CA certificate")
        if skip_tls_verify and not invocation.skip_tls_verify:
            pytest.skip("the target has no option for not verifying certificates")

    def _environment(
        self,
        folder: Path,
        docker_config: Mapping[str, object] | str | None,
        extra: Mapping[str, str],
    ) -> dict[str, str]:
        return surroundings(
            folder / "home",
            search_path=[SCRIPTS],
            docker_config=docker_config,
            extra={**self.profile.environment, **extra},
        )


def open_profile(named: str, folder: Path) -> Profile:
    """Return the profile of the target that a user *named* while in *folder*.

    A name is a built-in profile's, a path that ends in .toml, or a command line. The executables
    in the profile are absolute paths. Raises `Unusable` when there is nothing to run.
    """
    if named.endswith(".toml"):
        return _with_executables(read_profile(folder / named))
    if named in built_in_profiles():
        return _with_executables(built_in_profile(named, folder))
    try:
        arguments = tuple(shlex.split(named))
    except ValueError as error:
        raise Unusable(f"The command {named} cannot be split into words: {error}.") from None
    if not arguments:
        raise Unusable("The target's name is empty.")
    try:
        return _with_executables(command_profile(named, arguments, folder))
    except Unusable as error:
        if len(arguments) > 1:
            raise
        known = ", ".join(built_in_profiles())
        raise Unusable(f"{error} Nor is it a built-in profile: {known}.") from None


def _with_executables(profile: Profile) -> Profile:
    def absolute(command: tuple[str, ...]) -> tuple[str, ...]:
        return (executable(command[0], profile.folder), *command[1:])

    def found(invocation: Invocation | None) -> Invocation | None:
        return invocation and replace(invocation, command=absolute(invocation.command))

    return replace(
        profile,
        relocate=found(profile.relocate),
        copy=found(profile.copy),
        runtime=profile.runtime and profile.runtime.with_commands(absolute),
        version_command=profile.version_command and absolute(profile.version_command),
    )
