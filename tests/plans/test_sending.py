"""Freezing versions, recording what was sent, and Ofsted's reply: the clocks follow."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.models import practices_of
from accounts.roles import Role
from tests import factories
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    ines,
    make_authority,
    make_inspection,
    make_member,
    make_plan,
    make_submission,
    make_version,
    marcus,
    rachel,
)
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Clock, Visit
from tracker.plans import changes
from tracker.plans.models import OfstedReply, PlanVersion, Submission
from tracker.plans.rules import Standing
from tracker.plans.sent import standing_now, steps_of

pytestmark = pytest.mark.django_db

MAY_1, MAY_4, MAY_5, JUNE_1 = date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5), date(2026, 6, 1)
Label = PlanVersion.Label


@pytest.fixture
def report(council):
    report = make_inspection(council)
    inspection_changes.start_clocks(report, calendar=calendar(), by=None)
    return report


@pytest.fixture
def plan(council, report):
    return make_plan(council, answers=[report])


def clock(source, kind, sequence=1):
    return source.clocks.get(kind=kind, sequence=sequence)


def send_all(plan, **fields):
    return [make_submission(plan, step, **fields) for step in ("ofsted", "dfe", "published")]


def reply(version, kind=OfstedReply.Kind.DOES_NOT_REFLECT, **fields):
    values = {"received_on": JUNE_1, "proof": "An email", "on": JUNE_1, "words": "No measures.", **fields}
    return changes.record_reply(version, kind=kind, by=None, **values)


# Versions


def test_versions_are_numbered_in_order_and_kept_with_who_and_why(council, plan):
    office = aisha(council).user
    first = changes.freeze(plan, label=Label.DRAFT, snapshot={"actions": []}, by=office, on=MAY_4, reason="Frozen")
    second = changes.freeze(
        plan,
        label=Label.CABINET,
        snapshot={"actions": []},
        by=office,
        on=MAY_5,
        reason="Frozen",
        change_summary="Deadlines of priority 2",
        warnings=["vague"],
        warnings_reason="Cabinet meets first",
        warnings_accepted_by=office,
    )

    assert (first.number, second.number) == (1, 2)
    row = fresh(second)
    assert (row.change_summary, row.warnings, row.warnings_reason, row.frozen_by) == (
        "Deadlines of priority 2",
        ["vague"],
        "Cabinet meets first",
        office,
    )
    assert row.history.get().history_change_reason == "Frozen"
    assert str(row) == "Version 2, cabinet 5 May 2026"


def test_no_function_changes_a_version():
    """Whoever adds one must give up this promise first."""
    changing = [name for name in changes.__all__ if "version" in name.lower()]

    assert changing == []


@pytest.mark.parametrize(
    ("label", "seen_by"),
    [
        (Label.DRAFT, {"office", "director", "head", "lead"}),
        (Label.SCRUTINY_DRAFT, {"office", "director", "head", "lead"}),
        (Label.CABINET, {"office", "director", "head", "lead"}),
        (Label.SUBMITTED, {"office", "director", "head", "lead", "owner", "inspector", "chair", "councillor"}),
        (Label.PUBLISHED, {"office", "director", "head", "lead", "owner", "inspector", "chair", "councillor"}),
        (Label.REFRESH, {"office", "director", "head", "lead", "owner", "inspector", "chair", "councillor"}),
    ],
)
def test_drafts_are_read_by_those_who_write_the_plan_only(council, plan, label, seen_by):
    make_version(plan, label)
    members = {
        "office": aisha(council),
        "director": rachel(council),
        "head": marcus(council),
        "lead": make_member(council, Role.PRIORITY_LEAD, "A Lead"),
        "owner": dee(council),
        "inspector": ines(council),
        "chair": make_member(council, Role.CHAIR, "A Chair"),
        "councillor": make_member(council, Role.COUNCILLOR, "A Councillor"),
        "partner": factories.helen(council),
        "stranger": make_member(
            make_authority("Southmere Borough Council", "southmere"), Role.PROGRAMME_OFFICE, "A Stranger"
        ),
    }

    seen = {name for name, member in members.items() if PlanVersion.objects.visible_to(member).exists()}

    assert seen == seen_by


# The three legs


def test_the_clock_is_met_on_the_day_of_the_last_leg_and_not_before(council, report, plan):
    make_submission(plan, "published", done_on=MAY_5)
    make_submission(plan, "dfe", done_on=MAY_4)
    assert clock(report, "plan").met_on is None

    last = make_submission(plan, "ofsted", done_on=MAY_4)

    assert clock(report, "plan").met_on == MAY_5
    assert last.history.get().history_change_reason == factories.REASON
    assert (last.done_by, last.proof, last.recorded_on) == ("Aisha Rahman", "An email", TODAY)
    said = clock(report, "plan").history.latest("history_id").history_change_reason
    assert said == "Version 1: sent to Ofsted, sent to DfE, published"


def test_other_clocks_of_the_report_go_on(report, plan):
    send_all(plan)

    assert clock(report, "report").met_on is None


@pytest.mark.parametrize(
    ("done_on", "words"),
    [
        (date(2026, 5, 7), "cannot be in the future"),
        (date(2026, 5, 3), "Version 1 was frozen on 4 May 2026. Enter that day or a later one."),
    ],
)
def test_a_step_is_not_in_the_future_nor_before_its_version(report, plan, done_on, words):
    make_version(plan)

    with pytest.raises(changes.NotYet, match=words):
        changes.record_submission(plan, step="ofsted", done_on=done_on, by=None, on=TODAY, reason="Sent")

    assert not Submission.objects.exists()
    assert not report.clocks.filter(kind="ofsted_reply").exists()


def test_a_step_is_recorded_once_for_a_version(plan):
    make_submission(plan)

    with pytest.raises(changes.AlreadyRecorded, match="“Sent to Ofsted” is recorded already for version 1, on 5 May"):
        make_submission(plan)

    assert Submission.objects.count() == 1


def test_nothing_is_sent_before_something_is_frozen_for_it(plan):
    make_version(plan, Label.CABINET)

    with pytest.raises(changes.NothingFrozen, match="Freeze the version to be sent first"):
        changes.record_submission(plan, step="ofsted", done_on=MAY_5, by=None, on=TODAY, reason="Sent")


def test_a_version_of_another_plan_is_not_sent_with_this_one(council, report, plan):
    other = make_plan(council, "2024", answers=[report])
    theirs = make_version(other)
    make_version(plan)

    with pytest.raises(changes.NothingFrozen):
        changes.record_submission(plan, step="ofsted", done_on=MAY_5, by=None, on=TODAY, reason="x", version=theirs)


def test_what_was_recorded_before_versions_were_named_belongs_to_the_first(plan):
    first, second = make_version(plan), make_version(plan, on=MAY_5)
    row = Submission(plan=plan, step="ofsted", done_on=MAY_5)
    save_because(row, by=None, reason="Recorded before versions were named")

    assert steps_of(first) == {"ofsted": MAY_5}
    assert steps_of(second) == {}
    assert standing_now(plan).versions[0].steps == {"ofsted": MAY_5}


def test_a_clock_that_was_missed_is_met_late_when_the_last_leg_is_recorded(council, report, plan):
    late = date(2026, 6, 10)
    send_all(plan, done_on=late, on=late)

    row = clock(report, "plan")
    assert (row.met_on, row.missed_on) == (late, late)


def test_a_plan_stops_the_clocks_of_all_it_answers(council, report, plan):
    joint = make_inspection(council, "2026-jtai", framework="jtai")
    inspection_changes.start_clocks(joint, calendar=calendar(), by=None)
    review = make_inspection(council, "2026-peer", framework="peer")
    changes.change_plan(
        plan,
        title=plan.title,
        note="",
        board_meets_on=None,
        answers=[report, joint, review],
        by=None,
        reason="One plan for both",
    )

    send_all(plan)

    assert {clock(report, "plan").met_on, clock(joint, "joint_statement").met_on} == {MAY_5}
    assert clock(report, "ofsted_reply").trigger_on == clock(joint, "ofsted_reply").trigger_on == MAY_5
    assert not review.clocks.exists()


def test_a_focused_visits_plan_is_met_by_the_three_legs_and_its_draft_is_not(council, report, plan):
    visit = factories.make_visit(
        council,
        "focused-1",
        kind=Visit.Kind.FOCUSED,
        inspection=report,
        starts_on=date(2026, 3, 3),
        ends_on=date(2026, 3, 4),
    )
    for kind in ("draft_plan", "focused_plan"):
        inspection_changes.start_clock(
            visit,
            kind=kind,
            trigger_on=date(2026, 3, 20),
            calendar=calendar(),
            practices=practices_of(council),
            by=None,
        )

    send_all(plan)

    assert clock(visit, "focused_plan").met_on == MAY_5
    assert clock(visit, "draft_plan").met_on is None


def test_sending_to_ofsted_starts_the_clock_of_its_reply_once(report, plan):
    send_all(plan)

    row = clock(report, "ofsted_reply")
    assert (row.trigger_on, row.met_on, row.sequence) == (MAY_5, None, 1)
    make_version(plan, on=MAY_5)
    make_submission(plan, "ofsted")
    assert report.clocks.filter(kind="ofsted_reply").count() == 1


# Area SEND


def test_an_area_send_plan_is_sent_decided_and_then_published(council):
    local_area = make_inspection(council, "2026-send", framework="send", has_priority_areas=True)
    inspection_changes.start_clocks(local_area, calendar=calendar(), by=None)
    plan = make_plan(council, answers=[local_area])

    make_submission(plan, "ofsted")
    assert clock(local_area, "send_plan").met_on == MAY_5
    assert clock(local_area, "send_decision").trigger_on == MAY_5

    reply(plan.versions.get(), OfstedReply.Kind.REFLECTS)
    assert clock(local_area, "send_decision").met_on == JUNE_1
    assert clock(local_area, "send_publication").trigger_on == JUNE_1

    make_submission(plan, "published", done_on=date(2026, 6, 4), on=date(2026, 6, 4))
    assert clock(local_area, "send_publication").met_on == date(2026, 6, 4)


# Ofsted's reply


def test_a_plan_that_does_not_reflect_the_findings_is_returned_and_a_clock_starts(report, plan):
    send_all(plan)

    found = reply(plan.versions.get(), respond_by=date(2026, 6, 29))

    assert standing_now(plan).standing is Standing.RETURNED
    assert clock(report, "ofsted_reply").met_on == JUNE_1
    again = clock(report, "resubmission")
    assert (again.trigger_on, again.notified_due, again.due) == (JUNE_1, date(2026, 6, 29), date(2026, 6, 29))
    assert again.notified_source == "An email"
    assert clock(report, "plan").met_on == MAY_5
    assert found.history.get().history_change_reason == "Ofsted’s reply: does not reflect the findings"


def test_without_a_date_in_the_reply_the_councils_own_number_counts(council, report, plan):
    account_changes.set_practice(
        council, code="resubmission", value=5, source="Agreed with Ofsted", by=None, reason="Set"
    )
    send_all(plan)

    reply(plan.versions.get())

    again = clock(report, "resubmission")
    assert (again.notified_due, again.computed_due, again.length) == (None, date(2026, 6, 8), 5)


def test_the_next_version_goes_through_the_same_steps_and_ends_the_clock(report, plan):
    send_all(plan)
    reply(plan.versions.get())
    june_8, june_9 = date(2026, 6, 8), date(2026, 6, 9)
    make_version(plan, on=june_8)
    assert standing_now(plan).standing is Standing.RETURNED

    for step in ("ofsted", "dfe"):
        make_submission(plan, step, done_on=june_8, on=june_9)
    assert clock(report, "resubmission").met_on is None
    make_submission(plan, "published", done_on=june_9, on=june_9)

    assert standing_now(plan).standing is Standing.SENT_AGAIN
    assert clock(report, "resubmission").met_on == june_9
    assert clock(report, "plan").met_on == MAY_5
    assert clock(report, "ofsted_reply", 2).trigger_on == june_8

    second = plan.versions.get(number=2)
    reply(second, received_on=date(2026, 6, 20), on=date(2026, 6, 22))
    assert clock(report, "resubmission", 2).trigger_on == date(2026, 6, 20)


def test_the_last_leg_of_the_version_that_was_returned_does_not_end_the_new_clock(report, plan):
    for step in ("ofsted", "dfe"):
        make_submission(plan, step)
    first = plan.versions.get()
    reply(first)

    make_submission(plan, "published", done_on=JUNE_1, on=JUNE_1, version=first)

    assert clock(report, "plan").met_on == JUNE_1
    assert clock(report, "resubmission").met_on is None


def test_a_plan_that_reflects_the_findings_is_accepted(report, plan):
    send_all(plan)

    reply(plan.versions.get(), OfstedReply.Kind.REFLECTS, respond_by=date(2026, 7, 1))

    assert standing_now(plan).standing is Standing.ACCEPTED
    assert clock(report, "ofsted_reply").met_on == JUNE_1
    assert not Clock.objects.filter(kind="resubmission").exists()
    assert OfstedReply.objects.get().respond_by is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"received_on": date(2026, 6, 2)}, "cannot be in the future"),
        ({"received_on": MAY_4}, "The version was sent on 5 May 2026"),
        ({"respond_by": JUNE_1}, "must be after the day the reply came"),
    ],
)
def test_a_reply_on_a_day_that_cannot_be_is_refused_and_nothing_changes(report, plan, fields, words):
    send_all(plan)

    with pytest.raises(changes.NotYet, match=words):
        reply(plan.versions.get(), **fields)

    assert not OfstedReply.objects.exists()
    assert clock(report, "ofsted_reply").met_on is None
    assert not Clock.objects.filter(kind="resubmission").exists()


def test_ofsted_does_not_reply_to_what_it_did_not_get(plan):
    make_submission(plan, "dfe")

    with pytest.raises(changes.NothingFrozen, match="Record first that version 1 was sent to Ofsted"):
        reply(plan.versions.get())


def test_two_who_record_the_reply_at_once_leave_one(report, plan):
    send_all(plan)
    version = plan.versions.get()
    reply(version)

    with pytest.raises(changes.AlreadyRecorded, match="is recorded already: does not reflect the findings"):
        reply(version, OfstedReply.Kind.REFLECTS)

    assert OfstedReply.objects.count() == 1
    assert report.clocks.filter(kind="resubmission").count() == 1
