"""What the browser tests share: a running `waymark demo`, a real Chromium, and people signed in."""

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

PATIENCE = 45_000  # milliseconds; on a busy machine a page takes its time
expect.set_options(timeout=PATIENCE)
BINARY = os.environ.get("WAYMARK_BINARY", "waymark")


class Loopback(http.client.HTTPSConnection):
    """HTTPS to a name below `localhost`, which not every resolver knows to be this machine."""

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


@dataclass
class Demo:
    """A running demo: what its JSON line said."""

    url: str
    institutions: list
    certificate: str
    database: str

    def institution(self, slug):
        return next(one for one in self.institutions if one["slug"] == slug)

    def account(self, role, slug="northfield"):
        return next(one for one in self.institution(slug)["accounts"] if one["role"] == role)

    def address(self, slug="northfield"):
        return self.institution(slug)["url"]

    def call(self, method, path, data=None, token=None, slug="northfield", media="application/json", base="/api/v1"):
        """An API call: status, JSON."""
        address = urlsplit(self.address(slug))
        context = ssl.create_default_context(cafile=self.certificate)
        connection = Loopback(address.hostname, address.port, timeout=60, context=context)
        headers = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if data is not None:
            headers["Content-Type"] = media
            data = json.dumps(data) if media == "application/json" else data
            data = data.encode() if isinstance(data, str) else data
        try:
            connection.request(method, f"{base}{path}", body=data, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def session(self, role, slug="northfield"):
        """Signs somebody in by the page's form, without a browser; answers what a browser would then hold."""
        address, account = urlsplit(self.address(slug)), self.account(role, slug)
        context = ssl.create_default_context(cafile=self.certificate)
        connection = Loopback(address.hostname, address.port, timeout=60, context=context)
        form = urlencode({"email": account["email"], "password": account["password"]})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address(slug)}
        try:
            connection.request("POST", "/sign-in", body=form, headers=headers)
            answer = connection.getresponse()
            assert answer.status == 303, answer.read()
            [made] = SimpleCookie(answer.getheader("Set-Cookie")).values()
        finally:
            connection.close()
        cookie = {
            "name": made.key, "value": made.value, "domain": address.hostname, "path": made["path"], "expires": -1,
            "httpOnly": made["httponly"], "secure": made["secure"], "sameSite": made["samesite"],
        }
        return {"cookies": [cookie], "origins": []}

    def token(self, role, slug="northfield"):
        account = self.account(role, slug)
        status, answer = self.call(
            "POST", "/session", {"email": account["email"], "password": account["password"]}, slug=slug
        )
        assert status == 201, answer
        return answer["token"]


def start(*arguments):
    directory = tempfile.mkdtemp(prefix="waymark-browser-")
    os.chmod(directory, 0o755)  # as root the demo's PostgreSQL runs as another user
    process = subprocess.Popen(
        [BINARY, "demo", "--json", "--port", "0", "--directory", directory, *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    facts = json.loads(process.stdout.readline())
    ready = process.stdout.readline()
    assert ready.startswith("ready "), ready
    return process, directory, Demo(ready.split()[1], facts["institutions"], facts["certificate"], facts["database"])


def stop(process, directory):
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def demo():
    """The whole demo. Tests leave it much as they found it."""
    process, directory, demo = start()
    yield demo
    stop(process, directory)


@pytest.fixture()
def empty():
    """A demo with one admin in each institution and nothing else, of this test alone."""
    process, directory, demo = start("--empty")
    yield demo
    stop(process, directory)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP localhost 127.0.0.1"],
        )
        yield browser
        browser.close()


class Complaints(list):
    """What went wrong in a browser beside what a test looks at: errors in the console (a broken content security policy
    is one), exceptions, parts of a page that did not come, answers of 500 and above."""

    def watch(self, context):
        context.on("console", lambda message: self.hear(message))
        context.on("weberror", lambda error: self.append(str(error.error)))
        context.on("response", lambda answer: self.judge(answer))

    def hear(self, message):
        # Answers are judged below, where it is known what was asked for.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.append(message.text)

    def judge(self, answer):
        worst = 499 if answer.request.is_navigation_request() else 399
        if answer.status > worst:
            self.append(f"{answer.status} {answer.url}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and report.when == "call":
        for page in getattr(item, "pages", []):
            report.sections.append((f"what {page.url} says", page.locator("body").aria_snapshot()))
    return report


@pytest.fixture()
def open_page(chromium, request):
    """Makes pages; at the end none of them may have complained."""
    contexts, complaints = [], Complaints()

    def make(javascript=True, scheme="light", width=1280, height=900, language="en-US", cookies=None, scale=1):
        context = chromium.new_context(
            ignore_https_errors=True,
            java_script_enabled=javascript,
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale=language,
            reduced_motion="reduce",
            storage_state=cookies,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        complaints.watch(context)
        page = context.new_page()
        request.node.pages = [*getattr(request.node, "pages", []), page]
        return page

    make.complaints = complaints
    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page, demo, role, slug="northfield"):
    """By the sign-in page."""
    account = demo.account(role, slug)
    page.goto(demo.address(slug))
    fill_in(page, account["email"], account["password"])


def fill_in(page, email, password):
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.fixture(scope="session")
def cookies(demo):
    """What a browser holds once somebody of a role has signed in: each role signs in once."""
    held = {}

    def of(role, slug="northfield"):
        if (role, slug) not in held:
            held[role, slug] = demo.session(role, slug)
        return held[role, slug]

    return of


@pytest.fixture()
def page_of(open_page, cookies, demo):
    """A page of somebody who has signed in, at a path of the institution. The session is shared: do not sign out."""

    def make(role, path="/", slug="northfield", **look):
        page = open_page(cookies=cookies(role, slug), **look)
        page.goto(demo.address(slug) + path)
        return page

    return make


@pytest.fixture(scope="session")
def pages(demo, cookies):
    """Every page of every role, as the server sends it."""
    import pages

    return pages.every_page(demo, cookies)
