"""Reports, as admins read them and have them mailed."""

import re

import pytest
from person import Person
from playwright.sync_api import expect

SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def fill_in(admin, day, hour, inside=None):
    admin.field("Day", inside).select_option(label=day)
    admin.field("Hour", inside).select_option(label=hour)


@SCRIPT
def test_a_weekly_mail_is_made_changed_and_ended(page_of, javascript):
    admin = Person(page_of("admin", "/reports/staff-load", javascript=javascript))
    mails = admin.region("Mail each week")
    admin.unfold("Have it mailed each week", mails)
    fill_in(admin, "Tuesday", "07:00", mails)
    who = mails.get_by_role("checkbox").first
    who.check()
    admin.press("Mail it", mails)
    admin.sees(re.compile("Tuesday, 07:00, to "), mails)

    mails.get_by_role("link", name=re.compile("^Change this mail ?: Tuesday, 07:00")).click()
    admin.sees_heading("Change this mail")
    address = admin.page.url
    second = Person(admin.page.context.new_page())
    second.page.goto(address)

    fill_in(admin, "Wednesday", "09:00")
    admin.page.get_by_role("checkbox").first.uncheck()
    admin.press("Save")
    admin.sees("must name at least one person")
    expect(admin.field("Hour")).to_have_value("9")
    admin.page.get_by_role("checkbox").first.check()
    admin.press("Save")
    admin.sees(re.compile("Wednesday, 09:00, to "), mails)

    fill_in(second, "Friday", "10:00")
    second.press("Save")
    second.sees("This has changed since you opened the page", second.page.locator("body"))
    expect(second.page.locator("#hour-stored")).to_contain_text("09:00")
    second.press("Save")
    second.sees(re.compile("Friday, 10:00, to "), second.region("Mail each week"))

    ending = second.page.locator("details").filter(has_text="Friday, 10:00, to ")
    ending.locator("summary").click()
    ending.get_by_role("button", name="End this mail").click()
    second.sees_no(re.compile("Friday, 10:00, to "))
