"""Which inspectors have access, to what and until when, and which pages they opened."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.member import Member
from accounts.models import Membership, OpenedPage, SignIn
from accounts.roles import Role
from tracker.dates.clock import LONDON, end_of_day, london_day
from tracker.govuk.pagination import ROWS, Pages, pages_for
from tracker.govuk.templatetags.govuk import clock_time, long_date, short_date
from tracker.inspections.models import Visit
from tracker.plans.models import Plan

EVERYTHING = "all"
ALL_IN_WORDS = "Everything that is not restricted"
PLAN, VISIT = "plan:", "visit:"
HEADINGS = ["Day", "Time", "Inspector", "Page", "Address", "What was done"]


@dataclass(frozen=True)
class Inspector:
    """Someone who has, had or will have access as an inspector."""

    membership: Membership
    scope: str
    when: str
    is_open: bool
    last_signed_in_at: datetime | None
    opened: int
    opened_url: str

    @property
    def name(self) -> str:
        return self.membership.user.name


def inspectors_of(member: Member, *, on: date) -> list[Inspector]:
    """Return the inspectors of the member's council: those with access, to come, and past, by name. Three queries."""
    latest = SignIn.objects.filter(user=OuterRef("user")).order_by("-at", "-pk").values("at")[:1]
    held = (
        Membership.objects.filter(authority=member.authority, role=Role.INSPECTOR)
        .select_related("user")
        .annotate(last_signed_in_at=Subquery(latest))
        .order_by("user__name", "pk")
    )
    opened = dict(
        OpenedPage.objects.visible_to(member).order_by().values_list("user").annotate(number=Count("pk")),
    )
    names = dict(_parts(member))
    rows = [
        Inspector(
            membership=one,
            scope=scope_in_words(one, names),
            when=_when(one, on=on),
            is_open=is_open(one, on=on),
            last_signed_in_at=one.last_signed_in_at,
            opened=opened.get(one.user_id, 0),
            opened_url=opened_address(who=one.user_id),
        )
        for one in held
    ]
    return sorted(rows, key=lambda row: not row.is_open)


def is_open(membership: Membership, *, on: date) -> bool:
    """Whether the access holds now or will."""
    return membership.ended_at is None and membership.ends_on >= on and membership.user.is_active


def _when(membership: Membership, *, on: date) -> str:
    if membership.ended_at is not None:
        return f"Ended on {long_date(membership.ended_at)} at {clock_time(membership.ended_at)}"
    if membership.ends_on < on:
        return f"Ended on {long_date(membership.ends_on)}"
    if membership.starts_on is not None and membership.starts_on > on:
        return f"From {long_date(membership.starts_on)} to {long_date(membership.ends_on)}"
    return f"Until {long_date(membership.ends_on)}"


def inspector_of(member: Member, number: int) -> Membership | None:
    """Return an inspector's access in the member's council by its number, or None."""
    held = Membership.objects.filter(authority=member.authority, role=Role.INSPECTOR)
    return held.select_related("user", "authority").filter(pk=number).first()


# What an inspector may see


def _parts(member: Member) -> Iterator[tuple[str, str]]:
    for plan in Plan.objects.visible_to(member).current():
        yield f"{PLAN}{plan.reference}", f"Only the plan “{plan}”"
    for visit in Visit.objects.visible_to(member).exclude(inspection=None).defer("source"):
        when = f" on {long_date(visit.starts_on)}" if visit.starts_on else ""
        yield f"{VISIT}{visit.reference}", f"Only {visit}{when}: the visit, what it follows up, and the plan for that"


def scope_choices(member: Member) -> list[tuple[str, str]]:
    """Return what access can be for: everything, one plan, or one visit that follows up an inspection."""
    return [(EVERYTHING, ALL_IN_WORDS), *_parts(member)]


def scope_of(membership: Membership) -> str:
    """Return the choice that an access was given for."""
    if membership.only_plan:
        return f"{PLAN}{membership.only_plan}"
    return f"{VISIT}{membership.only_visit}" if membership.only_visit else EVERYTHING


def scope_in_words(membership: Membership, names: dict[str, str]) -> str:
    """Return what an access is for; of a plan or visit that is no longer there, its reference."""
    choice = scope_of(membership)
    return ALL_IN_WORDS if choice == EVERYTHING else names.get(choice, f"Only {choice.partition(':')[2]}")


# The pages they opened


@dataclass(frozen=True)
class Asked:
    """What is asked of the record of opened pages; a filter that is empty asks for nothing."""

    who: str = ""
    words: str = ""
    first_on: date | None = None
    last_on: date | None = None

    @property
    def query(self) -> dict[str, Any]:
        """The filters as they stand in an address."""
        values: dict[str, Any] = {"who": self.who, "words": self.words}
        for name, day in (("first_on", self.first_on), ("last_on", self.last_on)):
            if day is not None:
                values |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Opened:
    """One page of the record."""

    page: Page
    pages: Pages
    csv_url: str

    @property
    def total(self) -> int:
        return self.page.paginator.count


def opened_address(name: str = "reports:opened-pages", **query: Any) -> str:
    """Return the address of the record of opened pages, filtered."""
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


def people_recorded(member: Member) -> list[tuple[str, str]]:
    """Return the people of whom pages are recorded, by name, as choices."""
    found = OpenedPage.objects.visible_to(member).order_by("user__name", "user").values_list("user", "user__name")
    return [(str(key), name) for key, name in found.distinct()]


def opened_rows(member: Member, asked: Asked) -> QuerySet[OpenedPage]:
    """Return the pages that inspectors opened in the member's council, newest first."""
    rows = OpenedPage.objects.visible_to(member).select_related("user")
    if asked.who:
        rows = rows.filter(user=asked.who)
    if asked.words:
        rows = rows.filter(Q(title__icontains=asked.words) | Q(address__icontains=asked.words))
    if asked.first_on:
        rows = rows.filter(at__gte=datetime.combine(asked.first_on, time.min, tzinfo=LONDON))
    if asked.last_on:
        rows = rows.filter(at__lte=end_of_day(asked.last_on))
    return rows


def opened_pages(member: Member, asked: Asked, *, number: Any) -> Opened:
    """Return one page of the record, by its number as typed in the address."""
    page = Paginator(opened_rows(member, asked), ROWS).get_page(number)
    return Opened(
        page=page,
        pages=pages_for(page.number, page.paginator.num_pages, lambda other: opened_address(**asked.query, page=other)),
        csv_url=opened_address("reports:opened-pages-csv", **asked.query),
    )


def rows_of_csv(rows: Iterable[OpenedPage]) -> Iterator[Sequence[Any]]:
    """Yield the record as rows of a download, in the order of HEADINGS."""
    for row in rows:
        what = row.title or "–"
        done = row.outcome or ("Looked at" if row.method in {"GET", "HEAD"} else row.method)
        yield [short_date(london_day(row.at)), clock_time(row.at), row.user.name, what, row.address, done]
