"""Reading a frozen version: what is withheld, and how two versions differ."""

import pytest

from tracker.plans.snapshots import COMPARED, HEADINGS, Reader, compare, compared_rows, read, rows_of

OFFICE = Reader(1, sees_restricted=True)
DEE = Reader(2)


def action(reference="3.1", **fields):
    return {
        "reference": reference,
        "priority": "3. The front door",
        "title": f"Action {reference}",
        "description": "Screen together.",
        "owner": "Priya Nair",
        "owner_id": 7,
        "owner_post": "Team manager",
        "accountable_id": 8,
        "deadline": "2026-07-31",
        "milestones": [{"title": "Rota agreed", "due_on": "2026-05-29", "done_on": None}],
        "is_restricted": False,
        **fields,
    }


def plan(*actions, **fields):
    return {
        "title": "Improvement plan 2026",
        "answers": ["ILACS inspection, March 2026"],
        "priorities": [{"number": 3, "title": "The front door", "outcome": "No child waits.", "lead": "Marcus"}],
        "actions": list(actions),
        **fields,
    }


SECRET = action("3.2", is_restricted=True, restricted_reason="Names staff", title="Secret")


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        (OFFICE, True),
        (DEE, False),
        (Reader(7), True),
        (Reader(8), True),
        (Reader(2, theirs_now=frozenset({"3.2"})), True),
        (Reader(7, hidden_now=frozenset({"3.2"})), False),
    ],
    ids=["runs the plan", "someone else", "owned it", "was accountable", "owns it now", "owned it, not theirs now"],
)
def test_a_restricted_action_is_shown_to_few(reader, sees):
    assert reader.may_see(SECRET) is sees


def test_an_action_restricted_since_is_withheld_from_old_versions_too():
    assert DEE.may_see(action("3.1"))
    assert not Reader(2, hidden_now=frozenset({"3.1"})).may_see(action("3.1"))


def test_a_version_reads_like_a_plan():
    frozen = read(plan(action(), SECRET), DEE)

    assert (frozen.title, frozen.answers, frozen.total, frozen.withheld) == (
        "Improvement plan 2026",
        ["ILACS inspection, March 2026"],
        1,
        1,
    )
    (priority,) = frozen.priorities
    assert (priority.heading, priority.outcome, priority.lead) == ("3. The front door", "No child waits.", "Marcus")
    (shown,) = priority.actions
    assert (shown.reference, shown.owner) == ("3.1", "Priya Nair, Team manager")
    assert ("Milestones", "Rota agreed, due 29 May 2026") in shown.details


def test_a_version_of_the_first_shape_is_still_read():
    old = {"title": "Old", "actions": [{"reference": "3.1", "priority": "3. The front door", "title": "A"}]}

    frozen = read(old, DEE)

    assert [priority.heading for priority in frozen.priorities] == ["3. The front door"]
    assert rows_of(old, DEE)[0][:3] == ["3.1", "A", "3. The front door"]


def test_a_download_has_a_cell_for_each_heading():
    (row,) = rows_of(plan(action(), SECRET), DEE)

    assert len(row) == len(HEADINGS)
    assert dict(zip(HEADINGS, row, strict=True))["Deadline"] == "31 Jul 2026"


def test_two_equal_versions_do_not_differ():
    found = compare(plan(action()), plan(action()), OFFICE)

    assert found.is_empty
    assert found.same == 1
    assert compared_rows(found) == []


def test_what_was_added_removed_and_changed_is_told_field_by_field():
    before = plan(action("3.1"), action("3.2"), action("3.3"))
    after = plan(action("3.1", deadline="2026-09-04", owner="Dee Walsh", owner_post=""), action("3.3"), action("3.4"))

    found = compare(before, after, OFFICE)

    assert [row.reference for row in found.added] == ["3.4"]
    assert [row.reference for row in found.removed] == ["3.2"]
    (changed,) = found.changed
    assert [(change.label, change.before, change.after) for change in changed.changes] == [
        ("Owner", "Priya Nair, Team manager", "Dee Walsh"),
        ("Deadline", "31 Jul 2026", "4 Sep 2026"),
    ]
    assert (found.same, found.moved_later) == (1, 1)
    assert compared_rows(found) == [
        ["Added", "3.4", "Action 3.4", "", "", ""],
        ["Removed", "3.2", "Action 3.2", "", "", ""],
        ["Changed", "3.1", "Action 3.1", "Owner", "Priya Nair, Team manager", "Dee Walsh"],
        ["Changed", "3.1", "Action 3.1", "Deadline", "31 Jul 2026", "4 Sep 2026"],
    ]
    assert all(len(row) == len(COMPARED) for row in compared_rows(found))


