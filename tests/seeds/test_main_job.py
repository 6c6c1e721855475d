"""The main job on real input: Buckinghamshire on 3 and 4 November 2014, from the record to each owner's email."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO

from django.core import mail
from django.core.management import call_command
from django.test import TestCase, override_settings

from accounts.models import Authority, User
from tests.seeds.conftest import seed
from tests.seeds.test_record import stated_late
from tracker.actions import changes
from tracker.actions.models import Action, OverdueFlag
from tracker.dates.models import calendar
from tracker.inspections.models import Clock, Inspection
from tracker.inspections.rules import day_of_clock, working_of
from tracker.reminders import outbox
from tracker.reminders.models import Digest, Reminder

MONDAY, TUESDAY = date(2014, 11, 3), date(2014, 11, 4)

# Who is owed something on Monday: owners whose actions are late or due in 10 working days, and for the clock, at
# 10 working days, the director and the programme office; leads of priorities and the director of what is late for long.
OWED_ON_MONDAY = {
    "systems-manager": {("late", "6.1")},
    "partnership-manager": {("late", "1.3"), ("due", "1.2")},
    "head-child-protection": {("late", "2.5"), ("late", "2.7"), ("due", "2.3")},
    "principal-reviewing-officer": {("late", "5.3")},
    "head-first-response": {("late", "4.2"), ("due", "4.3")},
    "head-fostering-adoption": {("late", "5.8")},
    "head-early-help": {("due", "4.4")},
    "head-quality": {("due", "1.5"), ("due", "2.10"), ("escalated_lead", "2.5"), ("escalated_lead", "2.7")},
    "head-children-in-care": {("due", "5.6")},
    "director": {
        ("clock", "2014-11-17"),
        ("escalated_lead", "1.3"),
        ("escalated_director", "1.3"),
        ("escalated_director", "6.1"),
        ("weekly", "2014-11-03"),
    },
    "programme-manager": {("clock", "2014-11-17"), ("weekly", "2014-11-03")},
}
# On Tuesday: 4.4 is late since yesterday, 2.7 has been for 7 working days, 5.5 is 10 working days away, and 5.3 has
# been late for a week, of which the lead of its priority is told.
NEWLY_OWED_ON_TUESDAY = {
    "head-early-help": {("late", "4.4")},
    "head-child-protection": {("late", "2.7")},
    "leaving-care-manager": {("due", "5.5")},
    "head-children-in-care": {("escalated_lead", "5.3")},
}
# The clocks of the other three reports of that August.
OTHER_COUNCILS = {"barnsley", "cambridgeshire", "newham"}


def daily(on: date) -> dict[str, object]:
    said = StringIO()
    call_command("daily", "--on", on.isoformat(), "--json", stdout=said)
    return json.loads(said.getvalue())


def owed(on: date) -> dict[str, set[tuple[str, str]]]:
    """What was queued on a day for Buckinghamshire, by person."""
    found: dict[str, set[tuple[str, str]]] = {}
    for reminder in Reminder.objects.filter(
        authority__slug="buckinghamshire", queued_on=on, cancelled_on__isnull=True
    ).select_related("recipient", "action"):
        what = reminder.action.reference if reminder.action else reminder.day.isoformat()
        found.setdefault(reminder.recipient.email.partition("@")[0], set()).add((reminder.kind, what))
    return found


def sent() -> dict[str, mail.EmailMultiAlternatives]:
    """The emails in the outbox for Buckinghamshire, by person: one each."""
    to = [message.to[0] for message in mail.outbox if message.to[0].endswith("@buckinghamshire.example")]
    assert len(to) == len(set(to))
    return {message.to[0].partition("@")[0]: message for message in mail.outbox if message.to[0] in to}


@override_settings(TRACKER_TODAY=MONDAY)
class TestTheMainJob(TestCase):
    """Loaded once for all these tests."""

    @classmethod
    def setUpTestData(cls):
        seed("record")
        cls.council = Authority.objects.get(slug="buckinghamshire")

    def action(self, reference: str) -> Action:
        return Action.objects.get(authority=self.council, reference=reference)

    def test_the_clock_is_due_on_17_november_and_on_day_60_of_70(self):
        days = calendar()
        clock = Clock.objects.get(authority=self.council, inspection__reference="2014-sif", kind=Clock.Kind.PLAN)

        assert f"{clock.due:%A %-d %B %Y}" == "Monday 17 November 2014"
        assert (clock.length, clock.unit) == (70, Clock.Unit.WORKING_DAYS)
        assert day_of_clock(clock.trigger_on, MONDAY, days) == 60
        assert days.between(MONDAY, clock.due) == 10

    def test_the_clock_explains_the_17_october_of_the_newspaper(self):
        inspection = Inspection.objects.get(authority=self.council, reference="2014-sif")
        working = working_of(inspection.received_on, 70, Clock.Unit.WORKING_DAYS, calendar())

        assert working.calendar_days_reading == date(2014, 10, 17)
        assert [day.reason for day in working.skipped_holidays] == ["Late Summer Bank Holiday"]
        said = StringIO()
        call_command("deadline", "2014-08-08", stdout=said)
        assert "due Monday 17 November 2014 (70 working days)" in said.getvalue()
        assert "70 calendar days would be 17 October 2014; the law counts working days." in said.getvalue()

    def test_the_run_flags_exactly_what_is_late(self):
        done = daily(MONDAY)

        flags = OverdueFlag.objects.select_related("action")
        assert done["flagged"] == 7
        assert {flag.action.reference: flag.deadline for flag in flags} == {
            reference: deadline for reference, (_, deadline, _) in stated_late(MONDAY).items()
        }
        assert {flag.flagged_on for flag in flags} == {MONDAY}
        assert all(flag.history.count() == 1 for flag in flags)

    def test_the_run_sends_one_email_to_each_person_owed_something(self):
        done = daily(MONDAY)

        assert owed(MONDAY) == OWED_ON_MONDAY
        assert set(sent()) == set(OWED_ON_MONDAY)
        elsewhere = Counter(Digest.objects.exclude(authority=self.council).values_list("authority__slug", flat=True))
        assert elsewhere == dict.fromkeys(OTHER_COUNCILS, 2)
        assert (done["sent"], done["failed"]) == (len(OWED_ON_MONDAY) + 6, 0)
        assert set(Digest.objects.values_list("state", flat=True)) == {Digest.State.SENT}

    def test_each_email_says_what_is_late_and_by_how_much(self):
        daily(MONDAY)

        text = " ".join(sent()["head-child-protection"].body.split())
        assert sent()["head-child-protection"].subject == "2 of your actions are overdue and 1 is due by 10 November"
        assert "8 working days overdue. Was due Wednesday 22 October 2014." in text
        assert "6 working days overdue. Was due Friday 24 October 2014." in text
        assert "17 November 2014" in " ".join(sent()["director"].body.split())

    def test_running_again_does_nothing(self):
        daily(MONDAY)
        again = daily(MONDAY)

        assert (again["flagged"], again["queued"], again["sent"], again["failed"]) == (0, 0, 0, 0)
        assert len(mail.outbox) == len(OWED_ON_MONDAY) + 6

    def test_the_next_day_sends_only_what_is_newly_owed(self):
        daily(MONDAY)
        mail.outbox.clear()
        done = daily(TUESDAY)

        assert owed(TUESDAY) == NEWLY_OWED_ON_TUESDAY
        assert set(sent()) == set(NEWLY_OWED_ON_TUESDAY)
        assert (done["flagged"], done["sent"], len(mail.outbox)) == (1, 4, 4)
        assert OverdueFlag.objects.get(flagged_on=TUESDAY).action == self.action("4.4")

    def test_saying_that_an_action_is_done_cancels_what_was_queued_for_it(self):
        daily(MONDAY)
        mail.outbox.clear()
        outbox.queue_due(on=TUESDAY)
        action, owner = self.action("4.4"), User.objects.get(email="head-early-help@buckinghamshire.example")
        morning = datetime(2014, 11, 4, 9, 0, tzinfo=UTC)
        changes.add_evidence(
            action, title="Notes of the meetings", location="Early help folder, 4.4", by=owner, on=TUESDAY, at=morning
        )
        changes.record_update(
            action, narrative="Every district has met.", rating="", says_done=True, by=owner, on=TUESDAY, at=morning
        )

        done = daily(TUESDAY)

        assert done["flagged"] == 0
        assert set(sent()) == set(NEWLY_OWED_ON_TUESDAY) - {"head-early-help"}
        cancelled = Reminder.objects.get(action=action, queued_on=TUESDAY)
        assert (cancelled.cancelled_on, cancelled.digest) == (TUESDAY, None)
