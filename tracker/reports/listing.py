"""The list of actions: which ones are asked for, in what order, and the 25 that a page shows.

A page of the list in its own order reads its rows on the index, from the end of the list that is nearer, and the
counts beside the statuses are read off indexes. Other orders sort all that the filters let through.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    Expression,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse

from accounts.member import Member
from accounts.models import Agency, User
from tracker.actions.models import Action, Milestone, may_see_restricted
from tracker.actions.rules import (
    BAR_ORDER,
    ActionFacts,
    Difference,
    Rating,
    Status,
    is_doubtful,
    is_late_against_first_agreed,
    status_of,
)
from tracker.actions.wording import doubts_of
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.govuk.pagination import ROWS, Pages, pages_for
from tracker.govuk.templatetags.govuk import count_of, query_string, short_date, with_changes, without
from tracker.inspections.models import Recommendation
from tracker.plans.models import Plan, Priority
from tracker.reports.counting import has_moved
from tracker.reports.forms import BOARD, CLOSE, NOBODY, VISIT, WORST_FIRST, ActionFilterForm, Filters, Options

ANCHOR = "#actions"
ZERO = Value(0, output_field=IntegerField())


# What is asked for


def narrowed(actions: QuerySet[Action], asked: Filters, *, on: date, close_by: date) -> QuerySet[Action]:
    """Return the actions that all filters but the status let through."""
    if asked.due == CLOSE:
        actions = actions.due_between(on, close_by)
    elif asked.until is not None:
        actions = actions.due_by(asked.until)
    if asked.owner:
        actions = actions.filter(owner__isnull=True) if asked.owner == NOBODY else actions.filter(owner=asked.owner)
    equal = {
        "agency": asked.agency,
        "priority__number": asked.priority,
        "answers__recommendation": asked.recommendation,
        "difference__in": asked.differences,
    }
    actions = actions.filter(**{field: value for field, value in equal.items() if value})
    if asked.is_moved:
        actions = actions.live().filter(has_moved())
    if asked.is_late_against_first:
        actions = actions.late_against_first_agreed(on=on)
    if asked.is_doubtful:
        actions = actions.filter(pk__in=actions.doubtful(on=on, close_by=close_by).values("pk"))
    if asked.is_restricted:
        actions = actions.filter(is_restricted=True)
    for word in asked.words.split():
        actions = actions.filter(
            Q(title__icontains=word) | Q(description__icontains=word) | Q(reference__istartswith=word)
        )
    return actions


def condition_of(status: str, *, on: date, close_by: date) -> Q:
    """Return the condition under which an action has a status, such that the database can use its indexes.

    It says the same as rules.status_of, and as `with_status`, which works the status out for each row first.
    """
    unfinished = Q(completed_on__isnull=True, cancelled_on__isnull=True, claimed_on__isnull=True)
    not_late = unfinished & _not_late(on)
    held_up = Q(deadline__lte=close_by) & _has_steps_left()
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=on)
    match status:
        case Status.CANCELLED:
            return Q(cancelled_on__isnull=False)
        case Status.EMBEDDED:
            return Q(cancelled_on__isnull=True, completed_on__isnull=False, difference=Difference.SUSTAINED)
        case Status.COMPLETE:
            return Q(cancelled_on__isnull=True, completed_on__isnull=False) & ~Q(difference=Difference.SUSTAINED)
        case Status.WAITING:
            return Q(cancelled_on__isnull=True, completed_on__isnull=True, claimed_on__isnull=False)
        case Status.OVERDUE:
            return unfinished & Q(deadline__lt=on)
        case Status.OFF_TRACK:
            return not_late & Q(rating=Rating.OFF_TRACK)
        case Status.AT_RISK:
            return not_late & (Q(rating=Rating.AT_RISK) | ~Q(rating=Rating.OFF_TRACK) & held_up)
        case Status.ON_TRACK:
            return not_late & Q(rating=Rating.ON_TRACK) & begun & ~held_up
        case _:
            return not_late & (Q(rating="") | Q(rating=Rating.ON_TRACK) & ~begun) & ~held_up


def _not_late(on: date) -> Q:
    return Q(deadline__gte=on) | Q(deadline__isnull=True)


def _has_steps_left() -> Exists:
    return Exists(Milestone.objects.filter(action=OuterRef("pk"), done_on__isnull=True))


def with_any_status(
    actions: QuerySet[Action], statuses: Sequence[str], *, on: date, close_by: date
) -> QuerySet[Action]:
    """Return the actions with one of some statuses; without any named, all but the cancelled."""
    if not statuses:
        return actions.live()
    wanted = Q()
    for status in statuses:
        wanted |= condition_of(status, on=on, close_by=close_by)
    return actions.filter(wanted)


# Counts


def counts_by_status(actions: QuerySet[Action], *, on: date, close_by: date) -> Counter[str]:
    """Return how many of the actions have each status. One query.

    It counts them by what a status depends on, which indexes hold, and asks the rule which status that makes:
    to work it out for each row, as `with_status` does, takes ten times as long for a large council.
    """
    counts: Counter[str] = Counter()

    def count(number: int, **facts: Any) -> None:
        counts[status_of(replace(NOTHING_KNOWN, **facts), on=on, close_by=close_by)] += number

    for kind, word, number, first, second in _counted(actions, on=on, close_by=close_by):
        match kind:
            case "unfinished":
                count(first, rating=word, deadline=on - DAY)
                count(second, rating=word, starts_on=on + DAY)
                count(number - first - second, rating=word)
            case "held up":  # Counted above as if they had no steps left.
                for part, starts_on in ((first, on + DAY), (number - first, None)):
                    count(-part, rating=word, starts_on=starts_on)
                    count(part, rating=word, starts_on=starts_on, deadline=close_by, has_open_milestones=True)
            case "closed":
                count(first, difference=word, claimed_on=on, completed_on=on)
                count(second, difference=word, cancelled_on=on)
                count(number - first - second, difference=word, claimed_on=on)
    return +counts


DAY = timedelta(days=1)
NOTHING_KNOWN = ActionFacts(
    deadline=None,
    rating="",
    claimed_on=None,
    completed_on=None,
    cancelled_on=None,
    difference=Difference.NONE,
    starts_on=None,
    has_open_milestones=False,
)


def _counted(actions: QuerySet[Action], *, on: date, close_by: date) -> QuerySet[Action, tuple[Any, ...]]:
    """Count actions of three kinds by rating or difference: all, and two parts of them.

    "unfinished", of them late, and not late but yet to begin; "held up", those of the unfinished that are close
    to their deadline with steps left, of them yet to begin; "closed", of them completed, and cancelled.
    """

    def group(actions: QuerySet[Action], kind: str, word: str, first: Expression, second: Expression) -> QuerySet:
        named = actions.order_by().annotate(kind=_text(kind), word=F(word)).values_list("kind", "word")
        return named.annotate(number=Count("*"), first=first, second=second)

    unfinished, ahead = actions.unfinished(), Q(starts_on__gt=on)
    held_up = unfinished.filter(_has_steps_left(), deadline__range=(on, close_by))
    held_up = held_up.filter(rating__in=["", Rating.ON_TRACK])  # The others are at risk or off track anyway.
    closed = actions.filter(Q(claimed_on__isnull=False) | Q(completed_on__isnull=False) | Q(cancelled_on__isnull=False))
    late = Count("deadline", filter=Q(deadline__lt=on))
    completed = Count("completed_on", filter=Q(cancelled_on__isnull=True))
    return group(unfinished, "unfinished", "rating", late, Count("starts_on", filter=ahead & _not_late(on))).union(
        group(held_up, "held up", "rating", Count("starts_on", filter=ahead), ZERO),
        group(closed, "closed", "difference", completed, Count("cancelled_on")),
        all=True,
    )


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def hidden_from(member: Member) -> QuerySet[Action]:
    """The restricted actions of the council that a member does not see: to be counted, never shown."""
    council = Action.objects.within_reach_of(member)
    return council.none() if member.sees_restricted else council.exclude(may_see_restricted(member))


# Order


BY_DEADLINE = (F("deadline").asc(nulls_last=True), "position", "pk")


def in_order(actions: QuerySet[Action], sort: str, *, on: date, close_by: date) -> QuerySet[Action]:
    """Return the actions sorted as SORT_WORDS says; those without a deadline or an owner last, both ways."""
    is_reversed, key = sort.startswith("-"), sort.removeprefix("-")

    def sorted_by(value: Expression | F) -> OrderBy:
        return value.desc(nulls_last=True) if is_reversed else value.asc(nulls_last=True)

    match key:
        case "action":
            in_plans = actions.order_by("-plan_id", "position", "pk")
            return in_plans.reverse() if is_reversed else in_plans
        case "owner":
            return actions.order_by(sorted_by(Lower("owner__name")), *BY_DEADLINE)
        case "status":
            places = (
                When(condition_of(status, on=on, close_by=close_by), then=Value(place))
                for place, status in enumerate(WORST_FIRST)
            )
            return actions.order_by(sorted_by(Case(*places)), *BY_DEADLINE)
    return actions.order_by(sorted_by(F("deadline")), "position", "pk")


SORT_WORDS = {
    "deadline": "soonest first",
    "-deadline": "latest first",
    "action": "in the order of the plan",
    "-action": "in the order of the plan, from its end",
    "owner": "by owner",
    "-owner": "by owner, from Z to A",
    "status": "worst first",
    "-status": "best first",
}
HEADINGS = (("action", "Action"), ("owner", "Owner"), ("deadline", "Due"), ("status", "Status"))


@dataclass(frozen=True)
class Heading:
    """The heading of a column, with the address that sorts by it; `order` is "ascending", "descending" or ""."""

    label: str
    url: str
    order: str


def headings(query: QueryDict, sort: str) -> list[Heading]:
    return [
        Heading(
            label,
            f"{query_string(with_changes(query, {'sort': f'-{key}' if sort == key else key}))}{ANCHOR}",
            {key: "ascending", f"-{key}": "descending"}.get(sort, ""),
        )
        for key, label in HEADINGS
    ]


# Pages


@dataclass(frozen=True)
class Slice:
    """The rows of one page of a list, counted from 0; `stop` is the first that is not on it."""

    page: int
    pages: int
    start: int
    stop: int
    total: int

    @property
    def is_nearer_the_end(self) -> bool:
        return self.start > self.total - self.stop

    @property
    def sentence(self) -> str:
        """Return "Showing 1 to 25 of 48 actions", or "Showing 3 actions" for a list of one page."""
        part = f"{self.start + 1:,} to {self.stop:,} of " if self.pages > 1 else ""
        return f"Showing {part}{count_of(self.total, 'action,actions')}"


def slice_of(asked: str, total: int) -> Slice:
    """Return the page that is asked for; the first for what is no number, the last for one past it."""
    pages = max(1, -(-total // ROWS))
    number = int(asked[:9]) if asked.isascii() and asked.isdigit() else 1
    page = min(max(number, 1), pages)
    start = (page - 1) * ROWS
    return Slice(page, pages, start, min(start + ROWS, total), total)


def found(actions: QuerySet[Action], shown: Slice) -> QuerySet[Action]:
    """Return the actions of one page of an ordered list, read from whichever end of it is nearer."""
    if shown.is_nearer_the_end:
        return actions.reverse()[shown.total - shown.stop : shown.total - shown.start]
    return actions[shown.start : shown.stop]


# Rows


@dataclass(frozen=True)
class Row:
    """One action as the list shows it, every word of it ready."""

    title: str
    url: str
    plan: str
    is_restricted: bool
    owner: str
    agency: str
    due: str
    when: str
    moved: str
    late_first: str
    doubt: str
    difference: str
    status: str


FACTS = tuple(field.name for field in fields(ActionFacts) if field.name != "has_open_milestones")
COLUMNS = (
    "reference",
    "title",
    "plan__reference",
    "plan__title",
    "is_restricted",
    "owner__name",
    "agency__name",
    "first_agreed",
    *FACTS,
)


def rows_of(actions: QuerySet[Action], *, on: date, close_by: date, days: Calendar) -> list[Row]:
    """Return the rows of some actions, each with its plan where they are of several. One query."""
    doubted = actions.with_doubts(on=on)
    found = list(doubted.values(*COLUMNS, "repeated_by", has_open_milestones=_has_steps_left()))
    name_plans = len({values["plan__reference"] for values in found}) > 1
    return [_row(values, on=on, close_by=close_by, days=days, name_plan=name_plans) for values in found]


def rows_in_order(actions: QuerySet[Action], sort: str, *, on: date, close_by: date, days: Calendar) -> list[Row]:
    """Return the rows of one page, found already, in the order of its list. One query."""
    if not sort.endswith("status"):
        return rows_of(in_order(actions, sort, on=on, close_by=close_by), on=on, close_by=close_by, days=days)
    # The rows know their status; asking the database again would cost more than the rest of the page.
    rows = rows_of(actions.order_by(*BY_DEADLINE), on=on, close_by=close_by, days=days)
    return sorted(rows, key=lambda row: WORST_FIRST.index(row.status), reverse=sort.startswith("-"))


def _row(values: Mapping[str, Any], *, on: date, close_by: date, days: Calendar, name_plan: bool) -> Row:
    deadline = values["deadline"]
    facts = ActionFacts(**{name: values[name] for name in FACTS}, has_open_milestones=values["has_open_milestones"])
    status = status_of(facts, on=on, close_by=close_by)
    doubts = doubts_of(values["repeated_by"])
    return Row(
        title=f"{values['reference']} {values['title']}",
        url=reverse("actions:action", args=[values["plan__reference"], values["reference"]]),
        plan=values["plan__title"] if name_plan else "",
        is_restricted=values["is_restricted"],
        owner=values["owner__name"] or ("" if values["agency__name"] else "No owner"),
        agency=values["agency__name"] or "",
        due=short_date(deadline) or "No deadline",
        when=when_words(values, on=on, days=days),
        moved=moved_words(values["first_agreed"], deadline, days=days),
        late_first=late_first_words(values, on=on, days=days),
        doubt=" ".join(doubts) if is_doubtful(status, doubts) else "",
        difference=values["difference"],
        status=status,
    )


def when_words(values: Mapping[str, Any], *, on: date, days: Calendar) -> str:
    """Return "in 6 days", "due today" or "4 days overdue", in working days; for what is finished, since when."""
    if values["cancelled_on"]:
        return f"cancelled {short_date(values['cancelled_on'])}"
    if values["completed_on"]:
        return f"checked {short_date(values['completed_on'])}"
    if values["claimed_on"]:
        return f"waiting since {short_date(values['claimed_on'])}"
    return day_words(values["deadline"], on=on, days=days)


def day_words(deadline: date | None, *, on: date, days: Calendar) -> str:
    """Return "in 6 days", "due today" or "4 days overdue", in working days.

    "overdue" alone when no working day has passed since, nothing when none lies ahead, or when the
    deadline is beyond the bank holidays that are known.
    """
    if deadline is None:
        return ""
    if deadline == on:
        return "due today"
    number = _between(on, deadline, days)
    if deadline < on:
        return f"{count_of(-number, 'day,days')} overdue" if number else "overdue"
    return f"in {count_of(number, 'day,days')}" if number else ""


def moved_words(first_agreed: date | None, deadline: date | None, *, days: Calendar) -> str:
    """Return "first agreed 18 Sep 2026, slipped 31 days" for a deadline that has moved, in working days."""
    if first_agreed is None or deadline is None or first_agreed == deadline:
        return ""
    slip = _between(first_agreed, deadline, days)
    first = f"first agreed {short_date(first_agreed)}"
    if not slip:
        return first
    return f"{first}, {'slipped' if slip > 0 else 'brought forward'} {count_of(abs(slip), 'day,days')}"


def late_first_words(values: Mapping[str, Any], *, on: date, days: Calendar) -> str:
    """Return "12 days late against it", of the date first agreed of an unfinished action that has another deadline."""
    first = values["first_agreed"]
    is_unfinished = not (values["claimed_on"] or values["completed_on"] or values["cancelled_on"])
    if first == values["deadline"] or not is_late_against_first_agreed(first, is_unfinished=is_unfinished, on=on):
        return ""
    number = _between(first, on, days)
    return f"{count_of(number, 'day,days')} late against it" if number else "Late against it"


def _between(start: date, end: date, days: Calendar) -> int:
    """Working days between two days; 0 when that cannot be counted."""
    try:
        return days.between(start, end)
    except HolidaysUnknown:
        return 0


# Filters in use


@dataclass(frozen=True)
class Chip:
    label: str
    url: str


def chips(form: ActionFilterForm, asked: Filters, query: QueryDict) -> list[Chip]:
    """Return the filters in use, each with the address of the list without it."""

    def chip(label: str, *keys: str, **values: str) -> Chip:
        return Chip(label, f"{query_string(without(query, keys, values))}{ANCHOR}")

    found = []
    if asked.due:
        found.append(chip(due_words(asked), "due"))
    found += [chip(Status(status).label, status=status) for status in asked.statuses]
    if asked.owner:
        found.append(chip(form.label_of("owner", asked.owner), "owner"))
    if asked.words:
        found.append(chip(f"Words: {asked.words}", "words"))
    if asked.agency:
        found.append(chip(form.label_of("agency", asked.agency), "agency"))
    if asked.priority is not None:
        found.append(chip(f"Priority {form.label_of('priority', str(asked.priority))}", "priority"))
    if asked.recommendation:
        found.append(chip(f"Recommendation {form.label_of('recommendation', asked.recommendation)}", "recommendation"))
    found += [
        chip(f"Difference: {form.label_of('difference', value)}", difference=value) for value in asked.differences
    ]
    ticked = (
        (asked.is_moved, "Deadline moved", "moved"),
        (asked.is_late_against_first, "Late against the date first agreed", "late"),
        (asked.is_doubtful, "Rating to be checked", "check"),
        (asked.is_restricted, "Restricted", "restricted"),
    )
    found += [chip(label, key) for is_ticked, label, key in ticked if is_ticked]
    return found


def due_words(asked: Filters) -> str:
    """Return "Due before the visit on 9 June 2026"."""
    if asked.due == CLOSE:
        return "Due in the next 10 working days"
    what = {VISIT: "visit", BOARD: "board"}[asked.due]
    return f"Due before the {what} on {asked.until:%-d %B %Y}"


# The whole


@dataclass(frozen=True)
class ActionList:
    """Everything the list shows."""

    form: ActionFilterForm
    rows: Sequence[Row]
    total: int
    caption: str
    sentence: str
    hidden: int
    chips: Sequence[Chip]
    clear_url: str
    sort: str
    headings: Sequence[Heading]
    pages: Pages


def list_of(
    query: QueryDict,
    actions: QuerySet[Action],
    *,
    options: Options,
    until: Callable[[str], date | None],
    hidden: int,
    on: date,
    close_by: date,
    days: Calendar,
) -> ActionList:
    """Return the page of a list that an address asks for. Two queries, whatever it asks.

    `actions` are those the member may see, `until` the last day of each choice of "due", and
    `hidden` how many restricted ones are not among them.
    """
    form = ActionFilterForm(query, options=options, until=until)
    asked = form.filters()
    given = query.get("sort", "")
    given = given if given in SORT_WORDS else ""
    sort = given or "deadline"
    wanted = narrowed(actions, asked, on=on, close_by=close_by)
    counts = counts_by_status(wanted, on=on, close_by=close_by)
    form.show_counts(counts)
    total = sum(counts.get(status, 0) for status in asked.statuses or BAR_ORDER)
    shown = slice_of(query.get("page", ""), total)
    listed = in_order(with_any_status(wanted, asked.statuses, on=on, close_by=close_by), sort, on=on, close_by=close_by)
    page = actions.filter(pk__in=found(listed, shown).values("pk"))
    return ActionList(
        form=form,
        rows=rows_in_order(page, sort, on=on, close_by=close_by, days=days) if total else [],
        total=total,
        caption=f"{count_of(total, 'action,actions')}, {SORT_WORDS[sort]}",
        sentence=f"{shown.sentence}. Days are working days.",
        hidden=hidden,
        chips=chips(form, asked, query),
        clear_url=f"?{f'sort={given}' if given else ''}{ANCHOR}",
        sort=given,
        headings=headings(query, sort),
        pages=pages_for(
            shown.page, shown.pages, lambda number: f"{query_string(with_changes(query, {'page': number}))}{ANCHOR}"
        ),
    )


# What the selects offer


def options_for(member: Member, plan: Plan | None = None) -> Options:
    """Return the people, agencies and recommendations of the council, and the priorities of one plan. One query."""

    owners = User.objects.filter(memberships__authority=member.authority).values_list(
        _text("owner"), "pk", ZERO, _text(""), "name"
    )
    agencies = Agency.objects.filter(authority=member.authority).values_list(
        _text("agency"), "pk", ZERO, _text(""), "name"
    )
    parts = [agencies.order_by()]
    recommendations = Recommendation.objects.visible_to(member)
    if plan is not None:
        recommendations = recommendations.filter(inspection__plans=plan)
        priorities = Priority.objects.visible_to(member).filter(plan=plan)
        parts.append(priorities.order_by().values_list(_text("priority"), "number", "number", _text(""), "title"))
    parts.append(
        recommendations.order_by().values_list(_text("recommendation"), "pk", "position", "reference", "title")
    )
    offered: dict[str, list[tuple[Any, ...]]] = {"owner": [], "agency": [], "priority": [], "recommendation": []}
    for kind, key, place, reference, label in owners.order_by().distinct().union(*parts, all=True):
        text = f"{reference}. {label}" if kind == "recommendation" else label
        text = f"{key}. {label}" if kind == "priority" else text
        offered[kind].append((place, text.casefold(), str(key), text))
    ordered = {kind: [(key, text) for *_, key, text in sorted(found)] for kind, found in offered.items()}
    return Options(
        owners=ordered["owner"],
        agencies=ordered["agency"],
        priorities=ordered["priority"] if plan is not None else None,
        recommendations=ordered["recommendation"],
    )
