from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    helen,
    ines,
    make_action,
    make_authority,
    make_member,
    priya,
    rachel,
)  # fmt: skip
from tracker.actions.tasks import flag_overdue
from tracker.dates.models import calendar
from tracker.reminders import changes, heartbeat, jobs, outbox
from tracker.reminders.models import Digest, JobRun, Reminder, Retry

LONDON = ZoneInfo("Europe/London")
PAGE = "/emails/jobs/"
MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=UTC)
NO_SUCH = "The mail server answered 550 No such user"
REASON = "The address is corrected"


@pytest.fixture
def at(monkeypatch):
    """Sets the real moment, by which jobs are judged."""

    def set_to(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    set_to(london(2026, 5, 6, 10))
    return set_to


def london(*parts):
    return datetime(*parts, tzinfo=LONDON)


def ran(job="reminders.deliver", at=None, **fields):
    return JobRun.objects.create(job=job, last_good_at=at, **fields)


def failed(member, *, on=TODAY, title="Screen every notification", **fields):
    """An email that the mail server refused for good, with the reminder in it."""
    make_action(member.authority, owner=member.user, deadline=on - timedelta(days=1), title=title)
    outbox.queue_due(on=on)
    digest = Digest.objects.create(
        authority=member.authority,
        recipient=member.user,
        on=on,
        opened_at=MORNING,
        state=Digest.State.FAILED,
        tries=1,
        last_error=NO_SUCH,
        address=member.user.email,
        subject="1 of your actions is overdue",
        **fields,
    )
    Reminder.objects.filter(recipient=member.user).update(digest=digest)
    return digest


# The daily run


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("last_good_at", "now", "silent"),
    [
        (london(2026, 5, 5, 17), london(2026, 5, 6, 8, 59), False),
        (london(2026, 5, 5, 17), london(2026, 5, 6, 9), True),
        (london(2026, 5, 6, 8), london(2026, 5, 6, 9), False),
        (london(2026, 5, 6, 7, 59), london(2026, 5, 6, 9), True),  # Before any email may go.
        (london(2026, 5, 6, 8), london(2026, 5, 7, 8, 59), False),
        (london(2026, 5, 1, 17), london(2026, 5, 2, 9), False),  # Saturday, and nothing is wanted of it...
        (london(2026, 5, 1, 17), london(2026, 5, 2, 20), True),  # ...but 26 hours without a run is a dead worker.
        (london(2026, 5, 4, 20), london(2026, 5, 4, 21), False),  # The bank holiday.
        (london(2026, 5, 4, 20), london(2026, 5, 5, 9), True),
        (london(2026, 10, 23, 17), london(2026, 10, 26, 9), True),  # After a change of the clocks.
        (london(2026, 10, 26, 8), london(2026, 10, 26, 9), False),
        (datetime(2026, 7, 1, 7, tzinfo=UTC), london(2026, 7, 1, 9), False),  # 8:00am in London, in summer.
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), london(2026, 7, 1, 9), True),
    ],
)
def test_a_daily_run_is_missed_at_nine_on_a_working_day(last_good_at, now, silent):
    assert heartbeat.is_silent(last_good_at, now=now, days=calendar()) is silent


@pytest.mark.django_db
def test_past_the_end_of_the_bank_holidays_weekdays_are_working_days():
    now = london(2099, 1, 7, 10)

    assert heartbeat.is_silent(london(2099, 1, 6, 17), now=now, days=calendar())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("", ""),
        (
            "OperationalError: server closed the connection\nDETAIL: more",
            "OperationalError: server closed the connection",
        ),
        ('\n  DoesNotExist: no "Priya Nair"  \n', "DoesNotExist: no …"),
        ("SMTPException: priya@council.example refused", "SMTPException: an address refused"),
        ("IntegrityError: Key (title)=(One family)", "IntegrityError: Key …"),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_an_error_is_told_in_short_and_quotes_nothing_of_any_council(error, said):
    assert jobs.in_short(error) == said


