"""Every page of every role fits: six widths, text twice as large, both languages, on paper. Colours are no matter of width: both
schemes, and axe, are looked at by `test_accessibility`."""

import json
import os

import pytest
from pages import ROLES, Visitor, crawl, kind
from test_accessibility import INSPECT

WIDTHS = (320, 360, 768, 900, 1280, 1920)


def look(page, *checks):
    return page.evaluate("(checks) => checks.flatMap((check) => [...new Set(look[check]())])", list(checks))


@pytest.mark.parametrize("language", ["en-US", "es-ES"])
def test_nothing_is_cut_off_at_any_width(open_page, demo, cookies, language):
    page, kinds, found = open_page(language=language), set(), {}
    page.add_init_script(f"window.look = {INSPECT}")
    for role in ["stranger", *ROLES]:
        state = cookies(role) if role in ROLES else None
        page.context.clear_cookies()
        if state:
            page.context.add_cookies(state["cookies"])
        for shown in crawl(Visitor(demo, role, state, language), demo.address() + "/")[0]:
            # of a kind that was looked at, filtered or by another role: the widths at which most has been cut off
            isNew = kind(shown.url)[0] not in kinds or "WAYMARK_BROWSER_THOROUGH" in os.environ
            kinds.add(kind(shown.url)[0])

            def note(how, faults):
                if faults:
                    found.setdefault(f"{shown.name} {how}", []).extend(faults)

            page.goto(shown.url)
            for width in WIDTHS if isNew else (320, 900):
                page.set_viewport_size({"width": width, "height": 900})
                note(width, look(page, "wide", "words"))
            if isNew:
                page.evaluate("document.documentElement.style.fontSize = '200%'")
                for width in (900, 1280):
                    page.set_viewport_size({"width": width, "height": 900})
                    note(f"{width}, large text", look(page, "wide"))
                page.evaluate("document.documentElement.style.fontSize = ''")
                page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
                page.set_viewport_size({"width": 768, "height": 900})
                note("768, opened", look(page, "wide", "words"))
                page.emulate_media(media="print")
                note("on paper", look(page, "paper"))
                page.emulate_media(media="screen")
    assert found == {}, json.dumps(found, indent=1, ensure_ascii=False)


def test_a_table_of_cards_is_a_table_to_screen_readers(page_of):
    page = page_of("admin", "/accounts", width=360)
    assert page.locator("tbody tr").first.evaluate("(row) => getComputedStyle(row).display") == "flex"
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored")]
    rows = page.locator("tbody tr").count()
    assert roles.count("table") == 1 and roles.count("columnheader") == 5
    assert roles.count("row") == rows + 1 and roles.count("rowheader") == rows and roles.count("cell") == 4 * rows
    labels = page.locator("tbody tr").first.locator("td").evaluate_all("(all) => all.map((one) => one.dataset.label)")
    assert labels == page.locator("thead th").all_inner_texts()[1:]


def test_on_paper_each_page_says_where_who_and_when(page_of):
    for role, path, name in [("staff", "/queue", "Northfield College · "), ("student", "/dashboard", "Northfield College · ")]:
        page = page_of(role, path)
        page.emulate_media(media="print")
        line = page.locator(".paper-only").inner_text()
        assert line.startswith(name) and line.count(" · ") == 2 and "20" in line, line
