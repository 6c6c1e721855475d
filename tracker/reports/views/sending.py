from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tracker.actions import changes
from tracker.dates import clock
from tracker.plans.changes import AlreadyRecorded, NotYet
from tracker.plans.models import Plan, Submission
from tracker.reports.forms import SendingForm


def sending(request: HttpRequest, plan: str) -> HttpResponse:
    """Record that the plan was sent to Ofsted, sent to DfE or published; all three stop the clock."""
    the_plan = get_object_or_404(Plan.objects.visible_to(request.member), reference=plan)
    if not request.member.sends_plan:
        raise PermissionDenied
    done = {submission.step: submission for submission in the_plan.submissions.all()}
    form = SendingForm(request.POST or None, done=done)
    if request.method == "POST" and form.is_valid():
        try:
            submission = changes.record_sending(the_plan, by=request.member.user, on=clock.today(), **form.cleaned_data)
        except AlreadyRecorded as refusal:
            form.add_error("step", str(refusal))
        except NotYet as refusal:
            form.add_error("done_on", str(refusal))
        else:
            messages.success(request, f"{submission.get_step_display()}: recorded for {submission.done_on:%-d %B %Y}.")
            return redirect("reports:sending", plan=the_plan.reference)
    steps = [(label, done.get(step)) for step, label in Submission.Step.choices]
    context = {"plan": the_plan, "form": form, "steps": steps, "is_finished": len(done) == len(steps)}
    return render(request, "reports/sending.html", context)
