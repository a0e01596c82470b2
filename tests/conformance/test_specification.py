"""What is read out of SPECIFICATION.md."""

from __future__ import annotations

import pytest

from relocation_conformance.specification import StatedRule, Stray, read_specification

RULE = "**NAME-1** (guide) A name MUST start with the prefix."
STATED = StatedRule("NAME-1", "guide", "A name MUST start with the prefix.", 1)


def test_rule_is_id_class_and_sentence() -> None:
    assert read_specification(RULE).rules == (STATED,)


def test_rule_may_be_wrapped() -> None:
    assert read_specification(RULE.replace(" start", "\nstart")).rules == (STATED,)


def test_rule_says_on_which_line_it_starts() -> None:
    assert read_specification(f"# Names\n\nWords.\n\n{RULE}\n").rules[0].line == 5


def test_sentence_may_have_full_stops_in_it() -> None:
    rule = "**CLI-2** (suite) An a.b annotation SHOULD be read."
    assert read_specification(rule).rules[0].sentence == "An a.b annotation SHOULD be read."


def test_rules_in_code_blocks_are_no_rules() -> None:
    assert read_specification(f"```\n{RULE}\n```\n").rules == ()


@pytest.mark.parametrize("word", ["MUST", "MUST NOT", "SHOULD", "MAY", "SHALL", "REQUIRED"])
def test_binding_word_outside_a_rule_is_a_stray(word: str) -> None:
    text = f"A name {word} be short."
    assert read_specification(text).strays == (Stray(1, text),)


@pytest.mark.parametrize(
    "text",
    [
        "- A name MUST be short.",
        "| a name | MUST be short |",
        "### A name MUST be short",
        "**NAME-1**: A name is short.",
        "**NAME-1** A name is short.",
        f"{RULE}\n\nIt MUST be so.",
        "*Why.* It MUST be so.",
    ],
)
def test_what_looks_like_a_rule_is_a_stray(text: str) -> None:
    assert len(read_specification(text).strays) == 1


@pytest.mark.parametrize(
    "text",
    ["`MUST` means that.", "It must be so.", "```\nMUST\n```", "MUSTARD and MAYBE."],
)
def test_what_binds_nobody_is_no_stray(text: str) -> None:
    assert read_specification(text).strays == ()


def test_version_is_a_line() -> None:
    assert (
        read_specification("# Title\n\nVersion 1.10\n\nVersion 2.0 is to come.").version == "1.10"
    )


def test_there_may_be_no_version() -> None:
    assert read_specification("# Title\n").version is None


def test_changes_name_ids_by_version() -> None:
    text = "## Changes of rules\n\n### 0.2\n\nAdded: MAP-9.\n\n### 0.1\n\nAdded: NAME-1 to NAME-3."

    changes = read_specification(text).changes

    assert changes == {"0.2": {"MAP-9"}, "0.1": {"NAME-1", "NAME-2", "NAME-3"}}


def test_ids_before_the_changes_are_no_changes() -> None:
    assert read_specification("### 0.1\n\nMAP-1\n\n## Changes of rules\n").changes == {}
