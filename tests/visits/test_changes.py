"""Visits entered and moved, their letters and findings: what is written, what is refused, the history each leaves."""

from datetime import date

import pytest

from accounts.models import practices_of
from tests import factories
from tests.factories import TODAY, fresh
from tracker.audit.history import version_of
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.changes import (
    ChangedSince,
    HasFindings,
    LetterHasCome,
    NoLetter,
    NothingChanged,
    NumberTaken,
    OtherCouncil,
    VisitEntered,
    WrongDates,
)
from tracker.inspections.models import Clock, Finding, Visit, VisitFocus
from tracker.visits import changes
from tracker.visits.changes import CancelledAction, NeedsNoAction
from tracker.visits.models import ReadinessTask

pytestmark = pytest.mark.django_db

NEEDS_WORK, STRENGTH = Finding.Kind.NEEDS_WORK, Finding.Kind.STRENGTH
FIRST, LAST = date(2026, 6, 9), date(2026, 6, 10)


@pytest.fixture
def office(council):
    return factories.aisha(council).user


@pytest.fixture
def inspection(council):
    """Ended on 12 December 2025, its report received on 2 February 2026."""
    return factories.make_inspection(council, is_monitored=True)


@pytest.fixture
def enter(council, office, inspection):
    """`enter(starts_on=…)` enters monitoring visit 1 to the inspection, on 9 and 10 June 2026."""

    def enter_visit(**fields):
        values = {
            "kind": "monitoring",
            "sequence": 1,
            "inspection": inspection,
            "starts_on": FIRST,
            "ends_on": LAST,
            "focus": "The front door",
            **fields,
        }
        return changes.enter_visit(council, by=office, on=TODAY, calendar=calendar(), **values)

    return enter_visit


KNOWN = (
    "kind",
    "sequence",
    "inspection",
    "starts_on",
    "ends_on",
    "expected_from",
    "expected_to",
    "dates_note",
    "agreed_on",
    "focus",
    "inspectors",
)


@pytest.fixture
def change(office):
    """`change(visit, starts_on=…)` changes what is named, as the form posts all that is known."""

    def change_visit(visit, *, seen=None, reason="Ofsted moved it", on=TODAY, **fields):
        values = {name: getattr(visit, name) for name in KNOWN} | fields
        return changes.change_visit(visit, by=office, on=on, calendar=calendar(), reason=reason, seen=seen, **values)

    return change_visit


@pytest.fixture
def letter(office):
    """`letter(visit, …)` records the letter received on 5 May 2026, which counts nothing."""

    def record_letter(visit, *, on=TODAY, **fields):
        values = {
            "letter_received_on": date(2026, 5, 5),
            "letter_published_on": None,
            "letter_stays_unpublished": True,
            "has_priority_areas": False,
            "strengths_reported": None,
            "needs_work_reported": None,
            **fields,
        }
        return changes.record_letter(visit, by=office, on=on, calendar=calendar(), **values)

    return record_letter


@pytest.fixture
def over(enter):
    """Monitoring visit 1, on 14 and 15 April 2026."""
    return enter(starts_on=date(2026, 4, 14), ends_on=date(2026, 4, 15))


@pytest.fixture
def add(office):
    def add_finding(visit, text="Children wait too long.", kind=NEEDS_WORK, *, on=TODAY, **fields):
        return changes.add_finding(visit, kind=kind, text=text, by=office, on=on, calendar=calendar(), **fields)

    return add_finding


# Entering


def test_a_visit_is_entered_with_one_row_of_history_and_an_address_of_its_own(enter):
    visit = enter()

    assert visit.reference == "monitoring-1"
    row = visit.history.get()
    assert (row.actor, row.history_change_reason) == ("Aisha Rahman", "Entered by the programme office")


@pytest.mark.parametrize(
    ("kind", "sequence", "reference"),
    [("monitoring", 2, "monitoring-2"), ("focused", None, "focused-1"), ("action_planning", None, "action-planning-1")],
)
def test_a_visit_is_named_by_its_kind_and_number(enter, kind, sequence, reference):
    assert enter(kind=kind, sequence=sequence).reference == reference


