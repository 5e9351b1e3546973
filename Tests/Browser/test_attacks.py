"""What an attacker tries with a browser: hostile text everywhere, foreign pages that frame and post, redirects elsewhere."""

import json
import re
import ssl
from urllib.parse import quote, urlencode, urlsplit

import pytest

from conftest import Complaints, Loopback, fill_in
from provider import provide

# Each hostile text stands between marks, so that a page can be asked whether it shows all of it and nothing else.
HOSTILE = [
    "<script>window.ran=1</script>",
    '"><img src=x onerror=window.ran=1>',
    "' autofocus onfocus=window.ran=1 x='",
    "</title></textarea></style><svg onload=window.ran=1>",
    "{{institution}} {{{viewer}}} {{#t}}{{/t}} {{>layouts.base}}",
    "&lt;b&gt; &amp;amp; &#60;script&#62;",
    "\u202eexe.gnp\u2066",
    '=HYPERLINK("https://evil.example";"x")+cmd|\'/C calc\'!A0',
    "javascript:window.ran=1",
    "--><script>window.ran=1</script><!--",
    "${7*7} #{7*7} %{7*7} <%= 7*7 %>",
    "\\u003cscript\\u003e %3Cscript%3E",
]
IMAGE = "<img src=x onerror=window.ran=1>"
PASSWORD = "a long enough password"
ROLES = ["admin", "director", "manager", "staff", "student"]
SHOWN = """() => [...document.querySelectorAll('*')].flatMap(e => e.closest('.prose') ? (e.matches('.prose') ? [e.textContent] : []) : [
        ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data),
        ...(e.matches('input, textarea, option') ? [e.value] : []),
    ]).join('\\n') + '\\n' + document.title"""


class Texts:
    """Hands out hostile texts, each once, and knows them again."""

    def __init__(self):
        self.made = []

    def __call__(self, most=200):
        text = f"Zq{len(self.made)} {HOSTILE[len(self.made) % len(HOSTILE)]} qZ"
        assert len(text) <= most, text
        self.made.append(text)
        return text

    def judge(self, page):
        """Nothing ran, and whatever is shown of these texts is shown exactly."""
        assert page.evaluate("window.ran") is None, page.url
        assert page.locator("img[src=x], svg[onload], script:not([src]), [onerror], [onfocus]").count() == 0, page.url
        found = set(re.findall(r"Zq\d+ (?:(?!Zq\d).)*?(?:qZ|…)", page.evaluate(SHOWN), re.DOTALL))
        shortened = {text for text in found if text.endswith("…")}  # long names in a chart
        for text in shortened:
            assert any(one.startswith(text[:-1]) for one in self.made), (page.url, text)
        # the audit shows values as JSON
        written = {form: text for text in self.made for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])}
        assert found - shortened - written.keys() == set(), page.url
        return {written[form] for form in found - shortened}


