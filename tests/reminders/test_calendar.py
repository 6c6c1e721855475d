"""A person's own calendar: who reads it, what stands in it, and how a change or an end is told."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import changes as account_changes
from accounts.roles import Role
from tests import factories
from tests.actions.pages import text_of
from tests.factories import NOW, REASON, TODAY
from tracker.actions import changes as action_changes
from tracker.audit.history import save_because
from tracker.inspections.models import Clock, GovernanceStep
from tracker.reminders.calendars import changes, ical, rules
from tracker.reminders.calendars.rules import Event, Said
from tracker.reminders.models import CalendarEvent, CalendarFeed
from tracker.visits.models import ReadinessTask

PAGE = "/account/calendar/"


@pytest.fixture
def owner(council):
    return factories.priya(council)


def make_action(council, owner, **fields):
    return factories.make_action(council, owner=owner.user, **fields)


def path_of(secret: str) -> str:
    return reverse("reminders:calendar-feed", args=[secret])


def make_feed(member) -> str:
    """The path of a new calendar of someone."""
    return path_of(changes.make_feed(member, at=NOW)[1])


def strictly(content: bytes) -> icalendar.Calendar:
    """Parse a calendar, refusing whatever RFC 5545 does not allow."""
    text = content.decode("utf-8")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    for line in re.sub("\r\n[ \t]", "", text).removesuffix("\r\n").split("\r\n"):
        name = r'[A-Z0-9-]+(?:;[A-Z0-9-]+=(?:"[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*'
        assert re.fullmatch(rf"{name}:[^\x00-\x1f\x7f]*", line), line
    calendar = icalendar.Calendar.from_ical(content)
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    for component in calendar.walk():
        assert component.errors == []
    events = calendar.walk("VEVENT")
    assert len({str(event["UID"]) for event in events}) == len(events)
    for event in events:
        assert type(event["DTSTART"].dt) is date
        assert type(event["DTEND"].dt) is date
        assert event["DTSTART"].dt < event["DTEND"].dt
        assert event["DTSTAMP"].dt.tzinfo is not None
        assert event["STATUS"] in {"CONFIRMED", "CANCELLED"}
    return calendar


def read(client, path) -> icalendar.Calendar:
    answer = client.get(path)
    assert answer.status_code == 200
    return strictly(answer.content)


def by_summary(calendar) -> dict[str, icalendar.Event]:
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def summaries(client, path) -> list[str]:
    return [str(event["SUMMARY"]) for event in read(client, path).walk("VEVENT")]


# Rules

THE_VISIT = Event("visit-1", date(2026, 6, 9), date(2026, 6, 10), "Monitoring visit 1", "", "/visits/")
AS_SAID = Said(date(2026, 6, 9), date(2026, 6, 10), "Monitoring visit 1", is_cancelled=False)


@pytest.mark.parametrize(
    ("said", "is_news"),
    [
        (None, True),
        (AS_SAID, False),
        (Said(date(2026, 6, 8), date(2026, 6, 10), "Monitoring visit 1", is_cancelled=False), True),
        (Said(date(2026, 6, 9), date(2026, 6, 9), "Monitoring visit 1", is_cancelled=False), True),
        (Said(date(2026, 6, 9), date(2026, 6, 10), "Focused visit", is_cancelled=False), True),
        (Said(date(2026, 6, 9), date(2026, 6, 10), "Monitoring visit 1", is_cancelled=True), True),
    ],
)
def test_a_new_day_other_words_and_a_return_are_news(said, is_news):
    assert rules.is_news(said, THE_VISIT) is is_news


@pytest.mark.parametrize(
    ("on", "is_cancelled", "is_called_off"),
    [
        (date(2026, 6, 8), False, True),
        (date(2026, 6, 10), False, True),
        (date(2026, 6, 11), False, False),
        (date(2026, 6, 8), True, False),
    ],
)
def test_what_is_past_or_called_off_already_is_not_called_off(on, is_cancelled, is_called_off):
    said = Said(AS_SAID.first_on, AS_SAID.last_on, AS_SAID.summary, is_cancelled)

    assert rules.is_called_off(said, on=on) is is_called_off


@pytest.mark.parametrize(("days", "is_told"), [(0, True), (30, True), (31, False)])
def test_an_end_is_told_for_30_days(days, is_told):
    assert rules.is_end_still_told(NOW, at=NOW + timedelta(days=days)) is is_told


@pytest.mark.parametrize(("minutes", "is_noted"), [(None, False), (59, True), (60, False)])
def test_a_reading_is_noted_once_an_hour(minutes, is_noted):
    read_at = None if minutes is None else NOW - timedelta(minutes=minutes)

    assert rules.is_read_noted(read_at, at=NOW) is is_noted


# The file


def file_with(*summaries, name="Northbridge"):
    rows, events = [], {}
    for number, summary in enumerate(summaries):
        event = Event(f"action-{number}", TODAY, TODAY, summary, "A day", "/plans/")
        events[event.key] = event
        rows.append(
            CalendarEvent(key=event.key, starts_on=TODAY, ends_on=TODAY, summary=summary, changed_at=NOW, sequence=0)
        )
    return ical.file_of(name, rows, events, place=ical.Place("https://plan.example", "plan.example"), at=NOW)


@pytest.mark.parametrize(
    "summary",
    [
        "3.4 due: plain",
        "3.4 due: commas, semicolons; colons: and back\\slashes",
        "3.4 due: “Ymddiriedolaeth Plant Cymru” – ŵŷ " + "é" * 120,
        "3.4 due: 家族の計画 " * 12,
        "3.4 due: 👨‍👩‍👧‍👦" * 20,
        "3.4 due: <b>&amp;</b>",
        'quotation " marks and %s and ^n',
        "x" * 300,
    ],
)
def test_a_text_comes_back_as_it_was(summary):
    calendar = strictly(file_with(summary, name=summary))

    assert list(by_summary(calendar)) == [" ".join(summary.split())] or "\u200d" in summary
    assert str(calendar["X-WR-CALNAME"]).replace("\\", "")


@pytest.mark.parametrize("ending", ["\r\nATTENDEE:mailto:x@y.example", "\nEND:VEVENT", "\rX:1", "\x00\x07", "\u2028"])
def test_a_line_break_in_a_text_adds_no_line_to_the_file(ending):
    calendar = strictly(file_with(f"3.4 due{ending}", name=f"Northbridge{ending}"))

    assert len(calendar.walk("VEVENT")) == 1
    assert "ATTENDEE" not in calendar.walk("VEVENT")[0]
    assert "X" not in calendar


def test_a_calendar_says_what_programs_ask_of_it():
    calendar = strictly(file_with("3.4 due: Screen"))
    (event,) = calendar.walk("VEVENT")

    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT1H"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in calendar.to_ical()
    assert b"X-WR-CALNAME:Northbridge\r\n" in calendar.to_ical()
    assert event["UID"] == "action-0@plan.example"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["LAST-MODIFIED"].dt == NOW.astimezone(UTC)
    assert event["URL"] == "https://plan.example/plans/"


def test_an_empty_calendar_is_a_calendar_too():
    assert strictly(file_with()).walk("VEVENT") == []


# What stands in it


def test_an_owners_deadline_stands_in_their_calendar_all_day(client, council, owner):
    action = make_action(council, owner, deadline=date(2026, 7, 31))

    (event,) = read(client, make_feed(owner)).walk("VEVENT")

    assert event["SUMMARY"] == f"{action.reference} due: {action.title}"
    assert event["DTSTART"].dt == date(2026, 7, 31)
    assert event["DTEND"].dt == date(2026, 8, 1)
    assert event["SEQUENCE"] == 0
    assert event["STATUS"] == "CONFIRMED"
    assert event["UID"].startswith(f"action-{action.pk}@")
    assert action.get_absolute_url() in event["DESCRIPTION"]


def test_days_do_not_move_where_the_clocks_change(client, council, owner, today):
    """The last Sundays of October and March, seen before, on and after the night itself."""
    for number, day in enumerate([date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 31)], 1):
        make_action(council, owner, deadline=day, title=f"Number {number}")
    path = make_feed(owner)

    for seen_on in (date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)):
        today(seen_on)
        found = read(client, path).walk("VEVENT")
        assert [(event["DTSTART"].dt, event["DTEND"].dt) for event in found] == [
            (date(2026, 10, 25), date(2026, 10, 26)),
            (date(2026, 12, 31), date(2027, 1, 1)),
            (date(2027, 3, 28), date(2027, 3, 29)),
        ]


def test_visits_the_board_clocks_steps_and_tasks_stand_in_it(client, council, owner):
    inspection = factories.make_inspection(council)
    factories.make_plan(council, board_meets_on=date(2026, 5, 21))
    clock = save_because(
        Clock(
            authority=council,
            inspection=inspection,
            kind=Clock.Kind.PLAN,
            trigger_on=date(2026, 2, 2),
            length=70,
            computed_due=date(2026, 5, 14),
        ),
        by=None,
        reason=REASON,
    )
    step = GovernanceStep(clock=clock, position=1, title="Cabinet approves", due_on=date(2026, 5, 11), owner=owner.user)
    save_because(step, by=None, reason=REASON)
    visit = factories.make_visit(council, agreed_on=date(2026, 4, 20))
    task = ReadinessTask(visit=visit, position=1, title="Timetable", due_on=date(2026, 5, 18), owner=owner.user)
    save_because(task, by=None, reason=REASON)

    found = by_summary(read(client, make_feed(owner)))

    assert list(found) == [
        "Due: Cabinet approves",
        "Due: Send and publish the plan",
        "Due: Timetable",
        "Improvement board",
        "Monitoring visit 1",
    ]
    assert found["Monitoring visit 1"]["DTEND"].dt == date(2026, 6, 11)
    assert "Agreed with Ofsted on 20 April 2026." in found["Monitoring visit 1"]["DESCRIPTION"]
    assert (
        "Set by law. Receipt of the final report: 2 February 2026."
        in (found["Due: Send and publish the plan"]["DESCRIPTION"])
    )


def test_what_is_someone_elses_met_or_without_a_day_stands_in_no_calendar(client, council, owner):
    dee = factories.dee(council)
    make_action(council, dee)
    make_action(council, owner, deadline=None)
    make_action(council, owner, claimed_on=TODAY)
    make_action(council, owner, cancelled_on=TODAY)
    factories.make_visit(council, starts_on=None, ends_on=None, expected_from=date(2026, 6, 1))
    visit = factories.make_visit(council, "old", starts_on=date(2026, 1, 5), ends_on=None)
    task = ReadinessTask(visit=visit, position=1, title="Timetable", due_on=date(2026, 5, 18), owner=dee.user)
    save_because(task, by=None, reason=REASON)

    assert summaries(client, make_feed(owner)) == []


def test_nobody_is_told_the_title_of_a_restricted_action_not_even_its_owner(client, council, owner):
    action = make_action(
        council, owner, title="SECRETMARK", is_restricted=True, restricted_reason="Names a member of staff"
    )
    aisha = factories.aisha(council)
    factories.make_action(council, owner=aisha.user, title="SECRETMARK", is_restricted=True, restricted_reason="x")

    answer = client.get(make_feed(owner))

    assert summaries(client, make_feed(owner)) == [f"Action {action.reference} due"]
    assert b"SECRETMARK" not in answer.content
    assert b"SECRETMARK" not in client.get(make_feed(aisha)).content


def test_a_title_that_was_told_is_taken_back_when_the_action_becomes_restricted(client, council, owner):
    action = make_action(council, owner, title="SECRETMARK")
    path = make_feed(owner)
    assert b"SECRETMARK" in client.get(path).content

    action.is_restricted, action.restricted_reason = True, "Names a member of staff"
    save_because(action, by=None, reason=REASON)

    (event,) = read(client, path).walk("VEVENT")
    assert event["SUMMARY"] == f"Action {action.reference} due"
    assert event["SEQUENCE"] == 1
    assert not CalendarEvent.objects.filter(summary__contains="SECRETMARK").exists()


def test_a_partner_has_their_own_agencys_actions_and_nothing_else(client, council, owner):
    helen = factories.helen(council)
    agency = factories.make_agency(council)
    health = factories.make_agency(council, "Northbridge Health", "health")
    factories.make_plan(council, board_meets_on=date(2026, 5, 21))
    ours = make_action(council, owner, agency=agency, title="Ours")
    make_action(council, owner, agency=health, title="Theirs")
    make_action(council, owner, title="Of the council")
    make_action(council, owner, agency=agency, title="Secret", is_restricted=True, restricted_reason="x")
    factories.make_visit(council)

    assert summaries(client, make_feed(helen)) == [f"{ours.reference} due: Ours"]


def test_a_person_in_two_councils_has_a_calendar_in_each(client, council, owner):
    elsewhere = factories.make_authority("Southbridge", "southbridge")
    there = factories.make_member(elsewhere, user=owner.user)
    make_action(council, owner, title="Here")
    make_action(elsewhere, there, title="There")
    here, away = make_feed(owner), make_feed(there)

    assert summaries(client, here) == ["3.1 due: Here"]
    assert summaries(client, away) == ["3.1 due: There"]
    assert str(read(client, away)["X-WR-CALNAME"]) == "Improvement plan: Southbridge"


# Changes and ends


def the_event(client, path) -> icalendar.Event:
    (event,) = read(client, path).walk("VEVENT")
    return event


def test_a_moved_deadline_keeps_its_name_and_counts_up(client, council, owner):
    action = make_action(council, owner, deadline=date(2026, 7, 31))
    path = make_feed(owner)
    before = the_event(client, path)

    factories.make_deadline_change(action, date(2026, 8, 28))
    after = the_event(client, path)

    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt == date(2026, 8, 28)
    assert the_event(client, path)["SEQUENCE"] == 1


def test_a_finished_action_is_cancelled_for_30_days_and_its_title_is_gone(client, council, owner, today):
    action = make_action(council, owner, title="Screen notifications")
    path = make_feed(owner)
    client.get(path)
    factories.make_evidence(action)
    factories.make_update(action, says_done=True)

    event = the_event(client, path)

    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] == 1
    assert event["SUMMARY"] == "No longer in your calendar"
    assert "DESCRIPTION" not in event
    today(TODAY + timedelta(days=29))
    assert the_event(client, path)["STATUS"] == "CANCELLED"
    today(TODAY + timedelta(days=32))
    assert summaries(client, path) == []


def test_a_reopened_action_comes_back_under_the_same_name(client, council, owner):
    action = make_action(council, owner)
    path = make_feed(owner)
    first = the_event(client, path)
    factories.make_evidence(action)
    factories.make_update(action, says_done=True)
    client.get(path)

    action_changes.send_back(action, by=factories.aisha(council).user, on=TODAY, reason="Not yet")
    event = the_event(client, path)

    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 2)
    assert event["UID"] == first["UID"]


def test_an_action_handed_over_is_cancelled_for_one_and_new_for_the_other(client, council, owner):
    dee = factories.dee(council)
    action = make_action(council, owner)
    hers, theirs = make_feed(owner), make_feed(dee)
    client.get(hers)

    action_changes.hand_over(action, to=dee.user, by=None, on=TODAY, reason="Dee runs it now")

    assert the_event(client, hers)["STATUS"] == "CANCELLED"
    assert the_event(client, theirs)["STATUS"] == "CONFIRMED"


def test_a_day_that_has_passed_drops_out_and_is_not_called_off(client, council, owner, today):
    plan = factories.make_plan(council, board_meets_on=TODAY)
    path = make_feed(owner)
    assert summaries(client, path) == ["Improvement board"]

    today(TODAY + timedelta(days=1))
    plan.board_meets_on = date(2026, 6, 18)
    save_because(plan, by=None, reason=REASON)

    (event,) = read(client, path).walk("VEVENT")
    assert (event["DTSTART"].dt, event["STATUS"]) == (date(2026, 6, 18), "CONFIRMED")


def test_a_board_put_off_is_cancelled_and_the_new_day_is_new(client, council, owner):
    plan = factories.make_plan(council, board_meets_on=date(2026, 5, 21))
    path = make_feed(owner)
    client.get(path)

    plan.board_meets_on = date(2026, 5, 28)
    save_because(plan, by=None, reason=REASON)

    states = [(event["DTSTART"].dt.day, event["STATUS"]) for event in read(client, path).walk("VEVENT")]
    assert states == [(21, "CANCELLED"), (28, "CONFIRMED")]


def test_a_new_link_goes_on_counting_where_the_old_one_stopped(client, council, owner):
    action = make_action(council, owner)
    client.get(make_feed(owner))
    factories.make_deadline_change(action, date(2026, 8, 28))

    event = the_event(client, make_feed(owner))

    assert event["SEQUENCE"] == 1
    assert CalendarEvent.objects.count() == 1


# Who may read it


def test_a_new_link_stops_the_old_one_at_once(client, council, owner):
    old = make_feed(owner)
    new = make_feed(owner)

    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_dead_wrong_and_leavers_links_all_look_the_same(client, council, owner, today):
    dee, marcus = factories.dee(council), factories.marcus(council)
    paths = {name: make_feed(person) for name, person in {"ended": owner, "left": dee, "over": marcus}.items()}
    changes.end_feed(owner, at=NOW)
    account_changes.switch_off(dee.user, by=None, reason=REASON)
    membership = marcus.memberships[0]
    membership.ends_on = TODAY - timedelta(days=1)
    save_because(membership, by=None, reason=REASON)
    paths["wrong"] = path_of("A" * 43)
    paths["short"] = path_of("x")
    paths["odd"] = path_of("é%00'")

    answers = {name: client.get(path) for name, path in paths.items()}

    assert {answer.status_code for answer in answers.values()} == {404}
    bodies = {re.sub(r"shown_url|/calendar/[^<\"]*\.ics", "", answer.content.decode()) for answer in answers.values()}
    assert len({re.sub(r"http://\S+", "", body) for body in bodies}) == 1


def test_it_is_read_without_signing_in_and_whoever_is_signed_in(client, council, owner, signed_in):
    make_action(council, owner, title="Of Priya")
    path = make_feed(owner)

    assert summaries(client, path) == ["3.1 due: Of Priya"]
    assert summaries(signed_in(client, factories.dee(council)), path) == ["3.1 due: Of Priya"]


def test_only_a_hash_of_the_secret_is_kept(council, owner):
    feed, secret = changes.make_feed(owner, at=NOW)

    assert len(secret) == 43
    assert secret not in str(CalendarFeed.objects.values().get(pk=feed.pk))


def test_it_cannot_be_written_to(client, council, owner):
    assert client.post(make_feed(owner)).status_code == 405


# Polling


def test_a_reader_who_has_it_already_gets_an_empty_answer(client, council, owner):
    action = make_action(council, owner)
    path = make_feed(owner)
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    factories.make_deadline_change(action, date(2026, 8, 28))
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in first


def test_a_head_request_is_answered_without_a_body(client, council, owner):
    answer = client.head(make_feed(owner))

    assert (answer.status_code, answer.content) == (200, b"")


def test_reading_is_noted_and_otherwise_nothing_is_written_without_news(client, council, owner):
    make_action(council, owner)
    path = make_feed(owner)
    client.get(path)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(path)

    assert CalendarFeed.objects.get().read_at is not None
    written = [q["sql"] for q in captured if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "doors_knocks" not in sql] == []  # How often it is asked for is counted.


def test_500_deadlines_take_no_more_queries_than_one(client, council, owner):
    make_action(council, owner)
    path = make_feed(owner)
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    for _ in range(60):
        make_action(council, owner)
    client.get(path)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(path)

    assert len(many) == len(one) <= 14  # Four of them count how often it is asked for.
    assert len(strictly(answer.content).walk("VEVENT")) == 61


def test_500_events_make_a_file_in_no_time():
    assert len(strictly(file_with(*(f"3.{n} due: Screen" for n in range(500)))).walk("VEVENT")) == 500


# The page


def test_a_person_makes_a_link_that_is_shown_once(client, council, owner, signed_in):
    signed_in(client, owner)
    assert "You have no calendar link yet." in text_of(client.get(PAGE))

    made = client.post(PAGE)
    address = made.context["address"]
    again = client.get(PAGE)

    assert made["Cache-Control"] == "no-store, private"
    assert f'value="{address}"' in made.content.decode()
    assert made.context["webcal"].startswith("webcal://")
    assert client.get(urlsplit(address).path).status_code == 200
    assert urlsplit(address).path.rpartition("/")[2][:20] not in again.content.decode()
    assert "It was made on 6 May 2026" in text_of(again)
    assert "no calendar program has read it yet" in text_of(again)
    assert "a calendar program last read it on 6 May 2026" in text_of(client.get(PAGE))
    assert "If you make a new link, the old one stops at once" in text_of(again)
    assert "Outlook may take a day" in text_of(again)


def test_a_person_switches_their_calendar_off(client, council, owner, signed_in):
    path = make_feed(owner)
    signed_in(client, owner)

    answer = client.post(f"{PAGE}off/", follow=True)

    assert "Calendar switched off. Its address no longer works." in text_of(answer)
    assert client.get(path).status_code == 404
    assert "no longer works" not in text_of(client.post(f"{PAGE}off/", follow=True))


def test_nobody_makes_or_ends_the_calendar_of_another(client, council, owner, signed_in):
    path = make_feed(owner)
    signed_in(client, factories.dee(council))

    client.post(PAGE)
    client.post(f"{PAGE}off/")

    assert client.get(path).status_code == 200


def test_an_inspector_who_writes_nothing_makes_none(client, council, signed_in):
    answer = signed_in(client, factories.ines(council)).post(PAGE)

    assert answer.status_code == 403
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("role", [Role.PARTNER, Role.COUNCILLOR])
def test_everyone_else_who_signs_in_can_have_one(client, council, signed_in, role):
    member = factories.make_member(council, role)

    answer = signed_in(client, member).post(PAGE)

    assert answer.status_code == 200
    assert client.get(urlsplit(answer.context["address"]).path).status_code == 200


def test_two_new_links_leave_one_calendar(council, owner):
    for _ in range(3):
        changes.make_feed(owner, at=NOW)

    assert CalendarFeed.objects.filter(ended_at__isnull=True).count() == 1
    assert CalendarFeed.objects.count() == 3


def test_the_moment_of_a_change_is_in_utc(client, council, owner, settings):
    settings.TRACKER_TODAY = datetime(2026, 7, 1, 0, 30)  # noqa: DTZ001  London says it is July, UTC that it is June.
    make_action(council, owner)

    assert the_event(client, make_feed(owner))["DTSTAMP"].dt.date() == date(2026, 6, 30)