def test_a_second_series_takes_the_year_into_its_address(council, enter):
    earlier = factories.make_inspection(council, "2021-ilacs", started_on=None, ended_on=date(2021, 5, 7))
    enter(inspection=earlier, starts_on=date(2021, 11, 9), ends_on=None)

    assert enter().reference == "monitoring-1-2026"


def test_visits_without_a_number_are_told_apart(enter):
    first = enter(kind="focused", sequence=None)
    second = enter(kind="focused", sequence=None, starts_on=date(2026, 9, 8), ends_on=None)

    assert (first.reference, second.reference) == ("focused-1", "focused-2")


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        (
            {"starts_on": date(2025, 12, 12), "ends_on": None},
            "starts_on",
            "The visit must come after the inspection it follows up, which ended on 12 December 2025.",
        ),
        (
            {"starts_on": None, "ends_on": None, "expected_from": date(2025, 11, 3)},
            "expected_from",
            "which ended on 12 December 2025",
        ),
        (
            {"starts_on": None, "ends_on": None, "expected_to": date(2025, 11, 3)},
            "expected_to",
            "which ended on 12 December 2025",
        ),
        ({"ends_on": date(2026, 6, 8)}, "ends_on", "must end on or after the day it starts"),
        ({"starts_on": None}, "starts_on", "Enter the first day of the visit as well as its last"),
        (
            {"starts_on": None, "ends_on": None, "expected_from": date(2026, 7, 2), "expected_to": date(2026, 7, 1)},
            "expected_to",
            "must be on or after the first",
        ),
    ],
)
def test_days_that_cannot_be_true_are_refused_and_nothing_is_written(enter, fields, field, message):
    with pytest.raises(WrongDates, match=message) as refusal:
        enter(**fields)

    assert refusal.value.field == field
    assert not Visit.objects.exists()
    assert not Clock.objects.filter(visit__isnull=False).exists()


@pytest.mark.parametrize(
    ("inspection_fields", "message"),
    [
        ({"started_on": date(2026, 7, 1), "ended_on": None, "received_on": None}, "which started on 1 July 2026"),
        (
            {"started_on": None, "ended_on": None, "received_on": date(2026, 7, 1), "published_on": None},
            "which was reported on by 1 July 2026",
        ),
    ],
)
def test_a_visit_before_its_inspection_is_told_the_day_that_is_known(council, enter, inspection_fields, message):
    later = factories.make_inspection(council, "2026-later", **{"published_on": None, **inspection_fields})

    with pytest.raises(WrongDates, match=message):
        enter(inspection=later)


def test_an_inspection_of_another_council_is_refused(enter):
    theirs = factories.make_inspection(factories.make_authority("Southmere Borough Council", "southmere"))

    with pytest.raises(OtherCouncil, match="That inspection belongs to another council"):
        enter(inspection=theirs)


def test_a_number_is_used_once_after_an_inspection(enter):
    enter()

    with pytest.raises(VisitEntered, match="Monitoring visit 1 after the ILACS inspection, March 2026 is entered"):
        enter(starts_on=date(2026, 9, 8), ends_on=None)
    assert Visit.objects.count() == 1


def test_the_same_visit_is_not_entered_twice(enter):
    enter(kind="focused", sequence=None)

    with pytest.raises(VisitEntered, match="Focused visit on 9 June 2026 is entered already"):
        enter(kind="focused", sequence=None)


def test_a_reference_is_used_once(council):
    factories.make_visit(council)

    with pytest.raises(VisitEntered, match="at “monitoring-1” already"):
        factories.make_visit(council, starts_on=date(2026, 9, 8), ends_on=None)


# What is made ready when a visit is entered


