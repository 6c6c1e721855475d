"""The filters above lists, the forms about inspectors' access, and the days that are looked back to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.free_text import NO_CHILD, reason_field
from tracker.actions.rules import BAR_ORDER, CLOSE_WORKING_DAYS, Difference, Status
from tracker.govuk.forms import BOXES, Checkboxes, EmailInput, GovukDateField, GovukForm, Radios, TextInput

Choices = Iterable[tuple[str, str]]

ANY_TIME = "any"
CLOSE, VISIT, BOARD = "10", "visit", "board"
DUE = {
    ANY_TIME: "Any time",
    VISIT: "Before the next visit",
    BOARD: "Before the next board",
    CLOSE: f"In the next {CLOSE_WORKING_DAYS} working days",
}
NOBODY = "none"
WORST_FIRST = (*reversed(BAR_ORDER), Status.CANCELLED)


class LongSelect(forms.Select):
    """A select whose options are written in one go: Django's own takes a template for each, 10 ms for 200 owners."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = [
            f'<option value="{escape(key)}"{" selected" if key in chosen else ""}>{escape(label)}</option>'
            for key, label in self.choices
        ]
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            SafeString("".join(options)),
        )


@dataclass(frozen=True)
class Options:
    """What the selects of the filter offer: (value, label), in order.

    Without priorities, as for the actions of several plans, a number is typed.
    """

    owners: Choices = ()
    agencies: Choices = ()
    priorities: Choices | None = None
    recommendations: Choices = ()


@dataclass(frozen=True)
class Filters:
    """What is asked for; a filter that is empty asks for nothing. `until` is the last day of `due`."""

    due: str = ""
    until: date | None = None
    statuses: tuple[str, ...] = ()
    owner: str = ""
    agency: str = ""
    priority: int | None = None
    recommendation: str = ""
    differences: tuple[str, ...] = ()
    is_moved: bool = False
    is_late_against_first: bool = False
    is_doubtful: bool = False
    is_restricted: bool = False
    words: str = ""


class PriorityNumberField(forms.IntegerField):
    def __init__(self) -> None:
        wrong = "Enter the number of a priority, such as 3"
        super().__init__(
            label="Priority number",
            required=False,
            min_value=1,
            max_value=999,
            widget=TextInput(width=3, numeric=True),
            error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
        )


