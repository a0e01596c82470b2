"""Checks of a test's own, and pytest runs of the conformance suite's plugin over them."""

from collections.abc import Sequence

import pytest

KEPT = """
@requirement("MAP-1")
def test_kept():
    '''A mapping is an object.'''
"""
BROKEN = """
@requirement("DIGEST-1", "DIGEST-2")
def test_broken():
    '''An index keeps its digest.

    More words.
    '''
    assert False, "another digest"
"""
SHOULD = """
@requirement("NAME-8")
def test_should():
    assert "here" == "there"
"""


class Checks:
    """A folder of checks and a profile in it, and runs of pytest over them."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.folder = pytester.path
        self.pytester = pytester

    def write(self, *sources: str) -> None:
        start = "import pytest\nfrom relocation_conformance.requirements import requirement\n"
        self.pytester.makepyfile(test_checks=start + "".join(sources))

    def profile(self, text: str = "") -> None:
        """Write `mine.toml`: a command that does nothing, with *text* added."""
        command = "command = ['true', '{bundle}', '{prefix}', '{mapping}']"
        start = "name = 'mine'\ndescription = 'does nothing'"
        (self.folder / "mine.toml").write_text(f"{start}\n{text}\n[relocate]\n{command}\n")

    def run(self, *arguments: str) -> pytest.RunResult:
        # Hypothesis's plugin imports all of Hypothesis at the end of every run.
        without = ("-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:benchmark")
        return self.pytester.runpytest_inprocess(*without, *arguments)

    def judge(
        self, *sources: str, profile: str = "", arguments: Sequence[str] = ()
    ) -> pytest.RunResult:
        """Run the checks *sources* with `mine.toml`."""
        self.write(*sources)
        self.profile(profile)
        return self.run("--target", "./mine.toml", *arguments)


def summary(result: pytest.RunResult) -> str:
    """Return what the terminal has from the suite's own heading on."""
    return result.stdout.str().partition(" relocation conformance of ")[2]
