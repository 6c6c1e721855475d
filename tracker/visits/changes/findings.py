"""Which actions answer a finding of a letter, and the clock that runs until each has one."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Agency, User, practices_of
from tracker.actions.models import Action, FindingAnswer
from tracker.audit.chain import recorded
from tracker.audit.history import delete_because, save_because
from tracker.dates.working_days import Calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.changes import OtherCouncil
from tracker.inspections.models import Clock, Finding, Recommendation, Visit
from tracker.visits.changes.refusals import CancelledAction, NeedsNoAction
from tracker.visits.findings import has_action

ALL_ANSWERED = "Every finding that needs work has an action"


@recorded()
def add_finding(
    visit: Visit,
    *,
    kind: str,
    text: str,
    by: User,
    on: date,
    calendar: Calendar,
    number: int | None = None,
    paragraph: str = "",
    is_paraphrase: bool = False,
    recommendation: Recommendation | None = None,
    agency: Agency | None = None,
    actions: Iterable[Action] = (),
) -> Finding:
    """Enter one finding of a visit's letter, with the actions that answer it.

    The first that needs work starts the council's clock, within which each must have an action. Raises NeedsNoAction
    for a strength with actions, CancelledAction, and what `inspections.changes.add_finding` raises.
    """
    finding = inspection_changes.add_finding(
        visit,
        kind=kind,
        text=text,
        number=number,
        paragraph=paragraph,
        is_paraphrase=is_paraphrase,
        recommendation=recommendation,
        agency=agency,
        by=by,
        reason="From the letter",
    )
    actions = list(actions)
    _refuse_answers(finding, actions)
    for action in actions:
        save_because(FindingAnswer(action=action, finding=finding), by=by, reason="Named when the letter was recorded")
    start_finding_clock(visit, on=on, calendar=calendar, by=by)
    return finding


@recorded()
def answer_finding(finding: Finding, *, actions: Iterable[Action], by: User, on: date, reason: str) -> list[Action]:
    """Say which actions answer a finding, in place of those that did; stop the clock if it was the last without one.

    One history row for each that is added or taken out. Raises NeedsNoAction for a strength, CancelledAction,
    OtherCouncil, NothingChanged.
    """
    Visit.objects.select_for_update().get(pk=finding.visit_id)
    finding = Finding.objects.select_for_update().get(pk=finding.pk)
    chosen = {action.pk: action for action in actions}
    there = {row.action_id: row for row in finding.answers.filter(action__cancelled_on__isnull=True)}
    if chosen.keys() == there.keys():
        raise inspection_changes.NothingChanged("These actions answer it already. Change something, or go back.")
    _refuse_answers(finding, [action for key, action in chosen.items() if key not in there])
    for key, row in there.items():
        if key not in chosen:
            delete_because(row, by=by, reason=reason)
    for key, action in chosen.items():
        if key not in there:
            save_because(FindingAnswer(action=action, finding=finding), by=by, reason=reason)
    stop_finding_clock(finding.visit, on=on, by=by)
    return list(chosen.values())


def _refuse_answers(finding: Finding, actions: Iterable[Action]) -> None:
    for action in actions:
        if finding.kind == Finding.Kind.STRENGTH:
            raise NeedsNoAction("A strength needs no action: leave the actions empty, or say that it needs work.")
        if action.authority_id != finding.authority_id:
            raise OtherCouncil(f"“{action}” belongs to another council.")
        if action.cancelled_on is not None:
            raise CancelledAction(f"{action.reference} was cancelled, so it answers nothing. Choose another action.")


@recorded()
def change_finding(
    finding: Finding,
    *,
    kind: str,
    number: int,
    text: str,
    paragraph: str,
    is_paraphrase: bool,
    recommendation: Recommendation | None,
    agency: Agency | None,
    by: User,
    on: date,
    calendar: Calendar,
    reason: str,
    seen: int | None = None,
) -> Finding:
    """Correct a finding. Raises NeedsNoAction for making one a strength that actions answer, and what
    `inspections.changes.change_finding` raises."""
    if kind == Finding.Kind.STRENGTH and finding.answers.exists():
        raise NeedsNoAction("Actions answer this finding, so it needs work. Unlink them before you make it a strength.")
    changed = inspection_changes.change_finding(
        finding,
        kind=kind,
        number=number,
        text=text,
        paragraph=paragraph,
        is_paraphrase=is_paraphrase,
        recommendation=recommendation,
        agency=agency,
        by=by,
        reason=reason,
        seen=seen,
    )
    start_finding_clock(changed.visit, on=on, calendar=calendar, by=by)
    return changed


# The council's own clock: an action for each finding


@recorded()
def start_finding_clock(visit: Visit, *, on: date, calendar: Calendar, by: User | None) -> Clock | None:
    """Start the clock of a letter with a finding that has no action, unless one runs; else None.

    It runs from the day of the letter. Where an earlier one was met and a finding is added after that, a second one
    starts beside it: what was met stays met. Nothing starts while no day of the letter is known.
    """
    visit = Visit.objects.select_for_update(of=("self",)).select_related("authority").get(pk=visit.pk)
    if visit.letter_on is None or not _without_action(visit).exists():
        return None
    clocks = list(visit.clocks.filter(kind=Clock.Kind.FINDING_ACTIONS).order_by("sequence"))
    if any(clock.is_running for clock in clocks):
        return None
    return inspection_changes.start_clock(
        visit,
        kind=Clock.Kind.FINDING_ACTIONS,
        trigger_on=visit.letter_on,
        calendar=calendar,
        practices=practices_of(visit.authority),
        by=by,
        sequence=len(clocks) + 1,
    )


@recorded()
def stop_finding_clock(visit: Visit, *, on: date, by: User | None) -> Clock | None:
    """Stop the clock of a letter when each finding that it names has an action; else None.

    While fewer findings are recorded than the letter counts, it runs on.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    recorded = visit.findings.filter(kind=Finding.Kind.NEEDS_WORK).count()
    if recorded < (visit.needs_work_reported or 0) or not recorded or _without_action(visit).exists():
        return None
    running = next((clock for clock in visit.clocks.filter(kind=Clock.Kind.FINDING_ACTIONS) if clock.is_running), None)
    if running is None or running.trigger_on > on:
        return None
    return inspection_changes.stop_clock(running, met_on=on, on=on, by=by, reason=ALL_ANSWERED)


def _without_action(visit: Visit) -> QuerySet[Finding]:
    return visit.findings.filter(kind=Finding.Kind.NEEDS_WORK).exclude(has_action())


def settle_finding_clocks(*, on: date) -> int:
    """Stop every running clock of a letter whose findings all have an action; return how many, of all councils.

    For the job: an action that was added elsewhere may have been the last one missing. Safe to run at any time.
    """
    gap = Finding.objects.filter(visit=OuterRef("pk"), kind=Finding.Kind.NEEDS_WORK).exclude(has_action())
    running = Q(clocks__kind=Clock.Kind.FINDING_ACTIONS, clocks__met_on=None, clocks__voided_on=None)
    waiting = Visit.objects.filter(running).filter(~Exists(gap)).order_by("pk").distinct()
    return sum(stop_finding_clock(visit, on=on, by=None) is not None for visit in waiting)