def test_a_visit_to_come_gets_its_readiness_list_counted_back_from_its_first_day(enter):
    visit = enter()

    tasks = list(visit.readiness_tasks.all())
    assert len(tasks) == 10
    for task in tasks:
        assert task.due_on == calendar().add(FIRST, -task.working_days_before)
        assert task.history.get().history_change_reason == "From the council’s readiness list"


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_on": None, "ends_on": None, "expected_from": date(2026, 9, 1)},
        {"starts_on": date(2026, 4, 14), "ends_on": date(2026, 4, 15)},
    ],
)
def test_a_visit_without_days_or_already_over_gets_none(enter, fields):
    assert not enter(**fields).readiness_tasks.exists()


def test_the_list_starts_when_the_days_are_first_known(enter, change):
    visit = enter(starts_on=None, ends_on=None, expected_from=date(2026, 6, 1), expected_to=date(2026, 7, 31))

    change(visit, starts_on=FIRST, ends_on=LAST)

    assert visit.readiness_tasks.count() == 10


# Moving


def test_moving_a_visit_moves_what_is_counted_back_from_it_and_leaves_chosen_days(office, enter, change):
    visit = enter()
    counted, chosen, done = visit.readiness_tasks.order_by("position")[:3]
    changes.change_task(
        chosen, title=chosen.title, owner=None, due_on=date(2026, 5, 20), by=office, on=TODAY, seen=None
    )
    changes.finish_task(done, done_note="In the folder", by=office, on=TODAY)

    change(visit, starts_on=date(2026, 6, 23), ends_on=date(2026, 6, 24))

    assert fresh(counted).due_on == calendar().add(date(2026, 6, 23), -counted.working_days_before)
    assert fresh(counted).history.latest().history_change_reason == "The visit moved: Ofsted moved it"
    assert fresh(chosen).due_on == date(2026, 5, 20)
    assert fresh(done).due_on == done.due_on


def test_a_visit_whose_days_are_taken_out_says_why_and_its_tasks_have_no_day(enter, change):
    visit = enter()

    changed = change(visit, starts_on=None, ends_on=None, dates_note="Ofsted has called it off.")

    assert changed.dates_note == "Ofsted has called it off."
    assert {task.due_on for task in changed.readiness_tasks.all()} == {None}
    assert changed.history.latest().history_change_reason == "Ofsted moved it"


def test_the_clock_of_the_next_visit_moves_with_the_visit(enter, change):
    visit = enter()
    clock = visit.clocks.get(kind=Clock.Kind.NEXT_VISIT)
    assert (clock.trigger_on, clock.is_forecast) == (LAST, True)

    change(visit, starts_on=date(2026, 6, 23), ends_on=date(2026, 6, 24))

    clock = fresh(clock)
    assert clock.trigger_on == date(2026, 6, 24)
    assert clock.recounts.count() == 1


def test_the_clock_becomes_void_when_the_days_are_taken_out(enter, change):
    visit = enter()

    change(visit, starts_on=None, ends_on=None, dates_note="Called off")

    assert visit.clocks.get(kind=Clock.Kind.NEXT_VISIT).voided_on == TODAY


def test_a_visit_whose_letter_has_come_does_not_move(over, letter, change):
    letter(over)

    with pytest.raises(LetterHasCome, match="Put back 14 April 2026 as the first day"):
        change(fresh(over), starts_on=date(2026, 4, 21), ends_on=date(2026, 4, 22))
    with pytest.raises(LetterHasCome, match="Put back 15 April 2026 as the last day"):
        change(fresh(over), ends_on=None)
    assert fresh(over).starts_on == date(2026, 4, 14)


def test_days_found_later_are_filled_in_after_the_letter(enter, letter, change):
    visit = enter(starts_on=None, ends_on=None, dates_note="Spring 2026, days not found")
    letter(visit)

    changed = change(fresh(visit), starts_on=date(2026, 4, 14), dates_note="")

    assert changed.starts_on == date(2026, 4, 14)
    assert not changed.readiness_tasks.exists()
    with pytest.raises(WrongDates, match="The visit must end by 5 May 2026, the day of its letter"):
        change(fresh(visit), ends_on=date(2026, 5, 6))


