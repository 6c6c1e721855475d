"""Who may do what to an action, and who sees it."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    helen,
    ines,
    make_action,
    make_agency,
    make_authority,
    make_evidence,
    make_member,
    make_plan,
    make_priority,
    make_request,
    make_service,
    make_update,
    marcus,
    member_of,
    priya,
    rachel,
)
from tracker.actions import changes, permissions
from tracker.actions.models import Action, DeadlineRequest, Evidence, Milestone, ProgressUpdate
from tracker.actions.rules import Tier

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(council):
    """Everyone, by name: Lena leads the priority, Malcolm chairs the board, Cora is a councillor."""
    make = {"priya": priya, "marcus": marcus, "dee": dee, "ines": ines, "aisha": aisha, "rachel": rachel}
    people = {name: add(council) for name, add in make.items()} | {"helen": helen(council)}
    people["lena"] = make_member(council, Role.PRIORITY_LEAD, "Lena Lead")
    people["malcolm"] = make_member(council, Role.CHAIR, "Malcolm Chair")
    people["cora"] = make_member(council, Role.COUNCILLOR, "Cora Jones")
    people["otto"] = make_member(
        council, Role.HEAD_OF_SERVICE, "Otto Head", service=make_service(council, "Leaving care")
    )
    return people


@pytest.fixture
def action(council, cast):
    """Priya's action, of Marcus's service and Lena's priority, with the police."""
    priority = make_priority(make_plan(council), lead=cast["lena"].user)
    return make_action(
        priority=priority,
        owner=cast["priya"].user,
        service=make_service(council),
        agency=make_agency(council),
    )


def allowed(may, cast, action):
    return {name for name, member in cast.items() if may(member, fresh(action))}


def test_owner_head_of_service_partner_agency_and_programme_office_update_an_action(cast, action):
    assert allowed(permissions.may_update, cast, action) == {"priya", "marcus", "helen", "aisha"}


def test_nobody_updates_an_action_that_is_said_to_be_done(cast, action):
    make_evidence(action)
    make_update(action, says_done=True)

    assert allowed(permissions.may_update, cast, action) == set()


def test_evidence_is_added_by_those_who_work_on_it_also_while_it_waits(cast, action):
    make_evidence(action)
    make_update(action, says_done=True)

    assert allowed(permissions.may_add_evidence, cast, action) == {"priya", "marcus", "helen", "aisha"}


def test_finished_work_is_checked_by_head_lead_director_or_programme_office_never_the_owner(cast, action):
    assert allowed(permissions.may_check, cast, action) == set()

    make_evidence(action)
    make_update(action, says_done=True)

    assert allowed(permissions.may_check, cast, action) == {"marcus", "lena", "rachel", "aisha"}


def test_a_programme_manager_who_owns_an_action_does_not_check_it(council, cast):
    mine = make_action(council, owner=cast["aisha"].user, claimed_on=TODAY)

    assert not permissions.may_check(cast["aisha"], mine)


def test_another_deadline_is_asked_for_by_those_who_work_on_the_action(cast, action):
    assert allowed(permissions.may_ask, cast, action) == {"priya", "marcus", "helen", "aisha"}


def test_only_the_programme_office_changes_owners_and_adds_and_edits_actions(cast, action):
    assert allowed(permissions.may_hand_over, cast, action) == {"aisha"}
    assert allowed(permissions.may_edit, cast, action) == {"aisha"}
    assert allowed(lambda member, _: permissions.may_run_plan(member), cast, action) == {"aisha"}


def test_a_closed_action_is_neither_moved_nor_handed_over(council, cast):
    closed = make_action(council, completed_on=TODAY)
    undated = make_action(council, deadline=None)

    assert not permissions.may_ask(cast["aisha"], closed)
    assert not permissions.may_ask(cast["aisha"], undated)
    assert not permissions.may_hand_over(cast["aisha"], closed)


def decided(cast, action, tier, asked_by="priya"):
    """Who may decide a request of a tier, asked for by one of the cast."""
    asked = make_request(action, date(2026, 8, 7), by=cast[asked_by].user)
    changes.pass_on(asked, tier=tier, why="Made for a test", by=cast[asked_by].user)
    seen = DeadlineRequest.objects.select_related("action__priority").get(pk=asked.pk)
    return {name for name, member in cast.items() if permissions.may_decide(member, seen)}


@pytest.mark.parametrize(
    ("tier", "asked_by", "expected"),
    [
        (Tier.LEAD, "priya", {"lena", "rachel"}),
        (Tier.DIRECTOR, "priya", {"rachel"}),
        (Tier.DIRECTOR, "aisha", {"rachel"}),
        (Tier.BOARD, "priya", {"malcolm", "aisha", "rachel"}),
        (Tier.BOARD, "aisha", {"malcolm", "rachel"}),
        (Tier.BOARD, "rachel", {"malcolm", "aisha"}),
    ],
)
def test_a_request_is_decided_at_its_tier_and_never_by_who_asked(cast, action, tier, asked_by, expected):
    assert decided(cast, action, tier, asked_by) == expected


