"""The pytest plugin: which tests are checks, and what comes of them.

It is loaded in every pytest run of an environment that has the suite installed, and does nothing
in a run without checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from relocation_conformance import checks, options, terminal
from relocation_conformance.evidence import SUITE, Evidence
from relocation_conformance.reporting import Unwritten
from relocation_conformance.reports.texts import visible
from relocation_conformance.requirements import MARKER, catalogue, rules_of
from relocation_conformance.settings import SETTINGS
from relocation_conformance.under_test import UnderTest
from relocation_conformance.verdicts import JudgedRule, fails, judge, verdicts

_PROBLEM = "relocation_problem"
_COMPLETE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options, so that they are known wherever they stand on the command line."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the target's profile, and watch for checks."""
    config.addinivalue_line("markers", f"{MARKER}(*ids): the rules that a check tests")
    config.addinivalue_line("markers", "docker: needs a Docker engine that runs Linux containers")
    under_test = options.under_test(config)
    if under_test.subjects:
        config.stash[SETTINGS] = options.settings(config, under_test)
        # Each example is a bundle with much in it, and it is we who tell of it.
        config.addinivalue_line("filterwarnings", "ignore:Generating overly large repr")
    config.pluginmanager.register(Run(config, under_test), "relocation-conformance-run")


class Run:
    """One pytest session: makes checks of tests, and judges the rules by their results.

    With pytest-xdist, each worker does the first and the controller the second.
    """

    def __init__(self, config: pytest.Config, under_test: UnderTest) -> None:
        self.config = config
        self.under_test = under_test
        self.results: list[checks.CheckResult] = []
        self.due: set[str] = set()
        self.ended: set[str] = set()
        self.problem: str | None = None
        self.evidence = Evidence(config)
        self.standards = options.standards(config)
        self.reporting = options.reporting(config, under_test)
        self.report: Path | None = None

    def pytest_report_header(self) -> list[str]:
        """Name the targets, their versions and the registry."""
        named = {"target": self.reporting.target, "runtime target": self.reporting.runtime_target}
        targets = [
            f"{what}: {each.profile.name} ({visible(each.version or 'version unknown')})"
            for what, each in named.items()
            if each
        ]
        if not targets:
            return []
        return [", ".join([*targets, f"registry: {self.reporting.registry}"])]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Make checks of the tests that name a rule, and of all tests of the suite.

        It comes first, so that what is deselected by others is known of.
        """
        found = [item for item in items if rules_of(item) or SUITE in item.path.parents]
        problem = self._problem_with(found)
        if problem is None:
            declared = self.under_test if self.under_test.subjects else None
            collected = Counter(rule for item in found for rule in rules_of(item))
            for item in found:
                checks.prepare(item, declared, self.standards, collected)
            problem = self.evidence.pin(found)
        if problem is None:
            return
        if hasattr(self.config, "workeroutput"):
            # A worker that raises looks crashed, so the controller is left to raise.
            self.config.workeroutput[_PROBLEM] = problem
            items.clear()
        else:
            raise pytest.UsageError(problem)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn which tests are to be run."""
        self.due.update(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Learn which tests the workers of pytest-xdist are to run."""
        self.due.update(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Keep what hypothesis draws for a check."""
        if not checks.is_prepared(item):
            return (yield)
        with self.evidence.called(item):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put what a check found into its report."""
        if not checks.is_prepared(item):
            return (yield)
        result = checks.judge_phase(item, call)
        self.evidence.ended(item, call)
        report = yield
        checks.amend(item, report, result)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the results of checks, wherever they were run."""
        if report.when == "teardown":
            self.ended.add(report.nodeid)
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
        """Fail the run for what pytest has not failed it for, and write its reports."""
        if hasattr(self.config, "workerinput"):
            return (yield)
        judged = self._judged()
        complete = session.exitstatus in _COMPLETE and self.due <= self.ended
        failed = not complete or any(fails(each, self.standards) for each in judged)
        if judged and failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        failed = session.exitstatus != pytest.ExitCode.OK
        self._report(judged, failed=failed, complete=complete)
        result = yield
        if self.problem is not None:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            raise pytest.UsageError(self.problem)
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell how the target stands with each rule."""
        judged = self._judged()
        if not judged:
            return
        terminalreporter.section(f"relocation conformance of {self.under_test.name}")
        verdict = verdicts(judged, self.under_test.subjects)
        targets = self.evidence.targets
        lines = terminal.summary(judged, verdict, self.standards, self.results, targets)
        for line, colour in lines:
            terminalreporter.write_line(line, **({colour: True} if colour else {}))
        left = self.due - self.ended
        if left:
            told = f"Not run: {len(left)} of {len(self.due)} tests."
            terminalreporter.write_line(f"This run stopped before its end. {told}", red=True)
        if self.report is not None:
            terminalreporter.write_line(f"report: {self.report}")

    def _report(self, judged: Sequence[JudgedRule], *, failed: bool, complete: bool) -> None:
        if self.reporting.folder is None or not judged:
            return
        verdict = verdicts(judged, self.under_test.subjects)
        try:
            self.report = self.reporting.write(
                judged, verdict, self.results, failed=failed, complete=complete
            )
        except Unwritten as problem:
            self.problem = self.problem or str(problem)

    def _judged(self) -> Sequence[JudgedRule]:
        if not self.under_test.subjects or not self.results:
            return ()
        return judge(catalogue(), self.under_test, self.results)

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
        if not self.under_test.subjects:
            return (
                "The conformance suite needs --target, --runtime-target or both: a built-in "
                "profile's name, a profile file or a command, such as --target reference or "
                '--target "python3 my_relocator.py".'
            )
        return options.problem_with_registry(self.config)
