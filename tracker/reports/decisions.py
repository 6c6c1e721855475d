"""What waits for someone to decide: which actions, why, and the next step there is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.urls import reverse

from accounts.member import Member
from tracker.actions import permissions
from tracker.actions.models import Action, ActionQuerySet, DeadlineRequest
from tracker.actions.rules import CLOSE_WORKING_DAYS, STALE_DAYS, Status
from tracker.actions.wording import doubts_of, late_words, working_days_words
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
    """How many things wait, of each kind; whose owners have left; the visits with findings that have no action."""

    unheard: int
    unchecked: int
    unreminded: int
    requests: int = 0
    repeated: int = 0
    doubtful: int = 0
    criticisms: int = 0
    answers: int = 0
    unreachable: int = 0
    reported: int = 0
    gone: Collection[int] = ()
    findings: Sequence[VisitHeard] = ()

    @property
    def by_kind(self) -> list[int]:
        """Worst first; reports, findings without an action, criticisms, answers and addresses are one thing each."""
        return [
            min(self.reported, 1),
            self.requests,
            self.unheard,
            min(len(self.findings), 1),
            self.repeated,
            self.doubtful,
            self.unchecked,
            min(self.criticisms, 1),
            min(self.answers, 1),
            min(self.unreachable, 1),
            self.unreminded,
        ]


def decisions(plan: Plan, member: Member, waiting: Waiting, *, on: date, calendar: Calendar) -> list[Decision]:
    """Return at most 5 things that wait, worst first and one of each kind at least. A query for each kind there is."""
    actions = Action.objects.visible_to(member).filter(plan=plan).select_related("owner", "priority")

    def worst(which: ActionQuerySet, order: OrderBy, room: int) -> list[Action]:
        found = list(which.order_by(order, "position", "pk")[:room]) if room else []
        for action in found:
            action.plan = plan
        return found

    reported, requests, late, findings, repeated, doubtful, done, *others, alone = answers.share_out(waiting.by_kind)
    criticisms, answered, unreachable = others
    soonest = F("deadline").asc(nulls_last=True)
    newest = F("completed_on").desc()
    close_by = calendar.add(on, CLOSE_WORKING_DAYS)
    return [
        *([_reported(waiting.reported)] if reported else []),
        *(_request(request, plan) for request in _requests(plan, member, requests, on=on)),
        *(
            _unheard(action, member, waiting.gone, on=on, calendar=calendar)
            for action in worst(actions.unfinished().filter(unheard(on=on)), F("deadline").asc(), late)
        ),
        *([_findings(waiting.findings, on=on, calendar=calendar)] if findings else []),
        *(_repeated(action, member) for action in worst(actions.repeated_by_a_visit(on=on), newest, repeated)),
        *(
            _doubtful(action, member)
            for action in worst(actions.with_doubts(on=on).doubtful(on=on, close_by=close_by), soonest, doubtful)
        ),
        *(
            _unchecked(action, member, on=on, calendar=calendar)
            for action in worst(actions.open().filter(unchecked(on=on, calendar=calendar)), F("claimed_on").asc(), done)
        ),
        *([_criticisms(plan, waiting.criticisms)] if criticisms else []),
        *([_answers(waiting.answers)] if answered else []),
        *([_unreachable(waiting.unreachable)] if unreachable else []),
        *(
            _unreminded(action, member)
            for action in worst(actions.unfinished().filter(unreminded(waiting.gone, on=on)), soonest, alone)
        ),
    ]


def _requests(plan: Plan, member: Member, room: int, *, on: date) -> list[DeadlineRequest]:
    if not room:
        return []
    waiting = DeadlineRequest.objects.for_decision_by(member, on=on).filter(action__plan=plan)
    return list(waiting.select_related("action", "asked_by").order_by("asked_at", "pk")[:room])


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


def _request(request: DeadlineRequest, plan: Plan) -> Decision:
    action = request.action
    action.plan = plan
    url = reverse("actions:deadline-request", args=[plan.reference, action.reference, request.pk])
    return Decision(
        tone=Status.AT_RISK,
        title=str(action),
        url=action.get_absolute_url(),
        facts=(
            f"{request.asked_by} asks to move the deadline from {request.from_deadline:%-d %B %Y} "
            f"to {request.to_deadline:%-d %B %Y}. {request.tier_reason}"
        ),
        step="Decide",
        step_for=f" about the deadline of {action.reference}",
        step_url=url,
    )


def _repeated(action: Action, member: Member) -> Decision:
    said = f"Complete since {action.completed_on:%-d %B %Y}, but a visit’s letter says it again."
    may = permissions.may_reopen(member, action)
    return _of_action(action, Status.AT_RISK, said, ("repeated", "Reopen or keep closed"), may=may)


def _doubtful(action: Action, member: Member) -> Decision:
    said = " ".join(doubts_of(action.repeated_by))
    return _of_action(
        action, Status.AT_RISK, said, ("update", "Update progress"), may=permissions.may_update(member, action)
    )


def _several(tone: Status, title: str, url: str, *, facts: str, step: str, step_for: str) -> Decision:
    """Things that wait on a page of their own, told as one."""
    return Decision(tone=tone, title=title, url=url, facts=facts, step=step, step_for=step_for, step_url=url)


def _criticisms(plan: Plan, number: int) -> Decision:
    return _several(
        Status.AT_RISK,
        count_of(number, "criticism of the plan is open,criticisms of the plan are open"),
        reverse("plans:criticisms", args=[plan.reference]),
        facts="What a reviewer says against the plan itself stays here until they, or the director, close it.",
        step="Answer",
        step_for=" what reviewers say against the plan",
    )


def _answers(number: int) -> Decision:
    return _several(
        Status.WAITING,
        count_of(number, "answer of a partner waits,answers of partners wait"),
        reverse("partners:answers"),
        facts="What partners say through a link counts once someone here accepts it.",
        step="Accept or decline",
        step_for=" what partners say",
    )


def _reported(number: int) -> Decision:
    return _several(
        Status.OVERDUE,
        count_of(number, "page may hold what should not be here,pages may hold what should not be here"),
        reverse("privacy:reports"),
        facts="Someone reported details of a child, a family or a colleague.",
        step="Look and settle",
        step_for=" what was reported",
    )


def _unreachable(number: int) -> Decision:
    return _several(
        Status.AT_RISK,
        count_of(number, "person gets no email,people get no email"),
        reverse("reminders:addresses"),
        facts="Their address is refused again and again, so nobody reminds them.",
        step="See the addresses",
        step_for=" that are refused",
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
    return _several(
        Status.AT_RISK,
        count_of(number, "finding has no action,findings have no action"),
        url,
        facts=f"{last}." if only else f"From {len(gaps)} visits, the last of them {answers.small(last)}.",
        step="See the findings",
        step_for=" that have no action",
    )
