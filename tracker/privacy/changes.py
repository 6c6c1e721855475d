"""The only functions that write reports of details and statements."""

from datetime import datetime

from accounts.models import Authority, User
from tracker.audit.chain import recorded
from tracker.audit.history import ChangedSince, save_because
from tracker.privacy.models import DetailsReport, Statement


class AlreadySettled(Exception):
    """Someone settled the report before."""


class SameText(Exception):
    """The statement says this already."""


@recorded()
def report_details(
    authority: Authority, *, page: str, kind: str, where: str = "", by: User, at: datetime
) -> DetailsReport:
    """Report that a page holds what should not be here. The same report again, while it waits, is the first one."""
    Authority.objects.select_for_update().get(pk=authority.pk)
    same = DetailsReport.objects.of(authority).waiting().filter(page=page, kind=kind, where=where, reported_by=by)
    if (earlier := same.first()) is not None:
        return earlier
    report = DetailsReport(authority=authority, page=page, kind=kind, where=where, reported_by=by, reported_at=at)
    return save_because(report, by=by, reason="Reported: this should not be here")


@recorded()
def settle(report: DetailsReport, *, outcome: str, what_was_done: str, by: User, at: datetime) -> DetailsReport:
    """Say what was done about a report. Raises AlreadySettled when someone did before."""
    report = DetailsReport.objects.select_for_update().get(pk=report.pk)
    if report.settled_at is not None:
        raise AlreadySettled(f"{report.settled_by} settled it on {report.settled_at:%-d %B %Y}. Nothing was changed.")
    report.outcome, report.what_was_done = outcome, what_was_done
    report.settled_by, report.settled_at = by, at
    return save_because(report, by=by, reason=f"{report.get_outcome_display()}: {what_was_done}")


@recorded()
def change_statement(
    authority: Authority, *, kind: str, text: str, reason: str, seen: int | None, by: User
) -> Statement:
    """Put a council's own words in a statement; empty words bring back those that come with the tracker.

    `seen` is the row of the history that the writer had before them, None before the first change. Raises
    ChangedSince when someone else saved it meanwhile, SameText when nothing is different.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    found = Statement.objects.of(authority).filter(kind=kind).first()
    latest = found.history.latest("history_id") if found else None
    if latest is not None and latest.history_id != seen:
        raise ChangedSince(
            f"{latest.actor} saved it while you were writing. Yours is below. Open the page in another tab to read "
            "theirs, or save again to put yours in its place.",
            seen=latest.history_id,
        )
    statement = found or Statement(authority=authority, kind=kind)
    if statement.text == text:
        raise SameText("It says this already. Change the words, or go back.")
    statement.text = text
    return save_because(statement, by=by, reason=reason)
