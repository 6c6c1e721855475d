"""The pages of emails: what was sent, what people choose, what was not delivered, and the stop of an email."""

from tracker.reminders.views.account import account, notifications
from tracker.reminders.views.emails import email, email_html, emails
from tracker.reminders.views.post import addresses_page, jobs_page, retry, try_address_again
from tracker.reminders.views.stop import stop

__all__ = [
    "account",
    "addresses_page",
    "email",
    "email_html",
    "emails",
    "jobs_page",
    "notifications",
    "retry",
    "stop",
    "try_address_again",
]
