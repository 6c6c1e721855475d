"""After the check: what difference was made, and opening a complete action again."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import practices_of
from accounts.roles import Role
from tracker.actions import changes, permissions
from tracker.actions.forms import DifferenceForm, ReopenForm, RepeatedForm
from tracker.actions.models import Action, Evidence, repeats
from tracker.actions.rules import Difference
from tracker.actions.views import find
from tracker.actions.wording import worked_when
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.forms import GovukForm
from tracker.inspections.models import Finding


def difference(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Say what difference an action has made for children: a checker up to “difference”, the board “sustained”."""
    member = request.member
    action = find.one_of(member, plan, reference)
    if not (permissions.checks(member, action) or permissions.speaks_for_board(member)):
        raise PermissionDenied
    if action.owner_id == member.user.pk:
        raise PermissionDenied
    may_judge, may_sustain = permissions.may_judge(member, action), permissions.may_sustain(member, action)
    if not (may_judge or may_sustain):
        heading = f"The difference of {action.reference} is not set now"
        return find.closed(request, action, heading=heading, sentence=_why_not_set(action))
    waiting = Evidence.objects.visible_to(member).filter(action=action, state=Evidence.State.WAITING)
    weeks = practices_of(action.authority)["reporting_period"].value
    form = DifferenceForm(
        find.typed(request),
        initial={"difference": action.difference, "body": "Improvement board"},
        action=action,
        evidence=waiting.exclude(added_by=request.user),
        may_judge=may_judge,
        may_sustain=may_sustain,
        weeks=weeks,
        on=clock.today(),
        names_meeting=may_sustain and permissions.must_name_meeting(member),
        decides_for="Improvement board",
    )
    if request.method == "POST" and form.is_valid() and (said := _set(request, action, form, weeks=weeks)):
        messages.success(request, said)
        return redirect(action)
    seen = find.proofs(action, member)
    context = {
        "action": action,
        "form": form,
        "crumbs": find.way_to(action, member),
        "evidence": seen,
        "withheld": action.evidence.count() - len(seen),
        "worked_when": worked_when(action.outcome),
        "measures": action.measures.in_use(),
    }
    return render(request, "actions/difference.html", context)


def _why_not_set(action: Action) -> str:
    if action.cancelled_on is not None:
        return find.where_it_stands(action)
    if action.difference == Difference.SUSTAINED:
        return "It is sustained, as the board agreed. If that no longer holds, open the action again."
    return (
        "The board says that a difference is sustained once the action is complete and a checker has accepted "
        "evidence of difference."
    )


def _set(request: HttpRequest, action: Action, form: DifferenceForm, *, weeks: int) -> str:
    """Do what the form says and say what is so now; "" when it is refused, with the reason on the form."""
    chosen, today = form.cleaned_data, clock.today()
    to = chosen["difference"]
    try:
        if to == Difference.SUSTAINED:
            changes.sustain(
                action,
                since=chosen["since"],
                decided_for=chosen["decided_for"],
                period_weeks=weeks,
                by=request.user,
                on=today,
                reason=chosen["reason"],
            )
        else:
            changes.judge_difference(
                action,
                to=to,
                evidence=chosen.get("evidence", ()),
                by=request.user,
                on=today,
                reason=chosen["reason"],
            )
    except changes.NotHeldLongEnough as refusal:
        form.add_error("since", str(refusal))
    except changes.NoEvidence as refusal:
        form.add_error("evidence" if "evidence" in form.fields else "difference", str(refusal))
    except (changes.NotYetShown, changes.OwnWork) as refusal:
        form.add_error("difference", str(refusal))
    else:
        return f"Difference saved. {action.reference} now shows “{Difference(to).label.lower()}”."
    return ""


