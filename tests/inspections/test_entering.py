"""Entering inspections and reviews through the pages, correcting them, and what is refused."""

from datetime import date

import pytest

from accounts.roles import Role
from tests import factories
from tests.factories import REASON, TODAY, fresh
from tests.inspections.pages import boxes, text_of
from tracker.dates.models import calendar
from tracker.inspections import changes
from tracker.inspections.models import Clock, Inspection, Judgement, Recommendation, Recount

GIVEN = {
    "framework": "ilacs",
    "kind": "Standard inspection",
    "source": "Reports, 2026",
    **boxes(
        started_on=date(2026, 3, 2),
        ended_on=date(2026, 3, 13),
        received_on=date(2026, 4, 20),
        published_on=date(2026, 5, 5),
    ),
}


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


@pytest.fixture
def inspection(council):
    return factories.make_inspection(council)


def start(inspection):
    return {clock.kind: clock for clock in changes.start_clocks(inspection, calendar=calendar(), by=None)}


# Entering


def test_an_inspection_is_entered_and_its_clocks_start_at_once(office, council):
    response = office.post("/inspections/new/", GIVEN, follow=True)

    page = text_of(response)
    assert "ILACS inspection, May 2026 is entered. 4 clocks started." in page
    assert "First: publish the report, by Wednesday 3 June 2026." in page
    entered = Inspection.objects.get()
    assert (entered.reference, entered.received_on) == ("2026-ilacs", date(2026, 4, 20))
    assert set(entered.clocks.values_list("kind", flat=True)) == {
        "plan",
        "report",
        "annual_conversation",
        "focused_visit",
    }
    row = entered.history.get()
    assert (row.actor, row.history_change_reason) == ("Aisha Rahman", "Entered from the report")


def test_a_council_treated_as_inadequate_gets_the_clocks_of_the_visits(office):
    office.post("/inspections/new/", {**GIVEN, "is_monitored": "on"})

    assert set(Clock.objects.filter(is_forecast=True).values_list("kind", flat=True)) == {
        "action_planning_visit",
        "first_visit",
        "reinspection",
        "annual_conversation",
    }


def test_a_date_in_the_letter_is_kept_beside_the_laws(office):
    given = {**GIVEN, "notified_source": "Letter of 20 April", **boxes(notified_plan_due=date(2026, 8, 3))}

    office.post("/inspections/new/", given)

    plan = Clock.objects.get(kind="plan")
    assert (plan.computed_due, plan.due, plan.notified_source) == (
        date(2026, 7, 29),
        date(2026, 8, 3),
        "Letter of 20 April",
    )


def test_a_day_of_receipt_that_is_not_known_is_the_day_of_publication(office):
    given = {
        **GIVEN,
        "received_is_assumed": "on",
        "received_on-day": "",
        "received_on-month": "",
        "received_on-year": "",
    }

    office.post("/inspections/new/", given)

    entered = Inspection.objects.get()
    assert (entered.received_on, entered.received_is_assumed) == (date(2026, 5, 5), True)


def test_a_review_is_entered_and_starts_no_clock(office):
    page = text_of(office.post("/inspections/new/", {**GIVEN, "framework": "peer"}, follow=True))

    assert "Peer challenge, May 2026 is entered. No clock runs from a review." in page
    assert "Reports of this kind give no grades." in page
    assert not Clock.objects.exists()


def test_a_second_inspection_of_the_same_year_gets_a_name_of_its_own(office):
    office.post("/inspections/new/", GIVEN)
    office.post("/inspections/new/", GIVEN)

    assert set(Inspection.objects.values_list("reference", flat=True)) == {"2026-ilacs", "2026-ilacs-2"}


