"""What the DfE puts in place, until when, and when it is lifted."""

from datetime import date

from accounts.models import Authority, User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar
from tracker.inspections.changes.clocks import (
    retrigger,
    start_intervention_clocks,
    stop_clock,
    void_clock,
)
from tracker.inspections.changes.refusals import ClockEnded, NumberUsed, OtherCouncil, WrongDates
from tracker.inspections.models import Clock, Inspection, Intervention
from tracker.inspections.rules import State, state_of


@recorded()
def record_intervention(
    authority: Authority,
    *,
    reference: str,
    kind: str,
    starts_on: date,
    calendar: Calendar,
    by: User | None,
    on: date,
    reason: str,
    ends_on: date | None = None,
    inspection: Inspection | None = None,
    conditions: str = "",
) -> Intervention:
    """Enter a notice, a direction, a commissioner or support, and start its clocks.

    Raises WrongDates for days that cannot be, OtherCouncil for another council's inspection, NumberUsed for a
    name in use.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    if inspection is not None and inspection.authority_id != authority.pk:
        raise OtherCouncil("That inspection belongs to another council.")
    if starts_on > on:
        raise WrongDates("Enter the day it began. It cannot be in the future.")
    if inspection is not None and inspection.received_on and starts_on < inspection.received_on:
        raise WrongDates(
            f"It follows an inspection whose report was received on {inspection.received_on:%-d %B %Y}. "
            "Enter that day or a later one, or choose another inspection."
        )
    if ends_on is not None and ends_on <= starts_on:
        raise WrongDates("The final date must be after the day it began.")
    if Intervention.objects.filter(authority=authority, reference=reference).exists():
        raise NumberUsed(f"“{reference}” is the name of another one. Choose a different name.")
    intervention = save_because(
        Intervention(
            authority=authority,
            inspection=inspection,
            reference=reference,
            kind=kind,
            starts_on=starts_on,
            ends_on=ends_on,
            conditions=conditions,
        ),
        by=by,
        reason=reason,
    )
    start_intervention_clocks(intervention, calendar=calendar, by=by)
    return intervention


@recorded()
def change_intervention(
    intervention: Intervention,
    *,
    ends_on: date | None,
    conditions: str,
    calendar: Calendar,
    by: User | None,
    on: date,
    reason: str,
) -> Intervention:
    """Change the final date or the conditions; the clock of the final date moves along.

    Raises ClockEnded when it was lifted, or its final date was met or missed, WrongDates for a date that has
    passed or none where there was one.
    """
    intervention = Intervention.objects.select_for_update().get(pk=intervention.pk)
    if intervention.lifted_on is not None:
        raise ClockEnded(f"It was lifted on {intervention.lifted_on:%-d %B %Y}. It stays as it is.")
    before, intervention.ends_on, intervention.conditions = intervention.ends_on, ends_on, conditions
    if ends_on != before:
        if ends_on is None:
            raise WrongDates("Enter the new final date. If there is none any more, say when it was lifted.")
        if ends_on < on:
            raise WrongDates(f"{ends_on:%-d %B %Y} has passed. Enter today’s date or a later one.")
    save_because(intervention, by=by, reason=reason)
    if ends_on != before and (clock := intervention.clocks.filter(kind=Clock.Kind.NOTICE_END).first()):
        retrigger(clock, trigger_on=clock.trigger_on, fixed_due=ends_on, calendar=calendar, by=by, on=on, reason=reason)
    start_intervention_clocks(intervention, calendar=calendar, by=by)
    return intervention


@recorded()
def lift_intervention(
    intervention: Intervention, *, lifted_on: date, calendar: Calendar, by: User | None, on: date, reason: str
) -> Intervention:
    """Record that it was lifted or ended: its final date is met, no more reviews are due, and support begins.

    Raises ClockEnded when it was lifted before, WrongDates for a day to come or before it began.
    """
    intervention = Intervention.objects.select_for_update().get(pk=intervention.pk)
    if intervention.lifted_on is not None:
        raise ClockEnded(f"It was lifted on {intervention.lifted_on:%-d %B %Y}. It stays as it is.")
    if lifted_on > on:
        raise WrongDates("Enter the day it was lifted. It cannot be in the future.")
    if lifted_on < intervention.starts_on:
        raise WrongDates(f"It began on {intervention.starts_on:%-d %B %Y}. Enter that day or a later one.")
    intervention.lifted_on = lifted_on
    save_because(intervention, by=by, reason=reason)
    ends_with_it = {Clock.Kind.NOTICE_END, Clock.Kind.SUPPORT_END}
    for clock in Clock.objects.select_for_update().unmet().filter(intervention=intervention).order_by("pk"):
        if clock.kind in ends_with_it:
            stop_clock(clock, met_on=lifted_on, on=on, by=by, reason=f"It was lifted: {reason}")
        elif state_of(clock.facts, on=on) == State.RUNNING:
            void_clock(clock, on=on, by=by, reason=f"It was lifted on {lifted_on:%-d %B %Y}: {reason}")
    start_intervention_clocks(intervention, calendar=calendar, by=by)
    return intervention
