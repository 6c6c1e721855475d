"""The clocks, as plain dates."""

from datetime import date

import pytest

from accounts.practices import BY_CODE
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.frameworks import REVIEWS, Framework
from tracker.inspections.rules import (
    CLOCKS,
    ClockFacts,
    Kind,
    Standing,
    State,
    Unit,
    clock_rule,
    day_of_clock,
    doubts_about,
    due_after,
    free_reference,
    kinds_after_inspection,
    kinds_after_intervention,
    kinds_after_visit,
    length_in_words,
    standing_of,
    state_of,
    working_of,
)
from tracker.inspections.wording import where_it_stands, why_late

# England in 2014, and no more of it than the tests need.
DAYS = Calendar({date(2014, 8, 25): "August bank holiday", date(2014, 12, 25): "Christmas Day"}, 2014, 2014)
RECEIVED = date(2014, 8, 8)
DUE = date(2014, 11, 17)
YEARS = Calendar({}, 2000, 2040)


# The rules


def test_every_kind_of_clock_has_one_rule():
    assert sorted(rule.kind for rule in CLOCKS) == sorted(Kind)


def test_the_law_sets_four_lengths_and_the_rest_are_numbers_of_the_council():
    assert {rule.kind: rule.length for rule in CLOCKS if rule.length is not None} == {
        Kind.PLAN: 70,
        Kind.REPORT: 30,
        Kind.FOCUSED_PLAN: 70,
        Kind.JOINT_STATEMENT: 70,
    }
    assert all(rule.basis == "law" for rule in CLOCKS if rule.length is not None)
    assert all(rule.basis != "law" for rule in CLOCKS if rule.length is None)


@pytest.mark.parametrize("rule", CLOCKS, ids=lambda rule: rule.kind.value)
def test_a_rule_says_what_starts_it_where_it_is_and_what_ends_it(rule):
    assert rule.trigger
    assert bool(rule.steps) != bool(rule.ended_by)
    assert bool(rule.source) != bool(rule.practice)
    counted = rule.unit in {Unit.WORKING_DAYS, Unit.WEEKS, Unit.MONTHS}
    assert counted == (rule.length is not None or bool(rule.practice))


@pytest.mark.parametrize("rule", [rule for rule in CLOCKS if rule.practice], ids=lambda rule: rule.kind.value)
def test_a_number_that_is_practice_is_a_setting_in_the_unit_of_its_rule(rule):
    assert BY_CODE[rule.practice].unit == rule.unit.label
    assert BY_CODE[rule.practice].source


def test_the_plan_is_three_things_recorded_with_the_plan_and_the_report_is_four():
    assert clock_rule("plan").steps == ()
    assert "sent to Ofsted, sent to DfE and published" in clock_rule("plan").ended_by
    assert [step.code for step in clock_rule("report").steps] == ["partners", "newspaper", "radio", "open"]


def test_only_the_long_periods_of_the_law_have_steps_inside_the_council():
    assert {rule.kind for rule in CLOCKS if rule.has_governance} == {
        Kind.PLAN,
        Kind.FOCUSED_PLAN,
        Kind.JOINT_STATEMENT,
    }


def test_a_clock_nobody_knows_has_no_rule():
    with pytest.raises(KeyError):
        clock_rule("appeal")


# Which clocks run

MONITORED = [Kind.ACTION_PLANNING_VISIT, Kind.FIRST_VISIT, Kind.REINSPECTION]