def test_a_change_that_changes_nothing_is_refused(enter, change):
    visit = enter()

    with pytest.raises(NothingChanged, match="Nothing is different"):
        change(visit)
    assert visit.history.count() == 1


def test_the_second_of_two_people_is_told_who_changed_what(council, enter, change):
    visit = enter()
    seen = version_of(visit)
    rachel = factories.rachel(council).user
    values = {name: getattr(visit, name) for name in KNOWN} | {"focus": "Plans"}
    changes.change_visit(visit, by=rachel, on=TODAY, calendar=calendar(), reason="Letter", seen=seen, **values)

    with pytest.raises(ChangedSince, match=r"Rachel Adeyemi changed this .* different in: focus"):
        change(visit, starts_on=date(2026, 6, 23), ends_on=None, seen=seen)
    assert (fresh(visit).focus, fresh(visit).starts_on) == ("Plans", FIRST)


def test_a_visit_is_not_moved_before_its_inspection(enter, change):
    with pytest.raises(WrongDates, match="which ended on 12 December 2025"):
        change(enter(), starts_on=date(2025, 12, 1), ends_on=None)


# Focus


def test_the_focus_is_chosen_and_changed_with_a_row_for_each(office, inspection, enter):
    first, second = factories.make_recommendation(inspection), factories.make_recommendation(inspection)
    visit = enter()

    inspection_changes.choose_focus(visit, recommendations=[first], by=office, reason="From the letter")
    inspection_changes.choose_focus(visit, recommendations=[second], by=office, reason="Ofsted wrote again")

    assert list(visit.looks_at.values_list("recommendation", flat=True)) == [second.pk]
    rows = VisitFocus.history.order_by("history_id").values_list("history_type", "actor", "history_change_reason")
    assert list(rows) == [
        ("+", "Aisha Rahman", "From the letter"),
        ("-", "Aisha Rahman", "Ofsted wrote again"),
        ("+", "Aisha Rahman", "Ofsted wrote again"),
    ]


def test_a_focus_of_another_council_or_the_same_one_is_refused(office, enter):
    theirs = factories.make_recommendation(
        factories.make_inspection(factories.make_authority("Southmere Borough Council", "southmere"))
    )
    visit = enter()

    with pytest.raises(OtherCouncil, match="belongs to another council"):
        inspection_changes.choose_focus(visit, recommendations=[theirs], by=office, reason="x")
    with pytest.raises(NothingChanged, match="the ones chosen already"):
        inspection_changes.choose_focus(visit, recommendations=[], by=office, reason="x")


# The letter


def test_a_letter_is_recorded_with_why_and_starts_its_clock(over, letter):
    recorded = letter(over, letter_stays_unpublished=False)

    assert recorded.letter_received_on == date(2026, 5, 5)
    assert recorded.history.latest().history_change_reason == "The letter came"
    assert recorded.clocks.filter(kind=Clock.Kind.LETTER).exists()


def test_a_letter_that_stays_unpublished_has_no_clock(over, letter):
    assert not letter(over).clocks.filter(kind=Clock.Kind.LETTER).exists()


def test_a_focused_visit_with_priority_areas_starts_the_clocks_of_its_plan(enter, letter):
    visit = enter(kind="focused", sequence=None, starts_on=date(2026, 4, 14), ends_on=date(2026, 4, 15))

    letter(visit, has_priority_areas=True)

    due = dict(visit.clocks.values_list("kind", "computed_due"))
    assert due["draft_plan"] == calendar().add(date(2026, 5, 5), 20)
    assert due["focused_plan"] == calendar().add(date(2026, 5, 5), 70)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"letter_received_on": date(2026, 4, 14)}, "must come on or after 15 April 2026, when the visit ended"),
        ({"letter_received_on": date(2026, 5, 7)}, "must be today or in the past"),
        (
            {"letter_published_on": date(2026, 4, 1), "letter_stays_unpublished": False},
            "must come on or after 15 April 2026",
        ),
        ({"letter_published_on": date(2026, 5, 6)}, "it cannot be both"),
    ],
)
def test_a_letter_at_an_impossible_time_is_refused(over, letter, fields, message):
    with pytest.raises(WrongDates, match=message):
        letter(over, **fields)
    assert not fresh(over).has_letter


