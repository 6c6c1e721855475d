"""Visits through pages: the way a programme office enters them, what each wrong input is told, who may not."""

from datetime import date

import pytest

from accounts.roles import Role
from tests import factories
from tests.actions.pages import date_boxes, errors_of, messages_of, text_of
from tests.factories import TODAY, fresh
from tracker.dates.models import calendar
from tracker.inspections.models import Clock, Finding, Visit
from tracker.visits import changes
from tracker.visits.models import ReadinessDefault

pytestmark = pytest.mark.django_db

NEEDS_WORK, STRENGTH = Finding.Kind.NEEDS_WORK, Finding.Kind.STRENGTH


@pytest.fixture
def aisha(council):
    return factories.aisha(council)


@pytest.fixture
def office(client, signed_in, aisha):
    return signed_in(client, aisha)


@pytest.fixture
def inspection(council):
    return factories.make_inspection(council, is_monitored=True)


@pytest.fixture
def visit(council, inspection):
    """Monitoring visit 1, to come on 9 and 10 June 2026."""
    return factories.make_visit(council, inspection=inspection)


@pytest.fixture
def over(council, inspection):
    """Monitoring visit 1, over since 15 April 2026, without its letter."""
    return factories.make_visit(council, inspection=inspection, starts_on=date(2026, 4, 14), ends_on=date(2026, 4, 15))


@pytest.fixture
def heard(over, aisha):
    """The same, with its letter."""
    letter = {
        "letter_received_on": date(2026, 5, 5),
        "letter_published_on": None,
        "letter_stays_unpublished": True,
        "has_priority_areas": False,
        "strengths_reported": None,
        "needs_work_reported": None,
    }
    return changes.record_letter(over, by=aisha.user, on=TODAY, calendar=calendar(), **letter)


def boxes(**days):
    return {key: value for name, day in days.items() for key, value in date_boxes(name, day).items()}


def seen(page):
    return {"seen": page.context["form"].initial["seen"]}


# Entering


def test_the_form_proposes_the_next_monitoring_visit_after_the_inspection(office, visit, inspection):
    initial = office.get("/visits/new/").context["form"].initial

    assert initial == {"kind": "monitoring", "inspection": inspection, "sequence": 2}


def test_a_visit_is_entered_and_its_page_says_when_it_is(office, inspection):
    answer = office.post(
        "/visits/new/",
        {
            "kind": "monitoring",
            "sequence": "1",
            "inspection": inspection.pk,
            "focus": "The front door",
            "inspectors": "His Majesty’s Inspector ×2",
            **boxes(starts_on=date(2026, 6, 9), ends_on=date(2026, 6, 10), agreed_on=date(2026, 5, 1)),
        },
    )

    assert (answer.status_code, answer.url) == (302, "/visits/monitoring-1/")
    assert messages_of(answer) == ["Visit entered. Monitoring visit 1 is now in the list, on 9 and 10 June 2026."]
    page = text_of(office.get(answer.url))
    assert "Inspectors: His Majesty’s Inspector ×2" in page
    assert "Timetable agreed with the lead inspector" in page


def test_a_visit_may_be_expected_only(office, inspection):
    answer = office.post(
        "/visits/new/",
        {"kind": "focused", **boxes(expected_from=date(2026, 9, 14), expected_to=date(2026, 11, 6))},
        follow=True,
    )

    page = text_of(answer)
    assert "expected between 14 September 2026 and 6 November 2026" in page
    assert "We cannot say yet: the days of the visit are not known." in page
    assert "Enter its days" in page


