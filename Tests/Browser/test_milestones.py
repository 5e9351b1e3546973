"""A milestone is one form: its files among the details, one save; what is odd about its dates is said; addresses are links."""

from datetime import date, timedelta

import pytest
from person import Person
from playwright.sync_api import expect

SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def text_file(name, text):
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


@pytest.fixture()
def cohort(demo, request):
    """A cohort of the test's own, without milestones. Where students have worked in it, it is archived afterwards."""
    token = demo.token("admin")
    _, categories = demo.call("GET", "/categories", token=token)
    _, made = demo.call(
        "POST", f"/categories/{categories['items'][0]['id']}/cohorts", {"name": request.node.name.replace("_", " ")}, token=token
    )
    yield made["id"]
    _, milestones = demo.call("GET", f"/cohorts/{made['id']}/milestones", token=token)
    for item in milestones["items"]:
        demo.call("DELETE", f"/milestones/{item['id']}", token=token)
    if demo.call("DELETE", f"/cohorts/{made['id']}", token=token)[0] != 204:
        assert demo.call("PATCH", f"/cohorts/{made['id']}", {"archived": True}, token=token)[0] == 200


@SCRIPT
def test_details_and_files_are_saved_at_once(cohort, page_of, javascript):
    admin = Person(page_of("admin", f"/cohorts/{cohort}/milestones", javascript=javascript))
    admin.press("Custom Milestone")
    form = admin.region("Milestone details")
    admin.fill("Title", "Meet your advisor")
    admin.fill("Description", "Book at https://example.edu/book.")
    admin.field("Attach files").set_input_files([text_file("one.txt", "1"), text_file("two.txt", "22")])
    admin.press("Save Milestone")
    admin.is_told("Saved: Meet your advisor")
    for name in ["one.txt", "two.txt"]:
        expect(form.get_by_role("link", name=name)).to_be_visible()
    # everything stands before the button that saves it
    order = form.locator("#title, #description, #files, button.primary").evaluate_all("all => all.map(one => one.id)")
    assert order == ["title", "description", "files", ""]

    # a tick can be taken back; with it and the save the file is gone
    admin.field("Remove on save: one.txt").check()
    admin.field("Remove on save: two.txt").check()
    admin.field("Remove on save: two.txt").uncheck()
    admin.fill("Title", "Meet them")
    admin.page.get_by_label("Attach files").set_input_files(text_file("three.txt", "333"))
    admin.press("Save Milestone")
    admin.is_told("Saved: Meet them")
    expect(form.get_by_role("link", name="one.txt")).to_have_count(0)
    for name in ["two.txt", "three.txt"]:
        expect(form.get_by_role("link", name=name)).to_be_visible()


@SCRIPT
def test_a_refused_file_loses_nothing_that_was_typed(cohort, page_of, open_page, javascript):
    admin = Person(page_of("admin", f"/cohorts/{cohort}/milestones", javascript=javascript))
    admin.press("Custom Milestone")
    admin.fill("Title", "Typed and kept")
    admin.fill("Description", "A long thought")
    admin.field("Attach files").set_input_files([text_file("empty.txt", ""), text_file("good.txt", "good")])
    admin.press("Save Milestone")
    admin.mends(("“empty.txt”", "is empty."))
    expect(admin.field("Title")).to_have_value("Typed and kept")
    expect(admin.field("Description")).to_have_value("A long thought")
    admin.sees("The files you chose were not stored.")
    admin.sees("draft")
    admin.field("Attach files").set_input_files(text_file("good.txt", "good"))
    admin.press("Save Milestone")
    admin.is_told("Saved: Typed and kept")
    expect(admin.page.get_by_role("link", name="good.txt")).to_be_visible()
    admin.sees_no("draft")
    open_page.complaints.clear()  # the script was told 422, which it showed


def test_odd_dates_are_said_while_they_are_chosen(cohort, page_of):
    admin = Person(page_of("admin", f"/cohorts/{cohort}/milestones"))
    admin.press("Custom Milestone")
    none, past, late = "Without a due date no reminder", "This day is past", "Their day is past"
    expect(admin.page.get_by_text(none)).to_be_hidden()
    admin.field("1 week").check()
    expect(admin.page.get_by_text(none)).to_be_visible()
    admin.fill("Due date", (date.today() - timedelta(days=3)).isoformat())
    expect(admin.page.get_by_text(none)).to_be_hidden()
    expect(admin.page.get_by_text(past)).to_be_visible()
    admin.fill("Due date", (date.today() + timedelta(days=3)).isoformat())
    expect(admin.page.get_by_text(past)).to_be_hidden()
    expect(admin.page.get_by_text(late)).to_have_text(f"{late}, so these reminders do not go out: 1 week")
    admin.fill("Due date", (date.today() + timedelta(days=60)).isoformat())
    expect(admin.page.get_by_text(late)).to_be_hidden()


def test_odd_dates_are_said_after_saving_without_script(cohort, page_of):
    admin = Person(page_of("admin", f"/cohorts/{cohort}/milestones", javascript=False))
    admin.press("Custom Milestone")
    admin.fill("Due date", (date.today() - timedelta(days=3)).isoformat())
    admin.press("Save Milestone")
    admin.is_told("Saved: New Milestone. Look at the dates once more.")
    expect(admin.page.get_by_text("This day is past")).to_be_visible()


def test_addresses_in_a_description_are_links(cohort, page_of, demo):
    token = demo.token("admin")
    text = "Book at https://example.edu/book?a=1&b=2, or write to advising@example.edu. <b>No markup</b>"
    demo.call("POST", f"/cohorts/{cohort}/milestones", {"title": "Linked", "description": text}, token=token)
    page = page_of("admin", f"/cohorts/{cohort}/preview")
    described = page.locator("p.prose").filter(has_text="Book at").first
    expect(described).to_have_text(text)
    links = described.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://example.edu/book?a=1&b=2", "mailto:advising@example.edu",
    ]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}


@SCRIPT
def test_a_milestone_with_work_is_retired_and_brought_back(cohort, page_of, demo, javascript):
    token = demo.token("admin")
    _, students = demo.call("GET", "/accounts?role=student&limit=1", token=token)
    student = students["items"][0]
    demo.call("POST", f"/cohorts/{cohort}/students", {"email": student["email"]}, token=token)
    _, made = demo.call("POST", f"/cohorts/{cohort}/milestones", {"title": "Worked on"}, token=token)
    demo.call("POST", f"/milestones/{made['id']}/progress/{student['id']}/complete", {}, token=token)
    admin = Person(page_of("admin", f"/cohorts/{cohort}/milestones", javascript=javascript))
    admin.region("Assigned Milestones").get_by_role("link").filter(has_text="Worked on").click()
    admin.sees_no("Delete milestone")
    admin.unfold("Retire milestone")
    admin.press("Retire milestone")
    admin.is_told("Retired: Worked on")
    admin.sees("This milestone is retired")
    admin.sees("No milestones yet.")

    # found again in the folded list, from the tab
    admin.tab("Milestones")
    admin.unfold("Retired (1)")
    admin.region("Assigned Milestones").get_by_role("link").filter(has_text="Worked on").click()
    admin.unfold("Bring this milestone back")
    admin.press("Bring this milestone back")
    admin.is_told("Brought back: Worked on")
    expect(admin.field("Title")).to_have_value("Worked on")
