"""Changing what an action says and answers, its milestones and measures, and ending it."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests.actions.pages import date_boxes, errors_of, messages_of, page_of, text_of
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_agency,
    make_authority,
    make_finding,
    make_inspection,
    make_measure,
    make_member,
    make_milestone,
    make_plan,
    make_recommendation,
    make_request,
    make_service,
    make_visit,
    marcus,
    member_of,
    priya,
    rachel,
)
from tracker.actions import changes
from tracker.actions.models import Answer, FindingAnswer, Measure
from tracker.audit.history import history_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(council):
    return aisha(council)


@pytest.fixture
def asked(council):
    """Two recommendations of the plan's inspection."""
    inspection = make_plan(council).inspections.get()
    return [make_recommendation(inspection) for _ in range(2)]


@pytest.fixture
def action(council, asked):
    return make_action(council, owner=priya(council).user, recommendations=asked[:1])


def newest(row):
    return row.history.order_by("-history_id").first()


def seen(action):
    return changes.fingerprint(changes.details_of(fresh(action)))


def edit(action, by, **changed):
    values = changes.details_of(fresh(action))
    return changes.edit_action(
        action, by=by.user, **{**values, "on": TODAY, "reason": "Agreed", "seen": seen(action), **changed}
    )


# What an action says


def test_a_changed_text_leaves_one_history_row_with_the_reason(office, action):
    edit(action, office, title="Screen each one", description="Together.", needs_money=True, money="£40,000, reserves")

    action = fresh(action)
    assert (action.title, action.needs_money, action.money) == ("Screen each one", True, "£40,000, reserves")
    assert action.history.count() == 2
    assert (newest(action).actor, newest(action).history_change_reason) == ("Aisha Rahman", "Agreed")


def test_saving_what_is_there_already_leaves_no_history_row(office, action):
    edit(action, office)

    assert action.history.count() == 1


def test_links_are_added_and_removed_each_with_its_history_row(council, office, action, asked):
    first, second = asked
    make_action(council, recommendations=[first])
    finding = make_finding(make_visit(council))

    edit(action, office, recommendations=[second], findings=[finding])

    assert list(action.recommendations.all()) == [second]
    assert action.finding_answers.get().finding == finding
    removed = history_of(Answer).objects.get(history_type="-")
    assert (removed.actor, removed.history_change_reason, removed.recommendation) == ("Aisha Rahman", "Agreed", first)
    added = history_of(FindingAnswer).objects.get()
    assert (added.history_type, added.history_change_reason) == ("+", "Agreed")
    assert action.history.count() == 1


def test_no_recommendation_or_finding_is_left_without_a_live_action(council, office, action, asked):
    first, second = asked
    finding = make_finding(make_visit(council))
    edit(action, office, findings=[finding])
    make_action(council, recommendations=[first], cancelled_on=TODAY)

    with pytest.raises(changes.LeavesUncovered) as refused:
        edit(action, office, recommendations=[second], findings=[])

    assert refused.value.names == ["recommendation 1", "finding 1 of Monitoring visit 1"]
    assert action.answers.get().recommendation == first


@pytest.mark.parametrize(
    ("changed", "refusal", "words"),
    [
        ({"recommendations": []}, changes.AnswersNothing, "Choose the recommendation this action answers"),
        ({"starts_on": date(2026, 8, 1)}, changes.WrongDates, "on or before 31 July 2026, its deadline"),
        ({"seen": "before"}, changes.ChangedSince, "The tracker changed it while you were writing"),
    ],
)
def test_an_edit_that_cannot_be_is_refused(office, action, changed, refusal, words):
    with pytest.raises(refusal, match=words):
        edit(action, office, title="Another", **changed)

    assert fresh(action).title == "Screen every notification within 1 working day"


def test_what_belongs_to_another_council_or_to_nobody_here_is_refused(council, office, action):
    other = make_authority("Southmere Council", "southmere")
    theirs = make_recommendation(make_inspection(other))
    gone = dee(council).user
    account_changes.switch_off(gone, by=None, reason="Left")

    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        edit(action, office, recommendations=[theirs])
    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        edit(action, office, agency=make_agency(other, "Their police"))
    with pytest.raises(changes.OwnerHasLeft, match="Dee Walsh has left"):
        edit(action, office, accountable=fresh(gone))


