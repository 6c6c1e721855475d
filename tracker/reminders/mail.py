"""The one seam through which mail leaves: one connection for a run, one message for a person."""

from contextlib import suppress
from email.headerregistry import Address
from email.utils import parseaddr
from smtplib import SMTPException
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from tracker.reminders.emails import Email


def host() -> str:
    """Return the host that names our messages."""
    return settings.SITE_HOST or "tracker.invalid"


class Post:
    """A connection to the mail server that is opened when first used and kept for the run."""

    def __init__(self) -> None:
        self.is_away = False
        self.why_away = ""
        self.was_handed_over = False
        self._connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, email: Email, *, message_id: str) -> None:
        """Send one email to one person.

        Raises what smtplib raises. `was_handed_over` then says whether the server was reached, so
        that a copy may have arrived.
        """
        self.was_handed_over = False
        if self._connection is None:
            self._connection = get_connection(fail_silently=False)
            self._connection.open()
        self.was_handed_over = True
        message = _message(email, message_id)
        message.connection = self._connection
        message.send(fail_silently=False)

    def reopen_or_give_up(self, error: Exception) -> None:
        """After a broken line: the next send opens a new one; with no server at all, stop for now."""
        self._close()
        try:
            connection = get_connection(fail_silently=False)
            connection.open()
        except (OSError, SMTPException) as still:
            self.is_away, self.why_away = True, f"The mail server cannot be reached: {still}"
        else:
            self._connection = connection

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(OSError, SMTPException):  # The line may be gone already.
                self._connection.close()
            self._connection = None


def _message(email: Email, message_id: str) -> EmailMultiAlternatives:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=email.text,
        from_email=str(Address(display_name=email.from_name or name, addr_spec=address)),
        to=[email.address],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    message.attach_alternative(email.html, "text/html")
    return message
