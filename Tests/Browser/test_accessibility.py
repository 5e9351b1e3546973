"""Every page against WCAG 2.2 A and AA, with axe-core in a real Chromium and what axe does not look for: both colour
schemes, 320 and 1280 pixels, text twice as large. `make browser` looks so at every page; `make test`, for want of time, at each
kind of page, and narrow and light only at what another role sees of the same kind, and at forms that come back."""

import json
import os
import re
from pathlib import Path

import axe_playwright_python
import pytest
from pages import ROLES, kind

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
INSPECT = (Path(__file__).parent / "inspect.js").read_text()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# All that differs between the two schemes of a page.
COLOR = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
SHIFT = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


class Looker:
    """One window in which page after page is looked at."""

    def __init__(self, page):
        self.page, self.found = page, {}
        page.add_init_script(SHIFT)

    def open(self, shown, state):
        """Opens a page; what a form was answered comes from what the server said, byte by byte."""
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light")
        self.page.context.clear_cookies()
        if state:
            self.page.context.add_cookies(state["cookies"])
        if shown.form or shown.role == "stranger":
            headers = {name: value for name, value in shown.headers.items() if name != "content-length"}
            self.page.route(shown.url, lambda route: route.fulfill(status=200, headers=headers, body=shown.html), times=1)
        self.page.goto(shown.url)
        self.page.evaluate(f"{AXE}; window.look = {INSPECT}; null")

    def axe(self, how, rules):
        answer = self.page.evaluate("(rules) => axe.run(document, rules)", rules)
        self.note(how, [f"{one['id']}: {part['html'][:120]}" for one in answer["violations"] for part in one["nodes"][:3]])

    def look(self, how, *checks):
        for check in checks:
            self.note(how, self.page.evaluate(f"look.{check}()"))

    def note(self, how, found):
        if found:
            self.found.setdefault(self.shown.name, []).extend(f"{how}: {one}" for one in dict.fromkeys(found))

    def glance(self, shown, state):
        """At a page of a kind that is examined elsewhere."""
        self.shown = shown
        self.open(shown, state)
        self.page.set_viewport_size({"width": 320, "height": 800})
        self.look("narrow", "parts")
        self.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        self.look("narrow, opened", "wide", "collisions", "targets")
        self.page.evaluate("look.shorten()")
        self.axe("narrow, light", RULES)

    def examine(self, shown, state):
        self.shown = shown
        self.open(shown, state)
        page = self.page
        shift = page.evaluate("window.shifted")
        if shift >= 0.02:
            self.note("wide", [f"the layout moved by {shift}"])
        self.look("wide", "wide", "collisions", "targets", "parts")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        self.look("large text", "wide", "collisions")
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": 320, "height": 800})
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        self.look("narrow, opened", "wide", "collisions", "targets")
        page.keyboard.press("Tab")
        self.look("narrow, opened", "focus")
        page.evaluate("look.shorten()")
        self.axe("narrow, light", RULES)
        page.emulate_media(color_scheme="dark")
        self.axe("narrow, dark", COLOR)
        page.set_viewport_size({"width": 1280, "height": 900})
        self.axe("wide, dark", RULES)
        page.emulate_media(color_scheme="light")
        self.axe("wide, light", COLOR)


def examined(pages):
    """Every page, where time is no matter; else the first page of each kind, and of forms that come back those that show a part
    no such page had."""
    if os.environ.get("WAYMARK_BROWSER_THOROUGH"):
        return [id(page) for page in pages]
    chosen, kinds, known = [], set(), set()
    for page in sorted(pages, key=lambda page: page.form != ""):
        parts = set(re.findall(r'<(\w+)(?: [^>]*?(?:class|role|aria-invalid)="([^"]*)")?', page.html))
        if (not page.form and (kind(page.url), page.status) not in kinds) or not parts <= known:
            chosen.append(id(page))
        kinds.add((kind(page.url), page.status))
        known |= parts
    return chosen


@pytest.mark.parametrize("role", ["stranger", *ROLES])
def test_every_page(open_page, pages, cookies, role):
    looker, chosen = Looker(open_page()), examined(pages)
    for page in pages:
        if page.role == role:
            look = looker.examine if id(page) in chosen else looker.glance
            look(page, cookies(role) if role in ROLES else None)
    assert looker.found == {}, json.dumps(looker.found, indent=1, ensure_ascii=False)
