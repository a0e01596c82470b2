"""What the plugin makes of the results of checks that need no target to be run."""

from __future__ import annotations

import pytest

from plugin_runs import BROKEN, KEPT, SHOULD, Checks, summary


def test_rule_whose_check_passes_is_kept(checks: Checks) -> None:
    result = checks.judge(KEPT)

    assert result.ret == 0
    assert "  MAP     kept: MAP-1\n" in summary(result)
    assert "MUST: 1 kept, " in summary(result)


def test_rule_without_a_check_is_not_tested(checks: Checks) -> None:
    result = checks.judge(KEPT)

    assert "not tested: MAP-2, MAP-3, MAP-4, MAP-6 (no check of it was run)\n" in summary(result)


def test_assertion_breaks_every_rule_of_the_check(checks: Checks) -> None:
    result = checks.judge(BROKEN)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "broken: DIGEST-1, DIGEST-2\n" in summary(result)


def test_broken_rule_is_told_with_its_source_and_its_check(checks: Checks) -> None:
    result = checks.judge(BROKEN)

    told = summary(result).partition("broken DIGEST-1 ")[2].splitlines()
    assert told[0] == "(MUST, class cnab)"
    assert told[1] == "  A relocated image MUST have the digest of the original image."
    assert told[2].startswith("  source: CNAB Core 104")
    assert told[3:6] == [
        "  An index keeps its digest.",
        "    test_checks.py::test_broken",
        "    another digest",
    ]


def test_shoulds_stand_apart(checks: Checks) -> None:
    result = checks.judge(SHOULD, KEPT)

    assert "\nSHOULD\n  NAME    broken: NAME-8\n" in summary(result)
    assert "\nSHOULD: 1 broken, " in summary(result)
    assert "\nMUST: 1 kept, " in summary(result)


def test_broken_should_fails_nothing(checks: Checks) -> None:
    result = checks.judge(SHOULD, KEPT)

    result.assert_outcomes(passed=1, xfailed=1)
    assert result.ret == 0
    assert "broken NAME-8 (SHOULD, class suite, decides no verdict)\n" in summary(result)


OURS = "@requirement('DIGEST-6')\ndef test_ours():\n    assert 0\n"


def test_nobody_is_nonconformant_for_breaking_a_rule_of_ours(checks: Checks) -> None:
    result = checks.judge(OURS)

    assert result.ret == 0
    assert "nonconformant" not in summary(result)
    assert "broken DIGEST-6 (MUST, class suite, decides no verdict)\n" in summary(result)


def test_run_can_be_held_to_our_additions(checks: Checks) -> None:
    result = checks.judge(OURS, arguments=["--hold-to", "cnab,suite"])

    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "\nsuite, own additions, which this run is held to (MUST: 1 broken, " in summary(result)


def test_run_is_not_failed_by_a_class_that_it_is_not_held_to(checks: Checks) -> None:
    result = checks.judge(BROKEN, arguments=["--hold-to", "guide"])

    assert result.ret == 0
    assert "\ncnab: nonconformant " in summary(result)


def test_check_of_a_binding_rule_and_another_fails_the_run(checks: Checks) -> None:
    mixed = "@requirement('DIGEST-6', 'DIGEST-1')\ndef test_both():\n    assert 0\n"

    result = checks.judge(mixed)

    result.assert_outcomes(failed=1)


@pytest.mark.parametrize("classes", ["", "cnab,", "core", "CNAB"])
def test_classes_to_be_held_to_are_known_ones(checks: Checks, classes: str) -> None:
    result = checks.run("--target", "true", f"--hold-to={classes}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*is no class of rules: cnab, guide, suite"])


def test_rule_is_broken_if_one_of_its_checks_fails(checks: Checks) -> None:
    several = """
@requirement("MAP-1")
@pytest.mark.parametrize("shape", ["single", "nested"])
def test_shapes(shape):
    assert shape == "single"
"""
    result = checks.judge(several)

    assert "broken: MAP-1\n" in summary(result)
    assert "test_shapes[nested]" in summary(result)
    assert "test_shapes[single]" not in summary(result)


