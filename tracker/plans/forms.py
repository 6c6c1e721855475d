"""Starting a plan and its priorities, freezing and sending it, what Ofsted and reviewers say of it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.free_text import NO_CHILD
from accounts.models import Authority, User
from accounts.people import people_here
from accounts.roles import Role
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea, TextInput
from tracker.inspections.models import Inspection
from tracker.plans.models import OfstedReply, PlanVersion, Submission

NOT_HERE = "Select someone who works here now. That person has left or is of another council."

ANSWERS_ERRORS = {
    "required": "Select at least one inspection or review that the plan answers",
    "invalid_choice": "Select inspections and reviews of this council",
}


class _Answers(forms.ModelMultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label="Which inspections and reviews does it answer?",
            help_text="One plan may answer several: Ofsted’s, a commissioner’s, a peer challenge, scrutiny’s.",
            queryset=Inspection.objects.none(),
            widget=Checkboxes(small=True),
            error_messages=ANSWERS_ERRORS,
        )


class PlanForm(GovukForm):
    """Its fields bear the names of `changes.change_plan`; `seen` is what the writer had before them."""

    title = forms.CharField(
        label="What is the plan called?",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter what the plan is called"},
    )
    answers = _Answers()
    board_meets_on = GovukDateField(
        label="When does the improvement board meet next? (optional)", thing="the day of the next board", required=False
    )
    note = forms.CharField(
        label="A note at the top of the plan (optional)",
        help_text=f"Everyone who sees the plan reads it. {NO_CHILD}",
        max_length=2000,
        required=False,
        widget=Textarea(rows=2),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answers"].queryset = Inspection.objects.of(authority)


class NewPlanForm(PlanForm):
    """Its fields bear the names of `changes.start_plan`."""

    reference = forms.RegexField(
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        label="Reference",
        help_text="It stands in the address of every page of the plan, for ever, such as 2026.",
        max_length=60,
        widget=TextInput(width=20),
        error_messages={
            "required": "Enter a reference, such as 2026",
            "invalid": "Enter a reference of small letters, numbers and hyphens, such as 2026 or 2026-refresh",
        },
    )
    starts_on = GovukDateField(
        label="When does it begin?",
        help_text="Often the day the report was received.",
        thing="the day the plan begins",
    )

    field_order = ("title", "reference", "starts_on", "answers", "board_meets_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["seen"]


class PriorityForm(GovukForm):
    """Its fields bear the names of `changes.add_priority` and `changes.change_priority`."""

    number = forms.IntegerField(
        label="Number",
        min_value=1,
        max_value=999,
        widget=TextInput(width=3, numeric=True),
        error_messages={
            "required": "Enter a number",
            "invalid": "Enter a number, such as 3",
            "min_value": "Enter a number, such as 3",
            "max_value": "Enter a number up to 999",
        },
    )
    title = forms.CharField(
        label="Title", max_length=200, widget=TextInput(), error_messages={"required": "Enter a title"}
    )
    outcome = forms.CharField(
        label="What will be different for children? (optional)",
        help_text=NO_CHILD,
        max_length=2000,
        required=False,
        widget=Textarea(rows=3),
    )
    lead = forms.ModelChoiceField(
        label="Lead (optional)",
        help_text="Decides about short moves of deadlines, and checks finished work.",
        queryset=User.objects.none(),
        empty_label="Nobody yet",
        required=False,
        error_messages={"invalid_choice": NOT_HERE},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, authority: Authority, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = people_here(authority, on=on)


class FreezeForm(GovukForm):
    """A version that is not sent to Ofsted: its label, and what is different in it."""

    label = forms.ChoiceField(
        label="What is this version for?",
        choices=[choice for choice in PlanVersion.Label.choices if choice[0] != PlanVersion.Label.SUBMITTED],
        widget=Radios(
            small=True,
            hints={
                PlanVersion.Label.DRAFT: "Read by those who write the plan.",
                PlanVersion.Label.SCRUTINY_DRAFT: "For scrutiny to comment on. Read here by those who write the plan.",
                PlanVersion.Label.CABINET: "For cabinet to approve. Read here by those who write the plan.",
                PlanVersion.Label.PUBLISHED: "As published. Everyone who sees the plan can read it.",
                PlanVersion.Label.REFRESH: "A later edition. Everyone who sees the plan can read it.",
            },
        ),
        error_messages={
            "required": "Select what this version is for",
            "invalid_choice": "Select what this version is for",
        },
    )
    change_summary = forms.CharField(
        label="What is different from the version before?",
        help_text=NO_CHILD,
        max_length=1000,
        required=False,
        widget=Textarea(rows=3),
    )

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_summary(self, is_first=is_first)


def ask_for_summary(form: GovukForm, *, is_first: bool) -> None:
    """A first version differs from none; each later one says how."""
    if is_first:
        del form.fields["change_summary"]
        return
    form.fields["change_summary"].required = True
    form.fields["change_summary"].error_messages["required"] = "Enter what is different from the version before"


class SubmitForm(GovukForm):
    """The version to be sent. `failing` are the codes of the warnings, which the director accepts with a reason."""

    change_summary = forms.CharField(
        label="What is different from the version before?",
        help_text=NO_CHILD,
        max_length=1000,
        required=False,
        widget=Textarea(rows=3),
    )
    warnings_reason = forms.CharField(
        label="Why is the plan sent although these checks fail?",
        help_text=f"Kept with the version, with your name. Inspectors can read it. {NO_CHILD}",
        max_length=1000,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter why the plan is sent although these checks fail"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, is_first: bool, failing: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"seen": ",".join(failing)}, **kwargs)
        ask_for_summary(self, is_first=is_first)
        if not failing:
            del self.fields["warnings_reason"]

    def clean_seen(self) -> list[str]:
        return [code for code in self.cleaned_data["seen"].split(",") if code]


class SendingForm(GovukForm):
    """What was done to send the plan, when, by whom, and where the proof is kept. `done` holds the steps before."""

    step = forms.ChoiceField(
        label="What was done?",
        widget=Radios(),
        error_messages={
            "required": "Select what was done",
            "invalid_choice": "Select what was done. What is not in the list is recorded already.",
        },
    )
    done_on = GovukDateField(label="When was it done?", thing="the day it was done")
    done_by = forms.CharField(
        label="Who did it?",
        help_text="A person and their post, as they were then.",
        max_length=200,
        widget=TextInput(width=20),
        error_messages={"required": "Enter who did it"},
    )
    proof = forms.CharField(
        label="Where is the proof kept?",
        help_text="An email, a web address or a minute.",
        widget=Textarea(rows=2),
        max_length=500,
        error_messages={"required": "Enter where the proof is kept"},
    )

    def __init__(self, *args: Any, done: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [choice for choice in Submission.Step.choices if choice[0] not in done]


class ReplyForm(GovukForm):
    """Ofsted's reply to the version that was sent to it; its fields bear the names of `changes.record_reply`."""

    kind = forms.ChoiceField(
        label="What does Ofsted say?",
        choices=[
            (OfstedReply.Kind.REFLECTS, "The plan reflects the findings"),
            (OfstedReply.Kind.DOES_NOT_REFLECT, "The plan does not reflect the findings"),
        ],
        widget=Radios(
            hints={OfstedReply.Kind.DOES_NOT_REFLECT: "The plan is returned, and a clock for the next starts."}
        ),
        error_messages={"required": "Select what Ofsted says", "invalid_choice": "Select what Ofsted says"},
    )
    received_on = GovukDateField(label="When was the reply received?", thing="the day the reply was received")
    respond_by = GovukDateField(
        label="By when does Ofsted want the next version? (optional)",
        help_text="Only if the plan does not reflect the findings and the reply gives a date.",
        thing="the date Ofsted gives",
        required=False,
    )
    words = forms.CharField(
        label="What does the reply say?",
        help_text=f"Ofsted’s words. {NO_CHILD}",
        max_length=5000,
        required=False,
        widget=Textarea(rows=5),
    )
    proof = forms.CharField(
        label="Where is the reply kept?",
        help_text="An email or a folder.",
        max_length=500,
        widget=Textarea(rows=2),
        error_messages={"required": "Enter where the reply is kept"},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == OfstedReply.Kind.DOES_NOT_REFLECT and not cleaned.get("words"):
            self.add_error("words", "Enter what the reply says is missing, so that the plan can be put right")
        if cleaned.get("kind") == OfstedReply.Kind.REFLECTS and cleaned.get("respond_by"):
            self.add_error("respond_by", "Leave this date empty: a plan that reflects the findings is not sent again")
        return cleaned


class CriticismForm(GovukForm):
    """What a reviewer says against the plan; a reviewer who signs in says it for themselves."""

    text = forms.CharField(
        label="What is wrong with the plan?",
        help_text=f"The reviewer’s words. {NO_CHILD}",
        max_length=2000,
        widget=Textarea(rows=4),
        error_messages={"required": "Enter what is wrong with the plan"},
    )
    made_by = forms.CharField(
        label="Who says so?",
        help_text="A person and whom they speak for, such as “Red Quadrant, for the DfE”.",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter who says so"},
    )
    made_on = GovukDateField(label="When was it said?", thing="the day it was said")
    inspection = forms.ModelChoiceField(
        label="Which report or review is it in? (optional)",
        queryset=Inspection.objects.none(),
        empty_label="None of these",
        required=False,
        error_messages={"invalid_choice": "Select a report or review of this council"},
    )
    paragraph = forms.CharField(
        label="Paragraph or page (optional)", max_length=20, required=False, widget=TextInput(width=5)
    )
    author = forms.ModelChoiceField(
        label="If the reviewer signs in here, who is it? (optional)",
        help_text="They can close it themselves.",
        queryset=User.objects.none(),
        empty_label="They do not sign in",
        required=False,
        error_messages={"invalid_choice": "Select an independent chair or adviser of this council"},
    )

    def __init__(self, *args: Any, authority: Authority, on: date, is_reviewer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["inspection"].queryset = Inspection.objects.of(authority)
        self.fields["author"].queryset = people_here(authority, on=on, holding=[Role.CHAIR])
        if is_reviewer:
            for name in ("made_by", "author"):
                del self.fields[name]

    def clean_made_on(self) -> date:
        made_on = self.cleaned_data["made_on"]
        if made_on > self.on:
            raise ValidationError("The day it was said must be today or in the past")
        return made_on


class ResponseForm(GovukForm):
    """Its fields bear the names of `changes.respond`."""

    response = forms.CharField(
        label="What does the council do about it?",
        help_text=f"The reviewer, the board and inspectors can read this. {NO_CHILD}",
        max_length=2000,
        widget=Textarea(rows=4),
        error_messages={"required": "Enter what the council does about it"},
    )
    owner = forms.ModelChoiceField(
        label="Who sees to it?",
        queryset=User.objects.none(),
        empty_label="Choose a person",
        error_messages={"required": "Select who sees to it", "invalid_choice": NOT_HERE},
    )
    due_on = GovukDateField(label="By when?", thing="the day by which it is done")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, authority: Authority, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_here(authority, on=on)


class CloseForm(GovukForm):
    closed_reason = forms.CharField(
        label="Why can it be closed?",
        help_text=f"What has changed in the plan. It stays closed. {NO_CHILD}",
        max_length=1000,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter why it can be closed"},
    )


class CompareForm(GovukForm):
    """Which two versions to compare, read from the address."""

    first = forms.ModelChoiceField(
        label="From",
        queryset=PlanVersion.objects.none(),
        empty_label=None,
        to_field_name="number",
        error_messages={"required": "Select a version", "invalid_choice": "Select a version from the list"},
    )
    second = forms.ModelChoiceField(
        label="To",
        queryset=PlanVersion.objects.none(),
        empty_label=None,
        to_field_name="number",
        error_messages={"required": "Select a version", "invalid_choice": "Select a version from the list"},
    )

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            self.fields[name].queryset = versions

    # In the address the two are called as people say them; `from` is a word that Python keeps to itself.
    def add_prefix(self, field_name: str) -> str:
        return {"first": "from", "second": "to"}.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, second = cleaned.get("first"), cleaned.get("second")
        if first and second and first.pk == second.pk:
            self.add_error("second", "Select two different versions")
        return cleaned