NO_RECEIPT = {"received_on-day": "", "received_on-month": "", "received_on-year": ""}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"framework": ""}, "Select what kind of inspection it was"),
        (boxes(ended_on=date(2026, 3, 1)), "The inspection must end on or after the day it started."),
        (boxes(received_on=date(2026, 3, 12)), "The report must be received on or after the day the inspection ended."),
        (boxes(received_on=date(2026, 5, 7)), "Enter the day the report was received. It cannot be in the future."),
        (boxes(published_on=date(2026, 5, 7)), "Enter the day the report was published. It cannot be in the future."),
        (boxes(published_on=date(2026, 3, 1)), "The report comes after the inspection started. Check both days."),
        (
            {"notified_source": "Letter", **boxes(notified_plan_due=date(2026, 4, 20))},
            "The date in the letter, 20 April 2026, must be after the day the clock starts from, 20 April 2026.",
        ),
        (
            {"notified_source": "Letter", **boxes(notified_plan_due=date(2026, 4, 1))},
            "The date in the letter, 1 April 2026, must be after the day the clock starts from, 20 April 2026.",
        ),
        (boxes(notified_plan_due=date(2026, 8, 3)), "Enter where that date is given"),
        (
            {"notified_source": "Letter", **NO_RECEIPT, **boxes(notified_plan_due=date(2026, 8, 3))},
            "Enter the day the report was received: the clocks run from it",
        ),
        (
            {"framework": "peer", "notified_source": "Letter", **boxes(notified_plan_due=date(2026, 8, 3))},
            "No plan is asked for after this report, so its letter gives no date for one. Remove it.",
        ),
        ({"received_is_assumed": "on"}, "Leave this empty, or do not say that the day is not known"),
        (
            {
                f"{name}-{box}": ""
                for name in ("started_on", "ended_on", "published_on", "received_on")
                for box in ("day", "month", "year")
            },
            "Enter the first day, the day of publication, or what is known of the dates",
        ),
    ],
)
def test_wrong_facts_are_answered_and_nothing_is_half_done(office, council, wrong, message):
    response = office.post("/inspections/new/", {**GIVEN, **wrong})

    assert message in text_of(response)
    assert "<title>Error: " in response.content.decode()
    assert not Inspection.objects.exists()
    assert not Clock.objects.exists()


def test_a_name_that_someone_else_just_used_is_refused(council, inspection):
    with pytest.raises(changes.NumberUsed, match="“2026-ilacs” is the name of another inspection"):
        changes.enter_inspection(
            council,
            reference="2026-ilacs",
            framework="ilacs",
            calendar=calendar(),
            by=factories.make_user(),
            on=TODAY,
            published_on=date(2026, 5, 5),
        )


# Correcting


def corrected(inspection, **values):
    names = ("kind", "started_on", "ended_on", "dates_note", "received_on", "published_on", "source")
    facts = {name: getattr(inspection, name) for name in names} | values
    days = {name: day for name, day in facts.items() if isinstance(day, date)}
    texts = {name: value for name, value in facts.items() if name not in days and value is not None}
    return {"reason": "The post book says so", **texts, **boxes(**days)}


def test_another_day_of_receipt_counts_the_running_clocks_again(office, inspection):
    inspection = factories.make_inspection(inspection.authority, "2026-late", received_on=date(2026, 4, 20))
    clocks = start(inspection)

    page = text_of(
        office.post("/inspections/2026-late/dates/", corrected(inspection, received_on=date(2026, 4, 17)), follow=True)
    )

    assert "is corrected. Counted now: send and publish the plan, Tuesday 28 July 2026" in page
    assert fresh(clocks["plan"]).computed_due == date(2026, 7, 28)
    assert fresh(clocks["plan"]).history.latest().history_change_reason == "The post book says so"
    assert {recount.clock.kind for recount in Recount.objects.all()} == {"plan", "report", "annual_conversation"}
    assert fresh(clocks["focused_visit"]).trigger_on == date(2026, 4, 17)


def test_a_day_of_receipt_that_a_missed_clock_was_counted_from_stays(office, inspection):
    clocks = start(inspection)
    changes.note_missed(on=date(2026, 3, 17))

    response = office.post("/inspections/2026-ilacs/dates/", corrected(inspection, received_on=date(2026, 2, 3)))

    words = "“Publish the report” was counted from 2 February 2026 and was missed, which stays so."
    assert words in text_of(response)
    assert fresh(inspection).received_on == date(2026, 2, 2)
    assert fresh(clocks["plan"]).history.count() == 1


def test_a_day_of_receipt_is_not_taken_away_from_its_clocks(office, inspection):
    start(inspection)

    response = office.post("/inspections/2026-ilacs/dates/", {**corrected(inspection), **NO_RECEIPT})

    assert "The clocks run from the day of receipt. Enter the right day instead of none." in text_of(response)


def test_a_report_that_comes_later_starts_the_clocks(office, council):
    waiting = factories.make_inspection(council, "2026-waiting", received_on=None, published_on=None)
    given = corrected(waiting, received_on=date(2026, 5, 5))

    page = text_of(office.post("/inspections/2026-waiting/dates/", given, follow=True))

    assert "Counted now:" in page
    assert waiting.clocks.count() == 4


def test_monitoring_visits_that_are_said_later_start_their_clocks_and_void_what_no_longer_applies(office, inspection):
    clocks = start(inspection)

    office.post("/inspections/2026-ilacs/dates/", {**corrected(inspection), "is_monitored": "on"})

    assert inspection.clocks.filter(kind="first_visit").exists()
    assert fresh(clocks["focused_visit"]).void_reason == "It no longer runs from this report: The post book says so"
    assert fresh(clocks["plan"]).history.count() == 1


