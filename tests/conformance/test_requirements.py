from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest

from relocation_conformance.requirements import Level, Requirement, catalogue
from relocation_schemas import validate

RULES = list(catalogue().values())


def test_catalogue_is_valid() -> None:
    text = (resources.files("relocation_conformance") / "requirements.toml").read_text("utf-8")

    validate(tomllib.loads(text), "catalogue")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_sentence_says_how_binding_the_rule_is(rule: Requirement) -> None:
    sentence = rule.sentence
    words = set(re.findall(r"\b(?:MUST|SHOULD|MAY)\b", sentence))

    assert words == {rule.level}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_one_sentence(rule: Requirement) -> None:
    assert re.fullmatch(r"[A-Z][^.]*(?:\.[^ ][^.]*)*\.", rule.sentence)


def test_sentences_are_all_different() -> None:
    assert len({rule.sentence for rule in RULES}) == len(RULES)


def test_family_is_the_start_of_the_id() -> None:
    assert catalogue()["NAME-10"].family == "NAME"


def test_should_is_a_level_of_its_own() -> None:
    assert catalogue()["NAME-8"].level is Level.SHOULD
