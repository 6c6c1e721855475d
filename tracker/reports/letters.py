"""Visits of inspectors, which is next, and what the letters of earlier ones say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q

from accounts.member import Member
from tracker.actions.models import FindingAnswer
from tracker.actions.wording import left_words
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Finding, Visit
from tracker.plans.models import Plan
from tracker.reports import answers


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
        letter_on = _letter_on(self.visit)
        return letter_on is not None and letter_on <= on

    def is_ahead(self, *, on: date) -> bool:
        """It is still to come, or under way: its days, or when it is expected, are known, and no letter of it is.

        On a demonstration date the record may hold the letter of a later visit, which nobody expected then.
        """
        visit = self.visit
        is_told_of = _letter_on(visit) or visit.strengths_reported or visit.needs_work_reported
        return not self.is_over(on=on) and not is_told_of and (visit.starts_on is not None or self.is_expected)

    def may_come(self, *, on: date) -> bool:
        """It is ahead, and its last possible day has not passed."""
        last = self.visit.ends_on or self.visit.starts_on or self.visit.expected_to
        return self.is_ahead(on=on) and (last is None or last >= on)

    @property
    def known_day(self) -> date | None:
        """The day by which it is put in order: its own, or else its letter's, or the earliest expected."""
        return self.visit.starts_on or _letter_on(self.visit) or self.visit.expected_from or self.visit.expected_to


def _letter_on(visit: Visit) -> date | None:
    return visit.letter_received_on or visit.letter_published_on


def has_action(finding: str = "pk") -> Exists:
    """The condition under which a finding has an action: one, not cancelled, answers it.

    It counts actions that a reader may not see, so that nobody is told of a gap that is none.
    """
    return Exists(FindingAnswer.objects.filter(finding=OuterRef(finding), action__cancelled_on__isnull=True))


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


# Words


def name_in_sentence(visit: Visit) -> str:
    """Return "monitoring visit 1", or "the focused visit" for one without a number."""
    return answers.small(str(visit)) if visit.sequence else f"the {answers.small(str(visit))}"


def when(visit: Visit, *, on: date, calendar: Calendar) -> str:
    """Return "9 and 10 December 2026, in 24 working days", "Expected between … and …", or what is known.

    Raises HolidaysUnknown.
    """
    if visit.starts_on is None:
        expected = answers.expected_words(visit.expected_from, visit.expected_to)
        return expected or visit.dates_note.rstrip(".") or "days not known"
    days = answers.days_words(visit.starts_on, visit.ends_on)
    if visit.starts_on <= on <= (visit.ends_on or visit.starts_on):
        return f"{days}, under way today"
    left = left_words(visit.starts_on, on=on, calendar=calendar) if visit.starts_on > on else ""
    return f"{days}, {left}" if left else days
