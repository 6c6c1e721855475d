from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.free_text import NO_CHILD
from tracker.govuk.forms import GovukDateField, GovukForm, Radios, Textarea, TextInput
from tracker.inspections.frameworks import AREAS, REVIEWS, Framework, Grade
from tracker.inspections.models import Intervention, Recommendation

WHY = "Every council on this installation sees the reason."
INSPECTIONS = [(framework.value, framework.label) for framework in Framework if framework not in REVIEWS]
REVIEWS_OF_OTHERS = [(framework.value, framework.label) for framework in Framework if framework in REVIEWS]
FRAMEWORKS = [("", "Choose"), ("Inspections", INSPECTIONS), ("Reviews, from which no clock runs", REVIEWS_OF_OTHERS)]


def _text(label: str, *, required: str = "", hint: str = "", most: int = 300, rows: int = 0) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(required),
        help_text=hint,
        max_length=most,
        widget=Textarea(rows=rows) if rows else TextInput(),
        error_messages={"required": required} if required else {},
    )


class BankHolidayForm(GovukForm):
    """Its fields bear the names of `changes.proclaim_bank_holiday`."""

    day = GovukDateField(
        label="Which day is it?",
        help_text="For example, 19 9 2022",
        thing="the day of the bank holiday",
        example="19 9 2022",
    )
    name = _text("What is it called?", required="Enter what the bank holiday is called", most=100)
    reason = _text(
        "Why is it added?",
        required="Enter why the bank holiday is added",
        hint=f"Such as the date of the proclamation. {WHY}",
        most=500,
        rows=3,
    )


class WithdrawForm(GovukForm):
    """Its field bears the name of `changes.withdraw_bank_holiday`."""

    reason = _text(
        "Why is it withdrawn?",
        required="Enter why the bank holiday is withdrawn",
        hint=f"Such as the day it was moved to. {WHY}",
        most=500,
        rows=3,
    )


# Inspections


class DatesOfInspection(GovukForm):
    """What the two forms of an inspection share. Its fields bear the names of `changes.record_inspection`."""

    kind = _text("What kind of inspection was it?", hint="For example, standard, short or re-inspection.", most=100)
    started_on = GovukDateField(
        label="First day of the inspection", required=False, thing="the first day of the inspection"
    )
    ended_on = GovukDateField(label="Last day", required=False, thing="the last day of the inspection")
    dates_note = _text("What is known of the dates", hint="Only if a day is not known, or was corrected.")
    received_on = GovukDateField(
        label="Day the final report was received",
        help_text="Day 0 of the clocks: the report comes before it is published. Leave it empty if it has not come.",
        required=False,
        thing="the day the report was received",
    )
    received_is_assumed = forms.BooleanField(
        label="That day is not known: count from the day of publication", required=False
    )
    published_on = GovukDateField(label="Day it was published", required=False, thing="the day it was published")
    is_monitored = forms.BooleanField(
        label="Ofsted treats the council as inadequate and makes monitoring visits",
        help_text="It starts the clocks of the visits and of the re-inspection.",
        required=False,
    )
    has_priority_areas = forms.BooleanField(
        label="An area SEND report that names areas for priority action", required=False
    )
    source = _text("Where the report is kept", hint="An address, or a folder.", most=500)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("received_is_assumed"):
            if cleaned.get("published_on") is None:
                self.add_error("published_on", "Enter the day it was published, as the clocks count from it")
            elif cleaned.get("received_on") not in {None, cleaned["published_on"]}:
                self.add_error("received_on", "Leave this empty, or do not say that the day is not known")
            cleaned["received_on"] = cleaned.get("published_on")
        if not self.errors and not any(cleaned.get(key) for key in ("started_on", "published_on", "dates_note")):
            self.add_error("started_on", "Enter the first day, the day of publication, or what is known of the dates")
        return cleaned


