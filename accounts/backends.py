"""Signing in by email address and password, whatever the case of the address."""

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User


class EmailBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: str,
    ) -> User | None:
        """Return the person, or None: for a wrong password, an unknown address and a leaver alike."""
        user = User.objects.filter(email__iexact=(email or username or "").strip()).first()
        if user is None:
            User().set_password(password)  # Takes as long as a real check, so that time tells nothing.
            return None
        return user if user.check_password(password or "") and self.user_can_authenticate(user) else None
