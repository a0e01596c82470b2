"""The pages as text; tests/conformance/test_page_in_browser.py looks at them in a browser."""

from html.parser import HTMLParser
from itertools import pairwise

import pytest

from relocation_conformance.reports.matrix import matrix_page, merge
from relocation_conformance.reports.model import Report
from relocation_conformance.reports.page import report_page
from sample_reports import HOSTILE, entry, record, report, rule, run, sample

VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """What a page consists of: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name))]


def one_check(**changes: object) -> Report:
    """A report of one broken rule, and of the record of its check."""
    made = record("test_map.py::test_it", "MAP-1", result="broken", **changes)
    return report([rule("MAP-1", "broken")], [made])


PAGES = {
    "report": report_page(sample()),
    "clean": report_page(report([rule("MAP-1")], [record("test_map.py::test_it", "MAP-1")])),
    "matrix": matrix_page(merge([sample(), sample(complete=False)])),
}
each_page = pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)


@each_page
def test_every_element_is_closed(html: str) -> None:
    assert Page(html).open == []


@each_page
def test_ids_are_unique(html: str) -> None:
    ids = Page(html).values("id")

    assert [each for each in ids if ids.count(each) > 1] == []


@each_page
def test_links_within_the_page_lead_somewhere(html: str) -> None:
    page = Page(html)

    links = {link[1:] for link in page.values("href") if link.startswith("#")}
    assert links - set(page.values("id")) == set()


@each_page
def test_no_heading_skips_a_level(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(html).elements if tag[0] == "h" and tag[1:].isdigit()]

    assert levels[0] == 1
    assert [step for step in pairwise(levels) if step[1] > step[0] + 1] == []


@each_page
def test_nothing_is_loaded_and_nothing_runs(html: str) -> None:
    page = Page(html)

    assert {tag for tag, _ in page.elements} & {
        "script",
        "iframe",
        "img",
        "object",
        "form",
    } == set()
    assert page.values("src") == []
    assert [link for tag, each in page.elements if tag == "link" and (link := each["href"])] == [
        "data:,"
    ]
    assert [name for _, each in page.elements for name in each if name.startswith("on")] == []


@each_page
def test_the_language_and_the_width_are_told(html: str) -> None:
    page = Page(html)

    assert ("html", {"lang": "en"}) in page.elements
    assert "width=device-width, initial-scale=1" in page.values("content")


def test_the_verdicts_come_before_all_else() -> None:
    page = Page(PAGES["report"])

    order = [page.text.index(each) for each in ("Nonconformant", "What went wrong", "Evidence")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "reason",
    ["why NAME-2 is stale deviation", "it reads no thin bundles", "no check of it was run"],
)
def test_what_is_not_judged_shows_its_reason(reason: str) -> None:
    assert reason in Page(PAGES["report"]).text


def test_hostile_text_is_shown_as_text() -> None:
    shown = "<script>alert('x')</script> & \"quotes\" ⟨U+001B⟩[31mred⟨U+0000⟩ ⟨U+202E⟩back"

    assert shown in Page(PAGES["report"]).text


@pytest.mark.parametrize("field", ["claim", "reason", "leftover", "id"])
def test_no_field_of_a_check_can_make_elements(field: str) -> None:
    page = Page(report_page(one_check(**{field: HOSTILE})))

    assert "script" not in [tag for tag, _ in page.elements]


@pytest.mark.parametrize("field", ["host", "method", "path", "digest", "fault", "authenticated"])
def test_no_field_of_a_ledger_can_make_elements(field: str) -> None:
    made = one_check(runs=[run(ledger=[entry(**{field: HOSTILE})])])

    assert "script" not in [tag for tag, _ in Page(report_page(made)).elements]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "\x01javascript:x"])
def test_only_addresses_of_the_web_become_links(link: str) -> None:
    made = report([rule("MAP-1", "documented deviation", link=link)], [])

    links = Page(report_page(made)).values("href")
    assert [each for each in links if not each.startswith(("#", "data:,", "https://"))] == []


def test_the_link_of_a_deviation_is_one() -> None:
    assert "https://mine.example/issues/7?a=1&b=<2>" in Page(PAGES["report"]).values("href")


def test_a_failure_shows_all_of_its_evidence() -> None:
    text = Page(report_page(sample())).text

    for piece in (
        "found: broken in more words",
        '"r.example.com/a/b-c"',
        "relocation-conformance replay evidence/test_digest-4f2a91",
        "mine relocate /tmp/check/bundle.json --repository-prefix r/x",
        "none, its time was up",
        "Error: the index arrived as another manifest.",
        '{"web": "127.0.0.1:40001/t/web"}',
        '"name": "<b>mine</b>"',
        "the connection is reset after the request",
        "no answer",
        "412 bytes",
    ):
        assert piece in text


def test_long_output_is_cut_and_says_so() -> None:
    page = Page(report_page(one_check(runs=[run(stderr="x" * 100_000)])))

    assert page.text.count("x" * 8_000) == 1
    assert "x" * 8_001 not in page.text
    assert "Cut here: 92,000 more characters." in page.text


def test_a_long_ledger_is_cut_and_says_so() -> None:
    exchanges = [entry(path=f"/v2/{n}.") for n in range(203)]
    text = Page(report_page(one_check(runs=[run(ledger=exchanges)]))).text

    assert ("/v2/199." in text, "/v2/200." in text) == (True, False)
    assert "3 more exchanges are in report.json." in text


def test_many_runs_are_cut_to_the_last_and_say_so() -> None:
    runs = [run(command=[f"run-{n}."]) for n in range(11)]
    text = Page(report_page(one_check(runs=runs))).text

    assert ("run-0." in text, "run-1." in text, "run-10." in text) == (False, True, True)
    assert "1 run of the target before these is in report.json." in text
    assert "Run 2 of 11: refused" in text


def test_a_run_that_stopped_before_its_end_says_so() -> None:
    text = Page(report_page(sample(complete=False))).text

    assert "This run stopped before its end." in text
    assert text.index("This run stopped") < text.index("Nonconformant")


def test_checks_of_one_claim_are_told_apart() -> None:
    checks = [
        record(f"test_map.py::test_it[{name}]", "MAP-1", result="broken", claim="A claim.")
        for name in ("nested", "single")
    ]

    text = Page(report_page(report([rule("MAP-1", "broken")], checks))).text

    # among what went wrong, beside the rule, and as the headings of the evidence
    assert (text.count("A claim. nested"), text.count("A claim. single")) == (3, 3)


def test_what_is_cut_short_ends_with_an_ellipsis() -> None:
    made = report([rule("MAP-1", "broken", reason="x" * 301)], [])

    assert f" {'x' * 300}… " in Page(report_page(made)).text


def test_an_error_of_the_suite_has_no_smallest_example() -> None:
    check = record("test_map.py::test_it", "MAP-1", result="suite error", example={"a": 1})

    text = Page(report_page(report([rule("MAP-1", "suite error")], [check]))).text

    assert ("Smallest example" in text, " Example a" in text) == (False, True)


def test_our_additions_are_counted_in_the_order_of_judgements() -> None:
    ours = {"class": "suite"}
    rules = [rule("MAP-1", "broken", **ours), rule("MAP-2", **ours)]

    text = Page(report_page(report(rules, []))).text

    assert "2 MUSTs that only this suite asks for: 1 kept and 1 broken." in text


def test_a_clean_run_says_that_nothing_went_wrong() -> None:
    text = Page(PAGES["clean"]).text

    assert "What went wrong Nothing." in text
    assert "The one MUST of this class that a test can decide was tested and kept." in text


def test_a_class_that_the_run_is_not_held_to_is_told_so() -> None:
    text = Page(report_page(sample(held_to=["cnab"]))).text

    assert text.count("This run was not held to this class.") == 1


def test_a_runtime_alone_has_its_page() -> None:
    runtime = sample()["target"]

    page = Page(report_page(sample(target=None, runtime_target=runtime)))

    assert "version mine 1.4.0 Runtime" in page.text


def test_a_check_that_broke_two_rules_has_its_evidence_once() -> None:
    page = Page(PAGES["report"])

    assert page.text.count("evidence/test_digest-4f2a91") == 1
    assert page.values("href").count("#check-4") == 4
