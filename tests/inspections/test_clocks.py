"""Clocks that start, are counted again, are met, missed or made void, and the history each leaves."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from accounts import changes as account_changes
from accounts.models import practices_of
from tests import factories
from tests.factories import REASON, TODAY, fresh
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections import changes
from tracker.inspections.models import Clock, ClockStep, Recount
from tracker.inspections.rules import State, state_of

pytestmark = pytest.mark.django_db
Kind = Clock.Kind


@pytest.fixture
def council(db):
    return factories.make_authority()


@pytest.fixture
def office(council):
    return factories.aisha(council).user


@pytest.fixture
def ada(db):
    return factories.make_user("Ada Admin")


def start(inspection, **options):
    return {clock.kind: clock for clock in changes.start_clocks(inspection, calendar=calendar(), by=None, **options)}


@pytest.fixture
def report(council):
    """Received on 2 February 2026: the plan is due on 14 May, the report's publication on 16 March."""
    return factories.make_inspection(council)


@pytest.fixture
def monitored(council):
    """The same, of a council treated as inadequate."""
    return factories.make_inspection(council, "2026-monitored", is_monitored=True)


@pytest.fixture
def letter(council):
    """The letter of a focused visit, received on 10 August 2018, that names areas for priority action."""
    return factories.make_visit(
        council,
        "focused-1",
        kind="focused",
        sequence=None,
        starts_on=date(2018, 7, 3),
        ends_on=date(2018, 7, 4),
        letter_received_on=date(2018, 8, 10),
        has_priority_areas=True,
    )


def state(clock, on=TODAY):
    return state_of(fresh(clock).facts, on=on)


# What starts


def test_all_clocks_of_a_monitored_council_start_with_the_report(monitored):
    clocks = start(monitored)

    assert {kind: (clock.trigger_on, clock.due, clock.basis, clock.is_forecast) for kind, clock in clocks.items()} == {
        Kind.PLAN: (date(2026, 2, 2), date(2026, 5, 14), "law", False),
        Kind.REPORT: (date(2026, 2, 2), date(2026, 3, 16), "law", False),
        Kind.ACTION_PLANNING_VISIT: (date(2026, 2, 2), date(2026, 5, 14), "inspectorate", True),
        Kind.FIRST_VISIT: (date(2026, 5, 14), date(2026, 6, 11), "inspectorate", True),
        Kind.REINSPECTION: (date(2026, 2, 2), date(2028, 2, 2), "inspectorate", True),
        Kind.ANNUAL_CONVERSATION: (date(2026, 2, 2), date(2027, 2, 2), "inspectorate", True),
    }


def test_the_first_visit_is_expected_from_the_date_in_the_letter(monitored):
    clocks = start(monitored, notified_plan_due=date(2026, 5, 20), notified_source="The letter")

    assert clocks[Kind.FIRST_VISIT].trigger_on == date(2026, 5, 20)
    assert clocks[Kind.ACTION_PLANNING_VISIT].due == date(2026, 5, 20)


def test_a_joint_inspection_asks_for_a_joint_statement_by_the_date_in_its_letter(council):
    """Buckinghamshire, 14 March 2024: printed and computed agree."""
    joint = factories.make_inspection(
        council, framework="jtai", started_on=None, ended_on=None, received_on=date(2024, 3, 14)
    )

    clocks = start(joint, notified_plan_due=date(2024, 6, 26), notified_source="The letter")

    assert set(clocks) == {Kind.JOINT_STATEMENT}
    assert clocks[Kind.JOINT_STATEMENT].computed_due == clocks[Kind.JOINT_STATEMENT].notified_due
    assert "Children Act 2004" in clocks[Kind.JOINT_STATEMENT].rule_source


def test_an_area_send_report_with_priority_areas_asks_for_a_plan_in_35_working_days(council):
    """Oxfordshire: received on 5 September 2023, submitted on 24 October 2023."""
    report = factories.make_inspection(
        council,
        framework="send",
        started_on=None,
        ended_on=None,
        received_on=date(2023, 9, 5),
        has_priority_areas=True,
    )

    clocks = start(report)

    assert clocks[Kind.SEND_PLAN].due == date(2023, 10, 24)
    assert clocks[Kind.SEND_MONITORING].due == date(2025, 3, 5)
    decision = changes.start_clock(
        report,
        kind=Kind.SEND_DECISION,
        trigger_on=date(2023, 10, 24),
        calendar=calendar(),
        practices=practices_of(council),
        by=None,
    )
    assert decision.due == date(2023, 12, 12)


