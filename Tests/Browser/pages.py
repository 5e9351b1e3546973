"""Every page there is: found by following all links from each role's start page, and by sending every form wrong."""

import gzip
import re
import ssl
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from conftest import Loopback

ROLES = ["admin", "director", "manager", "staff", "student"]
SOURCES = Path(__file__).resolve().parents[2] / "Sources" / "Web"


@dataclass
class Page:
    """What a browser was sent, and by what request."""

    role: str
    url: str
    status: int
    headers: dict
    sent: bytes
    form: str = ""
    html: str = field(init=False)

    def __post_init__(self):
        packed = self.headers.get("content-encoding") == "gzip"
        self.html = (gzip.decompress(self.sent) if packed else self.sent).decode()

    @property
    def name(self):
        path = urlsplit(self.url)
        return f"{self.role} {'POST ' + self.form if self.form else path.path}{'?' + path.query if path.query else ''}"


class Outline(HTMLParser):
    """The links and the forms with their controls of a page."""

    def __init__(self, html):
        super().__init__()
        self.links, self.forms, self.title = [], [], ""
        self.inside, self.heading = None, False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag == "title":
            self.heading = True
        elif tag == "form":
            self.inside = {"attributes": attributes, "controls": []}
            self.forms.append(self.inside)
        elif tag in ("input", "textarea", "select", "button") and self.inside is not None:
            self.inside["controls"].append((tag, attributes))

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None
        elif tag == "title":
            self.heading = False

    def handle_data(self, data):
        if self.heading:
            self.title += data


class Visitor:
    """Fetches pages as one role's browser does, without following redirects."""

    def __init__(self, demo, role, state=None, language="en-US"):
        self.demo, self.role, self.language = demo, role, language
        self.cookie = "; ".join(f"{one['name']}={one['value']}" for one in (state or {"cookies": []})["cookies"])
        self.connection = None

    def fetch(self, url, form=None, media="application/x-www-form-urlencoded", body=None):
        address = urlsplit(url)
        if self.connection is None or self.connection.host != address.hostname:
            context = ssl.create_default_context(cafile=self.demo.certificate)
            self.connection = Loopback(address.hostname, address.port, timeout=60, context=context)
        headers = {"Accept": "text/html", "Accept-Language": self.language, "Accept-Encoding": "gzip"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers |= {"Content-Type": media, "Origin": f"https://{address.netloc}", "Sec-Fetch-Site": "same-origin"}
        path = address.path + (f"?{address.query}" if address.query else "")
        self.connection.request("GET" if body is None else "POST", path or "/", body=body, headers=headers)
        answer = self.connection.getresponse()
        sent = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        if not headers.get("content-type", "").startswith("text/html"):
            return answer.status, headers, None
        return answer.status, headers, Page(self.role, url, answer.status, headers, sent, form or "")

    def post(self, url, values, form=None, multipart=False):
        form = form or urlsplit(url).path
        if not multipart:
            return self.fetch(url, form, body=urlencode(values))
        boundary = uuid.uuid4().hex
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in values]
        body = "".join(parts) + f"--{boundary}--\r\n"
        return self.fetch(url, form, f"multipart/form-data; boundary={boundary}", body.encode())


# What narrows a list of students: each is looked at by itself, of all their combinations one.
NARROWED = {"cohortId", "categoryId", "groupId", "enrolled", "overdue", "dueSoon", "waiting", "signedIn", "sort"}


def kind(url):
    """Pages that differ only in numbers and in what was searched for are one kind."""
    address = urlsplit(url)
    names = {name for name, _ in parse_qsl(address.query, keep_blank_values=True)} - {"cursor", "done", "n", "q", "about", "undo", "seal"}
    if len(names & NARROWED) > 1:
        names = names - NARROWED | {"several"}
    return re.sub(r"\d+", "{n}", address.path), tuple(sorted(names))


