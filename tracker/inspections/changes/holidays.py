"""Bank holidays that are added or withdrawn: the running clocks are counted again with them."""

from datetime import date

from accounts.models import User
from tracker.audit.chain import recorded
from tracker.dates import changes as date_changes
from tracker.dates import models as dates
from tracker.inspections.changes.clocks import recount_clocks
from tracker.inspections.models import Clock


@recorded()
def proclaim_bank_holiday(day: date, *, name: str, reason: str, by: User, on: date) -> list[Clock]:
    """Add a bank holiday and count every clock that runs on `on` again; return those that moved, of every council.

    Raises HolidayAlreadyKnown, NotAWeekday, HolidaysUnknown outside the table's years.
    """
    holiday = date_changes.proclaim(day, name=name, reason=reason, by=by)
    return recount_clocks(calendar=dates.calendar(), by=by, on=on, reason=f"Bank holiday added, {holiday}: {reason}")


@recorded()
def withdraw_bank_holiday(day: date, *, reason: str, by: User, on: date) -> list[Clock]:
    """Withdraw a bank holiday and count every clock that runs on `on` again; return those that moved, of every council.

    Clocks that were met or missed keep the date they had, though it was counted with the holiday. Raises
    NotABankHoliday if that day is not one.
    """
    holiday = date_changes.withdraw(day, reason=reason, by=by)
    return recount_clocks(
        calendar=dates.calendar(), by=by, on=on, reason=f"Bank holiday withdrawn, {holiday}: {reason}"
    )
