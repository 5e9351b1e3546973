"""What holds on every page: signing in and out, the bare domain, both institutions, and that the tests would notice."""

import re

from conftest import sign_in
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
