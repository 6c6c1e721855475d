"""Who is told of what, and when: each kind of reminder, and what people chose about it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from accounts import changes as account_changes
from accounts.models import practices_of
from accounts.roles import Role
from tests.factories import (
    NOW,
    REASON,
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_authority,
    make_evidence,
    make_inspection,
    make_member,
    make_plan,
    make_priority,
    make_update,
    make_visit,
    marcus,
    priya,
    rachel,
)
from tracker.actions import changes
from tracker.actions.rules import ReasonKind, Tier
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.reminders import outbox
from tracker.reminders.models import AddressTrouble, Digest, KindOff, Preference, Reminder
from tracker.reminders.outbox import delivering
from tracker.reminders.rules import Kind
from tracker.visits import changes as visit_changes

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 5, 1)


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=UTC)


def run(day: date = TODAY, *, hour: int = 8) -> outbox.Delivered:
    """Queue and deliver as the schedule does on a day, at an hour."""
    outbox.queue_due(on=day)
    return outbox.deliver(on=day, at=at(day, hour), now=lambda: at(day, hour))


def queued(kind: str) -> list[Reminder]:
    return list(Reminder.objects.filter(kind=kind, cancelled_on__isnull=True).order_by("pk"))


def working_days_ago(number: int) -> date:
    return calendar().add(TODAY, -number)


def choose(member, **values) -> Preference:
    return save_because(
        Preference(authority=member.authority, user=member.user, **values), by=member.user, reason=REASON
    )


def switch(member, kind: str, *, off: bool) -> None:
    preference = Preference.objects.filter(user=member.user).first() or choose(member)
    save_because(KindOff(preference=preference, kind=kind, is_off=off), by=member.user, reason=REASON)


# What is late for long


@pytest.mark.parametrize(("late", "told"), [(4, []), (5, ["Marcus Oyelaran"]), (9, ["Marcus Oyelaran"])])
def test_the_lead_of_the_priority_is_told_of_an_action_5_working_days_late(council, late, told):
    rachel(council)
    priority = make_priority(make_plan(council), lead=marcus(council).user)
    make_action(priority=priority, owner=priya(council).user, deadline=working_days_ago(late))

    run()

    assert [row.recipient.name for row in queued(Kind.ESCALATED_LEAD)] == told
    assert queued(Kind.ESCALATED_DIRECTOR) == []


def test_the_director_is_told_too_of_one_10_working_days_late_and_each_only_once(council):
    director = rachel(council).user
    priority = make_priority(make_plan(council), lead=marcus(council).user)
    make_action(priority=priority, owner=priya(council).user, deadline=working_days_ago(10))

    run()
    run(date(2026, 5, 7))

    (to_director,) = queued(Kind.ESCALATED_DIRECTOR)
    assert to_director.recipient == director
    assert len(queued(Kind.ESCALATED_LEAD)) == 1


def test_nobody_is_told_of_their_own_action_as_someone_elses(council):
    lead = marcus(council).user
    make_action(priority=make_priority(make_plan(council), lead=lead), owner=lead, deadline=working_days_ago(6))

    run()

    assert queued(Kind.ESCALATED_LEAD) == []


def test_the_subject_names_who_is_late_when_that_is_all_there_is(council):
    priority = make_priority(make_plan(council), lead=marcus(council).user)
    action = make_action(priority=priority, owner=priya(council).user, deadline=working_days_ago(5))

    run()

    (to_lead,) = [email for email in mail.outbox if email.to == ["marcus.oyelaran@council.example"]]
    assert to_lead.subject == f"5 working days late: {action.reference}, Priya Nair"
    assert "Its owner is Priya Nair." in " ".join(to_lead.body.split())


def test_a_moved_deadline_takes_the_escalation_back(council):
    priority = make_priority(make_plan(council), lead=marcus(council).user)
    action = make_action(priority=priority, owner=priya(council).user, deadline=working_days_ago(5))
    outbox.queue_due(on=TODAY)

    changes.move_deadline(
        action, to=date(2026, 6, 30), reason_kind=ReasonKind.OTHER, reason="Agreed", asked_by="Priya Nair",
        asked_on=TODAY, agreed_by="Rachel Adeyemi", agreed_on=TODAY, by=None, at=NOW, calendar=calendar(),
    )  # fmt: skip
    outbox.queue_due(on=TODAY)

    assert queued(Kind.ESCALATED_LEAD) == []


# What is quiet


def test_an_owner_is_asked_after_30_days_without_an_update_and_again_after_60(council):
    make_action(council, owner=priya(council).user, rating="on_track", updated_on=date(2026, 4, 5))

    run(date(2026, 5, 5))
    assert queued(Kind.QUIET) == []
    run(date(2026, 5, 6))
    run(date(2026, 5, 7))
    assert len(queued(Kind.QUIET)) == 1
    assert mail.outbox[-1].subject == "1 action is without a recent update"
    run(date(2026, 6, 5))

    assert [row.step for row in queued(Kind.QUIET)] == [1, 2]


def test_what_is_late_is_not_asked_after_as_quiet(council):
    make_action(council, owner=priya(council).user, deadline=FRIDAY, rating="on_track", updated_on=date(2026, 3, 5))

    run()

    assert queued(Kind.QUIET) == []


def test_an_update_takes_the_question_back(council):
    owner = priya(council).user
    action = make_action(council, owner=owner, rating="on_track", updated_on=date(2026, 4, 1))
    outbox.queue_due(on=TODAY)

    make_update(action, by=owner, on=TODAY)

    assert run().sent == 0


# What was given, sent back, asked and decided


def test_a_new_owner_is_told_once_that_an_action_is_theirs(council):
    action = make_action(council, owner=priya(council).user)
    new = dee(council).user
    changes.hand_over(action, to=new, by=None, on=TODAY, reason="She leads it now")

    run()
    run(date(2026, 5, 7))

    assert [email.to for email in mail.outbox] == [[new.email]]
    assert mail.outbox[0].subject == "1 action is now yours"


def test_an_owner_is_told_that_what_they_said_was_done_is_not(council):
    owner = priya(council).user
    action = make_action(council, owner=owner, claimed_on=date(2026, 5, 5))
    changes.send_back(action, by=aisha(council).user, on=TODAY, reason="The audit has 20 of 30")

    run()

    (email,) = [email for email in mail.outbox if email.to == [owner.email]]
    assert email.subject == "1 action is not done yet"
    assert "The audit" not in email.body  # What people wrote never leaves in mail.


def ask(action, by, to: date):
    return changes.ask_for_deadline(
        action, to=to, reason_kind=ReasonKind.PARTNER, reason="The police have no rota yet.",
        effect_on_children="Children wait.", done_to_avoid="We met twice.", by=by, on=TODAY, at=NOW,
        calendar=calendar(), practices=practices_of(action.authority),
    )  # fmt: skip


def test_whoever_decides_is_asked_and_whoever_asked_is_told_what_was_decided(council):
    lead, owner = marcus(council).user, priya(council).user
    switch(rachel(council), Kind.WEEKLY, off=True)
    account_changes.give_role(lead, council, role=Role.PRIORITY_LEAD, by=None, reason=REASON)
    action = make_action(priority=make_priority(make_plan(council), lead=lead), owner=owner)
    request = ask(action, owner, date(2026, 8, 7))

    run()

    assert [email.to for email in mail.outbox] == [[lead.email]]
    assert mail.outbox[0].subject == f"Decision needed: move {action.reference} to 7 August 2026?"
    assert "The police have no rota" not in mail.outbox[0].body
    changes.agree(
        request, level=Tier.LEAD, reason="Agreed", by=lead, on=TODAY, at=NOW, calendar=calendar(),
        practices=practices_of(council),
    )  # fmt: skip
    run(date(2026, 5, 7))
    assert mail.outbox[-1].to == [owner.email]
    assert mail.outbox[-1].subject == f"Your deadline for {action.reference} is now 7 August 2026"


def test_a_lead_is_asked_whatever_else_they_are_in_the_council(council):
    lead, owner = marcus(council).user, priya(council).user  # A head of service, who holds no role of a lead.
    ask(make_action(priority=make_priority(make_plan(council), lead=lead), owner=owner), owner, date(2026, 8, 7))

    run()

    assert [email.to for email in mail.outbox] == [[lead.email]]


@pytest.mark.parametrize(("has_chair", "asked"), [(True, "Chair"), (False, "Aisha Rahman")])
def test_the_board_is_asked_through_its_chair_else_through_those_who_record_what_it_decides(council, has_chair, asked):
    owner = priya(council).user
    switch(aisha(council), Kind.WEEKLY, off=True)
    if has_chair:
        make_member(council, Role.CHAIR, "Chair")
    ask(make_action(council, owner=owner), owner, date(2026, 12, 18))

    run()

    assert [row.recipient.name for row in queued(Kind.DECISION_WANTED)] == [asked]


def test_a_decision_that_was_made_meanwhile_is_not_asked_for(council):
    lead, owner = marcus(council).user, priya(council).user
    account_changes.give_role(lead, council, role=Role.PRIORITY_LEAD, by=None, reason=REASON)
    action = make_action(priority=make_priority(make_plan(council), lead=lead), owner=owner)
    request = ask(action, owner, date(2026, 8, 7))
    outbox.queue_due(on=TODAY)

    changes.withdraw(request, reason="Not needed", by=owner, on=TODAY, at=NOW)
    run()

    assert mail.outbox == []


def test_the_request_of_a_restricted_action_is_not_named(council):
    director, owner = rachel(council).user, priya(council).user
    action = make_action(council, owner=owner, is_restricted=True, restricted_reason="One family")
    ask(action, owner, date(2026, 8, 7))

    run()

    (email,) = [email for email in mail.outbox if email.to == [director.email]]
    assert email.subject == "Decision needed on the deadline of a restricted action"
    assert action.title not in email.body
    assert "1 restricted action. Sign in to see it." in email.body


# The week


@pytest.mark.parametrize(
    ("day", "number"),
    [(date(2026, 5, 11), 1), (date(2026, 5, 12), 1), (date(2026, 5, 16), 0), (date(2026, 5, 5), 1)],
    ids=["on Monday", "missed on Monday", "never on a Saturday", "on Tuesday after the bank holiday"],
)
def test_those_who_lead_the_plan_get_a_summary_each_week(council, day, number):
    office = aisha(council).user
    priya(council)
    make_action(council, deadline=date(2026, 7, 31))

    run(day)
    run(day)

    assert [email.to for email in mail.outbox] == [[office.email]] * number
    if number:
        assert mail.outbox[0].subject == "The plan this week"
        assert "This week: 1 action is open, 0 of them overdue" in mail.outbox[0].body


def test_a_summary_that_was_switched_off_does_not_come_and_one_that_was_chosen_does(council):
    office, owner = aisha(council), priya(council)
    make_action(council, deadline=date(2026, 7, 31))
    switch(office, Kind.WEEKLY, off=True)
    switch(owner, Kind.WEEKLY, off=False)

    run(date(2026, 5, 11))

    assert [email.to for email in mail.outbox] == [[owner.user.email]]


def test_there_is_no_summary_of_a_plan_in_which_nothing_is_open(council):
    aisha(council)
    make_action(council, completed_on=date(2026, 5, 1))

    run(date(2026, 5, 11))

    assert mail.outbox == []


# What people chose


def test_a_kind_that_is_off_does_not_come(council):
    owner = priya(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 13))
    switch(owner, Kind.DUE, off=True)

    assert run().sent == 0


def test_what_is_late_comes_even_when_somebody_switched_all_else_off(council):
    owner = priya(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5))
    for kind in Kind:
        if kind not in (Kind.LATE, Kind.ESCALATED_LEAD, Kind.ESCALATED_DIRECTOR):
            switch(owner, kind, off=True)

    assert run().sent == 1


def test_nothing_comes_before_the_hour_that_was_chosen(council):
    owner = priya(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5))
    choose(owner, hour=14)

    assert run(hour=9).sent == 0
    assert run(hour=14).sent == 1


def test_what_is_late_waits_for_the_weekly_day_of_those_who_chose_one(council):
    owner = priya(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5))
    choose(owner, late_is_weekly=True, weekly_day=4)

    assert run().sent == 0
    assert run(date(2026, 5, 7)).sent == 0
    assert run(date(2026, 5, 8)).sent == 1


def test_a_decision_wanted_comes_at_once_for_those_who_chose_so_in_an_email_of_its_own(council):
    lead, owner = marcus(council), priya(council).user
    account_changes.give_role(lead.user, council, role=Role.PRIORITY_LEAD, by=None, reason=REASON)
    priority = make_priority(make_plan(council), lead=lead.user)
    make_action(priority=priority, owner=lead.user, deadline=date(2026, 5, 5))
    choose(lead, at_once=True)
    run()
    ask(make_action(priority=priority, owner=owner), owner, date(2026, 8, 7))

    run(hour=15)

    assert [digest.kind for digest in Digest.objects.filter(recipient=lead.user).order_by("pk")] == [
        Digest.Kind.DAILY,
        Digest.Kind.AT_ONCE,
    ]
    assert len({email.extra_headers["Message-ID"] for email in mail.outbox}) == 2


def test_what_comes_at_once_comes_each_time_and_each_time_once(council):
    lead, owner = marcus(council), priya(council).user
    account_changes.give_role(lead.user, council, role=Role.PRIORITY_LEAD, by=None, reason=REASON)
    priority = make_priority(make_plan(council), lead=lead.user)
    choose(lead, at_once=True)
    for hour, reference in ((9, "1.1"), (11, "1.2"), (15, "1.3")):
        action = make_action(priority=priority, owner=owner, reference=reference)
        ask(action, owner, date(2026, 8, 7))
        run(hour=hour)
        run(hour=hour)

    to_lead = [email for email in mail.outbox if email.to == [lead.user.email]]
    assert [email.subject for email in to_lead] == [
        f"Decision needed: move {reference} to 7 August 2026?" for reference in ("1.1", "1.2", "1.3")
    ]
    assert len({email.extra_headers["Message-ID"] for email in to_lead}) == 3


def test_on_a_day_with_very_many_the_rest_waits_for_the_next_morning(council, monkeypatch):
    monkeypatch.setattr(delivering, "MOST_AT_ONCE", 2)
    lead, owner = marcus(council), priya(council).user
    account_changes.give_role(lead.user, council, role=Role.PRIORITY_LEAD, by=None, reason=REASON)
    priority = make_priority(make_plan(council), lead=lead.user)
    choose(lead, at_once=True)
    for number in range(1, 5):
        action = make_action(priority=priority, owner=owner, reference=f"1.{number}")
        ask(action, owner, date(2026, 8, 7))
        run(hour=8 + number)

    to_lead = [email.subject for email in mail.outbox if email.to == [lead.user.email]]
    assert len(to_lead) == 2
    run(date(2026, 5, 7))
    assert [email.subject for email in mail.outbox if email.to == [lead.user.email]][2:] == [
        "2 decisions needed on deadlines"
    ]


def test_whoever_covers_for_someone_away_gets_a_copy_and_the_person_their_own(council):
    owner, cover = priya(council), dee(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5))
    choose(owner, away_from=date(2026, 5, 4), away_to=date(2026, 5, 8), cover=cover.user)

    run()

    assert sorted(email.to[0] for email in mail.outbox) == [cover.user.email, owner.user.email]
    (copy,) = [email for email in mail.outbox if email.to == [cover.user.email]]
    assert copy.subject == "1 action of Priya Nair, who is away"


def test_a_copy_is_not_sent_once_the_person_is_back(council):
    owner, cover = priya(council), dee(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5))
    choose(owner, away_from=date(2026, 4, 27), away_to=date(2026, 5, 5), cover=cover.user)

    run()

    assert [email.to for email in mail.outbox] == [[owner.user.email]]


def test_nothing_goes_to_an_address_that_is_refused_again_and_again_and_what_is_owed_waits(council):
    owner = priya(council).user
    make_action(council, owner=owner, deadline=date(2026, 5, 5))
    trouble = AddressTrouble.objects.create(
        user=owner, address=owner.email, refusals=3, first_on=FRIDAY, last_on=FRIDAY, stopped_on=FRIDAY
    )

    assert run().sent == 0
    trouble.cleared_on = TODAY
    trouble.save()
    assert run().sent == 1


# Steps before the plan is sent, and what is made ready for a visit


def test_the_owner_of_a_step_before_the_plan_is_sent_is_reminded_until_it_is_done(council):
    owner = priya(council).user
    inspection = make_inspection(council, received_on=date(2026, 4, 1))
    clock, *_ = inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    step = inspection_changes.add_governance_step(
        clock, title="Scrutiny comments", due_on=date(2026, 5, 13), by=None, on=TODAY, owner=owner
    )

    run()
    assert [email.to for email in mail.outbox] == [[owner.email]]
    assert mail.outbox[0].subject == "1 step of yours before the plan is sent"
    assert "Scrutiny comments" in mail.outbox[0].body
    outbox.queue_due(on=date(2026, 5, 14))
    inspection_changes.finish_governance_step(step, done_on=date(2026, 5, 14), by=None, on=date(2026, 5, 14))

    assert run(date(2026, 5, 14)).sent == 0


def test_the_owner_of_what_is_made_ready_for_a_visit_is_reminded_and_a_moved_visit_starts_again(council):
    office = aisha(council).user
    owner = priya(council).user
    visit = make_visit(council)
    task = visit_changes.add_task(
        visit, title="Evidence index", owner=owner, due_on=date(2026, 5, 13), by=office, on=TODAY
    )

    run()

    (email,) = [email for email in mail.outbox if email.to == [owner.email]]
    assert email.subject == "1 thing to make ready for monitoring visit 1"
    assert [row.readiness_task for row in queued(Kind.READINESS)] == [task]


# A council's own numbers


def test_a_council_reminds_by_its_own_numbers_and_others_by_the_usual_ones(council):
    other = make_authority("Southmere Council", "southmere")
    for authority in (council, other):
        make_action(authority, owner=make_member(authority, name=f"Owner of {authority.slug}").user,
                    deadline=calendar().add(TODAY, 15))  # fmt: skip
    account_changes.set_practice(
        council, code="remind_first", value=15, source="Agreed by the board", by=None, reason=REASON
    )

    run()

    assert [row.authority for row in queued(Kind.DUE)] == [council]


def test_an_action_that_is_finished_takes_everything_back(council):
    owner = priya(council).user
    priority = make_priority(make_plan(council), lead=marcus(council).user)
    action = make_action(priority=priority, owner=owner, deadline=working_days_ago(6))
    make_evidence(action)
    outbox.queue_due(on=TODAY)

    make_update(action, by=owner, says_done=True, on=TODAY)

    assert fresh(action).claimed_on == TODAY
    assert run().sent == 0
    assert run(TODAY + timedelta(days=1)).sent == 0
