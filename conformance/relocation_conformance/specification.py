"""SPECIFICATION.md as data: its version, its rules, and what looks like a rule but is none. Pure.

A rule is a paragraph of its own: `**NAME-1** (guide) A relocated name MUST ...`
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_RULE = re.compile(r"\*\*([A-Z]+-[0-9]+)\*\* \(([a-z]+)\) (.+)")
_VERSION = re.compile(r"Version ([0-9]+\.[0-9]+)")
_LEVELS = re.compile(r"\b(MUST|SHOULD|MAY)\b(?: NOT\b)?")
_RELATED = re.compile(r"\b(?:SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b")
_CODE = re.compile(r"`[^`]*`")
_IDS = re.compile(r"\b([A-Z]+)-([0-9]+)(?:\s+to\s+\1-([0-9]+))?")
_CHANGES = "## Changes of rules"


@dataclass(frozen=True, slots=True)
class StatedRule:
    """A rule as SPECIFICATION.md has it, and the number of the line where it starts."""

    id: str
    conformance_class: str
    sentence: str
    line: int


@dataclass(frozen=True, slots=True)
class Stray:
    """A paragraph that binds, by a word of RFC 2119, but has no id."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Specification:
    """What SPECIFICATION.md says.

    Attributes:
        version: None if there is no line `Version MAJOR.MINOR`.
        rules: in their order, with an id as often as it is there.
        strays: what should be rules.
        changes: for each version in the section on changes, the ids that it names.
    """

    version: str | None
    rules: tuple[StatedRule, ...]
    strays: tuple[Stray, ...]
    changes: Mapping[str, frozenset[str]]


def read_specification(text: str) -> Specification:
    """Return what the Markdown *text* of SPECIFICATION.md says."""
    paragraphs = list(_paragraphs(text))
    rules: list[StatedRule] = []
    strays: list[Stray] = []
    for line, paragraph in paragraphs:
        if rule := _RULE.fullmatch(paragraph):
            rules.append(StatedRule(rule[1], rule[2], rule[3], line))
        elif paragraph.startswith("**") or binding_words(_CODE.sub("", paragraph)):
            strays.append(Stray(line, paragraph))
    versions = (_VERSION.fullmatch(paragraph) for _, paragraph in paragraphs)
    version = next((found[1] for found in versions if found), None)
    changes = _changes(paragraph for _, paragraph in paragraphs)
    return Specification(version, tuple(rules), tuple(strays), changes)


def binding_words(sentence: str) -> list[str]:
    """Return the words of RFC 2119 in *sentence*, in order, such as `MUST NOT`."""
    found = [*_LEVELS.finditer(sentence), *_RELATED.finditer(sentence)]
    return [each[0] for each in sorted(found, key=lambda each: each.start())]


def _changes(paragraphs: Iterator[str]) -> dict[str, frozenset[str]]:
    changes: dict[str, frozenset[str]] = {}
    version: str | None = None
    if _CHANGES not in paragraphs:  # which goes on to behind that heading
        return changes
    for paragraph in paragraphs:
        if paragraph.startswith("### "):
            version = paragraph.removeprefix("### ")
            changes[version] = frozenset()
        elif paragraph.startswith("## "):
            break
        elif version is not None:
            changes[version] |= set(_ids(paragraph))
    return changes


def _ids(text: str) -> Iterator[str]:
    """Yield the ids in *text*; `NAME-1 to NAME-3` are three."""
    for family, first, last in _IDS.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"{family}-{number}"


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph outside of code blocks, its lines joined, and where it starts."""
    start, lines, in_code = 0, list[str](), False
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        fence = line.lstrip().startswith("```")
        if fence:
            in_code = not in_code
        if line.strip() and not in_code and not fence:
            start = start if lines else number
            lines.append(line.strip())
        elif lines:
            yield start, " ".join(lines)
            lines = []