def text_fields(document):
    """Every free text of every body of the API: `POST /groups name`."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for name, schema in (content or {}).get("schema", {}).get("properties", {}).items():
                schema = (schema.get("anyOf") or [schema])[0]
                if schema.get("type") == "string" and "enum" not in schema and "format" not in schema:
                    yield f"{method.upper()} {path} {name}"


class Furnisher:
    """Fills an institution by the API, and notes which texts it has sent."""

    def __init__(self, demo, texts):
        self.demo, self.texts, self.token, self.sent = demo, texts, demo.token("admin"), set()

    def __call__(self, method, path, media="application/json", **data):
        status, answer = self.demo.call(method, path, data, self.token)
        assert status < 300, (method, path, data, answer)
        template = re.sub(r"/(complete|return|submit|reopen|waive|grant)$", "/{action}", path)
        self.sent |= {(method, template, name) for name in data}
        return answer

    def file(self, milestone, name):
        address, trust = urlsplit(self.demo.address()), ssl.create_default_context(cafile=self.demo.certificate)
        place = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "text/html", "Content-Disposition": place}
        connection = Loopback(address.hostname, address.port, context=trust)
        connection.request("POST", f"/api/v1/milestones/{milestone}/files", b"<script>window.ran=1</script>", headers)
        assert connection.getresponse().status == 201

    def has_sent(self, field):
        method, path, name = field.split(" ")
        pattern = re.compile(re.sub(r"\{action\}", "{action}", re.sub(r"\{(?!action)\w+\}", r"[^/]+", path)).replace(
            "{action}", r"\{action\}") + "$")
        return any(m == method and n == name and pattern.match(p) for m, p, n in self.sent)


def furnish(demo, texts):
    """One of everything, every text of it hostile; returns the five roles' addresses."""
    put = Furnisher(demo, texts)
    put("PATCH", "/settings", name=texts())
    put("PATCH", "/imports/oneroster/rules", classText=texts())
    people = {}
    for role in ROLES:
        extra = {"studentNumber": texts(100)} if role == "student" else {}
        names = {"givenName": texts(), "familyName": texts(), "preferredName": texts(100)}
        people[role] = put("POST", "/accounts", email=f"{role}@attack.example", role=role, password=PASSWORD, **names, **extra)
    for role, person in people.items():
        put("PATCH", f"/accounts/{person['id']}", givenName=texts(), familyName=texts(), preferredName=texts(100))
    put("PATCH", f"/accounts/{people['student']['id']}", studentNumber=texts(100))
    department = put("POST", "/departments", name="before")["id"]
    put("PATCH", f"/departments/{department}", name=texts())
    demo.call("PUT", f"/departments/{department}/directors/{people['director']['id']}", token=put.token)
    group = put("POST", "/groups", name=texts(), description=texts(), departmentId=department)["id"]
    put("PATCH", f"/groups/{group}", name=texts(), description=texts())
    for role in ("director", "manager", "staff"):
        put("PUT", f"/groups/{group}/members/{people[role]['id']}", manager=role == "manager")
        put(
            "PUT", f"/accounts/{people[role]['id']}/card", title=texts(), office=texts(), phone=texts(100),
            location=texts(), biography=texts(), hours=texts(),
            bookingURL=f"https://booking.example/?q='onclick=window.ran=1//{role}", published=True)
    category = put("POST", "/categories", name=texts())["id"]
    put("PATCH", f"/categories/{category}", name=texts())
    cohort = put("POST", f"/categories/{category}/cohorts", name=texts(), goal=texts())["id"]
    put("PATCH", f"/cohorts/{cohort}", name=texts(), goal=texts())
    put("POST", f"/cohorts/{cohort}/students", email="student@attack.example")
    demo.call("PUT", f"/cohorts/{cohort}/groups/{group}", token=put.token)
    milestone = put("POST", f"/cohorts/{cohort}/milestones", title=texts(), description=texts())["id"]
    put("PATCH", f"/milestones/{milestone}", title=texts(), description=texts(), completion="student")
    other = put("POST", f"/cohorts/{cohort}/milestones", title=texts(), description=texts())["id"]
    put.file(milestone, texts().replace("/", "-"))
    texts.made.append(texts.made[-1].replace("/", "-"))
    put("PATCH", "/settings", studentVisibility="enabled", cohortDelegation=True)
    student = people["student"]["id"]
    for one, action in ((milestone, "complete"), (milestone, "reopen"), (other, "waive")):
        put("POST", f"/milestones/{one}/progress/{student}/{action}", comment=texts())
    due = put("POST", f"/cohorts/{cohort}/milestones", title=texts(), dueOn="2126-01-01")["id"]
    put("POST", f"/milestones/{due}/extensions/{student}/grant", dueOn="2126-01-02", comment=texts())
    put("POST", f"/cohorts/{cohort}/successors", name=texts(), shiftDays=364, students="none")
    put("POST", "/views", name=IMAGE, query="overdue=true")
    for method, path in (("PUT", "/mail-templates/en"), ("PUT", "/mail-templates/en?kind=request"), ("POST", "/mail-templates/en/preview")):
        put(method, path, subject=IMAGE, opening=IMAGE, closing=IMAGE)
    provide(demo, put, texts, group)
    return put, {role: person["email"] for role, person in people.items()}