@pytest.mark.parametrize(
    ("field", "value", "label", "after"),
    [
        ("milestones", [], "Milestones", ""),
        (
            "milestones",
            [
                {"title": "Rota agreed", "due_on": "2026-05-29", "done_on": None},
                {"title": "Rota tested", "due_on": "2026-06-29", "done_on": None},
            ],
            "Milestones",
            "Rota tested, due 29 Jun 2026",
        ),
        (
            "measures",
            [{"title": "Visits", "kind": "difference", "baseline": "61%", "target": "95%", "target_on": "2026-09-01"}],
            "Measures",
            "Visits, from 61% to 95% by 1 Sep 2026",
        ),
        ("recommendations", ["1. Referrals"], "Recommendations", "1. Referrals"),
        ("needs_money", True, "Money", "Needs new money"),
        ("is_restricted", True, "Restricted", "Restricted: None"),
    ],
)
def test_every_kind_of_field_is_compared(field, value, label, after):
    (changed,) = compare(plan(action()), plan(action(**{field: value})), OFFICE).changed

    assert [(change.label, change.after) for change in changed.changes] == [(label, after)]


@pytest.mark.parametrize(
    ("field", "value", "label", "after"),
    [
        ("status", "At risk", "Status", "At risk"),
        ("difference", "Sustained", "Difference for children", "Sustained"),
        ("first_agreed", "2026-07-31", "First agreed", "31 Jul 2026"),
        (
            "milestones",
            [{"title": "Rota agreed", "due_on": "2026-05-29", "done_on": "2026-05-28"}],
            "Milestones done",
            "Rota agreed, 28 May 2026",
        ),
    ],
)
def test_how_far_an_action_has_come_is_told_apart_from_what_the_plan_says(field, value, label, after):
    found = compare(plan(action()), plan(action(**{field: value})), OFFICE)

    assert found.changed == []
    (come_on,) = found.progressed
    assert [(change.label, change.after) for change in come_on.changes] == [(label, after)]
    assert compared_rows(found) == [["Progress", "3.1", "Action 3.1", label, "", after]]


def test_another_order_is_no_change():
    first, second = ({"title": name, "due_on": "2026-05-29", "done_on": None} for name in ("Rota", "Audit"))

    found = compare(plan(action(milestones=[first, second])), plan(action(milestones=[second, first])), OFFICE)

    assert found.is_empty


def test_the_plan_and_its_priorities_are_compared_too():
    after = plan(
        title="Plan of 2027",
        answers=["ILACS inspection, March 2026", "Peer challenge, May 2026"],
        priorities=[{"number": 3, "title": "The front door", "outcome": "No child waits.", "lead": "Dee"}],
    )

    found = compare(plan(), after, OFFICE)

    assert [(change.label, change.before, change.after) for change in found.about_plan] == [
        ("Title of the plan", "Improvement plan 2026", "Plan of 2027"),
        ("What it answers", "ILACS inspection, March 2026", "ILACS inspection, March 2026; Peer challenge, May 2026"),
        ("Priority 3, lead", "Marcus", "Dee"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([action("3.2"), action()], [SECRET, action()]),
        ([SECRET, action()], [action("3.2"), action()]),
        ([action()], [SECRET, action()]),
        ([SECRET, action()], [action()]),
    ],
    ids=["became restricted", "was restricted", "added", "removed"],
)
def test_an_action_restricted_in_either_version_is_only_counted(before, after):
    found = compare(plan(*before), plan(*after), DEE)

    assert found.is_empty
    assert found.withheld == 1
    assert "Secret" not in str(compared_rows(found))
