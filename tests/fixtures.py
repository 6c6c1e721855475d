"""What tests of pages and changes share; the cast and the rows are in `tests.factories`."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.member import Member
from accounts.middleware import COUNCIL_IN_SESSION
from accounts.models import Authority
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
