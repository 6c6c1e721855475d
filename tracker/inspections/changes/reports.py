"""Entering inspections and reviews: the report, its judgements, what it asks for."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Max

from accounts.models import Authority, User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar
from tracker.inspections.changes import clocks
from tracker.inspections.changes.refusals import ClockEnded, NumberUsed, UnknownArea, WrongDates
from tracker.inspections.frameworks import AREAS_OF
from tracker.inspections.models import Clock, Inspection, Judgement, Recommendation
from tracker.inspections.rules import State, kinds_after_inspection, state_of


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
    is_monitored: bool = False,
    has_priority_areas: bool = False,
    source: str = "",
) -> Inspection:
    """Enter an inspection. Its clocks are started by `start_clocks`.

    Raises WrongDates when it ends before it starts, or the report comes before it ended.
    """
    inspection = Inspection(
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
        is_monitored=is_monitored,
        has_priority_areas=has_priority_areas,
        source=source,
    )
    _refuse_dates(inspection)
    return save_because(inspection, by=by, reason=reason)


def _refuse_dates(inspection: Inspection, *, on: date | None = None) -> None:
    """Refuse days that cannot all be true; with `on`, also those that a page can have wrong."""
    started_on, ended_on, received_on = inspection.started_on, inspection.ended_on, inspection.received_on
    if started_on and ended_on and ended_on < started_on:
        raise WrongDates("The inspection must end on or after the day it started.", "ended_on")
    if received_on and ended_on and received_on < ended_on:
        raise WrongDates("The report must be received on or after the day the inspection ended.", "received_on")
    if on is None:
        return
    for field, day in (("received_on", received_on), ("published_on", inspection.published_on)):
        if day and started_on and day < started_on:
            raise WrongDates("The report comes after the inspection started. Check both days.", field)
        if day and day > on:
            what = field.removesuffix("_on")
            raise WrongDates(f"Enter the day the report was {what}. It cannot be in the future.", field)


@recorded()
def enter_inspection(
    authority: Authority,
    *,
    reference: str,
    calendar: Calendar,
    by: User,
    on: date,
    notified_plan_due: date | None = None,
    notified_source: str = "",
    **facts: object,
) -> tuple[Inspection, list[Clock]]:
    """Enter an inspection or a review, and start the clocks of its report in one; return both.

    `facts` are those of `record_inspection`. Raises WrongDates for days that cannot be, and for a date in the letter
    that is not after receipt or that no clock takes; NumberUsed for a name in use.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    if Inspection.objects.filter(authority=authority, reference=reference).exists():
        raise NumberUsed(f"“{reference}” is the name of another inspection. Choose a different name.")
    reason = "Entered from the report"
    _refuse_dates(Inspection(authority=authority, **facts), on=on)
    inspection = record_inspection(authority, reference=reference, by=by, reason=reason, **facts)  # type: ignore[arg-type]
    kinds = kinds_after_inspection(
        inspection.framework,
        received_on=inspection.received_on,
        is_monitored=inspection.is_monitored,
        has_priority_areas=inspection.has_priority_areas,
    )
    if notified_plan_due is not None and not clocks.ANSWERS & set(kinds):
        raise WrongDates(
            "No plan is asked for after this report, so its letter gives no date for one. Remove it.",
            "notified_plan_due",
        )
    if not kinds:
        return inspection, []
    started = clocks.start_clocks(
        inspection,
        calendar=calendar,
        by=by,
        notified_plan_due=notified_plan_due,
        notified_source=notified_source,
    )
    return inspection, started


