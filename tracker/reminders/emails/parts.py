"""The pieces of an email, and the words that several of them need."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

MOST_LISTED = 10  # Things in one email; the rest is counted, and a link leads to it.


@dataclass(frozen=True)
class Email:
    """A finished email to one person; `html` is empty for one that is plain text alone."""

    address: str
    from_name: str
    subject: str
    text: str
    html: str
    stop_url: str = ""  # Where one click stops an optional kind; empty if the email cannot be stopped.


@dataclass(frozen=True)
class Item:
    """One thing in an email: an action, a step before the plan is sent, something to make ready for a visit."""

    name: str
    url: str
    button: str
    button_url: str
    mark: str
    colour: str
    state: str
    details: str


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; `more` counts what is not listed."""

    heading: str
    items: Sequence[Item]
    more: int

    @property
    def rest(self) -> str:
        """Say how many are not listed: "And 5 more.", or where none is, "5, not listed here."."""
        if not self.more:
            return ""
        return f"And {self.more} more." if self.items else f"{self.more}, not listed here."


def is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"


def working_days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"


def things(number: int, noun: str = "thing") -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
