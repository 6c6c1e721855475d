"""The deadlines of a plan that moved: how often, by how much in all, and what was asked for and not agreed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.member import Member
from tracker.actions.forms import MovesFilterForm
from tracker.actions.models import Action, DeadlineChange, DeadlineRequest, may_see_restricted
from tracker.actions.rules import is_late_against_first_agreed
from tracker.actions.wording import how_far_words, late_first_words, times_words, working_days_words
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.govuk.downloads import csv_download
from tracker.govuk.pagination import ROWS, Pages, pages_for
from tracker.govuk.templatetags.govuk import count_of, query_string, with_changes, without
from tracker.plans.models import Plan

State = DeadlineRequest.State
SORTS: Mapping[str, str] = {
    "action": "position",
    "first": "first_agreed",
    "now": "deadline",
    "slip": "slip",
    "moves": "times",
}
DEFAULT_SORT = "-slip"
UNAGREED = (State.ASKED, State.REFUSED, State.WITHDRAWN)


@dataclass(frozen=True)
class Row:
    """An action whose deadline moved, or was asked to."""

    title: str
    url: str
    is_restricted: bool
    owner: str
    first_agreed: date | None
    deadline: date | None
    late: str
    slip: str
    times: int
    kinds: str
    requests: tuple["Asked", ...]


@dataclass(frozen=True)
class Asked:
    """A request that was not agreed, or not yet."""

    words: str
    url: str


@dataclass(frozen=True)
class Sums:
    """What a plan's deadlines add up to."""

    actions: int
    moved: int
    moves: int
    working_days: int
    asked: int
    refused: int
    withdrawn: int

    @property
    def sentence(self) -> str:
        if not self.moved:
            return "No deadline has moved."
        verb = "has" if self.moved == 1 else "have"
        return (
            f"{self.moved:,} of {count_of(self.actions, 'deadline,deadlines')} {verb} moved, "
            f"{times_words(self.moves)} in all, by {working_days_words(self.working_days)}."
        )

    @property
    def requests(self) -> str:
        parts = (
            (self.asked, "waits for a decision", "wait for a decision"),
            (self.refused, "was refused", "were refused"),
            (self.withdrawn, "was withdrawn", "were withdrawn"),
        )
        said = [
            f"{count_of(number, 'request,requests')} {one if number == 1 else many}"
            for number, one, many in parts
            if number
        ]
        return f"{', '.join(said)}." if said else ""


def moved(request: HttpRequest, plan: str) -> HttpResponse:
    """Show every deadline of a plan that moved, or that someone asked to move."""
    member = request.member
    if not member.sees_plan:
        raise PermissionDenied
    found = get_object_or_404(Plan.objects.visible_to(member), reference=plan)
    form = MovesFilterForm(request.GET, priorities=[(str(one.number), str(one)) for one in found.priorities.all()])
    asked = form.asked()
    actions = Action.objects.visible_to(member).filter(plan=found)
    listed = _with_sums(_narrowed(_moved(actions), asked))
    sort = request.GET.get("sort", DEFAULT_SORT)
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    ordered = _in_order(listed, sort)
    if request.GET.get("download") == "csv":
        name = f"{member.authority.slug}-deadline-changes-{clock.today():%Y-%m-%d}.csv"
        return csv_download(name, CSV_HEADINGS, _lines(ordered, member, found))
    total = listed.count()
    page, pages = _page(request.GET.get("page", ""), total)
    rows = _rows(ordered[(page - 1) * ROWS : page * ROWS], found, on=clock.today(), days=calendar())
    context = {
        "plan": found,
        "form": form,
        "chips": _chips(form, asked, request),
        "sums": _sums(actions, found),
        "rows": rows,
        "total": total,
        "hidden": _hidden(member, found),
        "pages": _links(page, pages, request),
        "crumbs": [{"label": "Plan", "url": found.get_absolute_url()}],
    }
    return render(request, "actions/moved.html", context)


# Which actions, and what they add up to


def _changes_of() -> QuerySet[DeadlineChange]:
    return DeadlineChange.objects.filter(action=OuterRef("pk")).order_by()


