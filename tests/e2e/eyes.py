"""Opening a page in a browser and saying everything that is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request

from tests.e2e.looks import Look

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
NARROWEST = 320
# Frames hold newsletters: their authors' words, which axe has no business with.
_RUN_AXE = """(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, iframes: false,
  resultTypes: ['violations']}).then(found => found.violations.map(v => v.id + ': ' + v.help + '\\n      '
  + v.nodes.slice(0, 4).map(n => n.target.join(' ') + '  ' + n.html.slice(0, 160)).join('\\n      ')))"""
_SCROLLS = """() => { const root = document.scrollingElement; const w = root.clientWidth;
  if (root.scrollWidth <= w) return null;
  const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > w + 1
    && !e.closest('[popover]:not(:popover-open)'));
  return root.scrollWidth + ' > ' + w + ': ' + wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | '); }"""


@dataclass
class Eyes:
    """One page of one context, watched. `faults` are sentences; the context serves many pages."""

    page: Page
    look: Look
    origins: frozenset[str]
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("request", self._asked)

    def check(self, state: str = "") -> None:
        """Run axe and look for horizontal scrolling in the state the page is in."""
        where = f"[{self.look}{' ' + state if state else ''}]"
        # evaluate() goes through the debugger, so the page's own policy stays as strict as it is.
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE)
        found: list[str] = self.page.evaluate(_RUN_AXE, TAGS)
        self.faults += [f"{where} {each}" for each in found]
        self._check_width(where)

    def check_narrowest(self) -> None:
        """Phones of 320 px, the width that WCAG 1.4.10 asks for."""
        if self.look.is_phone:
            size = self.page.viewport_size
            self.page.set_viewport_size({"width": NARROWEST, "height": 640})
            self._check_width(f"[{NARROWEST} {self.look.language}]")
            if size:
                self.page.set_viewport_size(size)

    def _check_width(self, where: str) -> None:
        if wide := self.page.evaluate(_SCROLLS):
            self.faults.append(f"{where} scrolls sideways: {wide}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"[{self.look}] console: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"data", "blob", "about"}:
            return
        if f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.faults.append(f"[{self.look}] asked another origin: {request.url}")


@contextmanager
def watched(context: BrowserContext, look: Look, *origins: str) -> Iterator[Eyes]:
    page = context.new_page()
    try:
        yield Eyes(page, look, frozenset(origins))
    finally:
        page.close()


def open_folds(page: Page) -> None:
    """Open everything that folds, so that what is inside is looked at too."""
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")


def check_openable(eyes: Eyes, within: Locator, *, each: int = 2) -> None:
    """Open menus, tips and dialogs one after the other and check the page with each open.

    Rows of a table carry the same menu; the first `each` of a kind stand for all.
    """
    for selector, name in (("[popovertarget]", "menu"), ("[data-opens]", "dialog")):
        buttons = within.locator(f"{selector}:visible")
        for index in range(min(each, buttons.count())):
            button = buttons.nth(index)
            button.click()
            eyes.check(f"{name} {index + 1}: {_name_of(button)}")
            eyes.page.keyboard.press("Escape")


def _name_of(button: Locator) -> Any:
    return button.evaluate(
        "b => (b.getAttribute('aria-label') || b.textContent).trim().slice(0, 40)"
    )
