"""What stands around every page: council, person, navigation."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tracker.actions.models import Action
from tracker.dates import clock
from tracker.partners.permissions import looks_after_partners
from tracker.privacy.statements import statement_links

SERVICE_NAME = "Improvement plan"


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool = False
    count: int = 0
    count_words: str = ""


def frame(request: HttpRequest) -> dict[str, object]:
    """Return the frame of a page; signed-out pages have only the service's name."""
    around: dict[str, object] = {
        "service_name": SERVICE_NAME,
        "demonstration_date": clock.demonstration_date(),
        "home_url": reverse("reports:dashboard"),
        "sign_in_help": settings.SIGN_IN_HELP,
        "looking_back": getattr(request, "looking_back", None),
        "shown_at": clock.now(),
        # Not from the request, whose host may be a false one: the page that says so is drawn with this frame too.
        "shown_url": f"{settings.SITE_URL}{request.get_full_path()}",
        "footer_links": statement_links(),
    }
    member = getattr(request, "member", None)
    if member is not None and member.looks_back:
        # What is of today only, such as the account and the emails, is reached from there.
        of_then = {
            "council_name": member.authority.name,
            "navigation": _navigation(request, member),
            "footer_links": [],
        }
        return {"frame": around | of_then}
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        around |= {
            "user_name": request.user.name,
            "sign_out_url": reverse("account_logout"),
            "session_seconds": settings.SESSION_IDLE_SECONDS,
            "session_warning": settings.SESSION_WARNING_SECONDS,
            "session_stay_url": reverse("stay_signed_in"),
        }
    if member is not None:
        around |= {
            "council_name": member.authority.name,
            "account_url": reverse("mfa_index" if member.is_only_inspector else "reminders:account"),
            "footer_note": member.authority.note,
            "footer_links": [*_footer(request, member), *statement_links(member.authority)],
            "contact": _contact(member),
            "navigation": _navigation(request, member),
            "account_links": [Link("Change council", reverse("accounts:choose-council"))]
            if len(request.members) > 1
            else [],
        }
    return {"frame": around}


def _contact(member) -> str:
    authority = member.authority
    return " on ".join(part for part in (authority.contact_name, authority.contact_phone) if part)


def _footer(request: HttpRequest, member) -> list[Link]:
    reported = f"{reverse('privacy:report')}?{urlencode({'page': request.path})}"
    links = [
        Link("Report that something should not be here", reported),
        Link("What our status words mean", reverse("reports:status-words")),
    ]
    if member.sees_plan:
        links.append(Link("Bank holidays", reverse("inspections:bank-holidays")))
        links.append(Link("Settings", reverse("accounts:settings")))
    if looks_after_partners(member):
        links.append(Link("Answers of partners", reverse("partners:answers")))
    if member.runs_plan:
        links.append(Link("Reported details", reverse("privacy:reports")))
        links.append(Link("Statements", reverse("privacy:statements")))
    if member.uses_inspector_site and not member.is_only_inspector:
        links.append(Link("What inspectors see", reverse("inspect:index")))
    return links


def _navigation(request: HttpRequest, member) -> list[Link]:
    def link(label: str, name: str, *prefixes: str, count: int = 0) -> Link:
        url = reverse(name)
        here = request.path == url or any(request.path_info.startswith(prefix) for prefix in prefixes)
        return Link(label, url, here, count, "overdue")

    links = []
    if member.is_only_inspector and not member.looks_back:
        links.append(link("Inspector home", "inspect:index", "/inspect/"))
    if member.sees_plan:
        links.append(link("Dashboard", "reports:dashboard"))
    if member.owns_actions and not member.looks_back:
        overdue = Action.objects.on_the_list_of(member).overdue(on=clock.today()).count()
        links.append(link("My actions", "actions:my-actions", "/my-actions/", count=overdue))
    if member.sees_plan:
        links += [
            link("Plan", "reports:current-plan", "/plans/", "/plan/", "/actions/"),
            link("Visits", "reports:visits", "/visits/"),
            link("Inspections", "inspections:inspections", "/inspections/", "/clocks/", "/interventions/"),
        ]
    if member.sees_people and not member.looks_back:
        links.append(link("People", "reports:people", "/people/"))
    if not member.is_only_inspector and not member.looks_back:
        links.append(link("Emails", "reminders:emails", "/emails/"))
    return links
