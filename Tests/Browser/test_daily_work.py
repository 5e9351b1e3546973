"""What each role does day by day, in the browser, on the demo's people and work."""

import re

import pytest
from conftest import fill_in
from person import Person, whole
from playwright.sync_api import expect


# Staff


def requests_of(staff):
    return staff.page.get_by_role("table", name="Completion requests")


def subject(staff, number=0):
    """Whom and what a request is about, as its controls are named: `Ana Torres, Meet your advisor`."""
    box = requests_of(staff).get_by_role("checkbox", name=re.compile("^Select: ")).nth(number)
    return box.get_attribute("aria-label").removeprefix("Select: ")


def answer(staff, what, how, comment):
    """Answers with a comment, below the request's row."""
    staff.follow(f"Return or waive: {what}")
    staff.page.get_by_role("textbox", name=whole(f"Comment: {what}")).fill(comment)
    staff.press(how, requests_of(staff))


def named(what):
    """The same request as a message names it: `Meet your advisor, Ana Torres`."""
    return ", ".join(reversed(what.split(", ", 1)))


def initials(name):
    words = name.split()
    return words[0][0] + words[-1][0]


def is_answered(staff, what):
    expect(staff.page.get_by_role("button", name=whole(f"Approve: {what}"))).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_staff_answer_requests(page_of, javascript):
    staff = Person(page_of("staff", javascript=javascript))
    staff.sees_heading("My queue")

    what = subject(staff)
    staff.press(f"Approve: {what}")
    staff.is_told(f"Approved: {named(what)}")
    is_answered(staff, what)
    staff.press(f"Undo: {named(what)}")
    staff.is_told(f"Taken back: {named(what)}")
    expect(staff.page.get_by_role("button", name=whole(f"Approve: {what}"))).to_be_visible()

    what = subject(staff)
    student = what.split(", ", 1)[0]
    answer(staff, what, "Return", "Please add the date of the meeting.")
    staff.is_told(f"Sent back with your comment: {named(what)}")
    is_answered(staff, what)
    staff.menu("Students")
    staff.fill("Search students", student)
    staff.press("Search")
    staff.page.get_by_role("table", name="Students").get_by_role("link", name=whole(student)).click()
    staff.sees_heading(student)
    expect(staff.page.locator(".page-head .avatar")).to_have_text(initials(student))
    staff.sees("“Please add the date of the meeting.”")
    staff.sees("Why you can see this student")
    staff.sees("Support network")

    staff.menu("My queue")
    what = subject(staff)
    answer(staff, what, "Waive", "Took part last year.")
    staff.is_told(f"Waived: {named(what)}")
    is_answered(staff, what)

    several = [subject(staff, 0), subject(staff, 1)]
    for what in several:
        requests_of(staff).get_by_role("checkbox", name=whole(f"Select: {what}")).check()
    staff.press("Approve selected (2)" if javascript else "Approve selected")
    staff.is_told("pproved.")
    for what in several:
        is_answered(staff, what)


def test_staff_mark_and_reopen_on_a_students_page(page_of):
    staff = Person(page_of("staff", "/students"))
    staff.page.get_by_role("table", name="Students").get_by_role("rowheader").get_by_role("link").first.click()
    milestones = staff.region("Milestones").get_by_role("listitem")
    open_one = milestones.filter(has=staff.page.locator("summary")).first
    open_one.get_by_text("Answer or mark").click()
    staff.fill("Comment", "Seen in person.", open_one)
    open_one.get_by_role("button").first.click()
    staff.sees("“Seen in person.”")


def test_search_finds_while_typing(page_of, demo):
    token = demo.token("staff")
    _, mine = demo.call("GET", "/cohorts", token=token)
    _, students = demo.call("GET", f"/cohorts/{mine['items'][0]['id']}/students", token=token)
    one = students["items"][-1]
    staff = Person(page_of("staff", "/students"))
    staff.field("Search students").press_sequentially(one["email"][:12], delay=20)
    expect(staff.page.get_by_role("table", name="Students")).to_contain_text(one["studentNumber"])
    expect(staff.page).to_have_url(re.compile(r"[?&]q="))
    staff.fill("Search students", "nobody is called this")
    staff.sees("No student found")


# Manager and director


