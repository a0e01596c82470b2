"""Runs of the whole suite, or of parts of it, by the command line, and what came of them."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relocation_conformance.checks import CheckResult, Result
from relocation_conformance.requirements import Subject, catalogue
from relocation_conformance.targets import open_profile
from relocation_conformance.targets.process import run
from relocation_conformance.under_test import UnderTest
from relocation_conformance.verdicts import JudgedRule, Judgement, judge

TESTS = Path(__file__).parents[1]
PROJECT = TESTS.parent
SUITE = PROJECT / "conformance/relocation_conformance/suite"
LONGEST = 900
"""Seconds that a run may take."""

RELOCATOR_RULES, RUNTIME_RULES = (
    frozenset(rule.id for rule in catalogue().values() if rule.subject is subject)
    for subject in (Subject.RELOCATOR, Subject.RUNTIME)
)
"""The ids of the rules for each."""

TWO_WORKERS = ("-n", "2")
"""Arguments for long runs."""

_WITHOUT = ("cacheprovider", "hypothesispytest", "benchmark", "timeout")


@dataclass(frozen=True)
class SuiteRun:
    """The exit status of pytest, what it printed, each check's result, and the judgements."""

    status: int | None
    output: str
    results: tuple[CheckResult, ...]
    judged: Mapping[str, JudgedRule]

    def rules(self, judgement: Judgement, *levels: str) -> set[str]:
        """Return the rules, of all levels or some, that this is the judgement on."""
        return {
            each.rule.id
            for each in self.judged.values()
            if each.judgement is judgement and (not levels or each.rule.level in levels)
        }

    def checks(self, result: Result) -> set[str]:
        """Return the checks that came to *result*, `test_map.py::test_...` each."""
        found = (each for each in self.results if each.result is result)
        return {each.nodeid.rpartition("/")[2] for each in found}


def run_suite(
    folder: Path,
    target: str | None,
    *arguments: str | Path,
    families: tuple[str, ...] = (),
    runtime: str | None = None,
) -> SuiteRun:
    """Run the checks of *families*, or all of them, in a process of their own.

    They judge *target* as a relocator, *runtime* as a runtime, or both.
    *arguments* are pytest's; *folder* is for files of the run. Without any, pytest-randomly
    does not shuffle.
    """
    results = folder / "results.json"
    found_paths = [SUITE.glob(f"test_{family.lower()}*.py") for family in families]
    paths = sorted(path for each in found_paths for path in each) or [SUITE]
    options: list[str | Path] = ["--results", results, "-p", "results_file"]
    options += ["--target", target] if target else []
    options += ["--runtime-target", runtime] if runtime else []
    options += [f"--basetemp={folder / 'basetemp'}", "-q", "--tb=no", "-rN"]
    options += [part for plugin in _WITHOUT for part in ("-p", f"no:{plugin}")]
    if not any(str(each).startswith("--randomly") for each in arguments):
        options += ["-p", "no:randomly"]
    finished = run(
        [sys.executable, "-m", "pytest", *map(str, [*paths, *options, *arguments])],
        folder=PROJECT,
        environment=_environment(),
        timeout=LONGEST,
    )
    output = finished.stdout + finished.stderr
    assert results.exists(), output
    found = tuple(_result(each) for each in json.loads(results.read_text()))
    under_test = UnderTest(
        relocator=open_profile(target, PROJECT) if target else None,
        runtime=open_profile(runtime, PROJECT) if runtime else None,
    )
    judged = judge(catalogue(), under_test, found)
    return SuiteRun(finished.status, output, found, {each.rule.id: each for each in judged})


def run_each_rule(folder: Path, targets: Mapping[str, str]) -> SuiteRun:
    """Run the checks of each rule of *targets* against its own target, until it is broken."""
    file = folder / "targets.json"
    file.write_text(json.dumps(targets))
    any_command = sys.executable
    return run_suite(folder, any_command, "--targets", file, *TWO_WORKERS, runtime=any_command)


def mutant(name: str, *arguments: str) -> str:
    """Return the target that the module *name* of tests/mutants is, given *arguments*."""
    return shlex.join([sys.executable, str(TESTS / "mutants" / f"{name}.py"), *arguments])


def _result(document: Mapping[str, Any]) -> CheckResult:
    fields = {**document, "rules": tuple(document["rules"]), "result": Result(document["result"])}
    return CheckResult(**fields)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONPATH": str(TESTS / "shared")}
