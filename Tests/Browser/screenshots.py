"""`make screenshots`: one page of every kind, as each role sees it, into /screenshots, narrow and wide, light and dark; and those
that the README shows. Not a test."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from conftest import sign_in
from pages import ROLES, Visitor, crawl

OUT = Path(__file__).resolve().parents[2] / "screenshots"
README = Path(__file__).resolve().parent / "pictures"
EMPTY = ["/setup", "/cohorts", "/queue", "/students", "/overview", "/accounts", "/groups", "/departments", "/tokens"]


def shoot(page, name):
    OUT.mkdir(exist_ok=True)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png", full_page=True)


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
    state = cookies(role)
    page = open_page(cookies=state)
    for shown in crawl(Visitor(demo, role, state), demo.address() + "/")[0]:
        page.goto(shown.url)
        address = urlsplit(shown.url)
        names = sorted({name for name, _ in parse_qsl(address.query, keep_blank_values=True)})
        shoot(page, "-".join([role, *re.sub(r"\d+", "n", address.path).strip("/").split("/"), *names]))


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