def test_an_accountable_person_who_has_left_stays_until_another_is_chosen(council, office, asked):
    gone = dee(council).user
    action = make_action(council, accountable=gone, recommendations=asked[:1])
    account_changes.switch_off(gone, by=None, reason="Left")

    edit(action, office, title="Screen each one")

    assert fresh(action).accountable == gone


def test_a_first_deadline_is_given_by_editing_and_a_second_is_not(council, office, asked):
    action = make_action(council, deadline=None, recommendations=asked[:1])

    edit(action, office, deadline=date(2026, 9, 30))
    edit(action, office, deadline=date(2026, 12, 31))

    assert fresh(action).deadline == date(2026, 9, 30)
    assert not action.deadline_changes.exists()


def test_a_progress_update_meanwhile_does_not_stop_an_edit(office, action):
    before = seen(action)
    changes.record_update(
        action, narrative="Two started.", rating="at_risk", by=action.owner, on=TODAY, at=newest(action).history_date
    )

    edit(action, office, seen=before, title="Screen each one")

    assert (fresh(action).title, fresh(action).rating) == ("Screen each one", "at_risk")


def test_a_cancelled_action_is_not_edited(council, office):
    action = make_action(council, cancelled_on=TODAY)

    with pytest.raises(changes.ActionClosed, match="was cancelled"):
        edit(action, office, title="Another")


# The page


@pytest.fixture
def as_office(client, signed_in, office):
    return signed_in(client, office)


def fields_of(answer):
    """What the form of a page would post, as it was given out."""
    posted = {}
    for bound in answer.context["form"]:
        value = bound.value()
        if bound.is_date:
            boxes = zip(("day", "month", "year"), bound.field.widget.format_value(value), strict=True)
            posted |= {f"{bound.name}-{box}": text for box, text in boxes}
        elif isinstance(value, list):
            posted[bound.name] = [getattr(one, "pk", one) for one in value]
        elif value not in (None, False):
            posted[bound.name] = getattr(value, "pk", value)
    return posted


def test_the_form_holds_what_is_there_and_saves_what_was_changed(as_office, council, action):
    fields = fields_of(as_office.get(page_of(action, "edit")))
    assert fields["title"] == "Screen every notification within 1 working day"

    answer = as_office.post(
        page_of(action, "edit"),
        {**fields, "title": "Screen each one", "service": make_service(council).pk, "reason": "Agreed by the board"},
    )

    assert messages_of(answer) == ["Action changed. 3.1 now reads as you wrote it."]
    assert (fresh(action).title, fresh(action).service) == ("Screen each one", make_service(council))
    text = text_of(as_office.get(page_of(action)))
    assert "2 details changed" in text
    assert "Reason: Agreed by the board" in text


def test_two_people_who_edit_at_once_see_both_and_nothing_is_lost(client, signed_in, council, office, action):
    second = make_member(council, Role.PROGRAMME_OFFICE, "Bola Ade")
    fields = fields_of(signed_in(client, office).get(page_of(action, "edit")))
    theirs = fields_of(signed_in(client, second).get(page_of(action, "edit")))
    client.post(page_of(action, "edit"), {**theirs, "title": "What Bola wrote", "reason": "Board"})

    mine = {**fields, "title": "What Aisha wrote", "reason": "Director"}
    answer = signed_in(client, office).post(page_of(action, "edit"), mine)

    assert answer.status_code == 409
    text = text_of(answer)
    assert "Bola Ade changed it while you were writing. Yours is not saved yet." in text
    assert "Saved while you were writing What Bola wrote What you wrote What Aisha wrote" in text
    assert fresh(action).title == "What Bola wrote"

    client.post(page_of(action, "edit"), {**mine, "seen": answer.context["form"]["seen"].value()})
    assert fresh(action).title == "What Aisha wrote"
    assert action.history.count() == 3


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"title": ""}, "title", "Enter a title"),
        ({"reason": ""}, "reason", "Enter why it changes"),
        ({"recommendations": []}, "recommendations", "Choose the recommendation this action answers"),
        ({"is_restricted": "on"}, "restricted_reason", "Enter why it is restricted"),
        (date_boxes("starts_on", date(2026, 8, 1)), "starts_on", "on or before 31 July 2026, its deadline"),
        (date_boxes("partner_agreed_on", date(2026, 5, 7)), "partner_agreed_on", "must be today or in the past"),
        (date_boxes("partner_agreed_on", TODAY), "partner_agreed_on", "Select the partner agency that agreed"),
    ],
)
def test_an_edit_that_cannot_be_has_a_clear_message(as_office, action, changed, field, message):
    fields = {**fields_of(as_office.get(page_of(action, "edit"))), "reason": "Agreed", **changed}

    assert message in errors_of(as_office.post(page_of(action, "edit"), fields))[field][0]
    assert action.history.count() == 1


