"""The forms of the programme office: a new action, what one says, its owner, milestones, measures and its end."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.free_text import NO_CHILD, reason_field
from accounts.models import Agency, Authority, Service, User
from accounts.people import people_here
from accounts.roles import OWNS_ACTIONS
from tracker.actions.forms.fields import NOT_HERE, ForBodyForm
from tracker.actions.models import Action, Measure
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea, TextInput
from tracker.inspections.models import Finding, Recommendation
from tracker.plans.models import Plan, Priority


class HandOverForm(GovukForm):
    to = forms.ModelChoiceField(
        label="New owner",
        queryset=User.objects.none(),
        empty_label="Choose a person",
        error_messages={
            "required": "Select who will own it",
            "invalid_choice": NOT_HERE,
        },
    )
    reason = forms.CharField(
        label="Why does it change hands?",
        max_length=300,
        widget=TextInput(),
        error_messages={"required": "Enter why it changes hands"},
    )

    def __init__(self, *args: Any, authority: Authority, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people_here(authority, on=on, holding=OWNS_ACTIONS)


class DetailsForm(GovukForm):
    """What an action says and answers; every choice is of the plan's own council."""

    title = forms.CharField(
        label="Title",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter a title"},
    )
    description = forms.CharField(
        label="What will be done?",
        help_text=NO_CHILD,
        max_length=2000,
        widget=Textarea(rows=4),
        error_messages={"required": "Enter what will be done"},
    )
    outcome = forms.CharField(
        label="We will know it has worked when… (optional)",
        help_text="What will be different for children, and how you will see it.",
        max_length=2000,
        required=False,
        widget=Textarea(rows=3),
    )
    recommendations = forms.ModelMultipleChoiceField(
        label="Which recommendations does it answer?",
        queryset=Recommendation.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select recommendations of this council’s own reports"},
    )
    findings = forms.ModelMultipleChoiceField(
        label="Which findings of visits does it answer?",
        queryset=Finding.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select findings of this council’s own visits"},
    )
    is_councils_own = forms.BooleanField(label="None: it is the council’s own choice", required=False)
    accountable = forms.ModelChoiceField(
        label="Accountable (optional)",
        queryset=User.objects.none(),
        empty_label="Nobody yet",
        required=False,
        error_messages={"invalid_choice": NOT_HERE},
    )
    service = forms.ModelChoiceField(
        label="Service (optional)",
        queryset=Service.objects.none(),
        empty_label="None",
        required=False,
        error_messages={"invalid_choice": "Select a service of this council"},
    )
    agency = forms.ModelChoiceField(
        label="Partner agency (optional)",
        queryset=Agency.objects.none(),
        empty_label="None",
        required=False,
        error_messages={"invalid_choice": "Select a partner agency of this council"},
    )
    starts_on = GovukDateField(label="Start (optional)", thing="the day it starts", required=False)
    is_restricted = forms.BooleanField(
        label="Only those it concerns and those who run the plan may see it", required=False
    )
    restricted_reason = forms.CharField(
        label="Why is it restricted? (only if you ticked the box)", max_length=300, required=False, widget=TextInput()
    )

    def __init__(self, *args: Any, plan: Plan, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authority = plan.authority
        self.fields["recommendations"].queryset = Recommendation.objects.of(authority).filter(inspection__plans=plan)
        self.fields["findings"].queryset = (
            Finding.objects.of(authority).filter(kind=Finding.Kind.NEEDS_WORK).select_related("visit")
        )
        self.fields["findings"].label_from_instance = finding_words
        if not self.fields["findings"].queryset.exists():
            del self.fields["findings"]
        self.fields["accountable"].queryset = people_here(authority, on=on, holding=OWNS_ACTIONS)
        self.fields["service"].queryset = authority.services.all()
        self.fields["agency"].queryset = authority.agencies.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned.setdefault("findings", [])
        if not cleaned.get("is_restricted"):
            cleaned["restricted_reason"] = ""
        elif not cleaned.get("restricted_reason"):
            self.add_error("restricted_reason", "Enter why it is restricted")
        return cleaned


def finding_words(finding: Finding) -> str:
    return f"{finding.visit}: {finding}"


class ActionForm(DetailsForm):
    """A new action of a plan."""

    priority = forms.ModelChoiceField(
        label="Priority",
        queryset=Priority.objects.none(),
        empty_label="Choose a priority",
        error_messages={
            "required": "Select the priority it belongs to",
            "invalid_choice": "Select a priority of this plan",
        },
    )
    reference = forms.RegexField(
        r"^[0-9][A-Za-z0-9.\-]*$",
        label="Reference",
        max_length=10,
        widget=TextInput(width=5),
        error_messages={
            "required": "Enter a reference, such as 3.5",
            "invalid": "Enter a reference that begins with a number, such as 3.5",
        },
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        help_text="Who is reminded of it and says how it is going.",
        queryset=User.objects.none(),
        empty_label="Nobody yet",
        required=False,
        error_messages={"invalid_choice": NOT_HERE},
    )
    deadline = GovukDateField(label="Deadline", thing="a deadline")

    field_order = (
        "priority",
        "reference",
        "title",
        "description",
        "outcome",
        "recommendations",
        "findings",
        "is_councils_own",
        "owner",
        "accountable",
        "service",
        "agency",
        "starts_on",
        "deadline",
        "is_restricted",
        "restricted_reason",
    )

    def __init__(self, *args: Any, plan: Plan, free_references: Iterable[str], on: date, **kwargs: Any) -> None:
        super().__init__(*args, plan=plan, on=on, **kwargs)
        self.fields["priority"].queryset = plan.priorities.all()
        self.fields["reference"].help_text = f"References are never used again. Free: {', '.join(free_references)}."
        self.fields["owner"].queryset = people_here(plan.authority, on=on, holding=OWNS_ACTIONS)


class EditActionForm(DetailsForm):
    """What an action says and answers, changed. `seen` is the fingerprint of what its writer had before them."""

    deadline = GovukDateField(
        label="First deadline (optional)",
        help_text="Once it has one, it moves only when someone asks and someone else agrees.",
        thing="a deadline",
        required=False,
    )
    needs_money = forms.BooleanField(label="It cannot be done without new money", required=False)
    money = forms.CharField(
        label="How much, and where does it come from? (optional)",
        required=False,
        max_length=500,
        widget=Textarea(rows=2),
    )
    partner_agreed_on = GovukDateField(
        label="When did its partner agency agree to it? (optional)", thing="the day it agreed", required=False
    )
    reason = reason_field("Why does it change?", "Enter why it changes", max_length=300, widget=TextInput())
    seen = forms.CharField(widget=forms.HiddenInput())

    field_order = (
        "title",
        "description",
        "outcome",
        "recommendations",
        "findings",
        "is_councils_own",
        "accountable",
        "service",
        "agency",
        "partner_agreed_on",
        "starts_on",
        "deadline",
        "needs_money",
        "money",
        "is_restricted",
        "restricted_reason",
        "reason",
        "seen",
    )

    def __init__(self, *args: Any, action: Action, on: date, **kwargs: Any) -> None:
        super().__init__(*args, plan=action.plan, on=on, **kwargs)
        self.on = on
        self.action = action
        if action.deadline is not None:
            del self.fields["deadline"]
        if action.accountable_id:  # Someone who has left stays until another is chosen.
            people = self.fields["accountable"].queryset
            self.fields["accountable"].queryset = people | User.objects.filter(pk=action.accountable_id)

    def clean_partner_agreed_on(self) -> date | None:
        agreed_on = self.cleaned_data["partner_agreed_on"]
        if agreed_on and agreed_on > self.on:
            raise ValidationError("The day it agreed must be today or in the past")
        return agreed_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("partner_agreed_on") and not cleaned.get("agency") and "agency" not in self.errors:
            self.add_error("partner_agreed_on", "Select the partner agency that agreed, or leave this empty")
        return cleaned


class MilestoneForm(GovukForm):
    """A step of an action, new or changed."""

    title = forms.CharField(
        label="What will be done by then?",
        help_text=NO_CHILD,
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter what will be done by then"},
    )
    due_on = GovukDateField(label="Due", thing="the day it is due")
    done_on = GovukDateField(label="Done on (optional)", thing="the day it was done", required=False)
    reason = reason_field("Why does it change?", "Enter why it changes", max_length=300, widget=TextInput())
    seen = forms.CharField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            for name in ("done_on", "reason", "seen"):
                del self.fields[name]


class MeasureForm(GovukForm):
    """How it will be seen that an action happened or made a difference, new or changed."""

    title = forms.CharField(
        label="What is measured?",
        help_text=f"Such as “Notifications screened within 1 working day”. {NO_CHILD}",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter what is measured"},
    )
    kind = forms.ChoiceField(
        label="What does it show?",
        choices=Measure.Kind.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select what it shows"},
    )
    baseline = forms.CharField(
        label="Where it stood at the start (optional)", max_length=200, required=False, widget=TextInput(width=20)
    )
    target = forms.CharField(label="Target (optional)", max_length=200, required=False, widget=TextInput(width=20))
    target_on = GovukDateField(
        label="When it should be reached (optional)", thing="the day it should be reached", required=False
    )
    reason = reason_field("Why does it change?", "Enter why it changes", max_length=300, widget=TextInput())
    seen = forms.CharField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            del self.fields["reason"], self.fields["seen"]


class WithdrawMeasureForm(GovukForm):
    reason = reason_field("Why is it no longer used?", "Enter why it is no longer used")


class CancelForm(ForBodyForm):
    """The end of an action that will not be done, or that another one takes the place of."""

    reason = reason_field("Why will it not be done?", "Enter why it will not be done")
    replaced_by = forms.CharField(
        label="Which action takes its place? (optional)",
        help_text="Its reference, such as 3.5.",
        max_length=10,
        required=False,
        widget=TextInput(width=5),
    )

    field_order = ("reason", "replaced_by", "body", "met_on")

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others

    def clean_replaced_by(self) -> Action | None:
        reference = self.cleaned_data["replaced_by"].strip()
        if not reference:
            return None
        found = self.others.filter(reference=reference).first()
        if found is None:
            raise ValidationError(f"Enter the reference of a live action of this plan. There is no {reference}.")
        return found
