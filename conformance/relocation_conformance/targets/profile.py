"""A target's profile: how a tool is driven, and what it is judged by. Read and validated here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Protocol, Self

from relocation_schemas import Invalid, validate


class Unusable(ValueError):
    """A target that cannot be used as it was named; the text is one sentence for its user."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A rule that the tool is known to break, why, and where that is documented."""

    rule: str
    reason: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command template and the options that some checks add to its end.

    An option that the tool does not have is empty.
    """

    command: tuple[str, ...]
    ca_cert: tuple[str, ...] = ()
    skip_tls_verify: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Self:
        """Return the `[relocate]` or `[copy]` table of a valid profile document."""
        return cls(
            tuple(table["command"]),
            tuple(table.get("ca-cert", ())),
            tuple(table.get("skip-tls-verify", ())),
        )


@dataclass(frozen=True, slots=True)
class Actions:
    """How a runtime is called: a command template for each built-in action, and for all others.

    What is left out is empty: an action that the tool does not have, or an option.
    `external_drivers` tells whether it takes a command `cnab-NAME` as a driver.
    """

    install: tuple[str, ...]
    upgrade: tuple[str, ...] = ()
    uninstall: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    mapping: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    ca_cert: tuple[str, ...] = ()
    skip_tls_verify: tuple[str, ...] = ()
    external_drivers: bool = True

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Self:
        """Return the `[runtime]` table of a valid profile document."""
        words = {name.replace("-", "_"): value for name, value in table.items()}
        external_drivers: bool = words.pop("external_drivers", True)
        templates: Any = {name: tuple(template) for name, template in words.items()}
        return cls(**templates, external_drivers=external_drivers)

    def with_commands(self, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Self:
        """Return the same with each command changed; there is no command to change in an option."""
        names = ("install", "upgrade", "uninstall", "run")
        commands: dict[str, tuple[str, ...]] = {name: getattr(self, name) for name in names}
        changed: Any = {name: change(words) for name, words in commands.items() if words}
        return replace(self, **changed)

    def template(self, action: str) -> tuple[str, ...]:
        """Return the command template for *action*, which may be a custom one."""
        built_in = {"install": self.install, "upgrade": self.upgrade, "uninstall": self.uninstall}
        return built_in.get(action, self.run)


class Declarations(Protocol):
    """What is known of a tool before it is judged."""

    def exemption(self, rule: str) -> str | None:
        """Return why *rule* does not apply, None if it does."""

    def deviation(self, rule: str) -> Deviation | None:
        """Return the documented deviation from *rule*, None if there is none."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a tool is driven and judged, as a relocator, as a runtime, or as both.

    A relocator has exactly one of `relocate` and `copy`, a runtime has `runtime`.

    `folder` is where its commands run and what their relative paths start from. `timeout` is in
    seconds, None for the suite's own. `not_applicable` gives reasons by family or rule.
    """

    name: str
    description: str
    folder: Path
    relocate: Invocation | None = None
    copy: Invocation | None = None
    runtime: Actions | None = None
    homepage: str | None = None
    version_command: tuple[str, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    refusal_patterns: tuple[str, ...] = ()
    crash_patterns: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None

    @property
    def invocation(self) -> Invocation:
        """The one way in which the tool is driven."""
        invocation = self.relocate or self.copy
        if invocation is None:
            raise ValueError(f"profile {self.name} has no command")
        return invocation

    @property
    def actions(self) -> Actions:
        """The way in which the tool is driven as a runtime."""
        if self.runtime is None:
            raise ValueError(f"profile {self.name} has no [runtime] table")
        return self.runtime

    def exemption(self, rule: str) -> str | None:
        """Return why *rule* does not apply to this tool, None if it does."""
        family = rule.partition("-")[0]
        return self.not_applicable.get(rule) or self.not_applicable.get(family)

    def deviation(self, rule: str) -> Deviation | None:
        """Return the documented deviation from *rule*, None if there is none."""
        return next((known for known in self.deviations if known.rule == rule), None)


def built_in_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with the suite, in order."""
    files = (Path(entry.name) for entry in _built_in_folder().iterdir())
    return tuple(sorted(file.stem for file in files if file.suffix == ".toml"))


def built_in_profile(name: str, folder: Path) -> Profile:
    """Return the profile *name* of the suite's own, to be run in *folder*."""
    text = (_built_in_folder() / f"{name}.toml").read_text(encoding="utf-8")
    return _profile(text, f"The built-in profile {name}", folder)


def read_profile(path: Path) -> Profile:
    """Return the profile in the file *path*, to be run in its folder.

    Raises `Unusable` when it cannot be read or is not valid.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unusable(f"There is no profile file {path}.") from None
    except OSError as error:
        raise Unusable(f"The profile {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unusable(f"The profile {path} is not UTF-8 text.") from None
    return _profile(text, f"The profile {path}", path.parent)


def command_profile(command: str, arguments: tuple[str, ...], folder: Path) -> Profile:
    """Return the profile of a command that speaks both command lines, version 1."""
    blanks = "relocate {bundle} --bundle-is-file --repository-prefix {prefix}"
    blanks += " --relocation-mapping {mapping}"
    ca_cert, skip_tls_verify = ("--ca-cert-path", "{pem}"), ("--skip-tls-verify",)

    def acting(words: str) -> tuple[str, ...]:
        rest = "{name} {bundle} --bundle-is-file --driver {driver}"
        return (*arguments, *words.split(), *rest.split())

    return Profile(
        command,
        "a command that speaks protocol version 1",
        folder,
        relocate=Invocation((*arguments, *blanks.split()), ca_cert, skip_tls_verify),
        runtime=Actions(
            install=acting("install"),
            upgrade=acting("upgrade"),
            uninstall=acting("uninstall"),
            run=acting("run {action}"),
            mapping=("--relocation-mapping", "{mapping}"),
            parameters=("--parameters", "{parameters}"),
            set=("--set", "{parameter}={value}"),
            credentials=("--credentials", "{credentials}"),
            ca_cert=ca_cert,
            skip_tls_verify=skip_tls_verify,
        ),
    )


def _built_in_folder() -> resources.abc.Traversable:
    return resources.files("relocation_conformance.targets") / "profiles"


def _profile(text: str, what: str, folder: Path) -> Profile:
    try:
        document = tomllib.loads(text)
        validate(document, "profile")
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"{what} is not valid TOML: {error}.") from None
    except Invalid as error:
        raise Unusable(f"{what} is not valid: {error}.") from None
    tables = {name: document[name] for name in ("relocate", "copy") if name in document}
    return Profile(
        name=document["name"],
        description=document["description"],
        folder=folder,
        **{name: Invocation.of(table) for name, table in tables.items()},
        runtime=Actions.of(document["runtime"]) if "runtime" in document else None,
        homepage=document.get("homepage"),
        version_command=tuple(document.get("version-command", ())),
        not_applicable=document.get("not-applicable", {}),
        deviations=tuple(Deviation(**each) for each in document.get("deviation", ())),
        refusal_patterns=tuple(document.get("refusal-patterns", ())),
        crash_patterns=tuple(document.get("crash-patterns", ())),
        environment=document.get("environment", {}),
        timeout=document.get("timeout"),
    )
