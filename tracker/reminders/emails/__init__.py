"""What one person's email of a day says: subject, plain text and HTML with the same words.

Restricted titles and narratives never leave in mail. The HTML has its styles inline, as mail
programs need, and is put together from escaped parts: a template for the frame, `format_html` for
each action, because a template engine would take longer over the lines than all the rest.
"""

from tracker.reminders.emails.parts import Email
from tracker.reminders.emails.writing import write

__all__ = ["Email", "write"]
