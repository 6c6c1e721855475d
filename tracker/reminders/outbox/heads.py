"""The head of each council's history, recorded for each day and told to two officers by email.

What stands in their mailboxes is out of reach of whoever keeps the server: `manage.py verify_history --head` compares.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils.html import format_html

from accounts.models import Authority, Membership, User
from accounts.roles import Role
from tracker.audit import anchors
from tracker.govuk.templatetags.govuk import long_date
from tracker.reminders import mail
from tracker.reminders.emails import Email
from tracker.reminders.models import HeadLetter
from tracker.reminders.outbox.delivering import lease

OFFICERS = 2
TRIED_FOR = timedelta(days=7)  # Later a newer head is of more use.


def record_heads(*, on: date, at: datetime) -> int:
    """Record the heads of a day that has ended and send what was not sent yet; return how many emails went.

    The first head of a council is recorded only: from the second day on its officers are told. Run again, it records
    nothing and sends only what did not go. Two workers at once send each email once.
    """
    officers, begun = _officers(on=on), anchors.have_been_recorded()
    names = {council: ", ".join(str(user) for user in users) for council, users in officers.items() if council in begun}
    recorded = anchors.record_heads(on=on, at=at, mailed_to=names)
    HeadLetter.objects.bulk_create(
        [
            HeadLetter(authority_id=anchor.council, recipient=user, on=on, link=anchor.link, head=anchor.head)
            for anchor in recorded
            if anchor.council in begun
            for user in officers.get(anchor.council, [])
        ],
        ignore_conflicts=True,
    )
    return _send(on=on, at=at)


def _officers(*, on: date) -> dict[int, list[User]]:
    """Return the two people of each council's programme office who have been there longest, by council."""
    found: dict[int, list[User]] = defaultdict(list)
    office = Membership.objects.current(on=on).filter(role=Role.PROGRAMME_OFFICE).select_related("user").order_by("pk")
    for membership in office:
        if len(found[membership.authority_id]) < OFFICERS:
            found[membership.authority_id].append(membership.user)
    return dict(found)


def _send(*, on: date, at: datetime) -> int:
    sent = 0
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - lease())
    waiting = HeadLetter.objects.filter(free, sent_at__isnull=True, on__gt=on - TRIED_FOR, recipient__is_active=True)
    letters = list(waiting.select_related("authority", "recipient").order_by("pk"))
    if not letters:
        return 0
    with mail.Post() as post:
        for letter in letters:
            if post.is_away:
                break
            # Claim before sending: two workers may read the same row.
            if not HeadLetter.objects.filter(free, pk=letter.pk, sent_at__isnull=True).update(claimed_at=at):
                continue
            try:
                post.send(email_of(letter), message_id=f"<history-{letter.pk}@{mail.host()}>")
            except mail.NotSent as error:
                HeadLetter.objects.filter(pk=letter.pk).update(last_error=str(error), claimed_at=None)
            else:
                sent += HeadLetter.objects.filter(pk=letter.pk).update(sent_at=F("claimed_at"), last_error="")
    return sent


def email_of(letter: HeadLetter) -> Email:
    """Return the email that tells an officer the head of a day."""
    authority: Authority = letter.authority
    whole = f"{authority.slug}:{letter.link}:{letter.head}"
    paragraphs = [
        f"At the end of {long_date(letter.on)} the history of the improvement plan of {authority} had this head:",
        whole,
        "Keep this email. Whoever keeps the tracker can show with it that nothing written before was changed since:",
        f"manage.py verify_history --head {whole}",
        f"The tracker is at {settings.SITE_URL}",
    ]
    html = format_html("<p>{}</p>" * len(paragraphs), *paragraphs)
    return Email(
        address=letter.recipient.email,
        from_name=str(authority),
        subject=f"Head of the history on {long_date(letter.on)}",
        text="\n\n".join(paragraphs) + "\n",
        html=f'<!doctype html><html lang="en-GB"><body>{html}</body></html>',
    )
