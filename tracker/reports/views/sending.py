"""Sending the plan: the quality check, the frozen version, what was done with it, and Ofsted's reply."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.member import Member
from accounts.signing.proof import asked_again
from tracker.actions import changes
from tracker.actions.quality.facts import quality_of
from tracker.dates import clock
from tracker.inspections.models import Clock
from tracker.plans import changes as plan_changes
from tracker.plans import permissions
from tracker.plans.forms import ReplyForm, SendingForm, SubmitForm
from tracker.plans.models import OfstedReply, Plan, PlanVersion, Submission
from tracker.plans.rules import ALL_STEPS, WAITED_FOR
from tracker.plans.sent import clocks_of, standing_now, submissions_of
from tracker.plans.views import find
from tracker.plans.wording import missing_words
from tracker.reports.quality import answer_of, as_seen_by

HERE = ("Sending and publishing", "reports:sending")


def sending(request: HttpRequest, plan: str) -> HttpResponse:
    """Show how far the plan is on its way to Ofsted, and what comes next."""
    member, found = _allowed(request, plan)
    quality = quality_of(found, on=clock.today())
    waiting = _waiting(member, found)
    latest = _latest(found)
    submissions = {row.step: row for row in submissions_of(latest).select_related("recorded_by")} if latest else {}
    reply = OfstedReply.objects.visible_to(member).filter(version=latest).first() if latest else None
    earlier = OfstedReply.objects.visible_to(member).filter(version__plan=found).select_related("version")
    earlier = earlier.defer("version__snapshot")
    context = {
        "plan": found,
        "standing": standing_now(found),
        "waiting": waiting,
        "next_due": _next_due(waiting),
        "quality": quality,
        "answer": answer_of(quality),
        "version": latest,
        "steps": [(label, submissions.get(step)) for step, label in Submission.Step.choices],
        "is_finished": len(submissions) == len(Submission.Step),
        "was_sent": Submission.Step.OFSTED in submissions,
        "reply": reply,
        "earlier": [row for row in earlier.order_by("-version__number") if row != reply],
        "may_freeze": not quality.blocking and (not quality.warnings or permissions.may_accept_warnings(member)),
        "crumbs": find.way_to(found),
    }
    return render(request, "reports/sending.html", context)


@asked_again
def freeze_to_send(request: HttpRequest, plan: str) -> HttpResponse:
    """Freeze the version that goes to Ofsted. What blocks must be put right; the director accepts the rest."""
    member, found = _allowed(request, plan)
    today = clock.today()
    quality = quality_of(found, on=today)
    accepts = permissions.may_accept_warnings(member)
    if quality.blocking or (quality.warnings and not accepts):
        return redirect("reports:sending", plan=found.reference)
    codes = quality.warning_codes
    form = SubmitForm(find.typed(request), is_first=not found.versions.exists(), failing=codes)
    if request.method == "POST" and form.is_valid():
        try:
            version = changes.freeze_to_send(
                found, by=request.user, on=today, accepted_by=request.user if accepts else None, **form.cleaned_data
            )
        except (changes.EmptyPlan, changes.ChecksBlock, changes.ReasonNeeded) as refusal:
            form.add_error(None, str(refusal))
        except changes.ChecksChanged as refusal:
            form.add_error(None, str(refusal))
            form.data = form.data.copy()
            form.data["seen"] = ",".join(codes)
        else:
            messages.success(
                request,
                f"Version {version.number} is frozen. Record it here once it is {missing_words(ALL_STEPS)}.",
            )
            return redirect("reports:sending", plan=found.reference)
    context = {
        "plan": found,
        "form": form,
        "warnings": as_seen_by(member, found, quality.warnings),
        "crumbs": find.way_to(found, HERE),
    }
    return render(request, "reports/freeze_to_send.html", context)


@asked_again
def record_step(request: HttpRequest, plan: str) -> HttpResponse:
    """Record that the frozen version was sent to Ofsted, sent to DfE or published; all three stop the plan's clock."""
    member, found = _allowed(request, plan)
    version = _latest(found)
    done = set(submissions_of(version).values_list("step", flat=True)) if version else set()
    if version is None or (len(done) == len(Submission.Step) and request.method == "GET"):
        return redirect("reports:sending", plan=found.reference)
    today = clock.today()
    form = SendingForm(find.typed(request), done=done, initial={"done_by": _named(member)})
    if request.method == "POST" and form.is_valid():
        step = Submission.Step(form.cleaned_data["step"])
        try:
            submission = plan_changes.record_submission(
                found, version=version, by=request.user, on=today, reason=step.label, **form.cleaned_data
            )
        except plan_changes.AlreadyRecorded as refusal:
            form.add_error("step", str(refusal))
        except (plan_changes.NotYet, plan_changes.NothingFrozen) as refusal:
            form.add_error("done_on", str(refusal))
        else:
            messages.success(request, _recorded(submission, left=len(Submission.Step) - len(done) - 1))
            return redirect("reports:sending", plan=found.reference)
    context = {"plan": found, "form": form, "version": version, "crumbs": find.way_to(found, HERE)}
    return render(request, "reports/record_step.html", context)