@pytest.mark.parametrize(
    ("framework", "facts", "kinds"),
    [
        (Framework.SIF, {}, [Kind.PLAN, Kind.REPORT]),
        (Framework.CHILD_PROTECTION, {}, [Kind.PLAN, Kind.REPORT]),
        (Framework.SIF, {"is_monitored": True}, [Kind.PLAN, Kind.REPORT, *MONITORED]),
        (Framework.ILACS, {}, [Kind.PLAN, Kind.REPORT, Kind.ANNUAL_CONVERSATION, Kind.FOCUSED_VISIT]),
        (Framework.ILACS, {"is_monitored": True}, [Kind.PLAN, Kind.REPORT, *MONITORED, Kind.ANNUAL_CONVERSATION]),
        (Framework.JTAI, {}, [Kind.JOINT_STATEMENT]),
        (Framework.SEND, {}, []),
        (Framework.SEND, {"has_priority_areas": True}, [Kind.SEND_PLAN, Kind.SEND_MONITORING]),
        (
            Framework.SEND,
            {"has_priority_areas": True, "received_on": date(2022, 12, 31)},
            [Kind.WRITTEN_STATEMENT],
        ),
        (Framework.OTHER, {}, []),
        *((review, {"is_monitored": True, "has_priority_areas": True}, []) for review in sorted(REVIEWS)),
        *((framework, {"received_on": None}, []) for framework in Framework),
    ],
)
def test_which_clocks_run_after_an_inspection(framework, facts, kinds):
    facts = {"received_on": date(2023, 1, 1), "is_monitored": False, "has_priority_areas": False, **facts}

    assert list(kinds_after_inspection(framework, **facts)) == kinds


@pytest.mark.parametrize(
    ("kind", "facts", "kinds"),
    [
        ("monitoring", {}, []),
        ("monitoring", {"is_dated": True}, [Kind.NEXT_VISIT]),
        ("monitoring", {"is_dated": True, "letter_received": True}, [Kind.NEXT_VISIT, Kind.LETTER]),
        (
            "monitoring",
            {"is_dated": True, "letter_received": True, "letter_stays_unpublished": True},
            [Kind.NEXT_VISIT],
        ),
        ("focused", {"is_dated": True}, []),
        ("focused", {"is_dated": True, "has_priority_areas": True}, []),
        ("focused", {"letter_received": True}, [Kind.LETTER]),
        (
            "focused",
            {"letter_received": True, "has_priority_areas": True},
            [Kind.DRAFT_PLAN, Kind.FOCUSED_PLAN, Kind.LETTER],
        ),
        ("action_planning", {"is_dated": True, "letter_received": True, "has_priority_areas": True}, []),
    ],
)
def test_which_clocks_run_after_a_visit(kind, facts, kinds):
    facts = {
        "is_dated": False,
        "letter_received": False,
        "has_priority_areas": False,
        "letter_stays_unpublished": False,
        **facts,
    }

    assert list(kinds_after_visit(kind, **facts)) == kinds


@pytest.mark.parametrize(
    ("kind", "has_end", "is_lifted", "kinds"),
    [
        ("improvement_notice", False, False, [Kind.DFE_REVIEW]),
        ("improvement_notice", True, False, [Kind.DFE_REVIEW, Kind.NOTICE_END]),
        ("direction", True, False, [Kind.DFE_REVIEW, Kind.NOTICE_END]),
        ("direction", True, True, [Kind.SUPPORT_END]),
        ("commissioner", False, False, [Kind.COMMISSIONER_REPORT]),
        ("commissioner", False, True, [Kind.COMMISSIONER_REPORT]),
        ("support", False, False, [Kind.SUPPORT_END]),
    ],
)
def test_which_clocks_run_from_what_the_dfe_puts_in_place(kind, has_end, is_lifted, kinds):
    assert list(kinds_after_intervention(kind, has_end=has_end, is_lifted=is_lifted)) == kinds


# How long they are


@pytest.mark.parametrize(
    ("start", "length", "unit", "due"),
    [
        (RECEIVED, 70, Unit.WORKING_DAYS, DUE),
        (RECEIVED, 30, Unit.WORKING_DAYS, date(2014, 9, 22)),
        (RECEIVED, 20, Unit.WORKING_DAYS, date(2014, 9, 8)),
        (DUE, 4, Unit.WEEKS, date(2014, 12, 15)),  # Domain brief, C11.
        (RECEIVED, 70, Unit.CALENDAR_DAYS, date(2014, 10, 17)),
        (RECEIVED, 3, Unit.MONTHS, date(2014, 11, 8)),
        (RECEIVED, None, Unit.NONE, None),
    ],
)
def test_a_length_gives_the_last_day(start, length, unit, due):
    assert due_after(start, length, unit, DAYS) == due


