from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from tracker.dates import clock
from tracker.reminders import changes
from tracker.reminders.choosing import name_of
from tracker.reminders.unsubscribing import read_stop

ONE_CLICK = "One-Click"


@login_not_required
@csrf_exempt  # A mail program posts it, without cookies; the signed address is the permission (RFC 8058).
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Switch off the optional kinds of an email at one click; show first what that would be, and change nothing.

    Answers a POST with a page and not with a redirect, which RFC 8058 forbids.
    """
    asked = read_stop(token)
    if asked is None:
        raise Http404("No email has this address.")
    is_done = request.method == "POST" and request.POST.get("List-Unsubscribe") == ONE_CLICK
    if is_done:
        changes.stop_kinds(asked.authority, asked.user, kinds=asked.kinds, email_of=asked.on, on=clock.today())
    names = [name_of(kind) for kind in asked.kinds]
    context = {"asked": asked, "names": names, "is_done": is_done, "one_click": ONE_CLICK}
    return render(request, "reminders/stop.html", context)
