"""What is typed about visits, their letters and what is made ready for them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.free_text import ALL_CAN_READ, NO_CHILD, reason_field
from accounts.models import Agency, Authority, User
from accounts.people import people_here
from tracker.actions.models import Action
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea, TextInput
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections.frameworks import REVIEWS
from tracker.inspections.models import Finding, Inspection, Recommendation, Visit


def seen_field() -> forms.IntegerField:
    """Return the hidden field that holds the version of the row its writer had before them."""
    return forms.IntegerField(required=False, widget=forms.HiddenInput())


class RecommendationChoice(forms.ModelChoiceField):
    """One recommendation, named with its report where the council has several."""

    many_reports = False

    def label_from_instance(self, obj: Recommendation) -> str:
        words = f"{obj.reference}. {obj.title}"
        words = words if len(words) <= 100 else f"{words[:99].rstrip()}…"
        return f"{words} ({obj.inspection})" if self.many_reports else words

    def offer(self, authority: Authority, inspection: Inspection | None) -> None:
        """Offer the recommendations of the report that a visit follows up; without one, those of all reports."""
        found = Recommendation.objects.of(authority).select_related("inspection").defer("text", "source")
        if inspection is not None:
            found = found.filter(inspection=inspection)
        self.many_reports = inspection is None
        self.queryset = found.order_by("-inspection__published_on", "inspection_id", "position", "pk")


# Visits


class VisitForm(GovukForm):
    """A visit, past or to come; its fields bear the names of `changes.enter_visit` and `changes.change_visit`."""

    kind = forms.ChoiceField(
        label="What kind of visit is it?",
        choices=Visit.Kind.choices,
        widget=Radios(inline=True, small=True),
        error_messages={"required": "Select what kind of visit it is"},
    )
    sequence = forms.IntegerField(
        label="Number (optional)",
        help_text="1 for the first monitoring visit after the inspection.",
        required=False,
        min_value=1,
        max_value=99,
        widget=TextInput(width=2, numeric=True),
        error_messages={
            "invalid": "Enter a number such as 2",
            "min_value": "Enter a number from 1 to 99",
            "max_value": "Enter a number from 1 to 99",
        },
    )
    inspection = forms.ModelChoiceField(
        label="Which inspection does it follow up?",
        queryset=Inspection.objects.none(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Select an inspection of this council"},
    )
    starts_on = GovukDateField(
        label="First day (if it is known)", thing="the first day of the visit", required=False, example="3 2 2027"
    )
    ends_on = GovukDateField(
        label="Last day (if it is another)", thing="the last day of the visit", required=False, example="4 2 2027"
    )
    expected_from = GovukDateField(
        label="Expected from (if its days are not known)",
        thing="the first day it is expected",
        required=False,
        example="14 12 2026",
    )
    expected_to = GovukDateField(
        label="Expected until", thing="the last day it is expected", required=False, example="5 2 2027"
    )
    dates_note = forms.CharField(
        label="What is known of the days, if no day is (optional)",
        help_text="Such as “Autumn 2017, day not found” or “Ofsted has called it off”.",
        required=False,
        max_length=300,
        widget=TextInput(),
    )
    agreed_on = GovukDateField(
        label="When did Ofsted agree the days? (optional)",
        thing="the day on which Ofsted agreed the days",
        required=False,
        example="18 1 2027",
    )
    focus = forms.CharField(
        label="What will inspectors look at? (optional)",
        help_text=f"In words, such as “The front door and child protection plans”. {NO_CHILD}",
        required=False,
        max_length=500,
        widget=Textarea(rows=2),
    )
    inspectors = forms.CharField(
        label="Which inspectors? (optional)",
        help_text="Their posts and how many, not their names: “His Majesty’s Inspector ×2”.",
        required=False,
        max_length=300,
        widget=TextInput(),
    )

    def __init__(self, *args: Any, authority: Authority, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["inspection"].queryset = (
            Inspection.objects.of(authority).exclude(framework__in=REVIEWS).defer("source")
        )

    def clean_agreed_on(self) -> date | None:
        agreed_on = self.cleaned_data["agreed_on"]
        if agreed_on and agreed_on > self.on:
            raise ValidationError("The day on which Ofsted agreed must be today or in the past")
        return agreed_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        days = ("starts_on", "ends_on", "expected_from", "expected_to", "dates_note")
        if not any(name in self.errors or cleaned.get(name) for name in days):
            self.add_error("starts_on", "Enter the first day, when the visit is expected, or what is known of its days")
        return cleaned


class ChangeVisitForm(VisitForm):
    """Removing every day says that the visit will not come, or not then."""

    reason = reason_field("Why does it change?", "Enter why it changes")
    seen = seen_field()


class FocusForm(GovukForm):
    recommendations = forms.ModelMultipleChoiceField(
        label="Which recommendations will inspectors look at?",
        help_text="Tick none if they look at everything, or if you do not know.",
        queryset=Recommendation.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select recommendations of this council’s own reports"},
    )

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Recommendation.objects.of(visit.authority).defer("text", "source")
        if visit.inspection_id is not None:
            found = found.filter(inspection=visit.inspection_id)
        self.fields["recommendations"].queryset = found.order_by(
            "-inspection__published_on", "inspection_id", "position", "pk"
        )


class LetterForm(GovukForm):
    """The letter of a visit; its fields bear the names of `changes.record_letter`."""

    NOT_PUBLISHED, PUBLISHED, NOT_YET = "stays", "published", "not_yet"

    letter_received_on = GovukDateField(
        label="When did the council receive it?",
        help_text="Leave this empty only if nobody knows the day any more.",
        thing="the day the letter was received",
        required=False,
        example="3 3 2027",
    )
    publication = forms.ChoiceField(
        label="Has Ofsted published it?",
        choices=[
            (NOT_YET, "Not yet, or we do not know"),
            (PUBLISHED, "Yes"),
            (NOT_PUBLISHED, "Ofsted does not publish it"),
        ],
        widget=Radios(hints={NOT_PUBLISHED: "As with the letter of a first monitoring visit."}),
        error_messages={"required": "Select whether Ofsted has published it"},
    )
    letter_published_on = GovukDateField(
        label="When did Ofsted publish it? (if it did)",
        thing="the day Ofsted published the letter",
        required=False,
        example="10 3 2027",
    )
    strengths_reported = forms.IntegerField(
        label="How many strengths does it name? (optional)",
        help_text="As counted in the letter. You record them one by one next.",
        required=False,
        min_value=0,
        max_value=99,
        widget=TextInput(width=2, numeric=True),
    )
    needs_work_reported = forms.IntegerField(
        label="How many areas that need work does it name? (optional)",
        help_text="The clock for answering them runs until so many have an action.",
        required=False,
        min_value=0,
        max_value=99,
        widget=TextInput(width=2, numeric=True),
    )
    has_priority_areas = forms.BooleanField(label="It names areas for priority action", required=False)
    reason = reason_field("Why is it corrected?", "Enter why it is corrected")
    seen = seen_field()

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("strengths_reported", "needs_work_reported"):
            number = self.fields[name].error_messages
            number |= dict.fromkeys(("invalid", "min_value", "max_value"), "Enter a number from 0 to 99")
        if visit.kind != Visit.Kind.FOCUSED:
            del self.fields["has_priority_areas"]
        if not visit.has_letter:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        publication = cleaned.pop("publication", "")
        cleaned["letter_stays_unpublished"] = publication == self.NOT_PUBLISHED
        cleaned.setdefault("has_priority_areas", False)
        if "letter_published_on" in self.errors:
            return cleaned
        if publication == self.PUBLISHED and not cleaned["letter_published_on"]:
            self.add_error("letter_published_on", "Enter the day Ofsted published the letter")
        elif publication and publication != self.PUBLISHED and cleaned["letter_published_on"]:
            self.add_error("publication", "Select Yes, or take out the day on which Ofsted published it")
        return cleaned


# Findings


class ActionReferences(forms.CharField):
    """References of actions in a plan, typed with commas or spaces between; cleans to the actions."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=TextInput(width=20), required=False, max_length=300, **kwargs)
        self.of_plan: Any = Action.objects.none()

    def clean(self, value: Any) -> list[Action]:
        text = super().clean(value)
        wanted = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
        if not wanted:
            return []
        found = {action.reference: action for action in self.of_plan.filter(reference__in=wanted)}
        missing = [reference for reference in wanted if reference not in found]
        if missing:
            raise ValidationError(
                f"There is no action {and_list(missing)} in the plan. Enter references such as 3.4, with commas between"
            )
        return [found[reference] for reference in wanted]


