"""A student and whoever answers, at one milestone at the same time."""

from datetime import date, timedelta
from itertools import count

import pytest
from person import Person, whole
from playwright.sync_api import expect
from test_two_people import is_told_of_a_change

numbers = count(1)
scripts = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


class Student(Person):
    """At the card of one milestone on the dashboard. Once its form is sent, another window is needed to find the card again."""

    def __init__(self, page, milestone):
        super().__init__(page)
        self.card = page.locator(f"#milestone-{milestone}")
        expect(self.card).to_be_visible()

    def write(self, text):
        self.unfold("Add a note or files", self.card)
        self.note.fill(text)

    @property
    def note(self):
        return self.field("Note for your support team", self.card)

    def send(self):
        self.press("Tell them it is done", self.card)


class Decider(Person):
    """At a queue that holds one request."""

    def __init__(self, page):
        super().__init__(page)
        self.requests = page.get_by_role("table", name="Completion requests")
        self.what = self.requests.locator("input[name=item]").get_attribute("aria-label").removeprefix("Select: ")

    def write(self, comment):
        self.follow(f"Return or waive: {self.what}")
        self.comment.fill(comment)

    @property
    def comment(self):
        return self.page.get_by_role("textbox", name=whole(f"Comment: {self.what}"))

    def approve(self):
        self.press(f"Approve: {self.what}", self.requests)

    def give_back(self):
        self.press("Return", self.requests)


class Errand:
    """A milestone in a cohort of the shown student."""

    def __init__(self, page_of, cohort, milestone):
        self.page_of = page_of
        self.cohort = cohort
        self.milestone = milestone

    def student(self, **look):
        """Another window of the student's."""
        return Student(self.page_of("student", f"/dashboard#milestone-{self.milestone}", **look), self.milestone)

    def is_sent_with(self, note):
        student = self.student()
        student.write(note)
        student.send()
        student.is_told("Sent: Hand in the form.")

    def is_taken_back(self):
        student = self.student()
        student.press("Take it back", student.card)
        student.is_told("Taken back: Hand in the form")

    def decider(self, **look):
        return Decider(self.page_of("admin", f"/queue?milestone={self.milestone}", **look))


@pytest.fixture()
def errand(demo, page_of):
    """Of the test's own; archived afterwards. Staff mark it done, when the student asks."""
    token, student = demo.token("admin"), demo.account("student")

    def call(method, path, data=None):
        status, answer = demo.call(method, path, data, token=token)
        assert status < 300, (path, answer)
        return answer

    category = call("GET", "/categories")["items"][0]["id"]
    cohort = call("POST", f"/categories/{category}/cohorts", {"name": f"Two at one, {next(numbers)}"})["id"]
    call("POST", f"/cohorts/{cohort}/students", {"email": student["email"]})
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    body = {"title": "Hand in the form", "dueOn": tomorrow, "completion": "staff"}
    milestone = call("POST", f"/cohorts/{cohort}/milestones", body)["id"]
    yield Errand(page_of, cohort, milestone)
    call("PATCH", f"/cohorts/{cohort}", {"archived": True})


@scripts
def test_what_was_sent_again_is_read_before_it_is_decided(errand, javascript):
    errand.is_sent_with("The first text.")
    decider = errand.decider(javascript=javascript)
    decider.sees("“The first text.”")
    decider.write("Please sign it.")
    for text, decide in [("The second text.", decider.approve), ("The third text.", decider.give_back)]:
        errand.is_taken_back()
        errand.is_sent_with(text)
        decide()
        decider.sees("was sent again since you opened this page; read it, then decide.")
        decider.sees(f"“{text}”")
        expect(decider.comment).to_have_value("Please sign it.")
        # and nobody has decided
        again = errand.student()
        expect(again.card.get_by_role("button", name="Take it back")).to_be_visible()

    decider.give_back()
    decider.is_told("Sent back with your comment")
    again = errand.student()
    again.sees("Please sign it.", again.card)


@scripts
def test_a_note_is_kept_when_the_request_was_returned_meanwhile(errand, javascript):
    student = errand.student(javascript=javascript)
    student.write("Half an hour\nof typing.")
    elsewhere = errand.student(width=360)
    elsewhere.send()
    elsewhere.is_told("Sent: Hand in the form.")
    decider = errand.decider()
    decider.write("Please sign it.")
    decider.give_back()
    decider.is_told("Sent back with your comment")

    student.send()
    is_told_of_a_change(student)
    student.sees("Please sign it.", student.card)
    expect(student.note).to_have_value("Half an hour\nof typing.")
    student.send()
    student.is_told("Sent: Hand in the form.")
    decider = errand.decider()
    expect(decider.requests).to_contain_text("Half an hour")


@scripts
def test_a_note_is_given_back_when_it_is_done_meanwhile(errand, javascript):
    student = errand.student(javascript=javascript)
    student.write("Half an hour\nof typing.")
    elsewhere = errand.student(width=360)
    elsewhere.send()
    elsewhere.is_told("Sent: Hand in the form.")
    decider = errand.decider()
    decider.approve()
    decider.is_told("Approved")

    student.send()
    is_told_of_a_change(student)
    expect(student.region("What you had typed").get_by_role("textbox")).to_have_value("Half an hour\nof typing.")
    expect(student.card).to_contain_text("done")


@scripts
def test_what_was_sent_is_not_marked_as_done_from_an_older_page(errand, javascript):
    asking = errand.student(javascript=javascript)
    admin = Person(errand.page_of("admin", f"/cohorts/{errand.cohort}/milestones/{errand.milestone}"))
    admin.field("Who marks it done").select_option(label="The student")
    admin.press("Save Milestone")
    admin.is_told("Saved: Hand in the form")
    marking = errand.student(javascript=javascript, width=360)
    expect(marking.card.get_by_role("button", name="Mark as done")).to_be_visible()
    asking.write("It lies on your table.")
    asking.send()
    asking.is_told("Sent: Hand in the form.")

    marking.press("Mark as done", marking.card)
    is_told_of_a_change(marking)
    marking.sees_no("archived")
    expect(marking.card).to_be_visible()
    expect(marking.card.get_by_role("button", name="Mark as done")).to_have_count(0)
    decider = errand.decider()
    decider.sees("“It lies on your table.”")
    marking.press("Take it back", marking.card)
    marking.is_told("Taken back: Hand in the form")
    marking = errand.student(javascript=javascript, width=360)
    marking.press("Mark as done", marking.card)
    marking.is_told("Marked as done: Hand in the form")

    # the queue that still shows the request
    decider.approve()
    decider.sees("is now “done”")
    decider.sees_no("archived")
    expect(decider.page.get_by_role("button", name=whole(f"Approve: {decider.what}"))).to_have_count(0)