class ActionFilterForm(GovukForm):
    """The filters of a list of actions, read from the address; what it does not know is left unread.

    `until` gives the last day of each choice of `due`, or None where none is known.
    """

    due = forms.ChoiceField(
        label="Due",
        required=False,
        choices=list(DUE.items()),
        widget=Radios(small=True),
        error_messages={"invalid_choice": "Select when it is due"},
    )
    status = forms.MultipleChoiceField(
        label="Status",
        required=False,
        choices=[(status.value, status.label) for status in WORST_FIRST],
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select a status from the list"},
    )
    owner = forms.ChoiceField(
        label="Owner",
        required=False,
        widget=LongSelect,
        error_messages={"invalid_choice": "Select an owner from the list"},
    )
    words = forms.CharField(
        label="Words",
        required=False,
        max_length=100,
        error_messages={"null_characters_not_allowed": "Enter words without special characters"},
    )
    agency = forms.ChoiceField(
        label="Partner agency",
        required=False,
        widget=LongSelect,
        error_messages={"invalid_choice": "Select a partner agency from the list"},
    )
    priority = forms.ChoiceField(
        label="Priority",
        required=False,
        widget=LongSelect,
        error_messages={"invalid_choice": "Select a priority from the list"},
    )
    recommendation = forms.ChoiceField(
        label="Recommendation",
        required=False,
        widget=LongSelect,
        error_messages={"invalid_choice": "Select a recommendation from the list"},
    )
    difference = forms.MultipleChoiceField(
        label="Difference for children",
        required=False,
        choices=Difference.choices,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select a difference from the list"},
    )
    moved = forms.MultipleChoiceField(
        label="Deadline",
        required=False,
        choices=[("yes", "Moved since first agreed")],
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select “Moved since first agreed” or leave it empty"},
    )

    late = forms.MultipleChoiceField(
        label="Date first agreed",
        required=False,
        choices=[("first-agreed", "Late against the date first agreed")],
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select “Late against the date first agreed” or leave it empty"},
    )
    check = forms.MultipleChoiceField(
        label="Rating",
        required=False,
        choices=[("rating", "To be checked: a visit repeated the finding")],
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select “To be checked” or leave it empty"},
    )
    restricted = forms.MultipleChoiceField(
        label="Restricted",
        required=False,
        choices=[("yes", "Restricted only")],
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select “Restricted only” or leave it empty"},
    )

    not_screened = frozenset({"words"})  # Looked for, never saved.

    always_shown = ("due", "status", "owner", "words")
    folded = ("agency", "priority", "recommendation", "difference", "moved", "late", "check", "restricted")

    def __init__(self, query: QueryDict, *, options: Options, until: Callable[[str], date | None]) -> None:
        data = query.copy()
        data.setdefault("due", ANY_TIME)
        super().__init__(data)
        self.until = until
        anyone = [("", "Anyone"), (NOBODY, "No owner")]
        for name, choices in (
            ("owner", [*anyone, *options.owners]),
            ("agency", [("", "Any"), *options.agencies]),
            ("priority", [("", "Any"), *(options.priorities or ())]),
            ("recommendation", [("", "Any"), *options.recommendations]),
        ):
            self.fields[name].choices = choices
        if options.priorities is None:
            self.fields["priority"] = PriorityNumberField()

    def clean_due(self) -> str:
        due = self.cleaned_data["due"]
        if due in (VISIT, BOARD) and self.until(due) is None:
            what = "visit" if due == VISIT else "board"
            raise ValidationError(f"Select another time: the day of the next {what} is not known")
        return "" if due == ANY_TIME else due

    def filters(self) -> Filters:
        """Return what is asked for, leaving out what could not be read."""
        self.is_valid()
        data = self.cleaned_data
        due = data.get("due", "")
        return Filters(
            due=due,
            until=self.until(due) if due else None,
            statuses=tuple(data.get("status", ())),
            owner=data.get("owner", ""),
            agency=data.get("agency", ""),
            priority=int(data["priority"]) if data.get("priority") else None,
            recommendation=data.get("recommendation", ""),
            differences=tuple(data.get("difference", ())),
            is_moved=bool(data.get("moved")),
            is_late_against_first=bool(data.get("late")),
            is_doubtful=bool(data.get("check")),
            is_restricted=bool(data.get("restricted")),
            words=data.get("words", ""),
        )

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Put beside each status how many there are; cancelled actions only where there are any."""
        chosen = self.data.getlist("status")
        self.fields["status"].choices = [
            (status.value, f"{status.label} ({counts.get(status, 0):,})")
            for status in WORST_FIRST
            if status != Status.CANCELLED or counts.get(status) or status.value in chosen
        ]

    def label_of(self, name: str, value: str) -> str:
        """Return the words of a choice."""
        choices = getattr(self.fields[name], "choices", ())
        return next((label for key, label in choices if str(key) == value), value)

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.folded]

    @property
    def is_unfolded(self) -> bool:
        """Whether a filter of the folded part is in use or in error."""
        return any(self.data.get(name) or name in self.errors for name in self.folded)


# Inspectors


class AccessForm(GovukForm):
    """An inspector's days and what they may see. Its fields bear the names of `accounts.changes.change_access`."""

    starts_on = GovukDateField(thing="the first day of access", label="First day")
    ends_on = GovukDateField(
        thing="the last day of access",
        label="Last day",
        help_text="Their access ends at the end of this day. It can be ended before, at once.",
    )
    scope = forms.ChoiceField(
        label="What may they see?",
        help_text="Restricted items and drafts are never shown to inspectors; they are counted.",
        widget=Radios(),
        error_messages={"required": "Select what they may see", "invalid_choice": "Select what they may see"},
    )

    def __init__(self, *args: Any, scopes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = list(scopes)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        kind, _, reference = given.pop("scope", "").partition(":")
        given["only_plan"] = reference if kind == "plan" else ""
        given["only_visit"] = reference if kind == "visit" else ""
        return given


class GiveAccessForm(AccessForm):
    """Its fields bear the names of `accounts.changes.give_access`."""

    email = forms.EmailField(
        label="Email address",
        widget=EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter an email address"},
    )
    name = forms.CharField(
        label="Full name",
        max_length=200,
        widget=TextInput({"autocomplete": "off"}),
        error_messages={"required": "Enter their full name"},
    )
    field_order = ["email", "name", "starts_on", "ends_on", "scope"]


class ChangeAccessForm(AccessForm):
    reason = reason_field("Why is it changed?", "Enter why it is changed", hint=NO_CHILD)


class EndAccessForm(GovukForm):
    reason = reason_field("Why does it end?", "Enter why it ends", hint=NO_CHILD)


class OpenedPagesForm(GovukForm):
    """The filters of the record of pages that inspectors opened, read from the address."""

    who = forms.ChoiceField(
        label="Inspector", required=False, error_messages={"invalid_choice": "Select an inspector from the list"}
    )
    words = forms.CharField(label="Words in the title or address", required=False, max_length=100, widget=TextInput())
    first_on = GovukDateField(thing="the first day", label="From", required=False)
    last_on = GovukDateField(thing="the last day", label="To", required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [("", "Any"), *people]

    def clean_words(self) -> str:
        return self.cleaned_data["words"].replace("\x00", "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("first_on"), given.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", "Enter a last day that is not before the first")
        return given


class PackForm(GovukForm):
    """What a pack for a visit is of, and whom it is for."""

    plan = forms.ModelChoiceField(
        label="Plan",
        queryset=None,
        empty_label=None,
        error_messages={"required": "Select a plan", "invalid_choice": "Select a plan from the list"},
    )
    audience = forms.CharField(
        label="Who is it for?",
        help_text="It is printed on the pack. For example, Ofsted, for the visit on 9 and 10 June 2026.",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter who the pack is for"},
    )

    def __init__(self, *args: Any, plans: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = plans


# Days that are looked back to


def with_boxes(query: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return what an address says of some days: boxes as typed, and a day written as 2026-09-01 put into its boxes."""
    said: dict[str, str] = {}
    for name in names:
        boxes = {f"{name}-{box}": query[f"{name}-{box}"] for box in BOXES if f"{name}-{box}" in query}
        if not boxes and name in query:
            year, _, rest = query[name].partition("-")
            month, _, day = rest.partition("-")
            boxes = dict(zip((f"{name}-{box}" for box in BOXES), (day, month, year), strict=True))
        said |= boxes
    return said


class _LookingBackForm(GovukForm):
    """Days from the first that is recorded to today, or to the day before it."""

    def __init__(self, *args: Any, first: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_day, self.today = first, today

    def refuse_unrecorded(self, name: str) -> None:
        day = self.cleaned_data.get(name)
        if day is None:
            return
        if day > self.today:
            self.add_error(name, f"{day:%-d %B %Y} has not come yet. Enter today or a day before it")
        elif day < self.first_day:
            self.add_error(name, f"Enter {self.first_day:%-d %B %Y} or a later day: nothing is recorded before it")


class ChooseDayForm(_LookingBackForm):
    """The day at whose end the plan is to be shown."""

    on = GovukDateField(label="Which day?", help_text="For example, 1 9 2026", thing="a day")

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.refuse_unrecorded("on")
        return self.cleaned_data


class CompareDaysForm(_LookingBackForm):
    """Two days whose ends are compared, read from the address."""

    first = GovukDateField(label="From the end of", thing="the first day")
    second = GovukDateField(label="To the end of, or to now", thing="the second day")

    # As in the address of a comparison of versions.
    def add_prefix(self, field_name: str) -> str:
        return {"first": "from", "second": "to"}.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in ("first", "second"):
            self.refuse_unrecorded(name)
        first, second = self.cleaned_data.get("first"), self.cleaned_data.get("second")
        if first and second and first == second:
            self.add_error("second", "Enter two different days")
        elif first and second and first > second:
            self.add_error("second", f"Enter a day after {first:%-d %B %Y}")
        return self.cleaned_data