# What is no text that others see: secrets, addresses, zones, colors; and the link, whose form is judged below.
NOT_SHOWN = {"password", "challenge", "code", "clientSecret", "email", "timeZone", "bookingURL", "issuer", "color"}


def crawl(page, start, texts):
    """Visits each kind of page this person can reach by links; returns the texts seen and the forms met."""
    seen, waiting, known, visited, forms = set(), [start], set(), {}, {}
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(start))
    while waiting:
        address = waiting.pop(0).split("#")[0]
        kind = re.sub(r"\d+", "N", urlsplit(address).path) + "?" * bool(urlsplit(address).query)
        if address in known or visited.get(kind, 0) >= 3 or re.search("/files/|/assets/|csv|/record$", kind):
            continue
        known.add(address)
        visited[kind] = visited.get(kind, 0) + 1
        answer = page.goto(address)
        assert answer.status < 500, address
        seen |= texts.judge(page)
        waiting += [
            link for link in page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
            if link.startswith(origin)
        ]
        for form in page.eval_on_selector_all(
            "form", "all => all.map((one, at) => [one.getAttribute('action') || '', at, one.querySelectorAll("
            "'input[type=text], input:not([type]), input[type=search], textarea').length])"
        ):
            if form[2]:
                forms.setdefault(re.sub(r"\d+", "N", urlsplit(form[0]).path) + kind, (page.url, form[1]))
    return seen, visited, forms


def refill(page, forms, texts):
    """Sends each form with hostile, much too long text, as a browser without its own checks would; the page that comes
    back shows what was typed."""
    for address, place in forms.values():
        page.goto(address)
        sends = page.evaluate("place => document.forms[place].method", place)
        long = texts() + "x" * (30_000 if sends == "post" else 3_000)
        with page.expect_navigation():
            page.evaluate(
                """([place, text]) => {
                    const form = document.forms[place]
                    for (const one of form.querySelectorAll('input, textarea'))
                        if (one.matches('textarea, [type=text], [type=search], [type=email], [type=url], :not([type])')) {
                            one.removeAttribute('maxlength')
                            one.value = text
                        }
                    HTMLFormElement.prototype.submit.call(form)
                }""",
                [place, long])
        texts.judge(page)


@pytest.fixture()
def hostile_page(chromium):
    """Makes pages of which no dialog may open and no policy be broken."""
    contexts, complaints = [], Complaints()

    def make():
        context = chromium.new_context(ignore_https_errors=True, locale="en-US")
        context.set_default_timeout(60_000)
        complaints.watch(context)
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def test_hostile_text_is_shown_and_never_run(empty, hostile_page):
    texts = Texts()
    put, people = furnish(empty, texts)
    document = empty.call("GET", "/openapi.json")[1]
    forgotten = [
        field for field in text_fields(document)
        if field.rsplit(" ", 1)[1] not in NOT_SHOWN and not put.has_sent(field)
    ]
    assert forgotten == [], "send hostile text there too"

    shown, sent = set(), set()
    for role in ROLES:
        page = hostile_page()
        page.goto(empty.address())
        fill_in(page, people[role], PASSWORD)
        seen, visited, forms = crawl(page, page.url, texts)
        assert len(visited) >= 3 and seen, role
        shown |= seen
        refill(page, {name: form for name, form in forms.items() if name not in sent}, texts)
        sent |= forms.keys()
        for link in page.goto(empty.address() + "/directory") and page.locator("a[href*='booking.example']").all():
            assert urlsplit(link.get_attribute("href")).scheme == "https"
    assert len(shown) >= 30, f"only {len(shown)} of names, cards, goals, milestones, comments and rules were looked at"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:window.ran=1", "JaVaScRiPt:window.ran=1", "data:text/html,<script>window.ran=1</script>",
        "http://plain.example/", "//evil.example/", "https:evil.example", "https://", "https://user@evil.example/",
        'https://x.example/"onclick="window.ran=1', "java\nscript:window.ran=1", " javascript:window.ran=1",
        "https://x.example/<script>", "vbscript:x", "https://x.example\\@evil.example",
    ],
)
def test_a_booking_link_is_https_and_nothing_else(demo, link):
    token = demo.token("staff")
    me = demo.call("GET", "/me", token=token)[1]["account"]["id"]
    status, answer = demo.call("PUT", f"/accounts/{me}/card", {"bookingURL": link}, token)
    assert status == 422 and answer["errors"][0]["field"] == "bookingURL", answer