class FindingForm(GovukForm):
    """One finding of a letter; its fields bear the names of `changes.add_finding`."""

    kind = forms.ChoiceField(
        label="What does the letter say of it?",
        choices=[(Finding.Kind.NEEDS_WORK.value, "It needs work"), (Finding.Kind.STRENGTH.value, "It is a strength")],
        widget=Radios(inline=True, small=True),
        error_messages={"required": "Select whether it needs work or is a strength"},
    )
    text = forms.CharField(
        label="The letter’s words",
        help_text=f"One finding, word for word. {NO_CHILD}",
        max_length=2000,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter what the letter says"},
    )
    is_paraphrase = forms.BooleanField(label="These are our words, not the letter’s", required=False)
    paragraph = forms.CharField(label="Paragraph (optional)", required=False, max_length=20, widget=TextInput(width=5))
    number = forms.IntegerField(
        label="Number",
        required=False,
        min_value=1,
        max_value=999,
        widget=TextInput(width=3, numeric=True),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Enter a number from 1 to 999"),
    )
    recommendation = RecommendationChoice(
        label="Which recommendation does it repeat? (optional)",
        help_text="A finding that needs work opens its recommendation again.",
        queryset=Recommendation.objects.none(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Select a recommendation of this council’s own reports"},
    )
    agency = forms.ModelChoiceField(
        label="Which partner agency is it about? (optional)",
        queryset=Agency.objects.none(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Select a partner agency of this council"},
    )
    actions = ActionReferences(
        label="Actions that answer it (optional)",
        help_text="References with commas between, such as 3.4, 3.5. You can choose them later.",
    )

    def __init__(
        self, *args: Any, visit: Visit, next_numbers: Sequence[tuple[str, int]], actions: Any = None, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.fields["recommendation"].offer(visit.authority, visit.inspection)
        self.fields["agency"].queryset = visit.authority.agencies.all()
        self.fields["actions"].of_plan = actions
        free = and_list(f"{words} {number}" for words, number in next_numbers)
        self.fields["number"].help_text = f"Leave empty for the next: {free}."


class ChangeFindingForm(FindingForm):
    """Correct a finding. Which actions answer it is chosen on a page of its own."""

    reason = reason_field("Why is it corrected?", "Enter why it is corrected")
    seen = seen_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["actions"]
        self.fields["number"].required = True
        self.fields["number"].help_text = ""
        self.fields["number"].error_messages["required"] = "Enter its number"


class AnswerForm(GovukForm):
    """Which actions answer a finding: those at hand to tick, and any other by its reference.

    `answering` are those that answer it now: taking one out needs a reason.
    """

    actions = forms.ModelMultipleChoiceField(
        label="Actions that answer it",
        queryset=Action.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select actions of this council that are not cancelled"},
    )
    others = ActionReferences(
        label="Others (optional)", help_text="References of the plan with commas between, such as 3.4, 3.5."
    )
    reason = forms.CharField(
        label="Why is one taken out? (only if one is)",
        help_text=ALL_CAN_READ,
        required=False,
        max_length=300,
        widget=Textarea(rows=2),
    )

    def __init__(self, *args: Any, at_hand: Any, actions: Any, answering: Sequence[Action], **kwargs: Any) -> None:
        super().__init__(*args, initial={"actions": answering}, **kwargs)
        self.answering = answering
        self.fields["actions"].queryset = at_hand
        self.fields["others"].of_plan = actions
        if not answering:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        others = cleaned.pop("others", [])
        cleaned["actions"] = [*cleaned.get("actions", []), *others]
        is_taken_out = any(action not in cleaned["actions"] for action in self.answering)
        if is_taken_out and "actions" not in self.errors and not cleaned.get("reason"):
            self.add_error("reason", "Enter why an action is taken out")
        cleaned["reason"] = cleaned.get("reason") or "Chosen as what answers the finding"
        return cleaned


# Readiness


def days_before_field() -> forms.IntegerField:
    return forms.IntegerField(
        label="Working days before the visit",
        help_text="0 is the first day of the visit itself.",
        min_value=0,
        max_value=60,
        widget=TextInput(width=3, numeric=True),
        error_messages={
            "required": "Enter how many working days before the visit",
            **dict.fromkeys(("invalid", "min_value", "max_value"), "Enter a number from 0 to 60"),
        },
    )


def what_field() -> forms.CharField:
    return forms.CharField(
        label="What is to be ready?",
        help_text="No lists of children are kept here: say where they are kept.",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter what is to be ready"},
    )


class LineForm(GovukForm):
    """A line of the council's list."""

    title = what_field()
    working_days_before = days_before_field()


class ChangeLineForm(LineForm):
    is_in_use = forms.BooleanField(label="In use for visits to come", required=False)
    seen = seen_field()


class TaskForm(GovukForm):
    """Something to make ready for one visit."""

    title = what_field()
    owner = forms.ModelChoiceField(
        label="Who makes it ready? (optional)",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        error_messages={"invalid_choice": "Select someone who works on this plan now"},
    )
    due_on = GovukDateField(label="By which day? (optional)", thing="the day", required=False)
    seen = seen_field()

    def __init__(self, *args: Any, authority: Authority, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_here(authority, on=on)


class DoneForm(GovukForm):
    done_note = forms.CharField(
        label="Where is it kept, or who has it?",
        help_text=f"A link, a folder or a person’s post. {NO_CHILD}",
        max_length=300,
        widget=TextInput(),
        error_messages={"required": "Enter where it is kept, or who has it"},
    )


class LeaveOutForm(GovukForm):
    reason = reason_field("Why is it left out?", "Enter why it is left out")


class TakeBackForm(GovukForm):
    reason = reason_field("Why is it opened again?", "Enter why it is opened again")


class QuestionForm(GovukForm):
    """Something inspectors are likely to ask, and the recommendation whose evidence answers it."""

    text = forms.CharField(
        label="What are inspectors likely to ask?",
        help_text=NO_CHILD,
        max_length=1000,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter the question"},
    )
    recommendation = RecommendationChoice(
        label="Which recommendation is it about? (optional)",
        help_text="The accepted evidence of its actions is shown with the question.",
        queryset=Recommendation.objects.none(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Select a recommendation of this council’s own reports"},
    )
    seen = seen_field()

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recommendation"].offer(visit.authority, visit.inspection)


class DropQuestionForm(GovukForm):
    reason = reason_field("Why is it no longer expected?", "Enter why it is no longer expected")
