"""The days that matter, as the dashboard shows them: the plan's legal date, the next visit, the board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.member import Member
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Clock
from tracker.inspections.rules import day_of_clock
from tracker.plans.models import Plan, Submission
from tracker.plans.permissions import may_send
from tracker.plans.sent import StandingNow, clocks_of
from tracker.reports import answers
from tracker.reports.answers import Countdown, MissedDate
from tracker.reports.letters import VisitHeard
from tracker.reports.links import actions_list
from tracker.reports.tallies import Tallies


@dataclass(frozen=True)
class Card:
    """One day, how far it is, and how much of what it needs is done."""

    title: str
    countdown: Countdown
    when: str
    basis: str = ""
    done: int = 0
    of: int = 0
    link: str = ""
    url: str = ""


# What the plan is sent for; all else that runs is shown when it is near.
OF_THE_PLAN = (
    Clock.Kind.PLAN,
    Clock.Kind.FOCUSED_PLAN,
    Clock.Kind.JOINT_STATEMENT,
    Clock.Kind.SEND_PLAN,
    Clock.Kind.WRITTEN_STATEMENT,
    Clock.Kind.RESUBMISSION,
)
NEAR_WORKING_DAYS = 30


@dataclass(frozen=True)
class PlanClocks:
    """The cards of the clocks; the date that was missed, if one was; the last day on which the plan is to be sent."""

    cards: Sequence[Card]
    missed: MissedDate | None = None
    legal_on: date | None = None


def plan_clocks(
    member: Member, plan: Plan | None, sent: StandingNow | None, *, on: date, calendar: Calendar
) -> PlanClocks:
    """Return the clocks of the plan, and after them the next other date that is near. One query.

    Of several that run all are shown, and of several that were met the last. Without a plan, the newest: of one
    that has run out nobody can tell here whether it was met.
    """
    answered = clocks_of(plan).filter(pk=OuterRef("pk")) if plan else Clock.objects.of(member.authority).none()
    found = list(
        Clock.objects.visible_to(member)
        .filter(trigger_on__lte=on, is_forecast=False)
        .filter(Q(kind__in=OF_THE_PLAN) | Q(computed_due__isnull=False, met_on__isnull=True, voided_on__isnull=True))
        .annotate(is_answered=Exists(answered))
        .select_related("inspection", "visit", "intervention")
    )
    found.sort(key=lambda clock: (clock.due or date.max, clock.pk))
    ours = [clock for clock in found if clock.kind in OF_THE_PLAN and clock.voided_on is None]
    if plan is None or sent is None:
        return PlanClocks([_clock_without_plan(ours[-1], on=on, calendar=calendar)] if ours else [])
    ours = [clock for clock in ours if clock.is_answered]
    missing = [answers.small(step.label) for step in Submission.Step if step not in sent.steps]
    running = [clock for clock in ours if clock.is_running]
    missed = next((clock.due for clock in running if clock.due and clock.due < on and missing), None)
    sending = reverse("reports:sending", args=[plan.reference]) if missing and may_send(member) else ""
    cards = [
        _plan_clock(clock, sent.steps, missing, sending, on=on, calendar=calendar) for clock in running or ours[-1:]
    ]
    near = calendar.add(on, NEAR_WORKING_DAYS)
    others = (clock for clock in found if clock.kind not in OF_THE_PLAN and clock.due and on <= clock.due <= near)
    cards += [_other_clock(clock, on=on, calendar=calendar) for clock in list(others)[:1]]
    newest = max((clock for clock in ours if clock.kind == Clock.Kind.PLAN), key=_began, default=None)
    return PlanClocks(cards, MissedDate(missed, missing) if missed else None, newest.due if newest else None)


def _began(clock: Clock) -> tuple[date, int]:
    return clock.trigger_on, clock.pk


def _other_clock(clock: Clock, *, on: date, calendar: Calendar) -> Card:
    count, when = _counted(clock, on=on, calendar=calendar)
    return Card(
        title=clock.rule.title,
        countdown=count,
        when=when,
        basis=f"{_basis(clock)} {clock.source}.",
        link="See how it is counted",
        url=clock.get_absolute_url(),
    )


def _plan_clock(
    clock: Clock,
    steps: Mapping[str, date],
    missing: Sequence[str],
    sending: str,
    *,
    on: date,
    calendar: Calendar,
) -> Card:
    done = [f"{step.label} on {steps[step]:%-d %B %Y}." for step in Submission.Step if step in steps]
    left = [f"Not yet {answers.or_list(missing)}."] if missing else []
    count, when = _counted(clock, on=on, calendar=calendar)
    return Card(
        title=clock.rule.title,
        countdown=count,
        when=when,
        basis=" ".join([_basis(clock), *done, *left]),
        done=len(steps),
        of=len(Submission.Step),
        link="Record what was sent" if sending else "See how the days are counted",
        url=sending or clock.get_absolute_url(),
    )


def _clock_without_plan(clock: Clock, *, on: date, calendar: Calendar) -> Card:
    count, when = _counted(clock, on=on, calendar=calendar)
    basis = f"{_basis(clock)} No plan is recorded here yet."
    if count.is_late:
        count, basis = (
            Countdown("Passed"),
            f"{_basis(clock)} No plan is recorded here, so nobody can tell if it was sent.",
        )
    return Card(
        title=clock.rule.title,
        countdown=count,
        when=when,
        basis=basis,
        link="See how the days are counted",
        url=clock.get_absolute_url(),
    )


def _counted(clock: Clock, *, on: date, calendar: Calendar) -> tuple[Countdown, str]:
    due = f"{clock.due:%A %-d %B %Y}"
    if clock.met_on is not None:
        late = ", late" if clock.missed_on is not None or clock.met_on > clock.due else ""
        return Countdown("Done", f"on {clock.met_on:%-d %B %Y}{late}"), f"It was due on {due}."
    count = answers.countdown(clock.due, on=on, calendar=calendar)
    if count.is_late:
        return count, f"It was due on {due}."
    day = day_of_clock(clock.trigger_on, on, calendar)
    counts_days = clock.unit == Clock.Unit.WORKING_DAYS and clock.length and day <= clock.length
    return count, f"Due {due}. Day {day} of {clock.length}." if counts_days else f"Due {due}."


def _basis(clock: Clock) -> str:
    if clock.notified_due is None or clock.notified_due == clock.computed_due:
        return f"{clock.get_basis_display()}."
    if clock.notified_due > clock.computed_due:
        return f"Set by Ofsted’s letter. The date set by law is {clock.computed_due:%A %-d %B %Y}."
    return "Set by Ofsted’s letter."


def visit_clock(heard: VisitHeard, tallies: Tallies, *, due: int, url: str, on: date, calendar: Calendar) -> Card:
    """Return the next visit: its days, or when it is expected, and how much of what is made ready for it is done.

    `url` lists the actions due before it.
    """
    visit = heard.visit
    if visit.starts_on is None:
        when = answers.expected_words(visit.expected_from, visit.expected_to)
        basis = "The days are not agreed yet."
        begun = Countdown("Any day")
    else:
        when = answers.days_words(visit.starts_on, visit.ends_on, weekdays=True)
        basis = f"Agreed with Ofsted on {visit.agreed_on:%-d %B %Y}." if visit.agreed_on else ""
        begun = Countdown("Today")
    first = visit.due_by
    return Card(
        title=str(visit),
        countdown=answers.countdown(first, on=on, calendar=calendar) if first and first >= on else begun,
        when=f"{when}.",
        basis=basis,
        done=tallies.ready,
        of=tallies.to_make_ready,
        link=_link_to_visit(tallies, due),
        url=url if due and not tallies.to_make_ready else visit.get_absolute_url(),
    )


def _link_to_visit(tallies: Tallies, due: int) -> str:
    if tallies.to_make_ready:
        return f"{tallies.ready} of {count_of(tallies.to_make_ready, 'readiness task,readiness tasks')} done"
    return f"{count_of(due, 'action,actions')} due before it" if due else "See the visit"


def board_clock(plan: Plan, *, due: int, on: date, calendar: Calendar) -> Card | None:
    """Return the next meeting of the improvement board, unless it is over."""
    day = plan.board_meets_on
    if day is None or day < on:
        return None
    return Card(
        title="Improvement board",
        countdown=answers.countdown(day, on=on, calendar=calendar),
        when=f"{day:%A %-d %B %Y}.",
        basis="Council date.",
        link=f"{count_of(due, 'action,actions')} due by then" if due else "",
        url=actions_list(plan, due="board") if due else "",
    )
