"""The API against its own description: schemathesis, as admin, finds no 5xx and no undocumented answer."""

import os
import subprocess
import sys


def test_every_answer_is_documented_and_none_is_a_server_error(empty, tmp_path):
    token = empty.token("admin")
    port = empty.url.rsplit(":", 1)[1].rstrip("/")
    result = subprocess.run(
        [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"),
            "run",
            f"https://localhost:{port}/api/v1/openapi.json",
            "--tls-verify", empty.certificate,
            "--header", f"Authorization: Bearer {token}",
            "--exclude-path", "/session",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            "--max-examples", os.environ.get("WAYMARK_CONTRACT_EXAMPLES", "20"),
            "--phases", "examples,coverage,fuzzing",
            "--suppress-health-check", "all",
            "--continue-on-failure",
            "--seed", "1",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stdout[-12_000:] + result.stderr[-2_000:]
