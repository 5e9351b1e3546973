"""Somebody at a browser, who finds things by what stands on the page: roles, labels, words."""

import re
from urllib.parse import urlsplit

from conftest import fill_in
from playwright.sync_api import expect


def whole(name):
    """The whole of a name. What follows a colon is often for screen readers only, and set apart from what it explains."""
    return re.compile(f"^\\s*{re.escape(name).replace(':', ' ?:')}\\s*$")


def comes_to_the_dashboard(open_page, demo, address):
    """Somebody has a student's account: is put into a cohort by a file of addresses, chooses a password by a link, signs in, and
    sees the cohort on the dashboard. Afterwards the account is archived, as nothing of a test stays for others."""
    token = demo.token("admin")
    [account] = demo.call("GET", f"/accounts?q={address}", token=token)[1]["items"]
    cohort = demo.call("GET", "/cohorts?limit=1", token=token)[1]["items"][0]
    status, report = demo.call(
        "POST", f"/cohorts/{cohort['id']}/students", f"email\n{address.upper()}\n", token=token, media="text/csv"
    )
    assert status == 200 and report["added"] == 1, report
    status, invitation = demo.call("POST", f"/accounts/{account['id']}/invitation", token=token)
    assert status == 201, invitation

    student = Person(open_page())
    student.page.goto(demo.address() + urlsplit(invitation["url"]).path)
    student.fill("Password", "seven quiet lanterns")
    student.press("Set password")
    student.is_told("Your password is set.")
    fill_in(student.page, address, "seven quiet lanterns")
    student.page.goto(demo.address() + "/dashboard")
    student.page.get_by_text(cohort["name"]).first.wait_for()

    demo.call("DELETE", f"/cohorts/{cohort['id']}/students/{account['id']}", token=token)
    assert demo.call("PATCH", f"/accounts/{account['id']}", {"status": "archived"}, token=token)[0] == 200


class Person:
    def __init__(self, page):
        self.page = page

    # What they do.

    def menu(self, entry):
        """Follows an entry of the navigation and arrives there. Behind the set-up guide stands how far it is, behind the queue how
        much waits."""
        name = re.compile(f"^{re.escape(entry)}( \\d+ of \\d+| \\d+\\+?)?$")
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()

    def follow(self, name, inside=None):
        (inside or self.page).get_by_role("link", name=whole(name)).click()

    def tab(self, name):
        self.follow(name, self.page.get_by_role("navigation", name="Cohort"))

    def press(self, name, inside=None):
        (inside or self.page).get_by_role("button", name=whole(name)).click()

    def unfold(self, name, inside=None):
        """Opens a disclosure: a question before something that ends something."""
        (inside or self.page).locator("summary").filter(has_text=whole(name)).click()

    def fill(self, label, text, inside=None):
        self.field(label, inside).fill(text)

    def field(self, label, inside=None):
        """A control by its label, without what is said of optional ones."""
        return (inside or self.page).get_by_label(re.compile(f"^{re.escape(label)}( \\((optional|opcional)\\))?$"))

    def choose_file(self, label, name, content, media="text/csv"):
        self.field(label).set_input_files({"name": name, "mimeType": media, "buffer": content.encode()})

    # What they see.

    def region(self, name):
        return self.page.get_by_role("region", name=name, exact=True)

    def row(self, text):
        return self.page.get_by_role("row").filter(has_text=text)

    def sees_heading(self, text):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    def sees(self, text, inside=None):
        expect((inside or self.page.get_by_role("main")).get_by_text(text).first).to_be_visible()

    def sees_no(self, text, inside=None):
        expect((inside or self.page.get_by_role("main")).get_by_text(text)).to_have_count(0)

    def is_told(self, text):
        expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible()

    def mends(self, *problems):
        """A form came back: the summary names each problem and leads to its field, which says it is wrong and why."""
        summary = self.page.get_by_role("alert")
        expect(summary).to_contain_text("Please mend this first")
        for label, problem in problems:
            link = summary.get_by_role("link").filter(has_text=f"{label} ").filter(has_text=problem)
            target = self.page.locator(link.get_attribute("href"))
            link.click()
            expect(target).to_be_focused()
            assert problem in self.page.locator(f"#{target.get_attribute('aria-describedby').split()[-1]}").inner_text()