# The page


@pytest.mark.django_db
def test_before_any_run_the_page_says_it_is_waiting(client, signed_in, council, at):
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Waiting. No job has run yet." in page
    assert "Waiting for its first run" in page


@pytest.mark.django_db
def test_jobs_that_run_are_said_to_with_their_last_runs(client, signed_in, council, at):
    for job in jobs.NAMES:
        ran(job, london(2026, 5, 6, 9, 58))
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Yes. The jobs run." in page
    assert "6 May 2026 at 9:58am" in page
    assert "app-verdict--overdue" not in page


@pytest.mark.django_db
def test_a_silent_job_is_named_in_red(client, signed_in, council, at):
    ran("reminders.queue_due", london(2026, 5, 6, 9, 58))
    ran("reminders.deliver", london(2026, 5, 5, 17))
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "The daily run has not happened." in page
    assert "app-verdict--overdue" in page
    assert "Not running" in page
    assert "last working day: send the emails." in page


@pytest.mark.django_db
def test_a_failed_run_is_told_with_its_error(client, signed_in, council, at):
    ran(
        "reminders.deliver",
        london(2026, 5, 6, 9, 30),
        last_failed_at=london(2026, 5, 6, 9, 58),
        last_error="OperationalError: no connection",
    )
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Last run failed" in page
    assert "OperationalError: no connection" in page


@pytest.mark.django_db
def test_each_number_of_today_opens_the_list_of_as_many(client, signed_in, council, at):
    people = [make_member(council, name=f"Person {letter}") for letter in "ABCDEF"]
    states = [
        {"state": Digest.State.QUEUED},
        {"state": Digest.State.QUEUED, "last_error": "The mail server answered 451 Later"},
        {"state": Digest.State.SENDING},
        {"state": Digest.State.FAILED, "last_error": NO_SUCH},
        {"state": Digest.State.SENT, "is_uncertain": True},
        {"state": Digest.State.SENT, "on": date(2026, 5, 5)},
    ]
    for person, fields in zip(people, states, strict=True):
        Digest.objects.create(authority=council, recipient=person.user, opened_at=MORNING, **{"on": TODAY, **fields})
    officer = aisha(council)
    signed_in(client, officer)

    counted = jobs.counts(officer, on=TODAY)
    page = client.get(PAGE).content.decode()

    assert counted == {"queued": 2, "sending": 1, "put-back": 1, "failed": 1, "uncertain": 1, "sent": 1}
    for name, number in counted.items():
        address = f"/emails/?show={name}&on=2026-05-06"
        assert address.replace("&", "&amp;") in page
        assert len(client.get(address).context["page"].object_list) == number


@pytest.mark.django_db
def test_what_was_not_delivered_is_listed_with_why_and_a_way_to_try_again(client, signed_in, council, at):
    digest = failed(priya(council))
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert NO_SUCH in page
    assert f'href="/emails/{digest.pk}/retry/"' in page


@pytest.mark.django_db
def test_an_uncertain_email_needs_nothing_done(client, signed_in, council, at):
    Digest.objects.create(
        authority=council,
        recipient=priya(council).user,
        on=TODAY,
        opened_at=MORNING,
        state=Digest.State.SENT,
        is_uncertain=True,
    )
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "a copy may have arrived" in page
    assert "/retry/" not in page


@pytest.mark.django_db
def test_nothing_to_look_at_is_said(client, signed_in, council, at):
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Every email of the last 30 days was delivered" in page


@pytest.mark.django_db
@pytest.mark.parametrize("who", [priya, rachel, helen, ines])
def test_others_do_not_see_the_jobs(client, signed_in, council, at, who):
    assert signed_in(client, who(council)).get(PAGE).status_code == 403


