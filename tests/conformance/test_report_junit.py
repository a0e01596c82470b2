from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from relocation_conformance.reports.junit import junit_xml
from relocation_conformance.reports.model import Report
from sample_reports import HOSTILE, record, report, rule, run, sample


def cases(made: Report) -> Iterator[TestCase]:
    for suite in JUnitXml.fromstring(junit_xml(made).encode()):
        assert isinstance(suite, TestSuite)
        yield from suite


def outcomes(made: Report) -> dict[str, str]:
    """The outcome of each case by its name, as a reader has it."""
    kinds = {Failure: "failure", Error: "error", Skipped: "skipped"}
    return {
        str(case.name): kinds[type(case.result[0])] if case.result else "passed"
        for case in cases(made)
    }


def message(made: Report, name: str) -> str:
    return next(str(case.result[0].message) for case in cases(made) if case.name == name)


def counts(suite: Iterable[TestCase]) -> tuple[int, int, int, int]:
    """How many cases there are, and how many of them failed, erred and were skipped."""
    found = [type(case.result[0]) if case.result else None for case in suite]
    return len(found), found.count(Failure), found.count(Error), found.count(Skipped)


def test_a_reader_counts_in_each_suite_what_is_told() -> None:
    root = JUnitXml.fromstring(junit_xml(sample()).encode())

    told = [(each.tests, each.failures, each.errors, each.skipped) for each in root]
    assert told == [counts(suite) for suite in root]


def test_a_reader_counts_in_all_what_is_told() -> None:
    root = JUnitXml.fromstring(junit_xml(sample()).encode())

    told = (root.tests, root.failures, root.errors, root.skipped)
    assert told == counts(cases(sample())) == (12, 3, 1, 5)


def test_times_are_those_of_the_checks() -> None:
    root = JUnitXml.fromstring(junit_xml(sample()).encode())

    assert (root.time, sum(suite.time for suite in root)) == (4.5, 4.5)


def test_each_result_has_the_outcome_that_the_run_has_by_it() -> None:
    found = {name.partition("[")[0]: outcome for name, outcome in outcomes(sample()).items()}

    assert found == {
        "test_starts_with_prefix": "passed",
        "test_tag": "passed",
        "test_published": "skipped",
        "test_an_index_keeps_its_digest": "failure",
        "test_layers": "passed",
        "test_type": "failure",
        "test_map": "error",
        "test_thin": "skipped",
        "test_thick": "skipped",
        "NAME-2": "failure",
        "NAME-10": "skipped",
        "RUN-1": "skipped",
    }


def test_each_family_is_a_suite() -> None:
    root = JUnitXml.fromstring(junit_xml(sample()).encode())

    assert [suite.name for suite in root] == [
        "NAME",
        "DIGEST",
        "TYPE",
        "MAP",
        "THIN",
        "THICK",
        "RUN",
    ]


def test_a_deviation_that_is_allowed_is_skipped() -> None:
    made = report(
        [rule("MAP-1", "documented deviation", fails=False)],
        [record("test_map.py::test_it", "MAP-1", result="deviation")],
    )

    assert outcomes(made) == {"test_it": "skipped"}
    assert message(made, "test_it").startswith("documented deviation, MAP-1")


def test_what_is_broken_and_fails_no_run_says_so() -> None:
    assert message(sample(), "test_published") == (
        "broken, but fails no run (NAME-8 is a SHOULD of suite, NAME-9 is a MUST of suite): "
        "found: broken"
    )


def test_one_rule_that_fails_the_run_is_enough_for_a_failure() -> None:
    made = report(
        [rule("MAP-1", "broken"), rule("MAP-2", "broken", level="SHOULD", fails=False)],
        [record("test_map.py::test_it", "MAP-2", "MAP-1", result="broken")],
    )

    assert outcomes(made) == {"test_it": "failure"}