MARKUP = quote("<script>window.ran=1</script> \"><img src=x onerror=window.ran=1> ' onfocus=window.ran=1 {{institution}}")


def test_nothing_of_an_address_is_reflected_as_markup(demo, cookies, hostile_page):
    page = hostile_page()
    page.context.add_cookies(cookies("admin")["cookies"])
    texts = Texts()
    paths = [
        "/sign-in", "/cohorts", "/groups", "/accounts", "/audit", "/students", "/overview", "/queue", "/directory",
        "/departments", "/tokens", "/settings", "/setup", "/accounts/new", "/nothing",
    ]
    names = ["q", "next", "done", "cursor", "status", "role", "archived", "subject", "from", "categoryId", "cohort"]
    for path in paths:
        for value in [MARKUP, "%00", "%ff"]:
            query = "&".join(f"{name}={value}" for name in names)
            answer = page.goto(f"{demo.address()}{path}?{query}")
            assert answer.status < 500, (path, value)
            texts.judge(page)
    for path in ["/<script>window.ran=1</script>", "/cohorts/<script>window.ran=1</script>", "/invitations/<b>x</b>"]:
        page.goto(demo.address() + quote(path))
        texts.judge(page)


# MARK: other sites

EVIL = "https://evil.example/"


def evil_page(chromium, html, storage=None):
    """A page of another site, in a browser that is signed in here."""
    context = chromium.new_context(ignore_https_errors=True, storage_state=storage)
    page = context.new_page()
    page.route(EVIL + "**", lambda route: route.fulfill(content_type="text/html", body=html))
    return page


def test_no_page_is_shown_in_a_foreign_frame(demo, cookies, chromium):
    for path in ["/sign-in", "/settings", "/cohorts", "/directory", "/nothing", "/invitations/x", "/api/v1/me"]:
        html = f'<iframe id="victim" src="{demo.address()}{path}" width="800" height="600"></iframe>'
        page = evil_page(chromium, html, cookies("admin"))
        page.goto(EVIL)
        page.wait_for_load_state("networkidle")
        frame = page.frames[1]
        assert frame.url.startswith("chrome-error:") and demo.address() not in frame.content(), path
        page.context.close()


def test_a_foreign_form_changes_nothing(demo, cookies, chromium):
    token = demo.token("admin")
    before = demo.call("GET", "/categories", token=token)[1]
    for action, fields in [
        ("/categories", {"name": "Planted"}), ("/sign-out", {}), ("/settings", {"name": "Planted"}),
        ("/language", {"language": "es"}), ("/sign-in", {"email": "evil@evil.example", "password": "x"}),
    ]:
        inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
        html = f'<form method="post" action="{demo.address()}{action}">{inputs}</form><script>document.forms[0].submit()</script>'
        page = evil_page(chromium, html, cookies("admin"))
        answers = []
        page.on("response", lambda answer: answers.append((answer.request.method, answer.status)))
        page.goto(EVIL, wait_until="commit")
        page.wait_for_url(lambda url: url.startswith(demo.address()))
        page.wait_for_load_state("networkidle")
        # refused at once: not kept for after a sign-in either
        assert ("POST", 403) in answers, (action, answers)
        page.goto(demo.address() + "/settings")
        assert "/sign-in" not in page.url, "the session is still there"
        assert page.locator("html").get_attribute("lang") == "en"
        page.context.close()
    assert demo.call("GET", "/categories", token=token)[1] == before


