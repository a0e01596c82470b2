"""A report as JUnit XML, as CI servers render it.

A case is a check, or a rule that no check speaks for, or one whose deviation is stale. A case that
fails is one that the run fails for; what decides nothing is skipped, and its message says why. That
the run stopped before its end is an error, of a case of its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from relocation_conformance.reports.model import Record, Report, RuleOf, RunOf
from relocation_conformance.reports.texts import (
    counted,
    cut,
    one_line,
    registry_name,
    replay_command,
    tested_names,
    visible,
)

_MOST_RUNS = 10
_LONGEST_OUTPUT = 8_000
_FATAL = {
    "broken": ("broken", "documented deviation"),
    "deviation": ("documented deviation",),
}
"""Judgements on its rules that a check of each result has brought about."""

_PASSED, _FAILURE, _ERROR, _SKIPPED = "passed", "failure", "error", "skipped"


@dataclass(frozen=True, slots=True)
class _Case:
    """`outcome` is `passed` or the name of the element that says otherwise."""

    family: str
    classname: str
    name: str
    seconds: float
    outcome: str
    message: str = ""
    body: str = ""
    out: str = ""
    err: str = ""


def junit_xml(report: Report) -> str:
    """Return the report as a document of testsuites, one for each family of rules."""
    cases = [*_run_cases(report), *_check_cases(report), *_rule_cases(report)]
    root = ET.Element("testsuites", name=f"relocation conformance of {tested_names(report)}")
    _count(root, cases)
    families = [each["family"] for each in report["rules"]] + [case.family for case in cases]
    for family in dict.fromkeys(families):
        members = [case for case in cases if case.family == family]
        if members:
            _suite(root, family, members, report)
    for element in root.iter():
        element.attrib = {name: visible(value) for name, value in element.attrib.items()}
        element.text = element.text and visible(element.text)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, family: str, cases: list[_Case], report: Report) -> None:
    suite = ET.SubElement(root, "testsuite", name=family, timestamp=report["started"][:19])
    _count(suite, cases)
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", name=name, value=value)
    for case in cases:
        _element(suite, case)


def _count(element: ET.Element, cases: list[_Case]) -> None:
    outcomes = [case.outcome for case in cases]
    element.set("tests", str(len(cases)))
    element.set("failures", str(outcomes.count(_FAILURE)))
    element.set("errors", str(outcomes.count(_ERROR)))
    element.set("skipped", str(outcomes.count(_SKIPPED)))
    element.set("time", f"{sum(case.seconds for case in cases):.3f}")


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    targets = {"target": report["target"], "runtime": report["runtime_target"]}
    for what, target in targets.items():
        if target is not None:
            yield what, target["name"]
            yield f"{what}.version", target["version"] or "unknown"
    yield "registry", registry_name(report)
    yield "suite.version", report["suite"]["version"]
    yield "specification.version", report["specification"]["version"]
    yield "complete", "yes" if report["complete"] else "no"
    for verdict in report["verdicts"]:
        yield f"verdict.{verdict['subject']}.{verdict['class']}", verdict["verdict"]


def _element(suite: ET.Element, case: _Case) -> None:
    element = ET.SubElement(
        suite, "testcase", classname=case.classname, name=case.name, time=f"{case.seconds:.3f}"
    )
    if case.outcome != _PASSED:
        said = ET.SubElement(element, case.outcome, message=case.message)
        if case.outcome != _SKIPPED:
            said.set("type", case.outcome)
        said.text = case.body
    for name, text in (("system-out", case.out), ("system-err", case.err)):
        if text:
            ET.SubElement(element, name).text = text


def _run_cases(report: Report) -> Iterator[_Case]:
    if not report["complete"]:
        yield _Case(
            family="run",
            classname="relocation_conformance.run",
            name="the run came to its end",
            seconds=0,
            outcome=_ERROR,
            message="it stopped before its end: what was not run is not tested",
        )


def _check_cases(report: Report) -> Iterator[_Case]:
    rules = {rule["id"]: rule for rule in report["rules"]}
    for record in report["checks"]:
        named = [rules[each] for each in record["rules"] if each in rules]
        module, _, name = record["id"].partition("::")
        outcome = _outcome(record, named)
        yield _Case(
            family=record["rules"][0].partition("-")[0],
            classname=f"relocation_conformance.suite.{PurePosixPath(module).stem}",
            name=name or module,
            seconds=record["seconds"],
            outcome=outcome,
            message=_message(record, named, outcome),
            body=_body(record, named),
            out=_commands(record),
            err="\n".join(_standard_error(run) for run in record["runs"][-_MOST_RUNS:]).strip(),
        )


def _outcome(record: Record, rules: list[RuleOf]) -> str:
    result = record["result"]
    if result == "kept":
        return _PASSED
    if result == "suite error":
        return _ERROR
    fatal = any(rule["fails"] and rule["judgement"] in _FATAL.get(result, ()) for rule in rules)
    return _FAILURE if fatal else _SKIPPED


def _message(record: Record, rules: list[RuleOf], outcome: str) -> str:
    reason = one_line(record["reason"])
    ids = ", ".join(record["rules"])
    told = f"{ids}: {reason}" if reason else ids
    if outcome != _SKIPPED:
        return told
    if record["result"] == "broken":
        kinds = ", ".join(f"{rule['id']} is a {rule['level']} of {rule['class']}" for rule in rules)
        return f"broken, but fails no run ({kinds}): {reason}"
    if record["result"] == "deviation":
        return f"documented deviation, {told}"
    return f"{record['result']}, {told}"


def _body(record: Record, rules: list[RuleOf]) -> str:
    lines = [record["claim"], ""]
    for rule in rules:
        lines += [f"{rule['id']} ({rule['level']}, {rule['class']}): {rule['sentence']}"]
        lines += [f"  source: {rule['source']}"]
    return "\n".join([*lines, "", record["reason"]])


def _commands(record: Record) -> str:
    lines = []
    missing = len(record["runs"]) - _MOST_RUNS
    if missing > 0:
        lines.append(f"({counted(missing, 'run')} before these)")
    for run in record["runs"][-_MOST_RUNS:]:
        lines += [f"$ {shlex.join(run['command'])}", f"{run['outcome']}: {run['reason']}"]
    replay = replay_command(record)
    if replay:
        lines.append(f"To run it again, in the folder of report.json: {replay}")
    return "\n".join(lines)


def _standard_error(run: RunOf) -> str:
    shown = cut(run["stderr"], _LONGEST_OUTPUT)
    note = f"\n({counted(shown.missing, 'more character')})" if shown.missing else ""
    return shown.text.rstrip() + note


def _rule_cases(report: Report) -> Iterator[_Case]:
    for rule in report["rules"]:
        stale = rule["judgement"] == "stale deviation"
        if stale or not rule["checks"]:
            told = f"{rule['judgement']}: {one_line(rule['reason'])}"
            if stale:
                told = f"every check found it kept, but the profile says: {rule['reason']}"
            yield _Case(
                family=rule["family"],
                classname=f"relocation_conformance.rules.{rule['family']}",
                name=rule["id"],
                seconds=0,
                outcome=_FAILURE if stale else _SKIPPED,
                message=f"{rule['id']}: {one_line(told)}",
                body=f"{rule['sentence']}\nsource: {rule['source']}\n\n{told}",
            )
