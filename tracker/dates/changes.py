"""The only functions that write bank holidays."""

from datetime import date

import holidays
from django.db import IntegrityError, models

from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.models import BankHoliday, calendar


class HolidayAlreadyKnown(Exception):
    """The day is already a bank holiday."""


class NotAWeekday(Exception):
    """The day is a Saturday or a Sunday, on which nobody works anyway."""


class NotABankHoliday(Exception):
    """The day is not a bank holiday in force, so it cannot be withdrawn."""


@recorded()
def fill_bank_holidays(*, first_year: int, last_year: int) -> int:
    """Fill the table from the published list of England; return how many days were new.

    Days already in the table are left as they are, so what an administrator decided stands.
    """
    published = holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1))
    known = set(BankHoliday.objects.values_list("on", flat=True))
    missing = [(on, name) for on, name in sorted(published.items()) if on not in known]
    for on, name in missing:
        save_because(
            BankHoliday(on=on, name=name, source=BankHoliday.Source.PACKAGE),
            by=None,
            reason=f"Filled from the published list, package holidays {holidays.__version__}",
        )
    return len(missing)


@recorded()
def proclaim(on: date, *, name: str, reason: str, by: models.Model) -> BankHoliday:
    """Add a bank holiday that the published list does not have, and say why.

    Raises HolidayAlreadyKnown if that day is one already, NotAWeekday for a Saturday or Sunday,
    HolidaysUnknown outside the table's years.
    """
    calendar().why_not_working(on)
    if on.weekday() >= 5:
        raise NotAWeekday(f"{on:%-d %B %Y} is a {on:%A}, which is not a working day anyway. Choose a weekday.")
    holiday = BankHoliday.objects.filter(on=on).first() or BankHoliday(on=on, is_in_force=False)
    if holiday.is_in_force:
        raise HolidayAlreadyKnown(f"{on:%-d %B %Y} is already a bank holiday: {holiday.name}.")
    holiday.name, holiday.reason, holiday.is_in_force = name, reason, True
    holiday.source = BankHoliday.Source.ADMINISTRATOR
    try:
        return save_because(holiday, by=by, reason=reason)
    except IntegrityError:  # Someone else added the same day at the same moment.
        raise HolidayAlreadyKnown(f"{on:%-d %B %Y} is already a bank holiday.") from None


@recorded()
def withdraw(on: date, *, reason: str, by: models.Model) -> BankHoliday:
    """Take a bank holiday out of force, as when it was moved to another day, and say why.

    Raises NotABankHoliday if that day is not one.
    """
    holiday = BankHoliday.objects.in_force().filter(on=on).first()
    if holiday is None:
        raise NotABankHoliday(f"{on:%-d %B %Y} is not a bank holiday.")
    holiday.reason, holiday.is_in_force = reason, False
    holiday.source = BankHoliday.Source.ADMINISTRATOR
    return save_because(holiday, by=by, reason=reason)