def crawl(visitor, start):
    """One page of every kind that links lead to, and the addresses that were asked for."""
    waiting, seen, pages, asked = [start], {kind(start)}, [], []
    while waiting:
        url = waiting.pop(0)
        status, headers, page = visitor.fetch(url)
        asked.append(url)
        assert status < 400, f"{visitor.role}: a link leads to {url}, which is {status}"
        links = [headers["location"]] if status == 303 else []
        if page is not None:
            pages.append(page)
            links = Outline(page.html).links
        for link in links:
            link = urljoin(url, link).split("#")[0]
            if urlsplit(link).netloc == urlsplit(start).netloc and kind(link) not in seen:
                seen.add(kind(link))
                waiting.append(link)
    return pages, asked


WRONG = {"email": "nobody", "date": "yesterday", "number": "many", "url": "nonsense"}


def wrong(form):
    """Values nothing can accept for a form; none where it has no field to be wrong in."""
    values, typed = [], False
    for tag, control in form["controls"]:
        name, type_ = control.get("name", ""), control.get("type", "text")
        if not name or "disabled" in control:
            continue
        if type_ == "hidden":
            values.append((name, control.get("value", "")))
        elif tag == "button":
            if name not in dict(values):  # one button is pressed
                values.append((name, control.get("value", "")))
        elif type_ in ("checkbox", "radio", "file"):
            typed = typed or type_ != "checkbox"
        else:
            typed = True
            values.append((name, "" if "required" in control else WRONG.get(type_, "too long " * 1_200)))
    return values if typed else None


def refusals(visitor, pages):
    """The pages that come back when each kind of form is sent wrong."""
    seen, found = set(), []
    for page in pages:
        for form in Outline(page.html).forms:
            attributes = form["attributes"]
            target = urljoin(page.url, attributes.get("action", ""))
            values = wrong(form) if attributes.get("method") == "post" else None
            if values is None or kind(target) in seen:
                continue
            seen.add(kind(target))
            multipart = attributes.get("enctype") == "multipart/form-data"
            status, headers, answer = visitor.post(target, values, kind(target)[0], multipart)
            assert 400 <= status < 500, f"{visitor.role}: {target} took {values}: {status} {headers.get('location')}"
            assert answer is not None, f"{visitor.role}: {target} answered {headers.get('content-type')}"
            found.append(answer)
    return found


def outdated(form):
    """Values for a form that edits something, of a version that never was; none for a form without a version, or whose
    button is out of use."""
    values = []
    for tag, control in form["controls"]:
        if tag == "button" and "disabled" in control:
            return None
        name, type_, value = control.get("name", ""), control.get("type", "text"), control.get("value", "")
        if not name or "disabled" in control or tag == "select" or name in dict(values):
            continue
        if name == "version":
            values.append((name, "-1"))
        elif tag == "textarea" or type_ == "text":
            values.append((name, f"Typed, {value}"))
        elif type_ not in ("checkbox", "radio", "file"):
            values.append((name, value))
    return values if "version" in dict(values) else None


def told_of_a_change(visitor, pages):
    """The pages that come back when each kind of form was shown before somebody's change."""
    seen, found = set(), []
    for page in pages:
        for form in Outline(page.html).forms:
            target = urljoin(page.url, form["attributes"].get("action", ""))
            values = outdated(form)
            if values is None or (kind(target), len(values)) in seen:
                continue
            seen.add((kind(target), len(values)))
            status, headers, answer = visitor.post(target, values, kind(target)[0] + " outdated")
            assert status in (412, 422), f"{visitor.role}: {target} took {values}: {status} {headers.get('location')}"
            found.append(answer)
    return found


