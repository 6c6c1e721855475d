from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date
from django.views.decorators.clickjacking import xframe_options_sameorigin

from tracker.dates import clock
from tracker.govuk.pagination import pages_for
from tracker.reminders import addresses, permissions
from tracker.reminders.jobs import SHOWN
from tracker.reminders.models import Digest
from tracker.reminders.views.post import subnav

ROWS = 25


def emails(request: HttpRequest) -> HttpResponse:
    """List the emails this person may see: their own, or the council's for those who run the plan."""
    member = request.member
    found = (
        Digest.objects.visible_to(member)
        .select_related("recipient")
        .only("on", "state", "subject", "sent_at", "last_error", "is_uncertain", "address", "recipient__name")
    )
    heading, condition = SHOWN.get(request.GET.get("show", ""), ("", None))
    if condition is not None:
        found = found.filter(condition)
    day = _day(request.GET.get("on", ""))
    if day is not None:
        found = found.filter(on=day)
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    kept = request.GET.copy()

    def url_for(number: int) -> str:
        kept["page"] = str(number)
        return f"?{kept.urlencode()}"

    context = {
        "page": page,
        "pages": pages_for(page.number, page.paginator.num_pages, url_for),
        "shown": heading,
        "day": day,
        "failed": Digest.objects.visible_to(member).filter(state=Digest.State.FAILED).count(),
        "sees_all": permissions.sees_jobs(member),
        "subnav": subnav(request),
    }
    if permissions.keeps_addresses(member):
        context["troubled"] = addresses.troubled(member, on=clock.today())
    return render(request, "reminders/emails.html", context)


def _day(text: str):
    try:
        return parse_date(text)
    except ValueError:
        return None


def email(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one email as its owner would see it, HTML and text."""
    digest = get_object_or_404(Digest.objects.visible_to(request.member).select_related("recipient"), pk=pk)
    may_retry = permissions.may_retry(request.member) and digest.state == Digest.State.FAILED
    return render(request, "reminders/email_page.html", {"digest": digest, "may_retry": may_retry})


@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],  # Mail programs need the styles in the mail itself.
        "frame-ancestors": [SELF],
        "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
    }
)
def email_html(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the HTML part alone, for the frame of the page: no script runs and nothing is fetched."""
    digest = get_object_or_404(Digest.objects.visible_to(request.member), pk=pk)
    return HttpResponse(digest.html)
