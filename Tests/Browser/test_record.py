"""The copy of a student's whole record: downloaded on the account page, and opened by a program that is not ours."""

import csv
import io
import zipfile

from person import Person
from playwright.sync_api import expect


def table(archive, name):
    return list(csv.DictReader(io.TextIOWrapper(archive.open(f"{name}.csv"), "utf-8", newline="")))


def test_a_student_downloads_the_whole_record(demo, page_of):
    student = Person(page_of("student", "/account"))
    with student.page.expect_download() as download:
        student.page.get_by_role("link", name="Download your record").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        [account] = table(archive, "account")
        assert account["email"] == demo.account("student")["email"]
        milestones = table(archive, "milestones")
        assert milestones and all(one["title"] for one in milestones)
        for file in table(archive, "files"):
            assert archive.getinfo(file["path"]).file_size == int(file["size"])
    status, dashboard = demo.call("GET", "/dashboard", token=demo.token("student"))
    assert status == 200 and {one["id"] for one in dashboard["milestones"]} <= {
        int(one["milestone_id"]) for one in milestones}


def test_an_admin_downloads_it_for_the_student(demo, page_of):
    address = demo.account("student")["email"]
    status, found = demo.call("GET", f"/accounts?q={address}", token=demo.token("admin"))
    assert status == 200
    admin = Person(page_of("admin", f"/accounts/{found['items'][0]['id']}"))
    link = admin.page.get_by_role("link", name="Download the whole record")
    expect(link).to_be_visible()
    with admin.page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None and table(archive, "account")[0]["email"] == address
