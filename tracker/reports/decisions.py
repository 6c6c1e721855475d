"""What waits for someone to decide: which actions, why, and the next step there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
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
    """How many wait, of each kind, and which actions, the worst first."""

    numbers: Mapping[str, int]
    worst: Mapping[str, Sequence[int]]
    findings: Sequence[VisitHeard]

    @property
    def by_kind(self) -> list[int]:
        """Worst first; the findings without an action are one thing to decide."""
        return [min(len(self.findings), 1) if kind == FINDINGS else self.numbers[kind] for kind in KINDS]


def worst_of(
    plan: Plan, member: Member, numbers: Mapping[str, int], *, on: date, calendar: Calendar
) -> dict[str, list[int]]:
    """Return the 5 worst actions of each kind of which there are any. At most three queries."""
    which = {
        UNHEARD: (unheard(on=on), F("deadline")),
        UNCHECKED: (unchecked(on=on, calendar=calendar), F("claimed_on")),
        UNREMINDED: (unreminded(member, on=on), F("deadline").asc(nulls_last=True)),
    }
    return {
        kind: list(
            Action.objects.visible_to(member)
            .filter(condition, plan=plan)
            .order_by(order, "position", "pk")
            .values_list("pk", flat=True)[: answers.AT_MOST_DECISIONS]
        )
        for kind, (condition, order) in which.items()
        if numbers[kind]
    }


def decisions(plan: Plan, member: Member, waits: Waiting, *, on: date, calendar: Calendar) -> list[Decision]:
    """Return at most 5 things that wait, worst first and one of each kind at least. One query."""
    rooms = dict(zip(KINDS, answers.share_out(waits.by_kind), strict=True))
    chosen = {kind: waits.worst.get(kind, [])[: rooms[kind]] for kind in KINDS}
    found = _found(plan, member, [action for actions in chosen.values() for action in actions])
    say = {UNHEARD: _unheard, UNCHECKED: _unchecked, UNREMINDED: _unreminded}
    shown: list[Decision] = []
    for kind in KINDS:
        if kind == FINDINGS and rooms[kind]:
            shown.append(_findings(waits.findings, on=on, calendar=calendar))
        shown += [say[kind](found[action], member, on=on, calendar=calendar) for action in chosen[kind]]
    return shown


def _found(plan: Plan, member: Member, wanted: Sequence[int]) -> dict[int, Action]:
    if not wanted:
        return {}
    actions = Action.objects.visible_to(member).filter(pk__in=wanted).select_related("owner", "priority")
    found = {action.pk: action for action in actions}
    for action in found.values():
        action.plan = plan
    return found


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
