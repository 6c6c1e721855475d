"""What waits for someone to decide: which actions, why, and the next step there is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.urls import reverse

from accounts.member import Member
from tracker.actions import permissions
from tracker.actions.models import Action, ActionQuerySet
from tracker.actions.rules import STALE_DAYS, Status
from tracker.actions.wording import late_words, working_days_words
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.plans.models import Plan
from tracker.reports import answers, letters
from tracker.reports.letters import VisitHeard

CHECK_WITHIN_WORKING_DAYS = 5


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


def _heard_since(on: date) -> date:
    return on - timedelta(days=STALE_DAYS)


def unheard(*, on: date) -> Q:
    """Of the unfinished: overdue, with no update for 30 days or ever; see rules.is_stale."""
    silent = Q(last_updated_on__isnull=True) | Q(last_updated_on__lt=_heard_since(on))
    return Q(deadline__lt=on) & silent


def unchecked(*, on: date, calendar: Calendar) -> Q:
    """Of the open: said to be done more than 5 working days ago. Raises HolidaysUnknown."""
    last_working_day = on if calendar.is_working_day(on) else calendar.add(on, -1)
    return Q(claimed_on__lt=calendar.add(last_working_day, -CHECK_WITHIN_WORKING_DAYS))


def unreminded(gone: Iterable[int], *, on: date) -> Q:
    """Of the unfinished: owned by nobody or by someone who has left; but not those already `unheard`."""
    in_time = Q(deadline__isnull=True) | Q(deadline__gte=on) | Q(last_updated_on__gte=_heard_since(on))
    return in_time & (Q(owner__isnull=True) | Q(owner__in=list(gone)))


# Which of them to show


@dataclass(frozen=True)
class Waiting:
    """How many actions wait, of each kind; whose owners have left; the visits with findings that have no action."""

    unheard: int
    unchecked: int
    unreminded: int
    gone: Collection[int]
    findings: Sequence[VisitHeard]

    @property
    def by_kind(self) -> list[int]:
        """Worst first; the findings without an action are one thing to decide."""
        return [self.unheard, min(len(self.findings), 1), self.unchecked, self.unreminded]


def decisions(plan: Plan, member: Member, waiting: Waiting, *, on: date, calendar: Calendar) -> list[Decision]:
    """Return at most 5 things that wait, worst first and one of each kind at least. At most three queries."""
    actions = Action.objects.visible_to(member).filter(plan=plan).select_related("owner", "priority")

    def worst(which: ActionQuerySet, order: OrderBy, room: int) -> list[Action]:
        found = list(which.order_by(order, "position", "pk")[:room]) if room else []
        for action in found:
            action.plan = plan
        return found

    late, findings, done, alone = answers.share_out(waiting.by_kind)
    soonest = F("deadline").asc(nulls_last=True)
    return [
        *(
            _unheard(action, member, waiting.gone, on=on, calendar=calendar)
            for action in worst(actions.unfinished().filter(unheard(on=on)), F("deadline").asc(), late)
        ),
        *([_findings(waiting.findings, on=on, calendar=calendar)] if findings else []),
        *(
            _unchecked(action, member, on=on, calendar=calendar)
            for action in worst(actions.open().filter(unchecked(on=on, calendar=calendar)), F("claimed_on").asc(), done)
        ),
        *(
            _unreminded(action, member)
            for action in worst(actions.unfinished().filter(unreminded(waiting.gone, on=on)), soonest, alone)
        ),
    ]


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


def _unheard(action: Action, member: Member, gone: Collection[int], *, on: date, calendar: Calendar) -> Decision:
    late = late_words(action.deadline, on=on, calendar=calendar)
    silence = answers.silence_words(action.last_updated_on, on=on)
    if action.owner is None or action.owner_id in gone:
        owner, step, may = _nobody(action), ("owner", "Choose an owner"), permissions.may_hand_over(member, action)
    else:
        owner, step, may = action.owner, ("update", "Update progress"), permissions.may_update(member, action)
    return _of_action(action, Status.OVERDUE, f"{late}. {silence}. {owner}.", step, may=may)


def _nobody(action: Action) -> str:
    return f"{f'{action.owner} has left' if action.owner else 'No owner'}: nobody is being reminded"


def _unchecked(action: Action, member: Member, *, on: date, calendar: Calendar) -> Decision:
    said = f"{action.owner or 'Its owner'} said it was done on {action.claimed_on:%-d %B %Y}."
    waited = working_days_words(calendar.between(action.claimed_on, on))
    may = permissions.may_check(member, action)
    return _of_action(action, Status.WAITING, f"{said} Not checked for {waited}.", ("check", "Check the work"), may=may)


def _unreminded(action: Action, member: Member) -> Decision:
    due = f" Due {action.deadline:%A %-d %B %Y}." if action.deadline else ""
    may = permissions.may_hand_over(member, action)
    return _of_action(action, Status.AT_RISK, f"{_nobody(action)}.{due}", ("owner", "Choose an owner"), may=may)


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
