"""What the browser tests share: a running `waymark demo`, a real Chromium, and people signed in."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass

import pytest
from playwright.sync_api import sync_playwright

BINARY = os.environ.get("WAYMARK_BINARY", "waymark")


@dataclass
class Demo:
    """A running demo: what its JSON line said."""

    url: str
    institutions: list
    certificate: str

    def institution(self, slug):
        return next(one for one in self.institutions if one["slug"] == slug)

    def account(self, role, slug="northfield"):
        return next(one for one in self.institution(slug)["accounts"] if one["role"] == role)

    def address(self, slug="northfield"):
        return self.institution(slug)["url"]

    def call(self, method, path, data=None, token=None, slug="northfield", media="application/json"):
        """An API call: status, JSON."""
        port = self.url.rsplit(":", 1)[1].rstrip("/")
        body = json.dumps(data).encode() if data is not None and media == "application/json" else data
        request = urllib.request.Request(f"https://127.0.0.1:{port}/api/v1{path}", data=body, method=method)
        request.add_header("Host", f"{slug}.localhost:{port}")
        if body is not None:
            request.add_header("Content-Type", media)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        context = ssl.create_default_context(cafile=self.certificate)
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None

    def token(self, role, slug="northfield"):
        account = self.account(role, slug)
        status, answer = self.call(
            "POST", "/session", {"email": account["email"], "password": account["password"]}, slug=slug
        )
        assert status == 201, answer
        return answer["token"]


def start(*arguments):
    directory = tempfile.mkdtemp(prefix="waymark-browser-")
    os.chmod(directory, 0o755)
    process = subprocess.Popen(
        [BINARY, "demo", "--json", "--port", "0", "--directory", directory, *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    facts = json.loads(process.stdout.readline())
    ready = process.stdout.readline()
    assert ready.startswith("ready "), ready
    return process, directory, Demo(ready.split()[1], facts["institutions"], facts["certificate"])


def stop(process, directory):
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
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
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1"]
        )
        yield browser
        browser.close()


class Complaints(list):
    """What the browser's console said against a page: errors and broken policies."""

    def watch(self, page):
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))


@pytest.fixture()
def open_page(chromium):
    """Makes pages; at the end no console of theirs may have complained."""
    contexts, complaints = [], Complaints()

    def make(javascript=True, scheme="light", width=1280, height=900, language="en-US"):
        context = chromium.new_context(
            ignore_https_errors=True,
            java_script_enabled=javascript,
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            locale=language,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page)
        return page

    make.complaints = complaints
    yield make
    for context in contexts:
        context.close()
    assert [line for line in complaints if "status of 4" not in line] == []


def sign_in(page, demo, role, slug="northfield"):
    account = demo.account(role, slug)
    page.goto(demo.address(slug))
    page.get_by_label("E-mail address").fill(account["email"])
    page.get_by_label("Password").fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
