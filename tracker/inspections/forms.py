from django import forms

from tracker.govuk.forms import GovukDateField, GovukForm, Textarea, TextInput

WHY = "Every council on this installation sees the reason."


class BankHolidayForm(GovukForm):
    """Its fields bear the names of `changes.proclaim_bank_holiday`."""

    on = GovukDateField(
        label="Which day is it?",
        help_text="For example, 19 9 2022",
        thing="the day of the bank holiday",
        example="19 9 2022",
    )
    name = forms.CharField(
        label="What is it called?",
        max_length=100,
        widget=TextInput(),
        error_messages={"required": "Enter what the bank holiday is called"},
    )
    reason = forms.CharField(
        label="Why is it added?",
        help_text=f"Such as the date of the proclamation. {WHY}",
        max_length=500,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter why the bank holiday is added"},
    )


class WithdrawForm(GovukForm):
    """Its field bears the name of `changes.withdraw_bank_holiday`."""

    reason = forms.CharField(
        label="Why is it withdrawn?",
        help_text=f"Such as the day it was moved to. {WHY}",
        max_length=500,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter why the bank holiday is withdrawn"},
    )
