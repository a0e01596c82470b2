import pytest

from relocation_conformance.reports.texts import cut, listed, seconds, target_name, visible
from sample_reports import sample


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\n", "a\tb\n"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a⟨U+000D⟩b"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("\x00\x7f\x9b", "⟨U+0000⟩⟨U+007F⟩⟨U+009B⟩"),
        ("\u202e\u2066\u200b", "⟨U+202E⟩⟨U+2066⟩⟨U+200B⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("grün 船 😀", "grün 船 😀"),
    ],
    ids=["plain", "windows", "return", "colour", "controls", "directions", "surrogate", "letters"],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (0.0004, "0.00 s"),
        (0.314, "0.31 s"),
        (12.44, "12.4 s"),
        (59.99, "60.0 s"),
        (166, "2 min 46 s"),
    ],
)
def test_a_time_is_told_with_what_matters_of_it(time: float, told: str) -> None:
    assert seconds(time) == told


@pytest.mark.parametrize(
    ("names", "told"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_listed_as_in_a_sentence(names: list[str], told: str) -> None:
    assert listed(names) == told


@pytest.mark.parametrize(("length", "missing"), [(2, 1), (3, 0), (4, 0)])
def test_what_is_cut_says_how_much_is_missing(length: int, missing: int) -> None:
    assert (cut("abc", length).text, cut("abc", length).missing) == ("abc"[:length], missing)


@pytest.mark.parametrize(
    ("version", "name"),
    [(None, "mine"), ("mine 1.4.0", "mine 1.4.0"), ("v2\nbuilt today", "mine v2"), (" ", "mine")],
)
def test_a_target_has_its_name_once_before_its_version(version: str | None, name: str) -> None:
    target = sample()["target"]
    assert target is not None

    assert target_name({**target, "version": version}) == name
