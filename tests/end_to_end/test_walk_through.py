"""README.md tells the two stories as sessions, whose commands are run where they say.

A block's mark names the place. Names of registries become addresses, and addresses names again.
"""

from collections.abc import Mapping
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest

from sessions import blocks, said, script
from stories import INTERNAL, OUTSIDE, Place, acme, bank, carry
from story_bundles import Software

README = (Path(__file__).parents[2] / "README.md").read_text()
SESSIONS = {mark: content for mark, content in blocks(README) if mark.startswith("console")}


def test_all_sessions_are_known() -> None:
    assert list(SESSIONS) == [
        "console dmz",
        "console production",
        "console supplier",
        "console data-centre",
    ]
    assert README.count("```console") == len(SESSIONS)


def test_first_story_goes_as_shown(forge: Software, tmp_path: Path) -> None:
    hosts = {"registry.acme.example": INTERNAL, "registry.forge.example": OUTSIDE}
    with acme(forge, tmp_path) as story:
        enter("dmz", story.dmz, hosts)
        carry(("forge.json", "relmap.json"), story.dmz, story.site)
        enter("production", story.site, hosts)


def test_second_story_goes_as_shown(sort: Software, tmp_path: Path) -> None:
    hosts = {"registry.gwb.example": INTERNAL}
    with bank(sort, tmp_path) as story:
        enter("supplier", story.supplier, hosts)
        carry(("stones.txt", "sort.sha256"), story.supplier, story.site)
        enter("data-centre", story.site, hosts)


@pytest.mark.parametrize(("line", "other"), [("lit.\n", "cold.\n"), ("1.0\nThe", "1.0\nA\nThe")])
def test_other_answers_are_not_as_shown(line: str, other: str) -> None:
    """What differs is seen, whatever `...` stands for."""
    shown = said(SESSIONS["console production"])

    assert is_as_shown(shown, shown)
    assert not is_as_shown(shown, shown.replace(line, other, 1))


def enter(name: str, place: Place, hosts: Mapping[str, str]) -> None:
    """Run the commands of a session, which have to end well and to say what is shown."""
    session = SESSIONS[f"console {name}"]
    commands = script(session)
    for host, address in hosts.items():
        commands = commands.replace(host, address)

    done = place.run("sh", "-ec", f"exec 2>&1\n{commands}")

    answers = done.stdout
    for host, address in hosts.items():
        answers = answers.replace(address, host)
    assert done.returncode == 0, answers
    assert is_as_shown(said(session), answers), answers


def is_as_shown(shown: str, answers: str) -> bool:
    """Tell whether the answers are those, `...` being anything, and columns as wide as may be."""
    return OutputChecker().check_output(shown, answers, ELLIPSIS | NORMALIZE_WHITESPACE)
