"""Everything by keyboard alone: sign-in, saving a milestone, answering a request. No mouse, no scripted focus."""

import json
import re
from datetime import date, timedelta

from person import Person, whole
from playwright.sync_api import expect
from test_accessibility import AXE, RULES

FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const seen = [[.5, .5], [.1, .5], [.9, .5]].some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (element.contains(top) || top.contains(element) || top.labels === undefined && top.closest("label")?.control === element);
  });
  const known = window.stops?.has(element);
  window.stops?.add(element);
  return { known, name: `${element.tagName} ${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 60)} #${element.id}`,
    marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, seen };
}"""


class Keyboard:
    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def focus(self):
        """Where the focus is; wherever it is, one must see it."""
        focus = self.page.evaluate(FOCUS)
        if focus:
            assert focus["marked"], f"no outline on {focus['name']}"
            assert focus["seen"], f"out of sight: {focus['name']}"
        return focus

    def reach(self, role, name, key="Tab"):
        """Presses Tab until the focus is on a control."""
        name = whole(name) if isinstance(name, str) else name
        target = self.page.get_by_role(role, name=name).first
        expect(target).to_be_visible()
        for _ in range(250):
            self.press(key)
            self.focus()
            if target.evaluate("element => element === document.activeElement"):
                return target
        raise AssertionError(f"Tab does not reach {role} {name}")

    def arrives(self, heading):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def is_told(self, text):
        expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible()


def signed_in(open_page, demo, role):
    keyboard = Keyboard(open_page())
    keyboard.page.goto(demo.address())
    keyboard.reach("textbox", "E-mail address")
    keyboard.type(demo.account(role)["email"])
    keyboard.press("Tab")
    keyboard.focus()
    keyboard.type(demo.account(role)["password"])
    keyboard.press("Enter")
    keyboard.page.wait_for_url(lambda url: "/sign-in" not in url)
    return keyboard


def test_skip_link_and_no_trap(page_of):
    """The first stop leads past the navigation; Tab visits every stop of a page once and comes round."""
    for role, path in [("admin", "/settings"), ("staff", "/queue"), ("student", "/dashboard"), ("admin", "/cohorts")]:
        keyboard = Keyboard(page_of(role, path))
        keyboard.press("Tab")
        assert "Skip to content" in keyboard.focus()["name"]
        keyboard.press("Enter")
        expect(keyboard.page.get_by_role("main")).to_be_focused()
        keyboard.press("Tab")
        assert keyboard.page.evaluate("document.querySelector('main').contains(document.activeElement)")

        keyboard.page.goto(keyboard.page.url.split("#")[0])
        keyboard.page.evaluate("window.stops = new Set()")
        keyboard.press("Tab")
        while (focus := keyboard.focus()) and not focus["known"]:
            keyboard.press("Tab")
        visited = keyboard.page.evaluate("stops.size")
        reachable = keyboard.page.evaluate(
            """[...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((e) =>
                !e.disabled && e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0).length"""
        )
        assert visited == reachable > 5, (path, visited, reachable)


def test_a_milestone_is_saved_by_keyboard(open_page, demo):
    keyboard = signed_in(open_page, demo, "admin")
    keyboard.reach("link", "Cohorts")
    keyboard.press("Enter")
    keyboard.arrives("Cohorts")
    keyboard.reach("link", re.compile("^Winter Sports"))
    keyboard.press("Enter")
    keyboard.arrives("Winter Sports")
    keyboard.reach("link", "Milestones")
    keyboard.press("Enter")
    keyboard.reach("button", re.compile("Custom Milestone$"))
    keyboard.press("Enter")
    title = keyboard.reach("textbox", "Title")
    expect(title).to_have_value("New Milestone")
    keyboard.press("Control+a")
    keyboard.type("Meet the coach")
    due = date.today() + timedelta(days=20)
    keyboard.press("Tab")
    keyboard.focus()
    keyboard.type(due.strftime("%m%d%Y"))
    keyboard.reach("textbox", re.compile("^Description"))
    keyboard.type("Ten minutes after practice.")
    keyboard.reach("combobox", "Who marks it done")
    keyboard.press("ArrowDown")
    keyboard.reach("checkbox", "1 week")
    keyboard.press("Space")
    keyboard.reach("button", "Save Milestone")
    keyboard.press("Enter")
    keyboard.is_told("Saved: Meet the coach")
    expect(keyboard.page.get_by_label(re.compile("^Due date"))).to_have_value(due.isoformat())
    expect(keyboard.page.get_by_label("Who marks it done")).to_have_value("student")
    expect(keyboard.page.get_by_label("1 week")).to_be_checked()

    keyboard.page.locator("summary").filter(has_text="Delete milestone").wait_for()
    for _ in range(250):
        keyboard.press("Tab")
        if "Delete milestone" in (keyboard.focus() or {"name": ""})["name"]:
            break
    keyboard.press("Space")
    keyboard.reach("button", "Delete milestone")
    keyboard.press("Space")
    keyboard.is_told("Deleted: Meet the coach")


def test_a_request_is_approved_by_keyboard(open_page, demo):
    keyboard = signed_in(open_page, demo, "staff")
    keyboard.arrives("My queue")
    approve = keyboard.page.get_by_role("button", name=re.compile("^Approve ?: "))
    before = approve.count()
    box = keyboard.reach("checkbox", re.compile("^Select: "))
    what = box.get_attribute("aria-label").removeprefix("Select: ")
    keyboard.press("Space")
    expect(box).to_be_checked()
    keyboard.press("Space")
    keyboard.reach("button", f"Approve: {what}")
    keyboard.press("Enter")
    keyboard.is_told("Approved: ")
    expect(approve).to_have_count(before - 1)


def test_any_student_and_page_by_ctrl_k(page_of):
    page = page_of("staff", "/students")
    name = page.locator("tbody a").first.inner_text()
    page.keyboard.press("Control+k")
    finder = page.get_by_role("dialog", name="Go to")
    expect(finder.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(name)
    expect(finder.get_by_role("link").first).to_have_text(re.compile(f"^{re.escape(name)}"))
    assert page.evaluate(f"{AXE}; axe.run(document, {json.dumps(RULES)})")["violations"] == []
    page.keyboard.press("Escape")
    expect(finder).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    expect(finder.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.keyboard.press("Control+k")
    page.keyboard.type("Overv")
    expect(finder.get_by_role("link")).to_have_text(["Overview"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_without_script_it_is_a_page(page_of):
    person = Person(page_of("staff", "/students", javascript=False))
    name = person.page.locator("tbody a").first.inner_text()
    person.follow("Go to", person.page.get_by_role("banner"))
    person.fill("Student, cohort or page", name)
    person.press("Search")
    person.page.locator("#found").get_by_role("link").first.click()
    person.sees_heading(name)