def test_a_focused_visit_with_priority_areas_asks_for_a_draft_and_a_plan(council, letter):
    """St Helens: the draft was due on 10 September and the plan on 19 November 2018."""
    clocks = {clock.kind: clock for clock in changes.start_visit_clocks(letter, calendar=calendar(), by=None)}

    assert clocks[Kind.DRAFT_PLAN].due == date(2018, 9, 10)
    assert clocks[Kind.DRAFT_PLAN].basis == "inspectorate"
    assert clocks[Kind.FOCUSED_PLAN].due == date(2018, 11, 19)
    assert clocks[Kind.FOCUSED_PLAN].basis == "law"
    assert clocks[Kind.LETTER].due is None
    assert changes.start_visit_clocks(letter, calendar=calendar(), by=None) == []


def test_the_next_visit_is_expected_three_months_after_the_last(council, monitored):
    visit = factories.make_visit(council, inspection=monitored)

    (clock,) = changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    assert (clock.kind, clock.trigger_on, clock.due) == (Kind.NEXT_VISIT, date(2026, 6, 10), date(2026, 9, 10))


def test_a_review_starts_no_clock(council):
    peer = factories.make_inspection(council, framework="peer")

    assert start(peer) == {}


def test_a_clock_says_by_which_number_it_was_counted_and_where_that_comes_from(council, letter):
    draft = next(
        clock
        for clock in changes.start_visit_clocks(letter, calendar=calendar(), by=None)
        if clock.kind == Kind.DRAFT_PLAN
    )

    assert draft.rule_source == practices_of(council)["draft_plan"].source
    assert draft.history.get().history_change_reason == f"20 working days: {draft.rule_source}"


def test_a_number_the_council_set_is_used_and_running_clocks_keep_theirs(council, office, letter):
    draft = {clock.kind: clock for clock in changes.start_visit_clocks(letter, calendar=calendar(), by=None)}[
        Kind.DRAFT_PLAN
    ]

    account_changes.set_practice(council, code="draft_plan", value=15, source="Our letter", by=office, reason=REASON)
    other = factories.make_visit(
        council,
        "focused-2",
        kind="focused",
        sequence=None,
        letter_received_on=date(2018, 8, 10),
        starts_on=date(2018, 7, 3),
        ends_on=date(2018, 7, 4),
        has_priority_areas=True,
    )
    changes.start_visit_clocks(other, calendar=calendar(), by=None)
    changes.proclaim_bank_holiday(date(2018, 8, 14), name="Day of thanks", reason="Test", by=office, on=TODAY)

    assert (fresh(draft).length, fresh(draft).due) == (20, date(2018, 9, 10))
    later = other.clocks.get(kind=Kind.DRAFT_PLAN)
    assert (later.length, later.due, later.rule_source) == (15, date(2018, 9, 3), "Our letter")


def test_a_clock_whose_date_is_given_needs_the_date(council, monitored):
    with pytest.raises(changes.WrongDates, match="Enter the date of “Final date of the notice”"):
        changes.start_clock(
            monitored,
            kind=Kind.NOTICE_END,
            trigger_on=TODAY,
            calendar=calendar(),
            practices=practices_of(council),
            by=None,
        )


def test_a_date_given_before_the_start_is_refused(council, monitored):
    with pytest.raises(changes.WrongDates, match="5 May 2026 is before 6 May 2026, when the clock starts"):
        changes.start_clock(
            monitored,
            kind=Kind.NOTICE_END,
            trigger_on=TODAY,
            fixed_due=TODAY - timedelta(days=1),
            calendar=calendar(),
            practices=practices_of(council),
            by=None,
        )


# A later inspection, and visits that took place