def test_a_manager_keeps_the_members_and_cards_of_the_own_group(page_of, demo):
    manager = Person(page_of("manager"))
    manager.sees_heading("Overview")
    manager.menu("Groups")
    manager.follow("Academic Advising")
    manager.sees_heading("Academic Advising")
    members = manager.page.get_by_role("table", name="Members")
    before = members.get_by_role("row").count()

    manager.fill("Name or e-mail address", "Counselor")
    manager.press("Search")
    manager.sees("Nobody else found")
    # of staff, for the cards of other managers and of directors are not a manager's
    token, group = demo.token("admin"), manager.page.url.split("?")[0].rsplit("/", 1)[1]
    known = {one["id"] for one in demo.call("GET", f"/groups/{group}/members?limit=200", token=token)[1]["items"]}
    staff = demo.call("GET", "/accounts?role=staff&status=active&limit=200", token=token)[1]["items"]
    manager.fill("Name or e-mail address", next(one["email"] for one in staff if one["id"] not in known))
    manager.press("Search")
    add = manager.page.get_by_role("button", name=re.compile("^Add ?: ")).first
    name = re.sub("^Add ?: ", "", add.inner_text().replace("\n", ""))
    add.click()
    manager.is_told("Added.")
    expect(members.get_by_role("row")).to_have_count(before + 1)
    manager.sees_no("Make manager")

    members.get_by_role("link", name=re.compile(f"{re.escape(name)}$")).click()
    manager.sees_heading(f"Card of {name}")
    office = manager.field("Office").input_value()
    manager.fill("Office", "Old Library 7")
    manager.press("Save")
    manager.is_told(f"Saved: Card of {name}")
    manager.sees("Old Library 7")
    manager.fill("Office", office)
    manager.press("Save")
    manager.is_told(f"Saved: Card of {name}")

    manager.menu("Groups")
    manager.follow("Academic Advising")
    manager.unfold(f"Remove: {name}")
    manager.press("Remove", manager.row(name))
    manager.is_told("Removed.")
    expect(members.get_by_role("row")).to_have_count(before)

    manager.menu("Groups")
    manager.follow("Counseling")
    manager.sees("The members of this group are kept by others.")


@pytest.mark.parametrize("role", ["manager", "director"])
def test_every_number_of_the_overview_leads_to_its_students(page_of, role):
    person = Person(page_of(role, "/overview"))
    cohorts = person.region("By cohort")
    overdue = cohorts.get_by_role("link", name=re.compile("^[1-9][0-9]* Overdue, ", re.I)).first
    overdue.click()
    students = person.page.get_by_role("table", name="Students").get_by_role("rowheader").get_by_role("link")
    name = students.first.inner_text()
    students.first.click()
    person.sees_heading(name)
    person.sees("Why you can see this student")


def test_a_director_keeps_the_groups_of_the_own_department(page_of):
    director = Person(page_of("director"))
    director.sees_heading("Overview")
    director.menu("Groups")
    director.follow("Add group")
    director.fill("Name", "Peer Mentors")
    department = director.field("Department")
    expect(department.get_by_role("option")).to_have_text(["No department", "Student Success"])
    department.select_option(label="Student Success")
    director.press("Add group")
    director.is_told("Created.")

    director.fill("Name or e-mail address", "e")
    director.press("Search")
    director.page.get_by_role("button", name=re.compile("^Add ?: ")).first.click()
    director.is_told("Added.")
    director.page.get_by_role("button", name=re.compile("^Make manager")).click()
    director.is_told("Saved.")
    director.sees("manager", director.page.get_by_role("table", name="Members"))
    director.page.locator("summary").filter(has_text=re.compile("^Remove")).click()
    director.press("Remove", director.page.get_by_role("table", name="Members"))
    director.is_told("Removed.")
    director.unfold("Delete this group")
    director.press("Delete this group")
    director.is_told("Deleted.")


# Student


def open_items(student):
    return student.page.get_by_role("listitem").filter(
        has=student.page.get_by_role("button", name="Tell them it is done")
    )


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_student_submits_withdraws_and_reads_the_answer(page_of, demo, javascript):
    student = Person(page_of("student", javascript=javascript))
    student.sees(re.compile("of .* milestones done"))
    place = open_items(student).first.get_attribute("id")  # two cohorts may have milestones of one title
    item = student.page.locator(f"#{place}")
    title = item.get_by_role("heading").inner_text()
    student.unfold("Add a note or files", item)
    student.fill("Note for your support team", "Met on Tuesday.", item)
    student.press("Tell them it is done", item)
    student.is_told(f"Sent: {title}.")
    waiting = student.region("Waiting for an answer")
    waiting.locator("summary").click()
    student.sees(title, waiting)
    student.press("Take it back", waiting.locator(f"#{place}"))
    student.is_told(f"Taken back: {title}")
    student.press("Tell them it is done", item)
    student.is_told(f"Sent: {title}.")

    admin = demo.token("admin")
    _, me = demo.call("GET", "/me", token=demo.token("student"))
    number = place.removeprefix("milestone-")
    status, _ = demo.call(
        "POST", f"/milestones/{number}/progress/{me['account']['id']}/return",
        {"comment": "Which <b>Tuesday</b>?"}, token=admin,
    )
    assert status == 200
    student.page.reload()
    student.sees("Which <b>Tuesday</b>?", item)


