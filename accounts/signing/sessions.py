"""When a session began and was last used, and when it ends: an hour after the last page, and 12 hours after it began.

The moments are the machine's and not those of a demonstration's day. Use is noted once a minute at most.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session

from accounts.models import User

BEGAN, SEEN = "began_at", "seen_at"
NOTED_EVERY_SECONDS = 60


def begin(session: SessionBase) -> None:
    """Note that somebody signed in now."""
    session[BEGAN] = session[SEEN] = int(time.time())


def is_over(session: SessionBase) -> bool:
    """Whether the session has lasted, or has stood still, for too long."""
    now = int(time.time())
    return (
        now - session.get(BEGAN, now) >= settings.SESSION_COOKIE_AGE
        or now - session.get(SEEN, now) >= settings.SESSION_IDLE_SECONDS
    )


def begin_again(session: SessionBase) -> None:
    """Note that somebody wants to go on; the 12 hours since the sign-in are not begun again."""
    session[SEEN] = int(time.time())


def note_use(session: SessionBase) -> None:
    """Note that a page was asked for."""
    if BEGAN not in session:
        begin(session)
    elif time.time() - session[SEEN] >= NOTED_EVERY_SECONDS:
        session[SEEN] = int(time.time())


@dataclass(frozen=True)
class OpenSession:
    """A browser in which a person is signed in."""

    row: UserSession
    is_this: bool

    @property
    def began_at(self) -> datetime:
        return self.row.created_at

    @property
    def browser(self) -> str:
        return in_words(self.row.user_agent)


def open_sessions(user: User, *, current: str | None, now: datetime) -> list[OpenSession]:
    """Return the browsers in which a person is signed in, newest first. Two queries; looking changes nothing."""
    rows = list(UserSession.objects.filter(user=user).order_by("-created_at", "-pk"))
    alive = set(
        Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=now).values_list(
            "session_key", flat=True
        )
    )
    return [OpenSession(row, row.session_key == current) for row in rows if row.session_key in alive]


# The first that is found names the browser, for each of them calls itself by its forebears' names too.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """Return what a browser calls itself as people would say it, such as “Edge on Windows”."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser or 'A browser'} on {system}" if system else browser or "A browser of unknown kind"
