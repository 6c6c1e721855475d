"""One's own list: "What do I need to do now?"."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.member import Member
from tracker.actions import permissions
from tracker.actions.forms import ProgressUpdateForm
from tracker.actions.models import Action
from tracker.actions.rules import CLOSE_WORKING_DAYS, Status, is_doubtful, is_stale
from tracker.actions.views import find
from tracker.actions.views.updating import form_for
from tracker.actions.wording import day_words, doubts_of, late_words, left_words
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import and_list, count_of

LATER_SHOWN = 2
DONE_DAYS = 30


@dataclass(frozen=True)
class Item:
    """One action in the list, in words."""

    action: Action
    status: Status
    late: str
    left: str
    last_update: str
    facts: str
    doubt: str
    may_ask: bool
    request: str
    form: ProgressUpdateForm | None


@dataclass(frozen=True)
class Section:
    id: str
    heading: str
    count: int
    items: list[Item]
    more: int = 0


def my_actions(request: HttpRequest) -> HttpResponse:
    """Show what this person is to do, the latest first, each with its update form."""
    member, today, days = request.member, clock.today(), calendar()
    close_by = days.add(today, CLOSE_WORKING_DAYS)
    mine = Action.objects.on_the_list_of(member)
    actions = list(
        find.with_what_an_update_needs(mine.open())
        .with_status(on=today, close_by=close_by)
        .with_doubts(on=today)
        .order_by(F("deadline").asc(nulls_last=True), "position", "pk")
    )
    unfinished = [action for action in actions if action.is_unfinished]
    overdue = [action for action in unfinished if action.status_now == Status.OVERDUE]
    due = [action for action in unfinished if action.deadline and today <= action.deadline <= close_by]
    later = [action for action in unfinished if action.deadline is None or action.deadline > close_by]
    waiting = [action for action in actions if not action.is_unfinished]
    shown = later if request.GET.get("later") == "all" else later[:LATER_SHOWN]

    def section(id_: str, heading: str, actions: list[Action], *, more: int = 0) -> Section:
        items = [_item(action, member=member, on=today, close_by=close_by, days=days) for action in actions]
        return Section(id_, heading, len(items) + more, items, more)

    sections = [
        section("overdue", "Overdue", overdue),
        section("due", f"Due in the next {CLOSE_WORKING_DAYS} working days", due),
        section("later", "Later", shown, more=len(later) - len(shown)),
        section("waiting", "Waiting to be checked", waiting),
    ]
    done = mine.filter(completed_on__gt=today - timedelta(days=DONE_DAYS), cancelled_on__isnull=True)
    context = {
        "person": ", ".join(part for part in (member.user.name, member.post) if part),
        "sentence": _sentence(len(actions), overdue=len(overdue), due=len(due), waiting=len(waiting)),
        "sections": [part for part in sections if part.count],
        "waiting_on": [
            {
                "action": action,
                "checker": permissions.checker_of(action) or "the programme office",
                "since": day_words(action.claimed_on, on=today),
            }
            for action in waiting
        ],
        "done": done.select_related("plan").order_by("-completed_on", "position", "pk"),
        "done_days": DONE_DAYS,
    }
    return render(request, "actions/my_actions.html", context)


def _sentence(number: int, *, overdue: int, due: int, waiting: int) -> str:
    """Return "You have 8 open actions. 2 are overdue and 2 are due in the next 10 working days."."""
    close = f"due in the next {CLOSE_WORKING_DAYS} working days"
    phrases = ((overdue, "overdue"), (due, close), (waiting, "waiting to be checked"))
    parts = [f"{count} {'is' if count == 1 else 'are'} {phrase}" for count, phrase in phrases if count]
    opening = f"You have {count_of(number, 'open action,open actions')}."
    return f"{opening} {and_list(parts)}." if parts else f"{opening} None is overdue or {close}."


def _item(action: Action, *, member: Member, on: date, close_by: date, days: Calendar) -> Item:
    status = Status(action.status_now)
    doubts = doubts_of(action.repeated_by)
    is_late = status == Status.OVERDUE
    is_close = action.is_unfinished and action.deadline is not None and on <= action.deadline <= close_by
    return Item(
        action=action,
        status=status,
        late=late_words(action.deadline, on=on, calendar=days) if is_late else "",
        left=left_words(action.deadline, on=on, calendar=days) if is_close else "",
        last_update=_last_update(action, on=on),
        facts=_facts(action),
        doubt=" ".join(doubts) if is_doubtful(status, doubts) else "",
        may_ask=permissions.may_ask(member, action) and action.waiting_request is None,
        request=_request(action),
        form=form_for(action, on=on, auto_id=f"id_{action.pk}_%s") if permissions.may_update(member, action) else None,
    )


def _request(action: Action) -> str:
    """Return the address of the request for another deadline that waits, or ""."""
    if action.waiting_request is None:
        return ""
    return reverse("actions:deadline-request", args=[action.plan.reference, action.reference, action.waiting_request])


def _last_update(action: Action, *, on: date) -> str:
    if action.last_updated_on is None:
        return "No update yet."
    if action.is_unfinished and is_stale(action.last_updated_on, on=on):
        return f"No update for {(on - action.last_updated_on).days} days."
    return f"Last update {day_words(action.last_updated_on, on=on)}."


def _facts(action: Action) -> str:
    steps = action.milestones.all()
    done = sum(step.done_on is not None for step in steps)
    milestones = f"{done} of {count_of(len(steps), 'milestone,milestones')} done." if steps else "No milestones."
    return f"{milestones} {action.get_difference_display()}."
