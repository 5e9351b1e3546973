"""A calendar to subscribe to: its address is made on one's account, and a calendar program reads what stands in it."""

import ssl
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from conftest import Loopback
from icalendar import Calendar
from person import Person
from playwright.sync_api import expect

SLUG = "lakeside"
TITLE = "x" * 66 + "🎓 Abschluß, naïve; ok"
DESCRIPTION = "Bring: form A, form B; and \\ this.\nSecond line, 日本語, " + "é" * 200


def fetch(demo, url, tag=None):
    """As a calendar program does, without signing in: status, headers, body."""
    address = urlsplit(url)
    context = ssl.create_default_context(cafile=demo.certificate)
    connection = Loopback(address.hostname, address.port, timeout=60, context=context)
    try:
        connection.request("GET", address.path, headers={"If-None-Match": tag} if tag else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.fixture()
def cohort(demo, request):
    """A cohort of the test's own with the shown student and a milestone of a difficult title, archived afterwards."""
    token, student = demo.token("admin", SLUG), demo.account("student", SLUG)

    def call(method, path, data=None):
        status, answer = demo.call(method, path, data, token=token, slug=SLUG)
        assert status < 300, (path, answer)
        return answer

    category = call("GET", "/categories")["items"][0]["id"]
    made = call("POST", f"/categories/{category}/cohorts", {"name": request.node.name.replace("_", " ")})["id"]
    call("POST", f"/cohorts/{made}/students", {"email": student["email"]})
    due = date.today() + timedelta(days=40)
    call("POST", f"/cohorts/{made}/milestones", {"title": TITLE, "description": DESCRIPTION, "dueOn": due.isoformat()})
    yield made, due, call
    call("PATCH", f"/cohorts/{made}", {"archived": True})


def own_events(demo, url, ours=TITLE):
    status, headers, body = fetch(demo, url)
    assert status == 200 and headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = body.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines) and b"\n" not in b"".join(lines)
    calendar = Calendar.from_ical(body)
    assert calendar.errors == [] and all(event.errors == [] for event in calendar.walk("VEVENT"))
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def test_a_student_subscribes_and_sees_the_days(demo, cohort, page_of):
    _, due, _ = cohort
    student = Person(page_of("student", "/account", slug=SLUG))
    student.press("Make a calendar address")
    url = student.field("Calendar address").input_value()
    events = own_events(demo, url)
    event = events[TITLE]
    assert event.decoded("DTSTART") == due and event.decoded("DTEND") == due + timedelta(days=1)
    assert DESCRIPTION in str(event["DESCRIPTION"])
    assert event["TRANSP"] == "TRANSPARENT" and len({str(one["UID"]) for one in events.values()}) == len(events)
    # pollers are told that nothing has changed
    tag = fetch(demo, url)[1]["ETag"]
    assert fetch(demo, url, tag)[0] == 304
    # shown once; a new one takes the place of the old
    student.page.goto(demo.address(SLUG) + "/account")
    expect(student.page.get_by_label("Calendar address")).to_have_count(0)
    student.unfold("Make a new address")
    student.press("Make a new address")
    other = student.field("Calendar address").input_value()
    assert fetch(demo, url)[0] == 404 and fetch(demo, other)[0] == 200
    student.unfold("End the address")
    student.press("End the address")
    student.is_told("The calendar address no longer works.")
    assert fetch(demo, other)[0] == 404


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Honolulu"])
def test_days_are_those_of_the_institution_east_and_west(demo, cohort, zone):
    made, due, call = cohort
    before = call("GET", "/settings")["timeZone"]
    token = demo.token("student", SLUG)
    status, feed = demo.call("POST", "/calendar", token=token, slug=SLUG)
    assert status == 201
    call("POST", f"/cohorts/{made}/milestones", {"title": "After joining", "dueAfterDays": 3})
    try:
        call("PATCH", "/settings", {"timeZone": zone})
        student = demo.account("student", SLUG)
        enrolled = next(one for one in call("GET", f"/cohorts/{made}/students")["items"] if one["email"] == student["email"])
        call("DELETE", f"/cohorts/{made}/students/{enrolled['id']}")
        days = {datetime.now(ZoneInfo(zone)).date()}
        call("POST", f"/cohorts/{made}/students", {"email": student["email"]})
        days.add(datetime.now(ZoneInfo(zone)).date())
        events = own_events(demo, feed["url"])
        assert events[TITLE].decoded("DTSTART") == due, "a date is the same day everywhere"
        start = events["After joining"].decoded("DTSTART")
        assert type(start) is date and start - timedelta(days=3) in days
        board = demo.call("GET", "/dashboard", token=token, slug=SLUG)[1]
        told = {one["title"]: one["dueOn"] for one in board["milestones"]}
        assert told["After joining"] == start.isoformat()
    finally:
        call("PATCH", "/settings", {"timeZone": before})
        demo.call("DELETE", "/calendar", token=token, slug=SLUG)


def test_staff_see_how_many_and_not_who(demo):
    token = demo.token("staff")
    _, feed = demo.call("POST", "/calendar", token=token)
    try:
        events = own_events(demo, feed["url"])
        assert events and all(" to do)" in title for title in events)
        _, students = demo.call("GET", "/students", token=token)
        text = fetch(demo, feed["url"])[2].decode()
        assert not any(one["email"] in text for one in students.get("items", []))
    finally:
        demo.call("DELETE", "/calendar", token=token)


def test_the_account_says_it_in_spanish(demo, page_of):
    page = page_of("staff", "/account", language="es-ES")
    expect(page.get_by_role("button", name="Crear una dirección de calendario")).to_be_visible()
