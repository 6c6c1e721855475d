"""Who is asking, in which council: worked out once per request."""

import re
from collections.abc import Callable
from html import unescape

from django.contrib import auth
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import changes
from accounts.member import members_of, why_no_access
from accounts.signing import proof, sessions
from tracker.audit.site import READING, only_reading
from tracker.dates import clock

COUNCIL_IN_SESSION = "authority"
# Forms that an inspector may send: how they sign in, what this browser is signed in to, and that something should not
# be here.
INSPECTORS_MAY_SEND = {
    "accounts:choose-council",
    "account_change_password",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "open_sessions",
    "privacy:report",
    "stay_signed_in",
}
ALLOWED_BEFORE_SECOND_STEP = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "account_change_password",
}
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
FILE_NAME = re.compile(r'filename="([^"]*)"')
BETWEEN_PARTS = " – "  # Of a page's title: the page, the service, the council.


class MemberMiddleware:
    """Puts `request.member` (a Member or None) and `request.members` on each request.

    The member is the signed-in person in the council they chose, else in their first. A person
    who belongs to no council today gets no further than the pages that need no sign-in, and an inspector
    reads and never writes, on any page.
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
        for member in members:
            member.user.acts_in(member.authority, post=member.post)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        needs_sign_in = getattr(view, "login_required", True)
        if needs_sign_in and request.user.is_authenticated and not request.members:
            why = why_no_access(request.user, on=clock.today())
            if why:
                # Their time is over, or has not begun: the session dies with it, wherever it was opened.
                auth.logout(request)
            return render(request, "accounts/no_council.html", {"why": why}, status=403)
        if needs_sign_in and request.member is not None and request.member.is_only_inspector:
            return self._look(request, view, args, kwargs)
        return None

    def _look(self, request, view, args, kwargs) -> HttpResponse | None:
        """Let an inspector read a page, and no more: the database refuses whatever the page would write.

        The pages of the inspector site and those of the past see to it themselves, for everyone.
        """
        if getattr(view, "only_reads", False) or request.member.looks_back:
            return None
        if request.resolver_match.view_name in INSPECTORS_MAY_SEND:
            return None
        if request.method not in READING:
            return render(request, "accounts/only_reading.html", status=403)
        with only_reading():
            return view(request, *args, **kwargs)


class OpenedPagesMiddleware:
    """Records each page that an inspector asks for, whatever the answer. What cannot be recorded is not shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        member = request.member  # type: ignore[attr-defined]
        if member is not None and member.is_recorded:
            changes.note_opened_page(
                member.authority,
                member.user,
                method=request.method or "",
                address=request.get_full_path(),
                title=_title_of(response),
                status=response.status_code,
                at=clock.now(),
            )
        return response


def _title_of(response: HttpResponse) -> str:
    """Return the page's title without the names of service and council, or the name of the file; "" for neither."""
    if found := FILE_NAME.search(response.headers.get("Content-Disposition", "")):
        return found[1]
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return ""
    found = TITLE.search(response.content[:20_000].decode(errors="replace"))
    words = " ".join(unescape(found[1]).split()) if found else ""
    return BETWEEN_PARTS.join(words.split(BETWEEN_PARTS)[:-2]) or words


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
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        if proof.has_second_step(request) or not proof.needs_second_step(request):
            return None
        if request.resolver_match.url_name not in ALLOWED_BEFORE_SECOND_STEP:
            return redirect("mfa_index")
        request.member = None  # Nothing of the council stands around the page.
        return None
