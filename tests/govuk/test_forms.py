"""What a form does with what someone types, and what it says when that is wrong."""

from datetime import date
from html.parser import HTMLParser

import pytest
from django import forms
from django.http import QueryDict

from tracker.govuk.forms import (
    Checkboxes,
    EmailInput,
    GovukDateField,
    GovukForm,
    PasswordInput,
    Radios,
    Textarea,
    TextInput,
)


class DeadlineForm(GovukForm):
    deadline = GovukDateField(label="New deadline", thing="a deadline")


class EveryKindForm(GovukForm):
    reason = forms.CharField(label="Reason", max_length=10, widget=Textarea())
    rating = forms.ChoiceField(label="Rating", choices=[("on", "On track"), ("off", "Off track")], widget=Radios())
    milestones = forms.MultipleChoiceField(label="Milestones", choices=[(1, "One"), (2, "Two")], widget=Checkboxes())
    deadline = GovukDateField(label="Deadline")
    owner = forms.ChoiceField(label="Owner", choices=[("", "Choose"), ("priya", "Priya")])
    email = forms.EmailField(label="Email", widget=EmailInput())
    password = forms.CharField(label="Password", widget=PasswordInput())
    cost = forms.IntegerField(label="Cost", widget=TextInput(numeric=True))
    confirmed = forms.BooleanField(label="This file names no child")
    evidence = forms.FileField(label="File")


def typed(day: str, month: str, year: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"deadline-day": day, "deadline-month": month, "deadline-year": year})
    return data


@pytest.mark.parametrize("month", ["11", "Nov", "nov", "nov.", "November", "NOVEMBER", " 11 "])
def test_a_month_may_be_a_number_or_a_name(month):
    form = DeadlineForm(typed("27", month, "2026"))

    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"deadline": date(2026, 11, 27)}


@pytest.mark.parametrize(
    ("boxes", "message", "linked"),
    [
        (("", "", ""), "Enter a deadline", "day"),
        (("27", "", "2026"), "Enter a deadline that includes a month", "month"),
        (("27", "", ""), "Enter a deadline that includes a month and a year", "month"),
        (("31", "11", "2026"), "Enter a deadline that is a real date, such as 27 11 2026", "day"),
        (("27", "13", "2026"), "Enter a deadline that is a real date, such as 27 11 2026", "month"),
        (("27", "Novembre", "2026"), "Enter a deadline that is a real date, such as 27 11 2026", "month"),
        (("27", "Ju", "2026"), "Enter a deadline that is a real date, such as 27 11 2026", "month"),
        (("soon", "11", "2026"), "Enter a deadline that is a real date, such as 27 11 2026", "day"),
        (("²", "11", "2026"), "Enter a deadline that is a real date, such as 27 11 2026", "day"),
        (("27", "11", "26"), "Enter a deadline with a year of 4 numbers, such as 27 11 2026", "year"),
        (("27", "11", "0000"), "Enter a deadline that is a real date, such as 27 11 2026", "day"),
    ],
)
def test_a_wrong_date_is_told_as_an_instruction_and_linked_to_the_wrong_box(boxes, message, linked):
    form = DeadlineForm(typed(*boxes))

    assert form.error_list_for_summary == [(f"id_deadline-{linked}", message)]


def test_only_the_wrong_box_of_a_date_is_marked():
    html = DeadlineForm(typed("27", "", "2026"))["deadline"].as_field_group()

    assert html.count("govuk-input--error") == 1
    assert 'govuk-input--error govuk-input--width-2" id="id_deadline-month"' in html


def test_all_boxes_are_marked_when_a_change_refuses_the_date():
    form = DeadlineForm(typed("27", "11", "2026"))
    form.is_valid()
    form.add_error("deadline", "Choose a date after 30 November 2026.")

    html = form["deadline"].as_field_group()

    assert html.count("govuk-input--error") == 3
    assert form.error_list_for_summary == [("id_deadline-day", "Choose a date after 30 November 2026.")]


def test_what_was_typed_in_a_wrong_date_is_shown_again():
    html = str(DeadlineForm(typed("31", "Novembre", "2026"))["deadline"])

    assert 'value="31"' in html
    assert 'value="Novembre"' in html
    assert 'value="2026"' in html


def test_a_date_that_is_not_needed_may_stay_empty():
    class OptionalForm(GovukForm):
        deadline = GovukDateField(required=False)

    form = OptionalForm(typed("", "", ""))

    assert form.is_valid()
    assert form.cleaned_data == {"deadline": None}


def test_a_date_typed_as_it_was_has_not_changed():
    form = DeadlineForm(typed("2", "nov", "2026"), initial={"deadline": date(2026, 11, 2)})
    moved = DeadlineForm(typed("3", "nov", "2026"), initial={"deadline": date(2026, 11, 2)})

    assert not form.has_changed()
    assert moved.has_changed()


