"""What schemathesis leaves out: calls after which its own admin could not go on (a new password ends the session)."""

import os
import re
from urllib.parse import unquote

import schemathesis

OWN = re.compile(f"/accounts/[+0]*{os.environ['WAYMARK_CONTRACT_ADMIN']}(\\.0*)?/?$")


@schemathesis.hook
def filter_case(context, case):
    return case.method in ("GET", "POST") or not OWN.fullmatch(unquote(case.formatted_path))


@schemathesis.serializer("application/zip")
def zip_serializer(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
