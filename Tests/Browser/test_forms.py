"""Forms that go wrong on the way: the sign-in ends while somebody types, a field is wrong, another page is opened."""

import re

import pytest
from conftest import sign_in
from person import Person
from playwright.sync_api import expect


def end_session(person, demo):
    """As an admin elsewhere, the clock or a second window would."""
    cookie = next(one for one in person.page.context.cookies() if one["name"].startswith("__Host-"))
    assert demo.call("DELETE", "/session", token=cookie["value"])[0] == 204


def sign_in_again(person, demo, role):
    account = demo.account(role)
    person.fill("E-mail address", account["email"])
    person.fill("Password", account["password"])
    person.press("Sign in")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_was_typed_survives_the_end_of_a_sign_in(open_page, demo, javascript):
    admin = Person(open_page(javascript=javascript))
    sign_in(admin.page, demo, "admin")
    admin.menu("Cohorts")
    admin.follow("Winter Sports")
    admin.tab("Milestones")
    admin.press("Custom Milestone")
    text = "Zeile eins: \"<ä> & 'ö'\"\n\nZeile drei % 100 + 1"
    admin.fill("Title", "Typed & kept")
    admin.fill("Description", text)
    admin.field("1 day").check()
    admin.field("2 weeks").check()
    end_session(admin, demo)
    admin.press("Save Milestone")
    admin.is_told("Your sign-in has ended.")
    admin.fill("E-mail address", demo.account("admin")["email"])
    admin.fill("Password", "this is wrong")
    admin.press("Sign in")
    expect(admin.page.get_by_role("alert")).to_contain_text("E-mail address or password is wrong.")
    sign_in_again(admin, demo, "admin")
    admin.sees_heading("Welcome back")
    admin.press("Send it now")
    admin.is_told("Saved: Typed & kept. Look at the dates once more.")
    expect(admin.field("Title")).to_have_value("Typed & kept")
    expect(admin.field("Description")).to_have_value(text)
    for reminder, chosen in [("1 day", True), ("2 days", False), ("2 weeks", True)]:
        expect(admin.field(reminder)).to_be_checked(checked=chosen)
    admin.unfold("Delete milestone")
    admin.press("Delete milestone")
    admin.is_told("Deleted: Typed & kept")


def test_a_page_asked_for_without_a_sign_in_comes_after_it(open_page, demo):
    staff = Person(open_page())
    staff.page.goto(demo.address() + "/students?q=an")
    staff.sees_heading("Sign in")
    sign_in_again(staff, demo, "staff")
    staff.sees_heading("Students")
    expect(staff.field("Search students")).to_have_value("an")


def test_a_form_with_mistakes_comes_back_as_it_was_typed(page_of):
    admin = Person(page_of("admin", "/accounts/new"))
    admin.fill("E-mail address", "no.dot@nowhere")
    admin.fill("Given name", "   ")
    admin.fill("Family name", "Ó Briain")
    admin.field("Role").select_option(label="Student")
    admin.fill("Student number", "N-77")
    admin.press("Add person")
    admin.mends(("E-mail address", "must be an e-mail address"), ("Given name", "must not be empty"))
    expect(admin.field("E-mail address")).to_have_value("no.dot@nowhere")
    expect(admin.field("Family name")).to_have_value("Ó Briain")
    expect(admin.field("Role")).to_have_value("student")
    expect(admin.field("Student number")).to_have_value("N-77")


def test_a_card_with_a_mistake_keeps_its_text_and_its_box(page_of):
    admin = Person(page_of("admin", "/card"))
    link = admin.field("Booking link").input_value()
    admin.fill("Booking link", "http://calendar.example/me")
    admin.fill("About", "I answer\nwithin a day.")
    was = admin.field("Published").is_checked()
    admin.field("Published").set_checked(not was)
    admin.press("Save")
    admin.mends(("Booking link", "https://"))
    expect(admin.field("About")).to_have_value("I answer\nwithin a day.")
    expect(admin.field("Published")).to_be_checked(checked=not was)
    assert link != "http://calendar.example/me"


def test_what_is_typed_and_not_sent_is_not_lost_without_a_question(page_of):
    admin = Person(page_of("admin", "/cohorts"))
    admin.follow("Winter Sports")
    admin.tab("Milestones")
    admin.region("Assigned Milestones").get_by_role("link").first.click()
    questions = []

    def stay(dialog):
        questions.append(dialog.type)
        dialog.dismiss()

    admin.page.on("dialog", stay)
    admin.fill("Description", "half a sentence")
    admin.menu("Cohorts")
    admin.page.wait_for_timeout(200)
    assert questions == ["beforeunload"]
    expect(admin.field("Description")).to_have_value("half a sentence")
    admin.page.remove_listener("dialog", stay)
    admin.page.on("dialog", lambda dialog: dialog.accept())
    admin.menu("Cohorts")
    admin.sees_heading("Cohorts")


def test_a_search_hides_no_cohort_behind_an_empty_category(page_of):
    admin = Person(page_of("admin", "/cohorts"))
    admin.fill("Search cohorts", "winter")
    admin.press("Search")
    admin.sees("Winter Sports")
    admin.sees_no("No cohort in this category yet.")
    admin.sees_no("Transfer Students")
    admin.fill("Search cohorts", "no such cohort")
    admin.press("Search")
    admin.sees("No cohort of that name")