def test_an_author_may_word_the_errors_of_a_date():
    class WordedForm(GovukForm):
        deadline = GovukDateField(error_messages={"required": "Enter when the visit begins"})

    assert WordedForm(typed("", "", "")).error_list_for_summary == [("id_deadline-day", "Enter when the visit begins")]


class _Ids(HTMLParser):
    """Collects which elements have an id, and what the inputs are described by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}
        self.described_by: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if "id" in values:
            assert values["id"] not in self.tags, f"two elements have the id {values['id']}"
            self.tags[values["id"]] = tag
        self.described_by += (values.get("aria-describedby") or "").split()


def test_every_error_links_to_an_input_that_is_on_the_page():
    form = EveryKindForm({})

    page = _Ids(str(form))

    anchors = [anchor for anchor, message in form.error_list_for_summary]
    assert len(anchors) == len(form.fields)
    assert {page.tags.get(anchor) for anchor in anchors} == {"input", "select", "textarea"}


def test_every_input_is_described_by_something_on_the_page():
    form = EveryKindForm({})
    for field in form.fields.values():
        field.help_text = "A hint."

    page = _Ids(str(form))

    assert len(page.described_by) > 2 * len(form.fields)
    assert set(page.described_by) <= set(page.tags)


def test_errors_come_in_the_order_of_the_fields_and_the_forms_own_last():
    form = EveryKindForm({"reason": "x" * 11, "rating": "on", "milestones": ["1"]})
    form.add_error(None, "Someone else has just changed this action.")

    messages = form.error_list_for_summary

    assert messages[0] == ("id_reason", "Use 10 characters or fewer. You have used 11.")
    assert messages[1] == ("id_deadline-day", "Enter a date")
    assert messages[-1] == ("", "Someone else has just changed this action.")


def test_one_error_of_a_field_is_shown_at_a_time():
    form = DeadlineForm(typed("", "", ""))
    form.add_error("deadline", "Another error.")

    assert form["deadline"].as_field_group().count("govuk-error-message") == 1
    assert len(form.error_list_for_summary) == 1


def test_the_error_of_a_hidden_field_is_in_the_summary_without_a_link():
    class VersionForm(GovukForm):
        version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": "Load the page again"})

    form = VersionForm({})

    assert form.error_list_for_summary == [("", "Load the page again")]
    assert str(form).strip() == '<input type="hidden" name="version" id="id_version">'


def test_a_text_with_line_breaks_is_as_long_as_its_count_says():
    text = "12345\r\n789"
    form = EveryKindForm({"reason": f"{text}0"})

    assert "reason" not in form.errors
    assert form.cleaned_data["reason"] == "12345\n7890"[:10]


def test_no_box_cuts_what_is_pasted_into_it():
    class ShortForm(GovukForm):
        title = forms.CharField(max_length=5)
        reason = forms.CharField(max_length=5, widget=Textarea())

    html = str(ShortForm())

    assert " maxlength=" not in html
    assert 'data-maxlength="5"' in html


def test_browsers_do_not_check_a_form_before_it_is_sent():
    assert " required" not in str(EveryKindForm())


@pytest.mark.parametrize(
    ("widget", "ours"),
    [
        (forms.RadioSelect, "Radios"),
        (forms.CheckboxSelectMultiple, "Checkboxes"),
        (forms.Textarea, "Textarea"),
        (forms.SelectDateWidget, "DateBoxes"),
    ],
)
def test_widgets_that_break_links_or_counts_are_refused(widget, ours):
    class WrongForm(GovukForm):
        field = forms.Field(widget=widget)

    with pytest.raises(TypeError, match=rf"WrongForm.field: use govuk.forms.{ours}, not Django's {widget.__name__}"):
        WrongForm()["field"].as_field_group()


def test_labels_may_be_of_other_sizes_or_hidden():
    class LargeForm(DeadlineForm):
        label_size = "l"

    class HiddenForm(GovukForm):
        label_size = "hidden"
        value = forms.CharField(label="Assessments on time")

    assert 'class="govuk-fieldset__legend govuk-fieldset__legend--l"' in str(LargeForm())
    assert 'class="govuk-label govuk-visually-hidden"' in str(HiddenForm())


def test_two_forms_on_one_page_share_no_id():
    first, second = DeadlineForm(auto_id="id_3-4_%s"), DeadlineForm(auto_id="id_4-2_%s")

    assert not set(_Ids(str(first)).tags) & set(_Ids(str(second)).tags)


def test_what_people_type_is_escaped():
    form = EveryKindForm({"reason": "</textarea><script>", "email": '"><script>'})
    form.add_error("reason", "<script>")

    assert "<script>" not in str(form)
