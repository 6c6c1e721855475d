"""Starting and changing a plan, its priorities, and the criticisms of it, on their pages."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    fresh,
    helen,
    ines,
    make_action,
    make_authority,
    make_criticism,
    make_inspection,
    make_member,
    make_plan,
    make_priority,
    marcus,
    priya,
    rachel,
)
from tests.reports.pages import links_of, words_of
from tracker.audit.history import version_of
from tracker.plans import changes
from tracker.plans.models import Criticism, Plan, Priority

pytestmark = pytest.mark.django_db

NEW, CHANGE, CRITICISMS = "/plans/new/", "/plans/2026/edit/", "/plans/2026/criticisms/"


@pytest.fixture
def office(council):
    return aisha(council)


@pytest.fixture
def report(council):
    return make_inspection(council)


@pytest.fixture
def plan(council, report):
    return make_plan(council, answers=[report])


@pytest.fixture
def page(client, signed_in, office):
    """`page(address)` and `page(address, data)` as the programme office, or as `member`."""

    def asked(address, data=None, *, member=office):
        signed_in(client, member)
        return client.get(address) if data is None else client.post(address, data, follow=True)

    return asked


def words(response) -> str:
    assert response.status_code == 200
    return words_of(response.content.decode())


def day_of(name: str, day: date) -> dict:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def test_what_only_the_programme_office_does_is_refused_to_others(council, plan, page):
    make_priority(plan)
    addresses = [NEW, CHANGE, "/plans/2026/priorities/new/", "/plans/2026/priorities/3/edit/"]

    for member in (rachel(council), marcus(council), ines(council)):
        assert [page(address, member=member).status_code for address in addresses] == [403] * 4
        assert [page(address, {}, member=member).status_code for address in addresses] == [403] * 4


def test_another_councils_plan_is_not_found(plan, page):
    stranger = make_member(make_authority("Southmere", "southmere"), Role.PROGRAMME_OFFICE, "Stranger")

    for address in (CHANGE, "/plans/2026/priorities/new/", CRITICISMS, f"{CRITICISMS}new/", f"{CRITICISMS}1/"):
        assert page(address, member=stranger).status_code == 404


# Start and change


def posted(*answers, **fields):
    return {
        "title": "Improvement plan 2026",
        "reference": "2026",
        "answers": [inspection.pk for inspection in answers],
        "note": "",
        **day_of("starts_on", date(2026, 2, 2)),
        **fields,
    }


def test_a_plan_is_started_in_answer_to_several(council, report, page):
    review = make_inspection(council, "2026-peer", framework="peer", published_on=date(2026, 4, 1))

    response = page(NEW, posted(report, review))

    said = words(response)
    assert "Plan started. “Improvement plan 2026” answers" in said
    assert "Peer challenge, April 2026" in said
    assert "The plan has no priorities yet." in said
    assert Plan.objects.get().inspections.count() == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Enter what the plan is called"),
        ({"reference": ""}, "Enter a reference, such as 2026"),
        ({"reference": "Plan A"}, "Enter a reference of small letters, numbers and hyphens"),
        ({"reference": "new"}, "“new” is used already"),
        ({"starts_on-day": ""}, "Enter the day the plan begins that includes a day"),
        (day_of("board_meets_on", date(2026, 1, 1)), "Enter a board on that day or later"),
        ({"answers": []}, "Select at least one inspection or review that the plan answers"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(report, page, fields, said):
    response = page(NEW, posted(report, **fields))

    assert said in words(response)
    assert not Plan.objects.exists()


def test_another_councils_report_is_no_choice(report, page):
    theirs = make_inspection(make_authority("Southmere", "southmere"))

    assert "Select inspections and reviews of this council" in words(page(NEW, posted(theirs)))


def test_a_used_reference_is_refused(plan, report, page):
    assert "“2026” is used already" in words(page(NEW, posted(report)))


def test_without_an_inspection_the_page_leads_to_entering_one(page):
    response = page(NEW)

    assert "A plan answers an inspection or a review, and none has been entered." in words(response)
    assert "Start the plan" not in words(response)


def change_posted(plan, *answers, **fields):
    values = {"title": plan.title, "note": "", "answers": [each.pk for each in answers], "seen": ""}
    return {**values, **day_of("board_meets_on", date(2026, 6, 1)), **fields}


def test_a_plan_is_changed_and_the_message_says_what_is_so_now(council, plan, report, page):
    review = make_inspection(council, "2026-peer", framework="peer")

    response = page(CHANGE, change_posted(plan, report, review))

    assert "Plan saved. It answers 2 inspections and reviews, and the board meets next on 1 June 2026." in words(
        response
    )
    assert fresh(plan).board_meets_on == date(2026, 6, 1)


def test_an_inspection_that_actions_answer_is_not_dropped(council, plan, report, page):
    make_action(plan=plan)
    review = make_inspection(council, "2026-peer", framework="peer")

    assert "Actions of the plan answer recommendations" in words(page(CHANGE, change_posted(plan, review)))
    assert list(plan.inspections.all()) == [report]


def test_the_second_of_two_who_change_a_plan_sees_the_first_and_saves_again(plan, report, office, page):
    seen = version_of(plan)
    changes.change_plan(
        plan, title="Theirs", note="", board_meets_on=None, answers=[report], by=office.user, reason="Changed"
    )

    response = page(CHANGE, change_posted(plan, report, title="Mine", seen=seen))

    said = words(response)
    assert "Aisha Rahman saved it while you were writing. It now has: title “Theirs”" in said
    html = response.content.decode()
    assert 'value="Mine"' in html
    assert f'value="{version_of(plan)}"' in html
    page(CHANGE, change_posted(plan, report, title="Mine", seen=version_of(plan)))
    assert fresh(plan).title == "Mine"


def priority_posted(**fields):
    return {"number": "3", "title": "The front door", "outcome": "No child waits.", "lead": "", "seen": "", **fields}


def test_priorities_are_added_and_changed(council, plan, page):
    lead = marcus(council).user

    assert 'value="1"' in page("/plans/2026/priorities/new/").content.decode()
    assert "Priority added. The plan now has priority 3. The front door." in words(
        page("/plans/2026/priorities/new/", priority_posted())
    )
    said = words(page("/plans/2026/priorities/3/edit/", priority_posted(title="Front door", lead=lead.pk)))

    assert "Priority 3. Front door saved. It is led by Marcus Oyelaran." in said
    assert (Priority.objects.get().title, Priority.objects.get().lead) == ("Front door", lead)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": ""}, "Enter a number"),
        ({"number": "x"}, "Enter a number, such as 3"),
        ({"number": "0"}, "Enter a number, such as 3"),
        ({"number": "4"}, "Priority 4 is there already"),
        ({"title": ""}, "Enter a title"),
        ({"lead": "0"}, "Select someone who works here now"),
    ],
)
def test_a_priority_that_cannot_be_is_refused(plan, page, fields, said):
    make_priority(plan, 4)

    assert said in words(page("/plans/2026/priorities/new/", priority_posted(**fields)))
    assert Priority.objects.count() == 1


def test_the_number_of_a_priority_with_actions_stays(plan, page):
    make_action(plan=plan)

    said = words(page("/plans/2026/priorities/3/edit/", priority_posted(number="9")))

    assert "Priority 3 has actions, and their references begin with its number." in said


# Criticisms


def test_an_empty_list_of_criticisms_says_what_will_be_here(council, plan, page):
    said = words(page(CRITICISMS, member=ines(council)))

    assert "No reviewer has said anything against the plan itself." in said
    assert "Record a criticism" not in said


def test_the_programme_office_records_what_a_reviewer_says(council, plan, page):
    data = {
        "text": "Weak on the recording system.",
        "made_by": "Red Quadrant, for the DfE",
        "paragraph": "4.2",
        "inspection": "",
        "author": "",
        **day_of("made_on", date(2026, 4, 27)),
    }

    response = page(f"{CRITICISMS}new/", data)

    said = words(response)
    assert "Criticism 1 recorded. It is open until it is answered and closed." in said
    assert "“Weak on the recording system.”" in said
    assert "It has no response, no owner and no date yet." in said
    assert "Only the director can close it." in said
    assert "Close this criticism" not in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Enter what is wrong with the plan"),
        ({"made_by": ""}, "Enter who says so"),
        (day_of("made_on", date(2026, 5, 7)), "must be today or in the past"),
        ({"author": "0"}, "Select an independent chair or adviser of this council"),
    ],
)
def test_a_criticism_that_cannot_be_is_refused(plan, page, fields, said):
    data = {"text": "Weak.", "made_by": "Red Quadrant", **day_of("made_on", TODAY), **fields}

    assert said in words(page(f"{CRITICISMS}new/", data))
    assert not Criticism.objects.exists()


def test_a_chair_records_and_closes_their_own(council, plan, page):
    chair = make_member(council, Role.CHAIR, "Ngozi Bello", post="Independent chair")
    assert "It is recorded as yours." in words(page(f"{CRITICISMS}new/", member=chair))

    page(f"{CRITICISMS}new/", {"text": "No measures.", **day_of("made_on", TODAY)}, member=chair)
    row = Criticism.objects.get()
    assert (row.author, row.made_by) == (chair.user, "Ngozi Bello, Independent chair")
    page(
        f"{CRITICISMS}1/respond/",
        {"response": "Added in June.", "owner": priya(council).user.pk, **day_of("due_on", date(2026, 6, 1))},
    )
    response = page(f"{CRITICISMS}1/close/", {"closed_reason": "They are there."}, member=chair)

    assert "Criticism 1 is closed." in words(response)
    assert fresh(row).closed_by == chair.user


def test_the_programme_office_cannot_close_one_and_closed_stays_closed(council, plan, page):
    director, owner = rachel(council), priya(council)
    row = make_criticism(plan)
    changes.respond(row, response="Yes.", owner=owner.user, due_on=TODAY, by=owner.user, on=TODAY)

    assert page(f"{CRITICISMS}1/close/").status_code == 403
    assert page(f"{CRITICISMS}1/close/", {"closed_reason": "Done"}).status_code == 403
    assert "Enter why it can be closed" in words(page(f"{CRITICISMS}1/close/", {}, member=director))
    page(f"{CRITICISMS}1/close/", {"closed_reason": "Done"}, member=director)

    said = words(page(f"{CRITICISMS}1/close/", {"closed_reason": "Again"}, member=director))
    assert "Rachel Adeyemi closed it on 6 May 2026. Closed criticisms stay closed" in said
    assert "Criticism 1 is closed" in words(page(f"{CRITICISMS}1/respond/"))
    assert fresh(row).closed_reason == "Done"


def test_one_without_a_response_is_not_closed(council, plan, page):
    make_criticism(plan)

    said = words(page(f"{CRITICISMS}1/close/", {"closed_reason": "Done"}, member=rachel(council)))

    assert "Record the council’s response first" in said


def test_the_owner_of_a_response_may_change_it_and_others_may_not(council, plan, page):
    owner = priya(council)
    row = make_criticism(plan)
    assert page(f"{CRITICISMS}1/respond/", member=owner).status_code == 403
    changes.respond(row, response="Yes.", owner=owner.user, due_on=TODAY, by=owner.user, on=TODAY)

    data = {"response": "Done in May.", "owner": owner.user.pk, **day_of("due_on", date(2026, 5, 29))}
    said = words(page(f"{CRITICISMS}1/respond/", data, member=owner))

    assert "Response saved. Priya Nair sees to it by Friday 29 May 2026." in said
    past = {**data, **day_of("due_on", date(2026, 5, 1))}
    assert "today or later" in words(page(f"{CRITICISMS}1/respond/", past, member=owner))


def test_open_ones_come_first_and_are_on_the_page_of_the_plan(council, plan, page):
    owner = priya(council).user
    first, second = make_criticism(plan, text="First words."), make_criticism(plan, text="Second words.")
    changes.respond(first, response="Yes.", owner=owner, due_on=TODAY, by=owner, on=TODAY)
    changes.close(first, closed_reason="Done", by=owner, on=TODAY)

    response = page(CRITICISMS)

    said = words(response)
    assert "1 criticism is open. 1 has no response yet." in said
    assert said.index("Second words.") < said.index("First words.")
    plan_page = words(page("/plans/2026/", member=ines(council)))
    assert "Criticisms of the plan that are open" in plan_page
    assert "“Second words.”" in plan_page
    assert "First words." not in plan_page
    assert second.get_absolute_url() in [url for _, url in links_of(page("/plans/2026/").content.decode())]


def test_partners_do_not_read_criticisms(council, plan, page):
    make_criticism(plan)

    assert page(CRITICISMS, member=helen(council)).status_code == 404


def test_the_list_asks_as_often_for_many_as_for_one(plan, page):
    make_criticism(plan)
    page(CRITICISMS)
    with CaptureQueriesContext(connection) as one:
        page(CRITICISMS)
    for _ in range(9):
        make_criticism(plan)

    with CaptureQueriesContext(connection) as many:
        page(CRITICISMS)

    assert len(many) == len(one)