def test_a_recommendation_that_would_be_left_alone_is_named(as_office, action, asked):
    fields = {**fields_of(as_office.get(page_of(action, "edit"))), "reason": "Agreed", "recommendations": [asked[1].pk]}

    answer = as_office.post(page_of(action, "edit"), fields)

    assert errors_of(answer)["recommendations"] == [
        "No other action answers recommendation 1. Give each another action first."
    ]


def test_only_the_programme_office_edits(client, signed_in, council, action):
    chair = make_member(council, Role.CHAIR, "Malcolm Chair")
    for member in (member_of(council, action.owner), marcus(council), rachel(council), chair):
        for page in ("edit", "milestones", "measures"):
            assert signed_in(client, member).get(page_of(action, page)).status_code == 403


def test_an_action_of_another_council_or_cancelled_is_not_edited(as_office, council):
    make_action(make_authority("Southmere Council", "southmere"), reference="9.1")
    cancelled = make_action(council, cancelled_on=TODAY)

    assert as_office.get("/plans/2026/actions/9.1/edit/").status_code == 404
    assert "3.1 is not changed any more" in text_of(as_office.get(page_of(cancelled, "edit")))


# Milestones


def test_a_milestone_is_added_changed_and_done(as_office, action):
    page = page_of(action, "milestones")
    assert "No milestones yet." in text_of(as_office.get(page))

    added = as_office.post(page, {"title": "Rota agreed", **date_boxes("due_on", date(2026, 6, 1))})
    assert messages_of(added) == ["Milestone added. “Rota agreed” is due 1 June 2026."]
    step = action.milestones.get()
    fields = fields_of(as_office.get(f"{page}{step.pk}/"))
    answer = as_office.post(
        f"{page}{step.pk}/", {**fields, "title": "Rota published", **date_boxes("done_on", TODAY), "reason": "Board"}
    )

    assert answer.url == page
    step = fresh(step)
    assert (step.title, step.done_on, newest(step).history_change_reason) == ("Rota published", TODAY, "Board")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (date_boxes("due_on", date(2026, 8, 1)), "The milestone must be due by 31 July 2026"),
        (date_boxes("done_on", date(2026, 5, 7)), "The day it was done must be today or in the past"),
    ],
)
def test_a_milestone_that_cannot_be_changed_so_has_a_clear_message(as_office, action, changed, message):
    page = f"{page_of(action, 'milestones')}{make_milestone(action).pk}/"
    fields = {**fields_of(as_office.get(page)), "reason": "Board", **changed}

    assert message in errors_of(as_office.post(page, fields))["due_on"][0]


def test_two_people_who_change_a_milestone_see_both(as_office, action):
    step = make_milestone(action)
    page = f"{page_of(action, 'milestones')}{step.pk}/"
    fields = {**fields_of(as_office.get(page)), "reason": "Board"}
    as_office.post(page, {**fields, "title": "First"})

    answer = as_office.post(page, {**fields, "title": "Second"})

    assert answer.status_code == 409
    assert "Saved while you were writing First What you wrote Second" in text_of(answer)
    assert fresh(step).title == "First"


