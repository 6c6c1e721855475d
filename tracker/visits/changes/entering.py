"""Entering a visit and moving it: what is made ready for it and the clocks that hang on it go along."""

from datetime import date
from itertools import chain, count
from typing import Any

from accounts.models import Authority, User
from tracker.audit.chain import recorded
from tracker.dates.working_days import Calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Inspection, Visit
from tracker.visits.changes.findings import start_finding_clock
from tracker.visits.changes.questions import add_likely_questions
from tracker.visits.changes.readiness import default_list, move_tasks, start_list


@recorded()
def enter_visit(
    authority: Authority,
    *,
    kind: str,
    sequence: int | None,
    inspection: Inspection | None,
    by: User,
    on: date,
    calendar: Calendar,
    **known: Any,
) -> Visit:
    """Enter a visit, start its clocks and, if its days are known and to come, its readiness list and questions.

    Raises what `inspections.changes.record_visit` raises; also VisitEntered for one of the same kind on the same day.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    starts_on = known.get("starts_on")
    same = Visit.objects.of(authority).filter(kind=kind, starts_on=starts_on)
    if starts_on is not None and (entered := same.first()):
        raise inspection_changes.VisitEntered(
            f"{entered} on {starts_on:%-d %B %Y} is entered already. Change that visit, or enter another day."
        )
    day = starts_on or known.get("expected_from") or known.get("expected_to") or on
    visit = inspection_changes.record_visit(
        authority,
        reference=free_reference(authority, kind=kind, sequence=sequence, year=day.year),
        kind=kind,
        sequence=sequence,
        inspection=inspection,
        by=by,
        reason="Entered by the programme office",
        **known,
    )
    inspection_changes.start_visit_clocks(visit, calendar=calendar, by=by)
    _prepare(visit, by=by, on=on, calendar=calendar)
    return visit


def free_reference(authority: Authority, *, kind: str, sequence: int | None, year: int) -> str:
    """Return how a visit is named in its address: "monitoring-2"; with its year where an earlier one has that."""
    used = set(Visit.objects.of(authority).values_list("reference", flat=True))
    kind = kind.replace("_", "-")
    first = [f"{kind}-{sequence}", f"{kind}-{sequence}-{year}"] if sequence else []
    stem = first[-1] if sequence else kind
    return next(name for name in chain(first, (f"{stem}-{n}" for n in count(1))) if name not in used)


def _prepare(visit: Visit, *, by: User, on: date, calendar: Calendar) -> None:
    """Start the readiness list and the likely questions of a visit that is to come, once its days are known."""
    if visit.starts_on is None or visit.starts_on <= on or visit.has_letter:
        return
    if not visit.readiness_tasks.exists():
        if any(line.is_in_use for line in default_list(visit.authority, by=by)):
            start_list(visit, by=by, calendar=calendar)
        add_likely_questions(visit, by=by)


@recorded()
def change_visit(
    visit: Visit, *, by: User, on: date, calendar: Calendar, reason: str, seen: int | None = None, **known: Any
) -> Visit:
    """Change what is known of a visit; what is made ready for it and the clocks that hang on it move with it.

    Tasks counted back from the visit move; those whose day was chosen stay. Raises what
    `inspections.changes.change_visit` raises.
    """
    Authority.objects.select_for_update().get(pk=visit.authority_id)
    before = Visit.objects.get(pk=visit.pk)
    changed = inspection_changes.change_visit(visit, by=by, reason=reason, seen=seen, **known)
    if changed.starts_on != before.starts_on:
        move_tasks(changed, by=by, calendar=calendar, reason=f"The visit moved: {reason}")
        _prepare(changed, by=by, on=on, calendar=calendar)
    inspection_changes.follow_visit(changed, calendar=calendar, by=by, on=on, reason=f"The visit changed: {reason}")
    return changed


@recorded()
def record_letter(
    visit: Visit, *, by: User, on: date, calendar: Calendar, reason: str = "The letter came", **letter: Any
) -> Visit:
    """Record the letter of a visit, or correct what was recorded of it, and start the clocks that run from it.

    Raises what `inspections.changes.record_letter` raises.
    """
    recorded = inspection_changes.record_letter(visit, by=by, on=on, reason=reason, **letter)
    inspection_changes.follow_visit(recorded, calendar=calendar, by=by, on=on, reason=reason)
    start_finding_clock(recorded, on=on, calendar=calendar, by=by)
    return recorded
