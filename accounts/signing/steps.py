"""What somebody signs in with beside a password: an app, passkeys, recovery codes."""

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from accounts.models import User


def steps_of(user: User) -> QuerySet[Authenticator]:
    """Return the person's second steps in the order in which they were set up, without recovery codes."""
    return (
        Authenticator.objects.filter(user=user)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .order_by("created_at", "pk")
    )


def name_of(step: Authenticator) -> str:
    """Return what a person calls a second step."""
    return "An app that shows codes" if step.type == Authenticator.Type.TOTP else f"Passkey “{step}”"


def codes_left(user: User) -> int | None:
    """Return how many recovery codes a person has not used yet, or None for someone who has never had any."""
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(codes.wrap().get_unused_codes()) if codes else None
