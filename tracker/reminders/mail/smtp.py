"""Mail by SMTP, over one connection, step by step: so that it is known whether an email was handed over."""

import re
from collections.abc import Callable
from contextlib import suppress
from email.headerregistry import Address
from email.utils import parseaddr
from smtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email

from tracker.reminders.emails import Email
from tracker.reminders.mail.outcomes import Away, BrokeOff, CannotBeMade, RefusedForGood, RefusedForNow, TooLate

CLOSING = 421  # "Closing the line": a server does so after some number of messages, or before it goes down.
GO_ON = 354


class Backend(EmailBackend):
    """Django's SMTP, which sends each message in steps and says how far it came."""

    is_in_time: Callable[[], bool] | None = None
    was_handed_over = False

    def _send(self, email_message: EmailMessage) -> bool:
        self.was_handed_over = False
        line: SMTP = self.connection
        sender = sanitize_address(email_message.from_email, "utf-8")
        (recipient,) = (sanitize_address(address, "utf-8") for address in email_message.recipients())
        content = email_message.message().as_bytes(linesep="\r\n")
        try:
            self._hand_over(line, sender, recipient, content)
        except SMTPResponseException as error:
            self._forget(line, error.smtp_code)
            raise
        except SMTPRecipientsRefused as error:
            self._forget(line, error.recipients[recipient][0])
            raise
        return True

    def _hand_over(self, line: SMTP, sender: str, recipient: str, content: bytes) -> None:
        line.ehlo_or_helo_if_needed()
        code, words = line.mail(sender, ["body=8bitmime"] if line.has_extn("8bitmime") else ())
        if code != 250:
            raise SMTPSenderRefused(code, words, sender)
        code, words = line.rcpt(recipient)
        if code not in (250, 251):
            raise SMTPRecipientsRefused({recipient: (code, words)})
        line.putcmd("data")
        code, words = line.getreply()
        if code != GO_ON:
            raise SMTPDataError(code, words)
        if self.is_in_time is not None and not self.is_in_time():
            line.close()  # In the middle of a message nothing else takes it back.
            raise TooLate("The time in which this worker may send it was over.")
        self.was_handed_over = True
        line.send(re.sub(rb"(?m)^\.", b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        code, words = line.getreply()
        if code != 250:
            self.was_handed_over = False  # The server said that it does not have it.
            raise SMTPDataError(code, words)

    @staticmethod
    def _forget(line: SMTP, code: int) -> None:
        """Make the line ready for the next message after a refusal."""
        with suppress(SMTPException, OSError):
            line.close() if code == CLOSING else line.rset()


class Smtp:
    """A connection to the mail server that is opened when first used and kept for the run."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, email: Email, *, message_id: str, may_have_gone: bool, is_in_time: Callable[[], bool]) -> None:
        """Send one email under its Message-ID, by which a second copy can be recognised. Raises NotSent."""
        message = message_of(email, message_id)
        if self._connection is None:
            self.reopen()
        try:
            self._try(message, is_in_time)
        except BrokeOff as error:
            if error.was_handed_over:
                raise
            self.reopen()  # Servers close a line that they have had enough of, or that stood still.
            self._try(message, is_in_time)

    def reopen(self) -> None:
        self.close()
        try:
            connection = get_connection(fail_silently=False)
            connection.open()
        except (OSError, SMTPException) as error:
            raise Away(f"The mail server cannot be reached: {error}") from error
        self._connection = connection

    def close(self) -> None:
        if self._connection is not None:
            with suppress(OSError, SMTPException):
                self._connection.close()
            self._connection = None

    def _try(self, message: EmailMultiAlternatives, is_in_time: Callable[[], bool]) -> None:
        connection = self._connection
        if isinstance(connection, Backend):
            connection.is_in_time = is_in_time
        message.connection = connection
        try:
            message.send(fail_silently=False)
        except SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refused(code, words) from error
        except SMTPResponseException as error:
            if error.smtp_code == CLOSING or error.smtp_code < 0:
                raise BrokeOff(f"The mail server broke off: {error}", was_handed_over=False) from error
            raise _refused(error.smtp_code, error.smtp_error) from error
        except TooLate:
            self.close()
            raise
        except (SMTPException, OSError) as error:
            handed_over = getattr(connection, "was_handed_over", True)
            raise BrokeOff(f"The mail server broke off: {error}", was_handed_over=handed_over) from error
        except ValueError as error:
            raise CannotBeMade(f"The email could not be made: {error}") from error


def _refused(code: int, words: bytes | str) -> RefusedForGood | RefusedForNow:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    return (RefusedForGood if code >= 500 else RefusedForNow)(f"The mail server answered {code} {said}")


def message_of(email: Email, message_id: str) -> EmailMultiAlternatives:
    """Return the email as a message. Raises CannotBeMade for an address that mail programs do not take."""
    try:
        validate_email(email.address)
    except ValidationError:
        shown = " ".join(email.address.split())
        raise CannotBeMade(f"“{shown}” is not an address to which every mail server sends. Correct it.") from None
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=email.text,
        from_email=str(Address(display_name=email.from_name or name, addr_spec=address)),
        to=[email.address],
        headers=headers | stop_headers(email),
    )
    if email.html:
        message.attach_alternative(email.html, "text/html")
    return message


def stop_headers(email: Email) -> dict[str, str]:
    """Return the headers by which a mail program offers to stop an optional kind in one click (RFC 8058)."""
    if not email.stop_url:
        return {}
    return {"List-Unsubscribe": f"<{email.stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