def test_nobody_decides_about_the_deadline_of_their_own_action(council, cast):
    priority = make_priority(make_plan(council), lead=cast["lena"].user)
    own = make_action(priority=priority, owner=cast["lena"].user)

    assert decided(cast, own, Tier.LEAD, asked_by="aisha") == {"rachel"}


def test_the_difference_is_set_by_checkers_and_sustained_for_the_board_never_by_the_owner(council, cast, action):
    make_evidence(action)
    make_update(action, says_done=True)
    changes.complete(action, by=cast["marcus"].user, on=TODAY, reason="Saw it")

    assert allowed(permissions.may_judge, cast, action) == {"marcus", "lena", "rachel", "aisha"}
    assert allowed(permissions.may_sustain, cast, action) == set()

    changes.set_difference(action, to="difference", by=cast["marcus"].user, on=TODAY, reason="The audit")
    assert allowed(permissions.may_sustain, cast, action) == {"malcolm", "rachel", "aisha"}


def test_a_complete_action_is_reopened_by_programme_office_director_and_checkers(council, cast, action):
    assert allowed(permissions.may_reopen, cast, action) == set()

    make_evidence(action)
    make_update(action, says_done=True)
    changes.complete(action, by=cast["marcus"].user, on=TODAY, reason="Saw it")

    assert allowed(permissions.may_reopen, cast, action) == {"marcus", "lena", "rachel", "aisha"}


def test_an_action_is_cancelled_by_director_chair_or_the_programme_office(cast, action):
    assert allowed(permissions.may_cancel, cast, action) == {"malcolm", "rachel", "aisha"}


def test_the_head_of_service_is_asked_to_check_else_the_lead_else_the_programme_office(council, cast, action):
    assert permissions.checker_of(fresh(action)) == cast["marcus"].user

    account_changes.switch_off(cast["marcus"].user, by=None, reason="Left")
    assert permissions.checker_of(fresh(action)) == cast["lena"].user

    account_changes.switch_off(cast["lena"].user, by=None, reason="Left")
    assert permissions.checker_of(fresh(action)) is None


def test_the_head_of_service_who_owns_the_action_is_not_asked_to_check_it(council, cast):
    own = make_action(council, owner=cast["marcus"].user, service=make_service(council))

    assert permissions.checker_of(own) != cast["marcus"].user


# Who sees what


def seen_by(member):
    return {action.reference for action in Action.objects.visible_to(member)}


def test_a_partner_sees_the_actions_of_its_own_agency_only(council, cast, action):
    make_action(council, agency=make_agency(council, "Northbridge Health Trust", "health"))

    assert seen_by(cast["helen"]) == {"3.1"}
    assert seen_by(cast["dee"]) == {"3.1", "3.2"}


def test_a_restricted_action_is_seen_by_those_it_concerns_and_those_who_run_the_plan(council, cast):
    make_action(
        council,
        owner=cast["priya"].user,
        accountable=cast["otto"].user,
        agency=make_agency(council),
        is_restricted=True,
        restricted_reason="About one family",
    )

    assert {name for name, member in cast.items() if seen_by(member)} == {"priya", "otto", "aisha", "rachel"}


def test_nobody_sees_the_actions_of_another_council(council, cast, action):
    other = make_authority("Southmere Council", "southmere")
    make_action(other, title="Theirs")

    for member in cast.values():
        assert not Action.objects.visible_to(member).filter(authority=other).exists()


def test_someone_of_two_councils_sees_one_at_a_time(council, action):
    other = make_authority("Southmere Council", "southmere")
    make_action(other)
    here = make_member(council, Role.CHAIR, "Chris Chair")
    there = make_member(other, Role.CHAIR, user=here.user)

    assert {row.authority for row in Action.objects.visible_to(member_of(council, here.user))} == {council}
    assert {row.authority for row in Action.objects.visible_to(there)} == {other}


def test_nobody_at_all_sees_nothing(council, action):
    assert not Action.objects.visible_to(None).exists()
    assert not Evidence.objects.visible_to(None).exists()


def test_what_hangs_on_an_action_is_seen_with_it(council, cast):
    hidden = make_action(council, is_restricted=True, restricted_reason="About one family")
    make_update(hidden, by=cast["aisha"].user)

    for model in (ProgressUpdate, Milestone, Evidence):
        assert not model.objects.visible_to(cast["dee"]).exists()
    assert ProgressUpdate.objects.visible_to(cast["aisha"]).exists()


def test_a_restricted_piece_of_evidence_is_seen_by_owner_giver_and_those_who_run_the_plan(council, cast, action):
    make_evidence(action, by=cast["marcus"].user, is_restricted=True, restricted_reason="Names staff")

    assert {name for name, member in cast.items() if Evidence.objects.visible_to(member).exists()} == {
        "priya",
        "marcus",
        "aisha",
        "rachel",
    }
