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
from tracker.dates.models import BankHoliday
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections import changes
from tracker.inspections.forms import BankHolidayForm, WithdrawForm
from tracker.inspections.models import StatutoryClock


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
        day = form.cleaned_data["on"]
        try:
            moved = changes.proclaim_bank_holiday(by=request.user, **form.cleaned_data)
        except (HolidayAlreadyKnown, NotAWeekday, HolidaysUnknown) as refusal:
            form.add_error("on", str(refusal))
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
            moved = changes.withdraw_bank_holiday(holiday.on, by=request.user, **form.cleaned_data)
        except (NotABankHoliday, HolidaysUnknown) as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(
                request, f"{holiday.on:%A %-d %B %Y} is no longer a bank holiday. {_moved(request.member, moved)}"
            )
            return redirect(f"{reverse('inspections:bank-holidays')}?year={holiday.on.year}")
    context = {"form": form, "holiday": holiday, "crumbs": _crumbs()}
    return render(request, "inspections/withdraw_bank_holiday.html", context)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "Bank holidays", "url": reverse("inspections:bank-holidays")}]


def _moved(member: Member, moved: list[StatutoryClock]) -> str:
    """Say which clocks of this council moved. Those of other councils moved too, and are not spoken of."""
    ours = StatutoryClock.objects.visible_to(member).filter(pk__in=[row.pk for row in moved])
    told = [
        f"“{row.get_kind_display()}” of the {row.inspection}: now {row.computed_due:%A %-d %B %Y}"
        for row in ours.select_related("inspection")
    ]
    if not told:
        return "No clock moved."
    return f"{len(told)} {'clock' if len(told) == 1 else 'clocks'} moved: {and_list(told)}."
