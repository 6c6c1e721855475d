"""The outbox: what is owed is a row, each person's email of a day is a row, and delivery claims it.

1. `queue_due` adds a Reminder for each step that was crossed and not yet queued, in sets.
2. `deliver`, from 8:00am on working days, opens one Digest for each person with reminders waiting,
3. claims a batch by a conditional update (a lease and a token that name this worker),
4. attaches the waiting reminders, leaves out what is no longer owed, and writes each email,
5. sends it and marks it in a statement that repeats the token.

A worker that dies between 3 and 5 loses its lease and the next one sends the email again under the
same Message-ID: nobody is left out, and a second copy can be recognised. Everything is safe to run
at any time, any number of times, on any number of workers.
"""

from tracker.reminders.outbox.delivering import (
    MOST_TRIES,
    SEND_FROM_HOUR,
    Delivered,
    deliver,
    lease,
    may_send,
    open_digests,
    settle_left_over,
)
from tracker.reminders.outbox.looking import Health, health
from tracker.reminders.outbox.notices import deliver_notices
from tracker.reminders.outbox.queueing import cancel_moot, next_visits, queue_due

__all__ = [
    "MOST_TRIES",
    "SEND_FROM_HOUR",
    "Delivered",
    "Health",
    "cancel_moot",
    "deliver",
    "deliver_notices",
    "health",
    "lease",
    "may_send",
    "next_visits",
    "open_digests",
    "queue_due",
    "settle_left_over",
]
