"""The only functions that write inspections, recommendations, visits, findings and clocks."""

from datetime import date

from django.db import transaction

from accounts.models import Agency, Authority, User
from tracker.audit.history import save_because
from tracker.dates import changes as date_changes
from tracker.dates import models as dates
from tracker.dates.working_days import Calendar
from tracker.inspections.frameworks import AREAS_OF
from tracker.inspections.models import Finding, Inspection, Judgement, Recommendation, StatutoryClock, Visit
from tracker.inspections.rules import CLOCKS, clock_rule, due_on


class WrongDates(Exception):
    """Dates that cannot all be true."""


class UnknownArea(Exception):
    """A judgement of an area that the framework does not have."""


class OtherCouncil(Exception):
    """Something of one council was given to another."""


def record_inspection(
    authority: Authority,
    *,
    reference: str,
    framework: str,
    by: User | None,
    reason: str,
    kind: str = "",
    started_on: date | None = None,
    ended_on: date | None = None,
    dates_note: str = "",
    received_on: date | None = None,
    received_is_assumed: bool = False,
    published_on: date | None = None,
    source: str = "",
) -> Inspection:
    """Enter an inspection. Its clocks are started by `start_clocks`.

    Raises WrongDates when it ends before it starts, or the report comes before it ended.
    """
    if started_on and ended_on and ended_on < started_on:
        raise WrongDates("The inspection must end on or after the day it started.")
    if received_on and ended_on and received_on < ended_on:
        raise WrongDates("The report must be received on or after the day the inspection ended.")
    return save_because(
        Inspection(
            authority=authority,
            reference=reference,
            framework=framework,
            kind=kind,
            started_on=started_on,
            ended_on=ended_on,
            dates_note=dates_note,
            received_on=received_on,
            received_is_assumed=received_is_assumed,
            published_on=published_on,
            source=source,
        ),
        by=by,
        reason=reason,
    )


def record_judgement(inspection: Inspection, *, area: str, grade: str, by: User | None, reason: str) -> Judgement:
    """Enter the grade of one area, "" where the report gives none.

    Raises UnknownArea for an area the framework does not have.
    """
    areas = AREAS_OF.get(inspection.framework, ())
    if area not in areas:
        raise UnknownArea(f"{inspection.get_framework_display()} has no judgement called “{area}”.")
    return save_because(
        Judgement(inspection=inspection, area=area, grade=grade, position=areas.index(area)), by=by, reason=reason
    )


def record_recommendation(
    inspection: Inspection,
    *,
    reference: str,
    position: int,
    kind: str,
    title: str,
    text: str,
    by: User | None,
    reason: str,
    paragraph: str = "",
    heading: str = "",
    addressee: str = Recommendation.Addressee.COUNCIL,
    timescale: str = "",
    theme: str = "",
    is_paraphrase: bool = False,
    source: str = "",
) -> Recommendation:
    """Enter one thing the report asks for."""
    return save_because(
        Recommendation(
            authority=inspection.authority,
            inspection=inspection,
            reference=reference,
            position=position,
            kind=kind,
            paragraph=paragraph,
            heading=heading,
            addressee=addressee,
            timescale=timescale,
            theme=theme,
            title=title,
            text=text,
            is_paraphrase=is_paraphrase,
            source=source,
        ),
        by=by,
        reason=reason,
    )


@transaction.atomic
def start_clocks(
    inspection: Inspection,
    *,
    calendar: Calendar,
    by: User | None,
    notified_plan_due: date | None = None,
    notified_source: str = "",
) -> list[StatutoryClock]:
    """Start the clocks that run from the receipt of this report.

    A date in Ofsted's letter governs, and the one the law gives is kept beside it. Raises
    WrongDates when the report has not been received, HolidaysUnknown past the table's end.
    """
    if inspection.received_on is None:
        raise WrongDates("Enter the day the report was received: the clocks run from it.")
    clocks = []
    for rule in CLOCKS:
        notified = notified_plan_due if rule.kind == StatutoryClock.Kind.PLAN else None
        if notified is not None and notified <= inspection.received_on:
            raise WrongDates("The date in Ofsted's letter must be after the day the report was received.")
        clock = StatutoryClock(
            authority=inspection.authority,
            inspection=inspection,
            kind=rule.kind,
            trigger_on=inspection.received_on,
            working_days=rule.working_days,
            computed_due=due_on(rule, inspection.received_on, calendar),
            notified_due=notified,
            notified_source=notified_source if notified else "",
        )
        clocks.append(save_because(clock, by=by, reason=f"{rule.working_days} working days: {rule.source}"))
    return clocks