def test_a_day_off_is_told_of_and_not_refused(office, inspection):
    answer = office.post("/visits/new/", {"kind": "focused", **boxes(starts_on=date(2026, 5, 25))})

    name = calendar().holidays[date(2026, 5, 25)]
    assert messages_of(answer)[0].endswith(f"25 May 2026 is not a working day: {name}.")


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"kind": ""}, "kind", "Select what kind of visit it is"),
        ({"sequence": "two"}, "sequence", "Enter a number such as 2"),
        ({"sequence": "0"}, "sequence", "Enter a number from 1 to 99"),
        (
            {"starts_on-day": "", "starts_on-month": "", "starts_on-year": ""},
            "starts_on",
            "Enter the first day, when the visit is expected, or what is known of its days",
        ),
        ({"starts_on-day": "31"}, "starts_on", "Enter the first day of the visit that is a real date"),
        (
            boxes(starts_on=date(2025, 12, 12)),
            "starts_on",
            "The visit must come after the inspection it follows up, which ended on 12 December 2025.",
        ),
        (boxes(ends_on=date(2026, 6, 8)), "ends_on", "The visit must end on or after the day it starts."),
        (
            boxes(expected_from=date(2026, 7, 2), expected_to=date(2026, 7, 1)),
            "expected_to",
            "The last day it is expected must be on or after the first.",
        ),
        (boxes(agreed_on=date(2026, 5, 7)), "agreed_on", "must be today or in the past"),
        ({"inspectors": "x" * 301}, "inspectors", "Use 300 characters or fewer"),
    ],
)
def test_wrong_input_is_answered_on_its_field_and_nothing_is_saved(office, inspection, wrong, field, message):
    values = {"kind": "monitoring", "sequence": "1", "inspection": inspection.pk, **boxes(starts_on=date(2026, 6, 9))}

    answer = office.post("/visits/new/", {**values, **wrong})

    assert message in errors_of(answer)[field][0]
    assert "<title>Error: " in answer.content.decode()
    assert not Visit.objects.exists()


def test_another_councils_inspection_cannot_be_chosen(office):
    theirs = factories.make_inspection(factories.make_authority("Southmere Borough Council", "southmere"))

    answer = office.post("/visits/new/", {"kind": "focused", "inspection": theirs.pk, "dates_note": "In spring"})

    assert errors_of(answer) == {"inspection": ["Select an inspection of this council"]}


def test_a_number_that_is_used_is_told_on_its_field(office, visit, inspection):
    answer = office.post(
        "/visits/new/",
        {"kind": "monitoring", "sequence": "1", "inspection": inspection.pk, **boxes(starts_on=date(2026, 9, 8))},
    )

    assert "is entered already" in errors_of(answer)["sequence"][0]


def test_what_was_typed_survives_the_end_of_the_session(client, aisha, inspection):
    asked = client.post("/visits/new/", {"kind": "focused", "focus": "Typed before lunch"})
    client.post(
        "/sign-in/",
        {"login": aisha.user.email, "password": factories.PASSWORD, "kept": asked.context["kept"]},
    )

    assert "Typed before lunch" in client.get("/visits/new/").content.decode()


# Changing


def change_fields(visit, page, **changed):
    return {
        "kind": visit.kind,
        "sequence": visit.sequence,
        "inspection": visit.inspection_id,
        "focus": visit.focus,
        "reason": "Ofsted moved it",
        **boxes(starts_on=visit.starts_on, ends_on=visit.ends_on),
        **seen(page),
        **changed,
    }


def test_a_visit_is_moved_and_the_message_says_what_is_so_now(office, visit):
    address = "/visits/monitoring-1/change/"
    days = boxes(starts_on=date(2026, 6, 23), ends_on=date(2026, 6, 24))

    answer = office.post(address, change_fields(visit, office.get(address), **days))

    assert messages_of(answer) == ["Visit moved. Monitoring visit 1 is now on 23 and 24 June 2026."]
    assert fresh(visit).history.latest().history_change_reason == "Ofsted moved it"


def test_a_visit_that_will_not_come_keeps_a_note_in_place_of_days(office, visit):
    address = "/visits/monitoring-1/change/"
    fields = change_fields(visit, office.get(address), dates_note="Ofsted has called it off.")
    fields |= {f"{name}-{box}": "" for name in ("starts_on", "ends_on") for box in ("day", "month", "year")}

    answer = office.post(address, fields, follow=True)

    page = text_of(answer)
    assert "The days of Monitoring visit 1 are now not known: Ofsted has called it off." in page
    assert "Other visits in the record" in text_of(office.get("/visits/"))