def test_a_letter_of_a_visit_to_come_is_refused(enter, letter):
    with pytest.raises(WrongDates, match="on or after 10 June 2026"):
        letter(enter())
    with pytest.raises(WrongDates, match="The visit ends on 9 September 2026: its letter comes after that"):
        letter(
            enter(sequence=2, starts_on=date(2026, 9, 8), ends_on=date(2026, 9, 9)),
            letter_received_on=None,
            strengths_reported=1,
        )


def test_a_letter_before_the_days_of_its_visit_is_refused(enter, letter):
    visit = enter(starts_on=None, ends_on=None, expected_from=date(2026, 4, 1))

    with pytest.raises(WrongDates, match="Enter the days of the visit before its letter"):
        letter(visit)


def test_of_a_visit_long_ago_it_is_enough_to_know_what_the_letter_counts(enter, letter):
    visit = enter(starts_on=None, ends_on=None, dates_note="August or September 2016, day not found", inspection=None)

    recorded = letter(visit, letter_received_on=None, strengths_reported=12, needs_work_reported=7)

    assert recorded.has_letter
    assert recorded.letter_on is None


def test_a_letter_of_which_nothing_is_known_is_refused(over, letter):
    with pytest.raises(NoLetter, match="Enter the day the letter was received"):
        letter(over, letter_received_on=None)


def test_a_letter_is_taken_back_only_while_it_has_no_findings(over, letter, add):
    letter(over)
    nothing = {"letter_received_on": None, "letter_stays_unpublished": False, "reason": "The wrong visit"}
    assert not letter(fresh(over), **nothing).has_letter
    letter(fresh(over))
    add(over)

    with pytest.raises(HasFindings, match="so it cannot be taken back"):
        letter(fresh(over), **nothing)


def test_a_letter_changed_by_someone_else_meanwhile_is_not_overwritten(over, letter):
    seen = version_of(over)
    letter(over)

    with pytest.raises(ChangedSince, match="Aisha Rahman changed this"):
        letter(over, needs_work_reported=3, seen=seen)


# Findings


def test_findings_are_numbered_by_themselves_by_kind(over, letter, add):
    letter(over)

    made = [add(over, text, kind) for text, kind in (("a", NEEDS_WORK), ("b", STRENGTH), ("c", NEEDS_WORK))]

    assert [(finding.kind, finding.number) for finding in made] == [(NEEDS_WORK, 1), (STRENGTH, 1), (NEEDS_WORK, 2)]
    assert made[0].history.get().history_change_reason == "From the letter"


def test_a_finding_before_the_letter_is_refused(over, add):
    with pytest.raises(NoLetter, match="Record the letter first"):
        add(over)


def test_a_number_or_words_that_are_there_are_refused(over, letter, add):
    letter(over)
    add(over)

    with pytest.raises(NumberTaken, match=r"Needs work 1 is there already\. The next free number is 2"):
        add(over, "Something else.", number=1)
    with pytest.raises(NumberTaken, match="Needs work 1 says the same already"):
        add(over)
    assert over.findings.count() == 1


def test_a_recommendation_or_partner_of_another_council_is_refused(over, letter, add):
    letter(over)
    other = factories.make_authority("Southmere Borough Council", "southmere")
    theirs = factories.make_recommendation(factories.make_inspection(other))

    with pytest.raises(OtherCouncil, match="belongs to another council"):
        add(over, recommendation=theirs)
    with pytest.raises(OtherCouncil, match="belongs to another council"):
        add(over, agency=factories.make_agency(other))


def test_a_finding_is_entered_with_the_actions_that_answer_it(council, over, letter, add):
    letter(over)
    action = factories.make_action(council)

    finding = add(over, actions=[action])

    answer = finding.answers.get()
    assert answer.action == action
    assert answer.history.get().history_change_reason == "Named when the letter was recorded"


