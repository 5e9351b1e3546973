"""Sign-in by an OpenID provider that others have written, from its settings to a student's dashboard."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from person import Person

PYTHON = Path(__file__).parent.parent / "TestSupport" / "python"


@pytest.fixture()
def issuer():
    """The provider with one person, on a free port."""
    if subprocess.run([PYTHON, "provider"]).returncode == 75:
        pytest.skip("the Python packages of the provider cannot be had")
    ada = {
        "sub": "ada-1", "email": "ada.quist@northfield.example", "email_verified": True,
        "given_name": "Ada", "family_name": "Quist",
    }
    process = subprocess.Popen(
        [PYTHON, "provider", "oidc-provider-mock", "--port", "0", "--require-nonce", "true", "--user-claims", json.dumps(ada)],
        stderr=subprocess.PIPE, text=True,
    )
    for line in process.stderr:
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)\s", line)
        if found:
            break
    yield found[1]
    process.kill()
    process.wait()


def test_a_student_comes_in_by_the_provider_and_sees_the_dashboard(page_of, open_page, demo, issuer):
    admin = Person(page_of("admin", "/settings"))
    admin.follow("Single sign-on")
    admin.field("People may sign in by the provider").check()
    admin.fill("Issuer", "nobody.example")
    admin.fill("Client ID", "waymark")
    admin.press("Save")
    admin.mends(("Issuer", "must be an address that starts with https://"))
    admin.fill("Issuer", issuer)
    admin.fill("Client secret", "a secret between the two")
    admin.fill("What the button calls the provider", "Northfield Login")
    admin.field("Whoever signs in for the first time gets a student's account").check()
    admin.press("Save")
    admin.sees("One is stored.")
    assert "a secret between" not in admin.page.content()
    admin.press("Test the provider")
    admin.is_told("The provider answers")

    ada = Person(open_page())
    ada.page.route("**/cdn.jsdelivr.net/**", lambda route: route.fulfill(body="", content_type="text/css"))
    ada.page.goto(demo.address() + "/dashboard")
    ada.follow("Sign in with Northfield Login")
    ada.press("Deny")
    # this provider's no comes without the state, so it may be anybody's
    ada.page.get_by_text("Begin again").first.wait_for()
    ada.follow("Sign in with Northfield Login")
    ada.page.get_by_placeholder("sub").fill("ada-1")
    ada.press("Authorize")
    ada.page.wait_for_url(lambda url: "/sign-in" not in url and url.startswith(demo.address()))

    token = demo.token("admin")
    cohorts = demo.call("GET", "/cohorts?limit=1", token=token)[1]["items"]
    status, answer = demo.call(
        "POST", f"/cohorts/{cohorts[0]['id']}/students", "email\nADA.QUIST@northfield.example\n", token=token, media="text/csv"
    )
    assert status == 200, answer
    ada.page.goto(demo.address() + "/dashboard")
    ada.page.get_by_text(cohorts[0]["name"]).first.wait_for()

    # the demo stays as it was
    admin.page.goto(demo.address() + "/settings/identity-provider")
    admin.field("People may sign in by the provider").uncheck()
    admin.press("Save")
    ada.page.goto(demo.address() + "/sign-in")
    assert ada.page.get_by_role("link", name="Sign in with").count() == 0
