"""What holds for every page: axe finds nothing in either theme, and it fits a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import axe_playwright_python
from playwright.sync_api import Page

from tests.browser.visitor import Visitor
from tests.demo.processes import ROOT

PICTURES: Final = ROOT / "var" / "screenshots"
AXE: Final = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THEMES: Final = ["color-contrast", "link-in-text-block"]
OF_WIDTHS: Final = ["target-size", "scrollable-region-focusable"]
ALIKE: Final = (
    "#result_list tbody:nth-of-type(n+6)"  # the library gives each row a body of its own
    ", #changelist-filter li:nth-child(n+6), #filter-action option:nth-child(n+6)"
)
CLOSED: Final = "[role=tabpanel][hidden]"
OPEN_ALL: Final = (
    "all => all.forEach(panel => { panel.hidden = false; panel.dataset.closed = ''; })"
)
CLOSE_AGAIN: Final = "all => all.forEach(panel => { panel.hidden = true; })"
RUN: Final = "only => axe.run({runOnly: only, resultTypes: ['violations'], preload: false})"
"""Without fetching the style sheets once more, which one rule about turned phones would need."""


def examine(visitor: Visitor, *, picture: str = "") -> list[str]:
    """Look at the page in both themes and at both widths; return what is wrong with it.

    With `picture` screenshots of two of the four go to var/screenshots/; `show` writes all. Closed
    tabs are opened while it looks; of long lists only the first rows stay.
    """
    page = visitor.page
    page.wait_for_load_state("load")
    _picture(page, picture, "1440-light")
    page.eval_on_selector_all(ALIKE, "rows => rows.forEach(row => row.remove())")
    page.eval_on_selector_all(CLOSED, OPEN_ALL)
    wrong = [*_axe(page, TAGS), *_too_wide(page)]
    _theme(page, dark=True)
    wrong += [f"dark: {each}" for each in _axe(page, OF_THEMES)]
    with visitor.on_a_phone():
        wrong += [f"390 px: {each}" for each in (*_axe(page, OF_WIDTHS), *_too_wide(page))]
        page.eval_on_selector_all("[data-closed]", CLOSE_AGAIN)
        _picture(page, picture, "390-dark")
    _theme(page, dark=False)
    return [f"{visitor.path} {each}" for each in wrong]


def show(visitor: Visitor, name: str) -> None:
    """Write the page to var/screenshots/ as it stands, in both themes and at both widths."""
    page = visitor.page
    _picture(page, name, "1440-light")
    _theme(page, dark=True)
    _picture(page, name, "1440-dark")
    with visitor.on_a_phone():
        _picture(page, name, "390-dark")
        _theme(page, dark=False)
        _picture(page, name, "390-light")


def _theme(page: Page, *, dark: bool) -> None:
    page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)


def _axe(page: Page, only: list[str]) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for violation in page.evaluate(RUN, only)["violations"]:
        for node in violation["nodes"][:3]:
            html = re.sub(r"\s+", " ", node["html"])[:160]
            yield f"{violation['id']}: {node['target']} {html}"


def _too_wide(page: Page) -> Iterator[str]:
    more = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if more > 0:
        yield f"scrolls sideways by {more} px"


def _picture(page: Page, name: str, kind: str) -> None:
    if name:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{kind}.png", scale="css")
