"""Does every recommendation have what it needs?"""

from datetime import date

import pytest

from tests import factories
from tests.factories import TODAY
from tracker.actions import changes
from tracker.actions.rules import Difference, Rating, Status
from tracker.inspections.models import Finding, Recommendation
from tracker.reports import coverage, letters
from tracker.reports.coverage import Facts, gap_words, gaps_of, lead_words, to_fix_words

CLOSE_BY = date(2026, 5, 20)


# Words


@pytest.mark.parametrize(
    ("facts", "gaps"),
    [
        (Facts(), ["No action"]),
        (Facts(hidden=1), []),
        (Facts(counts={"on_track": 2}), []),
        (Facts(counts={"on_track": 2}, without_owner=1, first_without_owner="3.4"), ["No owner for 3.4"]),
        (Facts(counts={"on_track": 3}, without_owner=2, first_without_owner="3.4"), ["No owner for 2 actions"]),
        (Facts(counts={"on_track": 3}, without_deadline=1, first_without_deadline="3.5"), ["No deadline for 3.5"]),
        (
            Facts(
                counts={"on_track": 3},
                without_owner=1,
                first_without_owner="3.4",
                without_deadline=2,
                first_without_deadline="3.5",
            ),
            ["No owner for 3.4", "No deadline for 2 actions"],
        ),
        (
            Facts(counts={"on_track": 1}, open_findings=1, first_open_finding=5),
            ["Finding 5 has no action"],
        ),
        (Facts(open_findings=2, first_open_finding=5), ["No action", "2 findings have no action"]),
        (Facts(counts={"on_track": 2}, unfinished=2), ["No measure"]),
        (Facts(counts={"on_track": 2}, unfinished=2, measured=1), []),
        (Facts(counts={"complete": 2}), []),
        (
            Facts(
                counts={"on_track": 1},
                unfinished=1,
                without_owner=1,
                first_without_owner="3.4",
                open_findings=1,
                first_open_finding=5,
            ),
            ["No owner for 3.4", "No measure", "Finding 5 has no action"],
        ),
    ],
)
def test_gaps_are_named_in_words(facts, gaps):
    assert gaps_of(facts) == gaps


ANSWERED, WAITING = Facts(counts={"on_track": 1}), Facts()
OWNERLESS = Facts(counts={"on_track": 1}, without_owner=1, first_without_owner="3.1")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "No recommendation is addressed to the council."),
        ([ANSWERED], "The only recommendation has actions and owners."),
        ([WAITING], "The only recommendation has no action."),
        ([OWNERLESS], "The only recommendation has actions, but not all have owners."),
        ([ANSWERED] * 10, "All 10 recommendations have actions and owners."),
        ([ANSWERED, WAITING], "1 of the 2 recommendations has no action."),
        ([ANSWERED, WAITING, WAITING], "2 of the 3 recommendations have no action."),
        ([WAITING] * 33, "None of the 33 recommendations has an action."),
        ([ANSWERED, OWNERLESS], "All 2 recommendations have actions. 1 has actions without an owner."),
        ([OWNERLESS] * 3, "All 3 recommendations have actions. 3 have actions without an owner."),
        ([Facts(hidden=1), ANSWERED], "All 2 recommendations have actions and owners."),
    ],
)
def test_the_sentence_says_what_is_there_and_what_is_not(facts, words):
    assert lead_words(facts) == words


def test_the_sentence_counts_gaps_and_says_by_when():
    assert [gap_words(number) for number in (0, 1, 3)] == ["None has a gap", "1 has a gap", "3 have a gap"]
    assert to_fix_words(date(2026, 11, 23), on=TODAY) == "to fix before the plan goes to Ofsted on 23 November 2026"
    assert to_fix_words(TODAY, on=TODAY) == "to fix before the plan goes to Ofsted on 6 May 2026"
    assert to_fix_words(date(2026, 5, 5), on=TODAY) == to_fix_words(None, on=TODAY) == "to fix"


# Counts


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def inspection(council):
    return factories.make_inspection(council)


@pytest.fixture
def plan(council, inspection):
    return factories.make_plan(council, answers=[inspection])


