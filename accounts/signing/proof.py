"""How, and how lately, the person of a session has shown who they are."""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import kept, roles

SECOND_STEPS = {"mfa", "socialaccount"}


def has_second_step(request: HttpRequest) -> bool:
    """Whether this session was begun, or gone on with, by more than a password."""
    return any(record["method"] in SECOND_STEPS for record in get_authentication_records(request, request.user))


def needs_second_step(request: HttpRequest) -> bool:
    """Whether the person holds, in any council, a role that is not open to a password alone; nobody in the demo."""
    if not settings.SECOND_STEP_REQUIRED:
        return False
    held = {role for member in request.members for role in member.roles}
    return request.user.is_staff or not held.isdisjoint(roles.NEEDS_SECOND_STEP)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person showed who they are within the last 15 minutes, in this session."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def note_second_step(request: HttpRequest) -> None:
    """Take what a person just set up, and showed to have, as the second step of this session."""
    record_authentication(request, request.user, "mfa")


def asked_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page only to someone who showed lately who they are; what they had typed is waiting after that."""

    @wraps(view)
    def fresh_only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            kept.unpack(request, kept.pack(request))
        methods = get_adapter(request).get_reauthentication_methods(request.user)
        if not methods:  # Only a council account: there is nothing here to ask for, and signing in again is quick.
            return view(request, *args, **kwargs)
        return redirect(f"{methods[0]['url']}?{urlencode({'next': request.get_full_path()})}")

    return fresh_only
