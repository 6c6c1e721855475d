from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Agency, Authority, Membership, Service, User
from accounts.roles import OWNS_ACTIONS
from tracker.actions import screening
from tracker.actions.models import Action, DeadlineChange, Evidence, Milestone
from tracker.actions.rules import Difference, Rating
from tracker.actions.wording import day_words
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea, TextInput
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections.models import Recommendation
from tracker.plans.models import Plan, Priority

DONE = "done"
MAY_IDENTIFY = "This may identify a child. Remove it or say why it is safe."


class MilestonesField(forms.MultipleChoiceField):
    """Offers the milestones still open; takes one that somebody else ticked meanwhile as well."""

    widget = Checkboxes(small=True)

    def offer(self, milestones: Iterable[Milestone], *, on: date) -> None:
        self.known = {str(milestone.pk): milestone for milestone in milestones}
        self.choices = [
            (pk, f"{milestone.title} (due {day_words(milestone.due_on, on=on)})")
            for pk, milestone in self.known.items()
            if milestone.done_on is None
        ]

    def valid_value(self, value: str) -> bool:
        return value in self.known

    def clean(self, value: Any) -> list[Milestone]:
        return [self.known[pk] for pk in super().clean(value)]


class ProgressUpdateForm(GovukForm):
    """An update in three fields at most. `action` comes from `find.with_what_an_update_needs`."""

    rating = forms.ChoiceField(
        label="How is it going?",
        choices=[*Rating.choices, (DONE, "Done and ready to check")],
        widget=Radios(small=True, inline=True),
        error_messages={"required": "Select how it is going"},
    )
    narrative = forms.CharField(
        help_text="Say what is different for children. Do not name any child or family.",
        max_length=500,
        widget=Textarea(rows=3),
    )
    safe_because = forms.CharField(label="If it is safe, say why", required=False, max_length=200, widget=TextInput())
    milestones = MilestonesField(label="Milestones", help_text="Tick what is done.", required=False)
    action = forms.IntegerField(required=False, widget=forms.HiddenInput())
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, subject: Action, on: date, checker: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject
        since = subject.last_updated_on
        narrative = self.fields["narrative"]
        narrative.label = (
            f"What has changed since {day_words(since, on=on)}?" if since else "What has been done so far?"
        )
        narrative.error_messages["required"] = (
            f"Enter what has changed since {day_words(since, on=on)}" if since else "Enter what has been done so far"
        )
        self.fields["rating"].help_text = (
            f"When it is done, {checker or 'the programme office'} will check it."
            if subject.has_evidence
            else "You can say it is done once you have added a piece of evidence."
        )
        self.fields["milestones"].offer(subject.milestones.all(), on=on)
        if not self.fields["milestones"].choices:
            self.fields["milestones"].widget = forms.MultipleHiddenInput()
        if not self.is_bound:
            del self.fields["safe_because"]

    def clean_action(self) -> None:
        """Refuse a form that was opened for another action under the same address, in another council."""
        if self.cleaned_data["action"] not in (None, self.subject.pk):
            raise ValidationError(
                "You opened this form while working in another council. Change council, then save it there."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        found = screening.what_may_identify(cleaned.get("narrative", ""))
        if not found:
            self.fields.pop("safe_because")
            cleaned["safe_because"] = ""
        elif not cleaned.get("safe_because"):
            self["safe_because"].help_text = f"The text has what looks like {and_list(found)}."
            self.add_error("narrative", MAY_IDENTIFY)
        cleaned.pop("action", None)
        cleaned["says_done"] = cleaned.get("rating") == DONE
        return cleaned


class EvidenceForm(GovukForm):
    title = forms.CharField(
        label="What is it?",
        help_text="Such as “Audit of 30 notifications, October”. Do not name any child or family.",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter what the evidence is"},
    )
    location = forms.CharField(
        label="Where is it kept?",
        help_text="A link, a folder or a minute. The tracker keeps no copy.",
        max_length=500,
        widget=TextInput(),
        error_messages={"required": "Enter where it is kept"},
    )
    dated_on = GovukDateField(label="Date of the document (optional)", thing="the date of the document", required=False)
    is_restricted = forms.BooleanField(
        label="Only the owner and those who run the plan may see it",
        help_text="Everyone else sees that there is 1 restricted document, and not its title.",
        required=False,
    )
    restricted_reason = forms.CharField(
        label="Why is it restricted? (only if you ticked the box)",
        max_length=300,
        required=False,
        widget=TextInput(),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_dated_on(self) -> date | None:
        dated_on = self.cleaned_data["dated_on"]
        if dated_on and dated_on > self.on:
            raise ValidationError("The date of the document must be today or in the past")
        return dated_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("is_restricted"):
            cleaned["restricted_reason"] = ""
        elif not cleaned.get("restricted_reason"):
            self.add_error("restricted_reason", "Enter why it is restricted")
        return cleaned


class CheckForm(GovukForm):
    """Accept finished work, or send it back. `evidence` is what waits and this person may accept."""

    ACCEPT, SEND_BACK = "accept", "send_back"

    decision = forms.ChoiceField(
        label="Is this work done?",
        choices=[(ACCEPT, "Yes, accept it as complete"), (SEND_BACK, "No, send it back to the owner")],
        widget=Radios(),
        error_messages={"required": "Select whether the work is done"},
    )
    reason = forms.CharField(
        label="What did you check, or what is still to do?",
        help_text="The owner, the board and inspectors can read this. Do not name any child or family.",
        max_length=500,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter what you checked, or what is still to do"},
    )
    evidence = forms.ModelMultipleChoiceField(
        label="Which evidence have you looked at and accept?",
        queryset=Evidence.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select evidence of this action that is waiting to be checked"},
    )
    difference = forms.ChoiceField(
        label="What difference has it made for children so far?",
        help_text="Only if you accept the work.",
        required=False,
        widget=Radios(
            small=True,
            hints={
                Difference.ACTIVITY: "It happened.",
                Difference.DIFFERENCE: "An indicator, an audit or children’s views moved.",
                Difference.SUSTAINED: "The board agreed that it has held for two reporting periods or more.",
            },
        ),
    )

    def __init__(self, *args: Any, evidence: Any, may_say_sustained: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = evidence
        if not evidence:
            del self.fields["evidence"]
        levels = [Difference.NONE, Difference.ACTIVITY, Difference.DIFFERENCE]
        if may_say_sustained:
            levels.append(Difference.SUSTAINED)
        self.fields["difference"].choices = [(level.value, level.label) for level in levels]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("decision") == self.ACCEPT and "difference" not in self.errors and not cleaned["difference"]:
            self.add_error("difference", "Select what difference it has made so far")
        return cleaned


class MoveDeadlineForm(GovukForm):
    """A move that was agreed, with who asked and who agreed; `checked` is the day its writer has seen worked out."""

    to = GovukDateField(label="New deadline", thing="the new deadline")
    reason_kind = forms.ChoiceField(
        label="What kind of reason is it?",
        choices=DeadlineChange.ReasonKind.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select what kind of reason it is"},
    )
    reason = forms.CharField(
        label="Why, and what does it mean for children?",
        help_text="The board and inspectors can read this. Do not name any child or family.",
        max_length=500,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter why the deadline moves"},
    )
    asked_by = forms.CharField(
        label="Who asked for it?",
        max_length=300,
        widget=TextInput(width=20),
        error_messages={"required": "Enter who asked for it"},
    )
    asked_on = GovukDateField(label="When was it asked for?", thing="the day it was asked for")
    agreed_by = forms.CharField(
        label="Who agreed it?",
        help_text="A person or a body, such as the improvement board. Whoever asked cannot agree.",
        max_length=300,
        widget=TextInput(width=20),
        error_messages={"required": "Enter who agreed it"},
    )
    agreed_on = GovukDateField(label="When was it agreed?", thing="the day it was agreed")
    checked = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_agreed_on(self) -> date:
        agreed_on = self.cleaned_data["agreed_on"]
        if agreed_on > self.on:
            raise ValidationError("The day it was agreed must be today or in the past")
        return agreed_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        asked, agreed = cleaned.get("asked_by", ""), cleaned.get("agreed_by", "")
        if asked and asked.casefold() == agreed.casefold():
            self.add_error("agreed_by", "Enter someone other than the person who asked for it")
        if cleaned.get("asked_on") and cleaned.get("agreed_on") and cleaned["agreed_on"] < cleaned["asked_on"]:
            self.add_error("agreed_on", "The day it was agreed must be on or after the day it was asked for")
        return cleaned


NOT_HERE = "Select someone who works on this plan now. That person has left or is of another council."


def people_of(authority: Authority, *, on: date) -> Any:
    """The people who can own an action of a council today."""
    members = Membership.objects.current(on=on).filter(authority=authority, role__in=OWNS_ACTIONS)
    return User.objects.filter(pk__in=members.values("user")).order_by("name", "pk")


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
        self.fields["to"].queryset = people_of(authority, on=on)


class ActionForm(GovukForm):
    """A new action of a plan; every choice is of the plan's own council."""

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
    title = forms.CharField(
        label="Title",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter a title"},
    )
    description = forms.CharField(
        label="What will be done?",
        help_text="Do not name any child or family.",
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
    is_councils_own = forms.BooleanField(label="None: it is the council’s own choice", required=False)
    owner = forms.ModelChoiceField(
        label="Owner",
        help_text="Who is reminded of it and says how it is going.",
        queryset=User.objects.none(),
        empty_label="Nobody yet",
        required=False,
        error_messages={"invalid_choice": NOT_HERE},
    )
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
    deadline = GovukDateField(label="Deadline", thing="a deadline")
    is_restricted = forms.BooleanField(
        label="Only those it concerns and those who run the plan may see it", required=False
    )
    restricted_reason = forms.CharField(
        label="Why is it restricted? (only if you ticked the box)", max_length=300, required=False, widget=TextInput()
    )

    def __init__(self, *args: Any, plan: Plan, free_references: Iterable[str], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authority = plan.authority
        people = people_of(authority, on=on)
        self.fields["priority"].queryset = plan.priorities.all()
        self.fields["reference"].help_text = f"References are never used again. Free: {', '.join(free_references)}."
        self.fields["recommendations"].queryset = Recommendation.objects.of(authority).filter(inspection__plans=plan)
        self.fields["owner"].queryset = people
        self.fields["accountable"].queryset = people
        self.fields["service"].queryset = authority.services.all()
        self.fields["agency"].queryset = authority.agencies.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("is_restricted"):
            cleaned["restricted_reason"] = ""
        elif not cleaned.get("restricted_reason"):
            self.add_error("restricted_reason", "Enter why it is restricted")
        return cleaned
