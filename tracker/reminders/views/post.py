"""The pages of those who put the post right: jobs, emails not delivered, addresses refused."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import kept
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.govuk.pagination import pages_for
from tracker.reminders import addresses, changes, jobs, permissions
from tracker.reminders.forms import RetryForm
from tracker.reminders.models import Digest, Retry

ROWS = 25


def jobs_page(request: HttpRequest) -> HttpResponse:
    """Show when the jobs ran, how the emails of today stand, and what was not delivered and why."""
    if not permissions.sees_jobs(request.member):
        raise PermissionDenied
    today = clock.today()
    found = jobs.jobs(jobs.schedule(settings.CELERY_BEAT_SCHEDULE), now=timezone.now(), days=calendar())
    page = Paginator(jobs.to_look_at(request.member, on=today), ROWS).get_page(request.GET.get("page"))
    counts = jobs.counts(request.member, on=today)
    context = {
        "jobs": found,
        "silent": jobs.silent(found),
        "has_run": any(job.has_run for job in found),
        "failed_today": counts["failed"],
        "numbers": [
            {
                "label": f"{words[:1].upper()}{words[1:]}",
                "shown": f"{'email' if counts[name] == 1 else 'emails'} {words}",
                "number": counts[name],
                "url": f"{reverse('reminders:emails')}?show={name}&on={today.isoformat()}",
            }
            for name, (words, _) in jobs.SHOWN.items()
        ],
        "page": page,
        "pages": pages_for(page.number, page.paginator.num_pages, lambda number: f"?page={number}"),
        "retries": Retry.objects.visible_to(request.member).select_related("digest__recipient", "by")[:ROWS],
        "may_retry": permissions.may_retry(request.member),
        "subnav": subnav(request),
    }
    return render(request, "reminders/jobs.html", context)


def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an email that was not delivered go again."""
    digest = get_object_or_404(Digest.objects.visible_to(request.member).select_related("recipient"), pk=pk)
    if not permissions.may_retry(request.member):
        raise PermissionDenied
    now = clock.now()
    form = RetryForm(request.POST if request.method == "POST" else kept.take(request))
    if request.method == "POST" and form.is_valid():
        try:
            digest = changes.retry(digest, by=request.user, on=now.date(), at=timezone.now(), **form.cleaned_data)
        except (changes.NotFailed, changes.AddressStopped) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _goes(digest))
            return redirect("reminders:jobs")
    context = {
        "form": form,
        "digest": digest,
        "is_todays": digest.on == now.date(),
        "crumbs": [
            {"label": "Emails", "url": reverse("reminders:emails")},
            {"label": "Jobs", "url": reverse("reminders:jobs")},
        ],
    }
    return render(request, "reminders/retry.html", context)


def _goes(digest: Digest) -> str:
    if digest.state == Digest.State.QUEUED:
        return f"The email to {digest.recipient} waits to be sent again. It goes within minutes, from 8:00am."
    return f"What the email to {digest.recipient} said goes with their next email, less what is no longer owed."


def addresses_page(request: HttpRequest) -> HttpResponse:
    """Show which addresses are refused, what the server said, and what nobody is reminded of."""
    if not permissions.keeps_addresses(request.member):
        raise PermissionDenied
    today = clock.today()
    found = addresses.refused(request.member, on=today)
    context = {
        "refused": found,
        "stopped": sum(one.trouble.stopped_on is not None for one in found),
        "cleared": addresses.cleared_lately(request.member, on=today),
        "subnav": subnav(request),
    }
    return render(request, "reminders/addresses.html", context)


@require_POST
def try_address_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let emails go to an address again."""
    if not permissions.keeps_addresses(request.member):
        raise PermissionDenied
    today = clock.today()
    trouble = addresses.trouble_of(request.member, pk, on=today)
    if trouble is None:
        raise Http404("Nobody of this council has this address.")
    try:
        changes.try_address_again(trouble, by=request.user, on=today)
    except changes.NotStopped as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"Emails go to {trouble.address} again, from the next one on.")
    return redirect("reminders:addresses")


def subnav(request: HttpRequest) -> list[dict[str, object]]:
    """Return the links between the pages of the post, for those who see more than their own emails."""
    member = request.member
    pages = [("Emails", "reminders:emails")]
    if permissions.sees_jobs(member):
        pages.append(("Jobs and failures", "reminders:jobs"))
    if permissions.keeps_addresses(member):
        pages.append(("Refused addresses", "reminders:addresses"))
    links = [{"label": label, "url": reverse(name)} for label, name in pages]
    return [{**link, "is_current": link["url"] == request.path} for link in links] if len(links) > 1 else []
