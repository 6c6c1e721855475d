"""Visits of inspectors, which is next, and what the letters of earlier ones say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.member import Member
from accounts.models import practices_of
from tracker.actions.wording import left_words, working_days_words
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Clock, Finding, Visit
from tracker.plans.models import Plan
from tracker.reports import answers
from tracker.visits.findings import has_action
from tracker.visits.wording import days_words, expected_words


@dataclass(frozen=True)
class VisitHeard:
    """A visit with what its letter says in numbers; `…_known` are the findings recorded one by one."""

    visit: Visit
    strengths_known: int = 0
    needs_work_known: int = 0
    without_action: int = 0

    @property
    def strengths(self) -> int:
        return max(self.strengths_known, self.visit.strengths_reported or 0)

    @property
    def needs_work(self) -> int:
        return max(self.needs_work_known, self.visit.needs_work_reported or 0)

    @property
    def has_findings(self) -> bool:
        return bool(self.strengths or self.needs_work)

    @property
    def is_expected(self) -> bool:
        return self.visit.expected_from is not None or self.visit.expected_to is not None

    def is_over(self, *, on: date) -> bool:
        """Its last day has passed, or its letter has come."""
        if self.visit.starts_on is not None:
            return (self.visit.ends_on or self.visit.starts_on) < on
        letter_on = self.visit.letter_on
        return letter_on is not None and letter_on <= on

    def is_ahead(self, *, on: date) -> bool:
        """It is still to come, or under way: its days, or when it is expected, are known, and no letter of it is.

        On a demonstration date the record may hold the letter of a later visit, which nobody expected then.
        """
        visit = self.visit
        is_known = visit.starts_on is not None or self.is_expected
        return not self.is_over(on=on) and not visit.has_letter and is_known

    def may_come(self, *, on: date) -> bool:
        """It is ahead, and its last possible day has not passed."""
        last = self.visit.ends_on or self.visit.starts_on or self.visit.expected_to
        return self.is_ahead(on=on) and (last is None or last >= on)

    @property
    def known_day(self) -> date | None:
        """The day by which it is put in order: its own, or else its letter's, or the earliest expected."""
        return self.visit.starts_on or self.visit.letter_on or self.visit.expected_from or self.visit.expected_to


def visits_heard(member: Member) -> list[VisitHeard]:
    """Return the council's visits, the latest first and those without days last. One query."""
    needs_work = Q(findings__kind=Finding.Kind.NEEDS_WORK)
    visits = (
        Visit.objects.visible_to(member)
        .defer("source")
        .annotate(
            strengths_known=Count("findings", filter=Q(findings__kind=Finding.Kind.STRENGTH)),
            needs_work_known=Count("findings", filter=needs_work),
            without_action=Count("findings", filter=needs_work & ~has_action("findings")),
        )
        .order_by("-pk")
    )
    heard = [VisitHeard(row, row.strengths_known, row.needs_work_known, row.without_action) for row in visits]
    return sorted(heard, key=lambda row: row.known_day or date.min, reverse=True)


def next_visit(visits: Iterable[VisitHeard], *, on: date) -> VisitHeard | None:
    """Return the visit that comes next or is under way, if one is known of."""
    return min(
        (heard for heard in visits if heard.may_come(on=on)),
        key=lambda heard: (heard.visit.due_by or heard.visit.expected_to, heard.visit.pk),
        default=None,
    )


def last_heard(visits: Iterable[VisitHeard], *, on: date) -> VisitHeard | None:
    """Return the latest visit that is over and whose findings are known, from visits sorted latest first."""
    return next((heard for heard in visits if heard.has_findings and heard.is_over(on=on)), None)


