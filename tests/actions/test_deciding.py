"""Who decides about a deadline: how far it moves, which move it is, what it passes, and who is there."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.models import practices_of
from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    make_action,
    make_deadline_change,
    make_member,
    make_plan,
    make_priority,
    make_request,
    make_visit,
    priya,
    rachel,
)
from tracker.actions import deciding, permissions
from tracker.actions.models import DeadlineRequest
from tracker.actions.rules import Limits, Slip, Tier, passed_on, tier_of
from tracker.dates.models import calendar

LIMITS = Limits(lead_up_to=10, director_up_to=30, board_from_move=3)
VISIT = "monitoring visit 1 on 9 June 2026"


@pytest.mark.parametrize(
    ("working_days", "move_number", "visit", "tier", "why"),
    [
        (1, 1, "", Tier.LEAD, "It moves the deadline by 1 working day, up to 10."),
        (10, 1, "", Tier.LEAD, "It moves the deadline by 10 working days, up to 10."),
        (10, 2, "", Tier.LEAD, "It moves the deadline by 10 working days, up to 10."),
        (11, 1, "", Tier.DIRECTOR, "It moves the deadline by 11 working days, more than 10 and up to 30."),
        (30, 2, "", Tier.DIRECTOR, "It moves the deadline by 30 working days, more than 10 and up to 30."),
        (31, 1, "", Tier.BOARD, "It moves the deadline by 31 working days, more than 30."),
        (1, 3, "", Tier.BOARD, "It is move 3 of this deadline."),
        (1, 7, "", Tier.BOARD, "It is move 7 of this deadline."),
        (1, 1, VISIT, Tier.BOARD, "It passes monitoring visit 1 on 9 June 2026."),
        (0, 1, "", Tier.LEAD, "It moves the deadline by 0 working days, up to 10."),
    ],
)
def test_the_tier_follows_from_slip_move_and_visit(working_days, move_number, visit, tier, why):
    assert tier_of(Slip(working_days, move_number, is_later=True, visit=visit), LIMITS) == (tier, why)


def test_a_deadline_brought_forward_is_for_the_lead_however_far_and_often():
    assert tier_of(Slip(-60, 5, is_later=False), LIMITS) == (Tier.LEAD, "It brings the deadline forward.")


@pytest.mark.parametrize(
    ("tier", "has_lead", "has_director", "decides"),
    [
        (Tier.LEAD, True, True, Tier.LEAD),
        (Tier.LEAD, False, True, Tier.DIRECTOR),
        (Tier.LEAD, False, False, Tier.BOARD),
        (Tier.LEAD, True, False, Tier.LEAD),
        (Tier.DIRECTOR, False, True, Tier.DIRECTOR),
        (Tier.DIRECTOR, True, False, Tier.BOARD),
        (Tier.BOARD, True, True, Tier.BOARD),
    ],
)
def test_who_is_not_there_passes_it_on(tier, has_lead, has_director, decides):
    assert passed_on(tier, has_lead=has_lead, has_director=has_director) == decides


# With people and rows


@pytest.fixture
def lena(council):
    return make_member(council, Role.PRIORITY_LEAD, "Lena Lead")


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def action(council, lena, owner):
    return make_action(
        priority=make_priority(make_plan(council), lead=lena.user), owner=owner.user, deadline=date(2026, 6, 1)
    )


def outlook(action, to, asked_by):
    return deciding.outlook(
        action,
        to=to,
        asked_by=asked_by.user,
        on=TODAY,
        calendar=calendar(),
        practices=practices_of(action.authority),
    )


@pytest.mark.django_db
def test_the_person_who_will_decide_is_named(council, action, owner):
    director, chair = rachel(council), make_member(council, Role.CHAIR, "Malcolm Chair")

    assert outlook(action, date(2026, 6, 15), owner).who == "Lena Lead, priority lead"
    assert outlook(action, date(2026, 6, 30), owner).who == f"{director}, director"
    assert outlook(action, date(2026, 9, 30), owner).who == f"The improvement board: {chair} decides for it"


@pytest.mark.django_db
def test_the_board_without_a_chair_is_recorded_by_office_or_director(action, owner):
    assert outlook(action, date(2026, 9, 30), owner).who == (
        "The improvement board: the programme office or the director records what it decides"
    )


@pytest.mark.django_db
def test_a_lead_who_asks_or_owns_it_passes_it_to_the_director(council, action, lena):
    rachel(council)
    found = outlook(action, date(2026, 6, 2), lena)
    assert (found.tier, found.why) == (
        Tier.DIRECTOR,
        "It moves the deadline by 1 working day, up to 10. Lena Lead, who leads the priority, asks for it.",
    )

    own = make_action(priority=action.priority, owner=lena.user)
    assert "Lena Lead, who leads the priority, owns the action." in outlook(own, date(2026, 8, 3), aisha(council)).why


@pytest.mark.django_db
def test_a_director_who_asks_passes_it_to_the_board(council, action):
    found = outlook(action, date(2026, 6, 30), rachel(council))

    assert (found.tier, found.why.partition(". ")[2]) == (Tier.BOARD, "It is the director’s own request.")


@pytest.mark.django_db
def test_without_lead_and_director_the_board_decides(council, owner):
    action = make_action(council, owner=owner.user, deadline=date(2026, 6, 1))

    found = outlook(action, date(2026, 6, 2), owner)

    assert found.tier == Tier.BOARD
    assert found.why.endswith("Nobody leads the priority. There is no director.")


@pytest.mark.django_db
def test_a_lead_who_has_left_or_may_not_see_the_action_does_not_decide(council, lena, owner):
    rachel(council)
    priority = make_priority(make_plan(council), lead=lena.user)
    hidden = make_action(priority=priority, owner=owner.user, is_restricted=True, restricted_reason="About one family")
    assert "Lena Lead, who leads the priority, does not see the action." in outlook(hidden, date(2026, 8, 3), owner).why

    seen = make_action(priority=priority, owner=owner.user)
    account_changes.switch_off(lena.user, by=None, reason="Left")
    found = outlook(seen, date(2026, 8, 3), owner)
    assert (found.tier, "has left" in found.why) == (Tier.DIRECTOR, True)


@pytest.mark.django_db
def test_the_slip_of_this_move_decides_and_the_whole_is_told(council, action, owner):
    make_deadline_change(action, date(2026, 6, 15))
    action.refresh_from_db()

    found = outlook(action, date(2026, 6, 29), owner)

    assert (found.slip.working_days, found.in_all, found.slip.move_number, found.tier) == (10, 20, 2, Tier.LEAD)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "to", "passes"),
    [
        ({}, date(2026, 6, 9), ""),
        ({}, date(2026, 6, 10), "monitoring visit 1 on 9 June 2026"),
        ({"starts_on": date(2026, 5, 29), "ends_on": None}, date(2026, 6, 10), ""),
        ({"letter_received_on": TODAY}, date(2026, 6, 10), ""),
        (
            {"starts_on": None, "ends_on": None, "expected_from": date(2026, 6, 8), "expected_to": date(2026, 7, 1)},
            date(2026, 6, 9),
            "monitoring visit 1 expected from 8 June 2026",
        ),
        ({"sequence": None, "kind": "focused"}, date(2026, 6, 10), "the focused visit on 9 June 2026"),
    ],
)
def test_a_move_passes_a_visit_that_is_still_to_come(council, action, fields, to, passes):
    make_visit(council, **fields)

    assert deciding.visit_passed(action, to, on=TODAY) == passes


@pytest.mark.django_db
def test_a_visit_that_may_come_any_day_is_passed_by_a_late_action(council):
    make_visit(council, starts_on=None, ends_on=None, expected_from=date(2026, 4, 1), expected_to=date(2026, 6, 30))
    late = make_action(council, deadline=date(2026, 5, 1))

    assert deciding.visit_passed(late, date(2026, 5, 7), on=TODAY) == "monitoring visit 1 expected from 6 May 2026"
    assert deciding.visit_passed(late, date(2026, 5, 7), on=date(2026, 7, 1)) == ""


@pytest.mark.django_db
def test_the_list_of_what_waits_for_someone_says_the_same_as_the_rule(council, lena, owner):
    """Every request against every person: `for_decision_by` lists none that its page would not let them decide."""
    office, director = aisha(council), rachel(council)
    chair, dora = make_member(council, Role.CHAIR, "Malcolm Chair"), make_member(council, Role.ACTION_OWNER, "Dora Lee")
    led, unled = make_priority(make_plan(council), lead=lena.user), make_priority(make_plan(council), 4, "Plans")
    hidden = {"is_restricted": True, "restricted_reason": "About one family"}
    for number, (priority, who, asker, to, fields) in enumerate(
        [
            (led, owner, owner, date(2026, 8, 7), {}),
            (led, lena, office, date(2026, 8, 7), {}),
            (led, owner, lena, date(2026, 8, 7), {}),
            (unled, owner, owner, date(2026, 8, 7), {}),
            (led, owner, owner, date(2026, 8, 31), {}),
            (led, owner, office, date(2026, 8, 31), {}),
            (led, owner, owner, date(2026, 12, 1), {}),
            (led, owner, office, date(2026, 12, 1), {}),
            (led, owner, owner, date(2026, 8, 7), hidden),
            (led, owner, owner, date(2026, 12, 1), hidden),
            (led, director, office, date(2026, 8, 31), {}),
        ],
        start=1,
    ):
        make_request(
            make_action(priority=priority, reference=f"{priority.number}.{number}", owner=who.user, **fields),
            to,
            by=asker.user,
        )
    everyone = (office, director, chair, lena, owner, dora)

    listed = {
        member.user.name: {
            asked.action.reference for asked in DeadlineRequest.objects.for_decision_by(member, on=TODAY)
        }
        for member in everyone
    }

    assert listed == {
        "Aisha Rahman": {"3.7", "3.10"},
        "Rachel Adeyemi": {"3.2", "3.3", "4.4", "3.5", "3.6", "3.9", "3.10"},
        "Malcolm Chair": {"3.7", "3.8", "3.11"},
        "Lena Lead": {"3.1"},
        "Priya Nair": set(),
        "Dora Lee": set(),
    }
    for member in everyone:
        for asked in DeadlineRequest.objects.visible_to(member).select_related("action__priority", "asked_by"):
            if asked.action.reference in listed[member.user.name]:
                tier, _ = deciding.decider_of(asked, on=TODAY)
                assert permissions.may_decide(member, asked, tier=tier), (member, asked)


@pytest.mark.django_db
def test_a_request_whose_lead_has_left_waits_for_the_director(council, action, lena, owner):
    director = rachel(council)
    asked = make_request(action, date(2026, 6, 15))
    assert not DeadlineRequest.objects.for_decision_by(director, on=TODAY).exists()

    account_changes.switch_off(lena.user, by=None, reason="Left")

    assert DeadlineRequest.objects.for_decision_by(director, on=TODAY).get() == asked
    assert deciding.decider_of(asked, on=TODAY) == (Tier.DIRECTOR, "Rachel Adeyemi, director")


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_council(council, action, owner):
    account_changes.set_practice(
        council, code="lead_decides", value=1, source="Board, May 2026", by=None, reason="Agreed"
    )
    rachel(council)

    assert outlook(action, date(2026, 6, 3), owner).tier == Tier.DIRECTOR
