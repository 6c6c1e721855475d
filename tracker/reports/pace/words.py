"""What a forecast says, in a sentence a councillor can repeat. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.actions.rules import Status
from tracker.govuk.templatetags.govuk import count_of
from tracker.reports.answers import Verdict, capital, days_words
from tracker.reports.pace.rules import (
    FEWEST_COMPLETIONS,
    FEWEST_WEEKS,
    WEEKS_LOOKED_AT,
    Band,
    Forecast,
    Outlook,
    Trial,
)

THE_PLAN, THE_PRIORITY = "the plan", "this priority"
FURTHEST = "3 years"
# Fewer outcomes than this say little about how many a band will hold.
FEW_OUTCOMES = 10
# Bands of 8 in 10 outcomes are worth their name between these shares.
LEAST_HELD, MOST_HELD = 75, 85


def range_words(low: int, high: int) -> str:
    """Return "4", or "4 to 6"."""
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def weeks_late(day: date, agreed_by: date) -> int:
    """Return how many weeks a day is after another, a week begun counting as a whole one; 0 if it is not after it."""
    return max(0, -(-(day - agreed_by).days // 7))


def when_it_finishes(forecast: Forecast, agreed_by: date | None) -> Verdict:
    """Return what becomes of some actions as the end of a sentence: "finishes 10 to 18 weeks late".

    Late is against the last date first agreed. Only for a forecast with a band.
    """
    finish = forecast.finish()
    if finish.early is None:
        return Verdict(Status.OFF_TRACK, f"does not finish within {FURTHEST}")
    if agreed_by is None:
        if finish.late is None:
            return Verdict(Status.NOT_STARTED, f"may not finish within {FURTHEST}")
        return Verdict(Status.NOT_STARTED, f"finishes between {_from_to(finish.early, finish.late)}")
    early = weeks_late(finish.early, agreed_by)
    if finish.late is None:
        if early:
            return Verdict(Status.OFF_TRACK, f"finishes at least {count_of(early, 'week,weeks')} late")
        return Verdict(Status.AT_RISK, f"finishes on time at best, and may not within {FURTHEST}")
    late = weeks_late(finish.late, agreed_by)
    if not late:
        return Verdict(Status.ON_TRACK, "finishes on time")
    if not early:
        return Verdict(Status.AT_RISK, f"finishes on time or up to {count_of(late, 'week,weeks')} late")
    return Verdict(Status.OFF_TRACK, f"finishes {range_words(early, late)} {'week' if late == 1 else 'weeks'} late")


def _from_to(first: date, last: date) -> str:
    """Return "8 July and 2 September 2027"."""
    return f"{first:%-d %B}{'' if first.year == last.year else f' {first:%Y}'} and {last:%-d %B %Y}"


def too_little(forecast: Forecast) -> str:
    """Return what is missing for a forecast: "2 actions were completed in the last 8 weeks, and it takes 3"."""
    number = len(forecast.weeks)
    if forecast.outlook is Outlook.TOO_FEW_WEEKS:
        begun = f"{count_of(number, 'whole week has,whole weeks have')} passed since the plan began"
        return f"{begun}, and it takes {FEWEST_WEEKS}"
    done = count_of(sum(forecast.weeks), "action was,actions were")
    return f"{done} completed in the last {number} weeks, and it takes {FEWEST_COMPLETIONS}"


def headline(forecast: Forecast, agreed_by: date | None, thing: str = THE_PLAN) -> Verdict:
    """Return the finding of a chart or a page, without a full stop: "At this pace the plan finishes on time"."""
    match forecast.outlook:
        case Outlook.NO_ACTIONS:
            return Verdict(Status.NOT_STARTED, f"{capital(thing)} has no actions yet")
        case Outlook.ALL_COMPLETE:
            whole = forecast.complete
            return Verdict(
                Status.COMPLETE, "The only action is complete" if whole == 1 else f"All {whole:,} actions are complete"
            )
        case Outlook.NONE_COMPLETED:
            return Verdict(Status.OFF_TRACK, f"At this pace {thing} does not finish")
        case Outlook.FORECAST:
            end = when_it_finishes(forecast, agreed_by)
            return Verdict(end.tone, f"At this pace {thing} {end.lead}")
    return Verdict(Status.NOT_STARTED, f"Too little history to forecast: {too_little(forecast)}")


def in_a_row(forecast: Forecast, agreed_by: date | None) -> str:
    """Return the forecast as a table says it: "Finishes 10 to 18 weeks late"."""
    match forecast.outlook:
        case Outlook.NO_ACTIONS:
            return "No actions"
        case Outlook.ALL_COMPLETE:
            return "All complete"
        case Outlook.NONE_COMPLETED:
            return "Does not finish at this pace"
        case Outlook.FORECAST:
            return capital(when_it_finishes(forecast, agreed_by).lead)
    return f"Too little history: {too_little(forecast)}"


def why_no_band(forecast: Forecast) -> str:
    """Return the sentence that stands in place of a band, or "" where there is one or nothing is left."""
    if forecast.outlook is Outlook.NONE_COMPLETED:
        return f"No action was completed in the last {WEEKS_LOOKED_AT} weeks, so there is no band."
    if forecast.outlook in {Outlook.TOO_FEW_WEEKS, Outlook.TOO_FEW_COMPLETIONS}:
        return f"There is no forecast yet: {too_little(forecast)}."
    return ""


def no_band_in_a_row(forecast: Forecast) -> str:
    """Return why a week of the past has no band: "None: 2 completed in 8 weeks"."""
    match forecast.outlook:
        case Outlook.ALL_COMPLETE:
            return "All complete"
        case Outlook.NO_ACTIONS:
            return "No actions"
        case Outlook.TOO_FEW_WEEKS:
            return f"None: {count_of(len(forecast.weeks), 'week,weeks')} since the plan began"
    return f"None: {sum(forecast.weeks)} completed in {len(forecast.weeks)} weeks"


# By a visit


@dataclass(frozen=True)
class ByVisit:
    """How many of the open actions due before a visit will be complete by its day, if those due first are done first.

    `band` is None where there is too little history to tell.
    """

    visit: str
    day: date
    due: int
    band: Band | None

    @property
    def is_short(self) -> bool:
        """Some will not be done in time, even if all goes well: fewer than are due in 9 of 10 outcomes."""
        return self.band is not None and self.band.high < self.due

    @property
    def is_sure(self) -> bool:
        """All will be done in time in 9 of 10 outcomes."""
        return self.band is not None and self.band.low >= self.due

    @property
    def sentence(self) -> str:
        """Return "At this pace, 4 to 6 of the 13 actions due before monitoring visit 1 will be done in time."."""
        due = f"due before {self.visit}"
        if not self.due:
            return f"Nothing is left to finish before {self.visit}."
        if self.band is None:
            return f"There is too little history to forecast how many actions {due} will be done."
        if self.due == 1:
            chance = {(0, 0): "will not", (0, 1): "may or may not"}.get((self.band.low, self.band.high), "will")
            return f"At this pace, the only action {due} {chance} be done in time."
        if self.is_sure:
            return f"At this pace, all {self.due:,} actions {due} will be done in time."
        done = range_words(self.band.low, self.band.high) if self.band.high else "none"
        return f"At this pace, {done} of the {self.due:,} actions {due} will be done in time."


def by_visit(forecast: Forecast, *, visit: str, day: date, due: int) -> ByVisit:
    """Return how many of `due` open actions will be complete by a day, at the pace of all they belong to."""
    if forecast.has_band:
        return ByVisit(visit, day, due, forecast.more_by(day).at_most(due))
    return ByVisit(visit, day, due, Band(0, 0, 0) if forecast.outlook is Outlook.NONE_COMPLETED else None)


# The back-test


def share_held(held: int, known: int) -> str:
    """Return "24 of 30 weeks, 80%"."""
    return f"{held:,} of {count_of(known, 'week,weeks')}, {round(100 * held / known)}%"


def were_they_right(held: int, known: int) -> Verdict:
    """Return whether the forecasts of the past can be relied on, from how many outcomes their bands held."""
    if not known:
        return Verdict(Status.NOT_STARTED, "No forecast of the past can be checked yet.")
    lead = f"The band held what happened in {share_held(held, known)}."
    if known < FEW_OUTCOMES:
        return Verdict(Status.NOT_STARTED, f"{lead} That is too few weeks to judge by.")
    share = 100 * held / known
    if share < LEAST_HELD:
        return Verdict(Status.AT_RISK, f"{lead} It should be about 80%: take the forecast with care.")
    if share > MOST_HELD:
        return Verdict(Status.ON_TRACK, f"{lead} It should be about 80%: the forecast is too careful.")
    return Verdict(Status.ON_TRACK, f"{lead} That is what a band of 8 in 10 should do.")


def held_or_not(trial: Trial) -> tuple[Status, str]:
    """Return whether a band held what happened, as a shape and a word."""
    if trial.band is None:
        return Status.NOT_STARTED, "No forecast to check"
    if trial.outcome is None:
        return Status.NOT_STARTED, f"Known after {trial.day:%-d %b %Y}"
    if trial.is_held:
        return Status.COMPLETE, "Inside the band"
    return Status.AT_RISK, "Fewer than forecast" if trial.outcome < trial.band.low else "More than forecast"


def weeks_in_words(weeks: Sequence[int]) -> str:
    """Return the weekly completions a forecast rests on, the oldest first: "0, 1, 0, 2"."""
    return ", ".join(str(number) for number in weeks)


def span_words(first: date, last: date) -> str:
    """Return "August 2026 to September 2027"."""
    if first.year == last.year:
        return f"{first:%B} to {last:%B %Y}" if first.month != last.month else f"{last:%B %Y}"
    return f"{first:%B %Y} to {last:%B %Y}"


def finish_words(forecast: Forecast, agreed_by: date | None) -> str:
    """Return "all 48 done between 8 July and 2 September 2027, against 30 April 2027 in the plan as first agreed"."""
    finish = forecast.finish()
    whole = forecast.complete + forecast.left
    done = "it is done" if whole == 1 else f"all {whole:,} are done"
    if finish.early is None:
        when = f"{done} more than {FURTHEST} from now"
    elif finish.late is None:
        when = f"{done} on {days_words(finish.early, None)} at the earliest"
    elif finish.early == finish.late:
        when = f"{done} by {days_words(finish.early, None)}"
    else:
        when = f"{done} between {_from_to(finish.early, finish.late)}"
    return f"{when}, against {agreed_by:%-d %B %Y} in the plan as first agreed" if agreed_by else when
