"""The queue as it is kept open all day: answers by keys alone, in place and without script, and at every width."""

import re

import pytest
from person import Person, whole
from playwright.sync_api import expect
from test_daily_work import named, requests_of
from test_keyboard import Keyboard

SLUG = "lakeside"  # whose queue no other test answers


class Queue(Keyboard):
    """A queue answered by keys."""

    def __init__(self, page):
        super().__init__(page)
        self.rows = page.locator("tr.request")

    def subject(self):
        """Whom and what the request is about that has the focus."""
        box = self.page.locator("tr.request:focus input[name=item]")
        return box.get_attribute("aria-label").removeprefix("Select: ")

    def focus(self):
        focus = super().focus()
        assert focus, "the focus is lost"
        return focus

    def answered(self, sentence, what, left):
        """The answer is told, the request has gone, and the focus is on another."""
        self.is_told(f"{sentence}: {named(what)}")
        expect(self.page.get_by_role("button", name=whole(f"Approve: {what}"))).to_have_count(0)
        self.focus()
        expect(self.page.locator(".stat b").first).to_have_text(str(left))


def waiting(page):
    return int(page.locator(".stat b").first.inner_text())


def test_twenty_are_answered_by_keys_alone(page_of):
    queue = Queue(page_of("staff", "/queue", slug=SLUG))
    queue.page.evaluate("window.isTheSame = true")
    left = waiting(queue.page)
    assert left >= 22
    queue.press("j")
    for number in range(20):
        if number == 12:
            queue.press("j")  # not the first of the list
        expect(queue.page.locator("tr.request:focus")).to_have_count(1)
        what = queue.subject()
        left -= 1
        if number in (3, 9, 15):
            queue.press("r")
            field = queue.page.get_by_role("textbox", name=whole(f"Comment: {what}"))
            expect(field).to_be_focused()
            queue.type("Please add the date, jar and all?")  # keys of the list, which are text here
            expect(field).to_have_value("Please add the date, jar and all?")
            queue.press("Tab", "Enter")
            queue.answered("Sent back with your comment", what, left)
        else:
            queue.press("a")
            queue.answered("Approved", what, left)
        if number == 12:
            queue.press("u")
            queue.is_told(f"Taken back: {named(what)}")
            expect(queue.page.locator("tr.request:focus")).to_have_count(1)
            assert queue.subject() == what
            queue.press("a")
            queue.answered("Approved", what, left)
    assert queue.page.evaluate("window.isTheSame"), "nothing was loaded anew"
    assert "?" not in queue.page.url, "the address tells of no notice"


def test_keys_help_move_and_can_be_turned_off(page_of):
    queue = Queue(page_of("staff", "/queue"))
    before = waiting(queue.page)
    queue.press("j", "j")
    expect(queue.rows.nth(1)).to_be_focused()
    queue.press("k", "k")
    expect(queue.rows.first).to_be_focused()
    queue.press("r")
    expect(queue.page.locator("tr.answer textarea")).to_be_focused()
    queue.press("Escape")
    expect(queue.page.locator("tr.answer")).to_have_count(0)
    expect(queue.rows.first).to_be_focused()
    queue.press("r")
    expect(queue.page.locator("tr.answer textarea")).to_be_focused()
    queue.type("Begun")
    queue.press("Escape")  # loses no text
    queue.rows.nth(1).focus()
    queue.press("r")
    expect(queue.page.locator("tr.answer textarea")).to_be_focused()
    expect(queue.page.locator("tr.answer textarea")).to_have_value("Begun")
    queue.page.get_by_role("link", name="Cancel").click()
    expect(queue.page.locator("tr.answer")).to_have_count(0)
    queue.press("/")
    expect(queue.page.get_by_label("Search students")).to_be_focused()
    queue.type("jar?u")
    expect(queue.page.get_by_label("Search students")).to_have_value("jar?u")
    queue.page.get_by_role("button", name="Keys").focus()
    queue.press("?")
    dialog = queue.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Approve it")
    queue.press("a")  # behind the dialog nothing happens
    dialog.get_by_label("Use these keys").focus()
    queue.press("Space", "Escape")
    expect(dialog).to_be_hidden()
    expect(queue.page.get_by_role("button", name="Keys")).to_be_focused()
    queue.press("j", "a", "?")
    expect(dialog).to_be_hidden()
    expect(queue.page.get_by_role("button", name="Keys")).to_be_focused()
    assert waiting(queue.page) == before


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_next_request_has_the_focus_and_the_milestone_its_button(page_of, javascript):
    staff = Person(page_of("staff", "/queue", slug=SLUG, javascript=javascript))
    rows = staff.page.locator("tr.request")
    keys = [row.get_attribute("id") for row in rows.all()[:2]]
    rows.first.get_by_role("button").click()
    staff.is_told("Approved: ")
    following = staff.page.locator(f"#{keys[1]}")
    expect(following.get_by_role("button") if javascript else following).to_be_focused()
    staff.page.get_by_role("button", name=re.compile("^Undo")).click()
    staff.is_told("Taken back: ")
    expect(staff.page.locator(f"#{keys[0]}")).to_be_focused()

    before = waiting(staff.page)
    together = staff.page.get_by_role("button", name=re.compile("^Approve [0-9]+ ?: ")).first
    count = int(re.search("[0-9]+", together.inner_text())[0])
    together.click()
    staff.is_told(f"{count} approved.")
    assert waiting(staff.page) == before - count
    staff.page.get_by_role("button", name="Undo").click()
    staff.is_told(f"{count} taken back.")
    assert waiting(staff.page) == before


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_address_narrows_the_queue(page_of, javascript):
    staff = Person(page_of("staff", "/queue", javascript=javascript))
    staff.page.get_by_label("Milestone").select_option(index=1)
    if not javascript:
        staff.press("Show")
    expect(staff.page).to_have_url(re.compile(r"[?&]milestone=\d+"))
    expect(requests_of(staff).locator("tr.group th b").first).to_be_visible()
    titles = {title for title in requests_of(staff).locator("tr.group th b").all_inner_texts()}
    assert len(titles) == 1
    staff.page.get_by_role("link", name=re.compile("older than 2 days$")).click()
    expect(staff.page).to_have_url(re.compile(r"/queue\?age=2$"))
    expect(staff.page.get_by_label("Sent", exact=True)).to_have_value("2")


