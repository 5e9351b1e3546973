"""The list of students as a caseload: sorted, narrowed, kept as a view, and chosen to do something with."""

import re

import pytest
from person import Person, whole
from playwright.sync_api import expect

SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def table(person):
    return person.page.get_by_role("table", name="Students")


def numbers(person, label):
    return [int(text) for text in table(person).locator(f"td[data-label='{label}']").all_inner_texts()]


@SCRIPT
def test_a_head_sorts_and_turns(page_of, javascript):
    staff = Person(page_of("staff", "/students", javascript=javascript))
    names = table(staff).get_by_role("rowheader").all_inner_texts()
    table(staff).get_by_role("columnheader", name="Overdue").get_by_role("link").click()
    head = table(staff).locator("th[aria-sort]")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(head).to_contain_text("Overdue")
    shown = numbers(staff, "Overdue")
    assert shown == sorted(shown, reverse=True) and shown[0] > 0
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    staff.follow("Student", table(staff))
    expect(table(staff).get_by_role("rowheader").first).to_have_text(re.compile(re.escape(names[0].split("\n")[0])))


def test_a_head_sorts_by_key(page_of):
    staff = Person(page_of("staff", "/students"))
    table(staff).get_by_role("columnheader", name="Waiting").get_by_role("link").focus()
    staff.page.keyboard.press("Enter")
    expect(table(staff).locator("th[aria-sort]")).to_contain_text("Waiting")


@SCRIPT
def test_a_view_is_kept_and_forgotten(page_of, javascript):
    staff = Person(page_of("staff", "/students", javascript=javascript))
    staff.page.get_by_label("Overdue", exact=True).check()
    staff.page.get_by_role("button", name="Search", exact=True).click()
    expect(staff.page).to_have_url(re.compile("overdue=true"))
    assert min(numbers(staff, "Overdue")) > 0
    name = f"Late ones {javascript}"
    staff.unfold("Save this view")
    staff.fill("Name of the view", name)
    staff.press("Save")
    staff.is_told(f"Saved: {name}")
    views = staff.page.get_by_role("navigation", name="Saved views")
    expect(views.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    staff.follow("Everybody", views)
    staff.follow(name, views)
    expect(staff.page).to_have_url(re.compile("overdue=true"))
    staff.unfold(f"Delete this view: {name}")
    staff.press("Delete this view")
    staff.is_told("Deleted.")


@SCRIPT
def test_addresses_of_the_chosen(page_of, javascript):
    staff = Person(page_of("staff", "/students", javascript=javascript))
    boxes = table(staff).get_by_role("checkbox", name=re.compile("^Select: "))
    for number in range(3):
        boxes.nth(number).check()
    staff.page.get_by_role("button", name=re.compile("^Copy e-mail addresses")).click()
    staff.sees_heading("Copy e-mail addresses")
    field = staff.page.get_by_role("textbox", name="Copy e-mail addresses")
    addresses = field.input_value().split(",\n")
    assert len(addresses) == 3 and all(re.fullmatch(r"\S+@\S+", address) for address in addresses)


def test_all_on_the_page_are_chosen_at_once(page_of):
    staff = Person(page_of("staff", "/students"))
    staff.page.get_by_role("checkbox", name="Select all that are shown").check()
    count = table(staff).get_by_role("checkbox", name=re.compile("^Select: ")).count()
    expect(staff.page.get_by_role("button", name=f"Copy e-mail addresses ({count})")).to_be_enabled()


@SCRIPT
def test_what_waits_of_the_chosen_is_approved_and_taken_back(page_of, javascript):
    staff = Person(page_of("staff", "/students?waiting=true", javascript=javascript))
    table(staff).get_by_role("checkbox", name=re.compile("^Select: ")).first.check()
    staff.page.get_by_role("button", name=re.compile("^Approve what waits")).click()
    staff.sees_heading("Approve what waits")
    staff.page.get_by_role("button", name=re.compile("^Approve selected")).click()
    expect(staff.page).to_have_url(re.compile("/students\\?waiting=true"))
    staff.sees_heading("Students")
    staff.page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(staff.page.get_by_role("status").or_(staff.page.locator(".notice"))).to_contain_text("aken back")


@SCRIPT
def test_an_admin_takes_the_chosen_into_a_cohort(page_of, javascript):
    admin = Person(page_of("admin", "/students", javascript=javascript))
    for number in range(2):
        table(admin).get_by_role("checkbox", name=re.compile("^Select: ")).nth(number).check()
    admin.unfold("Cohort of selected")
    admin.page.get_by_label("Cohort", exact=True).last.select_option(index=1)
    admin.page.get_by_role("button", name=re.compile("^Add to cohort")).click()
    expect(admin.page.get_by_text(re.compile("(was|were) added to the cohort"))).to_be_visible()


def test_the_file_is_what_is_shown(page_of):
    staff = Person(page_of("staff", "/students?waiting=true"))
    with staff.page.expect_download() as download:
        staff.follow("Download as CSV")
    text = open(download.value.path(), encoding="utf-8", newline="").read()
    assert text.startswith("Student,E-mail address,")
    shown = table(staff).get_by_role("rowheader").count()
    assert len(text.strip().split("\r\n")) - 1 >= shown