SEVERAL = "@requirement('MAP-1')\n@pytest.mark.parametrize('n', range(3))\ndef test_n(n): {}\n"


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "with workers"])
def test_rule_is_kept_only_if_all_of_its_checks_were_run(
    checks: Checks, workers: tuple[str, ...]
) -> None:
    result = checks.judge(SEVERAL.format("pass"), arguments=["-k", "test_n and 1", *workers])

    assert result.ret == 0
    assert "not tested: MAP-1 (not run: 2 of its 3 checks)\n" in summary(result)


def test_rule_is_broken_by_one_check_of_which_others_were_not_run(checks: Checks) -> None:
    result = checks.judge(SEVERAL.format("assert 0"), arguments=["-k", "test_n and 1"])

    assert "broken: MAP-1\n" in summary(result)


def test_deviation_is_not_stale_for_some_of_its_checks(checks: Checks) -> None:
    result = checks.judge(
        SEVERAL.format("assert n == 1"),
        arguments=["-k", "test_n and 1"],
        profile=DEVIATION.format("MAP-1"),
    )

    assert result.ret == 0
    assert "not tested: MAP-1 (not run: 2 of its 3 checks)\n" in summary(result)


def test_check_that_does_not_apply_is_skipped_before_its_fixtures(checks: Checks) -> None:
    with_fixture = """
@pytest.fixture
def costly():
    raise RuntimeError("set up")

@requirement("MAP-1")
def test_mapping(costly):
    pass
"""
    result = checks.judge(with_fixture, profile="[not-applicable]\nMAP = 'writes no mapping'")

    result.assert_outcomes(skipped=1)
    assert result.ret == 0
    assert "MAP-7 (writes no mapping)" in summary(result)
    assert "set up" not in result.stdout.str()


def test_check_with_one_rule_that_applies_is_run(checks: Checks) -> None:
    result = checks.judge(BROKEN, profile="[not-applicable]\nDIGEST-1 = 'no'")

    assert "broken: DIGEST-2\n" in summary(result)
    assert "not applicable: DIGEST-1 (no)\n" in summary(result)


def test_check_that_skips_itself_leaves_its_rule_untested(checks: Checks) -> None:
    skipping = """
@requirement("MAP-1")
def test_skipping():
    pytest.skip("no certificates here")
"""
    result = checks.judge(KEPT, skipping)

    assert "not tested: MAP-1 (no certificates here)\n" in summary(result)


DEVIATION = "[[deviation]]\nrule = '{}'\nreason = 'rewrites manifests'\n"


TWO_DEVIATIONS = DEVIATION.format("DIGEST-1") + DEVIATION.format("DIGEST-2")


def test_documented_deviation_is_shown_as_what_it_is(checks: Checks) -> None:
    result = checks.judge(BROKEN, profile=TWO_DEVIATIONS)

    assert "documented deviation: DIGEST-1, DIGEST-2 (rewrites manifests)\n" in summary(result)
    assert "broken DIGEST" not in summary(result)


def test_documented_deviation_from_a_must_is_nonconformant(checks: Checks) -> None:
    result = checks.judge(BROKEN, profile=TWO_DEVIATIONS)

    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "\ncnab: nonconformant (MUST: 2 documented deviation, " in summary(result)


def test_documented_deviations_can_be_allowed(checks: Checks) -> None:
    result = checks.judge(BROKEN, arguments=["--allow-deviations"], profile=TWO_DEVIATIONS)

    result.assert_outcomes(xfailed=1)
    assert result.ret == 0
    assert "\ncnab: nonconformant " in summary(result)


def test_documented_deviation_from_a_should_fails_nothing(checks: Checks) -> None:
    result = checks.judge(SHOULD, profile=DEVIATION.format("NAME-8"))

    result.assert_outcomes(xfailed=1)
    assert result.ret == 0


