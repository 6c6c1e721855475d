from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from accounts import changes as account_changes
from tests.factories import (
    TODAY,
    aisha,
    dee,
    make_action,
    make_authority,
    make_deadline_change,
    make_evidence,
    make_inspection,
    make_member,
    make_plan,
    make_update,
    make_visit,
    marcus,
    priya,
    rachel,
)
from tracker.actions import changes
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.reminders import mail as post_office
from tracker.reminders import outbox
from tracker.reminders.models import Digest, Reminder
from tracker.reminders.outbox import delivering

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=UTC)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, 5, tzinfo=UTC)


def run(day: date = TODAY, *, now: datetime | None = None) -> outbox.Delivered:
    """Queue and deliver as the schedule does on a day."""
    outbox.queue_due(on=day)
    return outbox.deliver(on=day, at=at(day), now=lambda: now or at(day))


@pytest.fixture
def priyas_action(council):
    return make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5))


def test_an_owner_gets_one_email_that_joins_what_is_owed(council):
    owner = priya(council).user
    make_action(council, owner=owner, deadline=date(2026, 5, 5), title="Screen every notification")
    make_action(council, owner=owner, deadline=date(2026, 5, 13), title="Agree the rota")

    delivered = run()

    assert delivered.sent == 1
    (email,) = mail.outbox
    assert email.to == [owner.email]
    assert email.subject == "1 of your actions is overdue and 1 is due by 13 May"
    assert "◆ 1 working day overdue. Was due Tuesday 5 May 2026." in email.body
    assert "Due Wednesday 13 May 2026, in 5 working days." in " ".join(email.body.split())
    assert email.alternatives[0].mimetype == "text/html"


def test_running_again_sends_nothing(priyas_action):
    run()

    assert run().sent == 0
    assert len(mail.outbox) == 1
    assert Reminder.objects.count() == 1


def test_a_day_missed_is_caught_up_once(priyas_action):
    run(date(2026, 5, 6))
    delivered = run(date(2026, 5, 15))

    assert delivered.sent == 1
    assert len(mail.outbox) == 2
    assert list(Reminder.objects.order_by("pk").values_list("step", flat=True)) == [-1, -7]


def test_nothing_new_the_next_day_sends_nothing(priyas_action):
    run()

    assert run(date(2026, 5, 7)).sent == 0


@pytest.mark.parametrize("day", [date(2026, 5, 9), date(2026, 5, 10), date(2026, 5, 25)])
def test_no_mail_on_weekends_and_bank_holidays(council, day):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5))

    assert run(day).sent == 0
    assert not mail.outbox


def test_no_mail_before_8am(priyas_action):
    outbox.queue_due(on=TODAY)

    assert outbox.deliver(on=TODAY, at=MORNING.replace(hour=7), now=lambda: MORNING).sent == 0


def test_finishing_an_action_cancels_what_was_queued_for_it(priyas_action):
    outbox.queue_due(on=TODAY)
    make_evidence(priyas_action)
    make_update(priyas_action, says_done=True)

    delivered = outbox.deliver(on=TODAY, at=at(TODAY), now=lambda: MORNING)

    assert delivered.sent == 0
    assert Reminder.objects.get().cancelled_on == TODAY


def test_moving_a_deadline_cancels_what_was_queued_and_starts_again(priyas_action):
    outbox.queue_due(on=TODAY)
    make_deadline_change(priyas_action, to=date(2026, 5, 13))

    run()

    assert [(row.day, row.step, row.cancelled_on) for row in Reminder.objects.order_by("pk")] == [
        (date(2026, 5, 5), -1, TODAY),
        (date(2026, 5, 13), 5, None),
    ]
    assert mail.outbox[0].subject == "1 of your actions is due by 13 May"


def test_handing_over_sends_to_the_new_owner_only(council, priyas_action):
    outbox.queue_due(on=TODAY)
    other = dee(council).user
    changes.hand_over(priyas_action, to=other, by=None, on=TODAY, reason="Moved team")

    run()

    assert [email.to for email in mail.outbox] == [[other.email]]


def test_the_head_of_service_is_reminded_when_the_owner_has_left(council):
    head = marcus(council)
    owner = priya(council).user
    make_action(council, owner=owner, deadline=date(2026, 5, 5), service=head.memberships[0].service)
    account_changes.switch_off(owner, by=None, reason="Left")

    run()

    (email,) = mail.outbox
    assert email.to == [head.user.email]
    assert "Its owner, Priya Nair, has left" in " ".join(email.body.split())


def test_nobody_is_written_to_when_the_owner_has_left_and_nobody_stands_in(council, priyas_action):
    account_changes.switch_off(priyas_action.owner, by=None, reason="Left")

    assert run().sent == 0