class InspectionForm(DatesOfInspection):
    """An inspection or a review that is entered, with the date in its letter."""

    framework = forms.ChoiceField(
        label="What was it?", choices=FRAMEWORKS, error_messages={"required": "Select what kind of inspection it was"}
    )
    notified_plan_due = GovukDateField(
        label="Date by which the letter asks for the plan or statement",
        help_text="Only if the letter gives a date. It is used, and the date that the law gives is kept beside it.",
        required=False,
        thing="the date in the letter",
    )
    notified_source = _text("Where that date is given", hint="For example, Ofsted’s letter of 9 March 2026, page 2.")

    field_order = [
        "framework",
        "kind",
        "started_on",
        "ended_on",
        "dates_note",
        "received_on",
        "received_is_assumed",
        "published_on",
        "notified_plan_due",
        "notified_source",
        "is_monitored",
        "has_priority_areas",
        "source",
    ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("notified_plan_due") and not cleaned.get("notified_source"):
            self.add_error("notified_source", "Enter where that date is given")
        if cleaned.get("notified_plan_due") and not cleaned.get("received_on") and not self.errors:
            self.add_error("received_on", "Enter the day the report was received: the clocks run from it")
        return cleaned


class CorrectInspectionForm(DatesOfInspection):
    """Its fields bear the names of `changes.correct_inspection`."""

    reason = _text("Why is it corrected?", required="Enter why it is corrected", most=500, rows=3)


NOT_JUDGED = "-"
GRADES = [(NOT_JUDGED, "Not in this report"), ("", "Judged, without a grade"), *Grade.choices]


class JudgementsForm(GovukForm):
    """One field for each area that the framework judges; an area that was entered stays in the report."""

    def __init__(self, *args: Any, areas: Iterable[str], given: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for area in areas:
            self.fields[area] = forms.ChoiceField(
                label=AREAS[area],
                choices=GRADES[1:] if area in given else GRADES,
                initial=given.get(area, NOT_JUDGED),
                required=False,
                error_messages={"invalid_choice": "Select a grade from the list"},
            )

    @property
    def grades(self) -> dict[str, str]:
        """The grade of each area that is in the report."""
        return {area: grade for area, grade in self.cleaned_data.items() if grade != NOT_JUDGED}


class RecommendationForm(GovukForm):
    """Its fields bear the names of `changes.add_recommendation`."""

    reference = forms.CharField(
        label="Number",
        help_text="As printed, or the council’s own.",
        max_length=10,
        widget=TextInput(width=5),
        error_messages={"required": "Enter a number"},
    )
    kind = forms.ChoiceField(
        label="What the report calls it",
        choices=Recommendation.Kind.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select what the report calls it"},
    )
    text = _text("The report’s words", required="Enter the words of the report", hint=NO_CHILD, most=4000, rows=4)
    is_paraphrase = forms.BooleanField(label="These are our words, not the report’s", required=False)
    title = _text("In short", required="Enter what it is about, in a few words", hint="Shown in lists.")
    paragraph = forms.CharField(label="Paragraph", required=False, max_length=20, widget=TextInput(width=5))
    addressee = forms.ChoiceField(
        label="For whom it is",
        choices=Recommendation.Addressee.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select for whom it is"},
    )
    timescale = _text("Time the report gives", hint="As printed. Leave it empty if it gives none.", most=100)

    def clean_reference(self) -> str:
        reference = self.cleaned_data["reference"].strip()
        if "/" in reference:
            raise forms.ValidationError("Enter a number without a slash")
        return reference


# Clocks


class StepForm(GovukForm):
    """Its fields bear the names of `changes.record_step`."""

    done_on = GovukDateField(label="When was it done?", thing="the day it was done")
    done_by = _text("Who did it?", required="Enter who did it", hint="A person or a body.", most=200)
    proof = _text(
        "Where is the proof kept?",
        required="Enter where the proof is kept",
        hint=f"An email, a folder or an address. {NO_CHILD}",
        most=500,
        rows=2,
    )


class LetterDateForm(GovukForm):
    """Its fields bear the names of `changes.set_notified_due`."""

    due = GovukDateField(label="What date does the letter give?", thing="the date in the letter")
    source = _text(
        "Where is that date given?",
        required="Enter where that date is given",
        hint="For example, Ofsted’s letter of 9 March 2026, page 2.",
    )


class VoidForm(GovukForm):
    """Its field bears the name of `changes.void_clock`."""

    reason = _text("Why does it not count any more?", required="Enter why it does not count any more", most=500, rows=3)


class GovernanceStepForm(GovukForm):
    """A step of the council's own. Its fields bear the names of `changes.add_governance_step`."""

    title = _text("What is to be done?", required="Enter what is to be done", most=200)
    due_on = GovukDateField(label="By when?", thing="the day by which it is done")
    owner = forms.TypedChoiceField(
        label="Who sees to it?",
        help_text="They are reminded of it by email, as of a deadline.",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Select a person from the list"},
    )
    note = _text("Note", hint=NO_CHILD, most=500, rows=2)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, owners: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Nobody yet"), *owners]


class ChangeGovernanceStepForm(GovernanceStepForm):
    reason = _text("Why is it changed?", required="Enter why it is changed", most=500, rows=2)


class DoneForm(GovukForm):
    """Its field bears the name of `changes.finish_governance_step`."""

    done_on = GovukDateField(label="When was it done?", thing="the day it was done")


# Interventions


class InterventionForm(GovukForm):
    """Its fields bear the names of `changes.record_intervention`."""

    kind = forms.ChoiceField(
        label="What was put in place?",
        choices=Intervention.Kind.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select what was put in place"},
    )
    starts_on = GovukDateField(
        label="From when?",
        help_text="The day of the notice, direction or appointment.",
        thing="the day it began",
    )
    ends_on = GovukDateField(
        label="Until when?",
        help_text="Only if it gives a final date.",
        required=False,
        thing="the final date",
    )
    inspection = forms.TypedChoiceField(
        label="Which inspection does it follow?",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Select an inspection from the list"},
    )
    conditions = _text("What does it ask for?", hint=f"In short. {NO_CHILD}", most=4000, rows=5)

    def __init__(self, *args: Any, inspections: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["inspection"].choices = [("", "None, or not known"), *inspections]


class ChangeInterventionForm(GovukForm):
    """Its fields bear the names of `changes.change_intervention`."""

    ends_on = GovukDateField(label="Until when?", required=False, thing="the final date")
    conditions = _text("What does it ask for?", hint=f"In short. {NO_CHILD}", most=4000, rows=5)
    reason = _text("Why is it changed?", required="Enter why it is changed", most=500, rows=2)


class LiftForm(GovukForm):
    """Its fields bear the names of `changes.lift_intervention`."""

    lifted_on = GovukDateField(label="When was it lifted or ended?", thing="the day it was lifted or ended")
    reason = _text(
        "How do you know?",
        required="Enter how you know",
        hint="For example, the DfE’s letter of 3 June 2026.",
        most=500,
        rows=2,
    )