@pytest.mark.django_db
def test_an_administrator_sees_the_jobs_and_may_not_try_again(client, signed_in, council, at):
    digest = failed(priya(council))
    signed_in(client, make_member(council, Role.ADMINISTRATOR, "Bola Adewale"))

    assert "The programme office can try again" in client.get(PAGE).content.decode()
    assert client.post(f"/emails/{digest.pk}/retry/", {"reason": REASON}).status_code == 403
    assert fresh(digest).state == Digest.State.FAILED


@pytest.mark.django_db
def test_one_councils_failures_are_not_told_to_another(client, signed_in, council, at):
    digest = failed(priya(council))
    other = make_member(make_authority("Southmere Council", "southmere"), Role.PROGRAMME_OFFICE, "Amy Doyle")
    signed_in(client, other)

    page = client.get(PAGE).content.decode()
    assert NO_SUCH not in page
    assert jobs.counts(other, on=TODAY)["failed"] == 0
    assert client.get(f"/emails/{digest.pk}/retry/").status_code == 404
    assert client.post(f"/emails/{digest.pk}/retry/", {"reason": REASON}).status_code == 404


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_failures(
    client, signed_in, council, at, django_assert_max_num_queries
):
    officer = aisha(council)
    for letter in "ABCDE":
        digest = Digest.objects.create(
            authority=council,
            recipient=make_member(council, name=f"Person {letter}").user,
            on=TODAY,
            opened_at=MORNING,
            state=Digest.State.FAILED,
        )
        changes.retry(digest, by=officer.user, reason=REASON, on=TODAY, at=MORNING)
        Digest.objects.filter(pk=digest.pk).update(state=Digest.State.FAILED)
    signed_in(client, officer)

    with django_assert_max_num_queries(10):
        client.get(PAGE)


# Trying again


@pytest.mark.django_db
def test_an_email_of_today_goes_again_under_the_same_message_id(client, signed_in, council, at):
    digest = failed(priya(council))
    before = digest.message_id("host")
    signed_in(client, aisha(council))

    page = client.post(f"/emails/{digest.pk}/retry/", {"reason": REASON}, follow=True).content.decode()

    digest = fresh(digest)
    assert (digest.state, digest.tries, digest.message_id("host")) == (Digest.State.QUEUED, 0, before)
    assert "The email to Priya Nair waits to be sent again." in page
    assert "Aisha Rahman" in page
    assert REASON in page
    assert Digest.objects.due(on=TODAY, now=MORNING).get() == digest


@pytest.mark.django_db
def test_who_tried_again_when_and_why_is_kept(council):
    digest, officer = failed(priya(council)), aisha(council)

    changes.retry(digest, by=officer.user, reason=REASON, on=TODAY, at=MORNING)

    row = Retry.objects.get()
    assert (row.digest, row.by, row.at, row.reason, row.was) == (digest, officer.user, MORNING, REASON, "failed")


@pytest.mark.django_db
def test_what_an_earlier_email_said_goes_with_the_next(client, signed_in, council, at):
    digest = failed(priya(council), on=date(2026, 5, 1))
    signed_in(client, aisha(council))

    page = client.post(f"/emails/{digest.pk}/retry/", {"reason": REASON}, follow=True).content.decode()

    assert fresh(digest).state == Digest.State.SUPERSEDED
    assert Reminder.objects.waiting().count() == 1
    assert "What the email to Priya Nair said goes with their next email" in page


@pytest.mark.django_db
def test_an_email_that_waits_to_go_again_is_not_taken_for_a_stuck_one(council):
    digest = failed(priya(council))
    later = MORNING + timedelta(hours=6)

    changes.retry(digest, by=aisha(council).user, reason=REASON, on=TODAY, at=later)

    assert not outbox.health(on=TODAY, now=later + timedelta(minutes=1)).is_stuck


@pytest.mark.django_db
def test_the_second_of_two_people_is_told_what_it_says_now(client, signed_in, council, at):
    digest, officer = failed(priya(council)), aisha(council)
    changes.retry(digest, by=rachel(council).user, reason="Mailbox is there again", on=TODAY, at=MORNING)

    page = signed_in(client, officer).post(f"/emails/{digest.pk}/retry/", {"reason": REASON}).content.decode()

    assert "This email is not failed any more. It says now: waiting to be sent." in page
    assert Retry.objects.count() == 1


