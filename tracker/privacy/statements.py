"""The statements that everyone may read: a council's own words, or those that come with the tracker."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.urls import reverse

from accounts.models import Authority
from tracker.audit.history import version_of
from tracker.privacy.models import Statement
from tracker.privacy.rules import Part, filled_in, parts_of

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Shown:
    title: str
    parts: list[Part]
    is_own: bool


@cache
def words_that_come_with_it(kind: str) -> str:
    """Return the words of a statement that are true of the tracker wherever it runs."""
    return (TEXTS / f"{kind}.txt").read_text(encoding="utf-8")


def own_words(authority: Authority | None, kind: str) -> str:
    """Return what a council wrote for a statement, or ""."""
    found = Statement.objects.of(authority).filter(kind=kind).first() if authority else None
    return found.text if found else ""


def latest_change(authority: Authority, kind: str) -> int | None:
    """Return the row of a statement's history that holds now, None before the first change."""
    found = Statement.objects.of(authority).filter(kind=kind).first()
    return version_of(found) if found else None


def shown(kind: str, authority: Authority | None) -> Shown:
    """Return a statement as its readers see it; without a council, the words that come with the tracker."""
    own = own_words(authority, kind)
    text = filled_in(
        own or words_that_come_with_it(kind),
        council=authority.name if authority else "",
        contact=authority.contact_name if authority else "",
        phone=authority.contact_phone if authority else "",
    )
    return Shown(Statement.Kind(kind).label, parts_of(text), bool(own))


def statement_links(authority: Authority | None = None) -> list[dict[str, str]]:
    """Return the links to the statements, of a council or as they come with the tracker, for the foot of a page."""
    if authority is None:
        return [{"label": kind.label, "url": reverse(f"privacy:{kind}")} for kind in Statement.Kind]
    return [
        {"label": kind.label, "url": reverse(f"privacy:{kind}-of", args=[authority.slug])} for kind in Statement.Kind
    ]