def test_what_was_expected_after_an_earlier_inspection_ends_with_a_later_one(council, monitored):
    before = start(monitored)
    visit = factories.make_visit(council, inspection=monitored)
    (next_visit,) = changes.start_visit_clocks(visit, calendar=calendar(), by=None)
    later = factories.make_inspection(
        council,
        "2028-ilacs",
        started_on=date(2028, 1, 10),
        ended_on=date(2028, 1, 21),
        received_on=date(2028, 2, 25),
        published_on=None,
    )

    start(later)

    assert fresh(before[Kind.REINSPECTION]).met_on == date(2028, 1, 10)
    for clock in (before[Kind.FIRST_VISIT], before[Kind.ANNUAL_CONVERSATION], next_visit):
        assert fresh(clock).voided_on == date(2028, 2, 25)
        assert "took the place of what was expected before it" in fresh(clock).void_reason
    assert fresh(before[Kind.PLAN]).voided_on is None


def test_an_older_report_entered_afterwards_expects_nothing(council, monitored):
    start(monitored)
    older = factories.make_inspection(
        council, "2022-ilacs", started_on=None, ended_on=None, received_on=date(2022, 2, 11), is_monitored=True
    )

    assert set(start(older)) == {Kind.PLAN, Kind.REPORT}
    assert state(monitored.clocks.get(kind=Kind.REINSPECTION)) == State.RUNNING


def test_a_visit_whose_letter_came_ends_the_clocks_that_waited_for_it(council, monitored):
    first_visit = start(monitored)[Kind.FIRST_VISIT]
    visit = factories.make_visit(council, inspection=monitored, letter_received_on=date(2026, 7, 1))

    changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    assert fresh(first_visit).met_on == date(2026, 6, 9)
    second = factories.make_visit(
        council,
        "monitoring-2",
        inspection=monitored,
        sequence=2,
        starts_on=date(2026, 10, 6),
        ends_on=date(2026, 10, 7),
        letter_received_on=date(2026, 11, 2),
    )
    changes.start_visit_clocks(second, calendar=calendar(), by=None)
    assert visit.clocks.get(kind=Kind.NEXT_VISIT).met_on == date(2026, 10, 6)
    assert second.clocks.get(kind=Kind.NEXT_VISIT).met_on is None


def test_a_letter_that_is_published_ends_the_wait_for_it(council, monitored):
    visit = factories.make_visit(council, inspection=monitored, letter_received_on=date(2026, 7, 1))
    changes.start_visit_clocks(visit, calendar=calendar(), by=None)
    visit.letter_published_on = date(2026, 7, 14)
    save_because(visit, by=None, reason=REASON)

    changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    assert visit.clocks.get(kind=Kind.LETTER).met_on == date(2026, 7, 14)


def test_a_letter_known_only_as_published_is_not_waited_for(council, monitored):
    visit = factories.make_visit(council, inspection=monitored, letter_published_on=date(2026, 7, 14))

    changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    assert not visit.clocks.filter(kind=Kind.LETTER).exists()


# Counting again


def test_a_clock_that_moves_leaves_one_history_row_and_one_recount(report, ada):
    plan = start(report)[Kind.PLAN]

    moved = changes.proclaim_bank_holiday(
        date(2026, 5, 8), name="Day of thanks", reason="Proclaimed", by=ada, on=date(2026, 5, 1)
    )

    assert moved == [plan]
    assert plan.history.count() == 2
    recount = Recount.objects.get()
    assert (recount.clock, recount.on, recount.from_due, recount.to_due) == (
        plan,
        date(2026, 5, 1),
        date(2026, 5, 14),
        date(2026, 5, 15),
    )
    assert recount.reason == "Bank holiday added, Day of thanks, 8 May 2026: Proclaimed"
    assert recount.history.get().actor == "Ada Admin"


def test_what_hangs_on_the_plans_date_moves_with_it(monitored, ada):
    clocks = start(monitored)

    moved = changes.proclaim_bank_holiday(
        date(2026, 5, 8), name="Day of thanks", reason="Proclaimed", by=ada, on=date(2026, 5, 1)
    )

    assert {one.kind: (one.trigger_on, one.computed_due) for one in moved} == {
        Kind.PLAN: (date(2026, 2, 2), date(2026, 5, 15)),
        Kind.FIRST_VISIT: (date(2026, 5, 15), date(2026, 6, 12)),
        Kind.ACTION_PLANNING_VISIT: (date(2026, 2, 2), date(2026, 5, 15)),
    }
    assert Recount.objects.count() == 3
    assert all(clocks[one.kind].history.count() == 2 for one in moved)


