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
    first.is_told("Saved.")
    expect(first.field("Office hours")).to_have_value("Monday & Friday")
    first.fill("Office hours", before)
    first.press("Save")
    first.is_told("Saved.")


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