def test_changing_needs_a_reason_and_a_difference(office, visit):
    address = "/visits/monitoring-1/change/"
    page = office.get(address)

    assert errors_of(office.post(address, change_fields(visit, page, reason=""))) == {
        "reason": ["Enter why it changes"]
    }
    assert "Nothing is different" in text_of(office.post(address, change_fields(visit, page)))


def test_a_visit_whose_letter_has_come_does_not_move(office, heard):
    address = "/visits/monitoring-1/change/"
    days = boxes(starts_on=date(2026, 4, 21), ends_on=date(2026, 4, 22))

    answer = office.post(address, change_fields(heard, office.get(address), **days))

    assert "Put back 14 April 2026 as the first day" in errors_of(answer)["starts_on"][0]


def test_the_second_of_two_people_hears_of_the_first_and_may_save_over_it(office, council, visit):
    address = "/visits/monitoring-1/change/"
    opened = office.get(address)
    values = {name: getattr(visit, name) for name in ("kind", "sequence", "inspection", "starts_on", "ends_on")}
    unknown = {"expected_from": None, "expected_to": None, "agreed_on": None, "dates_note": "", "inspectors": ""}
    changes.change_visit(
        visit,
        by=factories.rachel(council).user,
        on=TODAY,
        calendar=calendar(),
        reason="Letter of 5 May",
        focus="Plans",
        **values,
        **unknown,
    )
    mine = change_fields(visit, opened, focus="Plans and reviews")

    answer = office.post(address, mine)

    assert "Rachel Adeyemi changed this while you were writing. It is now different in: focus." in text_of(answer)
    assert fresh(visit).focus == "Plans"
    again = office.post(address, {**mine, "seen": answer.context["form"].data["seen"]})
    assert again.status_code == 302
    assert fresh(visit).focus == "Plans and reviews"


def test_the_focus_is_chosen_and_narrows_what_is_due(office, council, visit, inspection):
    first, second = (factories.make_recommendation(inspection) for _ in range(2))
    plan = factories.make_plan(council)
    factories.make_action(plan=plan, recommendations=[first], deadline=date(2026, 6, 1))
    factories.make_action(plan=plan, recommendations=[second], deadline=date(2026, 6, 1))

    answer = office.post("/visits/monitoring-1/focus/", {"recommendations": [first.pk]})

    assert messages_of(answer) == ["Focus saved. Monitoring visit 1 now looks at recommendation 1."]
    page = text_of(office.get("/visits/monitoring-1/"))
    assert "1 action in focus due before the visit" in page
    assert "In focus: recommendation 1" in page
    again = office.post("/visits/monitoring-1/focus/", {"recommendations": [first.pk]})
    assert "the ones chosen already" in errors_of(again)["recommendations"][0]


# The letter


def test_the_letter_of_a_first_monitoring_visit_stays_unpublished_unless_told(office, over):
    page = office.get("/visits/monitoring-1/letter/")

    assert page.context["form"].initial["publication"] == "stays"
    assert "reason" not in page.context["form"].fields