# The last Sundays of March and October, when the clocks of the country change: no day is counted twice or left out.
@pytest.mark.parametrize(
    ("start", "length", "unit", "due"),
    [
        (date(2026, 3, 27), 1, Unit.WORKING_DAYS, date(2026, 3, 30)),
        (date(2026, 3, 28), 1, Unit.WORKING_DAYS, date(2026, 3, 30)),
        (date(2026, 3, 29), 1, Unit.WORKING_DAYS, date(2026, 3, 30)),
        (date(2026, 3, 27), 1, Unit.WEEKS, date(2026, 4, 3)),
        (date(2026, 3, 29), 1, Unit.CALENDAR_DAYS, date(2026, 3, 30)),
        (date(2026, 10, 23), 1, Unit.WORKING_DAYS, date(2026, 10, 26)),
        (date(2026, 10, 24), 1, Unit.WORKING_DAYS, date(2026, 10, 26)),
        (date(2026, 10, 25), 1, Unit.WORKING_DAYS, date(2026, 10, 26)),
        (date(2026, 10, 23), 1, Unit.WEEKS, date(2026, 10, 30)),
        (date(2026, 10, 25), 1, Unit.CALENDAR_DAYS, date(2026, 10, 26)),
        (date(2028, 2, 28), 2, Unit.WORKING_DAYS, date(2028, 3, 1)),
        (date(2028, 2, 29), 1, Unit.WORKING_DAYS, date(2028, 3, 1)),
        (date(2026, 12, 31), 1, Unit.WORKING_DAYS, date(2027, 1, 1)),
    ],
)
def test_days_are_counted_through_the_change_of_the_clocks_leap_days_and_year_ends(start, length, unit, due):
    assert due_after(start, length, unit, YEARS) == due


def test_a_date_that_is_given_is_not_counted():
    with pytest.raises(ValueError, match="A date is given"):
        due_after(RECEIVED, None, Unit.DATE, DAYS)


def test_a_clock_past_the_table_fails_loudly():
    with pytest.raises(HolidaysUnknown, match="from 2014 to 2014"):
        due_after(date(2014, 10, 1), 70, Unit.WORKING_DAYS, DAYS)


@pytest.mark.parametrize(
    ("length", "unit", "words"),
    [
        (70, "working_days", "70 working days"),
        (1, "months", "1 month"),
        (4, "weeks", "4 weeks"),
        (None, "date", "until the date given"),
        (None, "none", "no fixed length"),
    ],
)
def test_a_length_in_words(length, unit, words):
    assert length_in_words(length, unit) == words


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2014, 8, 7), 0),
        (RECEIVED, 0),
        (date(2014, 8, 10), 0),
        (date(2014, 8, 11), 1),
        (date(2014, 8, 25), 10),
        (date(2014, 11, 3), 60),
        (DUE, 70),
        (date(2014, 11, 18), 71),
    ],
)
def test_which_day_of_the_clock_it_is(on, day):
    assert day_of_clock(RECEIVED, on, DAYS) == day


# The working


def test_the_working_names_the_holidays_it_left_out_and_the_misreading():
    working = working_of(RECEIVED, 70, Unit.WORKING_DAYS, DAYS)

    assert working.days[0].number == 0
    assert working.days[-1].number == 70
    assert working.days[-1].day == working.due == DUE
    assert [(day.day, day.reason) for day in working.skipped_holidays] == [(date(2014, 8, 25), "August bank holiday")]
    assert working.weekend_days == 30
    assert working.calendar_days_reading == date(2014, 10, 17)


