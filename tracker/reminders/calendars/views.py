"""The page where a person gets their calendar's address, and the calendar itself."""

from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from tracker.dates import clock
from tracker.reminders.calendars import changes, ical
from tracker.reminders.calendars.events import events_of
from tracker.reminders.calendars.permissions import holder_of
from tracker.reminders.models import CalendarFeed


def calendar_page(request: HttpRequest) -> HttpResponse:
    """Show whether one has a calendar; make it, or a new address for it, which is shown this once."""
    context: dict[str, object] = {"crumbs": [{"label": "Your account", "url": reverse("reminders:account")}]}
    if request.method == "POST":
        _, secret = changes.make_feed(request.member, at=clock.now())
        address = f"{settings.SITE_URL}{reverse('reminders:calendar-feed', args=[secret])}"
        context |= {"address": address, "webcal": f"webcal://{address.partition('://')[2]}"}
    context["feed"] = CalendarFeed.objects.visible_to(request.member).running().first()
    return render(request, "reminders/calendar.html", context)


@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """Switch off one's calendar."""
    if changes.end_feed(request.member, at=clock.now()):
        messages.success(request, "Calendar switched off. Its address no longer works.")
    return redirect("reminders:calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Return a calendar to whoever knows its address; 304 when nothing in it is new to the reader."""
    now = clock.now()
    found = holder_of(secret, on=now.date())
    if found is None:
        raise Http404
    feed, member = found
    events = events_of(member, on=now.date())
    said = changes.note_said(feed, events, on=now.date(), at=now)
    changes.note_read(feed, at=now)
    body = ical.file_of(
        f"Improvement plan: {member.authority}",
        said,
        {event.key: event for event in events},
        place=ical.Place(settings.SITE_URL, settings.SITE_HOST),
        at=now,
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="improvement-plan.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    etag = response.headers["ETag"] = f'"{sha256(body).hexdigest()}"'
    return get_conditional_response(request, etag=etag, response=response)
