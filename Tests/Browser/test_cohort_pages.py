"""The admin's pages of a cohort in a real browser: milestones in order, groups attached, files imported, the preview."""

import pytest


def titles(page):
    return page.eval_on_selector_all("[data-arrange] > li", "items => items.map(item => item.dataset.title)")


@pytest.fixture()
def cohort(demo):
    """A cohort of the test's own, with four milestones."""
    token = demo.token("admin")
    _, categories = demo.call("GET", "/categories", token=token)
    _, made = demo.call(
        "POST", f"/categories/{categories['items'][0]['id']}/cohorts", {"name": "Browser test"}, token=token
    )
    for title in ["One", "Two", "Three", "Four"]:
        demo.call("POST", f"/cohorts/{made['id']}/milestones", {"title": title}, token=token)
    yield made["id"]
    _, milestones = demo.call("GET", f"/cohorts/{made['id']}/milestones", token=token)
    _, groups = demo.call("GET", f"/cohorts/{made['id']}/groups", token=token)
    for item in milestones["items"]:
        demo.call("DELETE", f"/milestones/{item['id']}", token=token)
    for item in groups["items"]:
        demo.call("DELETE", f"/cohorts/{made['id']}/groups/{item['id']}", token=token)
    assert demo.call("DELETE", f"/cohorts/{made['id']}", token=token)[0] == 204


def test_milestones_are_moved_by_keyboard_and_by_dragging(cohort, page_of):
    page = page_of("admin", f"/cohorts/{cohort}/milestones")
    assert titles(page) == ["One", "Two", "Three", "Four"]
    page.get_by_role("button", name="Move up: Two").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Two: now 1 of 4").wait_for(state="attached")
    assert titles(page) == ["Two", "One", "Three", "Four"]
    assert "Move down: Two" in page.evaluate("document.activeElement.textContent"), "at the top only the way down is left"
    page.reload()
    assert titles(page) == ["Two", "One", "Three", "Four"]
    page.locator("[data-title=Two] .fact").drag_to(page.locator("[data-title=Four] .fact"))
    page.get_by_text("Two: now 4 of 4").wait_for(state="attached")
    page.reload()
    assert titles(page) == ["One", "Three", "Four", "Two"]


def test_milestones_are_moved_without_script(cohort, page_of):
    page = page_of("admin", f"/cohorts/{cohort}/milestones", javascript=False)
    page.get_by_role("button", name="Move down: One").click()
    page.wait_for_url("**?done=moved&*")
    assert page.get_by_role("status").first.inner_text() == "Moved: One"
    assert [item.inner_text() for item in page.locator(".arrange b").all()] == ["Two", "One", "Three", "Four"]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_group_is_found_chosen_and_attached(cohort, page_of, javascript):
    page = page_of("admin", f"/cohorts/{cohort}/attach", javascript=javascript)
    page.get_by_role("searchbox").click()
    everything = page.get_by_role("radio")
    assert everything.count() > 3
    name = page.locator("#results label bdi").nth(2).inner_text()
    page.get_by_role("searchbox").press_sequentially(name)
    if not javascript:
        page.get_by_role("button", name="Search").click()
    else:
        page.wait_for_url(lambda url: "q=" in url)
    page.get_by_role("radio", name=name).first.check()
    page.get_by_role("button", name="Attach to Cohort").click()
    page.wait_for_url(lambda url: "/support-groups" in url)
    assert page.get_by_role("heading", name=name, exact=True).count() == 1


def test_an_import_says_what_it_does_and_shows_the_report(page_of, open_page):
    page = page_of("admin", "/imports")
    page.evaluate(
        """() => { window.said = [];
        new MutationObserver(() => window.said.push(document.querySelector('[data-upload] [role=status]')?.textContent))
          .observe(document.body.parentNode, { subtree: true, childList: true, characterData: true }); }"""
    )
    rows = "".join(f"nobody{number},A,B\n" for number in range(3000))
    content = ("email,given_name,family_name\n" + rows).encode()
    page.get_by_label("CSV file").set_input_files({"name": "s.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check the file").click()
    page.get_by_text("3,000 cannot be used").wait_for()
    heard = [text for text in page.evaluate("window.said") if text]
    assert heard[0] == "Sending the file …" and "The file has arrived" in heard[-1]
    assert page.evaluate("document.activeElement.id") == "report"
    # a refusal comes back as a page too
    page.get_by_label("CSV file").set_input_files({"name": "s.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    page.get_by_role("button", name="Check the file").last.click()
    page.get_by_role("alert").wait_for()
    # and an answer that never comes is said
    page.route("**/imports", lambda route: route.abort())
    page.get_by_label("CSV file").set_input_files({"name": "s.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check the file").last.click()
    page.get_by_text("No answer came back").wait_for()
    assert page.get_by_role("button", name="Check the file").last.is_enabled()
    open_page.complaints.clear()


def test_a_preview_can_do_nothing(page_of):
    page = page_of("admin", "/setup")
    page.get_by_role("link", name="Preview as a student").click()
    page.locator("#results a").first.click()
    assert page.get_by_text("Preview:").count() == 1
    assert page.get_by_role("button", disabled=False).count() == 0
    page.get_by_role("link", name="Back to the cohort").click()
    page.wait_for_url("**/students")
