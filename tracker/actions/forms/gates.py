"""The gates of done: checked, the difference shown, sustained; and the way back through them."""

from datetime import date
from typing import Any

from django import forms

from accounts.free_text import NO_CHILD, reason_field
from tracker.actions.forms.fields import ForBodyForm
from tracker.actions.models import Action, Evidence
from tracker.actions.rules import Difference
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea

# What a checker may say; that it is sustained, only the board.
JUDGED = (Difference.NONE, Difference.ACTIVITY, Difference.DIFFERENCE)
HINTS = {
    Difference.ACTIVITY: "It happened.",
    Difference.DIFFERENCE: "An indicator, an audit or children’s views moved.",
    Difference.SUSTAINED: "The board agreed that it has held for two reporting periods or more.",
}
NEW_DEADLINE = "the new deadline"


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
        help_text=f"The owner, the board and inspectors can read this. {NO_CHILD}",
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
            hints=HINTS,
        ),
    )

    def __init__(self, *args: Any, evidence: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = evidence
        if not evidence:
            del self.fields["evidence"]
        self.fields["difference"].choices = [(level.value, level.label) for level in JUDGED]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("decision") == self.ACCEPT and "difference" not in self.errors and not cleaned["difference"]:
            self.add_error("difference", "Select what difference it has made so far")
        return cleaned


class DifferenceForm(ForBodyForm):
    """What difference an action has made: up to “difference” by a checker, “sustained” for the board."""

    difference = forms.ChoiceField(
        label="What difference has it made for children?",
        widget=Radios(small=True, hints=HINTS),
        error_messages={"required": "Select what difference it has made"},
    )
    evidence = forms.ModelMultipleChoiceField(
        label="Which evidence have you looked at and accept?",
        queryset=Evidence.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select evidence of this action that is waiting to be checked"},
    )
    since = GovukDateField(label="Since when has it held?", thing="the day since which it has held", required=False)
    reason = reason_field("What shows it?", "Enter what shows it")

    field_order = ("difference", "evidence", "reason", "since", "body", "met_on")

    def __init__(
        self, *args: Any, action: Action, evidence: Any, may_judge: bool, may_sustain: bool, weeks: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        levels = [*(JUDGED if may_judge else ()), *([Difference.SUSTAINED] if may_sustain else [])]
        self.fields["difference"].choices = [(level.value, level.label) for level in levels]
        self.fields["evidence"].queryset = evidence
        if not may_judge or not evidence:
            del self.fields["evidence"]
        if may_sustain:
            self.fields["since"].help_text = f"Two reporting periods are {2 * weeks} weeks."
        else:
            del self.fields["since"]
        if may_judge:  # Asked for only when it is said to be sustained.
            for name in ("body", "met_on"):
                if name in self.fields:
                    self.fields[name].required = False
                    self.fields[name].label += " (if it is sustained)"
            if "since" in self.fields:
                self.fields["since"].label += " (if it is sustained)"

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data.get("difference")
        if said == Difference.SUSTAINED:
            for name in ("since", "body", "met_on"):
                if name in self.fields and name not in self.errors and not self.cleaned_data.get(name):
                    self.add_error(name, self.fields[name].error_messages["required"])
        return super().clean()


class ReopenForm(GovukForm):
    """Open a complete action again; its deadline has passed, or may stay as it is."""

    reason = reason_field("Why is it opened again?", "Enter why it is opened again")
    deadline = GovukDateField(label="New deadline", thing=NEW_DEADLINE)

    def __init__(self, *args: Any, action: Action, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_deadline(self, action, on=on)


class RepeatedForm(GovukForm):
    """Reopen what a visit repeats, or keep it closed."""

    REOPEN, KEEP = "reopen", "keep"

    decision = forms.ChoiceField(
        label="What happens to this action?",
        choices=[(REOPEN, "Open it again"), (KEEP, "Keep it closed")],
        widget=Radios(
            hints={
                REOPEN: "Its owner works on it again. What was checked before stays in the history.",
                KEEP: "Something else puts it right, or it was put right since.",
            }
        ),
        error_messages={"required": "Select whether to open it again or keep it closed"},
    )
    reason = reason_field("Why?", "Enter why")
    deadline = GovukDateField(label="New deadline", thing=NEW_DEADLINE)

    def __init__(self, *args: Any, action: Action, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_deadline(self, action, on=on)
        self.fields["deadline"].required = False
        self.fields["deadline"].label += " (if you open it again)"


def ask_for_deadline(form: GovukForm, action: Action, *, on: date) -> None:
    """Ask for a new deadline where the present one has passed; else leave it."""
    field = form.fields["deadline"]
    if action.deadline is None:
        del form.fields["deadline"]
    elif action.deadline < on:
        field.help_text = f"The present one, {action.deadline:%-d %B %Y}, has passed."
    else:
        field.required = False
        field.label = "New deadline (optional)"
        field.help_text = f"Leave it empty to keep {action.deadline:%-d %B %Y}."