@pytest.mark.parametrize("ended", ["met", "met late", "missed", "past and not noticed", "void"])
def test_a_clock_that_ended_never_moves(report, ada, ended):
    plan = start(report)[Kind.PLAN]
    on = date(2026, 5, 1)
    if ended == "met":
        changes.stop_clock(plan, met_on=on, on=on, by=None, reason=REASON)
    elif ended == "met late":
        on = date(2026, 5, 18)
        changes.stop_clock(plan, met_on=on, on=on, by=None, reason=REASON)
    elif ended == "missed":
        on = date(2026, 5, 18)
        changes.note_missed(on=on)
    elif ended == "past and not noticed":
        on = date(2026, 5, 18)
    else:
        changes.void_clock(plan, on=on, by=None, reason=REASON)
    before = fresh(plan).history.count()

    moved = changes.proclaim_bank_holiday(date(2026, 5, 11), name="Day of thanks", reason="Proclaimed", by=ada, on=on)

    assert moved == []
    assert fresh(plan).computed_due == date(2026, 5, 14)
    assert fresh(plan).history.count() == before
    assert not Recount.objects.exists()


def test_clocks_of_months_and_those_without_a_length_do_not_move(council, monitored, ada):
    clocks = start(monitored)

    moved = changes.proclaim_bank_holiday(
        date(2026, 12, 30), name="Day of thanks", reason="Proclaimed", by=ada, on=TODAY
    )

    assert moved == []
    assert fresh(clocks[Kind.ANNUAL_CONVERSATION]).due == date(2027, 2, 2)


def test_a_running_clock_is_counted_from_another_day(council, ada):
    visit = factories.make_visit(council)
    (clock,) = changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    moved = changes.retrigger(
        clock, trigger_on=date(2026, 6, 30), calendar=calendar(), by=ada, on=TODAY, reason="The visit moved"
    )

    assert (moved.trigger_on, moved.due) == (date(2026, 6, 30), date(2026, 9, 30))
    assert clock.history.latest().history_change_reason == "The visit moved"
    assert Recount.objects.get().from_due == date(2026, 9, 10)


def test_a_clock_counted_from_the_same_day_is_refused(council, ada):
    (clock,) = changes.start_visit_clocks(factories.make_visit(council), calendar=calendar(), by=None)

    with pytest.raises(changes.WrongDates, match="is counted from 10 June 2026 already"):
        changes.retrigger(
            clock, trigger_on=clock.trigger_on, calendar=calendar(), by=ada, on=TODAY, reason="The visit moved"
        )


def test_clocks_follow_a_visit_that_moves(council, monitored, ada):
    visit = factories.make_visit(council, inspection=monitored)
    changes.start_visit_clocks(visit, calendar=calendar(), by=None)
    visit.starts_on, visit.ends_on = date(2026, 7, 7), date(2026, 7, 8)
    save_because(visit, by=None, reason=REASON)

    moved = changes.follow_visit(visit, calendar=calendar(), by=ada, on=TODAY, reason="Ofsted asked")

    assert [(clock.kind, clock.trigger_on, clock.due) for clock in moved] == [
        (Kind.NEXT_VISIT, date(2026, 7, 8), date(2026, 10, 8))
    ]
    assert changes.follow_visit(visit, calendar=calendar(), by=ada, on=TODAY, reason="Again") == []


def test_a_letter_that_will_not_be_published_makes_its_clock_void(council, monitored, ada):
    visit = factories.make_visit(council, inspection=monitored, letter_received_on=date(2026, 7, 1))
    changes.start_visit_clocks(visit, calendar=calendar(), by=None)
    visit.letter_stays_unpublished = True
    save_because(visit, by=None, reason=REASON)

    changes.follow_visit(visit, calendar=calendar(), by=ada, on=date(2026, 7, 2), reason="A first visit’s letter")

    assert visit.clocks.get(kind=Kind.LETTER).void_reason == (
        "It no longer runs from this visit: A first visit’s letter"
    )


