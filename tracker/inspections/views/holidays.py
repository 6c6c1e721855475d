"""The bank holidays that every count leaves out, and the two ways in which an administrator changes them."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from accounts.member import Member
from tracker.dates import clock
from tracker.dates.changes import HolidayAlreadyKnown, NotABankHoliday, NotAWeekday
from tracker.dates.models import BankHoliday, calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections import changes
from tracker.inspections.forms import BankHolidayForm, WithdrawForm
from tracker.inspections.models import Clock
from tracker.inspections.rules import State
from tracker.inspections.views.cards import ClockCard, card_of, clocks_of


def bank_holidays(request: HttpRequest) -> HttpResponse:
    """List the bank holidays of a year."""
    if not request.member.sees_plan:
        raise PermissionDenied
    years = sorted({day.year for day in BankHoliday.objects.values_list("on", flat=True)})
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else clock.today().year
    context = {
        "year": year,
        "years": years,
        "holidays": list(BankHoliday.objects.filter(on__year=year)),
        "may_change": request.member.keeps_holidays,
    }
    return render(request, "inspections/bank_holidays.html", context)


def add_bank_holiday(request: HttpRequest) -> HttpResponse:
    """Add a bank holiday that the published list does not have; the running clocks are counted again."""
    if not request.member.keeps_holidays:
        raise PermissionDenied
    form = BankHolidayForm(request.POST or kept.take(request))
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        try:
            moved = changes.proclaim_bank_holiday(by=request.user, on=clock.today(), **form.cleaned_data)
        except (HolidayAlreadyKnown, NotAWeekday, HolidaysUnknown) as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, f"{day:%A %-d %B %Y} is now a bank holiday. {_moved(request.member, moved)}")
            return redirect(f"{reverse('inspections:bank-holidays')}?year={day.year}")
    return render(request, "inspections/add_bank_holiday.html", {"form": form, "crumbs": _crumbs()})


def withdraw_bank_holiday(request: HttpRequest, day: str) -> HttpResponse:
    """Withdraw a bank holiday, as when it was moved; the running clocks are counted again."""
    if not request.member.keeps_holidays:
        raise PermissionDenied
    holiday = get_object_or_404(BankHoliday.objects.in_force(), on=_day(day))
    form = WithdrawForm(request.POST or kept.take(request))
    if request.method == "POST" and form.is_valid():
        try:
            moved = changes.withdraw_bank_holiday(holiday.on, by=request.user, on=clock.today(), **form.cleaned_data)
        except (NotABankHoliday, HolidaysUnknown) as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(
                request, f"{holiday.on:%A %-d %B %Y} is no longer a bank holiday. {_moved(request.member, moved)}"
            )
            return redirect(f"{reverse('inspections:bank-holidays')}?year={holiday.on.year}")
    counted = _counted_with(request.member, holiday.on)
    context = {
        "form": form,
        "holiday": holiday,
        "staying": [card for card in counted if card.state != State.RUNNING],
        "moving": [card for card in counted if card.state == State.RUNNING],
        "crumbs": _crumbs(),
    }
    return render(request, "inspections/withdraw_bank_holiday.html", context)


def _counted_with(member: Member, day: date) -> list[ClockCard]:
    """Return the clocks of this council that count working days and left a bank holiday out of the count."""
    today, days = clock.today(), calendar()
    rows = clocks_of(member).filter(unit=Clock.Unit.WORKING_DAYS, trigger_on__lt=day, computed_due__gt=day)
    cards = (card_of(row, on=today, days=days) for row in rows)
    return sorted((card for card in cards if card.state != State.VOID), key=lambda card: card.order)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "Bank holidays", "url": reverse("inspections:bank-holidays")}]


def _moved(member: Member, moved: list[Clock]) -> str:
    """Say which clocks of this council moved. Those of other councils moved too, and are not spoken of."""
    ours = clocks_of(member).filter(pk__in=[row.pk for row in moved])
    told = [_now(row) for row in sorted(ours, key=lambda row: (row.due or row.trigger_on, row.pk))]
    if not told:
        return "No clock moved."
    return f"{len(told)} {'clock' if len(told) == 1 else 'clocks'} moved: {and_list(told)}."


def _now(row: Clock) -> str:
    said = f"“{row.rule.title}” of the {row.source}: now {row.computed_due:%A %-d %B %Y}"
    if row.notified_due is None or row.notified_due == row.computed_due:
        return said
    return f"{said} by the count, {row.notified_due:%A %-d %B %Y} by the letter"
