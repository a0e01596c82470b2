"""`relocation-conformance spec`: exit statuses, and what is printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from relocation_conformance import cli, revisions
from relocation_conformance.revisions import CATALOGUE, MUTANTS, PACKAGE, SPECIFICATION

ROOT = Path(__file__).parents[2]
RULES = (ROOT / CATALOGUE).read_text()
NEW_RULE = """
[[requirement]]
id = "MAP-90"
level = "{level}"
class = "{kind}"
sentence = "A mapping {level} be short."
source = "None"
since = "0.1"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what `spec check` reads."""
    root = tmp_path / "checkout"
    for name in (CATALOGUE, SPECIFICATION, MUTANTS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    suite = f"{PACKAGE}/suite"
    shutil.copytree(ROOT / suite, root / suite, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def git(checkout: Path) -> Callable[..., None]:
    """Run git in the copy, which is a repository."""
    settings = ["user.name=x", "user.email=x@example.com", "commit.gpgsign=false"]
    configured = ["git", *(word for setting in settings for word in ("-c", setting))]

    def run(*arguments: str) -> None:
        subprocess.run([*configured, *arguments], cwd=checkout, check=True)

    run("init", "--quiet")
    run("add", ".")
    run("commit", "--quiet", "--no-verify", "--message", "one")
    run("branch", "one")
    return run


@pytest.fixture
def diff(tmp_path: Path) -> Callable[[str, str], int]:
    """Run `spec diff` on two texts of requirements.toml."""

    def run(old: str, new: str) -> int:
        (tmp_path / "old.toml").write_text(old)
        (tmp_path / "new.toml").write_text(new)
        return cli.run(["spec", "diff", f"{tmp_path}/old.toml", f"{tmp_path}/new.toml"])

    return run


def edited(rule_id: str, old: str, new: str) -> str:
    """The catalogue with a change in one rule."""
    before, start, after = RULES.partition(f'id = "{rule_id}"\n')
    rule, end, rest = after.partition("\n\n")
    assert old in rule
    return before + start + rule.replace(old, new) + end + rest


def without(rule_id: str) -> str:
    before, start, after = RULES.partition(f'[[requirement]]\nid = "{rule_id}"\n')
    assert start
    return before + after.partition("\n\n")[2]


def added(level: str, kind: str) -> str:
    return RULES + NEW_RULE.format(level=level, kind=kind)


def test_check_passes_on_this_checkout(capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.run(["spec", "check", "--root", str(ROOT)])

    assert (status, capsys.readouterr().out.endswith(" agree.\n")) == (0, True)


def test_check_finds_the_checkout_around_the_working_directory(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / SPECIFICATION).write_text("Version 7.0\n")
    monkeypatch.chdir(checkout / "tests")

    assert cli.run(["spec", "check"]) == 1
    assert "SPECIFICATION.md is of version 7.0" in capsys.readouterr().out


def test_check_tells_every_disagreement(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (checkout / SPECIFICATION).read_text()
    text = text.replace("(cnab) A relocated image MUST", "(guide) A relocated image MUST")
    (checkout / SPECIFICATION).write_text(re.sub("\nVersion .*\n", "\nVersion 99.0\n", text))

    status = cli.run(["spec", "check", "--root", str(checkout)])

    lines = capsys.readouterr().out.splitlines()
    assert (status, len(lines), lines[-1]) == (1, 4, "2 disagreements.")


def test_check_takes_another_table_of_mutants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "mutants.py"
    table.write_text('BREAKS = {"all-wrong": ["NAME-1"]}\n')

    status = cli.run(["spec", "check", "--root", str(ROOT), "--mutants", str(table)])

    out = capsys.readouterr().out
    assert (status, "NAME-1:" in out, "NAME-2: no mutant breaks it." in out) == (1, False, True)


@pytest.mark.parametrize(
    "arguments", [["check"], ["diff", "one", "two"]], ids=lambda words: words[0]
)
def test_installed_package_says_that_it_needs_a_checkout(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(revisions, "__file__", str(tmp_path / "revisions.py"))

    status = cli.run(["spec", *arguments])

    assert status == 2
    assert capsys.readouterr().err == (
        "Error: There is no checkout here, and an installed package has no SPECIFICATION.md and "
        "no revisions: run this in a checkout, or name one with --root.\n"
    )


NOT_BREAKING = {
    "nothing": RULES,
    "a SHOULD that came": added("SHOULD", "guide"),
    "a level lowered": edited("NAME-1", "MUST", "SHOULD"),
    "a class that counts no more": edited("NAME-1", '"guide"', '"suite"'),
    "a SHOULD of another class": edited("NAME-8", '"suite"', '"guide"'),
    "another wording": edited("NAME-1", "A relocated name", "Each relocated name"),
    "another source": edited("NAME-1", "Relocation guide", "The relocation guide"),
    "no test any more": edited("NAME-1", 'since = "0.1"', 'since = "0.1"\nuntestable = "x"'),
}
BREAKING = {
    "a rule that went": without("NAME-1"),
    "a SHOULD that went": without("NAME-8"),
    "a MUST that came": added("MUST", "cnab"),
    "a MUST of the suite that came": added("MUST", "suite"),
    "a level raised to MUST": edited("NAME-8", "SHOULD", "MUST"),
    "a class that counts now": edited("NAME-9", '"suite"', '"guide"'),
    "a class that counts elsewhere": edited("NAME-1", '"guide"', '"cnab"'),
    "a MUST turned round": edited("NAME-1", "MUST start", "MUST NOT start"),
}


@pytest.mark.parametrize("new", NOT_BREAKING.values(), ids=NOT_BREAKING)
def test_diff_exits_with_0_if_nothing_is_breaking(
    diff: Callable[[str, str], int], new: str
) -> None:
    assert diff(RULES, new) == 0


@pytest.mark.parametrize("new", BREAKING.values(), ids=BREAKING)
def test_diff_exits_with_1_if_something_is_breaking(
    diff: Callable[[str, str], int], new: str
) -> None:
    assert diff(RULES, new) == 1


@pytest.mark.parametrize(
    ("old", "new", "printed"),
    [
        pytest.param(
            RULES,
            added("MAY", "suite"),
            "added MAP-90 (MAY, class suite)\n  A mapping MAY be short.\n    no check\n",
            id="added",
        ),
        pytest.param(
            RULES,
            without("NAME-1"),
            "removed NAME-1 (MUST, class guide), breaking\n"
            "  A relocated name MUST start with the repository prefix, followed by a slash.\n"
            "    test_name.py::test_a_relocated_name_starts_with_the_prefix\n",
            id="removed",
        ),
        pytest.param(
            RULES,
            edited("NAME-8", '"SHOULD"', '"MUST"'),
            "changed NAME-8 (MUST, class suite), breaking\n"
            "  level: SHOULD -> MUST\n"
            "    test_name.py::test_a_name_is_the_published_one\n",
            id="level",
        ),
        pytest.param(
            RULES,
            edited("NAME-1", '"guide"', '"suite"'),
            "changed NAME-1 (MUST, class suite)\n"
            "  class: guide -> suite\n"
            "    test_name.py::test_a_relocated_name_starts_with_the_prefix\n",
            id="class",
        ),
        pytest.param(
            RULES,
            edited("THIN-6", "a thin bundle", "any thin bundle"),
            "changed THIN-6 (MUST, class guide)\n"
            "  - Relocation MUST NOT modify a thin bundle.\n"
            "  + Relocation MUST NOT modify any thin bundle.\n"
            "    test_thin.py::test_a_thin_bundle_is_not_modified\n",
            id="sentence",
        ),
    ],
)
def test_diff_prints_the_rule_and_its_checks(
    diff: Callable[[str, str], int],
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    printed: str,
) -> None:
    diff(old, new)

    assert capsys.readouterr().out.startswith(f"{printed}\n")


def test_diff_sums_up(diff: Callable[[str, str], int], capsys: pytest.CaptureFixture[str]) -> None:
    raised = edited("NAME-8", "SHOULD", "MUST")

    diff(
        re.sub("^version = .*", 'version = "0.1"', RULES),
        re.sub("^version = .*", 'version = "0.2"', raised),
    )

    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Version 0.1 -> 0.2: 1 change, 1 of them breaking."


@pytest.mark.usefixtures("git")
def test_diff_reads_revisions(
    checkout: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / CATALOGUE).write_text(without("NAME-1"))
    (checkout / PACKAGE / "suite/test_name.py").write_text("")
    git("commit", "--quiet", "--no-verify", "--all", "--message", "two")

    status = cli.run(["spec", "diff", "one", "HEAD", "--root", str(checkout)])

    out = capsys.readouterr().out
    assert (status, "removed NAME-1 (MUST, class guide), breaking" in out) == (1, True)
    assert "test_name.py::test_a_relocated_name_starts_with_the_prefix" in out


@pytest.mark.usefixtures("git")
def test_diff_compares_a_revision_with_a_file(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    (checkout / CATALOGUE).write_text(without("NAME-1"))

    assert cli.run(["spec", "diff", "HEAD", CATALOGUE]) == 1


@pytest.mark.usefixtures("git")
def test_diff_of_a_revision_with_itself_is_no_change(checkout: Path) -> None:
    assert cli.run(["spec", "diff", "one", "HEAD", "--root", str(checkout)]) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["spec"], "the following arguments are required: COMMAND"),
        (["spec", "diff", "one"], "the following arguments are required: NEW"),
        (["spec", "diff", "one", "none"], "none is neither a file nor a revision of "),
        (["spec", "diff", "one", "-x"], "the following arguments are required: NEW"),
        (["spec", "diff", "one", "broken.toml"], "broken.toml is no catalogue of rules: "),
        (["spec", "diff", "one", "empty.toml"], "empty.toml is no catalogue of rules: "),
        (["spec", "diff", "one", "twice.toml"], "twice.toml is no catalogue of rules: NAME-1 "),
        (["spec", "diff", "one", "empty"], "The revision empty has no "),
        (["spec", "check", "--root", "none"], "none/SPECIFICATION.md cannot be read: No such "),
        (["spec", "check", "--mutants", "none.py"], "none.py cannot be read: No such file"),
        (["spec", "check", "--mutants", "empty.toml"], "empty.toml tells nothing of mutants: "),
        (["spec", "check", "--mutants", "list.py"], "list.py tells nothing of mutants: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(
    checkout: Path,
    git: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(checkout)
    git("rm", "-r", "--quiet", "--cached", ".")
    git("commit", "--quiet", "--no-verify", "--message", "empty")
    git("branch", "empty")
    first = "[[requirement]]" + RULES.split("[[requirement]]")[1]
    texts = {
        "broken.toml": "x",
        "empty.toml": "",
        "twice.toml": RULES + first,
        "list.py": "BREAKS=1",
    }
    for name, text in texts.items():
        (checkout / name).write_text(text)

    status = cli.run(arguments)

    told = capsys.readouterr()
    assert (status, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.startswith(f"Error: {sentence}")


def test_output_that_nobody_reads_is_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "relocation_conformance", "spec", "check"]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)

    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.parametrize("arguments", [["--help"], ["spec", "diff", "--help"]])
def test_help_is_printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 0
    assert "usage: relocation-conformance" in capsys.readouterr().out


def test_package_can_be_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relocation_conformance", "spec", "check"], cwd=ROOT, check=False
    )

    assert done.returncode == 0