@recorded()
def correct_inspection(
    inspection: Inspection,
    *,
    kind: str,
    started_on: date | None,
    ended_on: date | None,
    dates_note: str,
    received_on: date | None,
    received_is_assumed: bool,
    published_on: date | None,
    is_monitored: bool,
    has_priority_areas: bool,
    source: str,
    calendar: Calendar,
    by: User,
    on: date,
    reason: str,
) -> tuple[Inspection, list[Clock]]:
    """Correct the facts of an inspection; return it and the clocks that started or moved.

    Another day of receipt counts the running clocks again; those that no longer apply become void. Raises
    WrongDates for days that cannot be, ClockEnded when a clock counted from the old day of receipt was met or missed:
    what was decided by that date stays decided.
    """
    inspection = Inspection.objects.select_for_update().get(pk=inspection.pk)
    before = inspection.received_on
    inspection.kind, inspection.source, inspection.dates_note = kind, source, dates_note
    inspection.started_on, inspection.ended_on, inspection.published_on = started_on, ended_on, published_on
    inspection.received_on, inspection.received_is_assumed = received_on, received_is_assumed
    inspection.is_monitored, inspection.has_priority_areas = is_monitored, has_priority_areas
    _refuse_dates(inspection, on=on)
    rows = list(Clock.objects.select_for_update().filter(inspection=inspection).order_by("pk"))
    if received_on != before:
        _refuse_new_receipt(rows, received_on, on=on)
    save_because(inspection, by=by, reason=reason)
    if received_on is None:
        return inspection, []
    kinds = kinds_after_inspection(
        inspection.framework,
        received_on=received_on,
        is_monitored=is_monitored,
        has_priority_areas=has_priority_areas,
    )
    clocks.void_what_no_longer_applies(
        [row for row in rows if row.kind in clocks.FROM_RECEIPT | clocks.ON_THE_PLANS_DATE],
        kinds=kinds,
        on=on,
        by=by,
        reason=f"It no longer runs from this report: {reason}",
    )
    moved = clocks.count_from_receipt(
        inspection, received_on=received_on, calendar=calendar, by=by, on=on, reason=reason
    )
    return inspection, moved + (clocks.start_clocks(inspection, calendar=calendar, by=by) if kinds else [])


def _refuse_new_receipt(rows: list[Clock], received_on: date | None, *, on: date) -> None:
    if rows and received_on is None:
        raise WrongDates("The clocks run from the day of receipt. Enter the right day instead of none.", "received_on")
    for clock in rows:
        state = state_of(clock.facts, on=on)
        if clock.kind in clocks.FROM_RECEIPT and not clock.is_forecast and state not in {State.RUNNING, State.VOID}:
            raise ClockEnded(
                f"“{clock.rule.title}” was counted from {clock.trigger_on:%-d %B %Y} and was {state.value}, which "
                "stays so. Leave the day of receipt as it is, and say in “What is known of the dates” what was wrong."
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


@recorded()
def set_judgements(
    inspection: Inspection, *, grades: Mapping[str, str], by: User | None, reason: str
) -> list[Judgement]:
    """Enter or correct the grades of several areas, "" where the report gives none; return those that changed.

    Raises UnknownArea for an area the framework does not have.
    """
    inspection = Inspection.objects.select_for_update().get(pk=inspection.pk)
    known = {judgement.area: judgement for judgement in inspection.judgements.all()}
    changed = []
    for area, grade in grades.items():
        if area not in known:
            changed.append(record_judgement(inspection, area=area, grade=grade, by=by, reason=reason))
        elif known[area].grade != grade:
            known[area].grade = grade
            changed.append(save_because(known[area], by=by, reason=reason))
    return changed


@recorded()
def add_recommendation(inspection: Inspection, *, reference: str, by: User, **facts: object) -> Recommendation:
    """Enter the next thing that the report asks for, at the end of its list.

    `facts` are those of `record_recommendation`. Raises NumberUsed for a number that another one has.
    """
    inspection = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if inspection.recommendations.filter(reference=reference).exists():
        raise NumberUsed(f"Recommendation {reference} of this report was entered before. Enter another number.")
    last = inspection.recommendations.aggregate(last=Max("position"))["last"] or 0
    return record_recommendation(
        inspection,
        reference=reference,
        position=last + 1,
        by=by,
        reason="Entered from the report",
        **facts,  # type: ignore[arg-type]
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