def unanswered(visits: Iterable[VisitHeard], plan: Plan, *, on: date) -> list[VisitHeard]:
    """Return the visits with findings that have no action, latest first, as far as a plan is to answer them.

    Those are the visits that follow up the plan's own inspections, and the last one whatever it followed up.
    At most one query.
    """
    over = [heard for heard in visits if heard.has_findings and heard.is_over(on=on)]
    gaps = [heard for heard in over if heard.without_action]
    if not gaps:
        return []
    followed_up = set(plan.answers.values_list("inspection", flat=True))
    return [heard for heard in gaps if heard is over[0] or heard.visit.inspection_id in followed_up]


# Findings that wait for an action


@dataclass(frozen=True)
class Gap:
    """A finding that needs work and has no action, and the day by which the council's own rule wants one.

    `working_days` is how many are left until that day, negative once it has passed; None where no day is known.
    """

    finding: Finding
    due: date | None
    working_days: int | None

    @property
    def url(self) -> str:
        return reverse("visits:answer-finding", args=[self.finding.visit.reference, self.finding.number])

    @property
    def is_late(self) -> bool:
        return self.working_days is not None and self.working_days < 0

    @property
    def words(self) -> str:
        """ "3 working days left", "Due today", "2 working days late", or "" where no day is known."""
        if self.working_days is None:
            return ""
        if self.working_days == 0:
            return "Due today"
        return f"{working_days_words(abs(self.working_days))} {'late' if self.is_late else 'left'}"


def findings_without_action(member: Member, visits: Iterable[VisitHeard], *, on: date, calendar: Calendar) -> list[Gap]:
    """Return the findings of some visits that need work and have no action, those due soonest first.

    Give it `unanswered(visits_heard(member), plan, on=on)` for what a plan is to answer. The day is that of the
    clock that runs from the letter, else the council's working days after it; none where no day of the letter is
    known. One query; two where no clock was started. Raises HolidaysUnknown.
    """
    asked = [heard.visit.pk for heard in visits if heard.without_action]
    if not asked:
        return []
    clocks = Clock.objects.filter(visit=OuterRef("visit"), kind=Clock.Kind.FINDING_ACTIONS).order_by("-sequence")
    found = list(
        Finding.objects.visible_to(member)
        .filter(~has_action(), visit__in=asked, kind=Finding.Kind.NEEDS_WORK)
        .select_related("visit", "agency")
        .annotate(due=Subquery(clocks.annotate(day=Coalesce("notified_due", "computed_due")).values("day")[:1]))
        .order_by("visit", "number", "pk")
    )
    if any(finding.due is None and finding.visit.letter_on for finding in found):
        length = practices_of(member.authority)["finding_actions"].value
        for finding in found:
            if finding.due is None and finding.visit.letter_on:
                finding.due = calendar.add(finding.visit.letter_on, length)
    found.sort(key=lambda finding: finding.due or date.max)
    return [Gap(finding, finding.due, _left(finding.due, on=on, calendar=calendar)) for finding in found]


def _left(due: date | None, *, on: date, calendar: Calendar) -> int | None:
    """Return the working days left; at the weekend after the day it is late by one, not by none."""
    if due is None:
        return None
    left = calendar.between(on, due)
    return -1 if due < on and left == 0 else left


# Words


def name_in_sentence(visit: Visit) -> str:
    """Return "monitoring visit 1", or "the focused visit" for one without a number."""
    return answers.small(str(visit)) if visit.sequence else f"the {answers.small(str(visit))}"


def when(visit: Visit, *, on: date, calendar: Calendar) -> str:
    """Return "9 and 10 December 2026, in 24 working days", "Expected between … and …", or what is known.

    Raises HolidaysUnknown.
    """
    if visit.starts_on is None:
        expected = expected_words(visit.expected_from, visit.expected_to)
        return expected or visit.dates_note.rstrip(".") or "days not known"
    days = days_words(visit.starts_on, visit.ends_on)
    if visit.starts_on <= on <= (visit.ends_on or visit.starts_on):
        return f"{days}, under way today"
    left = left_words(visit.starts_on, on=on, calendar=calendar) if visit.starts_on > on else ""
    return f"{days}, {left}" if left else days