# The date in a letter


def test_a_date_in_a_letter_that_comes_later_governs_and_moves_what_hangs_on_it(monitored, office):
    clocks = start(monitored)

    plan = changes.set_notified_due(
        clocks[Kind.PLAN],
        due=date(2026, 5, 22),
        source="Ofsted’s letter of 6 May",
        calendar=calendar(),
        by=office,
        on=TODAY,
    )

    assert (plan.due, plan.computed_due) == (date(2026, 5, 22), date(2026, 5, 14))
    assert plan.history.latest().history_change_reason == "A letter gives 22 May 2026: Ofsted’s letter of 6 May"
    assert fresh(clocks[Kind.FIRST_VISIT]).trigger_on == date(2026, 5, 22)
    assert fresh(clocks[Kind.ACTION_PLANNING_VISIT]).due == date(2026, 5, 22)


@pytest.mark.parametrize(
    ("due", "on", "refusal", "message"),
    [
        (date(2026, 2, 2), date(2026, 2, 2), changes.WrongDates, "must be after the day the clock starts from"),
        (date(2026, 2, 1), date(2026, 2, 2), changes.WrongDates, "1 February 2026, must be after"),
        (date(2026, 5, 5), TODAY, changes.WrongDates, "5 May 2026 has passed, and the clock would be missed for good"),
        (date(2026, 6, 1), date(2026, 5, 18), changes.ClockEnded, "was missed: its date was 14 May 2026. It stays"),
    ],
)
def test_a_date_in_a_letter_that_cannot_be_is_refused(report, office, due, on, refusal, message):
    plan = start(report)[Kind.PLAN]

    with pytest.raises(refusal, match=message):
        changes.set_notified_due(plan, due=due, source="A letter", calendar=calendar(), by=office, on=on)
    assert fresh(plan).notified_due is None
    assert plan.history.count() == 1


# Met, missed, void


def test_a_clock_is_met_on_its_last_day(report, office):
    plan = start(report)[Kind.PLAN]

    changes.stop_clock(plan, met_on=date(2026, 5, 14), on=date(2026, 5, 14), by=office, reason="Sent")

    assert state(plan) == State.MET
    assert fresh(plan).missed_on is None


def test_a_clock_recorded_after_its_date_is_met_late_whatever_day_the_proof_gives(report, office):
    plan = start(report)[Kind.PLAN]

    changes.stop_clock(plan, met_on=date(2026, 5, 14), on=date(2026, 5, 16), by=office, reason="Sent")

    assert state(plan) == State.MET_LATE
    assert fresh(plan).missed_on == date(2026, 5, 16)


def test_a_clock_once_missed_is_met_late_only(report, office):
    plan = start(report)[Kind.PLAN]
    changes.note_missed(on=date(2026, 5, 18))

    changes.stop_clock(plan, met_on=date(2026, 5, 14), on=date(2026, 5, 20), by=office, reason="Found in a drawer")

    assert state(plan) == State.MET_LATE
    assert fresh(plan).missed_on == date(2026, 5, 18)


@pytest.mark.parametrize(
    ("met_on", "message"),
    [
        (date(2026, 2, 1), "is counted from 2 February 2026. Enter that day or a later one"),
        (date(2026, 5, 7), "It cannot be in the future"),
    ],
)
def test_a_clock_cannot_be_met_on_a_day_that_cannot_be(report, office, met_on, message):
    plan = start(report)[Kind.PLAN]

    with pytest.raises(changes.WrongDates, match=message):
        changes.stop_clock(plan, met_on=met_on, on=TODAY, by=office, reason=REASON)
    assert fresh(plan).met_on is None


def test_the_second_of_two_who_end_a_clock_hears_that_it_was_met(report, office):
    plan = start(report)[Kind.PLAN]
    changes.stop_clock(plan, met_on=date(2026, 5, 5), on=TODAY, by=office, reason=REASON)

    with pytest.raises(changes.ClockEnded, match=r"was met on 5 May 2026\. It stays as it is"):
        changes.stop_clock(plan, met_on=TODAY, on=TODAY, by=office, reason=REASON)
    assert fresh(plan).met_on == date(2026, 5, 5)


