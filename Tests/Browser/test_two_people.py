"""Two people at one computer, and two at the same work."""

import re

import pytest
from conftest import sign_in
from person import Person, whole
from playwright.sync_api import expect
from test_forms import end_session, sign_in_again


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_one_had_typed_is_not_offered_to_the_next(open_page, demo, javascript):
    first = Person(open_page(javascript=javascript))
    sign_in(first.page, demo, "staff")
    first.page.goto(demo.address() + "/card")
    first.fill("Office hours", "Typed by the first")
    end_session(first, demo)
    first.press("Save")
    first.is_told("Your sign-in has ended.")
    sign_in_again(first, demo, "manager")
    first.sees_heading("You are signed in")
    first.sees("It was dropped, and nothing was sent.")
    first.sees_no("Typed by the first")
    first.page.goto(demo.address() + "/card")
    first.sees_heading("My card")
    assert "Typed by the first" not in first.page.content()


def test_a_form_of_an_earlier_sign_in_says_so_and_keeps_the_text(open_page, demo):
    first = Person(open_page())
    sign_in(first.page, demo, "staff")
    first.page.goto(demo.address() + "/card")
    before = first.field("Office hours").input_value()
    first.fill("Office hours", "Monday & Friday")
    second = Person(first.page.context.new_page())
    second.page.goto(demo.address() + "/directory")
    second.press("Sign out")
    sign_in_again(second, demo, "staff")
    second.sees_heading("My queue")
    first.press("Save")
    first.sees_heading("This form is from an earlier sign-in")
    expect(first.field("Hours")).to_have_value("Monday & Friday")
    first.press("Send it now")
    first.is_told("Saved: My card")
    expect(first.field("Office hours")).to_have_value("Monday & Friday")
    first.fill("Office hours", before)
    first.press("Save")
    first.is_told("Saved: My card")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_is_named_like_a_password_is_never_kept(open_page, demo, javascript):
    secret = "nobody-else-may-read-this"
    admin = Person(open_page(javascript=javascript))
    sign_in(admin.page, demo, "admin")

    def type_a_secret(window):
        window.page.goto(demo.address() + "/settings/roster-source")
        window.fill("Base address", "https://sis.example.edu/kept")
        window.fill("Client secret", secret)

    def is_given_back_without(window, heading):
        window.sees_heading(heading)
        expect(window.region("What you had typed").get_by_label("Base address")).to_have_value("https://sis.example.edu/kept")
        expect(window.page.locator("input[name=baseUrl]")).to_have_value("https://sis.example.edu/kept")
        assert secret not in window.page.content()

    # after the end of a sign-in
    type_a_secret(admin)
    end_session(admin, demo)
    admin.press("Save")
    admin.is_told("Your sign-in has ended.")
    assert secret not in admin.page.content()
    sign_in_again(admin, demo, "admin")
    is_given_back_without(admin, "Welcome back")

    # in a later sign-in
    type_a_secret(admin)
    other = Person(admin.page.context.new_page())
    other.page.goto(demo.address() + "/directory")
    other.press("Sign out")
    sign_in_again(other, demo, "admin")
    other.page.wait_for_url(lambda url: "/sign-in" not in url)
    admin.press("Save")
    is_given_back_without(admin, "This form is from an earlier sign-in")

    # where there is nothing else, nothing is kept
    admin.page.goto(demo.address() + "/account")
    admin.fill("Current password", secret)
    admin.fill("New password", secret + " either")
    end_session(admin, demo)
    admin.press("Change password")
    admin.is_told("Your sign-in has ended.")
    assert secret not in admin.page.content()
    sign_in_again(admin, demo, "admin")
    admin.page.wait_for_url(lambda url: "/account" not in url)
    assert secret not in admin.page.content()



def test_a_decision_from_an_older_page_is_not_taken(page_of, demo):
    staff = Person(page_of("staff"))
    staff.sees_heading("My queue")
    requests = staff.page.get_by_role("table", name="Completion requests")
    box = requests.get_by_role("checkbox", name=re.compile("^Select: ")).first
    what = re.sub(r"^Select: ", "", box.get_attribute("aria-label"))
    milestone, student, _ = box.get_attribute("value").split("-")
    staff.follow(f"Return or waive: {what}")
    staff.page.get_by_role("textbox", name=whole(f"Comment: {what}")).fill("Because of the move.")
    status, _ = demo.call(
        "POST", f"/milestones/{milestone}/progress/{student}/return", {"comment": "Please sign it."},
        demo.token("admin"),
    )
    assert status == 200
    staff.press("Waive", requests)
    staff.sees("is now “returned”, by")
    expect(staff.field("Comment").first).to_have_value("Because of the move.")
    expect(staff.page.get_by_role("button", name=whole(f"Approve: {what}"))).to_have_count(0)


