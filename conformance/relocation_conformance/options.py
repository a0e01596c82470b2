"""The options of the suite on pytest's command line, and what they name (raises `UsageError`)."""

from __future__ import annotations

import argparse
import math
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from relocation_conformance.redaction import Redaction, of_url
from relocation_conformance.reporting import Reporting, without_credentials
from relocation_conformance.requirements import Class, Subject, catalogue
from relocation_conformance.settings import SETTINGS, Settings
from relocation_conformance.standards import CONFORMANCE_CLASSES, Standards
from relocation_conformance.targets import TIMEOUT, Profile, Target, Unusable, open_profile
from relocation_conformance.under_test import NamedTarget, UnderTest, can_be


def add_options(parser: pytest.Parser) -> None:
    """Add the suite's options, so that they are known wherever they stand on the command line."""
    group = parser.getgroup("relocation conformance")
    group.addoption(
        "--target",
        metavar="TARGET",
        help="the relocator under test: a built-in profile's name, a profile file (./mine.toml), "
        'or a command ("python3 my_relocator.py")',
    )
    group.addoption(
        "--runtime-target",
        metavar="TARGET",
        help="the runtime under test, which runs bundles from relocated images; named like the "
        "relocator",
    )
    group.addoption(
        "--registry",
        metavar="REGISTRY",
        type=_name_or_url,
        default="embedded",
        help="where images are relocated to: embedded (the default), the name of a registry to "
        "run in a container, or a URL",
    )
    group.addoption(
        "--target-timeout",
        metavar="SECONDS",
        type=_seconds,
        help=f"how long one call of a target may take (default: its profile's, or {TIMEOUT:g})",
    )
    group.addoption(
        "--report",
        metavar="DIR",
        help="write the reports of the run, and the evidence for every check, into this folder",
    )
    # How `relocation-conformance replay` has one check called again, and where it looks then.
    group.addoption("--replay", type=Path, help=argparse.SUPPRESS)
    group.addoption("--evidence", help=argparse.SUPPRESS)
    group.addoption(
        "--hold-to",
        metavar="CLASSES",
        type=_classes,
        default=",".join(CONFORMANCE_CLASSES),
        help="the classes whose MUSTs fail the run when they are broken, with commas between them: "
        f"{', '.join(Class)} (default: %(default)s)",
    )
    group.addoption(
        "--allow-deviations",
        action="store_true",
        help="do not fail the run for deviations that the target's profile documents",
    )


def under_test(config: pytest.Config) -> UnderTest:
    """Return who is judged, with profiles that name rules of the catalogue only."""
    return UnderTest(
        relocator=_profile(config, Subject.RELOCATOR, "target"),
        runtime=_profile(config, Subject.RUNTIME, "runtime_target"),
    )


def settings(config: pytest.Config, judged: UnderTest) -> Settings:
    """Return what the suite's fixtures read; the registry is one that can be opened."""
    return Settings(
        under_test=judged,
        registry=_registry(config),
        longest=config.getoption("target_timeout"),
    )


def standards(config: pytest.Config) -> Standards:
    """Return what the run is held to."""
    return Standards(
        frozenset(Class(each) for each in config.getoption("hold_to").split(",")),
        allow_deviations=config.getoption("allow_deviations"),
    )


def reporting(config: pytest.Config, judged: UnderTest) -> Reporting:
    """Return what is to be reported of the run, with the versions that the targets tell."""
    chosen: str | None = config.getoption("report")
    return Reporting(
        folder=None if chosen is None else config.invocation_params.dir / chosen,
        target=_named(config, judged.relocator, "target"),
        runtime_target=_named(config, judged.runtime, "runtime_target"),
        registry=without_credentials(config.getoption("registry")),
        standards=standards(config),
    )


def problem_with_registry(config: pytest.Config) -> str | None:
    """Return why the registry cannot be had, in a sentence, None if it can."""
    from registry_fixtures.opening import Unavailable, check_registry

    try:
        check_registry(config.getoption("registry"))
    except Unavailable as error:
        return f"--registry: {error}."
    return None


def _named(config: pytest.Config, profile: Profile | None, option: str) -> NamedTarget | None:
    if profile is None or hasattr(config, "workerinput"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        timeout = config.stash[SETTINGS].timeout_of(profile)
        version = Target(profile, Path(folder), timeout).version()
    return NamedTarget(config.getoption(option), profile, version)


def _profile(config: pytest.Config, subject: Subject, option: str) -> Profile | None:
    named: str | None = config.getoption(option)
    if named is None:
        return None
    try:
        profile = open_profile(named, config.invocation_params.dir)
    except Unusable as error:
        raise pytest.UsageError(str(error)) from None
    if not can_be(profile, subject):
        raise pytest.UsageError(f"The profile {profile.name} does not say how to call a {subject}.")
    named_rules = [each.rule for each in profile.deviations]
    named_rules += [name for name in profile.not_applicable if "-" in name]
    for rule in named_rules:
        if rule not in catalogue():
            raise pytest.UsageError(
                f"The profile {profile.name} names {rule}, which is no rule of the catalogue."
            )
    return profile


def _registry(config: pytest.Config) -> str:
    # Only the fixtures need what opens registries, and it takes long to import.
    from registry_fixtures.opening import open_registry

    named: str = config.getoption("registry")
    try:
        open_registry(named)
    except ValueError as error:
        redacted = Redaction(of_url(named))
        raise pytest.UsageError(f"--registry: {redacted(str(error))}.") from None
    return named


def _name_or_url(text: str) -> str:
    try:
        urlsplit(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it is no URL: {error}") from None
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _classes(text: str) -> str:
    # It stays text, which travels to the workers of pytest-xdist.
    for name in text.split(","):
        if name not in list(Class):
            known = ", ".join(Class)
            raise argparse.ArgumentTypeError(f"{name!r} is no class of rules: {known}")
    return text