@pytest.mark.parametrize(
    ("start", "length", "unit", "words"),
    [
        (DUE, 4, Unit.WEEKS, "4 weeks is 28 days: from 17 November 2014 to 15 December 2014."),
        (date(2014, 6, 10), 3, Unit.MONTHS, "3 months after 10 June 2014 is 10 September 2014."),
        (
            date(2014, 8, 31),
            6,
            Unit.MONTHS,
            "6 months after 31 August 2014 would be day 31 of a month that ends before: 28 February 2015.",
        ),
    ],
)
def test_a_sum_that_counts_no_working_days_is_told_in_words(start, length, unit, words):
    assert working_of(start, length, unit, DAYS).sum_in_words == words


def test_every_day_of_a_clock_of_weeks_is_counted():
    working = working_of(DUE, 4, Unit.WEEKS, DAYS)

    assert [day.number for day in working.days] == list(range(29))


def test_without_a_length_there_is_nothing_to_count():
    with pytest.raises(ValueError, match="No length is fixed"):
        working_of(RECEIVED, 0, Unit.NONE, DAYS)


@pytest.mark.parametrize(
    ("notified", "computed", "doubts"),
    [
        (DUE, DUE, []),
        (date(2014, 11, 19), DUE, ["2 working days later than the count: working day 72 of the clock"]),
        (date(2014, 11, 14), DUE, ["1 working day earlier than the count: working day 69 of the clock"]),
        (
            date(2014, 11, 15),
            DUE,
            ["1 working day earlier", "15 November 2014 is a Saturday. Send it on Friday 14 November 2014 to be safe."],
        ),
        (date(2014, 8, 25), None, ["25 August 2014 is a bank holiday, August bank holiday."]),
        (
            date(2014, 11, 22),
            date(2014, 11, 21),
            ["is a Saturday"],
        ),
    ],
)
def test_what_is_odd_about_a_date_in_a_letter(notified, computed, doubts):
    told = doubts_about(notified, computed, RECEIVED, DAYS)

    assert len(told) == len(doubts)
    assert all(words in sentence for words, sentence in zip(doubts, told, strict=True))


# Where they stand

SATURDAY = date(2014, 11, 15)


@pytest.mark.parametrize(
    ("facts", "on", "state"),
    [
        ({}, DUE, State.RUNNING),
        ({}, date(2014, 11, 18), State.MISSED),
        ({"due": SATURDAY}, SATURDAY, State.RUNNING),
        ({"due": SATURDAY}, date(2014, 11, 16), State.MISSED),
        ({"due": None}, date(2014, 12, 31), State.RUNNING),
        ({"is_forecast": True}, date(2014, 12, 31), State.RUNNING),
        ({"missed_on": date(2014, 11, 18)}, DUE, State.MISSED),
        ({"met_on": DUE}, date(2014, 12, 1), State.MET),
        ({"met_on": date(2014, 11, 18)}, date(2014, 12, 1), State.MET_LATE),
        ({"met_on": DUE, "missed_on": date(2014, 11, 18)}, date(2014, 12, 1), State.MET_LATE),
        ({"met_on": date(2014, 12, 1), "due": None}, date(2014, 12, 1), State.MET),
        ({"met_on": date(2014, 12, 1), "is_forecast": True}, date(2014, 12, 1), State.MET),
        ({"voided_on": date(2014, 9, 1)}, date(2014, 12, 1), State.VOID),
    ],
)
def test_the_state_of_a_clock(facts, on, state):
    assert state_of(ClockFacts(**{"trigger_on": RECEIVED, "due": DUE, **facts}), on=on) == state


