"""Evidence, checking, owners and new actions: bad input has a clear message and saves nothing."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests.actions.pages import date_boxes, errors_of, messages_of, page_of, text_of
from tests.factories import (
    PASSWORD,
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_agency,
    make_authority,
    make_evidence,
    make_inspection,
    make_member,
    make_plan,
    make_priority,
    make_recommendation,
    make_service,
    make_update,
    marcus,
    priya,
    rachel,
)
from tracker.actions.models import Action, Evidence
from tracker.actions.rules import Difference

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def office(council):
    return aisha(council)


@pytest.fixture
def action(council, owner):
    return make_action(council, owner=owner.user, service=make_service(council))


@pytest.fixture
def as_owner(client, signed_in, owner):
    return signed_in(client, owner)


@pytest.fixture
def as_office(client, signed_in, office):
    return signed_in(client, office)


# Evidence


EVIDENCE = {"title": "Audit of 30", "location": "SharePoint: audits"}


def test_evidence_is_added_and_waits_to_be_checked(as_owner, owner, action):
    answer = as_owner.post(page_of(action, "evidence"), {**EVIDENCE, **date_boxes("dated_on", TODAY)})

    assert (answer.status_code, answer.url) == (302, page_of(action))
    assert messages_of(answer) == ["Evidence added. “Audit of 30” now waits to be checked."]
    evidence = action.evidence.get()
    assert (evidence.added_by, evidence.dated_on, evidence.is_restricted) == (owner.user, TODAY, False)


def test_evidence_needs_a_name_and_a_place(as_owner, action):
    answer = as_owner.post(page_of(action, "evidence"), {})

    assert errors_of(answer) == {
        "title": ["Enter what the evidence is"],
        "location": ["Enter where it is kept"],
    }
    assert not action.evidence.exists()


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        (date_boxes("dated_on", date(2026, 5, 7)), "The date of the document must be today or in the past"),
        ({"dated_on-day": "31", "dated_on-month": "2", "dated_on-year": "2026"}, "that is a real date"),
        ({"dated_on-day": "1", "dated_on-month": "", "dated_on-year": "2026"}, "that includes a month"),
        ({"dated_on-day": "1", "dated_on-month": "2", "dated_on-year": "26"}, "with a year of 4 numbers"),
    ],
)
def test_a_wrong_date_of_a_document_has_a_clear_message(as_owner, action, boxes, message):
    answer = as_owner.post(page_of(action, "evidence"), {**EVIDENCE, **boxes})

    assert message in errors_of(answer)["dated_on"][0]
    assert not action.evidence.exists()


def test_restricted_evidence_needs_a_reason(as_owner, action):
    without = as_owner.post(page_of(action, "evidence"), {**EVIDENCE, "is_restricted": "on"})
    assert errors_of(without) == {"restricted_reason": ["Enter why it is restricted"]}

    as_owner.post(page_of(action, "evidence"), {**EVIDENCE, "is_restricted": "on", "restricted_reason": "Names staff"})
    assert action.evidence.get().restricted_reason == "Names staff"


def test_the_evidence_form_posted_twice_adds_one_piece(as_owner, action):
    for _ in range(2):
        answer = as_owner.post(page_of(action, "evidence"), EVIDENCE)
        assert answer.status_code == 302

    assert action.evidence.count() == 1


def test_evidence_typed_before_the_session_ended_is_waiting_after_sign_in(client, owner, action):
    asked = client.post(page_of(action, "evidence"), EVIDENCE)
    signed_in = client.post(
        "/sign-in/", {"login": owner.user.email, "password": PASSWORD, "kept": asked.context["kept"]}
    )

    page = client.get(signed_in.url)

    assert page.context["form"]["title"].value() == "Audit of 30"
    assert not action.evidence.exists()


def test_someone_of_another_service_adds_no_evidence(client, signed_in, council, action):
    assert signed_in(client, dee(council)).post(page_of(action, "evidence"), EVIDENCE).status_code == 403
    assert not action.evidence.exists()


# Checking


@pytest.fixture
def head(council):
    return marcus(council)


@pytest.fixture
def claimed(council, owner, head):
    return make_action(council, owner=owner.user, service=make_service(council), claimed_on=date(2026, 5, 5))


@pytest.fixture
def as_head(client, signed_in, head):
    return signed_in(client, head)


ACCEPTED = {"decision": "accept", "reason": "Saw the audit", "difference": "activity"}


def test_the_check_page_shows_what_the_owner_said_and_the_evidence(as_head, claimed):
    text = text_of(as_head.get(page_of(claimed, "check")))

    assert "Priya Nair said on 5 May 2026 that it is done: Two more screeners have started." in text
    assert "Screening rota, kept in SharePoint: Front door, rota: waiting to be checked" in text


def test_accepted_work_is_complete_with_its_evidence_and_difference(as_head, head, claimed):
    evidence = claimed.evidence.get()

    answer = as_head.post(page_of(claimed, "check"), {**ACCEPTED, "evidence": [evidence.pk]})

    assert messages_of(answer) == ["Check saved. 3.1 is now complete."]
    claimed = fresh(claimed)
    assert (claimed.completed_on, claimed.checked_by, claimed.difference) == (TODAY, head.user, "activity")
    assert fresh(evidence).state == Evidence.State.ACCEPTED


def test_work_sent_back_is_with_its_owner_again(as_head, claimed):
    answer = as_head.post(page_of(claimed, "check"), {"decision": "send_back", "reason": "20 of 30 are right"})

    assert messages_of(answer) == ["Check saved. 3.1 is back with Priya Nair."]
    assert fresh(claimed).is_unfinished


def test_a_check_needs_a_decision_a_reason_and_a_difference(as_head, claimed):
    assert errors_of(as_head.post(page_of(claimed, "check"), {})) == {
        "decision": ["Select whether the work is done"],
        "reason": ["Enter what you checked, or what is still to do"],
    }
    without_difference = {key: value for key, value in ACCEPTED.items() if key != "difference"}
    assert errors_of(as_head.post(page_of(claimed, "check"), without_difference)) == {
        "difference": ["Select what difference it has made so far"]
    }
    assert fresh(claimed).completed_on is None


def test_nobody_says_at_the_check_that_a_difference_is_sustained(as_head, client, signed_in, council, claimed):
    sustained = {**ACCEPTED, "difference": Difference.SUSTAINED}

    assert "difference" in errors_of(as_head.post(page_of(claimed, "check"), sustained))
    assert "difference" in errors_of(signed_in(client, aisha(council)).post(page_of(claimed, "check"), sustained))
    assert fresh(claimed).completed_on is None


def test_the_checker_does_not_accept_evidence_they_gave(as_head, head, council, owner):
    action = make_action(council, owner=owner.user, service=make_service(council))
    own = make_evidence(action, by=head.user)
    make_update(action, says_done=True)

    page = as_head.get(page_of(action, "check"))
    assert "evidence" not in page.context["form"].fields

    as_head.post(page_of(action, "check"), {**ACCEPTED, "evidence": [own.pk]})
    assert fresh(own).state == Evidence.State.WAITING


def test_evidence_of_another_action_is_not_accepted_here(as_head, claimed, council, owner):
    other = make_evidence(make_action(council, owner=owner.user))

    answer = as_head.post(page_of(claimed, "check"), {**ACCEPTED, "evidence": [other.pk]})

    assert errors_of(answer) == {"evidence": ["Select evidence of this action that is waiting to be checked"]}
    assert fresh(claimed).completed_on is None


def test_owners_and_onlookers_do_not_check(client, signed_in, council, claimed, owner):
    for member in (owner, dee(council)):
        assert signed_in(client, member).post(page_of(claimed, "check"), ACCEPTED).status_code == 403
    assert fresh(claimed).completed_on is None


def test_a_check_posted_twice_says_that_it_is_complete_already(as_head, claimed):
    as_head.post(page_of(claimed, "check"), ACCEPTED)
    again = as_head.post(page_of(claimed, "check"), ACCEPTED)

    assert "There is nothing to check in 3.1" in text_of(again)
    assert claimed.history.filter(history_change_reason="Saw the audit").count() == 2


# The programme office alone


def test_only_the_programme_office_changes_owners_and_adds_actions(client, signed_in, council, action, owner):
    for member in (owner, marcus(council), rachel(council)):
        signed_in(client, member)
        assert client.get(page_of(action, "owner")).status_code == 403
        assert client.get("/plans/2026/actions/new/").status_code == 403


# Owners


def test_an_action_is_handed_to_someone_who_works_on_the_plan(as_office, council, action):
    other = dee(council).user

    answer = as_office.post(page_of(action, "owner"), {"to": other.pk, "reason": "Priya is on leave"})

    assert messages_of(answer) == ["Owner changed. Dee Walsh now owns 3.1."]
    assert fresh(action).owner == other


def test_only_people_of_this_council_who_are_still_here_can_own_an_action(as_office, council, action, owner):
    gone, stranger, councillor = (
        dee(council).user,
        make_member(make_authority("Southmere Council", "southmere"), name="Stan Stranger").user,
        make_member(council, Role.COUNCILLOR, "Cora Jones").user,
    )
    account_changes.switch_off(gone, by=None, reason="Left")

    for person in (gone, stranger, councillor):
        answer = as_office.post(page_of(action, "owner"), {"to": person.pk, "reason": "Leave"})
        assert errors_of(answer)["to"][0].startswith("Select someone who works on this plan now.")
        assert person.name not in text_of(answer)
    assert fresh(action).owner == owner.user


def test_an_action_is_not_handed_to_its_owner(as_office, action, owner):
    answer = as_office.post(page_of(action, "owner"), {"to": owner.user.pk, "reason": "Leave"})

    assert errors_of(answer) == {"to": ["Priya Nair owns 3.1 already. Choose someone else."]}


def test_a_new_owner_needs_a_person_and_a_reason(as_office, action):
    assert errors_of(as_office.post(page_of(action, "owner"), {})) == {
        "to": ["Select who will own it"],
        "reason": ["Enter why it changes hands"],
    }


# New actions


NEW = "/plans/2026/actions/new/"


@pytest.fixture
def fields(council, owner):
    """What the form of a new action posts, all of it right."""
    plan = make_plan(council)
    make_action(priority=make_priority(plan), title="First")
    make_action(priority=make_priority(plan, 4, "Plans"), title="Second", reference="4.1")
    return {
        "priority": make_priority(plan).pk,
        "reference": "3.2",
        "title": "Keep a rota",
        "description": "Publish the rota each Monday.",
        "outcome": "no day is uncovered.",
        "recommendations": [plan.inspections.get().recommendations.first().pk],
        "owner": owner.user.pk,
        **date_boxes("deadline", date(2026, 9, 30)),
    }


def test_a_new_action_is_in_the_plan_after_the_others_of_its_priority(as_office, office, fields):
    answer = as_office.post(NEW, fields)

    assert messages_of(answer) == ["Action added. 3.2 is now in the plan."]
    assert answer.url == "/plans/2026/actions/3.2/"
    action = Action.objects.get(reference="3.2")
    assert (action.owner.name, action.deadline, action.first_agreed) == ("Priya Nair", date(2026, 9, 30), None)
    assert action.history.get().actor == "Aisha Rahman"
    assert [row.reference for row in Action.objects.order_by("position", "pk")] == ["3.1", "3.2", "4.1"]


def test_the_form_offers_the_next_free_references_and_only_this_councils_people(as_office, council, fields):
    make_member(make_authority("Southmere Council", "southmere"), name="Stan Stranger")

    text = text_of(as_office.get(NEW))

    assert "Free: 3.2, 4.2." in text
    assert "Stan Stranger" not in text


def test_an_empty_new_action_says_all_that_is_missing(as_office, fields):
    assert errors_of(as_office.post(NEW, {})) == {
        "priority": ["Select the priority it belongs to"],
        "reference": ["Enter a reference, such as 3.5"],
        "title": ["Enter a title"],
        "description": ["Enter what will be done"],
        "deadline": ["Enter a deadline"],
    }


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"recommendations": []}, "recommendations", "Choose the recommendation this action answers"),
        ({"reference": "3.1"}, "reference", "3.1 is used already. References are never used again."),
        ({"reference": "new"}, "reference", "Enter a reference that begins with a number, such as 3.5"),
        ({"reference": "3/4"}, "reference", "Enter a reference that begins with a number, such as 3.5"),
        (date_boxes("starts_on", date(2026, 10, 1)), "deadline", "must be on or after the day the action starts"),
        ({"is_restricted": "on"}, "restricted_reason", "Enter why it is restricted"),
        ({"deadline-month": "13"}, "deadline", "Enter a deadline that is a real date"),
    ],
)
def test_a_new_action_that_cannot_be_has_a_clear_message(as_office, fields, changed, field, message):
    answer = as_office.post(NEW, {**fields, **changed})

    assert message in errors_of(answer)[field][0]
    assert Action.objects.count() == 2


def test_what_belongs_to_another_council_is_refused_on_its_field(as_office, fields):
    other = make_authority("Southmere Council", "southmere")
    recommendation = make_recommendation(make_inspection(other))
    theirs = {
        "recommendations": [recommendation.pk],
        "priority": make_priority(make_plan(other)).pk,
        "owner": make_member(other, name="Stan Stranger").user.pk,
        "service": make_service(other, "Theirs").pk,
        "agency": make_agency(other, "Their police").pk,
    }

    answer = as_office.post(NEW, {**fields, **theirs})

    assert set(errors_of(answer)) == set(theirs)
    assert "Select recommendations of this council’s own reports" in text_of(answer)
    assert Action.objects.count() == 2


def test_an_owner_who_has_left_is_refused_on_the_field(as_office, owner, fields):
    account_changes.switch_off(owner.user, by=None, reason="Left")

    answer = as_office.post(NEW, fields)

    assert errors_of(answer)["owner"][0].startswith("Select someone who works on this plan now.")
    assert Action.objects.count() == 2


def test_a_plan_of_another_council_is_not_found(as_office):
    make_plan(make_authority("Southmere Council", "southmere"), "2030")

    assert as_office.get("/plans/2030/actions/new/").status_code == 404
