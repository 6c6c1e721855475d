"""What the pages of pace show, and the section of it that the dashboard and visits take in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.member import Member
from tracker.actions.rules import Status
from tracker.govuk.charts import Chart, month_ends
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Visit
from tracker.plans.models import Plan, Priority
from tracker.reports import answers, letters
from tracker.reports.answers import Verdict
from tracker.reports.links import actions_list
from tracker.reports.pace import chart, rules, words
from tracker.reports.pace.chart import Upright
from tracker.reports.pace.facts import Facts, facts_of
from tracker.reports.pace.rules import WEEK, Forecast, Record, Trial
from tracker.reports.pace.words import ByVisit

DAY = timedelta(days=1)
AHEAD = (4, 8)


# The burn-up


@dataclass(frozen=True)
class Point:
    """One line of the chart's table; what is not known of a day is None."""

    day: date
    is_today: bool
    complete: int | None
    claimed: int | None
    agreed: int
    low: int | None = None
    middle: int | None = None
    high: int | None = None

    @property
    def band(self) -> str:
        return "" if self.low is None or self.high is None else words.range_words(self.low, self.high)


@dataclass(frozen=True)
class PaceSection:
    """The pace of a plan, or of one of its priorities, and what it leads to; `verdict` is its heading."""

    verdict: Verdict
    caption: str
    chart: Chart | None
    points: Sequence[Point]
    forecast: Forecast
    expected: int
    agreed_by: date | None
    claimed: int
    hidden: int
    before_visit: ByVisit | None
    url: str
    csv_url: str

    @property
    def complete(self) -> int:
        return self.forecast.complete

    @property
    def whole(self) -> int:
        return self.forecast.complete + self.forecast.left


def dash_pace(plan: Plan, member: Member, *, on: date, visit: Visit | None, legal_on: date | None) -> PaceSection:
    """Return the pace of a whole plan, and what of it will be done by the next visit. One query."""
    return section_of(plan, facts_of(plan, member), on=on, visit=visit, legal_on=legal_on)


def before_visit(plan: Plan, member: Member, visit: Visit, *, on: date) -> ByVisit | None:
    """Return how many of the open actions due before a visit will be done in time; None if it has no day to come.

    One query.
    """
    facts = facts_of(plan, member)
    return _before(visit, facts, None, rules.forecast_of(facts.record(), on), on=on)


def section_of(
    plan: Plan,
    facts: Facts,
    *,
    on: date,
    visit: Visit | None,
    legal_on: date | None,
    priority: Priority | None = None,
) -> PaceSection:
    """Return the pace of a plan or of one priority of it."""
    chosen = priority.pk if priority else None
    record = facts.record(chosen)
    forecast = rules.forecast_of(record, on)
    agreed_by = record.agreed.last_day
    thing = words.THE_PRIORITY if priority else words.THE_PLAN
    uprights = [Upright(legal_on, "Plan due")] if legal_on else []
    if visit is not None and visit.due_by is not None and visit.due_by >= on:
        uprights.append(Upright(visit.due_by, "Visit"))
    verdict = words.headline(forecast, agreed_by, thing)
    expected = record.agreed.at(on - DAY)
    first, last = chart.days_shown(record, forecast, uprights)
    has_actions = bool(record.whole.at(on))
    return PaceSection(
        verdict=verdict,
        caption=_caption(forecast, agreed_by, first, last),
        chart=chart.burn_up(
            record, forecast, uprights, name="pace", description=_description(verdict, forecast, expected)
        )
        if has_actions
        else None,
        points=list(_points(record, forecast, _days_of_table(first, on, last))) if has_actions else [],
        forecast=forecast,
        expected=expected,
        agreed_by=agreed_by,
        claimed=record.claimed.at(on),
        hidden=facts.hidden(chosen),
        before_visit=_before(visit, facts, chosen, forecast, on=on) if visit else None,
        url=address("pace", plan, priority),
        csv_url=address("pace-csv", plan, priority),
    )


def address(name: str, plan: Plan, priority: Priority | None = None, **query: int) -> str:
    """Return the address of a page of pace, for one priority or for the plan."""
    asked = {"priority": priority.number, **query} if priority else query
    found = reverse(f"reports:{name}", args=[plan.reference])
    return f"{found}?{'&'.join(f'{key}={value}' for key, value in asked.items())}" if asked else found


def _before(visit: Visit, facts: Facts, priority: int | None, forecast: Forecast, *, on: date) -> ByVisit | None:
    if visit.due_by is None or visit.due_by < on:
        return None
    return words.by_visit(
        forecast, visit=letters.name_in_sentence(visit), day=visit.due_by, due=facts.due_by(visit.due_by, priority)
    )


def _caption(forecast: Forecast, agreed_by: date | None, first: date, last: date) -> str:
    counted = f"Number of actions complete, {words.span_words(first, last)}."
    if forecast.has_band:
        pace = f"if the pace of the last {len(forecast.weeks)} weeks continues"
        ends = words.finish_words(forecast, agreed_by)
        return f"{counted} The shaded band is where 8 in 10 forecasts fall {pace}: {ends}."
    return f"{counted} {words.why_no_band(forecast)}".rstrip()


def _description(verdict: Verdict, forecast: Forecast, expected: int) -> str:
    whole = count_of(forecast.complete + forecast.left, "action is,actions are")
    plan = f"The plan as first agreed expected {expected:,} by now."
    return (
        f"{forecast.complete:,} of {whole} complete. {plan} {verdict.lead}. "
        "The same figures are in the table below the chart."
    )


def _days_of_table(first: date, on: date, last: date) -> list[date]:
    return sorted({*month_ends(first, last), on})