@pytest.mark.parametrize(
    ("on", "met_on", "standing", "words"),
    [
        (date(2014, 11, 3), None, Standing(State.RUNNING, 10, 60), "10 working days left"),
        (date(2014, 11, 14), None, Standing(State.RUNNING, 1, 69), "1 working day left"),
        (date(2014, 11, 16), None, Standing(State.RUNNING, 1, 69), "1 working day left"),
        (DUE, None, Standing(State.RUNNING, 0, 70, is_due_today=True), "Due today"),
        (date(2014, 11, 18), None, Standing(State.MISSED, 1, 71, is_past=True), "1 working day late"),
        (date(2014, 11, 20), None, Standing(State.MISSED, 3, 73, is_past=True), "3 working days late"),
        (date(2014, 12, 1), DUE, Standing(State.MET, 0, 70, is_due_today=True), "Met on 17 November 2014"),
        (
            date(2014, 12, 1),
            date(2014, 11, 14),
            Standing(State.MET, 1, 69),
            "Met on 14 November 2014, 1 working day early",
        ),
        (
            date(2014, 12, 1),
            date(2014, 11, 19),
            Standing(State.MET_LATE, 2, 72, is_past=True),
            "Met on 19 November 2014, 2 working days late",
        ),
    ],
)
def test_where_a_clock_stands(on, met_on, standing, words):
    facts = ClockFacts(RECEIVED, DUE, met_on=met_on)

    assert standing_of(facts, on=on, calendar=DAYS) == standing
    assert where_it_stands(facts, standing) == words


def test_a_clock_due_on_a_saturday_is_late_on_the_sunday():
    facts = ClockFacts(RECEIVED, SATURDAY)

    assert standing_of(facts, on=SATURDAY, calendar=DAYS).is_due_today
    assert standing_of(facts, on=date(2014, 11, 14), calendar=DAYS) == Standing(State.RUNNING, 0, 69)
    late = standing_of(facts, on=date(2014, 11, 16), calendar=DAYS)
    assert late == Standing(State.MISSED, 0, 69, is_past=True)
    assert where_it_stands(facts, late) == "Late"


@pytest.mark.parametrize(
    ("facts", "on", "words"),
    [
        (ClockFacts(RECEIVED, None), date(2014, 11, 3), "No date is fixed"),
        (ClockFacts(RECEIVED, None, met_on=DUE), date(2014, 12, 1), "Met on 17 November 2014"),
        (ClockFacts(RECEIVED, DUE, voided_on=date(2014, 9, 1)), date(2014, 12, 1), "Void since 1 September 2014"),
        (ClockFacts(RECEIVED, DUE, is_forecast=True), date(2014, 11, 3), "Expected in 10 working days"),
        (ClockFacts(RECEIVED, DUE, is_forecast=True), DUE, "Expected by today"),
        (ClockFacts(RECEIVED, DUE, is_forecast=True), date(2014, 11, 18), "Expected 1 working day ago"),
        (ClockFacts(RECEIVED, SATURDAY, is_forecast=True), date(2014, 11, 16), "Expected by now"),
        (
            ClockFacts(RECEIVED, SATURDAY, is_forecast=True),
            date(2014, 11, 14),
            "Expected by the next working day",
        ),
        (
            ClockFacts(RECEIVED, DUE, met_on=DUE, missed_on=date(2014, 11, 18)),
            date(2014, 12, 1),
            "Met on 17 November 2014, and recorded late",
        ),
    ],
)
def test_other_standings_in_words(facts, on, words):
    assert where_it_stands(facts, standing_of(facts, on=on, calendar=DAYS)) == words


def test_a_clock_whose_proof_is_older_than_its_record_says_why_it_is_late():
    late = ClockFacts(RECEIVED, DUE, met_on=DUE, missed_on=date(2014, 11, 18))

    assert why_late(late) == (
        "By its proof all was done by 17 November 2014, in time. Nothing was recorded until 18 November 2014, after "
        "the date, and a clock once missed is never shown as met in time."
    )
    assert why_late(ClockFacts(RECEIVED, DUE, met_on=DUE)) == ""


@pytest.mark.parametrize(
    ("used", "name"),
    [
        (set(), "2026-improvement-notice"),
        ({"2026-improvement-notice"}, "2026-improvement-notice-2"),
        ({"2026-improvement-notice", "2026-improvement-notice-2"}, "2026-improvement-notice-3"),
    ],
)
def test_a_name_for_an_address_is_one_that_is_free(used, name):
    assert free_reference("improvement_notice", date(2026, 5, 6), used=used) == name