def _recorded(submission: Submission, *, left: int) -> str:
    what = f"{submission.get_step_display()}: recorded for {submission.done_on:%A %-d %B %Y}."
    if left:
        return f"{what} {left} of the 3 {'is' if left == 1 else 'are'} still to be done."
    return f"{what} All three are recorded, and the plan’s clock has stopped."


REFUSED_ON: Mapping[type[Exception], str | None] = {
    plan_changes.NotYet: "received_on",
    plan_changes.NothingFrozen: None,
    plan_changes.AlreadyRecorded: None,
}


def record_reply(request: HttpRequest, plan: str) -> HttpResponse:
    """Record Ofsted's reply: the plan reflects the findings, or is returned."""
    member, found = _allowed(request, plan)
    version = _latest(found)
    if version is None or not submissions_of(version).filter(step=Submission.Step.OFSTED).exists():
        return redirect("reports:sending", plan=found.reference)
    today = clock.today()
    form = ReplyForm(find.typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            reply = plan_changes.record_reply(version, by=request.user, on=today, **form.cleaned_data)
        except tuple(REFUSED_ON) as refusal:
            form.add_error(REFUSED_ON[type(refusal)], str(refusal))
        else:
            messages.success(request, _answered(reply, due=_next_due(_waiting(member, found))))
            return redirect("reports:sending", plan=found.reference)
    context = {"plan": found, "form": form, "version": version, "crumbs": find.way_to(found, HERE)}
    return render(request, "reports/record_reply.html", context)


def _answered(reply: OfstedReply, *, due: date | None) -> str:
    number = reply.version.number
    if reply.kind == OfstedReply.Kind.REFLECTS:
        return f"Reply recorded. Version {number} reflects the findings."
    by = f" by {due:%A %-d %B %Y}" if due else ""
    return f"Reply recorded. Version {number} is returned: send the next one{by}."


# What they share


def _allowed(request: HttpRequest, plan: str) -> tuple[Member, Plan]:
    member = request.member
    found = find.plan_of(member, plan)
    if not permissions.may_send(member):
        raise PermissionDenied
    return member, found


def _latest(plan: Plan) -> PlanVersion | None:
    """The version that is being sent: the last that was frozen for it."""
    frozen = plan.versions.filter(label=PlanVersion.Label.SUBMITTED).defer("snapshot")
    return frozen.select_related("plan", "frozen_by", "warnings_accepted_by").order_by("-number").first()


def _waiting(member: Member, plan: Plan) -> list[Clock]:
    """The clocks that wait for the plan to be sent, the next first, those whose date has passed too."""
    clocks = Clock.objects.visible_to(member).filter(pk__in=clocks_of(plan).values("pk"), kind__in=WAITED_FOR)
    found = clocks.unmet().select_related("inspection", "visit")
    return sorted(found, key=lambda clock: (clock.due or date.max, clock.pk))


def _next_due(waiting: Iterable[Clock]) -> date | None:
    """The day by which a returned plan is to be sent again."""
    return next((clock.due for clock in waiting if clock.kind == Clock.Kind.RESUBMISSION), None)


def _named(member: Member) -> str:
    return ", ".join(part for part in (member.user.name, member.post) if part)[:200]
