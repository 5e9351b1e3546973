#!/usr/bin/env python3
"""A OneRoster server (REST binding 1.1 and 1.2, OAuth 2 client credentials) for tests, of Python's own library alone.

    server.py --data data.json [--certificate cert.pem --key key.pem]

The file is read anew for each request: lists of records in the form of 1.2, and under "behaviour" what the server does badly.
It prints its origin once it listens, and then a line for each request.
"""

import argparse
import base64
import json
import re
import ssl
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RESOURCES = ("orgs", "users", "classes", "enrollments")
CLIENT, SECRET = "waymark", "s 3:cret"
uses = {}  # how often each token may still be used
answers = {"count": 0}


def old(record):
    """A record as version 1.1 has it: a user has one role, and no preferred first name."""
    record = dict(record)
    roles = record.pop("roles", None)
    record.pop("preferredFirstName", None)
    if roles:
        record["role"] = next((one["role"] for one in roles if one.get("roleType") == "primary"), roles[0]["role"])
    return record


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    drip = None  # of an answer that comes bit by bit: how many bits, and the seconds between two

    def log_message(self, *_):
        pass

    def say(self, text):
        print(text, flush=True)

    def answer(self, status, body, kind="application/json", **fields):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        pieces, pause = self.drip or (1, 0)
        size = max(len(data) // pieces, 1)
        try:
            for start in range(0, len(data), size):
                self.wfile.write(data[start : start + size])
                time.sleep(pause)
        except OSError:  # nobody waits any longer
            self.close_connection = True

    def refuse(self, status, **fields):
        # 1EdTech's error object
        self.answer(status, {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": "no"}, **fields)

    @property
    def data(self):
        return json.loads(Path(options.data).read_text())

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        self.say(f"POST {self.path} {sorted(form.items())}")
        said = self.headers.get("Authorization", "").removeprefix("Basic ")
        pair = [urllib.parse.unquote(part) for part in base64.b64decode(said).decode().split(":")]
        if pair != [CLIENT, SECRET] or form.get("grant_type") != ["client_credentials"] or "scope" not in form:
            return self.answer(401, {"error": "invalid_client"})
        token = f"t{len(uses)}"
        bad = self.data.get("behaviour", {})
        uses[token] = bad.get("uses", 1_000_000)
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": bad.get("expiresIn", 3600)})

    def do_GET(self):
        self.say(f"GET {urllib.parse.unquote(self.path)}")
        data = self.data
        bad = data.get("behaviour", {})
        self.drip = None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if uses.get(token, 0) <= 0:
            return self.refuse(401)
        uses[token] -= 1
        address = urllib.parse.urlsplit(self.path)
        found = re.fullmatch(r"/ims/oneroster/(rostering/v1p2|v1p1)/(\w+)", address.path)
        if not found or found[2] not in RESOURCES:
            return self.refuse(404)
        resource = found[2]
        query = {name: values[0] for name, values in urllib.parse.parse_qs(address.query).items()}
        answers["count"] += 1
        if bad.get("busy", 0) >= answers["count"]:
            return self.refuse(503, Retry_After=bad.get("retryAfter", 0))
        if resource == bad.get("at", "users") and self.misbehave(bad, resource, query):
            return
        if "sort" in query and "nosort" in bad or "filter" in query and "nofilter" in bad:
            return self.refuse(400)
        records = data.get(resource, [])
        if "filter" in query and "ignoresFilter" not in bad:
            since = re.fullmatch(r"dateLastModified>'([^']+)'", query["filter"])[1]
            records = [one for one in records if one.get("dateLastModified", "") > since]
        if "sort" in query:
            records = sorted(records, key=lambda one: one.get(query["sort"], ""))
        offset = 0 if bad.get("repeats") == resource else int(query.get("offset", 0))
        limit = min(int(query.get("limit", 100)), bad.get("cap", 1_000_000))
        page = records[offset : offset + limit]
        if found[1] == "v1p1":
            page = [old(one) for one in page]
        if not page and offset and "noEnd" in bad:
            return self.refuse(404)
        total = bad.get("total", {}).get(resource, len(records))
        fields = {} if total is None else {"X_Total_Count": total}
        more = f"{address.path}?limit={limit}&offset={offset + limit}"
        self.answer(200, {resource: page}, Link=f'<{more}>; rel="next"', **fields)

    def misbehave(self, bad, resource, query):
        """Answers as no server should, if it is told to."""
        offset = int(query.get("offset", 0))
        match bad.get("kind"):
            case "silent":
                time.sleep(3600)
            case "drip":
                self.drip = (bad["pieces"], bad["pause"])
                return False
            case "drops":
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "100000")
                self.end_headers()
                self.wfile.write(b'{"users":[{"sourcedId":')
                self.close_connection = True
            case "endless":
                ids = [f"x{offset + index}" for index in range(int(query["limit"]))]
                self.answer(200, {resource: [{"sourcedId": one, "status": "active"} for one in ids]})
            case "huge":
                self.answer(200, {resource: [{"sourcedId": "x" * 3_000_000}]})
            case "text":
                self.answer(200, b"<html>Please sign in", kind="application/json")
            case "html":
                self.answer(200, {resource: []}, kind="text/html")
            case "otherList":
                self.answer(200, {"people": []})
            case "numbers":
                self.answer(200, {resource: [1, 2]})
            case "redirect":
                self.answer(302, b"", Location="http://169.254.169.254/latest/meta-data")
            case "status":
                self.refuse(bad["status"])
            case _:
                return False
        return True


parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--certificate")
parser.add_argument("--key")
options = parser.parse_args()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"{'https' if options.certificate else 'http'}://roster.localhost:{server.server_port} listens", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit()
