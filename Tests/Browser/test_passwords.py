"""Ways in that begin with a mail: an invitation, a forgotten password. The demo's mail is files."""

import email
import os
import re
from email import policy
from pathlib import Path

from conftest import fill_in
from person import Person


def links(demo, address):
    """The links that went to an address, the oldest first. (A demo on any free port does not know it when it writes mail.)"""
    found = []
    for file in sorted(Path(os.path.dirname(demo.certificate), "mail").rglob("*.eml"), key=lambda one: one.stat().st_mtime):
        mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        if address in mail["To"]:
            text = mail.get_body(("plain",)).get_content()
            found += [demo.address() + path for path in re.findall(r"https://northfield\S+(/invitations/\S+)", text)]
    return found


def a_new_link(demo, address, page, known):
    """The next link that comes: the page is looked at until the mail has left."""
    while len(links(demo, address)) == len(known):
        page.reload()
    return links(demo, address)[-1]


def test_somebody_is_invited_by_mail_and_forgets_the_password(page_of, open_page, demo):
    address = "ines.soler@northfield.example"
    admin = Person(page_of("admin", "/accounts"))
    admin.follow("Add person")
    admin.fill("E-mail address", address)
    admin.fill("Given name", "Ines")
    admin.fill("Family name", "Soler")
    admin.field("Role").select_option(label="Staff")
    admin.field("Send an invitation by mail at once").check()
    admin.press("Add person")
    admin.is_told("1 invitation is on its way.")
    first = a_new_link(demo, address, admin.page, [])
    admin.page.reload()
    admin.sees("invited")

    ines = Person(open_page())
    ines.page.goto(first)
    ines.sees_heading("Choose your password")
    ines.fill("Password", "Ines Soler 2026")
    ines.press("Set password")
    ines.mends(("Password", "more than the person's name"))
    ines.fill("Password", "seven quiet lanterns")
    ines.press("Set password")
    ines.is_told("Your password is set.")
    fill_in(ines.page, address, "seven quiet lanterns")
    admin.page.reload()
    admin.sees("accepted")

    other = Person(open_page())
    other.page.goto(demo.address() + "/sign-in")
    other.follow("Forgot your password?")
    other.fill("E-mail address", address)
    other.press("Send me a link")
    other.is_told("a mail with a link is on its way")
    second = a_new_link(demo, address, other.page, [first])
    assert second != first
    other.page.goto(second)
    other.sees_heading("Choose a new password")
    other.fill("Password", "nine loud lanterns, please")
    other.press("Set password")
    other.is_told("Your password is set.")
    ines.page.goto(demo.address() + "/queue")
    ines.sees_heading("Sign in")
    fill_in(other.page, address, "nine loud lanterns, please")
