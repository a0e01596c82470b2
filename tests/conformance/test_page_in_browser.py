from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from headless_browser import Browser, headless_browser
from relocation_conformance.reports.document import PAGE, write, write_whole
from relocation_conformance.reports.matrix import matrix_page, merge
from sample_reports import sample

pytestmark = pytest.mark.browser

DESKTOP, PHONE = 1280, 360
READABLE = 4.5
"""The contrast that WCAG 2.2 AA asks of text."""

WAYS = list(product((DESKTOP, PHONE), ("light", "dark")))
each_way = pytest.mark.parametrize(("width", "scheme"), WAYS)
each_page = pytest.mark.parametrize("name", [PAGE, "matrix.html"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with headless_browser() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report and a matrix."""
    folder = tmp_path_factory.mktemp("pages")
    write(folder, sample())
    others = [sample(specification={"version": f"0.{n}"}) for n in range(2, 9)]
    write_whole(folder / "matrix.html", matrix_page(merge(others)))
    return folder


@each_way
def test_the_verdict_is_in_the_first_window(
    browser: Browser, pages: Path, width: int, scheme: str
) -> None:
    browser.show(pages / PAGE, width=width, scheme=scheme)

    verdict = browser.find("[data-verdict] .verdict")
    assert verdict.text == "Nonconformant"
    assert verdict.is_displayed()
    assert verdict.rect["y"] + verdict.rect["height"] < 800


@each_page
@each_way
def test_the_page_is_as_wide_as_its_window(
    browser: Browser, pages: Path, name: str, width: int, scheme: str
) -> None:
    browser.show(pages / name, width=width, scheme=scheme)
    closed = browser.overhang()

    browser.open_all()

    assert (closed, browser.overhang()) == (0, 0)


@each_page
@each_way
def test_all_text_has_contrast(
    browser: Browser, pages: Path, name: str, width: int, scheme: str
) -> None:
    browser.show(pages / name, width=width, scheme=scheme)

    browser.open_all()

    assert browser.faint(READABLE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_rule_that_was_followed_by_a_link_has_contrast(
    browser: Browser, pages: Path, scheme: str
) -> None:
    browser.show(pages / PAGE, width=DESKTOP, scheme=scheme)

    browser.find('.card a[href="#rule-DIGEST-1"]').click()

    assert browser.faint(READABLE) == []


def test_the_schemes_are_two(browser: Browser, pages: Path) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        browser.show(pages / PAGE, width=DESKTOP, scheme=scheme)
        colours.add(browser.find("html").value_of_css_property("background-color"))

    assert len(colours) == 2


@each_page
def test_nothing_is_requested_and_the_console_is_silent(
    browser: Browser, pages: Path, name: str
) -> None:
    browser.show(pages / name, width=DESKTOP, scheme="light")

    browser.open_all()

    asked = [each for each in browser.requested() if not each.startswith("data:")]
    assert (asked, browser.said()) == ([(pages / name).as_uri()], [])


@each_way
def test_a_click_leads_from_the_rule_to_its_opened_evidence(
    browser: Browser, pages: Path, width: int, scheme: str
) -> None:
    browser.show(pages / PAGE, width=width, scheme=scheme)
    evidence = browser.find("#check-4")
    before = evidence.is_displayed()

    browser.find("#rule-DIGEST-1 .to-evidence a").click()

    assert (before, evidence.is_displayed()) == (False, True)
    assert "Error: the index arrived as another manifest." in evidence.text
    ledger = browser.find("#check-4 .ledger tbody")
    assert ledger.is_displayed()
    assert "the connection is reset after the request" in ledger.text


def test_a_click_leads_from_the_evidence_back_to_the_rule(browser: Browser, pages: Path) -> None:
    browser.show(pages / PAGE, width=DESKTOP, scheme="light")
    browser.find("#rule-DIGEST-1 .to-evidence a").click()

    browser.find('#check-4 a[href="#rule-DIGEST-2"]').click()

    assert browser.find(":target").get_attribute("id") == "rule-DIGEST-2"


def test_a_click_leads_from_a_cell_to_its_reason(browser: Browser, pages: Path) -> None:
    browser.show(pages / "matrix.html", width=DESKTOP, scheme="light")

    browser.find('a.cell[href="#reason-THIN-1-1"]').click()

    reason = browser.find("#reason-THIN-1-1")
    assert reason.is_displayed()
    assert "it reads no thin bundles" in reason.text


def test_the_keyboard_shows_where_it_is(browser: Browser, pages: Path) -> None:
    browser.show(pages / PAGE, width=DESKTOP, scheme="light")

    ActionChains(browser.driver).send_keys(Keys.TAB).perform()

    focused = browser.driver.switch_to.active_element
    assert focused.tag_name == "a"
    assert focused.value_of_css_property("outline-style") == "solid"


def test_a_wide_ledger_scrolls_in_its_own_box(browser: Browser, pages: Path) -> None:
    browser.show(pages / PAGE, width=PHONE, scheme="light")

    browser.find("#rule-DIGEST-1 .to-evidence a").click()

    box = browser.find("#check-4 .scroll")
    inner, outer = (int(str(box.get_property(name))) for name in ("scrollWidth", "clientWidth"))
    assert inner > outer


@pytest.mark.parametrize("word", ["kept", "broken", "not tested", "suite error"])
def test_a_judgement_is_told_in_words(browser: Browser, pages: Path, word: str) -> None:
    browser.show(pages / PAGE, width=DESKTOP, scheme="light")

    assert word in [each.text for each in browser.find_all(".rule .mark")]