@transaction.atomic
def recount_clocks(*, calendar: Calendar, by: User | None, reason: str) -> list[StatutoryClock]:
    """Count every running clock again after the bank holidays changed; return those that moved.

    Clocks that were met never move.
    """
    moved = []
    for clock in StatutoryClock.objects.select_for_update().filter(met_on__isnull=True).order_by("pk"):
        due = due_on(clock_rule(clock.kind), clock.trigger_on, calendar)
        if due != clock.computed_due:
            clock.computed_due = due
            moved.append(save_because(clock, by=by, reason=reason))
    return moved


@transaction.atomic
def proclaim_bank_holiday(on: date, *, name: str, reason: str, by: User) -> list[StatutoryClock]:
    """Add a bank holiday and count every running clock again; return the clocks that moved, of every council.

    Raises HolidayAlreadyKnown, NotAWeekday, HolidaysUnknown outside the table's years.
    """
    holiday = date_changes.proclaim(on, name=name, reason=reason, by=by)
    return recount_clocks(calendar=dates.calendar(), by=by, reason=f"Bank holiday added, {holiday}: {reason}")


@transaction.atomic
def withdraw_bank_holiday(on: date, *, reason: str, by: User) -> list[StatutoryClock]:
    """Withdraw a bank holiday and count every running clock again; return the clocks that moved, of every council.

    Raises NotABankHoliday if that day is not one.
    """
    holiday = date_changes.withdraw(on, reason=reason, by=by)
    return recount_clocks(calendar=dates.calendar(), by=by, reason=f"Bank holiday withdrawn, {holiday}: {reason}")


@transaction.atomic
def stop_clock(clock: StatutoryClock, *, met_on: date, by: User | None, reason: str) -> StatutoryClock:
    """Record the day on which all that a clock asks for was done."""
    clock = StatutoryClock.objects.select_for_update().get(pk=clock.pk)
    clock.met_on = met_on
    return save_because(clock, by=by, reason=reason)


def record_visit(
    authority: Authority,
    *,
    reference: str,
    kind: str,
    by: User | None,
    reason: str,
    inspection: Inspection | None = None,
    sequence: int | None = None,
    expected_from: date | None = None,
    expected_to: date | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    dates_note: str = "",
    agreed_on: date | None = None,
    focus: str = "",
    inspectors: str = "",
    letter_received_on: date | None = None,
    letter_published_on: date | None = None,
    strengths_reported: int | None = None,
    needs_work_reported: int | None = None,
    source: str = "",
) -> Visit:
    """Enter a visit, past or to come.

    Raises WrongDates when it ends before it starts, OtherCouncil for another council's inspection.
    """
    if starts_on and ends_on and ends_on < starts_on:
        raise WrongDates("The visit must end on or after the day it starts.")
    if inspection is not None and inspection.authority_id != authority.pk:
        raise OtherCouncil("That inspection belongs to another council.")
    return save_because(
        Visit(
            authority=authority,
            inspection=inspection,
            reference=reference,
            kind=kind,
            sequence=sequence,
            expected_from=expected_from,
            expected_to=expected_to,
            starts_on=starts_on,
            ends_on=ends_on,
            dates_note=dates_note,
            agreed_on=agreed_on,
            focus=focus,
            inspectors=inspectors,
            letter_received_on=letter_received_on,
            letter_published_on=letter_published_on,
            strengths_reported=strengths_reported,
            needs_work_reported=needs_work_reported,
            source=source,
        ),
        by=by,
        reason=reason,
    )


def record_finding(
    visit: Visit,
    *,
    number: int,
    kind: str,
    text: str,
    by: User | None,
    reason: str,
    paragraph: str = "",
    is_paraphrase: bool = False,
    recommendation: Recommendation | None = None,
    agency: Agency | None = None,
) -> Finding:
    """Enter one strength or thing that needs work from a visit's letter.

    Raises OtherCouncil when the recommendation it repeats is another council's.
    """
    for linked in (recommendation, agency):
        if linked is not None and linked.authority_id != visit.authority_id:
            raise OtherCouncil(f"“{linked}” belongs to another council.")
    return save_because(
        Finding(
            authority=visit.authority,
            visit=visit,
            number=number,
            kind=kind,
            text=text,
            is_paraphrase=is_paraphrase,
            paragraph=paragraph,
            recommendation=recommendation,
            agency=agency,
        ),
        by=by,
        reason=reason,
    )