def open_both(page_of, path):
    return Person(page_of("admin", path)), Person(page_of("admin", path, width=360))


def is_told_of_a_change(person):
    expect(person.page.get_by_role("alert")).to_contain_text("This has changed since you opened the page")


def says_stored(person, label, text):
    """What is stored now stands at the field, and belongs to it for who cannot see it."""
    field = person.field(label)
    [note] = [part for part in field.get_attribute("aria-describedby").split() if part.endswith("-stored")]
    expect(person.page.locator(f"#{note}")).to_have_text(f"Now stored: {text}")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_second_to_save_a_card_is_told(page_of, javascript):
    first = Person(page_of("admin", "/card", javascript=javascript))
    second = Person(page_of("admin", "/card", javascript=javascript, width=360))
    before = {label: first.field(label).input_value() for label in ("Office hours", "About")}
    first.fill("Office hours", "Monday <9> & later")
    first.press("Save")
    first.is_told("Saved: My card")
    second.fill("About", "I answer\nwithin a day.")
    second.press("Save")
    is_told_of_a_change(second)
    says_stored(second, "Office hours", "Monday <9> & later")
    expect(second.field("About")).to_have_value("I answer\nwithin a day.")
    expect(second.field("Office hours")).to_have_value(before["Office hours"])
    assert second.field("Phone").get_attribute("aria-describedby") is None
    second.fill("Office hours", "Monday <9> & later")
    second.press("Save")
    second.is_told("Saved: My card")
    first.page.goto(first.page.url)
    expect(first.field("About")).to_have_value("I answer\nwithin a day.")
    expect(first.field("Office hours")).to_have_value("Monday <9> & later")
    for label, text in before.items():
        first.fill(label, text)
    first.press("Save")
    first.is_told("Saved: My card")


def test_a_milestone_changed_and_deleted_by_two(page_of):
    first = Person(page_of("admin", "/cohorts"))
    first.follow("Winter Sports")
    first.tab("Milestones")
    first.press("Custom Milestone")
    first.fill("Title", "For two")
    first.press("Save Milestone")
    first.is_told("Saved: For two")
    path = re.sub(r"^https://[^/]*|\?.*", "", first.page.url)
    second = Person(page_of("admin", path, width=360))
    first.fill("Due date", "2027-03-01")
    first.field("1 day").check()
    first.press("Save Milestone")
    first.is_told("Saved: For two")
    second.fill("Title", "By the second")
    second.press("Save Milestone")
    is_told_of_a_change(second)
    expect(second.page.get_by_role("alert")).to_be_focused()
    expect(second.field("Title")).to_have_value("By the second")
    says_stored(second, "Title", "For two")
    says_stored(second, "Due date", "March 1, 2027")
    expect(second.page.get_by_role("group", name="Remind students before the due date")).to_have_accessible_description(
        "Now stored: 1 day")
    second.press("Save Milestone")
    second.is_told("Saved: By the second")
    # the first still has the page that the second has changed
    first.unfold("Delete milestone")
    first.press("Delete milestone")
    is_told_of_a_change(first)
    expect(first.field("Title")).to_have_value("By the second")
    first.press("Delete milestone")
    first.is_told("Deleted: By the second")


def test_settings_saved_by_two(page_of):
    first, second = open_both(page_of, "/settings")
    name = first.field("Institution name").input_value()
    first.fill("Institution name", "Northfield & Sons")
    first.press("Update")
    first.is_told("Saved.")
    second.press("Update")
    is_told_of_a_change(second)
    says_stored(second, "Institution name", "Northfield & Sons")
    expect(second.field("Institution name")).to_have_value(name)
    second.press("Update")
    second.is_told("Saved.")
    first.page.goto(first.page.url)
    expect(first.field("Institution name")).to_have_value(name)
