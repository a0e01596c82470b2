"""A real browser without a window, as a reader of pages would set it up."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webelement import WebElement

from prerequisites import give_up

_FLAGS = ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run")

_FAINT = """
const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
const colour = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const found = colour(getComputedStyle(each).backgroundColor);
    if (found.length < 4 || found[3] === 1) return found;
    if (found[3] !== 0) throw new Error("a background is translucent");
  }
  throw new Error("nothing is behind the text");
};
const faint = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let seen = 0;
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
  const [a, b] = [colour(getComputedStyle(element).color), behind(element)].map(luminance);
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  seen += 1;
  if (ratio < arguments[0]) faint.push(`${ratio.toFixed(2)}: ${texts.currentNode.data.trim()}`);
}
if (seen === 0) throw new Error("no text is visible");
return faint;
"""
"""Texts with less contrast than the argument. Source: WCAG 2.2, contrast ratio."""


@dataclass(frozen=True)
class Browser:
    """A browser whose pages run no script of their own."""

    driver: webdriver.Chrome

    def show(self, page: Path, *, width: int, scheme: str) -> None:
        """Open *page* anew in a window of *width* pixels and 800, in `light` or `dark`."""
        self.driver.get("about:blank")
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        self.said(), self.requested()
        self.driver.get(page.as_uri())

    def find(self, selector: str) -> WebElement:
        """Return the first element that *selector* finds."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        """Return all elements that *selector* finds."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def open_all(self) -> None:
        """Unfold all that can be unfolded."""
        self.driver.execute_script(
            "for (const each of document.querySelectorAll('details')) each.open = true"
        )

    def overhang(self) -> int:
        """Return the pixels by which the page is wider than its window."""
        width: int = self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def faint(self, ratio: float) -> list[str]:
        """Return the visible texts whose contrast is below *ratio*, with theirs."""
        texts: list[str] = self.driver.execute_script(_FAINT, ratio)
        return texts

    def said(self) -> list[str]:
        """Return what the console has, since this was last asked."""
        return [each["message"] for each in self._log("browser")]

    def requested(self) -> list[str]:
        """Return the addresses that were asked for, since this was last asked."""
        messages = [json.loads(each["message"])["message"] for each in self._log("performance")]
        return [
            each["params"]["request"]["url"]
            for each in messages
            if each["method"] == "Network.requestWillBeSent"
        ]

    def _log(self, kind: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.driver.execute(Command.GET_LOG, {"type": kind})["value"]
        return found


@contextmanager
def headless_browser() -> Iterator[Browser]:
    """Start Chromium and end it. Without one the test is given up."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        give_up("Chromium or its driver is not installed (on Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in _FLAGS:
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # which Chromium does not start as root without
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(started)
    finally:
        started.quit()