def _requests_of(*states: str) -> QuerySet[DeadlineRequest]:
    return DeadlineRequest.objects.filter(action=OuterRef("pk"), state__in=states).order_by()


def _moved(actions: QuerySet[Action]) -> QuerySet[Action]:
    return actions.filter(Exists(_changes_of()) | Exists(_requests_of(*UNAGREED)))


def _narrowed(actions: QuerySet[Action], asked: Mapping[str, str]) -> QuerySet[Action]:
    if priority := asked.get("priority"):
        actions = actions.filter(priority__number=int(priority))
    if kind := asked.get("kind"):
        of_kind = Q(Exists(_changes_of().filter(reason_kind=kind)))
        actions = actions.filter(of_kind | Exists(_requests_of(*UNAGREED).filter(reason_kind=kind)))
    if state := asked.get("requests"):
        actions = actions.filter(Exists(_requests_of(state)))
    return actions


def _with_sums(actions: QuerySet[Action]) -> QuerySet[Action]:
    grouped = _changes_of().values("action")
    slip = grouped.annotate(days=Sum("working_days")).values("days")
    times = grouped.annotate(number=Count("pk")).values("number")
    return actions.annotate(
        slip=Coalesce(Subquery(slip, output_field=IntegerField()), 0),
        times=Coalesce(Subquery(times, output_field=IntegerField()), 0),
    )


def _in_order(actions: QuerySet[Action], sort: str) -> QuerySet[Action]:
    field = F(SORTS[sort.removeprefix("-")])
    order = field.desc(nulls_last=True) if sort.startswith("-") else field.asc(nulls_last=True)
    return actions.order_by(order, "position", "pk")


def _sums(actions: QuerySet[Action], plan: Plan) -> Sums:
    """Add up a plan's deadlines. Three queries."""
    mine = actions.order_by().values("pk")
    moves = (
        DeadlineChange.objects.of(plan.authority)
        .filter(action__in=mine)
        .aggregate(moved=Count("action", distinct=True), moves=Count("pk"), working_days=Sum("working_days", default=0))
    )
    asked = DeadlineRequest.objects.of(plan.authority).filter(action__in=mine).order_by()
    counts = dict(asked.values_list("state").annotate(Count("pk")))
    return Sums(
        actions=actions.filter(Q(deadline__isnull=False)).count(),
        asked=counts.get(State.ASKED, 0),
        refused=counts.get(State.REFUSED, 0),
        withdrawn=counts.get(State.WITHDRAWN, 0),
        **moves,
    )


def _hidden(member: Member, plan: Plan) -> int:
    """How many restricted actions that moved are not shown."""
    if member.sees_restricted:
        return 0
    return _moved(Action.objects.within_reach_of(member).filter(plan=plan).exclude(may_see_restricted(member))).count()


# Rows


def _rows(actions: QuerySet[Action], plan: Plan, *, on: date, days: Calendar) -> list[Row]:
    """Return the rows of a page. Three queries, whatever its number of rows."""
    found = list(actions.select_related("owner"))
    keys = [action.pk for action in found]
    moves: dict[int, list[DeadlineChange]] = {}
    for move in DeadlineChange.objects.of(plan.authority).filter(action__in=keys).order_by("agreed_on", "pk"):
        moves.setdefault(move.action_id, []).append(move)
    asked: dict[int, list[DeadlineRequest]] = {}
    requests = DeadlineRequest.objects.of(plan.authority).filter(action__in=keys, state__in=UNAGREED)
    for one in requests.order_by("asked_at", "pk"):
        asked.setdefault(one.action_id, []).append(one)
    return [
        _row(action, plan, moves.get(action.pk, []), asked.get(action.pk, []), on=on, days=days) for action in found
    ]