def test_a_strength_takes_no_action_and_a_cancelled_action_answers_nothing(council, over, letter, add):
    letter(over)
    action = factories.make_action(council)
    gone = factories.make_action(council, cancelled_on=TODAY)

    with pytest.raises(NeedsNoAction, match="A strength needs no action"):
        add(over, kind=STRENGTH, actions=[action])
    with pytest.raises(CancelledAction, match="was cancelled, so it answers nothing"):
        add(over, actions=[gone])
    assert not over.findings.exists()


@pytest.fixture
def correct(office):
    def change_finding(finding, *, seen=None, **fields):
        names = ("kind", "number", "text", "paragraph", "is_paraphrase", "recommendation", "agency")
        values = {name: getattr(finding, name) for name in names} | fields
        return changes.change_finding(
            finding, by=office, on=TODAY, calendar=calendar(), reason="A slip of the pen", seen=seen, **values
        )

    return change_finding


def test_a_finding_is_corrected_with_a_reason(over, letter, add, correct):
    letter(over)
    finding = add(over)

    changed = correct(finding, text="Children wait far too long.", paragraph="4")

    assert (changed.text, changed.paragraph) == ("Children wait far too long.", "4")
    assert changed.history.latest().history_change_reason == "A slip of the pen"
    assert changed.history.count() == 2


def test_a_correction_is_refused_when_it_clashes_changes_nothing_or_comes_second(over, letter, add, correct):
    letter(over)
    first, second = add(over), add(over, "Notes are late.")
    seen = version_of(second)

    with pytest.raises(NumberTaken, match="Needs work 1 is there already"):
        correct(second, number=1)
    with pytest.raises(NothingChanged):
        correct(second)
    correct(second, paragraph="9")
    with pytest.raises(ChangedSince, match="different in: paragraph"):
        correct(fresh(second), text="Notes are very late.", seen=seen)
    assert fresh(first).history.count() == 1


def test_a_finding_that_actions_answer_is_not_made_a_strength(council, over, letter, add, correct):
    letter(over)
    finding = add(over, actions=[factories.make_action(council)])

    with pytest.raises(NeedsNoAction, match="Unlink them before you make it a strength"):
        correct(finding, kind=STRENGTH)


# Which actions answer a finding


def test_actions_are_linked_and_unlinked_with_a_row_for_each(council, office, over, letter, add):
    letter(over)
    finding = add(over)
    one, two = factories.make_action(council), factories.make_action(council)

    changes.answer_finding(finding, actions=[one], by=office, on=TODAY, reason="It covers the front door")
    changes.answer_finding(finding, actions=[two], by=office, on=TODAY, reason="The other one fits")

    assert [row.action for row in finding.answers.all()] == [two]
    rows = finding.answers.model.history.order_by("history_id").values_list("history_type", "history_change_reason")
    assert list(rows) == [
        ("+", "It covers the front door"),
        ("-", "The other one fits"),
        ("+", "The other one fits"),
    ]


def test_linking_what_is_linked_or_of_another_council_is_refused(council, office, over, letter, add):
    letter(over)
    finding = add(over, actions=[factories.make_action(council)])
    theirs = factories.make_action(factories.make_authority("Southmere Borough Council", "southmere"))

    with pytest.raises(NothingChanged, match="answer it already"):
        changes.answer_finding(
            finding, actions=[row.action for row in finding.answers.all()], by=office, on=TODAY, reason="x"
        )
    with pytest.raises(OtherCouncil):
        changes.answer_finding(finding, actions=[theirs], by=office, on=TODAY, reason="x")


# The council's own clock: an action for each finding


def finding_clocks(visit):
    return list(visit.clocks.filter(kind=Clock.Kind.FINDING_ACTIONS).order_by("sequence"))


