"""What holds on every page: signing in and out, the bare domain, both institutions, and that the tests would notice."""

import re

from conftest import sign_in
from person import Person
from playwright.sync_api import expect


def test_a_broken_policy_and_a_missing_part_are_noticed(open_page, demo):
    page = open_page()
    page.goto(demo.address())
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.evaluate("fetch('/nothing-here')")
    page.wait_for_timeout(300)
    assert any("Content Security Policy" in line for line in open_page.complaints)
    assert any(line.startswith("404 ") for line in open_page.complaints)
    open_page.complaints.clear()


def test_sign_in_and_out(open_page, demo):
    page = open_page()
    sign_in(page, demo, "staff")
    expect(page.get_by_role("heading", level=1)).to_have_text("My queue")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back()
    page.goto(demo.address() + "/queue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_each_role_starts_where_its_work_is(page_of):
    for role, heading in [
        ("admin", "Overview"), ("director", "Overview"), ("manager", "Overview"), ("staff", "My queue"),
        ("student", re.compile("Hello")),
    ]:
        expect(page_of(role).get_by_role("heading", level=1)).to_have_text(heading)


def test_the_bare_domain_asks_for_the_institution(open_page, demo):
    person = Person(open_page())
    port = demo.url.rsplit(":", 1)[1]
    person.page.goto(f"https://localhost:{port}/")
    person.sees_heading("Choose your institution")
    label = "Your institution's name in its address"
    person.fill(label, "nowhere")
    person.press("Go to sign-in")
    expect(person.page.get_by_role("alert")).to_contain_text("There is no institution of this name here")
    expect(person.field(label)).to_have_value("nowhere")
    person.fill(label, "Lakeside")
    person.press("Go to sign-in")
    person.sees_heading("Sign in")
    assert person.page.url.startswith(demo.address("lakeside"))


def test_two_institutions_in_one_browser_know_nothing_of_each_other(open_page, demo):
    person = Person(open_page())
    sign_in(person.page, demo, "staff", "northfield")
    expect(person.page).to_have_title("My queue · Northfield College")
    person.page.goto(demo.address("lakeside") + "/queue")
    person.sees_heading("Sign in")
    sign_in(person.page, demo, "staff", "lakeside")
    expect(person.page).to_have_title("My queue · Lakeside University")
    person.page.goto(demo.address("northfield") + "/queue")
    expect(person.page).to_have_title("My queue · Northfield College")
    person.press("Sign out")
    person.page.goto(demo.address("lakeside") + "/queue")
    expect(person.page).to_have_title("My queue · Lakeside University")


def test_every_entry_of_the_navigation_opens(page_of):
    for role in ["admin", "director", "manager", "staff"]:
        person = Person(page_of(role))
        entries = person.page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
        for entry in (re.split(r"\s+\d", entry)[0] for entry in entries):  # without what it counts
            person.menu(entry)
            current = person.page.get_by_role("navigation", name="Main").locator("[aria-current=page]")
            expect(current).to_contain_text(entry)
        assert len(entries) >= 5


def test_the_navigation_folds_into_a_button_where_it_is_narrow(page_of):
    person = Person(page_of("staff", width=360, height=740))
    expect(person.page.get_by_role("link", name="Students", exact=True)).to_have_count(0)
    person.page.locator("summary").filter(has_text="Menu").click()
    person.page.get_by_role("link", name="Students", exact=True).click()
    person.sees_heading("Students")
