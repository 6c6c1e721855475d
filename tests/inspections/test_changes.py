"""Inspections, visits, findings and clocks: what is written, what is refused, and the history each leaves."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.dates.test_worked_examples import fitting
from tests.factories import REASON, fresh
from tracker.audit.history import save_because
from tracker.dates.changes import HolidayAlreadyKnown, NotABankHoliday, NotAWeekday
from tracker.dates.models import BankHoliday, calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.inspections import changes
from tracker.inspections.models import Clock, Finding, Inspection, Judgement

pytestmark = pytest.mark.django_db

# Published, the deadline printed in Ofsted's letter, and how many working days that is: not 70.
NOT_FITTING = [
    ("Salford", date(2016, 10, 28), date(2017, 1, 31), 64),
    ("Lincolnshire", date(2016, 12, 5), date(2017, 3, 7), 63),
    ("Hampshire", date(2017, 2, 1), date(2017, 5, 5), 64),
    ("Southend", date(2018, 5, 9), date(2018, 8, 18), 71),
    ("Plymouth", date(2020, 1, 8), date(2020, 4, 16), 69),
    ("Lewisham", date(2023, 1, 31), date(2023, 5, 11), 68),
    ("Windsor and Maidenhead", date(2022, 7, 4), date(2022, 9, 12), 49),
    ("Harrow", date(2023, 5, 24), date(2023, 8, 3), 50),
    ("Manchester", date(2023, 11, 30), date(2024, 3, 9), 68),
    ("Lancashire", date(2024, 5, 16), date(2024, 7, 10), 38),
    ("Hertfordshire", date(2024, 12, 12), date(2025, 4, 11), 83),
]


@pytest.fixture
def council(db):
    return factories.make_authority()


@pytest.fixture
def other_council(db):
    return factories.make_authority("Southmere Borough Council", "southmere")


@pytest.fixture
def buckinghamshire(council):
    return factories.make_inspection(
        council,
        "2014-sif",
        framework="sif",
        started_on=date(2014, 6, 3),
        ended_on=date(2014, 6, 25),
        received_on=date(2014, 8, 8),
        received_is_assumed=True,
        published_on=date(2014, 8, 8),
    )


def start(inspection, **options):
    return {clock.kind: clock for clock in changes.start_clocks(inspection, calendar=calendar(), by=None, **options)}


# Clocks


def test_the_clocks_start_from_the_day_the_report_was_received(buckinghamshire):
    clocks = start(buckinghamshire)

    assert clocks["plan"].computed_due == date(2014, 11, 17)
    assert clocks["report"].computed_due == date(2014, 9, 22)
    assert clocks["plan"].history.get().history_change_reason.startswith("70 working days: Education and Inspections")


@pytest.mark.parametrize(("name", "published", "printed"), fitting())
def test_a_printed_deadline_that_fits_is_the_one_computed(council, name, published, printed):
    report = factories.make_inspection(council, ended_on=None, received_on=published, published_on=published)

    plan = start(report, notified_plan_due=printed, notified_source=f"Letter to {name}")["plan"]

    assert plan.computed_due == plan.notified_due == plan.due == printed


@pytest.mark.parametrize(("name", "published", "printed", "working_days"), NOT_FITTING)
def test_a_printed_deadline_that_does_not_fit_governs_and_the_law_is_kept_beside_it(
    council, name, published, printed, working_days
):
    report = factories.make_inspection(council, ended_on=None, received_on=published, published_on=published)

    plan = start(report, notified_plan_due=printed, notified_source=f"Letter to {name}")["plan"]

    assert plan.due == plan.notified_due == printed
    assert plan.computed_due == calendar().add(published, 70) != printed
    assert calendar().between(published, printed) == working_days
    assert plan.notified_source == f"Letter to {name}"


def test_eleven_printed_deadlines_do_not_fit():
    assert len(NOT_FITTING) == 11


def test_the_letter_gives_a_date_for_the_plan_only(buckinghamshire):
    clocks = start(buckinghamshire, notified_plan_due=date(2014, 11, 18), notified_source="The letter")

    assert clocks["report"].notified_due is None
    assert clocks["report"].notified_source == ""


def test_no_clock_starts_before_the_report_is_received(council):
    report = factories.make_inspection(council, received_on=None, published_on=None)

    with pytest.raises(changes.WrongDates, match="Enter the day the report was received"):
        start(report)
    assert not Clock.objects.exists()


def test_a_letter_cannot_ask_for_the_plan_before_the_report_was_received(buckinghamshire):
    with pytest.raises(changes.WrongDates, match="must be after the day the clock starts from, 8 August 2014"):
        start(buckinghamshire, notified_plan_due=date(2014, 8, 8))
    assert not Clock.objects.exists()


def test_a_clock_past_the_table_of_bank_holidays_is_not_started(council):
    report = factories.make_inspection(council, received_on=date(2036, 12, 1), published_on=None)

    with pytest.raises(HolidaysUnknown):
        start(report)
    assert not Clock.objects.exists()


def test_a_clock_runs_once_for_an_inspection(buckinghamshire):
    clock = start(buckinghamshire)["plan"]

    assert start(buckinghamshire) == {}
    clock.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        save_because(clock, by=None, reason=REASON)


def test_a_clock_that_is_met_says_when_and_why(buckinghamshire):
    clock = start(buckinghamshire)["plan"]

    changes.stop_clock(clock, met_on=date(2014, 11, 14), on=date(2014, 11, 14), by=None, reason="Sent and published")

    assert fresh(clock).met_on == date(2014, 11, 14)
    assert not fresh(clock).is_running
    assert clock.history.latest().history_change_reason == "Sent and published"


# Bank holidays added after a clock has started

ON = date(2022, 9, 10)


@pytest.fixture
def nottingham(council):
    """A report received on 5 September 2022, before the holiday for the State Funeral was proclaimed."""
    changes.withdraw_bank_holiday(date(2022, 9, 19), reason="Not known yet", by=factories.make_user("Ada Admin"), on=ON)
    return factories.make_inspection(
        council, "2022-ilacs", started_on=None, ended_on=None, received_on=date(2022, 9, 5), published_on=None
    )


def test_a_proclaimed_holiday_moves_running_clocks_and_says_why(nottingham):
    clock = start(nottingham)["plan"]
    assert clock.computed_due == date(2022, 12, 12)
    ada = factories.make_user("Ada Again")

    moved = changes.proclaim_bank_holiday(
        date(2022, 9, 19),
        name="State Funeral of Queen Elizabeth II",
        reason="Proclaimed on 10 September",
        by=ada,
        on=ON,
    )

    assert {one.kind: one.computed_due for one in moved} == {"plan": date(2022, 12, 13), "report": date(2022, 10, 18)}
    assert {one.recounts.get().to_due for one in moved} == {date(2022, 12, 13), date(2022, 10, 18)}
    assert fresh(clock).computed_due == date(2022, 12, 13)
    written = clock.history.latest()
    assert written.actor == "Ada Again"
    assert written.history_change_reason == (
        "Bank holiday added, State Funeral of Queen Elizabeth II, 19 September 2022: Proclaimed on 10 September"
    )


def test_a_withdrawn_holiday_moves_running_clocks_back(nottingham):
    ada = factories.make_user("Ada Again")
    changes.proclaim_bank_holiday(date(2022, 9, 19), name="State Funeral", reason="Proclaimed", by=ada, on=ON)
    clock = start(nottingham)["plan"]

    moved = changes.withdraw_bank_holiday(date(2022, 9, 19), reason="A mistake", by=ada, on=ON)

    assert clock in moved
    assert fresh(clock).computed_due == date(2022, 12, 12)


def test_a_clock_that_was_met_never_moves(nottingham):
    clocks = start(nottingham)
    changes.stop_clock(clocks["plan"], met_on=date(2022, 12, 9), on=date(2022, 12, 9), by=None, reason=REASON)

    moved = changes.proclaim_bank_holiday(
        date(2022, 9, 19), name="State Funeral", reason="Proclaimed", by=factories.make_user("Ada Again"), on=ON
    )

    assert moved == [clocks["report"]]
    assert fresh(clocks["plan"]).computed_due == date(2022, 12, 12)
    assert clocks["plan"].history.count() == 2


def test_a_holiday_outside_every_clock_moves_none(nottingham):
    start(nottingham)

    moved = changes.proclaim_bank_holiday(
        date(2026, 6, 15), name="Day of thanks", reason="Proclaimed", by=factories.make_user("Ada Again"), on=ON
    )

    assert moved == []


def test_the_notified_date_stays_when_the_law_is_counted_again(nottingham):
    clock = start(nottingham, notified_plan_due=date(2022, 12, 20))["plan"]

    changes.proclaim_bank_holiday(
        date(2022, 9, 19), name="State Funeral", reason="Proclaimed", by=factories.make_user("Ada Again"), on=ON
    )

    assert fresh(clock).notified_due == fresh(clock).due == date(2022, 12, 20)
    assert fresh(clock).computed_due == date(2022, 12, 13)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (
            lambda by: changes.proclaim_bank_holiday(
                date(2026, 5, 25), name="Again", reason="By mistake", by=by, on=ON
            ),
            HolidayAlreadyKnown,
        ),
        (
            lambda by: changes.proclaim_bank_holiday(
                date(2026, 6, 14), name="Sunday", reason="By mistake", by=by, on=ON
            ),
            NotAWeekday,
        ),
        (
            lambda by: changes.proclaim_bank_holiday(date(2040, 6, 14), name="Far", reason="By mistake", by=by, on=ON),
            HolidaysUnknown,
        ),
        (
            lambda by: changes.withdraw_bank_holiday(date(2026, 5, 6), reason="By mistake", by=by, on=ON),
            NotABankHoliday,
        ),
    ],
)
def test_a_refused_change_of_bank_holidays_changes_nothing(nottingham, change, refusal):
    clock = start(nottingham)["plan"]
    holidays, history = BankHoliday.objects.count(), BankHoliday.history.count()

    with pytest.raises(refusal):
        change(factories.make_user("Ada Again"))

    assert (BankHoliday.objects.count(), BankHoliday.history.count()) == (holidays, history)
    assert clock.history.count() == 1


# What is refused


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (
            {"started_on": date(2026, 1, 12), "ended_on": date(2026, 1, 9)},
            "must end on or after the day it started",
        ),
        (
            {"ended_on": date(2026, 1, 9), "received_on": date(2026, 1, 8)},
            "must be received on or after the day the inspection ended",
        ),
    ],
)
def test_an_inspection_with_impossible_dates_is_refused(council, dates, message):
    with pytest.raises(changes.WrongDates, match=message):
        factories.make_inspection(council, **dates)
    assert not Inspection.objects.exists()


def test_a_judgement_of_an_area_the_framework_does_not_have_is_refused(council):
    inspection = factories.make_inspection(council)

    with pytest.raises(changes.UnknownArea, match="no judgement called “adoption_performance”"):
        changes.record_judgement(inspection, area="adoption_performance", grade="good", by=None, reason=REASON)
    assert not Judgement.objects.exists()


def test_judgements_stand_in_the_order_of_the_framework(council):
    inspection = factories.make_inspection(council)

    for area in ("help_and_protection", "overall_effectiveness", "impact_of_leaders"):
        changes.record_judgement(inspection, area=area, grade="inadequate", by=None, reason=REASON)

    assert [judgement.area for judgement in inspection.judgements.all()] == [
        "overall_effectiveness",
        "impact_of_leaders",
        "help_and_protection",
    ]


def test_a_visit_that_ends_before_it_starts_is_refused(council):
    with pytest.raises(changes.WrongDates, match="must end on or after the day it starts"):
        factories.make_visit(council, starts_on=date(2026, 6, 10), ends_on=date(2026, 6, 9))


def test_a_visit_after_another_councils_inspection_is_refused(council, other_council):
    theirs = factories.make_inspection(other_council)

    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        factories.make_visit(council, inspection=theirs)


def test_a_finding_that_repeats_another_councils_recommendation_is_refused(council, other_council):
    theirs = factories.make_recommendation(factories.make_inspection(other_council))

    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        factories.make_finding(factories.make_visit(council), recommendation=theirs)
    assert not Finding.objects.exists()


def test_a_finding_about_another_councils_agency_is_refused(council, other_council):
    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        factories.make_finding(factories.make_visit(council), agency=factories.make_agency(other_council))


def test_a_recommendation_is_numbered_once_in_a_report(council):
    inspection = factories.make_inspection(council)
    factories.make_recommendation(inspection, reference="1")

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_recommendation(inspection, reference="1")


def test_nothing_is_entered_without_a_reason(council):
    with pytest.raises(ValueError, match="Say why"):
        changes.record_inspection(council, reference="2026", framework="ilacs", by=None, reason="")