def test_a_person_whose_role_ended_gets_nothing(council):
    owner = make_member(council, name="Sam Porter", ends_on=date(2026, 5, 6)).user
    make_action(council, owner=owner, deadline=date(2026, 5, 6))

    assert run(date(2026, 5, 7)).sent == 0
    assert Digest.objects.get().state == Digest.State.NOTHING_OWED


def test_actions_due_before_the_next_visit_are_told_20_and_5_working_days_before(council):
    owner = priya(council).user
    make_action(council, owner=owner, deadline=date(2026, 6, 1))
    make_visit(council, starts_on=date(2026, 6, 4), ends_on=date(2026, 6, 5))

    run()

    assert mail.outbox[0].subject == "Monitoring visit 1 in 20 working days: 1 of your actions is due before the visit"
    assert run(date(2026, 5, 7)).sent == 0


def test_an_action_due_after_the_visit_is_not_told(council):
    make_action(council, owner=priya(council).user, deadline=date(2026, 6, 8))
    make_visit(council, starts_on=date(2026, 6, 4), ends_on=date(2026, 6, 5))

    assert run().sent == 0


def test_director_and_programme_office_are_told_of_the_clock(council):
    director, programme = rachel(council).user, aisha(council).user
    priya(council)
    inspection = make_inspection(council, received_on=date(2026, 1, 30))
    plan_clock, *_ = inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    day = calendar().add(plan_clock.due, -10)

    run(day)

    assert sorted(email.to[0] for email in mail.outbox) == sorted([director.email, programme.email])
    assert {email.subject for email in mail.outbox} == {"10 working days left to send and publish the plan"}
    assert run(calendar().add(day, 1)).sent == 0


def test_a_clock_that_was_met_is_not_told(council):
    aisha(council)
    inspection = make_inspection(council, received_on=date(2026, 1, 30))
    plan_clock, *_ = inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    inspection_changes.stop_clock(plan_clock, met_on=date(2026, 4, 1), on=date(2026, 4, 1), by=None, reason="Sent")

    assert run(calendar().add(plan_clock.due, -10)).sent == 0


def test_a_restricted_title_never_leaves_in_mail(council):
    make_action(
        council,
        owner=priya(council).user,
        deadline=date(2026, 5, 5),
        title="Secret title",
        is_restricted=True,
        restricted_reason="Names a member of staff",
    )

    run()

    (email,) = mail.outbox
    everything = f"{email.subject} {email.body} {email.alternatives[0].content}"
    assert "Secret title" not in everything
    assert "1 restricted action. Sign in to see it." in everything


def test_two_councils_never_meet_in_one_email(council):
    person = make_member(council, name="Sam Porter").user
    other = make_authority("Southmere Council", "southmere")
    make_member(other, user=person)
    make_action(council, owner=person, deadline=date(2026, 5, 5), title="North thing")
    make_action(other, owner=person, deadline=date(2026, 5, 5), title="South thing")

    run()

    north, south = sorted(mail.outbox, key=lambda email: email.from_email)
    assert "North thing" in north.body
    assert "South thing" not in north.body
    assert "South thing" in south.body
    assert "North thing" not in south.body


def test_at_most_10_actions_are_listed_and_the_rest_are_counted(council):
    owner = priya(council).user
    for _ in range(12):
        make_action(council, owner=owner, deadline=date(2026, 5, 5))

    run()

    (email,) = mail.outbox
    assert email.subject == "12 of your actions are overdue"
    assert email.body.count("working day overdue") == 10
    assert "And 2 more." in email.body
    assert "See all 12 of your open actions" in email.body


def test_the_plain_text_keeps_within_77_characters_a_line(council):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5), title="A long title " * 14)

    run()

    assert all(
        len(line) <= 77 or line.startswith("http") or ": http" in line for line in mail.outbox[0].body.splitlines()
    )


def test_a_title_with_html_is_shown_and_does_not_run(council):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5), title="<script>alert(1)</script>")

    run()

    html = mail.outbox[0].alternatives[0].content
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_message_id_is_short_and_the_same_for_every_try(priyas_action):
    run()
    digest = Digest.objects.get()

    assert mail.outbox[0].extra_headers["Message-ID"] == digest.message_id(post_office.host())
    assert len(digest.message_id(post_office.host())) < 76


def test_what_was_sent_is_kept(priyas_action):
    run()

    digest = Digest.objects.get()
    assert (digest.state, digest.subject, digest.text) == (
        Digest.State.SENT,
        mail.outbox[0].subject,
        mail.outbox[0].body,
    )