def test_a_student_opens_a_file_and_finds_somebody_to_ask(page_of):
    student = Person(page_of("student"))
    file = student.page.get_by_role("main").get_by_role("link", name=re.compile(r"\.(pdf|txt)$")).first
    with student.page.expect_download() as download:
        file.click()
    assert download.value.suggested_filename == file.inner_text()
    assert download.value.path().stat().st_size > 100
    contact = student.region("People who can help").get_by_role("link", name=re.compile("^(Book a meeting|Call)")).first
    assert re.match("https://|tel:", contact.get_attribute("href"))
    student.follow("Support directory")
    student.sees_heading("Support directory")
    name = student.page.get_by_role("main").get_by_role("listitem").first.locator("b").inner_text()
    student.fill("Find a person", name)
    student.press("Search")
    student.sees(name)


# Admin


def test_an_admin_adds_invites_and_suspends(page_of, open_page, demo):
    admin = Person(page_of("admin", "/accounts"))
    admin.follow("Add person")
    admin.fill("E-mail address", "noor.haddad@northfield.example")
    admin.fill("Given name", "Noor")
    admin.fill("Family name", "Haddad")
    admin.field("Role").select_option(label="Staff")
    admin.press("Add person")
    admin.is_told("Created.")
    admin.press("Make invitation link")
    link = admin.field("Invitation link").input_value()

    noor = Person(open_page())
    noor.page.goto(link)
    noor.fill("Password", "short")
    noor.page.get_by_label("Password").evaluate("field => field.removeAttribute('minlength')")
    noor.press("Set password")
    noor.mends(("Password", "at least 15 characters"))
    noor.fill("Password", "four quiet harbours")
    noor.press("Set password")
    noor.is_told("Your password is set.")
    fill_in(noor.page, "noor.haddad@northfield.example", "four quiet harbours")
    noor.sees_heading("My queue")
    again = Person(open_page())
    again.page.goto(link)
    again.sees_heading("This link was used or has ended")

    admin.page.reload()
    admin.menu("People")
    admin.fill("Find by name, e-mail address or student number", "noor")
    admin.press("Search")
    admin.follow("Noor Haddad")
    admin.field("Status").select_option(label="suspended")
    admin.press("Save")
    admin.is_told("Saved.")
    noor.menu("Students")
    noor.sees_heading("Sign in")
    noor.page.get_by_label("E-mail address").fill("noor.haddad@northfield.example")
    noor.page.get_by_label("Password").fill("four quiet harbours")
    noor.press("Sign in")
    expect(noor.page.get_by_role("alert")).to_contain_text("E-mail address or password is wrong.")

    admin.unfold("Delete this person")
    admin.press("Delete this person")
    admin.is_told("Deleted.")


def test_an_admin_makes_and_revokes_a_token(page_of, demo):
    admin = Person(page_of("admin", "/tokens"))
    admin.fill("Name", "Nightly import")
    admin.press("Make token")
    secret = admin.field("Token").input_value()
    assert demo.call("GET", "/cohorts", token=secret)[0] == 200
    assert demo.call("POST", "/categories", {"name": "x"}, token=secret)[0] == 403
    row = admin.row("Nightly import")
    admin.unfold("Revoke: Nightly import", row)
    admin.press("Revoke", row)
    admin.is_told("Revoked.")
    assert demo.call("GET", "/cohorts", token=secret)[0] == 401


def test_an_admin_changes_settings_and_reads_it_in_the_audit(page_of):
    admin = Person(page_of("admin", "/settings"))
    for name in ["Northfield College of Arts", "Northfield College"]:
        admin.fill("Institution name", name)
        admin.field("Directors and managers may edit cohorts linked to their departments and groups").check()
        admin.press("Update")
        admin.is_told("Saved.")
        expect(admin.page).to_have_title(f"Admin Settings · {name}")
    box = admin.field("Directors and managers may edit cohorts linked to their departments and groups")
    expect(box).to_be_checked()
    box.uncheck()
    admin.press("Update")
    admin.is_told("Saved.")
    expect(box).not_to_be_checked()

    admin.menu("Audit")
    entry = admin.page.get_by_role("table", name="Audit").get_by_role("row").filter(has_text="changed the settings").first
    admin.sees("Delegation of cohorts: Yes → No", entry)