def test_a_letter_is_recorded_and_leads_to_its_findings(office, over):
    answer = office.post(
        "/visits/monitoring-1/letter/",
        {
            "publication": "stays",
            "strengths_reported": "12",
            "needs_work_reported": "7",
            **boxes(letter_received_on=date(2026, 5, 5)),
        },
    )

    assert (answer.status_code, answer.url) == (302, "/visits/monitoring-1/findings/add/")
    page = text_of(office.get("/visits/monitoring-1/"))
    assert "Inspectors named 12 strengths and 7 areas that need work." in page
    assert "The letter was received on 5 May 2026. Ofsted does not publish it." in page


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"publication": ""}, "publication", "Select whether Ofsted has published it"),
        ({"publication": "published"}, "letter_published_on", "Enter the day Ofsted published the letter"),
        (boxes(letter_published_on=date(2026, 5, 6)), "publication", "Select Yes, or take out the day"),
        (boxes(letter_received_on=date(2026, 4, 14)), "letter_received_on", "on or after 15 April 2026"),
        (boxes(letter_received_on=date(2026, 5, 7)), "letter_received_on", "today or in the past"),
        (
            {"letter_received_on-day": "", "letter_received_on-month": "", "letter_received_on-year": ""},
            "letter_received_on",
            "Enter the day the letter was received",
        ),
        ({"needs_work_reported": "many"}, "needs_work_reported", "Enter a number from 0 to 99"),
    ],
)
def test_a_wrong_letter_is_answered_on_its_field(office, over, wrong, field, message):
    values = {"publication": "stays", **boxes(letter_received_on=date(2026, 5, 5)), **wrong}

    answer = office.post("/visits/monitoring-1/letter/", values)

    assert message in errors_of(answer)[field][0]
    assert not fresh(over).has_letter


def test_correcting_a_letter_needs_a_reason(office, heard):
    address = "/visits/monitoring-1/letter/"
    values = {"publication": "stays", **boxes(letter_received_on=date(2026, 5, 1)), **seen(office.get(address))}

    assert errors_of(office.post(address, values)) == {"reason": ["Enter why it is corrected"]}
    answer = office.post(address, {**values, "reason": "Stamped on 1 May"})

    assert messages_of(answer) == ["Letter corrected. What you saved is now on the page of Monitoring visit 1."]
    assert fresh(heard).letter_received_on == date(2026, 5, 1)


# Findings


ADD = "/visits/monitoring-1/findings/add/"


def test_findings_come_after_the_letter(office, over):
    answer = office.get(ADD, follow=True)

    assert answer.redirect_chain == [("/visits/monitoring-1/letter/", 302)]
    assert "Record the letter first: findings are what it says." in text_of(answer)


def test_a_finding_is_saved_and_the_next_one_waits_with_the_same_kind(office, council, heard, inspection):
    asked = factories.make_recommendation(inspection)
    police = factories.make_agency(council)
    action = factories.make_action(council, recommendations=[asked])

    answer = office.post(
        ADD,
        {
            "kind": "needs_work",
            "text": "Children wait too long.",
            "paragraph": "4",
            "recommendation": asked.pk,
            "agency": police.pk,
            "actions": action.reference,
            "then": "another",
        },
    )

    assert (answer.status_code, answer.url) == (302, f"{ADD}?kind=needs_work")
    assert messages_of(answer) == ["Needs work 1 saved. 1 area that needs work is now recorded."]
    finding = heard.findings.get()
    assert (finding.number, finding.recommendation, finding.agency) == (1, asked, police)
    assert [row.action for row in finding.answers.all()] == [action]
    page = text_of(office.get(answer.url))
    assert "Leave empty for the next: needs work 2 and strength 1." in page
    assert "Needs work 1. Children wait too long." in page


def test_nineteen_findings_are_entered_with_words_and_enter_alone(office, heard):
    for kind, number in (("strength", 12), ("needs_work", 7)):
        for count in range(number):
            answer = office.post(ADD, {"kind": kind, "text": f"{kind} {count}", "then": "another"})
            assert answer.url.endswith(f"?kind={kind}")

    page = text_of(office.get("/visits/monitoring-1/"))
    assert "Inspectors named 12 strengths and 7 areas that need work. 7 of them have no action yet." in page
    assert "7 findings have no action. Each must have one by Tuesday 19 May 2026: 9 working days left." in page


