"""What changed between two reports, what got worse, and what the cause may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from relocation_conformance.reports.model import Report, TargetOf
from relocation_conformance.reports.texts import counted, listed, visible

_BAD = 3
_GRAVITY = {
    "conformant": 0,
    "kept": 0,
    "not applicable": 1,
    "not tested": 1,
    "partial": 1,
    "documented deviation": 2,
    "deviation": 2,
    "stale deviation": _BAD,
    "broken": 4,
    "suite error": 4,
    "nonconformant": 4,
}
"""How bad each judgement, result and verdict is; what is at least `_BAD` is wrong by itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict, rule or check that came (`old` is None), went (`new` is None) or changed."""

    kind: str
    name: str
    old: str | None
    new: str | None
    reason: str = ""

    @property
    def worse(self) -> bool:
        """Whether it is a change for the worse: what came is one only if it is bad."""
        if self.new is None:
            return False
        if self.old is None:
            return _GRAVITY[self.new] >= _BAD
        return _GRAVITY[self.new] > _GRAVITY[self.old]

    def __str__(self) -> str:
        mark = ", worse" if self.worse else ""
        if self.old is None:
            return f"{self.kind} {self.name} came: {self.new}{mark}"
        if self.new is None:
            return f"{self.kind} {self.name} went, it was: {self.old}"
        return f"{self.kind} {self.name}: {self.old} -> {self.new}{mark}"


def changes(old: Report, new: Report) -> list[Change]:
    """Return what changed: verdicts, then rules, then checks, each in the order of *new*."""
    return [
        *_changed("verdict", _verdicts(old), _verdicts(new), {}),
        *_changed(
            "rule",
            {each["id"]: each["judgement"] for each in old["rules"]},
            {each["id"]: each["judgement"] for each in new["rules"]},
            {each["id"]: each["reason"] for each in new["rules"]},
        ),
        *_changed(
            "check",
            {each["id"]: each["result"] for each in old["checks"]},
            {each["id"]: each["result"] for each in new["checks"]},
            {each["id"]: each["reason"] for each in new["checks"]},
        ),
    ]


def differences(old: Report, new: Report) -> dict[str, tuple[str, str]]:
    """Return what else is different, by name: the target, registry, suite and so on."""
    before, after = _circumstances(old), _circumstances(new)
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def likely_cause(different: Iterable[str]) -> str:
    """Say in a sentence what changes come from, where *different* is what else is different."""
    names = list(dict.fromkeys(name.partition("'s ")[0] for name in different))
    if not names:
        return (
            "Nothing else that a report tells of is different: "
            "what changed is unsteady, or is in none of these."
        )
    if len(names) == 1:
        return f"The {names[0]} is all else that is different, and the likely cause."
    told = listed([f"the {name}" for name in names])
    return f"Several things are different and may be the cause: {told}."


def told(old: Report, new: Report) -> Iterator[str]:
    """Yield the lines that tell what changed, what else is different, and the likely cause."""
    found = changes(old, new)
    for change in found:
        yield visible(str(change))
        first = change.reason.partition("\n")[0]
        if first and change.worse:
            yield f"  {visible(first)}"
    different = differences(old, new)
    if found:
        yield ""
    for name, (before, after) in different.items():
        yield visible(f"{name}: {before} -> {after}")
    if found:
        yield likely_cause(different)
    worse = sum(change.worse for change in found)
    yield f"{counted(len(found), 'change')}, {worse} for the worse."


def _verdicts(report: Report) -> dict[str, str]:
    return {
        f"on the {each['subject']} by {each['class']}": each["verdict"]
        for each in report["verdicts"]
    }


def _changed(
    kind: str, old: Mapping[str, str], new: Mapping[str, str], reasons: Mapping[str, str]
) -> Iterator[Change]:
    for name in [*new, *(name for name in old if name not in new)]:
        if old.get(name) != new.get(name):
            yield Change(kind, name, old.get(name), new.get(name), reasons.get(name, ""))


def _circumstances(report: Report) -> dict[str, str]:
    platform = report["platform"]
    return {
        **_target("target", report["target"]),
        **_target("runtime", report["runtime_target"]),
        "registry": report["registry"]["name"],
        "registry's version": report["registry"]["version"] or "unknown",
        "suite": report["suite"]["version"],
        "specification": report["specification"]["version"],
        "platform": f"{platform['system']} {platform['release']} {platform['machine']}",
        "Python": platform["python"],
        "end of the run": "complete" if report["complete"] else "interrupted",
    }


def _target(what: str, target: TargetOf | None) -> dict[str, str]:
    return {
        what: target["name"] if target else "none",
        f"{what}'s version": (target["version"] if target else None) or "unknown",
        f"{what}'s command": " ".join(target["command"]) if target else "none",
    }
