"""The runtime under test, as checks see it: what performs actions on installations of bundles."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import pytest

from relocation_conformance.redaction import of_docker_config
from relocation_conformance.targets.attempt import fill, surroundings
from relocation_conformance.targets.diary import Diary
from relocation_conformance.targets.drivers import Driver, Place
from relocation_conformance.targets.ended import Ended
from relocation_conformance.targets.executables import SCRIPTS
from relocation_conformance.targets.given import Given
from relocation_conformance.targets.inputs import MAPPING_FILE, Inputs, NoSuchOption
from relocation_conformance.targets.outcome import Outcome, classify
from relocation_conformance.targets.process import Finished, run
from relocation_conformance.targets.profile import Profile
from relocation_conformance.targets.target import TIMEOUT, Writable

INSTALLATION = "fixture"
"""The name of the installation that a check's actions are on."""

_ENGINE = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION")
"""What says where the engine is, which is this machine's and no matter of the runtime's."""


@dataclass(frozen=True)
class Action(Ended):
    """One run of a runtime, and the runs of invocation images in it.

    `unreadable` says what was wrong with a run that could not be read.
    """

    action: str
    runs: tuple[Given, ...]
    unreadable: str = ""

    @property
    def given(self) -> Given:
        """What the invocation image was given by an action that was done.

        Raises AssertionError, with the evidence, when the runtime was not done, or has not run
        exactly one invocation image.
        """
        if self.outcome is not Outcome.DONE:
            raise AssertionError(f"{self.action} was not done\n{self.evidence}")
        if self.unreadable or len(self.runs) != 1:
            found = self.unreadable or f"it ran {len(self.runs)} invocation images, not one"
            raise AssertionError(f"{self.action} ended well, but {found}\n{self.evidence}")
        return self.runs[0]


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime under test. Everything that its runs need is written below `folder`.

    Its installations are kept there from one action to the next. `timeout` is in seconds, for
    one action. Each run is noted in the `diary`. `docker_config` is what the runtime finds in
    `$DOCKER_CONFIG/config.json`.
    """

    profile: Profile
    folder: Path
    timeout: float = TIMEOUT
    diary: Diary = field(default_factory=Diary, repr=False)
    docker_config: Mapping[str, object] | None = None

    def afresh(self) -> Self:
        """Return the same runtime without installations."""
        return replace(self, folder=Path(tempfile.mkdtemp(prefix="afresh-", dir=self.folder)))

    def act(
        self,
        action: str,
        bundle: Writable | Path,
        *,
        driver: Driver,
        mapping: bytes | Path | None = None,
        parameters: Mapping[str, object] | None = None,
        settings: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        ca_certs: Sequence[Path] = (),
        skip_tls_verify: bool = False,
    ) -> Action:
        """Ask the runtime for *action* on its one installation, and return what came of it.

        What it is given is what `Inputs` says. Skips the check when the runtime has no command
        or option for what is asked here.
        """
        folder = Path(tempfile.mkdtemp(prefix=f"{action}-", dir=self.folder))
        inputs = Inputs(
            mapping=mapping,
            parameters=parameters or {},
            settings=settings or {},
            credentials=credentials or {},
            ca_certs=ca_certs,
            skip_tls_verify=skip_tls_verify,
        )
        drivers_own = folder / "driver"
        drivers_own.mkdir()
        file = bundle if isinstance(bundle, Path) else bundle.write(folder)
        command = self._command(action, file, driver, inputs, folder)
        environment = self._environment(folder, driver.install(drivers_own))
        page = self.diary.begin(
            bundle=file,
            mapping=mapping if isinstance(mapping, Path) else folder / MAPPING_FILE,
            secrets=[*inputs.credentials.values(), *of_docker_config(self.docker_config)],
        )
        finished = run(
            command,
            folder=self.profile.folder,
            environment=environment,
            timeout=self.timeout,
        )
        done = self._action(action, finished, driver, drivers_own)
        page.end(done)
        return done

    def _command(
        self, action: str, bundle: Path, driver: Driver, inputs: Inputs, folder: Path
    ) -> list[str]:
        template = self.profile.actions.template(action)
        if not template:
            pytest.skip(f"the runtime has no command for the action {action}")
        try:
            options = inputs.options(self.profile.actions, folder)
        except NoSuchOption as lacking:
            pytest.skip(f"the runtime has no option for {lacking}")
        values = {
            "action": action,
            "name": INSTALLATION,
            "bundle": str(bundle),
            "driver": driver.name,
        }
        return fill(template, values) + options

    def _environment(self, folder: Path, place: Place) -> dict[str, str]:
        engine = {name: os.environ[name] for name in _ENGINE if name in os.environ}
        state = {"XDG_STATE_HOME": str(self.folder / "state")}
        return surroundings(
            folder / "home",
            search_path=[SCRIPTS, *place.search_path],
            docker_config=self.docker_config,
            extra={**engine, **state, **self.profile.environment, **place.environment},
        )

    def _action(self, action: str, finished: Finished, driver: Driver, drivers_own: Path) -> Action:
        runs: tuple[Given, ...] = ()
        unreadable = ""
        try:
            runs = driver.runs(drivers_own, finished)
        except AssertionError as error:
            unreadable = str(error)
        outcome, reason = classify(
            finished, self.profile.refusal_patterns, self.profile.crash_patterns
        )
        if runs and driver.exit_status and finished.status == driver.exit_status:
            outcome, reason = Outcome.DONE, f"exit status {finished.status}, the image's own"
        return Action(
            command=finished.command,
            status=finished.status,
            stdout=driver.readable(finished.stdout),
            stderr=driver.readable(finished.stderr),
            seconds=finished.seconds,
            outcome=outcome,
            reason=reason,
            action=action,
            runs=runs,
            unreadable=unreadable,
        )