def test_a_foreign_script_reads_and_changes_nothing(demo, cookies, chromium):
    page = evil_page(chromium, "<p>evil</p>", cookies("admin"))
    page.goto(EVIL)
    for method, mode in [("GET", "cors"), ("POST", "cors"), ("DELETE", "cors"), ("POST", "no-cors")]:
        outcome = page.evaluate(
            """async ([address, method, mode]) => {
                try {
                    const answer = await fetch(address, {
                        method, mode, credentials: 'include', body: method === 'POST' ? '{"name":"Planted"}' : undefined })
                    return answer.type === 'opaque' ? 'opaque' : await answer.text()
                } catch (error) { return 'refused' }
            }""",
            [demo.address() + "/api/v1/categories", method, mode])
        assert outcome in ("refused", "opaque"), (method, mode, outcome)
    page.context.close()
    assert "Planted" not in json.dumps(demo.call("GET", "/categories?limit=200", token=demo.token("admin"))[1])


ELSEWHERE = [
    "//evil.example", "///evil.example", "https://evil.example/", "HTTPS:evil.example", "/\\evil.example",
    "\\\\evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "%2F%2Fevil.example",
    "/%5Cevil.example", "/%09/evil.example", "javascript:window.ran=1", "data:text/html,x", "/.//evil.example",
    "/..//evil.example", "https:/evil.example", "//evil.example%2F@localhost", "/;@evil.example", "/\u2215evil.example",
    "@evil.example", ".evil.example", ":443@evil.example",
]


def post(demo, path, fields):
    address = urlsplit(demo.address())
    connection = Loopback(address.hostname, address.port, context=ssl.create_default_context(cafile=demo.certificate))
    connection.request(
        "POST", path, body=urlencode(fields),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": demo.address()})
    answer = connection.getresponse()
    answer.read()
    return answer


def test_no_redirect_leads_elsewhere(demo, hostile_page):
    page = hostile_page()
    page.goto(demo.address() + "/sign-in")
    account = demo.account("student")
    for wish in ELSEWHERE:
        answer = post(demo, "/language", {"language": "en", "next": wish})
        targets = [answer.getheader("Location")]
        if wish in ELSEWHERE[:6]:
            answer = post(demo, "/sign-in", {"email": account["email"], "password": account["password"], "next": wish})
            assert answer.status == 303
            targets.append(answer.getheader("Location"))
        for target in targets:
            origin = page.evaluate("([to, from]) => new URL(to, from).origin", [target, demo.address() + "/sign-in"])
            assert origin == demo.address(), (wish, target)
        page.goto(f"{demo.address()}/sign-in?next={quote(wish)}")
        kept = page.locator("input[name=next]").first
        value = kept.get_attribute("value") if kept.count() else ""
        assert page.evaluate("([to, from]) => new URL(to || '/', from).origin", [value, page.url]) == demo.address()


@pytest.mark.parametrize("wish", ["evil.example", "northfield@evil.example", "a/b", "..", "northfield.evil", "x:1", ""])
def test_choosing_an_institution_leads_to_this_site_only(demo, wish):
    address = urlsplit(demo.url)
    connection = Loopback("localhost", address.port, context=ssl.create_default_context(cafile=demo.certificate))
    connection.request("GET", f"/?institution={quote(wish, safe='')}")
    answer = connection.getresponse()
    assert answer.status in (200, 422) and answer.getheader("Location") is None
