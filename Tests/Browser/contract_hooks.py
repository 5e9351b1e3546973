"""What schemathesis leaves out: calls after which its own admin could not go on, for its session would have ended."""

import os
import re
from urllib.parse import unquote

import schemathesis

OWN = re.compile(f"/accounts/[+0]*{os.environ['WAYMARK_CONTRACT_ADMIN']}(\\.0*)?/?$")
SESSIONS = re.compile("/me/sessions(/|$)")


@schemathesis.hook
def filter_case(context, case):
    path = unquote(case.formatted_path)
    if SESSIONS.search(path):
        return case.method != "DELETE"
    return case.method in ("GET", "POST") or not OWN.fullmatch(path)