def stranger_pages(demo, admin):
    """The pages of people who have not signed in, and of addresses there is nothing at."""
    visitor, address = Visitor(demo, "stranger"), demo.address()
    bare = address.replace("northfield.", "")
    account = demo.account("admin")
    sign_in = [("email", account["email"]), ("password", "not the password at all")]
    resume = [("email", account["email"]), ("password", account["password"]), ("resume", "/categories")]
    wanted = [
        visitor.fetch(f"{address}/sign-in"),
        visitor.fetch(f"{bare}/"),
        visitor.fetch(f"{bare}/?institution=nowhere"),
        visitor.fetch(f"{bare}/nothing-here"),
        visitor.fetch(f"{address}/nothing-here"),
        visitor.post(f"{address}/sign-in", sign_in),
        visitor.post(f"{address}/categories", [("name", "Kept through the sign-in")], "/categories signed out"),
        visitor.post(f"{address}/sign-in", resume + [("kept.name", "Kept")], "/sign-in and go on"),
    ]
    person = demo.call("GET", "/accounts?role=staff", token=admin)[1]["items"][0]
    _, invitation = demo.call("POST", f"/accounts/{person['id']}/invitation", {}, token=admin)
    wanted.append(visitor.fetch(invitation["url"]))
    wanted.append(visitor.post(invitation["url"], [("password", "short")], "/invitations/{secret}"))
    wanted.append(visitor.fetch(f"{address}/invitations/{'x' * 43}"))
    wanted += [visitor.fetch(f"{address}/forgot-password"), visitor.post(f"{address}/forgot-password", [("email", "x")])]
    # nobody has set up a provider here
    wanted += [visitor.fetch(f"{address}/sign-in/provider"), visitor.fetch(f"{address}/sign-in/provider/return?code=x&state=x")]
    mail = f"{address}/unsubscribe/00000000-0000-4000-8000-000000000000"
    wanted += [visitor.fetch(mail), visitor.fetch(f"{address}/unsubscribe/x"), visitor.post(mail, [], "/unsubscribe/{token}")]
    for number, (status, headers, page) in enumerate(wanted):
        assert page is not None, f"stranger's page {number}: {status} {headers}"
    return [page for _, _, page in wanted]


def routes():
    """The addresses of all pages, from where the program declares them."""
    found = {}
    for file in SOURCES.rglob("*Pages.swift"):
        for path in re.findall(r'\.get\(\s*"([^"]+)"', file.read_text()):
            found[path] = re.compile(re.sub(r"\\\{(\w+)\\\}", lambda m: r"[^/]+" if m[1] in ("secret", "token", "language", "report") else r"\d+", re.escape(path)) + "$")
    return found


def unlinked(pages, asked):
    """Where the pages' forms lead that is a page itself and was not asked for."""
    known = {kind(url) for url in asked}
    for page in pages:
        for form in Outline(page.html).forms:
            url = urljoin(page.url, form["attributes"].get("action", ""))
            if kind(url) not in known and any(one.match(urlsplit(url).path) for one in routes().values()):
                known.add(kind(url))
                yield url


def every_page(demo, cookies):
    """All pages of all roles; fails where the program has a page no link leads to."""
    admin = demo.token("admin")
    wish = {"name": "SCIM", "expiresAt": "2027-01-01T00:00:00Z", "scopes": ["scim"]}
    provider = demo.call("POST", "/tokens", wish, admin)[1]["token"]
    demo.call("POST", "/scim/v2/Groups", {"displayName": "Advisors"}, provider, base="")
    mail = {"report": "staff-load", "weekday": 1, "hour": 8, "recipients": [demo.call("GET", "/me", token=admin)[1]["account"]["id"]]}
    demo.call("POST", "/report-mails", mail, admin)
    pages, asked = stranger_pages(demo, admin), []
    asked += [page.url for page in pages]
    for role in ROLES:
        visitor = Visitor(demo, role, cookies(role))
        found, urls = crawl(visitor, demo.address() + "/")
        asked += urls
        pages += found + refusals(visitor, found) + told_of_a_change(visitor, found)
        # What is sent to an address of a page can be looked at there too, though no link may say so.
        for url in unlinked(found, asked):
            asked.append(url)
            status, _, page = visitor.fetch(url)
            assert status == 200, f"{role} {url}: {status}"
            pages.append(page)
        for path in ("/nothing-here", "/settings", "/students/999999", "/cohorts/1"):  # by hand; the last leads on
            status, _, page = visitor.fetch(demo.address() + path)
            asked.append(demo.address() + path)
            if status >= 400:
                assert page is not None, f"{role} {path}: {status} without a page"
                pages.append(page)
    paths = [urlsplit(url).path for url in asked]
    missed = [path for path, pattern in routes().items() if not any(pattern.match(one) for one in paths)]
    assert not missed, f"no link leads to {missed}"
    return pages
