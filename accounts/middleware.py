"""Who is asking, in which council: worked out once per request."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.member import members_of
from accounts.signing import proof, sessions
from tracker.dates import clock

COUNCIL_IN_SESSION = "authority"
ALLOWED_BEFORE_SECOND_STEP = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "account_change_password",
}


class MemberMiddleware:
    """Puts `request.member` (a Member or None) and `request.members` on each request.

    The member is the signed-in person in the council they chose, else in their first. A person
    who belongs to no council today gets no further than the pages that need no sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        members = members_of(request.user, on=clock.today()) if request.user.is_authenticated else []
        chosen = request.session.get(COUNCIL_IN_SESSION) if len(members) > 1 else None
        request.members = members  # type: ignore[attr-defined]
        request.member = next(  # type: ignore[attr-defined]
            (member for member in members if member.authority.pk == chosen), next(iter(members), None)
        )
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        needs_sign_in = getattr(view, "login_required", True)
        if needs_sign_in and request.user.is_authenticated and request.member is None:
            return render(request, "accounts/no_council.html", status=403)
        return None


class KeepTypedTextMiddleware(LoginRequiredMiddleware):
    """Everything requires sign-in; a form posted after the session ended is carried through it."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        from accounts.signing.views import sign_in_and_keep

        return sign_in_and_keep(request)


class SessionEndMiddleware:
    """Ends a session that has lasted, or has stood still, for too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if sessions.is_over(request.session):
                auth.logout(request)
            else:
                sessions.note_use(request.session)
        return self.get_response(request)


class SecondStepMiddleware:
    """Lets nobody whose role needs a second step further than setting one up, until they have shown one.

    It does not matter by which way they came in: it asks what the session has shown.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        if not settings.SECOND_STEP_REQUIRED or not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated or proof.has_second_step(request) or not proof.needs_second_step(request):
            return None
        if request.resolver_match.url_name not in ALLOWED_BEFORE_SECOND_STEP:
            return redirect("mfa_index")
        request.member = None  # Nothing of the council stands around the page.
        return None