def test_save_and_finish_goes_to_the_findings(office, heard):
    answer = office.post(ADD, {"kind": "strength", "text": "Staff know children.", "then": "finish"})

    assert answer.url == "/visits/monitoring-1/#findings"


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"kind": ""}, "kind", "Select whether it needs work or is a strength"),
        ({"text": ""}, "text", "Enter what the letter says"),
        ({"number": "1"}, "number", "Needs work 1 is there already. The next free number is 2."),
        ({"text": "Notes are late."}, "number", "Needs work 1 says the same already."),
        ({"actions": "9.9, 8.8"}, "actions", "There is no action 9.9 and 8.8 in the plan."),
        ({"kind": "strength", "actions": "3.1"}, "actions", "A strength needs no action"),
        ({"recommendation": "0"}, "recommendation", "Select a recommendation of this council’s own reports"),
    ],
)
def test_a_wrong_finding_is_answered_on_its_field(office, council, heard, wrong, field, message):
    factories.make_finding(heard, text="Notes are late.")
    factories.make_action(council)

    answer = office.post(ADD, {"kind": "needs_work", "text": "Children wait.", **wrong})

    assert message in errors_of(answer)[field][0]
    assert heard.findings.count() == 1


def test_a_finding_is_corrected_with_a_reason(office, heard):
    factories.make_finding(heard, text="Notes are late.")
    address = "/visits/monitoring-1/findings/needs-work-1/"
    values = {"kind": "needs_work", "text": "Notes are very late.", "number": "1", **seen(office.get(address))}

    assert errors_of(office.post(address, values)) == {"reason": ["Enter why it is corrected"]}
    answer = office.post(address, {**values, "reason": "A word was missing"})

    assert messages_of(answer) == ["Finding corrected. It is now needs work 1 of Monitoring visit 1."]
    assert heard.findings.get().text == "Notes are very late."


def test_actions_are_chosen_for_a_finding_and_taking_one_out_needs_a_reason(office, council, heard):
    finding = factories.make_finding(heard, text="Notes are late.")
    one, two = factories.make_action(council), factories.make_action(council)
    address = "/visits/monitoring-1/findings/needs-work-1/actions/"
    assert f"?finding={finding.pk}" in office.get(address).content.decode()

    answer = office.post(address, {"actions": [one.pk], "others": two.reference})

    assert messages_of(answer) == ["Saved. Now 2 actions, 3.1 and 3.2, answer finding 1 of Monitoring visit 1."]
    assert errors_of(office.post(address, {"actions": [one.pk]})) == {"reason": ["Enter why an action is taken out"]}
    answer = office.post(address, {"actions": [one.pk], "reason": "3.2 is about something else"})
    assert messages_of(answer) == ["Saved. Now 1 action, 3.1, answers finding 1 of Monitoring visit 1."]
    assert [row.action for row in finding.answers.all()] == [one]


def test_a_plan_too_long_to_tick_offers_what_is_near_the_finding(office, council, heard, inspection):
    asked, other = (factories.make_recommendation(inspection) for _ in range(2))
    plan = factories.make_plan(council)
    near = factories.make_action(plan=plan, recommendations=[asked])
    for _ in range(41):
        factories.make_action(plan=plan, recommendations=[other])
    factories.make_finding(heard, recommendation=asked)

    form = office.get("/visits/monitoring-1/findings/needs-work-1/actions/").context["form"]

    assert list(form.fields["actions"].queryset) == [near]


def test_a_strength_has_no_page_of_actions(office, heard):
    factories.make_finding(heard, STRENGTH)

    assert office.get("/visits/monitoring-1/findings/strength-1/actions/").status_code == 404
    assert office.get("/visits/monitoring-1/findings/strength-1/").status_code == 200


def test_what_a_letter_opens_again_is_said_on_its_page(office, heard, inspection):
    asked = factories.make_recommendation(inspection)
    factories.make_finding(heard, recommendation=asked)

    page = text_of(office.get("/visits/monitoring-1/"))

    assert "It opens recommendation 1 again." in page
    assert "Recommendation 1 Open again" in page


# Readiness