class Refusing:
    """Stands for the post office and answers some addresses with an error."""

    def __init__(self, monkeypatch, error, address=None):
        self.real = post_office.Post.send
        self.error, self.address = error, address
        monkeypatch.setattr(post_office.Post, "send", self._send_or_raise())

    def _send_or_raise(self):
        outer = self

        def send(post, email, **options):
            if outer.address in (None, email.address):
                raise outer.error
            outer.real(post, email, **options)

        return send


def test_a_refused_address_does_not_hold_up_the_others_and_the_refusal_is_kept(council, monkeypatch):
    bad, good = priya(council).user, dee(council).user
    make_action(council, owner=bad, deadline=date(2026, 5, 5))
    make_action(council, owner=good, deadline=date(2026, 5, 5))
    Refusing(monkeypatch, post_office.RefusedForGood("The mail server answered 550 No such user"), bad.email)

    delivered = run()

    assert (delivered.sent, delivered.failed) == (1, 1)
    failed = Digest.objects.get(recipient=bad)
    assert failed.state == Digest.State.FAILED
    assert failed.last_error == "The mail server answered 550 No such user"
    assert run().sent == 0


def test_a_refusal_for_now_is_tried_again_later_and_later_and_then_given_up(council, monkeypatch):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5))
    Refusing(monkeypatch, post_office.RefusedForNow("The mail server answered 451 Try later"))
    now = MORNING
    waits = []
    for _ in range(outbox.MOST_TRIES):
        run(now=now)
        digest = Digest.objects.get()
        if digest.state == Digest.State.FAILED:
            break
        waits.append(digest.next_try_at - now)
        now = digest.next_try_at

    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=2)
    assert digest.state == Digest.State.FAILED
    assert digest.tries == outbox.MOST_TRIES


def test_a_line_that_breaks_after_handing_over_is_tried_again_and_marked_uncertain(priyas_action, monkeypatch):
    Refusing(monkeypatch, post_office.BrokeOff("gone", was_handed_over=True))
    run()
    monkeypatch.undo()

    delivered = run(now=MORNING + timedelta(minutes=5))

    digest = Digest.objects.get()
    assert delivered.sent == 1
    assert digest.state == Digest.State.SENT
    assert digest.is_uncertain


def test_a_lease_that_passed_is_taken_over(priyas_action):
    outbox.queue_due(on=TODAY)
    outbox.open_digests(on=TODAY, at=MORNING, now=MORNING)
    (held,) = delivering._claim(on=TODAY, now=MORNING)

    assert outbox.deliver(on=TODAY, at=at(TODAY), now=lambda: MORNING).sent == 0
    later = MORNING + outbox.lease() + timedelta(seconds=1)
    assert outbox.deliver(on=TODAY, at=at(TODAY), now=lambda: later).sent == 1
    assert delivering._settle(held, state=Digest.State.SENT) == 0


def test_a_worker_that_wakes_after_its_lease_sends_nothing(priyas_action):
    outbox.queue_due(on=TODAY)
    outbox.open_digests(on=TODAY, at=MORNING, now=MORNING)
    held = delivering._claim(on=TODAY, now=MORNING)
    woken = MORNING + outbox.lease() + timedelta(minutes=1)
    outcome = outbox.Delivered()

    with post_office.Post() as post:
        delivering._send_batch(
            held, post=post, on=TODAY, at=MORNING, days=calendar(), now=lambda: woken, outcome=outcome
        )

    assert not mail.outbox
    assert outcome.put_back == 1


def test_what_an_earlier_day_never_sent_goes_into_todays_email(council, priyas_action):
    outbox.queue_due(on=TODAY)
    outbox.open_digests(on=TODAY, at=MORNING, now=MORNING)
    delivering._attach(delivering._claim(on=TODAY, now=MORNING), on=TODAY, at=MORNING)
    next_day = date(2026, 5, 7)

    delivered = run(next_day)

    assert delivered.sent == 1
    assert Digest.objects.get(on=TODAY).state == Digest.State.SUPERSEDED
    assert Digest.objects.get(on=TODAY).is_uncertain
    assert Reminder.objects.get().digest == Digest.objects.get(on=next_day)


def test_the_statements_of_a_morning_do_not_grow_with_actions(council, django_assert_max_num_queries):
    plan = make_plan(council)
    owners = [make_member(council, name=f"Owner {letter}").user for letter in "ABC"]
    for number in range(30):
        make_action(plan=plan, owner=owners[number % 3], deadline=date(2026, 5, 5))

    with django_assert_max_num_queries(24):  # Each kind has a statement or two.
        outbox.queue_due(on=TODAY)
    with django_assert_max_num_queries(36 + 3):  # A batch, and one statement for each email.
        outbox.deliver(on=TODAY, at=at(TODAY), now=lambda: MORNING)

    assert len(mail.outbox) == 3
