"""What the quality check found, as one person sees it: withheld what is restricted, with the way to each fault."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.member import Member
from tracker.actions.quality.rules import Check, Quality, Row, split_rows
from tracker.govuk.templatetags.govuk import count_of
from tracker.plans.models import Plan


@dataclass(frozen=True)
class SeenRow:
    text: str
    detail: str
    url: str


@dataclass(frozen=True)
class SeenCheck:
    """One check with the rows at fault that the reader may see; the restricted ones are numbered."""

    check: Check
    rows: Sequence[SeenRow]
    withheld: int

    @property
    def number(self) -> int:
        return len(self.check.rows)


def as_seen_by(member: Member, plan: Plan, checks: Sequence[Check]) -> list[SeenCheck]:
    """Return checks as a person sees them."""
    found = []
    for check in checks:
        rows, withheld = split_rows(check, sees_restricted=member.sees_restricted, user_id=member.user.pk)
        found.append(SeenCheck(check, [_seen(plan, row) for row in rows], withheld))
    return found


def _seen(plan: Plan, row: Row) -> SeenRow:
    url = reverse("actions:action", args=[plan.reference, row.reference]) if row.reference else row.url
    return SeenRow(row.text, row.detail, url)


def answer_of(quality: Quality) -> str:
    """Return whether the plan can be sent, in a sentence or two."""
    if not quality.count_failing:
        return f"Yes. All {len(quality.checks)} checks pass."
    blocking, warnings = len(quality.blocking), len(quality.warnings)
    if blocking:
        more = f" {_fail(warnings)} besides." if warnings else ""
        return f"Not yet. {count_of(blocking, 'check that blocks sending fails,checks that block sending fail')}.{more}"
    return f"Only with the director’s reason. Nothing blocks it, but {_fail(warnings)}."


def _fail(number: int) -> str:
    return count_of(number, "check fails,checks fail")