def test_what_can_be_taken_back_is_offered_for_ten_seconds(page_of):
    page = page_of("staff", "/card")
    page.clock.install()
    Person(page).menu("My queue")
    staff = Person(page)
    what = page.locator("input[name=item]").first.get_attribute("aria-label").removeprefix("Select: ")
    staff.press(f"Approve: {what}")
    undo = page.get_by_role("button", name=whole(f"Undo: {named(what)}"))
    expect(undo).to_be_visible()
    undo.hover()
    page.clock.run_for(11_000)
    expect(undo).to_be_visible()  # somebody is at it
    undo.click()
    staff.is_told(f"Taken back: {named(what)}")
    staff.press(f"Approve: {what}")
    expect(undo).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(14_000)
    expect(undo).to_have_count(0)


FITS = """() => {
  const found = [], wide = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth > wide) found.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
  for (const one of document.querySelectorAll("main a, main button, main select, main input, main th, main td, main .tag, main .fact")) {
    const box = one.getBoundingClientRect();
    if (box.width > 1 && (box.right > wide + .5 || box.left < 0)) found.push(`${one.tagName} ${one.textContent.trim().slice(0, 40)}: ${box.left} to ${box.right}`);
  }
  for (const one of document.querySelectorAll("main .table-wrap, main .tag, main button"))
    if (one.scrollWidth > one.clientWidth + 1) found.push(`${one.className} ${one.textContent.trim().slice(0, 20)} is cut off`);
  return found;
}"""


@pytest.mark.parametrize("language", ["en-US", "es-ES"])
def test_nothing_is_cut_off_at_any_width(page_of, demo, language):
    page = page_of("staff", "/queue", language=language)
    key = page.locator("tr.request").first.get_attribute("id").removeprefix("progress-")
    for path in ["/queue", f"/queue?answer={key}"]:
        page.goto(demo.address() + path)
        for width in (320, 360, 768, 900, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(FITS) == [], (path, width)
            if width >= 1280:
                heights = page.locator("tr.request").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
                assert max(heights) <= 56, (width, heights)


def test_a_student_takes_back_a_mark(page_of):
    student = Person(page_of("student"))
    item = student.page.get_by_role("listitem").filter(has=student.page.get_by_role("button", name="Mark as done")).first
    title = item.get_by_role("heading").inner_text()
    student.press("Mark as done", item)
    student.is_told(f"Marked as done: {title}")
    student.press(f"Undo: {title}")
    student.is_told(f"Taken back: {title}")
    student.press("Mark as done", item)
    student.is_told(f"Marked as done: {title}")
    student.region("Done").locator("summary").click()
    student.press(f"Take it back: {title}", student.region("Done"))
    student.is_told(f"Taken back: {title}")