def _row(
    action: Action,
    plan: Plan,
    moves: Sequence[DeadlineChange],
    asked: Iterable[DeadlineRequest],
    *,
    on: date,
    days: Calendar,
) -> Row:
    address = [plan.reference, action.reference]
    kinds = dict.fromkeys(move.get_reason_kind_display() for move in moves)
    return Row(
        title=str(action),
        url=reverse("actions:action", args=address),
        is_restricted=action.is_restricted,
        owner=str(action.owner or "No owner"),
        first_agreed=action.first_agreed,
        deadline=action.deadline,
        late=_late(action, on=on, days=days),
        slip=how_far_words(action.slip) if moves else "Not moved",
        times=action.times,
        kinds=", ".join(kinds),
        requests=tuple(
            Asked(
                f"{one.to_deadline:%-d %b %Y}: {one.get_state_display().lower()}",
                reverse("actions:deadline-request", args=[*address, one.pk]),
            )
            for one in asked
        ),
    )


def _late(action: Action, *, on: date, days: Calendar) -> str:
    is_late = is_late_against_first_agreed(action.first_agreed, is_unfinished=action.is_unfinished, on=on)
    if not is_late or action.first_agreed is None:
        return ""
    try:
        return late_first_words(action.first_agreed, on=on, calendar=days)
    except HolidaysUnknown:
        return "Late against the date first agreed"


# To take away


CSV_HEADINGS = (
    "Action",
    "Title",
    "First agreed",
    "Deadline now",
    "What happened",
    "From",
    "To",
    "Working days",
    "Kind of reason",
    "Reason",
    "What it means for children",
    "Asked by",
    "Asked on",
    "Decided by",
    "Decided on",
    "Why it was decided so",
)


def _lines(actions: QuerySet[Action], member: Member, plan: Plan) -> Iterator[list[Any]]:
    """Yield a line for each move and each request that was not agreed, of the actions in their order."""
    found = list(actions.values_list("pk", "reference", "title", "first_agreed", "deadline"))
    keys = actions.order_by().values("pk")
    happened: dict[int, list[list[Any]]] = {}
    moves = DeadlineChange.objects.visible_to(member).filter(action__plan=plan, action__in=keys)
    for move in moves.select_related("request").order_by("agreed_on", "pk"):
        happened.setdefault(move.action_id, []).append(_move_cells(move))
    requests = DeadlineRequest.objects.visible_to(member).filter(action__plan=plan, action__in=keys, state__in=UNAGREED)
    for one in requests.select_related("asked_by", "decided_by").order_by("asked_at", "pk"):
        happened.setdefault(one.action_id, []).append(_request_cells(one))
    for pk, reference, title, first, deadline in found:
        for cells in happened.get(pk, []):
            yield [reference, title, first, deadline, *cells]


def _move_cells(move: DeadlineChange) -> list[Any]:
    asked = move.request
    return [
        "Moved",
        move.from_deadline,
        move.to_deadline,
        move.working_days,
        move.get_reason_kind_display(),
        move.reason,
        asked.effect_on_children if asked else "",
        move.asked_by,
        move.asked_on,
        move.agreed_by,
        move.agreed_on,
        asked.decision_reason if asked else "",
    ]


def _request_cells(asked: DeadlineRequest) -> list[Any]:
    return [
        asked.get_state_display(),
        asked.from_deadline,
        asked.to_deadline,
        asked.working_days,
        asked.get_reason_kind_display(),
        asked.reason,
        asked.effect_on_children,
        asked.asked_by,
        asked.asked_on,
        asked.decided_for or asked.decided_by,
        asked.decided_on,
        asked.decision_reason,
    ]


# Pages and filters in use


def _page(asked: str, total: int) -> tuple[int, int]:
    pages = max(1, -(-total // ROWS))
    number = int(asked[:9]) if asked.isascii() and asked.isdigit() else 1
    return min(max(number, 1), pages), pages


def _links(page: int, pages: int, request: HttpRequest) -> Pages:
    return pages_for(page, pages, lambda number: query_string(with_changes(request.GET, {"page": number})))


def _chips(form: MovesFilterForm, asked: Mapping[str, str], request: HttpRequest) -> list[dict[str, str]]:
    return [
        {
            "label": f"{form.fields[name].label}: {form.label_of(name, value)}",
            "url": query_string(without(request.GET, [name], {})) or request.path,
        }
        for name, value in asked.items()
    ]