def test_a_milestone_after_the_deadline_is_refused_when_it_is_added(as_office, action):
    late = {"title": "Rota agreed", **date_boxes("due_on", date(2026, 8, 1))}

    assert "by 31 July 2026" in errors_of(as_office.post(page_of(action, "milestones"), late))["due_on"][0]


def test_a_closed_action_keeps_its_milestones(as_office, council, office):
    action = make_action(council, completed_on=TODAY)

    assert "The milestones of 3.1 stay as they are" in text_of(as_office.get(page_of(action, "milestones")))


# Measures


MEASURE = {"title": "Notifications in 1 working day", "kind": "difference", "baseline": "62%", "target": "95%"}


def test_a_measure_is_added_changed_and_withdrawn(as_office, action):
    page = page_of(action, "measures")
    as_office.post(page, {**MEASURE, **date_boxes("target_on", date(2026, 12, 31))})
    measure = action.measures.get()
    assert "Notifications in 1 working day That it made a difference for children 62% 95% by 31 December 2026" in (
        text_of(as_office.get(page_of(action)))
    )

    fields = fields_of(as_office.get(f"{page}{measure.pk}/"))
    as_office.post(f"{page}{measure.pk}/", {**fields, "target": "98%", "reason": "Board"})
    assert (fresh(measure).target, newest(measure).history_change_reason) == ("98%", "Board")

    answer = as_office.post(f"{page}{measure.pk}/withdraw/", {"reason": "Counted elsewhere"})
    assert messages_of(answer)[-1] == "Measure withdrawn. “Notifications in 1 working day” is no longer used."
    assert fresh(measure).withdrawn_on == TODAY
    assert not Measure.objects.of(action.authority).in_use().exists()
    assert "Withdrawn 6 May 2026" in text_of(as_office.get(page))


def test_a_measure_needs_a_name_and_a_kind(as_office, action):
    assert errors_of(as_office.post(page_of(action, "measures"), {})) == {
        "title": ["Enter what is measured"],
        "kind": ["Select what it shows"],
    }


def test_a_withdrawn_measure_is_not_changed(as_office, office, action):
    measure = make_measure(action)
    page = f"{page_of(action, 'measures')}{measure.pk}/"
    fields = {**fields_of(as_office.get(page)), "reason": "Board"}
    changes.withdraw_measure(measure, by=office.user, on=TODAY, reason="Counted elsewhere")

    answer = as_office.post(page, {**fields, "target": "98%"})

    assert "was withdrawn on 6 May 2026. Add a new measure instead." in errors_of(answer)["__all__"][0]
    with pytest.raises(changes.Withdrawn):
        changes.withdraw_measure(measure, by=office.user, on=TODAY, reason="Again")


def test_two_people_who_change_a_measure_see_both(as_office, action):
    measure = make_measure(action)
    page = f"{page_of(action, 'measures')}{measure.pk}/"
    fields = {**fields_of(as_office.get(page)), "reason": "Board"}
    as_office.post(page, {**fields, "target": "96%"})

    answer = as_office.post(page, {**fields, "target": "97%"})

    assert answer.status_code == 409
    assert "Saved while you were writing 96% What you wrote 97%" in text_of(answer)


def test_a_cancelled_action_takes_no_measure(as_office, council):
    action = make_action(council, cancelled_on=TODAY)

    with pytest.raises(changes.ActionClosed, match="takes no measure"):
        make_measure(action)
    assert "The measures of 3.1 stay as they are" in text_of(as_office.get(page_of(action, "measures")))


# The end


def test_the_director_cancels_and_nothing_is_deleted(client, signed_in, council, action, asked):
    make_action(council, recommendations=asked)
    make_request(action, date(2026, 8, 7))

    answer = signed_in(client, rachel(council)).post(page_of(action, "cancel"), {"reason": "Done by the police"})

    assert messages_of(answer) == ["Action cancelled. 3.1 will not be done."]
    action = fresh(action)
    assert (action.cancelled_on, action.cancelled_reason) == (TODAY, "Done by the police")
    assert action.deadline_requests.get().state == "withdrawn"
    assert "Cancelled 6 May 2026: Done by the police" in text_of(client.get(page_of(action)))


