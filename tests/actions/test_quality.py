"""The checks of a plan before it is sent: on plain facts, and on rows."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import changes as account_changes
from tests import factories
from tests.factories import TODAY, make_action, make_authority, make_finding, make_inspection, make_plan, make_visit
from tracker.actions import changes
from tracker.actions.quality import rules
from tracker.actions.quality.facts import facts_of, quality_of
from tracker.actions.quality.rules import (
    ActionFacts,
    Asked,
    Limits,
    MeasureFacts,
    PlanFacts,
    PriorityFacts,
    check,
    split_rows,
    vague_words,
)
from tracker.inspections.models import Recommendation

LIMITS = Limits(most_open_actions=8, milestone_gap=90, bunched=25)
START, END = date(2026, 5, 1), date(2026, 7, 1)
FULL = MeasureFacts("Visits on time", True, "61%", "95%", date(2026, 9, 1))
OF_ACTIVITY = MeasureFacts("Staff trained", False, "0", "60", date(2026, 9, 1))


def action(reference="3.1", **fields):
    """An action that every check passes."""
    values = {
        "title": "Screen every notification within 1 working day",
        "priority": 3,
        "description": "Police and council staff screen notifications together.",
        "outcome": "No child waits more than 1 working day.",
        "owner_id": 7,
        "owner": "Priya Nair",
        "starts_on": START,
        "deadline": END,
        "measures": (FULL,),
        **fields,
    }
    return ActionFacts(reference=reference, **values)


def plan(*actions, **fields):
    values = {"starts_on": START, "limits": LIMITS, "priorities": [PriorityFacts(3, "The front door")], **fields}
    return PlanFacts(actions=actions or (action(),), **values)


def failing(facts):
    return [one.code for one in check(facts).checks if not one.passes]


def details(facts, code):
    return [row.detail for one in check(facts).checks if one.code == code for row in one.rows]


def test_a_plan_with_nothing_at_fault_passes_every_check():
    quality = check(plan())

    assert failing(plan()) == []
    assert (quality.blocking, quality.warnings, quality.count_failing) == ([], [], 0)


def test_three_checks_block_and_the_others_warn():
    assert [rule.code for rule in rules.RULES if rule.is_blocking] == ["no_action", "no_owner", "no_deadline"]


def test_every_check_has_its_own_code_and_a_sentence():
    assert len(rules.SENTENCES) == len(rules.RULES) == 15
    assert all(rules.SENTENCES.values())


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        (plan(recommendations=[Asked("1. Referrals", "/1/", False)]), "no_action", ["No action"]),
        (plan(findings=[Asked("Visit 1, finding 5", "/5/", False)]), "findings", ["No action"]),
        (plan(action(owner_id=None, owner="")), "no_owner", ["No owner"]),
        (plan(action(owner_is_here=False)), "no_owner", ["Priya Nair has left"]),
        (plan(action(deadline=None)), "no_deadline", ["No deadline"]),
        (plan(action(outcome=" ")), "outcome", ["No outcome for children"]),
        (plan(action(), action("3.2", measures=())), "measure", ["No measure"]),
        (
            plan(action(measures=(FULL, MeasureFacts("Audits", False)))),
            "measure_details",
            ["“Audits” has no baseline, no target and no date"],
        ),
        (
            plan(action(measures=(MeasureFacts("Audits", True, "2", "9"),))),
            "measure_details",
            ["“Audits” has no date"],
        ),
        (
            plan(action(measures=(OF_ACTIVITY,))),
            "difference",
            ["1 measure that something happened, none of difference for children"],
        ),
        (plan(action(description="Meet as required.")), "vague", ["“as required”"]),
        (
            plan(action(milestones=(("Rota agreed", date(2026, 7, 2)),))),
            "milestones",
            ["“Rota agreed” is due 2 July 2026, after the deadline of 1 July 2026"],
        ),
        (
            plan(action(deadline=date(2026, 7, 31))),
            "milestone_gap",
            ["91 days from 1 May 2026 to 31 July 2026 without a milestone"],
        ),
        (plan(action(needs_money=True)), "money", ["Needs new money: it is not said how much or from where"]),
        (plan(action(agency="Northbridge Police")), "partners", ["Northbridge Police has not agreed to it yet"]),
    ],
)
def test_each_check_names_what_is_at_fault_and_no_other_check_fails(facts, code, words):
    assert details(facts, code) == words
    assert failing(facts) == [code]


@pytest.mark.parametrize(
    "facts",
    [
        plan(recommendations=[Asked("1. Referrals", "/1/", True)], findings=[Asked("Finding 5", "/5/", True)]),
        plan(action(needs_money=True, money="£40,000 from reserves")),
        plan(action(agency="Northbridge Police", partner_agreed_on=TODAY)),
        plan(action(milestones=(("Rota agreed", END),))),
        plan(action(deadline=date(2026, 7, 30))),
        plan(action(deadline=date(2026, 9, 30), milestones=(("Rota agreed", date(2026, 7, 30)),))),
        plan(action(starts_on=None)),
        plan(
            action(
                "3.2",
                owner_id=None,
                owner="",
                deadline=None,
                outcome="",
                measures=(),
                needs_money=True,
                agency="Police",
                description="Ongoing",
                is_complete=True,
            ),
            action(),
        ),
    ],
    ids=[
        "answered",
        "money named",
        "partner agreed",
        "on the deadline",
        "90 days",
        "milestone",
        "no start",
        "complete",
    ],
)
def test_what_is_right_or_finished_is_not_at_fault(facts):
    assert failing(facts) == []


@pytest.mark.parametrize(
    ("milestones", "words"),
    [
        ((date(2026, 8, 1),), "123 days from 1 August 2026 to 2 December 2026"),
        ((date(2026, 5, 30), date(2026, 7, 30)), "125 days from 30 July 2026 to 2 December 2026"),
        ((date(2026, 9, 1), date(2026, 10, 1)), "123 days from 1 May 2026 to 1 September 2026"),
    ],
)
def test_the_longest_time_without_a_milestone_is_named_once(milestones, words):
    steps = tuple((f"Step {number}", day) for number, day in enumerate(milestones))
    facts = plan(action(deadline=date(2026, 12, 2), milestones=steps))

    assert details(facts, "milestone_gap") == [f"{words} without a milestone"]


def dated(*days):
    return [action(f"3.{number}", owner_id=number, deadline=day) for number, day in enumerate(days, start=1)]


@pytest.mark.parametrize(
    ("days", "is_bunched"),
    [
        ([END] * 4, False),
        ([END] * 5, True),
        ([END, END, *[date(2026, 6, 1 + n) for n in range(6)]], False),
        ([END, END, *[date(2026, 6, 1 + n) for n in range(5)]], True),
        ([END, *[date(2026, 6, 1)] * 4], False),
    ],
    ids=["fewer than 5", "all", "2 of 8 is 25 per cent", "2 of 7", "the last day, not the commonest"],
)
def test_deadlines_are_bunched_when_more_than_a_share_is_on_the_last_day(days, is_bunched):
    assert ("bunched" in failing(plan(*dated(*days)))) is is_bunched


def test_bunched_deadlines_say_how_many_of_how_many():
    assert details(plan(*dated(*[END] * 5)), "bunched")[0] == "5 of 5 deadlines fall on 1 July 2026"


@pytest.mark.parametrize(("number", "words"), [(8, []), (9, ["Owns 9 open actions"])])
def test_an_owner_of_more_actions_than_the_council_allows_is_named(number, words):
    days = [date(2026, 6, day) for day in range(1, number + 1)]
    facts = plan(*(action(f"3.{day.day}", deadline=day) for day in days))

    assert details(facts, "overload") == words


def test_the_numbers_are_the_councils_own():
    few = Limits(most_open_actions=1, milestone_gap=10, bunched=100)
    facts = plan(action(), action("3.2", deadline=date(2026, 6, 1)), limits=few)

    assert failing(facts) == ["milestone_gap", "overload"]
    notes = {one.code: one.note for one in check(facts).checks}
    assert notes["overload"] == "At most 1 action."
    assert notes["milestone_gap"] == "At most 10 days."


def test_the_ratio_of_measures_is_said_whether_it_passes_or_not():
    notes = {one.code: one.note for one in check(plan(action(measures=(FULL, OF_ACTIVITY)))).checks}

    assert notes["difference"] == ("1 measure says that something happened, 1 that it made a difference for children.")


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ongoing", ["Ongoing"]),
        ("This work is ongoing.", ["ongoing"]),
        ("Complete the review ASAP.", ["ASAP"]),
        ("Meet as  required, and where appropriate with health.", ["as  required", "where appropriate"]),
        ("Managers will regularly audit files.", ["regularly"]),
        ("Audit files regularly, every 6 weeks.", []),
        ("Audit files regularly: monthly.", []),
        ("Meet as required until 30 September 2026.", []),
        ("Continue to recruit. Report by September 2026.", ["Continue to"]),
        ("Explore options; consider a new system", ["Explore", "consider"]),
        ("Consider the new system by 1/9/2026", []),
        ("The panel has considered every case.", []),
        ("Improve timeliness.", ["Improve"]),
        ("Improve timeliness to 95%.", []),
        ("Improvement board", []),
        ("Strengthen oversight and enhance practice.", ["Strengthen", "enhance"]),
        ("Ongoing. ONGOING.", ["Ongoing"]),
        ("Non-ongoing", []),
        ("Screen every notification within 1 working day", []),
        ("", []),
    ],
)
def test_words_that_commit_to_nothing_are_found_whole_and_as_written(text, words):
    assert vague_words(text, has_target=False) == words


def test_improve_is_no_fault_where_a_measure_has_a_target():
    assert vague_words("Improve timeliness.", has_target=True) == []
    assert failing(plan(action(title="Improve timeliness"))) == []
    assert failing(plan(action(title="Improve timeliness", measures=()), action("3.2"))) == ["measure", "vague"]


def test_vague_words_are_looked_for_in_milestones_and_outcomes_too():
    facts = plan(
        action(milestones=(("Train staff as needed", date(2026, 6, 1)),), outcome="Children are seen in a timely way.")
    )

    assert details(facts, "vague") == ["“as needed” and “in a timely way”"]


# Restricted


def test_restricted_actions_are_counted_and_shown_to_those_they_concern():
    facts = plan(action(owner_is_here=False, is_restricted=True, accountable_id=9), action("3.2", owner_is_here=False))
    (found,) = check(facts).blocking

    assert [len(found.rows), *split_shape(found, user_id=1)] == [2, ["3.2"], 1]
    assert split_shape(found, user_id=9) == [["3.1", "3.2"], 0]
    assert split_shape(found, user_id=1, sees_restricted=True) == [["3.1", "3.2"], 0]


def split_shape(found, *, user_id, sees_restricted=False):
    rows, withheld = split_rows(found, sees_restricted=sees_restricted, user_id=user_id)
    return [[row.reference for row in rows], withheld]


# Rows


@pytest.fixture
def inspection(council):
    return make_inspection(council)


@pytest.fixture
def made(council, inspection):
    return make_plan(council, answers=[inspection])


def codes(made):
    return [one.code for one in quality_of(made, on=TODAY).checks if not one.passes]


def complete_action(council, made, **fields):
    """An action whose row every check passes."""
    values = {"owner": factories.priya(council).user, "starts_on": date(2026, 5, 6), **fields}
    row = make_action(plan=made, **values)
    factories.make_measure(row)
    return row


def test_the_rows_of_a_complete_plan_pass(council, made):
    complete_action(council, made)

    assert codes(made) == []


def test_the_rows_of_a_poor_plan_fail(council, made, inspection):
    factories.make_recommendation(inspection)
    factories.make_recommendation(inspection)
    factories.make_recommendation(inspection, addressee=Recommendation.Addressee.PARTNER)
    visit = make_visit(council, inspection=inspection, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    make_finding(visit)
    agency = factories.make_agency(council)
    make_action(plan=made, deadline=None, outcome="", agency=agency, description="Meet as required.")

    quality = quality_of(made, on=TODAY)

    assert [one.code for one in quality.blocking] == ["no_action", "no_owner", "no_deadline"]
    assert quality.warning_codes == ["findings", "outcome", "measure", "difference", "vague", "partners"]
    assert [row.text for row in quality.blocking[0].rows] == ["2. Response to referrals (ILACS inspection, March 2026)"]


def test_an_owner_who_was_switched_off_or_whose_role_ended_is_not_here(council, made):
    row = complete_action(council, made)
    account_changes.switch_off(row.owner, by=None, reason="Left")

    assert codes(made) == ["no_owner"]


def test_cancelled_actions_and_withdrawn_measures_answer_nothing(council, made):
    row = complete_action(council, made)
    changes.withdraw_measure(row.measures.get(), by=factories.aisha(council).user, on=TODAY, reason="Not usable")
    assert codes(made) == ["measure", "difference"]

    changes.cancel(row, by=None, on=TODAY, reason="Replaced")
    assert codes(made)[0] == "no_action"


def test_an_action_of_another_plan_does_not_answer_for_this_one(council, made, inspection):
    factories.make_recommendation(inspection)
    other = make_plan(council, "2024", answers=[inspection], starts_on=date(2026, 1, 1))
    make_action(plan=other)

    assert codes(made)[0] == "no_action"


def test_nothing_of_another_council_is_read(council, made):
    complete_action(council, made)
    make_action(make_authority("Southmere Borough Council", "southmere"), deadline=None)

    assert codes(made) == []
    assert len(facts_of(made, on=TODAY).actions) == 1


def test_the_checks_ask_as_often_for_many_actions_as_for_one(council, made):
    complete_action(council, made)
    with CaptureQueriesContext(
        connection,
    ) as one:
        quality_of(made, on=TODAY)
    owner = made.actions.get().owner
    for number in range(2, 12):
        factories.make_milestone(make_action(plan=made, reference=f"3.{number}", position=number, owner=owner))

    with CaptureQueriesContext(connection) as many:
        quality_of(made, on=TODAY)

    assert len(many) == len(one) <= 8
