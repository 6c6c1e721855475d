"""What tests of pages and changes share; the cast and the rows are in `tests.factories`."""

from collections.abc import Callable

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import LazySettings
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client

from accounts.member import Member
from accounts.middleware import COUNCIL_IN_SESSION
from accounts.models import Authority, User
from accounts.signing import sessions
from tests import factories


@pytest.fixture
def today(settings: LazySettings) -> Callable[..., None]:
    """Fixes the day to `factories.TODAY` for pages, tasks and commands; call it with a date for another day."""

    def set_to(day):
        settings.TRACKER_TODAY = day

    set_to(factories.TODAY)
    return set_to


@pytest.fixture
def council(db: None, today: Callable[..., None]) -> Authority:
    """Northbridge, on the fixed day."""
    return factories.make_authority()


class Browser(Client):
    """A client whose `force_login` leaves what a sign-in with password and code leaves, a moment ago."""

    def force_login(self, user: User, backend: str | None = None) -> None:
        super().force_login(user, backend)
        request = HttpRequest()
        request.session = self.session
        for method in ("password", "mfa"):
            record_authentication(request, user, method)
        sessions.begin(request.session)
        request.session.save()


@pytest.fixture
def client() -> Client:
    return Browser()


@pytest.fixture(autouse=True)
def no_tries_counted() -> None:
    """Wrong passwords of other tests do not count."""
    cache.clear()


@pytest.fixture
def signed_in() -> Callable[[Client, Member], Client]:
    """`signed_in(client, member)` makes the client that person, in that council."""

    def sign_in(client: Client, member: Member) -> Client:
        client.force_login(member.user)
        session = client.session
        session[COUNCIL_IN_SESSION] = member.authority.pk
        session.save()
        return client

    return sign_in