def test_the_first_finding_that_needs_work_starts_the_clock_from_the_letter(council, over, letter, add):
    letter(over)
    add(over, "Staff know children.", STRENGTH)
    assert finding_clocks(over) == []

    add(over)
    add(over, "Notes are late.")

    [clock] = finding_clocks(over)
    length = practices_of(council)["finding_actions"].value
    assert (clock.trigger_on, clock.length) == (date(2026, 5, 5), length)
    assert clock.computed_due == calendar().add(date(2026, 5, 5), length)
    assert clock.basis == Clock.Basis.COUNCIL


def test_it_stops_when_the_last_finding_gets_an_action(council, office, over, letter, add):
    letter(over)
    one, two = add(over), add(over, "Notes are late.")
    action = factories.make_action(council)

    changes.answer_finding(one, actions=[action], by=office, on=date(2026, 5, 7), reason="It covers it")
    assert finding_clocks(over)[0].met_on is None
    changes.answer_finding(two, actions=[action], by=office, on=date(2026, 5, 8), reason="It covers it")

    [clock] = finding_clocks(over)
    assert clock.met_on == date(2026, 5, 8)
    assert clock.history.latest().history_change_reason == "Every finding that needs work has an action"


def test_it_runs_on_while_fewer_findings_are_recorded_than_the_letter_counts(council, office, over, letter, add):
    letter(over, needs_work_reported=2)
    finding = add(over)
    action = factories.make_action(council)

    changes.answer_finding(finding, actions=[action], by=office, on=TODAY, reason="It covers it")
    assert finding_clocks(over)[0].met_on is None

    add(over, "Notes are late.", actions=[action])
    changes.settle_finding_clocks(on=date(2026, 5, 7))
    assert finding_clocks(over)[0].met_on == date(2026, 5, 7)


def test_a_finding_added_after_it_was_met_starts_a_second_one(council, office, over, letter, add):
    letter(over)
    finding = add(over)
    changes.answer_finding(finding, actions=[factories.make_action(council)], by=office, on=TODAY, reason="x")

    add(over, "Found on the second reading.")

    first, second = finding_clocks(over)
    assert (first.met_on, second.met_on, second.sequence) == (TODAY, None, 2)
    assert second.trigger_on == first.trigger_on


def test_once_missed_it_is_met_late(council, office, over, letter, add):
    letter(over)
    finding = add(over)
    late = date(2026, 6, 1)

    changes.answer_finding(finding, actions=[factories.make_action(council)], by=office, on=late, reason="x")

    [clock] = finding_clocks(over)
    assert (clock.met_on, clock.missed_on) == (late, late)


def test_an_action_added_elsewhere_stops_it_at_the_next_run_and_only_once(council, over, letter, add):
    letter(over)
    finding = add(over)
    factories.make_action(council, findings=[finding])

    assert changes.settle_finding_clocks(on=date(2026, 5, 7)) == 1
    assert changes.settle_finding_clocks(on=date(2026, 5, 8)) == 0
    assert finding_clocks(over)[0].met_on == date(2026, 5, 7)


def test_no_clock_starts_while_no_day_of_the_letter_is_known(enter, letter, add):
    visit = enter(starts_on=None, ends_on=None, dates_note="Autumn 2016", inspection=None)
    letter(visit, letter_received_on=None, needs_work_reported=7)

    add(visit)

    assert finding_clocks(visit) == []
    letter(fresh(visit), needs_work_reported=7, reason="The letter was found")
    assert len(finding_clocks(visit)) == 1


def test_correcting_the_day_of_the_letter_moves_the_clock(over, letter, add):
    letter(over)
    add(over)

    letter(fresh(over), letter_received_on=date(2026, 5, 1), reason="Stamped on 1 May")

    assert finding_clocks(over)[0].trigger_on == date(2026, 5, 1)


def test_nothing_is_left_half_done_when_a_part_is_refused(council, over, letter, add):
    letter(over)
    gone = factories.make_action(council, cancelled_on=TODAY)

    with pytest.raises(CancelledAction):
        add(over, actions=[gone])

    assert not over.findings.exists()
    assert finding_clocks(over) == []
    assert not ReadinessTask.objects.filter(visit=over).exists()
