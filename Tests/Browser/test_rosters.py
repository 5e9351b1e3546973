"""A roster fetched from a server, from its settings to a student's dashboard."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from person import Person, comes_to_the_dashboard

SERVER = Path(__file__).parent.parent / "TestSupport" / "roster" / "server.py"
MOMENT = "2025-11-01T00:00:00.000Z"


@pytest.fixture()
def roster(tmp_path):
    """A server of rosters with one student, on a free port."""
    student = {
        "sourcedId": "u1", "status": "active", "dateLastModified": MOMENT, "enabledUser": "true", "username": "mona",
        "givenName": "Mona", "familyName": "Rosterson", "email": "mona.rosterson@northfield.example",
        "roles": [{"roleType": "primary", "role": "student"}],
    }
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"users": [student]}))
    process = subprocess.Popen([SERVER, "--data", data], stdout=subprocess.PIPE, text=True)
    port = re.search(r":(\d+) listens", process.stdout.readline())[1]
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_a_student_comes_in_by_a_roster_that_is_fetched_now(page_of, open_page, demo, roster):
    admin = Person(page_of("admin", "/settings"))
    admin.follow("Rosters from a server")
    admin.sees("The roster was not fetched yet.")
    admin.fill("Base address", "somewhere")
    admin.press("Save")
    admin.mends(("Base address", "must be an address that starts with https://"))
    admin.fill("Base address", roster + "/ims/oneroster/rostering/v1p2")
    admin.fill("Token address", roster + "/token")
    admin.fill("Client ID", "waymark")
    admin.fill("Client secret", "not this one")
    admin.press("Save")
    admin.sees("One is stored.")
    admin.press("Test the server")
    admin.is_told("The server gave no access token.")
    admin.fill("Client secret", "s 3:cret")
    admin.press("Save")
    assert "s 3:cret" not in admin.page.content()
    admin.press("Test the server")
    admin.is_told("The server answers and can be used.")
    admin.field("Fetch all there is").check()
    admin.press("Run now")
    admin.is_told("The roster is fetched in a moment.")

    token = demo.token("admin")
    while demo.call("GET", "/settings/roster-source/runs", token=token)[1]["items"][0]["state"] in ("waiting", "running"):
        pass
    admin.page.goto(demo.address() + "/settings/roster-source")
    admin.sees("1 added")
    admin.page.goto(demo.address() + "/accounts?q=rosterson")
    admin.sees("mona.rosterson@northfield.example")
    comes_to_the_dashboard(open_page, demo, "mona.rosterson@northfield.example")
