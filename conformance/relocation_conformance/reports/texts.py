"""What others wrote, made fit to be shown: nothing invisible in it, and no more than is read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from relocation_conformance.reports.model import Record, Report, TargetOf

_SUSPECT = re.compile(r"[^\x20-\x7e\n\t]")


def visible(text: str) -> str:
    r"""Return *text* with every character that cannot be seen written as `⟨U+001B⟩`.

    These are controls, such as those that colour a terminal or turn the direction of writing, and
    lone surrogates. What is left can stand in XML 1.0 and be encoded. A newline is `\n`.
    """
    return _SUSPECT.sub(_shown, text.replace("\r\n", "\n"))


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else f"⟨U+{ord(character):04X}⟩"


@dataclass(frozen=True, slots=True)
class Cut:
    """The beginning of a text, and how many characters of it are missing."""

    text: str
    missing: int


def cut(text: str, length: int) -> Cut:
    """Return the first *length* characters of *text*."""
    return Cut(text[:length], max(0, len(text) - length))


def brief(text: str, length: int) -> str:
    """Return *text*, or its first *length* characters and an ellipsis."""
    return text if len(text) <= length else f"{text[:length]}…"


def counted(number: int, noun: str) -> str:
    """Return `1 rule`, `2 rules`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """Return `A`, `A and B` or `A, B and C`; nothing for no names."""
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def seconds(number: float) -> str:
    """Return a time as `0.31 s`, `12.4 s` or `2 min 46 s`."""
    if number < 10:
        return f"{number:.2f} s"
    if number < 60:
        return f"{number:.1f} s"
    minutes, rest = divmod(round(number), 60)
    return f"{minutes} min {rest} s"


def one_line(text: str) -> str:
    """Return the first line of *text*."""
    return text.partition("\n")[0]


def tested(report: Report) -> list[TargetOf]:
    """Return the relocator and the runtime that were judged, one of them or both."""
    return [each for each in (report["target"], report["runtime_target"]) if each is not None]


def tested_names(report: Report) -> str:
    """Return who was judged, with versions; a tool that is both is named once."""
    return " and ".join(dict.fromkeys(target_name(each) for each in tested(report)))


def target_name(target: TargetOf) -> str:
    """Return the target's name, and its version if it told one."""
    version = one_line((target["version"] or "").strip())
    if not version:
        return target["name"]
    # Many tools start their version with their name.
    return version if version.startswith(target["name"]) else f"{target['name']} {version}"


def registry_name(report: Report) -> str:
    """Return the registry's name, and its version if that is known."""
    registry = report["registry"]
    return " ".join(filter(None, [registry["name"], registry["version"]]))


def case_of(record: Record) -> str:
    """Return what tells a check from others of its claim: `nested` of `test_x[nested]`."""
    return record["id"].partition("[")[2].removesuffix("]")


def replay_command(record: Record) -> str | None:
    """Return the command that runs the case of *record* again, None if it left no evidence.

    It is run in the folder that holds report.json, and takes the targets to be those of the run.
    """
    if record["evidence"] is None:
        return None
    return shlex.join(["relocation-conformance", "replay", record["evidence"]])
