"""The days that matter, as the dashboard shows them: the plan's legal date, the next visit, the board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.member import Member
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import StatutoryClock
from tracker.inspections.rules import clock_rule, day_of_clock
from tracker.plans.models import Plan, Submission
from tracker.reports import answers
from tracker.reports.answers import Countdown, MissedDate
from tracker.reports.letters import VisitHeard
from tracker.reports.links import actions_list


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


def plan_clocks(
    member: Member, plan: Plan | None, *, on: date, calendar: Calendar
) -> tuple[list[Card], MissedDate | None]:
    """Return the clock that the law sets for the plan, and its date if it was missed. Two queries.

    Of several that run all are shown, and of several that were met the last. Without a plan, the newest: of one
    that has run out nobody can tell here whether it was met.
    """
    clocks = StatutoryClock.objects.visible_to(member).filter(kind=StatutoryClock.Kind.PLAN, trigger_on__lte=on)
    if plan is not None:
        clocks = clocks.filter(inspection__plans=plan)
    found = sorted(clocks.select_related("inspection"), key=lambda clock: (clock.due, clock.pk))
    if not found:
        return [], None
    if plan is None:
        return [_clock_without_plan(found[-1], on=on, calendar=calendar)], None
    steps = dict(plan.submissions.values_list("step", "done_on"))
    missing = [answers.small(step.label) for step in Submission.Step if step not in steps]
    running = [clock for clock in found if clock.is_running]
    missed = next((clock.due for clock in running if clock.due < on and missing), None)
    sending = reverse("reports:sending", args=[plan.reference]) if missing and member.sends_plan else ""
    cards = [_plan_clock(clock, steps, missing, sending, on=on, calendar=calendar) for clock in running or found[-1:]]
    return cards, MissedDate(missed, missing) if missed else None


def _plan_clock(
    clock: StatutoryClock,
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
        title=clock_rule(clock.kind).title,
        countdown=count,
        when=when,
        basis=" ".join([_basis(clock), *done, *left]),
        done=len(steps),
        of=len(Submission.Step),
        link="Record what was sent" if sending else "See how the days are counted",
        url=sending or clock.inspection.get_absolute_url(),
    )


def _clock_without_plan(clock: StatutoryClock, *, on: date, calendar: Calendar) -> Card:
    count, when = _counted(clock, on=on, calendar=calendar)
    basis = f"{_basis(clock)} No plan is recorded here yet."
    if count.is_late:
        count, basis = (
            Countdown("Passed"),
            f"{_basis(clock)} No plan is recorded here, so nobody can tell if it was sent.",
        )
    return Card(
        title=clock_rule(clock.kind).title,
        countdown=count,
        when=when,
        basis=basis,
        link="See how the days are counted",
        url=clock.inspection.get_absolute_url(),
    )


def _counted(clock: StatutoryClock, *, on: date, calendar: Calendar) -> tuple[Countdown, str]:
    due = f"{clock.due:%A %-d %B %Y}"
    if clock.met_on is not None:
        return Countdown("Done", f"on {clock.met_on:%-d %B %Y}"), f"It was due on {due}."
    count = answers.countdown(clock.due, on=on, calendar=calendar)
    if count.is_late:
        return count, f"It was due on {due}."
    day = day_of_clock(clock.trigger_on, on, calendar)
    return count, f"Due {due}. Day {day} of {clock.working_days}." if day <= clock.working_days else f"Due {due}."


def _basis(clock: StatutoryClock) -> str:
    if clock.notified_due is None or clock.notified_due == clock.computed_due:
        return f"{clock_rule(clock.kind).basis}."
    if clock.notified_due > clock.computed_due:
        return f"Set by Ofsted’s letter. The date set by law is {clock.computed_due:%A %-d %B %Y}."
    return "Set by Ofsted’s letter."


def visit_clock(heard: VisitHeard, *, due: int, url: str, on: date, calendar: Calendar) -> Card:
    """Return the next visit: its days, or when it is expected. `url` lists the actions due before it."""
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
        link=f"{count_of(due, 'action,actions')} due before it" if due else "See the visit",
        url=url if due else visit.get_absolute_url(),
    )


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
