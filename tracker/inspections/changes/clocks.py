"""Starting, counting again and ending clocks."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from accounts.models import User, practices_of
from accounts.practices import Practices
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates import models as dates
from tracker.dates.working_days import Calendar
from tracker.inspections.changes.refusals import ClockEnded, WrongDates, WrongStep
from tracker.inspections.models import (
    Clock,
    ClockStep,
    GovernanceStep,
    Inspection,
    Intervention,
    Recount,
    Visit,
)
from tracker.inspections.rules import (
    LOCAL_AUTHORITY,
    State,
    clock_rule,
    due_after,
    kinds_after_inspection,
    kinds_after_intervention,
    kinds_after_visit,
    length_in_words,
    state_of,
)

Source = Inspection | Visit | Intervention

# The one answer that a report asks for, whose date its letter may give.
ANSWERS = frozenset({Clock.Kind.PLAN, Clock.Kind.JOINT_STATEMENT, Clock.Kind.SEND_PLAN, Clock.Kind.WRITTEN_STATEMENT})
FROM_RECEIPT = ANSWERS | {
    Clock.Kind.REPORT,
    Clock.Kind.SEND_MONITORING,
    Clock.Kind.REINSPECTION,
    Clock.Kind.ANNUAL_CONVERSATION,
    Clock.Kind.FOCUSED_VISIT,
}
ON_THE_PLANS_DATE = frozenset({Clock.Kind.FIRST_VISIT, Clock.Kind.ACTION_PLANNING_VISIT})
# What a visit was waited for by, once it has been.
WAITED_FOR = {
    Visit.Kind.MONITORING: (Clock.Kind.FIRST_VISIT, Clock.Kind.NEXT_VISIT),
    Visit.Kind.FOCUSED: (Clock.Kind.FOCUSED_VISIT,),
    Visit.Kind.ACTION_PLANNING: (Clock.Kind.ACTION_PLANNING_VISIT,),
}


# Starting


@recorded()
def start_clock(
    source: Source,
    *,
    kind: str,
    trigger_on: date,
    calendar: Calendar,
    practices: Practices,
    by: User | None,
    sequence: int = 1,
    notified_due: date | None = None,
    notified_source: str = "",
    fixed_due: date | None = None,
) -> Clock:
    """Start one clock of an inspection, a visit or an intervention; `trigger_on` is day 0.

    The length is the law's, else the council's own number today, and is kept with the clock. `fixed_due` is for
    the kinds whose date is given and not counted. A date in a letter governs, and the one counted is kept beside
    it. Raises WrongDates for a date not after day 0, HolidaysUnknown past the end of the table.
    """
    rule = clock_rule(kind)
    length, rule_source = rule.length, rule.source
    if rule.practice:
        setting = practices[rule.practice]
        length, rule_source = setting.value, setting.source
    if rule.unit == Clock.Unit.DATE:
        if fixed_due is None:
            raise WrongDates(f"Enter the date of “{rule.title}”: it is given, and not counted.")
        computed: date | None = fixed_due
    else:
        computed = due_after(trigger_on, length, rule.unit, calendar)
    _refuse_unless_after(trigger_on, notified_due)
    if computed is not None and computed < trigger_on:
        raise WrongDates(f"{_words(computed)} is before {_words(trigger_on)}, when the clock starts. Check both dates.")
    clock = Clock(
        authority=source.authority,
        kind=kind,
        sequence=sequence,
        basis=rule.basis,
        trigger_event=rule.trigger,
        trigger_on=trigger_on,
        length=length,
        unit=rule.unit,
        rule_source=rule_source,
        is_forecast=rule.is_forecast,
        computed_due=computed,
        notified_due=notified_due,
        notified_source=notified_source if notified_due else "",
        **_link(source),
    )
    words = length_in_words(length, rule.unit)
    return save_because(clock, by=by, reason=f"{words[0].upper()}{words[1:]}: {rule_source}")


def _link(source: Source) -> Mapping[str, Source]:
    if isinstance(source, Inspection):
        return {"inspection": source}
    return {"visit": source} if isinstance(source, Visit) else {"intervention": source}


def _refuse_unless_after(trigger_on: date, notified_due: date | None) -> None:
    if notified_due is not None and notified_due <= trigger_on:
        raise WrongDates(
            f"The date in the letter, {_words(notified_due)}, must be after the day the clock starts from, "
            f"{_words(trigger_on)}. Check both dates.",
            "notified_plan_due",
        )


def _words(day: date) -> str:
    return f"{day:%-d %B %Y}"


@recorded()
def start_clocks(
    inspection: Inspection,
    *,
    calendar: Calendar,
    by: User | None,
    notified_plan_due: date | None = None,
    notified_source: str = "",
) -> list[Clock]:
    """Start the clocks that run from this report and are not there yet; return those started.

    `notified_plan_due` is the date that the letter gives for the plan, statement or priority action plan.
    What was expected after an earlier inspection ends: the re-inspection has come, and the rest is void. Raises
    WrongDates when the report has not been received, HolidaysUnknown past the table's end.
    """
    inspection = Inspection.objects.select_for_update(of=("self",)).select_related("authority").get(pk=inspection.pk)
    received_on = inspection.received_on
    if received_on is None:
        raise WrongDates("Enter the day the report was received: the clocks run from it.")
    practices = practices_of(inspection.authority)
    known = {clock.kind: clock for clock in inspection.clocks.filter(sequence=1)}
    is_overtaken = _is_overtaken(inspection)
    started = []
    for kind in _kinds_of(inspection):
        if kind in known or (is_overtaken and clock_rule(kind).is_forecast):
            continue
        plan = known.get(Clock.Kind.PLAN) if kind in ON_THE_PLANS_DATE else None
        known[kind] = start_clock(
            inspection,
            kind=kind,
            trigger_on=cast(date, plan.due) if plan and kind == Clock.Kind.FIRST_VISIT else received_on,
            fixed_due=plan.due if plan and kind == Clock.Kind.ACTION_PLANNING_VISIT else None,
            notified_due=notified_plan_due if kind in ANSWERS else None,
            notified_source=notified_source,
            calendar=calendar,
            practices=practices,
            by=by,
        )
        started.append(known[kind])
    _overtake_earlier(inspection, by=by)
    return started


def _kinds_of(inspection: Inspection) -> tuple[str, ...]:
    return kinds_after_inspection(
        inspection.framework,
        received_on=inspection.received_on,
        is_monitored=inspection.is_monitored,
        has_priority_areas=inspection.has_priority_areas,
    )


def _is_overtaken(inspection: Inspection) -> bool:
    """Whether a later inspection of the same services has come, so that nothing is expected after this one."""
    return (
        inspection.framework in LOCAL_AUTHORITY
        and Inspection.objects.filter(
            authority=inspection.authority, framework__in=LOCAL_AUTHORITY, received_on__gt=inspection.received_on
        ).exists()
    )


def _overtake_earlier(inspection: Inspection, *, by: User | None) -> None:
    """End what was expected after earlier inspections of the same services, or after their visits."""
    received_on = cast(date, inspection.received_on)
    if inspection.framework not in LOCAL_AUTHORITY:
        return
    earlier = Inspection.objects.filter(
        authority=inspection.authority, framework__in=LOCAL_AUTHORITY, received_on__lt=received_on
    )
    expected = Clock.objects.unmet().filter(authority=inspection.authority, is_forecast=True)
    for clock in [*expected.filter(inspection__in=earlier), *expected.filter(visit__inspection__in=earlier)]:
        began = inspection.started_on or received_on
        if clock.kind == Clock.Kind.REINSPECTION and began >= clock.trigger_on:
            stop_clock(clock, met_on=began, on=received_on, by=by, reason=f"The {inspection} began")
        elif clock.kind not in {Clock.Kind.OFSTED_REPLY, Clock.Kind.LETTER}:
            void_clock(
                clock, on=received_on, by=by, reason=f"The {inspection} took the place of what was expected before it"
            )


@recorded()
def start_visit_clocks(visit: Visit, *, calendar: Calendar, by: User | None) -> list[Clock]:
    """Start the clocks that run from this visit or its letter and are not there yet; return those started.

    A visit whose letter has come ends the clocks that waited for it, and a published letter ends its own.
    """
    visit = Visit.objects.select_for_update(of=("self",)).select_related("authority").get(pk=visit.pk)
    practices = practices_of(visit.authority)
    known = set(visit.clocks.values_list("kind", flat=True))
    started = [
        start_clock(
            visit,
            kind=kind,
            trigger_on=cast(date, _trigger_of_visit(visit, kind)),
            calendar=calendar,
            practices=practices,
            by=by,
        )
        for kind in _kinds_of_visit(visit)
        if kind not in known and not (kind == Clock.Kind.LETTER and visit.letter_published_on)
    ]
    _end_what_waited(visit, by=by)
    return started


def _kinds_of_visit(visit: Visit) -> tuple[str, ...]:
    return kinds_after_visit(
        visit.kind,
        is_dated=visit.last_day is not None,
        letter_received=visit.letter_on is not None,
        has_priority_areas=visit.has_priority_areas,
        letter_stays_unpublished=visit.letter_stays_unpublished,
    )


def _trigger_of_visit(visit: Visit, kind: str) -> date | None:
    return visit.last_day if kind == Clock.Kind.NEXT_VISIT else visit.letter_on


def _end_what_waited(visit: Visit, *, by: User | None) -> None:
    if visit.letter_on is None:
        return
    if visit.letter_published_on:
        for clock in visit.clocks.unmet().filter(kind=Clock.Kind.LETTER):
            published = max(visit.letter_published_on, clock.trigger_on)
            stop_clock(clock, met_on=published, on=published, by=by, reason="Ofsted published the letter")
    began = visit.starts_on
    if began is None:
        return
    waiting = Clock.objects.unmet().filter(
        authority=visit.authority, kind__in=WAITED_FOR[Visit.Kind(visit.kind)], trigger_on__lte=began
    )
    if visit.kind == Visit.Kind.FOCUSED:
        found = list(waiting)
    elif visit.inspection_id is None:
        found = []
    else:
        found = [
            *waiting.filter(inspection=visit.inspection_id),
            *waiting.filter(visit__inspection=visit.inspection_id).exclude(visit=visit),
        ]
    for clock in found:
        stop_clock(clock, met_on=began, on=began, by=by, reason=f"{visit} was made")


@recorded()
def follow_visit(visit: Visit, *, calendar: Calendar, by: User | None, on: date, reason: str) -> list[Clock]:
    """Bring the clocks of a visit into line after it moved, or its letter came; return those started or moved.

    Running clocks are counted from the new day, those that no longer apply become void, and what applies and is
    not there is started. Met, missed and void ones stay as they are.
    """
    visit = Visit.objects.get(pk=visit.pk)
    applies = {*_kinds_of_visit(visit), Clock.Kind.FINDING_ACTIONS}
    moved = []
    for clock in Clock.objects.select_for_update().running(on=on).filter(visit=visit).order_by("pk"):
        trigger_on = _trigger_of_visit(visit, clock.kind)
        if clock.kind not in applies or trigger_on is None:
            void_clock(clock, on=on, by=by, reason=f"It no longer runs from this visit: {reason}")
        elif trigger_on != clock.trigger_on:
            moved += _move(clock, trigger_on=trigger_on, calendar=calendar, by=by, on=on, reason=reason)
    return start_visit_clocks(visit, calendar=calendar, by=by) + moved


@recorded()
def start_intervention_clocks(intervention: Intervention, *, calendar: Calendar, by: User | None) -> list[Clock]:
    """Start the clocks that run from a notice, a direction, a commissioner or support and are not there yet."""
    intervention = (
        Intervention.objects.select_for_update(of=("self",)).select_related("authority").get(pk=intervention.pk)
    )
    practices = practices_of(intervention.authority)
    known = set(intervention.clocks.values_list("kind", flat=True))
    kinds = kinds_after_intervention(
        intervention.kind, has_end=intervention.ends_on is not None, is_lifted=intervention.lifted_on is not None
    )
    return [
        start_clock(
            intervention,
            kind=kind,
            trigger_on=(intervention.lifted_on if kind == Clock.Kind.SUPPORT_END else None) or intervention.starts_on,
            fixed_due=intervention.ends_on,
            calendar=calendar,
            practices=practices,
            by=by,
        )
        for kind in kinds
        if kind not in known
    ]


# Counting again


@recorded()
def recount_clocks(*, calendar: Calendar, by: User | None, on: date, reason: str) -> list[Clock]:
    """Count every running clock again after the bank holidays changed; return those that moved, of every council.

    Each leaves one history row and one Recount; the council's own steps before it move along, unless their day
    was chosen. Met, missed and void clocks never move, nor does one whose date is past on `on`.
    """
    moved = []
    running = Clock.objects.select_for_update().running(on=on).filter(unit=Clock.Unit.WORKING_DAYS)
    for clock in running.order_by("pk"):
        if due_after(clock.trigger_on, clock.length, clock.unit, calendar) != clock.computed_due:
            moved += _move(clock, trigger_on=clock.trigger_on, calendar=calendar, by=by, on=on, reason=reason)
    return moved


def count_from_receipt(
    inspection: Inspection, *, received_on: date, calendar: Calendar, by: User | None, on: date, reason: str
) -> list[Clock]:
    """Count the running clocks of a report from another day of receipt; return those that moved."""
    moved: list[Clock] = []
    starts_then = Clock.objects.select_for_update().running(on=on).filter(inspection=inspection, sequence=1)
    # The plan's clock comes first: the first visit is expected from its date, and moves with it.
    for clock in starts_then.filter(kind__in=FROM_RECEIPT).exclude(trigger_on=received_on).order_by("pk"):
        moved += _move(clock, trigger_on=received_on, calendar=calendar, by=by, on=on, reason=reason)
    return moved


@recorded()
def retrigger(
    clock: Clock,
    *,
    trigger_on: date,
    calendar: Calendar,
    by: User | None,
    on: date,
    reason: str,
    fixed_due: date | None = None,
) -> Clock:
    """Count a running clock from another day; `fixed_due` is the new date of one whose date is given.

    Raises ClockEnded when it was met, missed or void, WrongDates when nothing changes or a date in a letter
    would no longer come after day 0.
    """
    clock = _lock(clock)
    _refuse_unless_running(clock, on=on)
    if trigger_on == clock.trigger_on and fixed_due in {None, clock.computed_due}:
        raise WrongDates(f"“{clock.rule.title}” is counted from {_words(trigger_on)} already. Choose another day.")
    return _move(clock, trigger_on=trigger_on, calendar=calendar, by=by, on=on, reason=reason, fixed_due=fixed_due)[0]


def _move(
    clock: Clock,
    *,
    trigger_on: date,
    calendar: Calendar,
    by: User | None,
    on: date,
    reason: str,
    fixed_due: date | None = None,
) -> list[Clock]:
    """Save a running clock with its new count, and what hangs on its date; return all clocks that moved."""
    before, due_before = clock.computed_due, clock.due
    if clock.unit == Clock.Unit.DATE:
        clock.computed_due = fixed_due or clock.computed_due
    else:
        clock.computed_due = due_after(trigger_on, clock.length, clock.unit, calendar)
    if clock.computed_due is not None and clock.computed_due < trigger_on:
        raise WrongDates(
            f"{_words(clock.computed_due)} is before {_words(trigger_on)}, when the clock starts. Check both dates."
        )
    _refuse_unless_after(trigger_on, clock.notified_due)
    clock.trigger_on = trigger_on
    save_because(clock, by=by, reason=reason)
    if clock.computed_due != before:
        save_because(
            Recount(clock=clock, on=on, from_due=before, to_due=clock.computed_due, reason=reason),
            by=by,
            reason=reason,
        )
    if clock.due == due_before:
        return [clock]
    return [clock, *_follow(clock, calendar=calendar, by=by, on=on, reason=reason)]


def _follow(clock: Clock, *, calendar: Calendar, by: User | None, on: date, reason: str) -> list[Clock]:
    """Move what hangs on a clock's date: the council's own steps before it, and the visits expected around it."""
    due = cast(date, clock.due)
    steps = GovernanceStep.objects.select_for_update().filter(
        clock=clock, working_days_before__isnull=False, done_on__isnull=True
    )
    for step in steps.order_by("pk"):
        day = calendar.add(due, -step.working_days_before)
        if day != step.due_on:
            step.due_on = day
            save_because(step, by=by, reason=reason)
    if clock.kind != Clock.Kind.PLAN:
        return []
    hanging = Clock.objects.select_for_update().running(on=on).filter(inspection=clock.inspection_id)
    moved = []
    for one in hanging.filter(kind__in=ON_THE_PLANS_DATE).order_by("pk"):
        trigger_on = due if one.kind == Clock.Kind.FIRST_VISIT else clock.trigger_on
        moved += _move(one, trigger_on=trigger_on, fixed_due=due, calendar=calendar, by=by, on=on, reason=reason)
    return moved


@recorded()
def set_notified_due(clock: Clock, *, due: date, source: str, calendar: Calendar, by: User | None, on: date) -> Clock:
    """Keep the date that a letter gives for a running clock; it governs from now on.

    What hangs on the date moves along. Raises ClockEnded when the clock was met, missed or void, WrongDates for a
    date not after day 0, or before `on`: a slip of the pen would make the clock late for good.
    """
    clock = _lock(clock)
    _refuse_unless_running(clock, on=on)
    _refuse_unless_after(clock.trigger_on, due)
    if due < on:
        raise WrongDates(
            f"{_words(due)} has passed, and the clock would be missed for good. Enter today’s date or a later one."
        )
    before = clock.due
    clock.notified_due, clock.notified_source = due, source
    reason = f"A letter gives {_words(due)}: {source}"
    save_because(clock, by=by, reason=reason)
    if clock.due != before:
        _follow(clock, calendar=calendar, by=by, on=on, reason=reason)
    return clock


# Ending


@recorded()
def stop_clock(clock: Clock, *, met_on: date, on: date, by: User | None, reason: str) -> Clock:
    """Record the day on which all that a clock asks for was done; `on` is the day it is recorded.

    A clock whose date had passed by then was missed, and is met late. Of a kind that comes again the next starts
    on that day. Raises ClockEnded when it was met or void, WrongDates for a day to come or before day 0.
    """
    clock = _lock(clock)
    if clock.voided_on is not None or clock.met_on is not None:
        raise ClockEnded(f"{_how_it_ended(clock)} It stays as it is.")
    if met_on < clock.trigger_on:
        raise WrongDates(
            f"“{clock.rule.title}” is counted from {_words(clock.trigger_on)}. Enter that day or a later one."
        )
    if met_on > on:
        raise WrongDates("Enter the day it was done. It cannot be in the future.")
    if state_of(clock.facts, on=on) == State.MISSED and clock.missed_on is None:
        clock.missed_on = on
    clock.met_on = met_on
    save_because(clock, by=by, reason=reason)
    if clock.rule.repeats:
        start_clock(
            clock.source,
            kind=clock.kind,
            trigger_on=met_on,
            calendar=dates.calendar(),
            practices=practices_of(clock.authority),
            by=by,
            sequence=clock.sequence + 1,
        )
    return clock


@recorded()
def void_clock(clock: Clock, *, on: date, by: User | None, reason: str) -> Clock:
    """Say that a running clock counts no more, and why. Raises ClockEnded when it was met, missed or void."""
    clock = _lock(clock)
    _refuse_unless_running(clock, on=on)
    clock.voided_on, clock.void_reason = on, reason
    return save_because(clock, by=by, reason=reason)


@recorded()
def record_step(
    clock: Clock, *, step: str, done_on: date, done_by: str, proof: str, by: User | None, on: date
) -> ClockStep:
    """Record one of the things that together end a clock; with the last of them it ends, on the latest of their days.

    Raises WrongStep for a step that this clock does not have or that was recorded before, ClockEnded when it was
    met or void, WrongDates for a day to come or before day 0.
    """
    clock = _lock(clock)
    if clock.voided_on is not None or clock.met_on is not None:
        raise ClockEnded(f"{_how_it_ended(clock)} Nothing more can be recorded for it.")
    found = clock.rule.step(step)
    if found is None:
        raise WrongStep(f"“{clock.rule.title}” has no such step. {clock.rule.ended_by}".strip())
    if done_on > on:
        raise WrongDates("Enter the day it was done. It cannot be in the future.")
    if done_on < clock.trigger_on:
        raise WrongDates(
            f"“{clock.rule.title}” is counted from {_words(clock.trigger_on)}. Enter that day or a later one."
        )
    if before := clock.steps.filter(step=step).first():
        raise WrongStep(
            f"“{found.label}” was recorded before, for {_words(before.done_on)} by {before.done_by}. It stays."
        )
    row = save_because(
        ClockStep(
            clock=clock, step=step, done_on=done_on, done_by=done_by, proof=proof, recorded_by=by, recorded_on=on
        ),
        by=by,
        reason=f"{found.label}: {proof}",
    )
    done = dict(clock.steps.values_list("step", "done_on"))
    if all(one.code in done for one in clock.rule.steps):
        words = ", ".join(one.label for one in clock.rule.steps)
        stop_clock(clock, met_on=max(done.values()), on=on, by=by, reason=f"All is recorded: {words}")
    return row


@recorded()
def note_missed(*, on: date) -> list[Clock]:
    """Note each clock whose date has passed unmet, of every council; return them. Forecasts are never missed.

    For the daily job: what was noted before is not noted again.
    """
    noted = []
    for clock in Clock.objects.select_for_update().passed_unnoticed(on=on).order_by("pk"):
        clock.missed_on = on
        noted.append(
            save_because(clock, by=None, reason=f"Its date, {_words(cast(date, clock.due))}, passed and it is not met")
        )
    return noted


def void_what_no_longer_applies(
    clocks: Iterable[Clock], *, kinds: Iterable[str], on: date, by: User | None, reason: str
) -> None:
    """Make running clocks void whose kind is not among those that apply now."""
    for clock in clocks:
        if clock.kind not in kinds and state_of(clock.facts, on=on) == State.RUNNING:
            void_clock(clock, on=on, by=by, reason=reason)


def _lock(clock: Clock) -> Clock:
    return Clock.objects.select_for_update().get(pk=clock.pk)


def _refuse_unless_running(clock: Clock, *, on: date) -> None:
    if state_of(clock.facts, on=on) != State.RUNNING:
        raise ClockEnded(f"{_how_it_ended(clock)} It stays as it is.")


def _how_it_ended(clock: Clock) -> str:
    if clock.voided_on is not None:
        return f"“{clock.rule.title}” was made void on {_words(clock.voided_on)}."
    if clock.met_on is not None:
        return f"“{clock.rule.title}” was met on {_words(clock.met_on)}."
    return f"“{clock.rule.title}” was missed: its date was {_words(cast(date, clock.due))}."
