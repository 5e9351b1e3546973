"""Spanish: no page with English left on it. That the catalogue is complete is tested by WordsTests."""

import json
import re
from pathlib import Path

import pytest
from person import Person

SOURCES = Path(__file__).parents[2] / "Sources"
TEXTS = SOURCES / "Web/Texts"

# What every text of a page says, to eyes and to screen readers.
READ = """() => {
  const texts = [document.title], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("script, style, pre, code, select#timeZone")) texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[aria-label], [placeholder], [title], [alt], [data-label]")) {
    for (const name of ["aria-label", "placeholder", "title", "alt", "data-label"]) texts.push(element.getAttribute(name) ?? "");
  }
  return texts.map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean);
}"""


def catalogue(language):
    texts = {}
    for file in sorted(TEXTS.glob(f"*/text.{language}.json")):
        for key, value in json.loads(file.read_text()).items():
            forms = value if isinstance(value, dict) else {"": value}
            texts.update({(file.parent.name, key, form): text for form, text in forms.items()})
    return texts


def pattern(text):
    """A text with its `{names}` filled in. Where little stands around them, only numbers: `{n} of {total}` is no title."""
    words = re.findall(r"[a-z]{2,}", re.sub(r"\{\w+\}", "", text), re.I)
    return re.sub(r"\\\{\w+\\\}", ".+" if len(words) > 3 else r"[\\d.,]+", re.escape(text))


def leftovers(person):
    """Texts of the page that stand in the English catalogue and not in the Spanish one."""
    spanish = set(catalogue("es").values())
    said = {text for key, text in catalogue("en").items() if key[0] != "terms"}  # words that stand only within sentences
    english = [text for text in said if text not in spanish and len(text) > 3]
    whole = re.compile("|".join(map(pattern, english)))
    return sorted({text for text in person.page.evaluate(READ) if whole.fullmatch(text)})


ADMIN = [
    "/overview", "/queue", "/students", "/cohorts", "/setup", "/accounts", "/accounts/new", "/groups", "/groups/new",
    "/departments", "/imports", "/imports/scim", "/settings", "/tokens", "/audit", "/card", "/directory",
]


@pytest.mark.parametrize(
    "role,pages",
    [
        ("admin", ADMIN), ("director", ["/overview", "/groups", "/groups/new", "/card"]),
        ("manager", ["/overview", "/groups"]), ("staff", ["/queue", "/students", "/overview", "/card", "/cohorts"]),
        ("student", ["/dashboard", "/directory", "/queue"]),
    ],
)
def test_no_page_has_english_left(page_of, demo, role, pages):
    person = Person(page_of(role, language="es-ES"))
    found = {}
    for path in pages:
        person.page.goto(demo.address() + path)
        assert person.page.locator("html").get_attribute("lang") == "es"
        if left := leftovers(person):
            found[path] = left
    assert found == {}


def test_no_page_of_a_cohort_and_of_a_person_has_english_left(page_of, demo):
    token = demo.token("admin")
    _, cohorts = demo.call("GET", "/cohorts", token=token)
    cohort = cohorts["items"][0]["id"]
    _, milestones = demo.call("GET", f"/cohorts/{cohort}/milestones", token=token)
    _, students = demo.call("GET", f"/cohorts/{cohort}/students", token=token)
    student = students["items"][0]["id"]
    tabs = ["students", "progress", "add-students", "milestones", "support-groups", "attach", "details"]
    pages = [f"/cohorts/{cohort}/{tab}" for tab in tabs] + [
        f"/cohorts/{cohort}/milestones/{milestones['items'][0]['id']}", f"/students/{student}",
        f"/students/{student}/milestones/{milestones['items'][0]['id']}", f"/accounts/{student}", "/departments/1",
        "/groups/1",
    ]
    admin = Person(page_of("admin", language="es-ES"))
    found = {}
    for path in pages:
        admin.page.goto(demo.address() + path)
        if left := leftovers(admin):
            found[path] = left
    assert found == {}


def test_no_english_word_on_pages_that_hold_nothing_yet(empty, open_page):
    """Without people and work every word is ours: none of them may be English, catalogue or not."""
    admin = Person(open_page(language="es-ES"))
    account = empty.account("admin")
    admin.page.goto(empty.address())
    admin.fill("Correo electrónico", account["email"])
    admin.fill("Contraseña", account["password"])
    admin.page.get_by_role("main").get_by_role("button").first.click()
    admin.page.wait_for_url(lambda url: "/sign-in" not in url)
    english = re.compile(r"\b(the|and|of|your|with|this|that|not|is|are|must|here|yet|nobody|students?|groups?|cohorts?)\b", re.I)
    found = {}
    for path in ADMIN:
        admin.page.goto(empty.address() + path)
        said = [text for text in admin.page.evaluate(READ) if english.search(text) and "Northfield" not in text]
        # columns of a CSV file, examples of values and names of settings stay as they are
        said = [text for text in said if not re.search("given_name|cohort/12|https?://", text)]
        if said:
            found[path] = said
    assert found == {}


def test_a_form_with_mistakes_says_so_in_spanish(page_of):
    admin = Person(page_of("admin", "/accounts/new", language="es-ES"))
    admin.fill("Nombre", "   ")
    admin.fill("Correo electrónico", "no.dot@nowhere")
    admin.page.get_by_role("main").locator("form").get_by_role("button").first.click()
    alert = admin.page.get_by_role("alert")
    text = alert.inner_text()
    assert "debe ser una dirección de correo" in text and "no debe estar vacío" in text, text
    assert leftovers(admin) == []
