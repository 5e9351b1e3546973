"""A registrar's file in a browser: how it is read, what its columns hold, and what becomes of it."""

import io
import uuid
import zipfile

import pytest
from playwright.sync_api import expect
from person import Person, comes_to_the_dashboard
from test_accessibility import AXE, INSPECT, RULES


def choose(admin, content):
    admin.field("CSV file").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    admin.press("Check the file")


def looks_well(page):
    """As every page does, which a walk by links does not come to."""
    page.evaluate(f"{AXE}; window.look = {INSPECT}; null")
    found = page.evaluate("(rules) => axe.run(document, rules)", RULES)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("[...look.wide(), ...look.words()]") == [], width
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("javascript", [True, False])
def test_columns_are_told_by_hand_and_the_student_comes_to_the_dashboard(page_of, open_page, demo, javascript):
    page = page_of("admin", "/imports", javascript=javascript)
    admin, name = Person(page), uuid.uuid4().hex[:8]
    who, heading = f"Wer {name}", f"Kontakt {name}"
    file = f"{who};Nachname;{heading};Fach\nZoë;Müller;zoe.{name}@northfield.example;Physik\n".encode("cp1252")
    choose(admin, file)
    admin.sees("lacks the column email", page.get_by_role("alert"))
    open_page.complaints.clear()
    expect(admin.field("Characters")).to_have_value("windows-1252")
    expect(admin.field("Between two cells stands")).to_have_value("semicolon")
    admin.sees(f"{who}, {heading}, Fach")
    admin.sees(f"zoe.{name}@northfield.example")
    if javascript:
        looks_well(page)
    page.get_by_label(f"Holds: {who}").select_option("given_name")
    page.get_by_label(f"Holds: {heading}").select_option("email")
    admin.press("Read it this way")
    report = admin.region("What would happen")
    admin.sees("1 would be added", report)
    if javascript:
        looks_well(page)
    admin.press("Store 1 row")
    admin.is_told("The file was imported.")
    page.goto(demo.address() + "/imports")
    choose(admin, file)
    admin.sees("1 stays as it is", admin.region("What would happen"))
    account = demo.call("GET", f"/accounts?q={name}", token=demo.token("admin"))[1]["items"][0]
    assert account["familyName"] == "Müller"
    comes_to_the_dashboard(open_page, demo, account["email"])


def test_staff_come_in_by_file(page_of, demo):
    page = page_of("admin", "/imports")
    admin, name = Person(page), uuid.uuid4().hex[:8]
    admin.follow("Staff", page.get_by_role("navigation", name="Whose file it is"))
    admin.sees_heading("Import staff")
    choose(admin, f"E-mail,First name,Last name,Role\nsam.{name}@northfield.example,Sam,Lee,staff\n".encode())
    admin.sees("1 would be added", admin.region("What would happen"))
    admin.press("Store 1 row")
    admin.is_told("The file was imported.")
    account = demo.call("GET", f"/accounts?q={name}", token=demo.token("admin"))[1]["items"][0]
    assert account["role"] == "staff"
    demo.call("DELETE", f"/accounts/{account['id']}", token=demo.token("admin"))


def roster(name):
    """A package of OneRoster: a student, a parent and somebody without an address."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("manifest.csv", "propertyName,value\noneroster.version,1.1\nfile.users,delta\n")
        rows = [f"s-{name},active,student,Sue,sue.{name}@northfield.example", f"p-{name},active,parent,Pat,", f"b-{name},active,student,Bo,"]
        files.writestr(
            "users.csv",
            "sourcedId,status,role,givenName,email,enabledUser,username,familyName\n" + "".join(f"{row},true,u,Lee\n" for row in rows),
        )
    return package.getvalue()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_roster_is_looked_at_and_its_rules_are_kept(page_of, demo, javascript):
    page = page_of("admin", "/imports", javascript=javascript)
    admin, name = Person(page), uuid.uuid4().hex[:8]
    admin.follow("OneRoster", page.get_by_role("navigation", name="Whose file it is"))
    admin.sees_heading("Import from OneRoster")
    if javascript:
        looks_well(page)
    admin.field("Role Teacher becomes").select_option("staff")
    admin.press("Save the rules")
    admin.is_told("Saved")
    expect(admin.field("Role Teacher becomes")).to_have_value("staff")
    admin.field("Zip file").set_input_files({"name": "roster.zip", "mimeType": "application/zip", "buffer": roster(name)})
    admin.press("Check the file")
    report = admin.region("What would happen")
    admin.sees("1 would be added", report)
    admin.sees("1 is not for here", report)
    admin.sees("users.csv 4", report)
    if javascript:
        looks_well(page)
    admin.press("Store 1 row")
    admin.sees("The other rows are stored")
    account = demo.call("GET", f"/accounts?q={name}", token=demo.token("admin"))[1]["items"][0]
    assert account["role"] == "student"
    demo.call("DELETE", f"/accounts/{account['id']}", token=demo.token("admin"))
    page.goto(demo.address() + "/imports/oneroster")
    admin.field("Role Teacher becomes").select_option("")
    admin.press("Save the rules")
    admin.is_told("Saved")