def test_failure_that_is_documented_in_part_is_red(checks: Checks) -> None:
    result = checks.judge(BROKEN, profile=DEVIATION.format("DIGEST-1"))

    result.assert_outcomes(failed=1)
    assert "documented deviation: DIGEST-1 (rewrites manifests)\n" in summary(result)
    assert "broken: DIGEST-2\n" in summary(result)


def test_stale_deviation_is_red(checks: Checks) -> None:
    result = checks.judge(KEPT, profile=DEVIATION.format("MAP-1"))

    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "stale deviation: MAP-1\n" in summary(result)
    assert "every check of it passed, but the profile says: rewrites manifests" in summary(result)


def test_deviation_that_one_check_still_shows_is_not_stale(checks: Checks) -> None:
    other = "@requirement('MAP-1')\ndef test_other():\n    assert 0\n"

    result = checks.judge(KEPT, other, profile=DEVIATION.format("MAP-1"))

    assert "documented deviation: MAP-1 (rewrites manifests)\n" in summary(result)


@pytest.mark.parametrize(
    "source",
    [
        "@requirement('MAP-1')\ndef test_x():\n    raise KeyError('x')\n",
        "@requirement('MAP-1')\ndef test_x():\n    pytest.fail('x')\n",
        "@requirement('MAP-1')\ndef test_x(nonesuch):\n    pass\n",
        "@pytest.fixture\ndef f(): assert 0\n@requirement('MAP-1')\ndef test_x(f): pass\n",
    ],
    ids=["error", "fail", "no fixture", "assertion in a fixture"],
)
def test_error_of_the_suite_is_red_and_breaks_no_rule(checks: Checks, source: str) -> None:
    result = checks.judge(source, profile=DEVIATION.format("MAP-1"))

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "suite error: MAP-1\n" in summary(result)
    assert "broken" not in summary(result)


def test_group_of_assertions_breaks_the_rule(checks: Checks) -> None:
    group = """
@requirement("MAP-1")
def test_x():
    raise ExceptionGroup("flaky", [AssertionError("now and then")])
"""
    result = checks.judge(group)

    assert "broken: MAP-1\n" in summary(result)
    assert "    now and then\n" in summary(result)


def test_teardown_is_no_verdict(checks: Checks) -> None:
    left = """
@pytest.fixture
def untidy():
    yield
    raise OSError("port in use")

@requirement("MAP-1")
def test_x(untidy):
    pass
"""
    result = checks.judge(left)

    assert result.ret == 0
    assert "kept: MAP-1\n" in summary(result)
    assert "left over by test_checks.py::test_x, no verdict: OSError: port in use" in summary(
        result
    )


def test_workers_change_nothing_in_the_summary(checks: Checks) -> None:
    error = "@requirement('MAP-2')\ndef test_error():\n    raise KeyError('x')\n"
    profile = "[not-applicable]\nNAME = 'no names'\n" + DEVIATION.format("MAP-1")
    alone = checks.judge(KEPT, BROKEN, SHOULD, error, profile=profile)

    parallel = checks.run("--target", "./mine.toml", "-n", "2")

    assert judged_in(summary(parallel)) == judged_in(summary(alone))
    assert parallel.ret == alone.ret == pytest.ExitCode.TESTS_FAILED


def judged_in(text: str) -> list[str]:
    """Return the summary's lines up to pytest's own last ones."""
    lines = text.splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith("SHOULD: "))
    return lines[1 : end + 1]


def test_rules_and_results_are_in_the_junit_report(checks: Checks) -> None:
    checks.write(BROKEN)

    checks.run("--target", "true", "--junit-xml", "junit.xml")

    junit = (checks.folder / "junit.xml").read_text()
    assert '<property name="requirement" value="DIGEST-2"' in junit
    assert '<property name="result" value="broken"' in junit
