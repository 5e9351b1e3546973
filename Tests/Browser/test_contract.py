"""The API against its own description: schemathesis, as admin, finds no 5xx and no undocumented answer."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

# What a generator could not go on after: its own sessions, its own institution's settings. `contract_hooks` keeps its account.
UNTOUCHED = ["/session", "/me/sessions", "/me/sessions/{id}", "/settings"]


def furnish(demo, token):
    """Makes one of everything, with id 1 where it can be, so that calls about an id find something there."""

    def call(method, path, data=None, media="application/json"):
        status, answer = demo.call(method, path, data, token, media=media)
        assert status < 300, (method, path, answer)
        return answer

    person = {"familyName": "Contract", "password": "a long enough password"}
    for role in ("student", "director", "manager"):
        call("POST", "/accounts", {**person, "email": f"{role}@contract.example", "givenName": role, "role": role})
    call("POST", "/departments", {"name": "Department"})
    call("PUT", "/departments/1/directors/3")
    call("POST", "/groups", {"name": "Group", "departmentId": 1})
    call("PUT", "/groups/1/members/4", {"manager": True})
    call("PUT", "/accounts/4/card", {"title": "Manager", "phone": "555 0100", "published": True})
    call("POST", "/categories", {"name": "Category"})
    call("POST", "/categories/1/cohorts", {"name": "Cohort"})
    call("POST", "/cohorts/1/students", {"email": "student@contract.example"})
    call("PUT", "/cohorts/1/groups/1")
    call("POST", "/cohorts/1/milestones", {"title": "Milestone", "dueOn": "2026-12-01"})


def test_every_answer_is_documented_and_none_is_a_server_error(empty, tmp_path):
    token = empty.token("admin")
    furnish(empty, token)
    me = empty.call("GET", "/me", token=token)[1]["account"]
    result = subprocess.run(
        [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"),
            "run",
            f"https://localhost:{urlsplit(empty.url).port}/api/v1/openapi.json",
            "--tls-verify", empty.certificate,
            "--header", f"Authorization: Bearer {token}",
            *[part for path in UNTOUCHED for part in ("--exclude-path", path)],
            # What fits the description may still be refused: a name that is taken, an account of another role.
            "--exclude-checks", "positive_data_acceptance",
            "--max-examples", "12" if os.environ.get("WAYMARK_BROWSER_THOROUGH") else "5",
            "--phases", "examples,coverage,fuzzing",
            "--suppress-health-check", "all",
            "--continue-on-failure",
            "--seed", "1",
            "--no-color",
        ],
        cwd=tmp_path,
        env={
            **os.environ, "PYTHONPATH": os.path.dirname(__file__), "SCHEMATHESIS_HOOKS": "contract_hooks",
            "WAYMARK_CONTRACT_ADMIN": str(me["id"]),
        },
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stdout[-12_000:] + result.stderr[-2_000:]
    # it was an admin to the end: what it was answered was not 401 for want of a session
    status, still = empty.call("GET", "/me", token=token)
    assert status == 200 and still["account"]["role"] == "admin"
