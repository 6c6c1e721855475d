from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tracker.actions import changes
from tracker.dates import clock
from tracker.govuk.forms import GovukDateField, GovukForm, Radios, Textarea
from tracker.plans.changes import AlreadyRecorded, NotYet
from tracker.plans.models import Plan, Submission


class SendingForm(GovukForm):
    step = forms.ChoiceField(
        label="What was done?", widget=Radios(), error_messages={"required": "Select what was done"}
    )
    done_on = GovukDateField(label="When was it done?", thing="the day it was done")
    proof = forms.CharField(
        label="Where is the proof kept?",
        help_text="An email, a web address or a minute.",
        widget=Textarea(rows=2),
        max_length=500,
        error_messages={"required": "Enter where the proof is kept"},
    )

    def __init__(self, *args, done, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [choice for choice in Submission.Step.choices if choice[0] not in done]


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
