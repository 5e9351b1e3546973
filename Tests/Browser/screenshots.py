"""`make screenshots`: the main pages of each role into /screenshots, narrow and wide, light and dark; and those that the README
shows. Not a test."""

import re
from pathlib import Path

import pytest
from conftest import sign_in
from pages import ROLES

OUT = Path(__file__).resolve().parents[2] / "screenshots"
README = Path(__file__).resolve().parent / "pictures"
# Behind the colon: the page that the first such link leads to.
MAIN = {
    "admin": [
        "/setup", "/cohorts", "/cohorts:/cohorts/{n}/students", "/cohorts/1/progress", "/cohorts/1/add-students",
        "/cohorts/1/milestones", "/cohorts/1/milestones:/cohorts/{n}/milestones/{n}", "/cohorts/1/support-groups",
        "/cohorts/1/attach", "/cohorts/1/details", "/cohorts:/categories/{n}/cohorts/new", "/overview", "/accounts",
        "/accounts/new", "/accounts:/accounts/{n}", "/groups", "/groups:/groups/{n}", "/departments",
        "/departments:/departments/{n}", "/imports", "/settings", "/tokens", "/audit", "/nothing-here",
    ],
    "director": ["/overview", "/groups", "/groups:/groups/{n}"],
    "manager": ["/queue", "/overview", "/groups:/groups/{n}"],
    "staff": ["/queue", "/students", "/queue:/students/{n}", "/cohorts/1/progress", "/card", "/directory", "/settings"],
    "student": ["/dashboard", "/directory", "/nothing-here"],
}
EMPTY = ["/setup", "/cohorts", "/queue", "/students", "/overview", "/accounts", "/groups", "/departments", "/tokens"]


def shoot(page, name):
    OUT.mkdir(exist_ok=True)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png", full_page=True)


def go(page, address, path):
    start, _, wanted = path.partition(":")
    page.goto(address + start)
    if wanted:
        links = page.locator("main a").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
        pattern = re.compile(re.escape(wanted).replace(r"\{n\}", r"\d+") + "$")
        page.goto(address + next(link for link in links if link and pattern.match(link)))


@pytest.mark.parametrize(
    "name, role, path", [("student", "student", "/dashboard"), ("queue", "staff", "/queue"), ("cohort", "admin", "/cohorts/1/progress")]
)
def test_readme(open_page, cookies, demo, name, role, path):
    page = open_page(cookies=cookies(role), width=1200, height=760, scale=0.75)
    page.emulate_media(color_scheme="light")
    page.goto(demo.address() + path)
    README.mkdir(exist_ok=True)
    page.screenshot(path=README / f"{name}.png")


@pytest.mark.parametrize("role", ROLES)
def test_role(open_page, cookies, demo, role):
    page = open_page(cookies=cookies(role))
    for path in MAIN[role]:
        go(page, demo.address(), path)
        shoot(page, role + (path.partition(":")[2] or path).replace("/", "-").replace("{n}", "n"))


def test_strangers(open_page, demo):
    page = open_page()
    page.goto(demo.address() + "/sign-in")
    shoot(page, "sign-in")
    page.get_by_label("E-mail address").fill("nobody@northfield.example")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".error-summary, .field-error").first.wait_for()
    shoot(page, "sign-in-refused")
    page.goto(demo.address().replace("northfield.", ""))
    shoot(page, "choose-institution")


def test_form_with_errors(open_page, cookies, demo):
    page = open_page(cookies=cookies("admin"))
    page.goto(demo.address() + "/accounts/new")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.get_by_label("E-mail address").fill("nobody")
    page.locator("main form button").click()
    page.locator(".error-summary").wait_for()
    shoot(page, "admin-errors")


def test_paper(open_page, cookies, demo):
    for role, path in (("student", "/dashboard"), ("staff", "/cohorts/1/progress")):
        page = open_page(cookies=cookies(role))
        page.goto(demo.address() + path)
        page.pdf(path=OUT / f"{role}-print.pdf", format="A4", margin={side: "15mm" for side in ("top", "right", "bottom", "left")})


def test_empty(open_page, empty):
    page = open_page()
    sign_in(page, empty, "admin")
    for path in EMPTY:
        page.goto(empty.address() + path)
        shoot(page, "empty" + path.replace("/", "-"))
