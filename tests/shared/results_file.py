"""A pytest plugin, `-p results_file --results FILE`: keeps what each check found, for other tests.

With `--targets FILE`, a JSON object of commands by rule, only the checks of these rules are run,
each against the command of its rule. Once a rule is broken, the rest of its checks are left out.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from relocation_conformance.checks import CheckResult, Result, read_result
from relocation_conformance.requirements import rules_of, subject_of
from relocation_conformance.settings import SETTINGS
from relocation_conformance.targets import open_profile


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--results", type=Path)
    parser.addoption("--targets", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    file: Path | None = config.getoption("targets")
    if file is not None:
        config.pluginmanager.register(TargetOfEachRule(json.loads(file.read_text())))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(config.getoption("results")))


class Results:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.results: list[CheckResult] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = read_result(report)
        if result is not None:
            self.results.append(result)

    def pytest_sessionfinish(self) -> None:
        self.file.write_text(json.dumps([asdict(each) for each in self.results]))


class TargetOfEachRule:
    def __init__(self, targets: dict[str, str]) -> None:
        self.targets = targets
        self.broken: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self.targets.keys() & set(rules_of(item))]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        rule = self._rule(item)
        if rule in self.broken:
            pytest.skip(f"{rule} is broken already")
        profile = open_profile(self.targets[rule], item.config.invocation_params.dir)
        settings = item.config.stash[SETTINGS]
        under_test = replace(settings.under_test, **{subject_of(rule).value: profile})
        item.config.stash[SETTINGS] = replace(settings, under_test=under_test)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = read_result(report)
        if result is not None and result.result is Result.BROKEN:
            self.broken.update(result.rules)

    def _rule(self, item: pytest.Item) -> str:
        return next(rule for rule in rules_of(item) if rule in self.targets)
