"""Every page is valid HTML, as small as a page may be, and says nothing the content security policy forbids."""

import re
from urllib.parse import urlsplit

import html5lib
import pytest
from pages import ROLES, SOURCES, Outline, Visitor, crawl, kind

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
INTERACTIVE = {"a", "button", "input", "select", "textarea", "summary", "label"}
# Elements that hold phrases, and those that are no phrase (HTML, content models).
PHRASING = {"p", "h1", "h2", "h3", "h4", "span", "b", "small", "label", "button", "legend", "bdi", "time", "code", "pre"}
FLOW = {
    "div", "p", "ul", "ol", "li", "dl", "table", "form", "fieldset", "section", "article", "nav", "header", "footer",
    "main", "details", "figure", "h1", "h2", "h3", "h4", "pre",
}
CHILDREN = {
    "ul": {"li"}, "ol": {"li"}, "tr": {"td", "th"}, "tbody": {"tr"}, "thead": {"tr"}, "select": {"option", "optgroup"},
    "table": {"caption", "thead", "tbody", "tfoot"}, "dl": {"dt", "dd", "div"},
}
REFERENCES = ["for", "aria-labelledby", "aria-describedby", "aria-controls", "form", "data-live", "data-count", "list"]


def elements(node, above=()):
    for child in node:
        if isinstance(child.tag, str):
            yield child, above
            yield from elements(child, above + (child,))


def faults(page):
    """What is wrong with a page's HTML."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page.html)
    for (line, _), code, details in parser.errors:
        yield f"line {line}: {code} {details}"
    found = list(elements(root))
    ids = [one.get("id") for one, _ in found if one.get("id") is not None]
    yield from {f"id {one} is there twice" for one in ids if ids.count(one) > 1}
    labels = {one.get("for") for one, _ in found if one.tag == "label"}
    for one, above in found:
        tag, tags = one.tag, [parent.tag for parent in above]
        name = f"<{tag} {' '.join(f'{key}={value[:40]}' for key, value in one.items())}>"
        for key, value in one.items():
            if key == "style" or key.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"{name}: {key}"
            if key in REFERENCES:
                yield from (f"{name}: {key} leads to no id" for part in value.split() if part not in ids)
            if not value and key in ("id", "for", "href", "name", "action", "lang", "aria-label", "title"):
                yield f"{name}: {key} is empty"
        if tag == "style" or tag == "script" and not one.get("src"):
            yield f"{name} inline"
        if tag in FLOW and tags and tags[-1] in PHRASING:
            yield f"{name} in <{tags[-1]}>"
        if tags and tags[-1] in CHILDREN and tag not in CHILDREN[tags[-1]]:
            yield f"{name} in <{tags[-1]}>"
        if tag == "li" and tags[-1] not in ("ul", "ol"):
            yield f"{name} in no list"
        if tag in INTERACTIVE and one.get("type") != "hidden":
            yield from (f"{name} in <{outer}>" for outer in tags if outer in ("a", "button", "summary"))
        if tag == "form" and "form" in tags:
            yield f"{name} in a form"
        if tag in ("input", "select", "textarea") and one.get("type") not in UNLABELLED and one.get("hidden") is None:
            named = one.get("id") in labels or one.get("aria-label") or one.get("aria-labelledby") or "label" in tags
            if not named:
                yield f"{name} has no label"
        if tag == "img" and one.get("alt") is None:
            yield f"{name} has no alt"
        if tag == "a" and (one.get("href") or "").startswith("#") and one.get("href")[1:] not in ids:
            yield f"{name} leads to no id"
    headings = [int(one.tag[1]) for one, above in found if re.fullmatch("h[1-6]", one.tag) and not in_navigation(above)]
    if headings.count(1) != 1:
        yield f"{headings.count(1)} h1"
    yield from (f"h{second} after h{first}" for first, second in zip(headings, headings[1:]) if second > first + 1)


def in_navigation(above):
    return any(one.tag in ("nav", "header") for one in above)


def test_html_is_valid(pages):
    wrong = {page.name: sorted(set(faults(page))) for page in pages}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_what_a_form_is_told_are_sentences(pages):
    """Each has its subject and ends; "mend this" stands only over what can be mended."""
    found = {}
    for page in pages:
        root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page.html)
        said = [one for one, above in elements(root) if one.get("class") == "field-error"]
        said += [one for one, above in elements(root) if one.tag == "li" and any(up.get("id") == "problems" for up in above)]
        for one in said:
            text = "".join(one.itertext()).strip()
            if not re.match(r"[A-ZÁÉÍÓÚ0-9“«].*[.?!”»]$", text, re.S) or re.search(r"\b[a-z]+-[a-z]+-[a-z]+\b", text):
                found.setdefault(page.name, []).append(text)
    assert found == {}


def test_pages_are_small(pages):
    large = {page.name: len(page.sent) for page in pages if not page.form and len(page.sent) > 60 << 10}
    assert large == {}


def test_titles_tell_pages_apart(pages):
    """Within a role no two kinds of page have one title; an entry chosen in a list keeps the list's."""
    titles = {}
    for page in pages:
        title = Outline(page.html).title
        assert len(title) > 5 and "{" not in title, page.name
        if page.status == 200 and not page.form:
            path = kind(page.url)[0].removesuffix("/{n}") if "/milestones/" in page.url else kind(page.url)[0]
            titles.setdefault((page.role, urlsplit(page.url).netloc, title), set()).add(path)
        elif 'id="problems"' in page.html:
            assert title.startswith("Error: "), page.name
    assert {title: sorted(paths) for title, paths in titles.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_language_is_said(demo, cookies, language):
    for role in ROLES:
        found, _ = crawl(Visitor(demo, role, cookies(role), language), demo.address() + "/")
        for page in found:
            assert f'<html lang="{language}">' in page.html, page.name
            assert not re.search(r">\s*(shell|menu|done|fields|errors)\.[a-z]", page.html), page.name


def test_stylesheet_has_no_dead_rules():
    """Each class of the stylesheet is drawn by some page or set by a script, and each that is drawn has a rule."""
    styles = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", (SOURCES / "Assets" / "waymark.css").read_text(), flags=re.S)
    ruled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", styles)))
    program = "".join(file.read_text() for file in SOURCES.rglob("*.swift"))
    scripts = "".join(file.read_text() for file in SOURCES.rglob("*.js"))
    # the texts in `.class(...)`, which may hold parentheses itself, without what is put into them: `"key \(kind)"`
    values = re.findall(r"\.class\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)", program)
    texts = [text for value in values for text in re.findall(r'"((?:[^"\\]|\\\([^)]*\))*)"', value)]
    drawn = {name for text in texts for name in re.sub(r"\\\(.*?\)", " ", text).split()}
    kinds = [re.search(rf"enum {name}: String \{{\s*case ([a-z, ]+)", program)[1] for name in ["Tone", "ButtonKind"]]
    tones = set(", ".join(kinds).split(", "))
    scripted = set(re.findall(r'classList\.\w+\("([\w-]+)"', scripts))
    assert ruled - drawn - tones - scripted == set()
    assert drawn - ruled - {"app"} == set()
