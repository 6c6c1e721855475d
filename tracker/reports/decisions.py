"""What waits for someone to decide: which actions, why, and the next step there is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Q, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse

from accounts.member import Member
from accounts.models import Membership
from tracker.actions import permissions
from tracker.actions.models import Action
from tracker.actions.rules import STALE_DAYS, Status
from tracker.actions.wording import late_words, working_days_words
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.plans.models import Plan
from tracker.reports import answers, letters
from tracker.reports.letters import VisitHeard

CHECK_WITHIN_WORKING_DAYS = 5
NO_DEADLINE = date.max

UNHEARD, FINDINGS, UNCHECKED, UNREMINDED = KINDS = ("unheard", "findings", "unchecked", "unreminded")


@dataclass(frozen=True)
class Decision:
    """One thing that waits; `step_for` says to screen readers what the step is for."""

    tone: Status
    title: str
    url: str
    facts: str
    step: str
    step_for: str
    step_url: str


# Which actions


def _unfinished() -> Q:
    return Q(completed_on__isnull=True, cancelled_on__isnull=True, claimed_on__isnull=True)


def _heard_since(on: date) -> date:
    return on - timedelta(days=STALE_DAYS)


def unheard(*, on: date) -> Q:
    """Overdue, with no update for 30 days or ever; see rules.is_stale."""
    silent = Q(last_updated_on__isnull=True) | Q(last_updated_on__lt=_heard_since(on))
    return _unfinished() & Q(deadline__lt=on) & silent


def unchecked(*, on: date, calendar: Calendar) -> Q:
    """Said to be done more than 5 working days ago, and not checked yet. Raises HolidaysUnknown."""
    last_working_day = on if calendar.is_working_day(on) else calendar.add(on, -1)
    before = calendar.add(last_working_day, -CHECK_WITHIN_WORKING_DAYS)
    return Q(completed_on__isnull=True, cancelled_on__isnull=True, claimed_on__lt=before)


def unreminded(member: Member, *, on: date) -> Q:
    """Unfinished, and owned by nobody or by someone who has left; but not those already `unheard`."""
    here = Membership.objects.current(on=on).filter(authority=member.authority).order_by().values("user")
    in_time = Q(deadline__isnull=True) | Q(deadline__gte=on) | Q(last_updated_on__gte=_heard_since(on))
    return _unfinished() & in_time & (Q(owner__isnull=True) | ~Q(owner__in=here))


# Which of them to show


@dataclass(frozen=True)
class Waiting:
    """How many wait, of each kind, and the worst actions of each, worst first."""

    actions: Mapping[str, Sequence[int]]
    numbers: Mapping[str, int]
    findings: Sequence[VisitHeard]

    @property
    def by_kind(self) -> list[int]:
        """Worst first; the findings without an action are one thing to decide."""
        findings = {FINDINGS: min(len(self.findings), 1)}
        return [{**self.numbers, **findings}.get(kind, 0) for kind in KINDS]


def waiting(
    plan: Plan, member: Member, findings: Sequence[VisitHeard], *, on: date, calendar: Calendar
) -> Waiting:
    """Find what waits in a plan: counts, and the worst 5 actions of each kind. One query."""
    late, done, alone = unheard(on=on), unchecked(on=on, calendar=calendar), unreminded(member, on=on)
    rows = (
        Action.objects.visible_to(member)
        .filter(late | done | alone, plan=plan)
        .annotate(
            kind=Case(When(late, then=Value(UNHEARD)), When(done, then=Value(UNCHECKED)), default=Value(UNREMINDED)),
            since=Coalesce("claimed_on", "deadline", Value(NO_DEADLINE)),
        )
        .annotate(
            rank=Window(RowNumber(), partition_by="kind", order_by=("since", "position", "pk")),
            number=Window(Count("*"), partition_by="kind"),
        )
        .filter(rank__lte=answers.AT_MOST_DECISIONS)
        .order_by("kind", "rank")
        .values_list("kind", "pk", "number")
    )
    actions: dict[str, list[int]] = {}
    numbers: dict[str, int] = {}
    for kind, action, number in rows:
        actions.setdefault(kind, []).append(action)
        numbers[kind] = number
    return Waiting(actions, numbers, findings)


def decisions(plan: Plan, member: Member, waits: Waiting, *, on: date, calendar: Calendar) -> list[Decision]:
    """Return at most 5 things that wait, worst first and one of each kind at least. One query."""
    rooms = dict(zip(KINDS, answers.share_out(waits.by_kind), strict=True))
    chosen = {kind: waits.actions.get(kind, ())[: rooms[kind]] for kind in KINDS}
    wanted = [action for actions in chosen.values() for action in actions]
    found = (
        {
            action.pk: action
            for action in Action.objects.visible_to(member).filter(pk__in=wanted).select_related("owner", "priority")
        }
        if wanted
        else {}
    )
    for action in found.values():
        action.plan = plan
    shown: list[Decision] = []
    for kind in KINDS:
        if kind == FINDINGS and rooms[kind]:
            shown.append(_findings(waits.findings, on=on, calendar=calendar))
        for action in chosen[kind]:
            shown.append(SAY[kind](found[action], member, on=on, calendar=calendar))
    return shown


# What to say of them


def _of_action(action: Action, tone: Status, facts: str, step: tuple[str, str], *, may: bool) -> Decision:
    """Whoever may take the step is led to it; anyone else to the action."""
    page = action.get_absolute_url()
    name, words = step
    return Decision(
        tone=tone,
        title=str(action),
        url=page,
        facts=facts,
        step=words if may else "See the action",
        step_for=f" for {action.reference}" if may else f" {action.reference}",
        step_url=reverse(f"actions:{name}", args=[action.plan.reference, action.reference]) if may else page,
    )


def _unheard(action: Action, member: Member, *, on: date, calendar: Calendar) -> Decision:
    late = late_words(action.deadline, on=on, calendar=calendar)
    silence = answers.silence_words(action.last_updated_on, on=on)
    owner = action.owner.name if action.owner else "No owner"
    may = permissions.may_update(member, action)
    return _of_action(action, Status.OVERDUE, f"{late}. {silence}. {owner}.", ("update", "Update progress"), may=may)


def _unchecked(action: Action, member: Member, *, on: date, calendar: Calendar) -> Decision:
    said = f"{action.owner or 'Its owner'} said it was done on {action.claimed_on:%-d %B %Y}."
    waited = working_days_words(calendar.between(action.claimed_on, on))
    may = permissions.may_check(member, action)
    return _of_action(action, Status.WAITING, f"{said} Not checked for {waited}.", ("check", "Check the work"), may=may)


def _unreminded(action: Action, member: Member, **_: Any) -> Decision:
    owner = f"{action.owner} has left" if action.owner else "No owner"
    due = f" Due {action.deadline:%A %-d %B %Y}." if action.deadline else ""
    may = permissions.may_hand_over(member, action)
    return _of_action(
        action, Status.AT_RISK, f"{owner}: nobody is being reminded.{due}", ("owner", "Choose an owner"), may=may
    )


def _findings(gaps: Sequence[VisitHeard], *, on: date, calendar: Calendar) -> Decision:
    number = sum(heard.without_action for heard in gaps)
    latest = gaps[0].visit
    last = f"{latest}, {letters.when(latest, on=on, calendar=calendar)}"
    only = len(gaps) == 1
    url = f"{latest.get_absolute_url()}#findings" if only else f"{reverse('reports:visits')}#over"
    return Decision(
        tone=Status.AT_RISK,
        title=count_of(number, "finding has no action,findings have no action"),
        url=url,
        facts=f"{last}." if only else f"From {len(gaps)} visits, the last of them {answers.small(last)}.",
        step="See the findings",
        step_for=" that have no action",
        step_url=url,
    )


SAY: Mapping[str, Callable[..., Decision]] = {UNHEARD: _unheard, UNCHECKED: _unchecked, UNREMINDED: _unreminded}
