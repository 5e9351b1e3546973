"""The ten steps, as an admin walks them in the browser from an empty institution, and what the student then sees.

The same walk with script and without: every page must work both ways."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import fill_in, sign_in
from person import Person, whole
from playwright.sync_api import expect

STUDENTS = """email,given_name,family_name,student_number
ana.torres@northfield.example,Ana,Torres,N1
ben.carter@northfield.example,Ben,Carter,N2
not an address,Chi,Nguyen,N3
dora.lind@northfield.example,,,N4
"""
DUE = date.today() + timedelta(days=10)


def days_until(day, demo):
    """Counted where the institution is: there it may be another day than here."""
    _, settings = demo.call("GET", "/settings", token=demo.token("admin"))
    return (day - datetime.now(ZoneInfo(settings["timeZone"])).date()).days


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_ten_steps(empty, open_page, javascript):
    admin = Person(open_page(javascript=javascript))
    sign_in(admin.page, empty, "admin")
    admin.sees_heading("Set-up guide")
    admin.sees("0 of 12 steps done")

    support_group(admin)
    import_students(admin)
    admin.menu("Set-up guide")
    admin.sees("2 of 12 steps done")

    cohort(admin)
    add_students(admin)
    milestone(admin)
    attach_groups(admin)
    link = invitation(admin, "Ana Torres")

    student = Person(open_page(javascript=javascript))
    accept(student, link)
    before_the_switch(student, empty.address())
    switch_on(admin)
    dashboard(student, days_until(DUE, empty))


def support_group(admin):
    admin.menu("Departments")
    admin.fill("Department name", "Advising")
    admin.press("Add department")
    admin.is_told("Created.")

    admin.menu("People")
    admin.follow("Add person")
    admin.fill("E-mail address", "amara.osei@northfield.example")
    admin.fill("Given name", "Amara")
    admin.fill("Family name", "Osei")
    admin.field("Role").select_option(label="Staff")
    admin.press("Add person")
    admin.is_told("Created.")

    admin.menu("Groups")
    admin.follow("Add group", admin.region("Groups"))
    admin.fill("Name", "First-Year Advisors")
    admin.field("Department").select_option(label="Advising")
    admin.press("Add group")
    admin.is_told("Created.")
    admin.sees_heading("First-Year Advisors")
    admin.sees("Nobody belongs to this group yet")
    admin.fill("Name or e-mail address", "amara")
    admin.press("Search")
    admin.press("Add: Amara Osei")
    admin.is_told("Added.")
    admin.sees("Some members have no published card")

    admin.follow("missing card: Amara Osei")
    admin.sees_heading("Card of Amara Osei")
    admin.fill("Title", "Academic Advisor")
    admin.fill("Office", "Alder Hall 12")
    admin.fill("Booking link", "https://calendar.example/amara")
    admin.field("Published").check()
    admin.press("Save")
    admin.is_told("Saved: Card of Amara Osei")
    admin.sees("Academic Advisor · Alder Hall 12")


def import_students(admin):
    admin.menu("Import people")
    admin.choose_file("CSV file", "students.csv", STUDENTS)
    admin.press("Check the file")
    report = admin.region("What would happen")
    admin.sees("2 would be added", report)
    admin.sees("2 cannot be used", report)
    rejected = admin.page.get_by_role("table", name="Rows that cannot be used")
    expect(rejected.get_by_role("row")).to_have_count(3)

    admin.press("Store 2 rows")
    left = admin.region("The other rows are stored")
    repair = admin.field("Repair these rows and check them again", left)
    expect(repair).to_have_value(
        "email,given_name,family_name,student_number\n"
        "not an address,Chi,Nguyen,N3\ndora.lind@northfield.example,,,N4"
    )
    repair.fill(
        repair.input_value().replace("not an address", "chi.nguyen@northfield.example").replace(",,,N4", ",Dora,Lind,N4")
    )
    admin.press("Check the file", left)
    admin.sees("2 would be added")
    admin.sees("0 cannot be used")
    admin.press("Store 2 rows")
    admin.is_told("The file was imported.")
    for name in ["Ana Torres", "Ben Carter", "Chi Nguyen", "Dora Lind"]:
        admin.sees(name)


def cohort(admin):
    admin.menu("Cohorts")
    admin.sees("No cohorts yet")
    admin.follow("Create Category")
    admin.fill("Category name", "First-Year Students")
    admin.press("Create Category")
    admin.is_told("Created.")
    admin.follow("+Add Cohort: First-Year Students")
    admin.fill("Cohort name", "Fall 2026")
    admin.fill("Planned number of milestones", "3")
    admin.press("Add Cohort")
    admin.is_told("Created.")
    admin.sees_heading("Fall 2026")

    admin.tab("Details")
    expect(admin.field("Planned number of milestones")).to_have_value("3")
    admin.fill("Goal", "Every first-year has a plan and someone to ask.")
    admin.press("Save")
    admin.is_told("Saved.")
    expect(admin.field("Goal")).to_have_value("Every first-year has a plan and someone to ask.")


def add_students(admin):
    admin.tab("Add Students")
    admin.fill("Student's e-mail address", "nobody@northfield.example")
    admin.press("Add Student")
    admin.mends(("E-mail address", "belongs to nobody here"))
    expect(admin.field("Student's e-mail address")).to_have_value("nobody@northfield.example")
    admin.fill("Student's e-mail address", "ana.torres@northfield.example")
    admin.press("Add Student")
    admin.is_told("Added.")

    admin.choose_file(
        "CSV file", "fall.csv",
        "email\nana.torres@northfield.example\nben.carter@northfield.example\nchi.nguyen@northfield.exampl\n",
    )
    admin.press("Check the file")
    report = admin.region("What would happen")
    admin.sees("1 would be added", report)
    admin.sees("1 stays as it is", report)
    admin.sees("unknown address", report)
    admin.press("Store 1 row")
    left = admin.region("The other rows are stored")
    repair = admin.field("Repair these rows and check them again", left)
    expect(repair).to_have_value("email\nchi.nguyen@northfield.exampl")
    repair.fill(repair.input_value() + "e")
    admin.press("Check the file", left)
    admin.press("Store 1 row")
    admin.is_told("The file was imported.")
    admin.tab("Students")
    students = admin.page.get_by_role("table", name="Students")
    expect(students.get_by_role("row")).to_have_count(4)

    ben = admin.row("Ben Carter")
    admin.unfold("Remove: Ben Carter", ben)
    admin.press("Remove", ben)
    admin.is_told("Removed.")
    expect(students.get_by_role("row")).to_have_count(3)


def milestone(admin):
    admin.tab("Milestones")
    admin.press("Custom Milestone")
    admin.tab("Milestones")
    assigned = admin.region("Assigned Milestones")
    assigned.get_by_role("link", name="New Milestone").click()
    admin.fill("Title", "Meet your advisor")
    admin.fill("Due date", DUE.isoformat())
    admin.fill("Description", "Book half an hour and bring your questions.")
    admin.field("1 day").check()
    admin.field("1 week").check()
    admin.choose_file("Attach files", "questions to bring.txt", "What do you want from this year?\n", "text/plain")
    admin.press("Save Milestone")
    admin.is_told("Saved: Meet your advisor")
    expect(assigned.get_by_role("link", name="Meet your advisor")).to_be_visible()
    admin.sees_no("draft")
    expect(admin.field("Due date")).to_have_value(DUE.isoformat())
    expect(admin.field("1 week")).to_be_checked()
    expect(admin.field("30 days")).not_to_be_checked()
    expect(admin.page.get_by_role("link", name="questions to bring.txt")).to_be_visible()


def attach_groups(admin):
    admin.tab("Attach Student Support Groups")
    admin.fill("Search groups", "advis")
    admin.press("Search")
    attach(admin)
    group = admin.region("First-Year Advisors")
    admin.sees("Amara Osei", group)
    admin.unfold("Detach: First-Year Advisors", group)
    admin.press("Detach", group)
    admin.is_told("Detached from the cohort.")
    admin.sees("No support group attached yet")
    admin.tab("Attach Student Support Groups")
    attach(admin)


def attach(admin):
    admin.page.get_by_role("radio", name=re.compile("First-Year Advisors")).check()
    admin.press("Attach to Cohort")
    admin.is_told("Attached to the cohort.")


def invitation(admin, name):
    admin.menu("People")
    admin.follow(name)
    admin.press("Make invitation link")
    return admin.field("Invitation link").input_value()


def accept(student, link):
    student.page.goto(link)
    student.sees_heading("Choose your password")
    student.fill("Password", "seven green lanterns")
    student.press("Set password")
    student.is_told("Your password is set.")
    fill_in(student.page, "ana.torres@northfield.example", "seven green lanterns")


def before_the_switch(student, address):
    student.sees_heading("Support directory")
    student.sees("Amara Osei")
    student.page.goto(address + "/dashboard")
    student.sees_heading("Nothing here")


def switch_on(admin):
    admin.menu("Admin Settings")
    admin.field("Case Management System Student Visibility").select_option(label="Enabled")
    admin.press("Update")
    admin.sees("2 students will see their dashboard from now on")
    admin.press("Enable for 2 students")
    admin.is_told("Students see their dashboard now.")
    admin.sees_heading("Set-up guide")
    admin.sees("2 students see this now.")


def dashboard(student, days):
    student.follow("Northfield College")
    student.sees_heading("Hello Ana")
    student.sees("0 of 1 milestones done.")
    item = student.page.get_by_role("listitem").filter(has_text="Meet your advisor")
    student.sees(re.compile(rf"\bin {days} days"), item)
    student.sees("Book half an hour and bring your questions.", item)
    with student.page.expect_download() as download:
        student.follow("questions to bring.txt", item)
    assert download.value.suggested_filename == "questions to bring.txt"
    assert download.value.path().read_text() == "What do you want from this year?\n"
    network = student.region("People who can help")
    student.sees("Amara Osei", network)
    student.sees("Academic Advisor", network)
    expect(network.get_by_role("link", name=whole("Book a meeting: Amara Osei"))).to_have_attribute(
        "href", "https://calendar.example/amara"
    )
