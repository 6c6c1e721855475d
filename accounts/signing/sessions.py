"""When a session began and was last used, and when it ends: an hour after the last page, and 12 hours after it began.

The moments are the machine's and not those of a demonstration's day. Use is noted once a minute at most.
"""

import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

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


def note_use(session: SessionBase) -> None:
    """Note that a page was asked for."""
    if BEGAN not in session:
        begin(session)
    elif time.time() - session[SEEN] >= NOTED_EVERY_SECONDS:
        session[SEEN] = int(time.time())
