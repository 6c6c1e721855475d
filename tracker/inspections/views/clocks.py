"""The clocks of a council: the list, one with its working, and what is recorded about it."""

from collections.abc import Iterator
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar, CountedDay, HolidaysUnknown
from tracker.govuk.downloads import csv_download
from tracker.inspections import changes, permissions
from tracker.inspections.forms import LetterDateForm, StepForm, VoidForm
from tracker.inspections.models import Clock, ClockStep, GovernanceStep, Recount
from tracker.inspections.rules import WORKING_DAY_LAW, State, Working, working_of
from tracker.inspections.views.cards import ClockCard, card_of, clocks_of

OPEN, ENDED = "open", "ended"


def clocks(request: HttpRequest) -> HttpResponse:
    """List the council's clocks: what is next first, or those that ended, the last of them first."""
    member = request.member
    if not member.sees_plan:
        raise PermissionDenied
    today, days = clock.today(), calendar()
    cards = [card_of(row, on=today, days=days) for row in clocks_of(member)]
    still_open = sorted((card for card in cards if card.is_open), key=lambda card: card.order)
    ended = sorted((card for card in cards if not card.is_open), key=_ended_on, reverse=True)
    show = ENDED if request.GET.get("show") == ENDED else OPEN
    due = [card for card in still_open if not card.is_expected]
    context = {
        "show": show,
        "views": [(OPEN, "To do and expected", len(still_open)), (ENDED, "Ended", len(ended))],
        "rows": ended if show == ENDED else still_open,
        "missed": [card for card in due if card.is_late],
        "next": next((card for card in due if not card.is_late and card.row.due), None),
        "crumbs": [{"label": "Inspections", "url": reverse("inspections:inspections")}],
    }
    return render(request, "inspections/clocks.html", context)


def _ended_on(card: ClockCard) -> tuple[date, int]:
    row = card.row
    return row.met_on or row.voided_on or row.trigger_on, row.pk


def find(request: HttpRequest, *, kind: str, sequence: int = 1, **source: str) -> Clock:
    """Return the clock at an address: of an inspection, a visit or an intervention; 404 for none this person sees."""
    (name, reference), *_ = source.items()
    return get_object_or_404(
        clocks_of(request.member), **{f"{name}__reference": reference}, kind=kind, sequence=sequence
    )


def way_to(row: Clock, *, itself: bool = True) -> list[dict[str, str]]:
    """Return the breadcrumbs of a clock, or of a form of it."""
    crumbs = [
        {"label": "Clocks", "url": reverse("inspections:clocks")},
        {"label": str(row.source), "url": row.source.get_absolute_url()},
    ]
    return [*crumbs, {"label": row.rule.title, "url": row.get_absolute_url()}] if itself else crumbs


def page_of(name: str, row: Clock, **more: str | int) -> str:
    """Return the address of a page of a clock."""
    return reverse(f"inspections:{name}", kwargs={**row.address, **more})


def clock_page(request: HttpRequest, **address: str) -> HttpResponse:
    """Show a clock: its date and how it was come by, what ends it, and what was recorded."""
    member = request.member
    row = find(request, **address)
    today, days = clock.today(), calendar()
    card = card_of(row, on=today, days=days)
    working, why_not = _working(row, days)
    keeps = permissions.may_keep_clocks(member)
    is_running = card.state == State.RUNNING
    steps = GovernanceStep.objects.visible_to(member).filter(clock=row).select_related("owner").order_by("due_on", "pk")
    governance = [_governance_row(request, row, step, days, today=today) for step in steps]
    context = {
        "card": card,
        "clock": row,
        "rule": row.rule,
        "working": working,
        "why_not": why_not,
        "today": today,
        "working_day_law": WORKING_DAY_LAW if row.unit == Clock.Unit.WORKING_DAYS else "",
        "steps": _steps(request, row, may_record=keeps and card.is_open),
        "recounts": list(Recount.objects.visible_to(member).filter(clock=row)),
        "governance": governance,
        "has_governance": bool(governance) or (row.rule.has_governance and is_running),
        "plan_url": page_of("plan-steps", row) if keeps and is_running and not governance else "",
        "add_url": page_of("add-step", row) if keeps and is_running and governance else "",
        "letter_url": page_of("letter-date", row) if keeps and is_running and row.due else "",
        "void_url": page_of("void-clock", row) if keeps and is_running else "",
        "csv_url": page_of("clock-csv", row),
        "crumbs": way_to(row, itself=False),
    }
    return render(request, "inspections/clock.html", context)


def _working(row: Clock, days: Calendar) -> tuple[Working | None, str]:
    """Return the count of a clock, or why it cannot be shown; neither where there is nothing to count."""
    if row.length is None:
        return None, ""
    try:
        return working_of(row.trigger_on, row.length, row.unit, days), ""
    except HolidaysUnknown as unknown:
        return None, str(unknown)