def test_the_councils_list_begins_with_the_usual_one_when_asked_and_never_by_looking(office, council):
    page = text_of(office.get("/visits/readiness-list/"))
    assert "There is no list yet. The usual list has these 10 lines." in page
    assert "Progress report: what was asked, what was done, what is different for children, 10 working days" in page
    assert not ReadinessDefault.objects.of(council).exists()
    assert office.get("/visits/readiness-list/make/").status_code == 405

    for _ in range(2):
        answer = office.post("/visits/readiness-list/make/")
        assert messages_of(answer)[-1] == "The list has 10 lines for visits to come."
    page = text_of(office.get("/visits/readiness-list/"))
    assert "Progress report: what was asked, what was done, what is different for children 10 Yes" in page
    assert ReadinessDefault.objects.of(council).count() == 10


def test_a_line_is_added_changed_and_moved_up(office, council):
    answer = office.post("/visits/readiness-list/add/", {"title": "Parking", "working_days_before": "2"})
    assert messages_of(answer) == ["Line added. “Parking” is now in the list for visits to come."]

    address = "/visits/readiness-list/11/"
    values = {"title": "Parking", "working_days_before": "3", **seen(office.get(address))}
    assert (
        messages_of(office.post(address, values))[-1] == "List changed. “Parking” is now out of use for visits to come."
    )

    assert messages_of(office.post("/visits/readiness-list/11/up/"))[-1] == "Order changed. “Parking” is now line 10."


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"title": "", "working_days_before": "2"}, "title", "Enter what is to be ready"),
        ({"title": "Parking", "working_days_before": ""}, "working_days_before", "Enter how many working days"),
        ({"title": "Parking", "working_days_before": "99"}, "working_days_before", "Enter a number from 0 to 60"),
        ({"title": "Plan as it stands on the day", "working_days_before": "5"}, "title", "has this line already"),
    ],
)
def test_a_wrong_line_is_answered_on_its_field(office, values, field, message):
    office.post("/visits/readiness-list/make/")

    assert message in errors_of(office.post("/visits/readiness-list/add/", values))[field][0]


def test_a_readiness_list_is_started_by_hand_and_only_once(office, visit):
    assert "Nothing is made ready for this visit yet." in text_of(office.get("/visits/monitoring-1/"))

    assert messages_of(office.post("/visits/monitoring-1/readiness/start/"))[-1] == (
        "Readiness list started. Monitoring visit 1 now has 10 tasks."
    )
    assert messages_of(office.post("/visits/monitoring-1/readiness/start/"))[-1] == (
        "Monitoring visit 1 has its readiness list already."
    )
    assert office.get("/visits/monitoring-1/readiness/start/").status_code == 405


@pytest.fixture
def task(aisha, visit):
    return changes.add_task(visit, title="Parking", owner=None, due_on=None, by=aisha.user, on=TODAY)


def test_a_task_is_added_given_to_someone_and_done(office, council, visit):
    priya = factories.priya(council)
    answer = office.post(
        "/visits/monitoring-1/readiness/add/",
        {"title": "Parking", "owner": priya.user.pk, **boxes(due_on=date(2026, 6, 1))},
    )
    assert messages_of(answer) == ["Task added. “Parking” is now in the readiness list of Monitoring visit 1."]

    address = "/visits/monitoring-1/readiness/1/"
    values = {"title": "Parking", "owner": "", **boxes(due_on=date(2026, 6, 2)), **seen(office.get(address))}
    assert messages_of(office.post(address, values))[-1] == "Task changed. “Parking” now has no owner, by 2 June 2026."

    done = office.post(f"{address}done/", {"done_note": "Reception has the list"})
    assert messages_of(done)[-1] == "Done. “Parking” is now ready for Monitoring visit 1."
    assert "Done on 6 May 2026: Reception has the list" in text_of(office.get("/visits/monitoring-1/"))


def test_a_task_is_left_out_with_a_reason_and_taken_back(office, task):
    address = "/visits/monitoring-1/readiness/1"
    assert errors_of(office.post(f"{address}/leave-out/", {})) == {"reason": ["Enter why it is left out"]}

    office.post(f"{address}/leave-out/", {"reason": "They come by train"})
    assert "Left out on 6 May 2026" in text_of(office.get("/visits/monitoring-1/"))
    office.post(f"{address}/take-back/", {"reason": "One comes by car"})

    assert fresh(task).dropped_on is None