def reopen(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Open a complete action again."""
    member = request.member
    action = find.one_of(member, plan, reference)
    if not (member.runs_plan or member.holds(Role.DIRECTOR) or permissions.checks(member, action)):
        raise PermissionDenied
    if not permissions.may_reopen(member, action):
        heading = f"{action.reference} is not complete"
        return find.closed(request, action, heading=heading, sentence=_why_not_reopened(action))
    form = ReopenForm(find.typed(request), action=action, on=clock.today())
    if request.method == "POST" and form.is_valid() and _reopen(request, action, form):
        return redirect(action)
    context = {"action": action, "form": form, "crumbs": find.way_to(action, member)}
    return render(request, "actions/reopen.html", context)


def _why_not_reopened(action: Action) -> str:
    if action.is_open and action.claimed_on is None:
        return changes.reopened_words(action) or find.where_it_stands(action)
    return find.where_it_stands(action)


def _reopen(request: HttpRequest, action: Action, form: GovukForm, *, finding: Finding | None = None) -> bool:
    """Open it again and say so; False when it is refused, with the reason on the form."""
    now, days, chosen = clock.now(), calendar(), form.cleaned_data
    try:
        changes.reopen(
            action,
            reason=chosen["reason"],
            deadline=chosen.get("deadline"),
            finding=finding,
            by=request.user,
            on=now.date(),
            at=now,
            calendar=days,
        )
    except changes.StillOpen as refusal:
        form.add_error(None, str(refusal))
    except (changes.NeedsDeadline, changes.WrongDates, changes.SameDeadline) as refusal:
        form.add_error("deadline", str(refusal))
    except HolidaysUnknown:
        form.add_error("deadline", f"Choose a day before the end of {days.last_year}")
    else:
        due = chosen.get("deadline") or action.deadline
        until = f" and due {due:%A %-d %B %Y}" if due else ""
        messages.success(request, f"Action reopened. {action.reference} is open again{until}.")
        return True
    return False


def repeated(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Decide about a complete action that a visit repeats: open it again, or keep it closed."""
    member = request.member
    action = find.one_of(member, plan, reference)
    if not (member.runs_plan or member.holds(Role.DIRECTOR) or permissions.checks(member, action)):
        raise PermissionDenied
    findings = findings_to_decide(action)
    if not findings or not permissions.may_reopen(member, action):
        heading = f"Nothing is to be decided about {action.reference}"
        return find.closed(request, action, heading=heading, sentence=_decided_before(action))
    form = RepeatedForm(find.typed(request), action=action, on=clock.today())
    if request.method == "POST" and form.is_valid() and _reopen_or_keep(request, action, form, findings):
        return redirect(action)
    context = {"action": action, "form": form, "findings": findings, "crumbs": find.way_to(action, member)}
    return render(request, "actions/repeated.html", context)


def findings_to_decide(action: Action) -> Sequence[Finding]:
    """The findings of visits for which a complete action is to be opened again or kept closed. One query."""
    if action.completed_on is None or action.cancelled_on is not None:
        return []
    return list(
        repeats(on=clock.today())
        .filter(of_action=action.pk, heard_on__gte=action.completed_on)
        .exclude(reopened__action=action)
        .select_related("visit", "recommendation")
        .order_by("-heard_on", "number", "pk")
    )


def _decided_before(action: Action) -> str:
    last = action.kept_closed.select_related("by").order_by("-on", "-pk").first()
    if action.completed_on is not None and last is not None:
        return f"{last.by} decided on {last.on:%-d %B %Y} to keep it closed: {last.reason}"
    if action.is_open:
        return changes.reopened_words(action) or find.where_it_stands(action)
    return f"No visit repeats what it was to put right. {find.where_it_stands(action)}"


def _reopen_or_keep(request: HttpRequest, action: Action, form: RepeatedForm, findings: Sequence[Finding]) -> bool:
    if form.cleaned_data["decision"] == form.REOPEN:
        return _reopen(request, action, form, finding=findings[0])
    try:
        changes.keep_closed(
            action, findings=findings, reason=form.cleaned_data["reason"], by=request.user, on=clock.today()
        )
    except changes.NotRepeated as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"Decision saved. {action.reference} stays closed.")
    return True