@pytest.fixture
def cover(plan, office):
    """`cover()` is the coverage of the plan, as the programme office sees it."""

    def covered(member=office, **options):
        return coverage.coverage_of(member, plan, on=TODAY, close_by=CLOSE_BY, **options)

    return covered


def lines(covered):
    return [line for group in covered.groups for line in group.lines]


def test_each_recommendation_has_its_actions_by_status(inspection, plan, cover):
    first, second = (factories.make_recommendation(inspection) for _ in range(2))
    both = {"plan": plan, "recommendations": [first, second]}
    factories.make_action(**both, deadline=date(2026, 5, 5))
    factories.make_action(plan=plan, recommendations=[first], rating=Rating.AT_RISK)
    factories.make_action(plan=plan, recommendations=[first], completed_on=TODAY)
    factories.make_action(plan=plan, recommendations=[first], cancelled_on=TODAY)

    one, two = lines(cover())

    assert one.facts.counts == {Status.OVERDUE: 1, Status.AT_RISK: 1, Status.COMPLETE: 1}
    assert one.facts.total == 3
    assert two.facts.counts == {Status.OVERDUE: 1}


def test_it_counts_what_is_due_before_the_visit_and_what_made_a_difference(inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    for deadline, difference in (
        (date(2026, 6, 8), Difference.NONE),
        (date(2026, 6, 9), Difference.ACTIVITY),
        (date(2026, 6, 10), Difference.DIFFERENCE),
        (None, Difference.DIFFERENCE),
    ):
        factories.make_action(plan=plan, recommendations=[asked], deadline=deadline, difference=difference)

    (line,) = lines(cover(visit_by=date(2026, 6, 9)))

    assert line.facts.before_visit == 2
    assert (line.facts.different, line.facts.total) == (2, 4)
    assert lines(cover())[0].facts.before_visit == 0, "no visit is known"


def test_what_is_finished_needs_no_owner_and_no_deadline(council, inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    fields = {"plan": plan, "recommendations": [asked], "deadline": None}
    factories.make_action(**fields, completed_on=TODAY)
    assert lines(cover())[0].gaps == []
    owner = factories.priya(council).user
    factories.make_measure(factories.make_action(plan=plan, recommendations=[asked], owner=owner))
    assert lines(cover())[0].gaps == []

    factories.make_action(**fields, reference="3.9")

    assert lines(cover())[0].gaps == ["No owner for 3.9", "No deadline for 3.9"]


def test_a_cancelled_action_leaves_a_recommendation_without_one(inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    factories.make_action(plan=plan, recommendations=[asked], cancelled_on=TODAY)

    covered = cover()

    assert lines(covered)[0].gaps == ["No action"]
    assert covered.lead == "The only recommendation has no action."


def test_a_finding_that_repeats_a_recommendation_and_has_no_action_is_a_gap(council, inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    visit = factories.make_visit(council, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    owner = factories.priya(council).user
    factories.make_finding(visit, number=4, recommendation=asked)
    answered = factories.make_finding(visit, number=5, recommendation=asked)
    factories.make_finding(visit, kind=Finding.Kind.STRENGTH, recommendation=asked)
    factories.make_measure(factories.make_action(plan=plan, recommendations=[asked], findings=[answered], owner=owner))

    (line,) = lines(cover())

    assert line.gaps == ["Finding 4 has no action"]
    factories.make_action(plan=plan, recommendations=[asked], owner=owner, findings=[line_finding(visit, 4)])
    assert lines(cover())[0].gaps == []


@pytest.mark.parametrize(
    "days",
    [
        {"starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 5)},
        {"starts_on": date(2026, 5, 5), "ends_on": date(2026, 5, 6)},
        {"starts_on": date(2026, 5, 5), "ends_on": None},
        {"starts_on": date(2026, 5, 6), "ends_on": None},
        {"starts_on": None, "ends_on": None},
        {"starts_on": None, "ends_on": None, "letter_received_on": TODAY},
        {"starts_on": None, "ends_on": None, "letter_received_on": date(2026, 5, 7), "letter_published_on": TODAY},
        {"starts_on": None, "ends_on": None, "letter_published_on": TODAY},
        {"starts_on": None, "ends_on": None, "expected_from": date(2026, 4, 1), "expected_to": date(2026, 4, 9)},
    ],
)
def test_findings_count_once_the_visit_is_over(council, inspection, plan, cover, days):
    asked = factories.make_recommendation(inspection)
    visit = factories.make_visit(council, **days)
    factories.make_finding(visit, recommendation=asked)

    (line,) = lines(cover())

    assert bool(line.facts.open_findings) == letters.VisitHeard(visit).is_over(on=TODAY)


def line_finding(visit, number):
    return visit.findings.get(kind=Finding.Kind.NEEDS_WORK, number=number)


def test_recommendations_to_others_are_listed_apart_and_are_no_gap(inspection, cover):
    ours = factories.make_recommendation(inspection)
    boards = factories.make_recommendation(inspection, addressee=Recommendation.Addressee.SAFEGUARDING_BOARD)
    partners = factories.make_recommendation(inspection, addressee=Recommendation.Addressee.PARTNER)

    covered = cover()

    assert [line.title for line in lines(covered)] == [str(ours)]
    assert [line.title for line in covered.others] == [str(boards), str(partners)]
    assert covered.gaps == "1 has a gap"


def test_the_plan_answers_its_own_inspections_only(council, inspection, plan, cover, office):
    factories.make_recommendation(inspection)
    other = factories.make_inspection(council, "2022-ilacs", published_on=date(2022, 3, 9))
    factories.make_recommendation(other, title="An older one")

    assert len(lines(cover())) == 1
    whole = coverage.coverage_of(office, None, on=TODAY, close_by=CLOSE_BY)
    assert [group.inspection for group in whole.groups] == [
        "ILACS inspection, March 2026",
        "ILACS inspection, March 2022",
    ]
    assert whole.waiting == 2


def test_actions_of_the_councils_own_choice_are_numbered(plan, cover, inspection):
    factories.make_recommendation(inspection)
    factories.make_action(plan=plan, is_councils_own=True, recommendations=[])

    assert cover().own_choice == 1


def test_a_restricted_action_is_numbered_and_leaves_no_false_gap(council, inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    factories.make_action(
        plan=plan, recommendations=[asked], is_restricted=True, restricted_reason="Names a member of staff"
    )

    (seen_by_dee,) = lines(cover(factories.dee(council)))
    (seen_by_office,) = lines(cover())

    assert (seen_by_dee.facts.total, seen_by_dee.facts.hidden, seen_by_dee.gaps) == (0, 1, [])
    assert (seen_by_office.facts.total, seen_by_office.facts.hidden) == (1, 0)


def test_nothing_of_another_council_is_counted(cover, inspection):
    factories.make_recommendation(inspection)
    other = factories.make_authority("Southmere Borough Council", "southmere")
    factories.make_action(other)

    covered = cover()

    assert [line.facts.total for line in lines(covered)] == [0]


def test_the_next_visit_is_the_first_that_is_not_over(council, office):
    assert coverage.next_visit(office, on=TODAY) is None
    factories.make_visit(council, "monitoring-1", starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    later = factories.make_visit(council, "monitoring-3", sequence=3, starts_on=date(2026, 9, 9), ends_on=None)
    assert coverage.next_visit(office, on=TODAY) == later
    sooner = factories.make_visit(
        council,
        "monitoring-2",
        sequence=2,
        starts_on=None,
        ends_on=None,
        expected_from=date(2026, 6, 1),
        expected_to=date(2026, 7, 1),
    )

    assert coverage.next_visit(office, on=TODAY) == sooner


def test_one_measure_among_its_actions_is_enough_and_a_withdrawn_one_is_none(council, inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    fields = {"plan": plan, "recommendations": [asked], "owner": factories.priya(council).user}
    action = factories.make_action(**fields)
    factories.make_action(**fields)
    assert lines(cover())[0].gaps == ["No measure"]

    measure = factories.make_measure(action)
    assert lines(cover())[0].gaps == []

    changes.withdraw_measure(measure, by=fields["owner"], on=TODAY, reason="Not usable")
    assert lines(cover())[0].gaps == ["No measure"]


def test_the_measure_of_a_restricted_action_counts_for_those_who_do_not_see_it(council, inspection, plan, cover):
    asked = factories.make_recommendation(inspection)
    fields = {"plan": plan, "recommendations": [asked], "owner": factories.priya(council).user}
    factories.make_action(**fields)
    factories.make_measure(factories.make_action(**fields, is_restricted=True, restricted_reason="Names staff"))

    assert lines(cover(factories.dee(council)))[0].gaps == []


# Findings of visits


@pytest.fixture
def visit(council, inspection):
    return factories.make_visit(council, inspection=inspection, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))


def test_every_finding_that_needs_work_is_listed_with_its_actions_and_gaps(council, plan, visit, cover):
    answered, waiting = factories.make_finding(visit), factories.make_finding(visit)
    factories.make_finding(visit, kind=Finding.Kind.STRENGTH)
    factories.make_measure(factories.make_action(plan=plan, findings=[answered], owner=factories.priya(council).user))

    covered = cover()

    (letter,) = covered.letters
    assert letter.visit == visit
    assert [(line.title.partition(":")[0], line.gaps) for line in letter.lines] == [
        ("Finding 1", []),
        ("Finding 2", ["No action"]),
    ]
    assert covered.findings_words == "1 of the 2 findings that need work has no action."
    changes.cancel(answered.answers.get().action, by=None, on=TODAY, reason="Replaced")
    assert cover().findings_words == "2 of the 2 findings that need work have no action."
    factories.make_action(plan=plan, findings=[answered, waiting])
    assert cover().findings_words == "All 2 findings that need work have actions."


def test_one_finding_is_spoken_of_as_one(plan, visit, cover):
    finding = factories.make_finding(visit)
    assert cover().findings_words == "The finding that needs work has no action."

    factories.make_action(plan=plan, findings=[finding])

    assert cover().findings_words == "The finding that needs work has an action."


def test_findings_of_visits_to_come_and_of_other_reports_are_not_the_plans(council, plan, cover):
    other = factories.make_inspection(council, "2022-ilacs", published_on=date(2022, 3, 9))
    past = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 4, 2)}
    factories.make_finding(factories.make_visit(council, "other", inspection=other, **past))
    factories.make_finding(factories.make_visit(council, "before", starts_on=date(2026, 1, 5), ends_on=None))
    coming = factories.make_visit(council, "coming", inspection=plan.inspections.get())
    factories.make_finding(coming)

    assert cover().letters == []


def test_a_finding_that_repeats_a_recommendation_of_the_plan_is_its_own_whatever_the_visit(
    council, inspection, plan, cover
):
    asked = factories.make_recommendation(inspection)
    visit = factories.make_visit(council, "focused", starts_on=date(2026, 1, 5), ends_on=None)
    factories.make_finding(visit, recommendation=asked)
    factories.make_finding(visit)

    (letter,) = cover().letters
    assert letter.visit == visit
    assert len(letter.lines) == 1


def test_a_restricted_action_leaves_no_false_gap_at_a_finding(council, plan, visit, cover):
    finding = factories.make_finding(visit)
    factories.make_action(plan=plan, findings=[finding], is_restricted=True, restricted_reason="Names staff")

    (letter,) = cover(factories.dee(council)).letters

    assert (letter.lines[0].facts.hidden, letter.lines[0].gaps) == (1, [])


def test_a_recommendation_that_a_visit_repeats_is_open_again_until_the_answering_actions_are_checked(
    inspection, plan, visit, cover
):
    asked, other = (factories.make_recommendation(inspection) for _ in range(2))
    finding = factories.make_finding(visit, recommendation=asked)

    assert [line.is_open_again for line in lines(cover())] == [True, False]
    factories.make_action(plan=plan, recommendations=[asked], findings=[finding], completed_on=TODAY)
    factories.make_action(plan=plan, recommendations=[other])
    assert [line.is_open_again for line in lines(cover())] == [False, False]