def test_the_programme_office_says_whose_decision_it_was(as_office, council, action, asked):
    other = make_action(council, recommendations=asked)

    without = as_office.post(page_of(action, "cancel"), {"reason": "Done by the police"})
    assert set(errors_of(without)) == {"body", "met_on"}
    answer = as_office.post(
        page_of(action, "cancel"),
        {
            "reason": "Done by the police.",
            "body": "Improvement board",
            **date_boxes("met_on", date(2026, 5, 5)),
            "replaced_by": other.reference,
        },
    )

    assert messages_of(answer) == ["Action cancelled. 3.1 will not be done. 3.2 takes its place."]
    action = fresh(action)
    assert action.cancelled_reason == "Done by the police. Decided for: Improvement board, 5 May 2026."
    assert action.replaced_by == other
    assert "3.2 takes its place." in text_of(as_office.get(page_of(action)))


def test_the_chair_decides_for_the_board(client, signed_in, council, action, asked):
    make_action(council, recommendations=asked)
    chair = make_member(council, Role.CHAIR, "Malcolm Chair")

    signed_in(client, chair).post(page_of(action, "cancel"), {"reason": "Not needed."})

    assert fresh(action).cancelled_reason == "Not needed. Decided for: Improvement board."


def test_an_action_that_alone_answers_something_is_not_cancelled(client, signed_in, council, office, action, asked):
    finding = make_finding(make_visit(council))
    edit(action, office, findings=[finding])

    answer = signed_in(client, rachel(council)).post(page_of(action, "cancel"), {"reason": "Not needed"})

    assert errors_of(answer)["__all__"] == [
        "No other action answers recommendation 1, finding 1 of Monitoring visit 1. Give each another action first."
    ]
    assert fresh(action).cancelled_on is None


@pytest.mark.parametrize("reference", ["9.9", "3.1", "3.3"])
def test_only_a_live_action_of_the_plan_takes_its_place(client, signed_in, council, action, asked, reference):
    make_action(council, recommendations=asked)
    make_action(council, recommendations=asked, cancelled_on=TODAY)

    answer = signed_in(client, rachel(council)).post(
        page_of(action, "cancel"), {"reason": "Not needed", "replaced_by": reference}
    )

    assert errors_of(answer)["replaced_by"] == [
        f"Enter the reference of a live action of this plan. There is no {reference}."
    ]


def test_a_replacement_that_was_cancelled_meanwhile_is_refused(council, office, action, asked):
    make_action(council, recommendations=asked)
    other = make_action(council, recommendations=asked, cancelled_on=TODAY)

    with pytest.raises(changes.NoReplacement, match=r"3\.3 was cancelled. Choose a live action"):
        changes.decide_to_cancel(action, by=office.user, on=TODAY, reason="Not needed", replaced_by=other)
    with pytest.raises(changes.NoReplacement, match="Choose another action of the same plan"):
        changes.decide_to_cancel(action, by=office.user, on=TODAY, reason="Not needed", replaced_by=action)


def test_an_action_is_cancelled_once(client, signed_in, council, office, action, asked):
    make_action(council, recommendations=asked)
    director = rachel(council)
    signed_in(client, director).post(page_of(action, "cancel"), {"reason": "Not needed"})

    assert "3.1 is closed already" in text_of(client.post(page_of(action, "cancel"), {"reason": "Again"}))
    with pytest.raises(changes.ActionClosed, match=r"3\.1 is closed"):
        changes.decide_to_cancel(action, by=office.user, on=TODAY, reason="Again")


def test_owners_heads_and_onlookers_do_not_cancel(client, signed_in, council, action):
    for member in (
        member_of(council, action.owner),
        marcus(council),
        make_member(council, Role.COUNCILLOR, "Cora Jones"),
    ):
        assert signed_in(client, member).get(page_of(action, "cancel")).status_code == 403