def test_a_check_that_was_not_tested_is_no_failure_of_its_broken_rule() -> None:
    made = report(
        [rule("MAP-1", "broken")],
        [
            record("test_map.py::test_one", "MAP-1", result="broken"),
            record("test_map.py::test_two", "MAP-1", result="not tested"),
        ],
    )

    assert outcomes(made) == {"test_one": "failure", "test_two": "skipped"}


def test_messages_are_one_line() -> None:
    messages = [str(each.message) for case in cases(sample()) for each in case.result]

    assert [each for each in messages if "\n" in each] == []


def test_a_failure_tells_claim_rule_source_and_reason() -> None:
    made = report(
        [rule("MAP-1", "broken")],
        [record("test_map.py::test_it", "MAP-1", result="broken", reason="one\ntwo")],
    )
    (case,) = cases(made)

    assert case.result[0].text.splitlines() == [
        "A claim of test_it.",
        "",
        "MAP-1 (MUST, guide): What MAP-1 asks for MUST be so.",
        "  source: Relocation guide, the part on MAP-1",
        "",
        "one",
        "two",
    ]


def test_output_has_the_commands_and_how_to_run_them_again() -> None:
    case = next(case for case in cases(sample()) if "index" in str(case.name))

    assert str(case.system_out).splitlines()[:2] == [
        "$ mine relocate /tmp/check/bundle.json --repository-prefix r/x",
        "done: exit status 0",
    ]
    assert str(case.system_out).endswith(
        "relocation-conformance replay evidence/test_digest-4f2a91"
    )


def test_hostile_text_is_well_formed_xml() -> None:
    made = report(
        [rule("MAP-1", "broken")],
        [record(f"test_map.py::{HOSTILE}", "MAP-1", result="broken", runs=[run(stderr=HOSTILE)])],
    )

    (case,) = cases(made)

    assert case.name == (
        "<script>alert('x')</script> & \"quotes\" "
        "⟨U+001B⟩[31mred⟨U+0000⟩ ⟨U+202E⟩back⟨U+D800⟩ ⟨U+FFFE⟩"
    )
    assert case.system_err == case.name


def test_long_output_is_cut_and_says_so() -> None:
    made = report(
        [rule("MAP-1")], [record("test_map.py::test_it", "MAP-1", runs=[run(stderr="x" * 10_000)])]
    )
    (case,) = cases(made)

    assert case.system_err == "x" * 8_000 + "\n(2,000 more characters)"


def test_many_runs_are_cut_to_the_last_and_say_so() -> None:
    runs = [run(command=[f"run-{n}"]) for n in range(12)]
    made = report([rule("MAP-1")], [record("test_map.py::test_it", "MAP-1", runs=runs)])
    (case,) = cases(made)

    commands = [line for line in str(case.system_out).splitlines() if line.startswith("$ ")]
    assert commands == [f"$ run-{n}" for n in range(2, 12)]
    assert str(case.system_out).startswith("(2 runs before these)")


def test_every_suite_tells_target_versions_and_verdicts() -> None:
    suites = ET.fromstring(junit_xml(sample())).findall("testsuite")

    (told,) = {
        tuple((each.get("name"), each.get("value")) for each in suite.iter("property"))
        for suite in suites
    }
    assert dict(told) == {
        "target": "mine",
        "target.version": "mine 1.4.0",
        "registry": "distribution 3.0.0",
        "suite.version": "0.1.0",
        "specification.version": "0.2",
        "complete": "yes",
        "verdict.relocator.cnab": "nonconformant",
        "verdict.relocator.guide": "nonconformant",
    }


def test_a_run_that_stopped_before_its_end_is_an_error() -> None:
    kept = report(
        [rule("MAP-1")], [record("test_map.py::test_it", "MAP-1")], complete=False, exit_status=1
    )

    assert outcomes(kept) == {"test_it": "passed", "the run came to its end": "error"}


def test_the_exit_status_agrees_with_failures_and_errors() -> None:
    kept = report([rule("MAP-1")], [record("test_map.py::test_it", "MAP-1")])

    assert [
        (made["exit_status"], bool({"failure", "error"} & set(outcomes(made).values())))
        for made in (sample(), kept)
    ] == [(1, True), (0, False)]
