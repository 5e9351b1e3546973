"""Milestones copied from cohort to cohort, and a cohort rolled over to the next term."""

from datetime import date, timedelta

import pytest
from person import Person
from playwright.sync_api import expect

SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
# a Monday, and 40 weeks later a Saturday
FIRST = date(2031, 1, 6)
SATURDAY = date(2031, 10, 18)


@pytest.fixture()
def cohorts(demo, request):
    """A cohort with two milestones, one with a file, and one with a milestone of its own; archived afterwards."""
    token = demo.token("admin")

    def call(method, path, data=None, **more):
        status, answer = demo.call(method, path, data, token=token, **more)
        assert status < 300, (path, answer)
        return answer

    category = call("GET", "/categories")["items"][0]["id"]
    # words, for an endless one would be broken on the pages that others look at
    test, made = request.node.name.replace("_", " "), []
    for name in ("Source", "Target"):
        made.append(call("POST", f"/categories/{category}/cohorts", {"name": f"{name} of {test}"})["id"])
    for cohort, title, day in [(made[0], "Meet", FIRST), (made[0], "Plan", FIRST + timedelta(days=12)), (made[1], "Own", FIRST)]:
        call("POST", f"/cohorts/{cohort}/milestones", {"title": title, "dueOn": day.isoformat(), "reminders": [7]})
    yield (*made, f"of {test}", call)
    for cohort in call("GET", "/cohorts?limit=200")["items"]:
        if test in cohort["name"]:
            call("PATCH", f"/cohorts/{cohort['id']}", {"archived": True})


@SCRIPT
def test_an_admin_copies_some_milestones_to_new_dates(cohorts, page_of, javascript):
    _, target, name, call = cohorts
    admin = Person(page_of("admin", f"/cohorts/{target}/milestones", javascript=javascript))
    admin.follow("Copy milestones from another cohort")
    choice = admin.field("Copy from")
    choice.select_option(next(one for one in choice.locator("option").all_text_contents() if f"Source {name}" in one))
    admin.press("Show its milestones")
    admin.field("Plan").uncheck()
    admin.fill("Or: the first one is due on", SATURDAY.isoformat())
    admin.press("Preview")
    preview = admin.region("What will be made")
    expect(preview.get_by_role("row").filter(has_text="Meet")).to_contain_text("weekend")
    expect(preview.get_by_role("row").filter(has_text="Plan")).to_have_count(0)
    # what was chosen stands in the form still
    expect(admin.field("Plan")).not_to_be_checked()
    admin.press("Copy 1 milestone")
    admin.is_told("1 milestone was copied.")
    milestones = call("GET", f"/cohorts/{target}/milestones")["items"]
    assert {one["title"]: one["dueOn"] for one in milestones} == {"Own": FIRST.isoformat(), "Meet": SATURDAY.isoformat()}
    assert all(one["reminders"] == [7] for one in milestones)


@SCRIPT
def test_an_admin_rolls_a_cohort_over(cohorts, page_of, javascript):
    source, _, name, call = cohorts
    admin = Person(page_of("admin", f"/cohorts/{source}/details", javascript=javascript))
    admin.follow("Roll over to the next term")
    admin.fill("Cohort name", f"Source {name}")
    admin.fill("Move due dates by days", "364")
    admin.press("Preview")
    admin.sees("There is a cohort of that name in the category already.")
    admin.fill("Cohort name", f"Next {name}")
    admin.press("Preview")
    expect(admin.region("What will be made").get_by_role("row")).to_have_count(3)
    admin.press("Make the cohort")
    admin.sees_heading(f"Next {name}")
    admin.tab("Milestones")
    admin.sees("due Jan 5, 2032")


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_the_pages_fit_their_window(cohorts, page_of, width):
    source, target, _, _ = cohorts
    for path in (
        f"/cohorts/{target}/copy-milestones?fromCohortId={source}&firstDay={SATURDAY.isoformat()}",
        f"/cohorts/{source}/roll-over?name=New&groups=true&students=all&shiftDays=-9999",
        f"/cohorts/{source}/roll-over?name=New&groups=true&students=all&shiftDays=-3000",
    ):
        page = page_of("admin", path, width=width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
