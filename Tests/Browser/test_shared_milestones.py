"""A milestone in two cohorts: shared on its page, seen once by the student, done once."""

from datetime import date, timedelta

import pytest
from person import Person
from playwright.sync_api import expect

SLUG = "lakeside"


@pytest.fixture()
def cohorts(demo):
    """Two cohorts of the test's own with the shown student, archived afterwards; the first has a milestone."""
    token, student = demo.token("admin", SLUG), demo.account("student", SLUG)

    def call(method, path, data=None):
        status, answer = demo.call(method, path, data, token=token, slug=SLUG)
        assert status < 300, (path, answer)
        return answer

    category = call("GET", "/categories")["items"][0]["id"]
    made = [call("POST", f"/categories/{category}/cohorts", {"name": name})["id"] for name in ("Early shift", "Late shift")]
    for cohort in made:
        call("POST", f"/cohorts/{cohort}/students", {"email": student["email"]})
    body = {"title": "Return the key", "dueOn": (date.today() + timedelta(days=4)).isoformat(), "completion": "student"}
    milestone = call("POST", f"/cohorts/{made[0]}/milestones", body)["id"]
    yield made, milestone, call
    for cohort in made:
        call("PATCH", f"/cohorts/{cohort}", {"archived": True})


def test_an_admin_shares_a_milestone_and_a_student_does_it_once(demo, cohorts, page_of):
    (first, second), milestone, call = cohorts
    admin = Person(page_of("admin", f"/cohorts/{first}/milestones/{milestone}", slug=SLUG))
    admin.page.get_by_role("link", name="Share with other cohorts").click()
    admin.page.get_by_label("Late shift").check()
    admin.press("Share with other cohorts")
    expect(admin.page.locator("main")).to_contain_text("Shared with Late shift.")
    copy = next(one for one in call("GET", f"/cohorts/{second}/milestones")["items"])["id"]
    call("PATCH", f"/milestones/{copy}", {"dueOn": (date.today() + timedelta(days=1)).isoformat()})

    student = Person(page_of("student", "/dashboard", slug=SLUG))
    student.page.get_by_role("heading", name="Later").click()  # unfolds what others are due before
    heading = student.page.get_by_role("heading", name="Return the key")
    expect(heading).to_have_count(1)
    student.press("Mark as done", student.page.locator("[id^=milestone-]").filter(has=heading))
    student.is_told("Marked as done")
    account = call("GET", f"/cohorts/{first}/students")["items"][0]["id"]
    for one in (milestone, copy):
        assert call("GET", f"/milestones/{one}/progress/{account}")["progress"]["status"] == "completed"
