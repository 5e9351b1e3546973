"""Checks a SCIM server as scim2-tester does, which discovers what it can and tries all of that. Prints a line of JSON for each check.

    check.py https://northfield.localhost:PORT/scim/v2 CERTIFICATE TOKEN
"""

import json
import socket
import ssl
import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

place, certificate, token = sys.argv[1:]
# every name below localhost is this machine, whatever the resolver knows
ask = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: ask("127.0.0.1", *rest, **more)
with httpx2.Client(
    base_url=place,
    headers={"Authorization": f"Bearer {token}"},
    verify=ssl.create_default_context(cafile=certificate),
    timeout=None,
) as client:
    for result in check_server(SyncSCIMClient(client)):
        print(
            json.dumps(
                {
                    "check": result.title,
                    "type": result.resource_type,
                    "status": result.status.name,
                    "reason": str(result.reason),
                }
            )
        )
