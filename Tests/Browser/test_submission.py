"""Work sent with files, returned, sent again and approved; and what both inboxes tell of it."""

import re

from person import Person, whole
from playwright.sync_api import expect


def badge(person):
    """What stands behind the inbox's name in the navigation."""
    link = person.page.get_by_role("link", name=re.compile(r"^Inbox( \d+\+?)?$")).first
    expect(link).to_be_visible()
    return link.inner_text().removeprefix("Inbox").strip()


def test_a_file_goes_back_and_forth_and_both_inboxes_tell_it(page_of):
    student = Person(page_of("student"))
    item = student.page.get_by_role("listitem").filter(
        has=student.page.get_by_role("button", name="Tell them it is done")
    ).first
    place = item.get_attribute("id")
    item = student.page.locator(f"#{place}")
    title = item.get_by_role("heading").inner_text()
    student.unfold("Add a note or files", item)
    student.fill("Note for your support team", "The first version.", item)
    item.get_by_label("Files for your support team").set_input_files(
        [{"name": "essay.txt", "mimeType": "text/plain", "buffer": b"first"},
         {"name": "sources.txt", "mimeType": "text/plain", "buffer": b"books"}])
    student.press("Tell them it is done", item)
    student.is_told(f"Sent: {title}.")

    staff = Person(page_of("admin", "/inbox?unread=true"))
    name = student.page.get_by_role("link", name="Account").get_attribute("title")
    staff.follow(f"{name} asks for an answer: {title}")
    row = staff.page.get_by_role("listitem").filter(has=staff.page.get_by_role("heading", name=whole(title))).first
    staff.sees("“The first version.”", row)
    with staff.page.expect_download() as download:
        row.get_by_role("link", name="essay.txt").click()
    assert download.value.path().read_bytes() == b"first"
    row.locator("summary").click()
    staff.fill("Comment", "Please name your sources.", row)
    staff.press("Return", row)
    staff.is_told("Sent back with your comment")

    student.page.goto(student.page.url.split("?")[0].split("#")[0])
    assert int(badge(student)) > 0
    student.page.get_by_role("link", name=re.compile(r"^Inbox")).click()
    student.sees_heading("Inbox")
    student.sees("“Please name your sources.”")
    student.page.get_by_role("main").get_by_role("link", name=re.compile(f"sent {re.escape(title)} back to you")).first.click()
    expect(item).to_be_visible()
    row = item.locator("li").filter(has_text="sources.txt")
    row.get_by_label("Take away when sending").check()
    item.get_by_label("Files for your support team").set_input_files(
        {"name": "essay 2.txt", "mimeType": "text/plain", "buffer": b"second"})
    student.press("Tell them it is done", item)
    student.is_told(f"Sent: {title}.")

    staff.page.goto(staff.page.url.split("?")[0].split("#")[0])
    row = staff.page.get_by_role("listitem").filter(has=staff.page.get_by_role("heading", name=whole(title))).first
    expect(row.get_by_role("list", name="Files sent").get_by_role("link")).to_have_text(["essay 2.txt", "essay.txt"])
    row.locator("summary").click()
    staff.press("Approve", row)
    staff.is_told("Approved")

    student.page.goto(student.page.url.split("/dashboard")[0] + "/inbox")
    student.sees(re.compile(f"approved {re.escape(title)}"))
    student.press("Mark all as read")
    expect(student.page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    assert badge(student) == ""
