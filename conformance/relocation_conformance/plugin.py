"""The pytest plugin: options, which tests are checks, and what comes of them.

It is loaded in every pytest run of an environment that has the suite installed, and does nothing
in a run without checks.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from relocation_conformance import checks, terminal
from relocation_conformance.requirements import MARKER, Class, catalogue, rules_of
from relocation_conformance.settings import SETTINGS, Settings
from relocation_conformance.standards import CONFORMANCE_CLASSES, Standards
from relocation_conformance.targets import TIMEOUT, Profile, Target, Unusable, open_profile
from relocation_conformance.verdicts import JudgedRule, fails, judge, verdicts

SUITE = Path(__file__).parent / "suite"
"""Every test below this folder is a check, and has to name a rule."""

_PROBLEM = "relocation_problem"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options, so that they are known wherever they stand on the command line."""
    group = parser.getgroup("relocation conformance")
    group.addoption(
        "--target",
        metavar="TARGET",
        help="the relocator under test: a built-in profile's name, a profile file (./mine.toml), "
        'or a command ("python3 my_relocator.py")',
    )
    group.addoption(
        "--registry",
        metavar="REGISTRY",
        default="embedded",
        help="where images are relocated to: embedded (the default), the name of a registry to "
        "run in a container, or a URL",
    )
    group.addoption(
        "--target-timeout",
        metavar="SECONDS",
        type=_seconds,
        help=f"how long one relocation may take (default: the profile's, or {TIMEOUT:g})",
    )
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


def pytest_configure(config: pytest.Config) -> None:
    """Read the target's profile, and watch for checks."""
    config.addinivalue_line("markers", f"{MARKER}(*ids): the rules that a check tests")
    profile = _profile(config)
    if profile is not None:
        config.stash[SETTINGS] = Settings(
            profile=profile,
            timeout=config.getoption("target_timeout") or profile.timeout or TIMEOUT,
            registry=_registry(config),
        )
    config.pluginmanager.register(Run(config, profile), "relocation-conformance-run")


class Run:
    """One pytest session: makes checks of tests, and judges the rules by their results.

    With pytest-xdist, each worker does the first and the controller the second.
    """

    def __init__(self, config: pytest.Config, profile: Profile | None) -> None:
        self.config = config
        self.profile = profile
        self.results: list[checks.CheckResult] = []
        self.problem: str | None = None
        self.standards = Standards(
            frozenset(Class(each) for each in config.getoption("hold_to").split(",")),
            allow_deviations=config.getoption("allow_deviations"),
        )

    def pytest_report_header(self) -> list[str]:
        """Name the target, its version and the registry."""
        if self.profile is None:
            return []
        with tempfile.TemporaryDirectory() as folder:
            version = Target(self.profile, Path(folder)).version() or "version unknown"
        registry = self.config.getoption("registry")
        return [f"target: {self.profile.name} ({version}), registry: {registry}"]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Make checks of the tests that name a rule, and of all tests of the suite."""
        found = [item for item in items if rules_of(item) or SUITE in item.path.parents]
        problem = self._problem_with(found)
        if problem is None:
            for item in found:
                checks.prepare(item, self.profile, self.standards)
        elif hasattr(self.config, "workeroutput"):
            # A worker that raises looks crashed, so the controller is left to raise.
            self.config.workeroutput[_PROBLEM] = problem
            items.clear()
        else:
            raise pytest.UsageError(problem)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put what a check found into its report."""
        if not checks.is_prepared(item):
            return (yield)
        result = checks.judge_phase(item, call)
        report = yield
        checks.amend(item, report, result)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the results of checks, wherever they were run."""
        result = checks.read_result(report)
        if result is not None:
            self.results.append(result)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take over what a pytest-xdist worker found wrong with the run."""
        output: dict[str, Any] = getattr(node, "workeroutput", {})
        self.problem = self.problem or output.get(_PROBLEM)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail the run for what pytest has not failed it for."""
        judged = self._judged()
        failed = any(fails(each, self.standards) for each in judged)
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        result = yield
        if self.problem is not None:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            raise pytest.UsageError(self.problem)
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell how the target stands with each rule."""
        judged = self._judged()
        if not judged or self.profile is None:
            return
        terminalreporter.section(f"relocation conformance of {self.profile.name}")
        for line, colour in terminal.summary(
            judged, verdicts(judged), self.standards, self.results
        ):
            terminalreporter.write_line(line, **({colour: True} if colour else {}))

    def _judged(self) -> Sequence[JudgedRule]:
        if self.profile is None or not self.results:
            return ()
        return judge(catalogue(), self.profile, self.results)

    def _problem_with(self, found: Sequence[pytest.Item]) -> str | None:
        for item in found:
            rules = rules_of(item)
            if not rules:
                return f"{item.nodeid} names no rule: mark it with @requirement."
            for rule in rules:
                if rule not in catalogue():
                    return f"{item.nodeid} names {rule}, which is no rule of the catalogue."
        if not found or self.config.option.collectonly:
            return None
        if self.profile is None:
            return (
                "The conformance suite needs --target: a built-in profile's name, a profile file "
                'or a command, such as --target reference or --target "python3 my_relocator.py".'
            )
        return _problem_with_registry(self.config.getoption("registry"))


def _profile(config: pytest.Config) -> Profile | None:
    named: str | None = config.getoption("target")
    if named is None:
        return None
    try:
        profile = open_profile(named, config.invocation_params.dir)
    except Unusable as error:
        raise pytest.UsageError(str(error)) from None
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
        raise pytest.UsageError(f"--registry: {error}.") from None
    return named


def _problem_with_registry(named: str) -> str | None:
    from registry_fixtures.opening import Unavailable, check_registry

    try:
        check_registry(named)
    except Unavailable as error:
        return f"--registry: {error}."
    return None


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