def test_an_inadequate_judgement_asks_whether_ofsted_makes_visits(office, inspection):
    changes.record_judgement(inspection, area="care_leavers", grade="inadequate", by=None, reason=REASON)

    assert "it is not said whether Ofsted makes monitoring visits" in text_of(office.get("/inspections/2026-ilacs/"))


# Judgements


def test_the_grades_of_all_areas_are_entered_on_one_page(office, inspection):
    given = {"impact_of_leaders": "inadequate", "help_and_protection": "", "overall_effectiveness": "-"}

    page = text_of(office.post("/inspections/2026-ilacs/judgements/", {**given, "in_care": "-"}, follow=True))

    assert "saved." in page
    assert dict(Judgement.objects.values_list("area", "grade"))["impact_of_leaders"] == "inadequate"
    assert not Judgement.objects.filter(area="overall_effectiveness").exists()


def test_a_grade_is_corrected_and_the_others_keep_their_history(office, inspection):
    for area in ("impact_of_leaders", "in_care"):
        changes.record_judgement(inspection, area=area, grade="good", by=None, reason=REASON)
    given = dict.fromkeys(
        ("overall_effectiveness", "help_and_protection", "in_care_and_care_leavers", "care_leavers"), "-"
    )

    office.post("/inspections/2026-ilacs/judgements/", {**given, "impact_of_leaders": "inadequate", "in_care": "good"})

    assert dict(Judgement.objects.values_list("area", "grade")) == {
        "impact_of_leaders": "inadequate",
        "in_care": "good",
    }
    assert Judgement.objects.get(area="impact_of_leaders").history.count() == 2
    assert Judgement.objects.get(area="in_care").history.count() == 1


def test_a_review_has_no_page_of_judgements(office, council):
    factories.make_inspection(council, "2026-peer", framework="peer")

    assert office.get("/inspections/2026-peer/judgements/").status_code == 404


def test_a_grade_that_is_none_is_refused(office, inspection):
    response = office.post("/inspections/2026-ilacs/judgements/", {"in_care": "splendid"})

    assert "Select a grade from the list" in text_of(response)
    assert not Judgement.objects.exists()


# Recommendations

ASKED = {
    "reference": "1",
    "kind": "needs_to_improve",
    "text": "The timeliness of the response to contacts and referrals.",
    "title": "Response to referrals",
    "paragraph": "12",
    "addressee": "council",
    "timescale": "",
}


def test_recommendations_are_entered_one_after_another(office, inspection):
    response = office.post("/inspections/2026-ilacs/recommendations/add/", {**ASKED, "another": "yes"}, follow=True)

    page = text_of(response)
    assert "Recommendation 1 is entered: Response to referrals." in page
    assert "Entered so far 1. Response to referrals" in page
    assert 'value="2"' in response.content.decode()
    response = office.post(
        "/inspections/2026-ilacs/recommendations/add/", {**ASKED, "reference": "2", "title": "Records"}, follow=True
    )
    assert response.redirect_chain[-1][0] == "/inspections/2026-ilacs/#recommendations"
    assert list(Recommendation.objects.values_list("reference", "position")) == [("1", 1), ("2", 2)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reference": "1"}, "Recommendation 1 of this report was entered before. Enter another number."),
        ({"reference": ""}, "Enter a number"),
        ({"reference": "2/3"}, "Enter a number without a slash"),
        ({"kind": ""}, "Select what the report calls it"),
        ({"text": ""}, "Enter the words of the report"),
        ({"title": ""}, "Enter what it is about, in a few words"),
        ({"addressee": ""}, "Select for whom it is"),
    ],
)
def test_a_wrong_recommendation_is_answered_on_its_field(office, inspection, wrong, message):
    factories.make_recommendation(inspection)

    response = office.post("/inspections/2026-ilacs/recommendations/add/", {**ASKED, "reference": "2", **wrong})

    assert message in text_of(response)
    assert Recommendation.objects.count() == 1


# Who may

PAGES = [
    "/inspections/new/",
    "/inspections/2026-ilacs/dates/",
    "/inspections/2026-ilacs/judgements/",
    "/inspections/2026-ilacs/recommendations/add/",
]


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.PROGRAMME_OFFICE, Role.PARTNER}])
def test_only_the_programme_office_enters_inspections(client, council, signed_in, inspection, role):
    signed_in(client, factories.make_member(council, role))

    for page in PAGES:
        assert client.get(page).status_code == 403
        assert client.post(page, GIVEN).status_code == 403
    assert "Enter an inspection" not in text_of(client.get("/inspections/"))
    assert Inspection.objects.count() == 1


@pytest.mark.parametrize("page", PAGES[1:])
def test_another_councils_inspection_is_not_found(client, signed_in, inspection, page):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    signed_in(client, factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Aziz"))

    assert client.get(page).status_code == 404
