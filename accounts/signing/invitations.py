"""Invitations: what the email says, and the link by which somebody new chooses the first password."""

from datetime import date

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.models import Membership, User
from accounts.roles import WHAT_THEY_MAY_DO, Role

SALT = "accounts.invitations"


def link(user: User) -> str:
    """Return the link for somebody new. It works for some days, and no more once a password was chosen."""
    token = signing.dumps([user.pk, _mark(user)], salt=SALT)
    return f"{settings.SITE_URL}{reverse('accept_invitation', args=[token])}"


def invited(token: str) -> User | None:
    """Return who may choose a first password by a link, or None for a link that is used, too old or not ours."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=settings.INVITATION_DAYS * 24 * 60 * 60)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user is not None and mark == _mark(user) else None


def letter(membership: Membership, *, by: User | None, on: date) -> str:
    """Return the text of the email that invites somebody to a council in a role, on a day."""
    user, role = membership.user, Role(membership.role)
    begins_on = membership.starts_on
    around = {
        "user": user,
        "council": membership.authority,
        "by": by,
        "role": role.label,
        "may": WHAT_THEY_MAY_DO[role],
        "begins_on": begins_on if begins_on is not None and begins_on > on else None,
        "ends_on": membership.ends_on,
        "days": settings.INVITATION_DAYS,
        "site_url": settings.SITE_URL,
        "link": "" if user.has_usable_password() else link(user),
    }
    return render_to_string("account/email/invitation.txt", around)


def _mark(user: User) -> str:
    """Bind a link to the address it was sent to and to the password of that moment."""
    return salted_hmac(SALT, f"{user.email}|{user.password}", algorithm="sha256").hexdigest()[:32]
