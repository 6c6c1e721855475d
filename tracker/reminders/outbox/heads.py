"""The head of each council's history, recorded for each day and told to two officers by email.

What stands in their mailboxes is out of reach of whoever keeps the server: `manage.py verify_history --head` compares.
"""

from collections import defaultdict
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from accounts.changes import leave_notice
from accounts.models import Authority, Membership, User
from accounts.roles import Role
from tracker.audit import anchors
from tracker.audit.models import Anchor
from tracker.govuk.templatetags.govuk import long_date

OFFICERS = 2


@transaction.atomic
def record_heads(*, on: date, at: datetime) -> int:
    """Record the heads of a day that has ended and leave the emails that tell them; return how many were left.

    The first head of a council is recorded only: from the second day on its officers are told. Run again, it does
    nothing, and two workers at once do it once.
    """
    officers, begun = _officers(on=on), anchors.have_been_recorded()
    names = {council: ", ".join(str(user) for user in users) for council, users in officers.items() if council in begun}
    recorded = anchors.record_heads(on=on, at=at, mailed_to=names)
    councils = Authority.objects.in_bulk(anchor.council for anchor in recorded)
    letters = [
        (user, _letter(councils[anchor.council], anchor))
        for anchor in recorded
        if anchor.council in names
        for user in officers[anchor.council]
    ]
    for user, text in letters:
        leave_notice(user, subject=f"Head of the history on {long_date(on)}", text=text, at=at)
    return len(letters)


def _officers(*, on: date) -> dict[int, list[User]]:
    """Return the two people of each council's programme office who have been there longest, by council."""
    found: dict[int, list[User]] = defaultdict(list)
    office = Membership.objects.current(on=on).filter(role=Role.PROGRAMME_OFFICE).select_related("user").order_by("pk")
    for membership in office:
        if len(found[membership.authority_id]) < OFFICERS:
            found[membership.authority_id].append(membership.user)
    return dict(found)


def _letter(authority: Authority, anchor: Anchor) -> str:
    """Return the text of the email that tells an officer the head of a day."""
    whole = f"{authority.slug}:{anchor.link}:{anchor.head}"
    paragraphs = [
        f"At the end of {long_date(anchor.on)} the history of the improvement plan of {authority} had this head:",
        whole,
        "Keep this email. Whoever keeps the tracker can show with it that nothing written before was changed since:",
        f"manage.py verify_history --head {whole}",
        f"The tracker is at {settings.SITE_URL}",
    ]
    return "\n\n".join(paragraphs) + "\n"
