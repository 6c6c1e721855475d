from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from tracker.govuk.pagination import pages_for
from tracker.reminders.models import Digest

ROWS = 25


def emails(request: HttpRequest) -> HttpResponse:
    """List the emails this person may see: their own, or the council's for those who run the plan."""
    found = (
        Digest.objects.visible_to(request.member)
        .select_related("recipient")
        .only("on", "state", "subject", "sent_at", "last_error", "is_uncertain", "address", "recipient__name")
    )
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    pages = pages_for(page.number, page.paginator.num_pages, lambda number: f"?page={number}")
    failed = Digest.objects.visible_to(request.member).filter(state=Digest.State.FAILED).count()
    context = {"page": page, "pages": pages, "failed": failed, "sees_all": request.member.runs_plan}
    return render(request, "reminders/emails.html", context)


def email(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one email as its owner would see it, HTML and text."""
    digest = get_object_or_404(Digest.objects.visible_to(request.member).select_related("recipient"), pk=pk)
    return render(request, "reminders/email_page.html", {"digest": digest})


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