def test_a_clock_that_comes_again_starts_anew_on_the_day_it_was_met(report, office):
    first = start(report)[Kind.ANNUAL_CONVERSATION]

    changes.stop_clock(first, met_on=date(2026, 5, 5), on=TODAY, by=office, reason="Held")

    second = report.clocks.get(kind=Kind.ANNUAL_CONVERSATION, sequence=2)
    assert (second.trigger_on, second.due) == (date(2026, 5, 5), date(2027, 5, 5))


def test_the_job_notes_what_was_missed_once(report, monitored, council):
    clocks = start(report)
    other = factories.make_inspection(factories.make_authority("Southmere", "southmere"))
    theirs = start(other)

    noted = changes.note_missed(on=date(2026, 3, 17))

    assert {clock.pk for clock in noted} == {clocks[Kind.REPORT].pk, theirs[Kind.REPORT].pk}
    assert fresh(clocks[Kind.REPORT]).missed_on == date(2026, 3, 17)
    row = clocks[Kind.REPORT].history.latest()
    assert (row.actor, row.history_change_reason) == (
        "The tracker",
        "Its date, 16 March 2026, passed and it is not met",
    )
    assert changes.note_missed(on=date(2026, 3, 18)) == []
    assert clocks[Kind.REPORT].history.count() == 2


@pytest.mark.parametrize("on", [date(2026, 3, 16), date(2026, 3, 15)])
def test_what_is_due_today_is_not_missed(report, on):
    start(report)

    assert changes.note_missed(on=on) == []


def test_forecasts_and_clocks_that_ended_are_not_missed(council, monitored, office):
    clocks = start(monitored)
    changes.stop_clock(clocks[Kind.PLAN], met_on=TODAY, on=TODAY, by=office, reason=REASON)
    changes.note_missed(on=TODAY)
    assert fresh(clocks[Kind.REPORT]).missed_on == TODAY

    assert changes.note_missed(on=date(2036, 1, 1)) == []


def test_a_clock_with_a_later_date_in_its_letter_is_missed_after_that(report):
    plan = start(report, notified_plan_due=date(2026, 5, 20), notified_source="The letter")[Kind.PLAN]
    changes.note_missed(on=date(2026, 5, 20))
    assert fresh(plan).missed_on is None

    changes.note_missed(on=date(2026, 5, 21))

    assert fresh(plan).missed_on == date(2026, 5, 21)


def test_a_clock_is_made_void_for_a_reason(report, office):
    plan = start(report)[Kind.PLAN]

    changes.void_clock(plan, on=TODAY, by=office, reason="Entered by mistake")

    assert state(plan) == State.VOID
    assert fresh(plan).void_reason == "Entered by mistake"
    assert plan.history.latest().history_change_reason == "Entered by mistake"


@pytest.mark.parametrize(
    ("ended", "message"),
    [
        (lambda plan: changes.note_missed(on=date(2026, 5, 18)), "was missed: its date was 14 May 2026. It stays"),
        (
            lambda plan: changes.stop_clock(plan, met_on=TODAY, on=TODAY, by=None, reason=REASON),
            "was met on 6 May 2026. It stays",
        ),
        (lambda plan: changes.void_clock(plan, on=TODAY, by=None, reason=REASON), "was made void on 6 May 2026"),
        (lambda plan: None, "was missed: its date was 14 May 2026"),
    ],
)
def test_a_clock_that_ended_is_neither_made_void_nor_counted_anew(report, office, ended, message):
    plan = start(report)[Kind.PLAN]
    ended(plan)
    on = date(2026, 5, 19)

    with pytest.raises(changes.ClockEnded, match=message):
        changes.void_clock(plan, on=on, by=office, reason=REASON)
    with pytest.raises(changes.ClockEnded, match=message):
        changes.retrigger(
            plan, trigger_on=date(2026, 2, 3), calendar=calendar(), by=office, on=on, reason="Another day"
        )


# Steps