def test_a_task_done_by_someone_else_meanwhile_is_told(office, council, task):
    changes.finish_task(task, done_note="In the folder", by=factories.rachel(council).user, on=TODAY)

    answer = office.post("/visits/monitoring-1/readiness/1/done/", {"done_note": "Mine"})

    assert "Rachel Adeyemi said so on 6 May 2026" in text_of(answer)
    assert fresh(task).done_note == "In the folder"


def test_a_wrong_task_is_answered_on_its_field(office, council, visit):
    partner = factories.helen(council)
    address = "/visits/monitoring-1/readiness/add/"

    late = office.post(address, {"title": "Parking", **boxes(due_on=date(2026, 6, 10))})
    assert "must be on or before 9 June 2026" in errors_of(late)["due_on"][0]
    wrong = office.post(address, {"title": "Parking", "owner": partner.user.pk})
    assert errors_of(wrong) == {"owner": ["Select someone who works on this plan now"]}


def test_the_owner_of_a_task_says_that_it_is_done_and_nobody_else_but_the_office(
    client, signed_in, council, aisha, visit
):
    priya = factories.priya(council)
    changes.add_task(visit, title="Parking", owner=priya.user, due_on=None, by=aisha.user, on=TODAY)
    address = "/visits/monitoring-1/readiness/1/done/"

    assert signed_in(client, factories.dee(council)).get(address).status_code == 403
    assert "Done : Parking" in text_of(signed_in(client, priya).get("/visits/monitoring-1/"))
    assert client.post(address, {"done_note": "In the folder"}).status_code == 302
    assert client.get("/visits/monitoring-1/readiness/1/").status_code == 403


# Questions


def test_questions_are_proposed_added_changed_and_dropped(office, council, visit):
    last = factories.make_visit(
        council, "focused-1", kind="focused", sequence=None, starts_on=date(2026, 2, 24), ends_on=None
    )
    factories.make_finding(last, text="Children wait too long.")

    proposed = office.post("/visits/monitoring-1/questions/propose/")
    assert messages_of(proposed)[-1] == "1 likely question is now in the list."
    none = office.post("/visits/monitoring-1/questions/propose/")
    assert messages_of(none)[-1].startswith("There is no question to add")
    assert "“Children wait too long”? No accepted documents" in text_of(office.get("/visits/monitoring-1/"))

    office.post("/visits/monitoring-1/questions/add/", {"text": "How do you know?"})
    address = "/visits/monitoring-1/questions/2/"
    office.post(address, {"text": "How do you know that?", **seen(office.get(address))})
    assert "How do you know that?" in text_of(office.get("/visits/monitoring-1/"))

    assert errors_of(office.post(f"{address}drop/", {})) == {"reason": ["Enter why it is no longer expected"]}
    dropped = office.post(f"{address}drop/", {"reason": "Answered in writing"})
    assert messages_of(dropped)[-1] == "Question dropped. It is no longer in the list for Monitoring visit 1."
    assert "How do you know" not in text_of(office.get("/visits/monitoring-1/"))
    gone = office.post(address, {"text": "Again?"})
    assert "Aisha Rahman dropped this question on 6 May 2026." in text_of(gone)


def test_a_question_needs_words_and_is_not_asked_twice(office, visit):
    address = "/visits/monitoring-1/questions/add/"

    assert errors_of(office.post(address, {"text": " "})) == {"text": ["Enter the question"]}
    office.post(address, {"text": "How do you know?"})
    assert errors_of(office.post(address, {"text": "How do you know?"})) == {
        "text": ["This question is in the list already."]
    }


# Who sees what