def _points(record: Record, forecast: Forecast, days: Sequence[date]) -> Iterator[Point]:
    on = forecast.on
    for day in days:
        if day <= on:
            yield Point(day, day == on, record.complete.at(day), record.claimed.at(day), record.agreed.at(day))
        elif forecast.has_band:
            band = forecast.complete_by(day)
            yield Point(day, False, None, None, record.agreed.at(day), band.low, band.middle, band.high)
        else:
            yield Point(day, False, None, None, record.agreed.at(day))


HEADINGS = (
    "Day",
    "Complete (checked)",
    "Owner says done",
    "Due as first agreed",
    "Forecast: 1 in 10 are below",
    "Forecast: middle",
    "Forecast: 1 in 10 are above",
)


def rows_of_csv(
    facts: Facts, *, on: date, visit: Visit | None, legal_on: date | None, priority: Priority | None
) -> Iterator:
    """Yield the figures of the chart at the end of each week, and today's, for HEADINGS."""
    record = facts.record(priority.pk if priority else None)
    forecast = rules.forecast_of(record, on)
    uprights = [Upright(day, "") for day in (legal_on, visit.due_by if visit else None) if day]
    first, last = chart.days_shown(record, forecast, uprights)
    sunday = rules.monday_of(first) + WEEK - DAY
    weeks = [sunday + WEEK * week for week in range((last - sunday).days // 7 + 1)]
    for point in _points(record, forecast, sorted({*weeks, on})):
        yield point.day, point.complete, point.claimed, point.agreed, point.low, point.middle, point.high


# The page


@dataclass(frozen=True)
class PriorityPace:
    title: str
    url: str
    complete: int
    whole: int
    done_url: str
    all_url: str
    expected: int
    forecast: str


@dataclass(frozen=True)
class PacePage:
    section: PaceSection
    priorities: Sequence[PriorityPace]
    done_url: str
    due_url: str
    all_url: str
    back_test_url: str
    weeks: str


def page_of(
    plan: Plan,
    facts: Facts,
    priorities: Sequence[Priority],
    *,
    on: date,
    visit: Visit | None,
    legal_on: date | None,
    priority: Priority | None,
) -> PacePage:
    """Return what the page of a plan's pace shows, or that of one of its priorities. No queries."""
    filters = {"priority": priority.number} if priority else {}
    section = section_of(plan, facts, on=on, visit=visit, legal_on=legal_on, priority=priority)
    return PacePage(
        section=section,
        priorities=[_priority_pace(plan, facts, each, on=on) for each in priorities] if priority is None else [],
        done_url=actions_list(plan, **filters, status=[status.value for status in answers.DONE]),
        due_url=actions_list(plan, **filters, due="visit"),
        all_url=actions_list(plan, **filters),
        back_test_url=address("pace-back-test", plan, priority),
        weeks=words.weeks_in_words(section.forecast.weeks),
    )


def _priority_pace(plan: Plan, facts: Facts, priority: Priority, *, on: date) -> PriorityPace:
    record = facts.record(priority.pk)
    forecast = rules.forecast_of(record, on)
    return PriorityPace(
        title=str(priority),
        url=address("pace", plan, priority),
        complete=forecast.complete,
        whole=record.whole.at(on),
        done_url=actions_list(plan, priority=priority.number, status=[status.value for status in answers.DONE]),
        all_url=actions_list(plan, priority=priority.number),
        expected=record.agreed.at(on - DAY),
        forecast=words.in_a_row(forecast, record.agreed.last_day),
    )


# The back-test


@dataclass(frozen=True)
class TrialRow:
    """One week of the past: the forecast then, what happened, and a word with its shape for whether they agree."""

    trial: Trial
    band: str
    outcome: str
    tone: Status
    held: str


@dataclass(frozen=True)
class BackTest:
    verdict: Verdict
    ahead: int
    held: int
    known: int
    rows: Sequence[TrialRow]


def back_test_of(record: Record, *, on: date, ahead: int) -> BackTest:
    """Return each week of the past, the latest first: its forecast for `ahead` weeks later, and what happened."""
    trials = rules.back_test(record, on, ahead)
    held, known = rules.held_of(trials)
    return BackTest(
        verdict=words.were_they_right(held, known),
        ahead=ahead,
        held=held,
        known=known,
        rows=[_trial_row(trial) for trial in reversed(trials)],
    )


def _trial_row(trial: Trial) -> TrialRow:
    tone, held = words.held_or_not(trial)
    return TrialRow(
        trial=trial,
        band=words.range_words(trial.band.low, trial.band.high)
        if trial.band
        else words.no_band_in_a_row(trial.forecast),
        outcome="" if trial.outcome is None else f"{trial.outcome:,}",
        tone=tone,
        held=held,
    )


BACK_TEST_HEADINGS = (
    "Week ending",
    "Complete then",
    "Completed in the weeks before",
    "Weeks ahead",
    "Forecast for",
    "1 in 10 are below",
    "Middle",
    "1 in 10 are above",
    "What happened",
    "Inside the band",
)


def rows_of_back_test(record: Record, *, on: date) -> Iterator:
    """Yield the back-test for both distances, the oldest week first, for BACK_TEST_HEADINGS."""
    for ahead in AHEAD:
        for trial in rules.back_test(record, on, ahead):
            band = trial.band
            yield (
                trial.forecast.on,
                trial.forecast.complete,
                words.weeks_in_words(trial.forecast.weeks),
                ahead,
                trial.day,
                *((band.low, band.middle, band.high) if band else (None, None, None)),
                trial.outcome,
                ("yes" if trial.is_held else "no") if trial.is_known else "",
            )