def _steps(request: HttpRequest, row: Clock, *, may_record: bool) -> list[dict[str, object]]:
    done = {step.step: step for step in ClockStep.objects.visible_to(request.member).filter(clock=row)}
    return [
        {
            "label": step.label,
            "done": done.get(step.code),
            "url": page_of("record-step", row, step=step.code) if may_record and step.code not in done else "",
        }
        for step in row.rule.steps
    ]


def _governance_row(
    request: HttpRequest, row: Clock, step: GovernanceStep, days: Calendar, *, today: date
) -> dict[str, object]:
    member = request.member
    is_open = step.done_on is None
    try:
        off = days.why_not_working(step.due_on)
    except HolidaysUnknown:
        off = ""
    return {
        "step": step,
        "is_late": is_open and step.due_on < today and row.is_running,
        "off": off,
        "change_url": page_of("change-step", row, position=step.position)
        if is_open and permissions.may_keep_clocks(member) and state_is_running(row, on=today)
        else "",
        "done_url": page_of("finish-step", row, position=step.position)
        if is_open and permissions.may_finish(member, step)
        else "",
    }


def state_is_running(row: Clock, *, on: date) -> bool:
    """Whether a clock still runs, so that what comes before it can be planned."""
    return card_of(row, on=on, days=Calendar({}, 1, 0)).state == State.RUNNING


def clock_csv(request: HttpRequest, **address: str) -> HttpResponse:
    """Download the working of a clock."""
    row = find(request, **address)
    working, _ = _working(row, calendar())
    if working is None:
        raise Http404
    turn = f"-{row.sequence}" if row.sequence > 1 else ""
    name = f"{request.member.authority.slug}-{row.source.reference}-{row.kind}{turn}-clock.csv"
    return csv_download(name, ["Date", "Weekday", "Counted as", "Why not counted"], _lines(working))


def _lines(working: Working) -> Iterator[list[str]]:
    for day in working.days:
        yield [f"{day.day:%Y-%m-%d}", f"{day.day:%A}", _counted(day), day.reason]


def _counted(day: CountedDay) -> str:
    return f"Day {day.number}" if day.is_counted else "Not counted"


# What is recorded


def _keeper(request: HttpRequest, address: dict[str, str]) -> Clock:
    row = find(request, **address)
    if not permissions.may_keep_clocks(request.member):
        raise PermissionDenied
    return row


def record_step(request: HttpRequest, step: str, **address: str) -> HttpResponse:
    """Record one of the things that together end a clock."""
    row = _keeper(request, address)
    found = row.rule.step(step)
    if found is None:
        raise Http404
    today = clock.today()
    form = StepForm(request.POST or kept.take(request), initial={"done_by": request.member.user.name})
    if request.method == "POST" and form.is_valid():
        try:
            changes.record_step(row, step=step, by=request.user, on=today, **form.cleaned_data)
        except (changes.WrongDates, changes.WrongStep, changes.ClockEnded) as refusal:
            form.add_error("done_on", str(refusal))
        else:
            row = find(request, **address)
            ended = f" {row.rule.title}: {card_of(row, on=today, days=calendar()).words.lower()}." if row.met_on else ""
            messages.success(request, f"“{found.label}” is recorded.{ended}")
            return redirect(row.get_absolute_url())
    context = {"form": form, "clock": row, "step": found, "crumbs": way_to(row)}
    return render(request, "inspections/record_step.html", context)


def letter_date(request: HttpRequest, **address: str) -> HttpResponse:
    """Keep the date that a letter gives."""
    row = _keeper(request, address)
    if row.due is None:
        raise Http404
    days = calendar()
    form = LetterDateForm(
        request.POST or kept.take(request), initial={"due": row.notified_due, "source": row.notified_source}
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = changes.set_notified_due(
                row, by=request.user, on=clock.today(), calendar=days, **form.cleaned_data
            )
        except (changes.WrongDates, changes.ClockEnded, HolidaysUnknown) as refusal:
            form.add_error("due", str(refusal))
        else:
            messages.success(
                request,
                f"The date is now {changed.due:%A %-d %B %Y}, as the letter says.{not_working(changed.due, days)}",
            )
            return redirect(row.get_absolute_url())
    context = {"form": form, "clock": row, "crumbs": way_to(row)}
    return render(request, "inspections/letter_date.html", context)


def not_working(day: date | None, days: Calendar) -> str:
    """Return a sentence that warns of a day on which nobody works, or "". It begins with a space."""
    reason = days.why_not_working(day) if day else ""
    return f" That day is not a working day: {reason}." if reason else ""


def void_clock(request: HttpRequest, **address: str) -> HttpResponse:
    """Say that a clock counts no more."""
    row = _keeper(request, address)
    form = VoidForm(request.POST or kept.take(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.void_clock(row, by=request.user, on=clock.today(), **form.cleaned_data)
        except changes.ClockEnded as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, f"“{row.rule.title}” is void. It counts no more, and stays on record.")
            return redirect(row.get_absolute_url())
    context = {"form": form, "clock": row, "crumbs": way_to(row)}
    return render(request, "inspections/void_clock.html", context)
