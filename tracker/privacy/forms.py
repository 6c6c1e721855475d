"""What someone says of a page that holds too much, how that was settled, and what a council tells everyone."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve

from accounts.free_text import NO_CHILD, reason_field
from tracker.govuk.forms import GovukForm, Radios, Textarea, TextInput
from tracker.privacy.models import DetailsReport

NO_PAGE = "Enter the address of a page of the improvement plan, such as /plans/2026/actions/3.4/"


class ReportForm(GovukForm):
    """Its fields bear the names of `changes.report_details`."""

    page = forms.CharField(
        label="Which page is it on?",
        help_text="Its address, as the browser shows it.",
        max_length=500,
        widget=TextInput(),
        error_messages={"required": NO_PAGE},
    )
    kind = forms.ChoiceField(
        label="What kind of details are they?",
        choices=DetailsReport.Kind.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select what kind of details they are"},
    )
    where = forms.CharField(
        label="Where on the page? (optional)",
        help_text="Such as “the second update”. Do not repeat the details here.",
        max_length=200,
        required=False,
        widget=TextInput(),
    )

    def clean_page(self) -> str:
        """Keep the address inside the site alone: what was looked for may be the very name."""
        try:
            parts = urlsplit(self.cleaned_data["page"].strip())
        except ValueError:
            raise ValidationError(NO_PAGE) from None
        if parts.netloc not in {"", urlsplit(settings.SITE_URL).netloc}:
            raise ValidationError(NO_PAGE)
        try:
            found = resolve(parts.path)
        except Resolver404:
            raise ValidationError(NO_PAGE) from None
        if not getattr(found.func, "login_required", True):  # Its address may be a secret of one person.
            raise ValidationError(NO_PAGE)
        return parts.path


class SettleForm(GovukForm):
    """Its fields bear the names of `changes.settle`."""

    outcome = forms.ChoiceField(
        label="How was it settled?",
        choices=DetailsReport.Outcome.choices,
        widget=Radios(),
        error_messages={"required": "Select how it was settled"},
    )
    what_was_done = reason_field("What was done?", "Enter what was done", hint=f"Do not repeat the details. {NO_CHILD}")


class StatementForm(GovukForm):
    """Its fields bear the names of `changes.change_statement`."""

    text = forms.CharField(
        label="The words",
        help_text=(
            "Begin a heading with # and a space, a line of a list with * and a space, and a paragraph after an empty "
            "line. (council) and (contact) become the name of the council and whom to ask. Leave it empty to go back "
            "to the words that come with the tracker."
        ),
        max_length=20_000,
        required=False,
        widget=Textarea(rows=25),
    )
    reason = reason_field("Why does it change?", "Enter why it changes", max_length=300, widget=TextInput())
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())
