"""What reviewers say against the plan itself, what the council answers, and who may close it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.member import Member
from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.plans import changes, permissions
from tracker.plans.forms import CloseForm, CriticismForm, ResponseForm
from tracker.plans.models import Criticism, Plan
from tracker.plans.views import find

ALL = ("Criticisms of the plan", "plans:criticisms")


def criticisms(request: HttpRequest, plan: str) -> HttpResponse:
    """List what reviewers say against a plan: what is open first, the longest unanswered on top."""
    member = request.member
    found = find.plan_of(member, plan)
    rows = list(
        Criticism.objects.visible_to(member)
        .filter(plan=found)
        .select_related("owner", "closed_by", "inspection")
        .order_by(F("closed_on").asc(nulls_first=True), F("due_on").asc(nulls_first=True), "number")
    )
    today = clock.today()
    is_open = [row for row in rows if row.closed_on is None]
    context = {
        "plan": found,
        "rows": rows,
        "open": len(is_open),
        "unanswered": sum(not row.response for row in is_open),
        "late": [row.pk for row in is_open if row.due_on and row.due_on < today],
        "may_record": permissions.may_record_criticism(member),
        "crumbs": find.way_to(found),
    }
    return render(request, "plans/criticisms.html", context)


def criticism(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    """Show one criticism: the reviewer's words, the response, and how it ended."""
    member = request.member
    found = find.plan_of(member, plan)
    row = _one_of(member, found, number)
    context = {
        "plan": found,
        "criticism": row,
        "is_late": row.closed_on is None and row.due_on is not None and row.due_on < clock.today(),
        "may_respond": permissions.may_respond(member, row),
        "may_close": permissions.may_close(member, row),
        "crumbs": find.way_to(found, ALL),
    }
    return render(request, "plans/criticism.html", context)


def new_criticism(request: HttpRequest, plan: str) -> HttpResponse:
    """Record what a reviewer says against a plan; a chair or adviser records their own."""
    member = request.member
    found = find.plan_of(member, plan)
    if not permissions.may_record_criticism(member):
        raise PermissionDenied
    today = clock.today()
    is_reviewer = permissions.is_reviewer(member)
    form = CriticismForm(
        find.typed(request),
        authority=member.authority,
        on=today,
        is_reviewer=is_reviewer,
        initial={"made_on": today} if is_reviewer else {},
    )
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        if is_reviewer:
            fields |= {"made_by": _named(member), "author": request.user}
        try:
            row = changes.record_criticism(found, by=request.user, on=today, **fields)
        except changes.NotYet as refusal:
            form.add_error("made_on", str(refusal))
        except changes.OtherCouncil as refusal:
            form.add_error("inspection", str(refusal))
        except changes.PersonHasLeft as refusal:
            form.add_error("author", str(refusal))
        else:
            messages.success(request, f"Criticism {row.number} recorded. It is open until it is answered and closed.")
            return redirect("plans:criticism", plan=found.reference, number=row.number)
    context = {"plan": found, "form": form, "is_reviewer": is_reviewer, "crumbs": find.way_to(found, ALL)}
    return render(request, "plans/new_criticism.html", context)


def _named(member: Member) -> str:
    return ", ".join(part for part in (member.user.name, member.post) if part)[:200]


def respond_to_criticism(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    """Say what the council does about a criticism, who sees to it and by when."""
    member = request.member
    found = find.plan_of(member, plan)
    row = _one_of(member, found, number)
    if row.closed_on is not None:
        return _closed(request, found, row)
    if not permissions.may_respond(member, row):
        raise PermissionDenied
    today = clock.today()
    initial = {
        "response": row.response,
        "owner": row.owner_id,
        "due_on": row.due_on,
        "seen": version_of(row),
    }
    form = ResponseForm(find.typed(request), authority=member.authority, on=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = changes.respond(row, by=request.user, on=today, **form.cleaned_data)
        except changes.ChangedSince as refusal:
            find.refuse_changed(form, refusal)
        except changes.NotYet as refusal:
            form.add_error("due_on", str(refusal))
        except changes.PersonHasLeft as refusal:
            form.add_error("owner", str(refusal))
        except changes.AlreadyClosed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Response saved. {row.owner} sees to it by {row.due_on:%A %-d %B %Y}.")
            return redirect("plans:criticism", plan=found.reference, number=row.number)
    context = {"plan": found, "criticism": row, "form": form, "crumbs": _way_to(found, row)}
    return render(request, "plans/respond.html", context)


def close_criticism(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    """Close a criticism for a reason: its author, or the director."""
    member = request.member
    found = find.plan_of(member, plan)
    row = _one_of(member, found, number)
    if row.closed_on is not None and request.method == "GET":
        return _closed(request, found, row)
    if row.closed_on is None and not permissions.may_close(member, row):
        raise PermissionDenied
    form = CloseForm(find.typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.close(row, by=request.user, on=clock.today(), **form.cleaned_data)
        except (changes.AlreadyClosed, changes.NoResponse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Criticism {row.number} is closed. Its words and the response stay here.")
            return redirect("plans:criticism", plan=found.reference, number=row.number)
    context = {"plan": found, "criticism": row, "form": form, "crumbs": _way_to(found, row)}
    return render(request, "plans/close.html", context)


def _one_of(member: Member, plan: Plan, number: int) -> Criticism:
    seen = Criticism.objects.visible_to(member).filter(plan=plan)
    return get_object_or_404(
        seen.select_related("plan__authority", "owner", "author", "closed_by", "recorded_by", "inspection"),
        number=number,
    )


def _way_to(plan: Plan, row: Criticism) -> list[dict[str, str]]:
    return [*find.way_to(plan, ALL), {"label": f"Criticism {row.number}", "url": row.get_absolute_url()}]


def _closed(request: HttpRequest, plan: Plan, row: Criticism) -> HttpResponse:
    """Answer someone who came for a form that a closed criticism no longer takes."""
    return render(request, "plans/closed.html", {"plan": plan, "criticism": row, "crumbs": _way_to(plan, row)})