def step(clock, code, **fields):
    values = {
        "done_on": date(2026, 3, 9),
        "done_by": "Aisha Rahman",
        "proof": "The email of 9 March",
        "by": None,
        "on": date(2026, 3, 10),
        **fields,
    }
    return changes.record_step(clock, step=code, **values)


def test_the_report_is_published_when_all_four_things_are_done_on_the_day_of_the_last(report, office):
    clock = start(report)[Kind.REPORT]
    step(clock, "partners", done_on=date(2026, 3, 10), by=office)
    step(clock, "newspaper")
    row = step(clock, "radio")
    assert fresh(clock).met_on is None

    step(clock, "open")

    assert fresh(clock).met_on == date(2026, 3, 10)
    assert state(clock) == State.MET
    assert clock.history.latest().history_change_reason.startswith("All is recorded: Sent to the partners, Sent to")
    assert row.history.get().history_change_reason == "Sent to a local radio station: The email of 9 March"
    assert str(ClockStep.objects.get(step="partners")) == "Sent to the partners, 10 March 2026"


@pytest.mark.parametrize(
    ("code", "fields", "refusal", "message"),
    [
        ("television", {}, changes.WrongStep, "has no such step"),
        ("radio", {"done_on": date(2026, 3, 11)}, changes.WrongDates, "cannot be in the future"),
        ("radio", {"done_on": date(2026, 2, 1)}, changes.WrongDates, "is counted from 2 February 2026"),
        (
            "newspaper",
            {},
            changes.WrongStep,
            "was recorded before, for 9 March 2026 by Aisha Rahman. It stays",
        ),
    ],
)
def test_a_step_that_cannot_be_is_refused(report, code, fields, refusal, message):
    clock = start(report)[Kind.REPORT]
    step(clock, "newspaper")

    with pytest.raises(refusal, match=message):
        step(clock, code, **fields)
    assert ClockStep.objects.count() == 1


def test_the_plan_is_not_ended_by_a_step(report):
    with pytest.raises(changes.WrongStep, match="It ends when the plan is recorded as sent to Ofsted"):
        step(start(report)[Kind.PLAN], "done")


def test_nothing_more_is_recorded_for_a_clock_that_ended(report):
    clock = start(report)[Kind.REPORT]
    changes.void_clock(clock, on=date(2026, 3, 1), by=None, reason=REASON)

    with pytest.raises(changes.ClockEnded, match=r"was made void on 1 March 2026\. Nothing more can be recorded"):
        step(clock, "radio")


def test_a_missed_clock_can_still_be_done_and_is_met_late(report):
    clock = start(report)[Kind.REPORT]
    for code in ("partners", "newspaper", "radio", "open"):
        step(clock, code, done_on=date(2026, 3, 16), on=date(2026, 4, 1))

    assert state(clock) == State.MET_LATE


# The rule and the filter are one


def test_what_python_calls_running_is_what_the_database_calls_running(council, monitored, report, letter):
    start(report)
    changes.start_visit_clocks(letter, calendar=calendar(), by=None)
    start(monitored)
    changes.note_missed(on=date(2026, 3, 20))
    changes.void_clock(monitored.clocks.get(kind=Kind.ANNUAL_CONVERSATION), on=TODAY, by=None, reason=REASON)
    changes.stop_clock(report.clocks.first(), met_on=TODAY, on=TODAY, by=None, reason=REASON)

    for on in (date(2026, 3, 16), date(2026, 3, 17), TODAY, date(2026, 5, 14), date(2026, 5, 16), date(2030, 1, 1)):
        rows = Clock.objects.all()
        running = {row.pk for row in rows if state_of(row.facts, on=on) == State.RUNNING}
        missed = {row.pk for row in rows if state_of(row.facts, on=on) == State.MISSED and row.missed_on is None}
        assert {row.pk for row in rows.running(on=on)} == running
        assert {row.pk for row in rows.passed_unnoticed(on=on)} == missed
    assert len(running) < Clock.objects.count()


def test_a_clock_runs_once_for_a_visit_and_turn(letter):
    clock = changes.start_visit_clocks(letter, calendar=calendar(), by=None)[0]
    clock.pk = None

    with pytest.raises(IntegrityError):
        save_because(clock, by=None, reason=REASON)