@pytest.mark.django_db
def test_an_email_to_a_stopped_address_says_what_to_do_first(client, signed_in, council, at):
    owner = priya(council)
    digest = failed(owner)
    for day in (4, 5, 6):
        changes.note_refusals([(owner.user.pk, owner.user.email, NO_SUCH)], on=date(2026, 5, day))
    page = signed_in(client, aisha(council)).post(f"/emails/{digest.pk}/retry/", {"reason": REASON}).content.decode()

    assert "Nothing is sent to priya.nair@council.example" in page
    assert fresh(digest).state == Digest.State.FAILED


@pytest.mark.django_db
def test_a_reason_is_asked_for(client, signed_in, council, at):
    digest = failed(priya(council))
    page = signed_in(client, aisha(council)).post(f"/emails/{digest.pk}/retry/", {"reason": ""}).content.decode()

    assert "Enter why the email should go now" in page
    assert fresh(digest).state == Digest.State.FAILED


@pytest.mark.django_db
@pytest.mark.parametrize("who", [dee, helen, ines])
def test_others_do_not_find_the_email_at_all(client, signed_in, council, at, who):
    digest = failed(priya(council))

    answer = signed_in(client, who(council)).post(f"/emails/{digest.pk}/retry/", {"reason": REASON})

    # An inspector is told that they only read, whatever they send.
    assert answer.status_code == (403 if who is ines else 404)


@pytest.mark.django_db
def test_its_own_recipient_may_not_send_it_again(client, signed_in, council, at):
    owner = priya(council)
    digest = failed(owner)

    assert signed_in(client, owner).post(f"/emails/{digest.pk}/retry/", {"reason": REASON}).status_code == 403


@pytest.mark.django_db
def test_the_email_itself_offers_the_programme_office_to_try_again(client, signed_in, council, at):
    owner = priya(council)
    digest = failed(owner)

    assert "/retry/" in signed_in(client, aisha(council)).get(f"/emails/{digest.pk}/").content.decode()
    assert "/retry/" not in signed_in(client, owner).get(f"/emails/{digest.pk}/").content.decode()


# Restricted titles


@pytest.mark.django_db
def test_no_restricted_title_is_on_these_pages(client, signed_in, council, at):
    owner = priya(council)
    digest = failed(owner)
    make_action(council, owner=owner.user, title="A secret", is_restricted=True, restricted_reason="One family")
    outbox.queue_due(on=TODAY)
    signed_in(client, make_member(council, Role.ADMINISTRATOR, "Bola Adewale"))

    for address in (PAGE, "/emails/", "/emails/addresses/", f"/emails/{digest.pk}/"):
        assert "A secret" not in client.get(address).content.decode()


# Noting what ran


@pytest.mark.django_db
def test_a_good_and_a_failed_run_of_a_job_are_both_kept():
    changes.note_run("actions.flag_overdue", at=MORNING)
    changes.note_run("actions.flag_overdue", at=MORNING + timedelta(minutes=15), error="OperationalError: gone")

    run = JobRun.objects.get()
    assert (run.last_good_at, run.last_failed_at, run.last_error) == (
        MORNING,
        MORNING + timedelta(minutes=15),
        "OperationalError: gone",
    )


@pytest.mark.django_db
def test_every_job_that_runs_is_noted_whatever_room_it_is_of(today, monkeypatch):
    def refuse(**kwargs):
        raise ValueError("no such thing")

    flag_overdue.apply()
    monkeypatch.setattr("tracker.actions.flags.flag_overdue", refuse)
    flag_overdue.apply()

    run = JobRun.objects.get(job="actions.flag_overdue")
    assert run.last_good_at < run.last_failed_at
    assert run.last_error == "ValueError: no such thing"
