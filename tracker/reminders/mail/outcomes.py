"""How sending an email can end, and what every carrier of emails can do."""

from collections.abc import Callable
from typing import Protocol

from tracker.reminders.emails import Email


class NotSent(Exception):
    """An email did not leave, or nobody knows whether it did; the message says why in plain words."""


class RefusedForGood(NotSent):
    """This email to this address will never be taken."""


class RefusedForNow(NotSent):
    """Try this email again later."""


class CannotBeMade(NotSent):
    """What is to be sent makes no email, or the address is none."""


class TooLate(NotSent):
    """Nothing was sent, because the time in which this worker may send it was over."""


class BrokeOff(NotSent):
    """The line broke. If the email was handed over by then, a copy may have arrived."""

    def __init__(self, words: str, *, was_handed_over: bool) -> None:
        super().__init__(words)
        self.was_handed_over = was_handed_over


class Away(NotSent):
    """Nothing can be sent for now, to anybody, and this email was not."""


class Carrier(Protocol):
    """What carries emails: a line that is opened when first needed and kept."""

    def send(self, email: Email, *, message_id: str, may_have_gone: bool, is_in_time: Callable[[], bool]) -> None:
        """Send one email, or raise NotSent."""

    def reopen(self) -> object:
        """Open a new line after the old one broke. Raises Away."""

    def close(self) -> None:
        """Close the line, which may be gone already."""
