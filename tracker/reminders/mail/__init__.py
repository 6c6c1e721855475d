"""The one seam through which mail leaves: one line for a run, one message for a person.

By SMTP, or by GOV.UK Notify where the installation has a key for it. Whatever carries it, an email that
did not leave is told in one of the ways of `outcomes`, so that the ledger reads alike.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.conf import settings

from tracker.reminders.emails import Email
from tracker.reminders.mail.notify import Notify
from tracker.reminders.mail.outcomes import (
    Away,
    BrokeOff,
    CannotBeMade,
    Carrier,
    NotSent,
    RefusedForGood,
    RefusedForNow,
    TooLate,
)
from tracker.reminders.mail.smtp import Smtp

__all__ = [
    "Away",
    "BrokeOff",
    "CannotBeMade",
    "Carrier",
    "NotSent",
    "Post",
    "RefusedForGood",
    "RefusedForNow",
    "TooLate",
    "carrier",
    "host",
]


def host() -> str:
    """Return the host that names our messages."""
    return settings.SITE_HOST or "tracker.invalid"


def carrier() -> Carrier:
    """Return what carries mail in this installation."""
    return Notify(settings.NOTIFY_API_KEY) if settings.NOTIFY_API_KEY else Smtp()


class Post:
    """The post office of one run: sends until it finds that nothing can be sent for now."""

    def __init__(self) -> None:
        self.is_away = False
        self.why_away = ""
        self._carrier = carrier()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._carrier.close()

    def send(
        self,
        email: Email,
        *,
        message_id: str,
        may_have_gone: bool = False,
        is_in_time: Callable[[], bool] = lambda: True,
    ) -> None:
        """Send one email to one person, or raise NotSent.

        `may_have_gone` says that an earlier try broke off after the email was handed over: a carrier that can
        be asked what it has taken is asked first. `is_in_time` is asked at the last moment before the email is
        handed over: a worker that was frozen and wakes after its lease sends nothing.
        """
        try:
            self._carrier.send(email, message_id=message_id, may_have_gone=may_have_gone, is_in_time=is_in_time)
        except Away as error:
            self._give_up(error)
            raise
        except BrokeOff:
            try:
                self._carrier.reopen()
            except Away as still:
                self._give_up(still)
            raise

    def _give_up(self, error: Away) -> None:
        self.is_away, self.why_away = True, str(error)