FORMS = [
    "/visits/monitoring-1/change/",
    "/visits/monitoring-1/focus/",
    "/visits/monitoring-1/letter/",
    "/visits/monitoring-1/findings/add/",
    "/visits/monitoring-1/findings/needs-work-1/",
    "/visits/monitoring-1/findings/needs-work-1/actions/",
    "/visits/monitoring-1/readiness/add/",
    "/visits/monitoring-1/readiness/1/",
    "/visits/monitoring-1/readiness/1/leave-out/",
    "/visits/monitoring-1/readiness/1/take-back/",
    "/visits/monitoring-1/questions/add/",
    "/visits/monitoring-1/questions/1/",
    "/visits/monitoring-1/questions/1/drop/",
]
OF_THE_COUNCIL = ["/visits/new/", "/visits/readiness-list/", "/visits/readiness-list/add/", "/visits/readiness-list/1/"]
POSTED = [
    "/visits/monitoring-1/readiness/start/",
    "/visits/monitoring-1/questions/propose/",
    "/visits/readiness-list/2/up/",
]


@pytest.fixture
def full(heard, aisha, council):
    """A visit with a finding, a task and a question, in a council with its list."""
    factories.make_finding(heard)
    changes.add_task(heard, title="Parking", owner=None, due_on=None, by=aisha.user, on=TODAY)
    changes.add_question(heard, text="How do you know?", recommendation=None, by=aisha.user)
    changes.default_list(council, by=aisha.user)
    return heard


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.PROGRAMME_OFFICE, Role.PARTNER}])
def test_only_the_programme_office_keeps_visits(client, signed_in, council, full, role):
    someone = signed_in(client, factories.make_member(council, role))

    # How a council makes ready is not shown to inspectors at all: what is there looks to them like what is not.
    refused = {403, 404} if role == Role.INSPECTOR else {403}
    for address in (*FORMS, *OF_THE_COUNCIL):
        assert someone.get(address).status_code in refused, address
        assert someone.post(address, {"reason": "x"}).status_code in refused, address
    for address in POSTED:
        assert someone.post(address).status_code in refused, address
    page = text_of(someone.get("/visits/monitoring-1/"))
    assert "Change the visit" not in page
    assert "Choose actions" not in page
    assert "Enter a visit" not in text_of(someone.get("/visits/"))


def test_visits_of_another_council_are_not_found(client, signed_in, full):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    omar = signed_in(client, factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Aziz"))

    for address in (*FORMS, "/visits/monitoring-1/readiness/1/done/", "/visits/readiness-list/1/"):
        assert omar.get(address).status_code == 404, address
    for address in POSTED:
        assert omar.post(address).status_code == 404, address


def test_a_partner_finds_none_of_it(client, signed_in, council, full):
    helen = signed_in(client, factories.helen(council))

    for address in (*FORMS, *OF_THE_COUNCIL):
        assert helen.get(address).status_code in {403, 404}, address


@pytest.mark.parametrize(
    "address",
    [
        "/visits/nothing/change/",
        "/visits/monitoring-1/findings/needs-work-9/",
        "/visits/monitoring-1/readiness/9/",
        "/visits/monitoring-1/questions/9/",
        "/visits/readiness-list/99/",
    ],
)
def test_what_is_not_there_is_not_found(office, full, address):
    assert office.get(address).status_code == 404


def test_inspectors_are_not_shown_how_a_council_makes_ready_for_them(client, signed_in, council, full):
    signed_in(client, factories.ines(council))

    page = text_of(client.get("/visits/monitoring-1/"))

    assert "Parking" not in page
    assert "How do you know?" not in page
    assert "Readiness list" not in page
    for table in ("readinesstask", "question", "readinessdefault"):
        assert client.get(f"/inspect/visits/{table}/").status_code == 404


def test_the_clock_of_findings_is_on_the_page(office, full, aisha):
    changes.start_finding_clock(full, on=TODAY, calendar=calendar(), by=aisha.user)

    page = text_of(office.get("/visits/monitoring-1/"))

    assert "An action for each finding : running, due Tuesday 19 May 2026. Council’s own rule." in page
    assert full.clocks.filter(kind=Clock.Kind.FINDING_ACTIONS).count() == 1
