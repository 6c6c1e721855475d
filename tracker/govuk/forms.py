"""Forms whose fields are drawn as GOV.UK components.

A template says `{{ form.reason.as_field_group }}` and gets label, hint, error and input.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt

TOO_LONG = "Use %(limit_value)d characters or fewer. You have used %(show_value)d."
BOXES = ("day", "month", "year")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


class TextInput(forms.TextInput):
    """A text box as wide as what goes in it: `width` is a number of characters (2, 3, 4, 5, 10, 20 or 30).

    `numeric` brings up the number keys of a phone; use it for whole numbers in place of Django's NumberInput.
    """

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        width: int | None = None,
        numeric: bool = False,
        prefix: str = "",
        suffix: str = "",
    ) -> None:
        super().__init__(attrs)
        self.prefix = prefix
        self.suffix = suffix
        if width:
            self.attrs["class"] = f"govuk-input--width-{width}"
        if numeric:
            self.attrs["inputmode"] = "numeric"


class EmailInput(forms.EmailInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "email", "spellcheck": "false", **(attrs or {})})


class PasswordInput(forms.PasswordInput):
    """A password box with a Show button; `autocomplete` is "new-password" where one is chosen."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, autocomplete: str = "current-password") -> None:
        super().__init__({"autocomplete": autocomplete, **(attrs or {})})


class Textarea(forms.Textarea):
    """A text area. With `max_length` on its field it counts characters while someone types."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, rows: int = 5) -> None:
        super().__init__({"rows": rows, "cols": False, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        # Browsers send two characters for a new line and count one: a text at the limit would be refused.
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class Radios(forms.RadioSelect):
    """Radio buttons in a fieldset. `hints` gives a line under some options, by value."""

    template_name = "govuk/forms/choices.html"
    block = "govuk-radios"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        small: bool = False,
        inline: bool = False,
        hints: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(attrs, choices)
        self.small = small
        self.inline = inline
        self.hints = hints or {}

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        # The first option bears the plain id, so that the error summary's link lands on it.
        if index is None:
            return ""
        return id_ if index == "0" else f"{id_}-{int(index) + 1}"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        if option["hint"]:
            option["hint_id"] = f"{option['attrs']['id']}-item-hint"
            option["attrs"]["aria-describedby"] = option["hint_id"]
        option["flat_attrs"] = flatatt(option["attrs"])
        return option

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        classes = [self.block]
        if self.small:
            classes.append(f"{self.block}--small")
        if self.inline:
            classes.append(f"{self.block}--inline")
        context["widget"]["block"] = self.block
        context["widget"]["classes"] = " ".join(classes)
        return context


class Checkboxes(Radios, forms.CheckboxSelectMultiple):
    """Check boxes in a fieldset, for a MultipleChoiceField."""

    template_name = "govuk/forms/choices.html"
    block = "govuk-checkboxes"


class DateBoxes(forms.Widget):
    """Three boxes for a day, a month and a year; its value is the three texts as typed."""

    template_name = "govuk/forms/date_boxes.html"
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, ...]:
        return tuple(data.get(f"{name}-{box}", "").strip() for box in BOXES)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}-{box}" in data for box in BOXES)

    def format_value(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, date):
            return (value.day, value.month, value.year)
        return tuple(value) if value else ("", "", "")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        wrong = widget["attrs"].pop("boxes_in_error", ())
        widget["boxes"] = [
            {
                "id": f"{widget['attrs']['id']}-{box}",
                "name": f"{name}-{box}",
                "label": box.capitalize(),
                "value": text,
                "in_error": box in wrong,
                "width": 4 if box == "year" else 2,
            }
            for box, text in zip(BOXES, widget["value"], strict=True)
        ]
        return context


class GovukDateField(forms.Field):
    """A date typed in three boxes; the month may be a number, "Nov" or "november".

    `thing` completes the errors, with its article: "a deadline" gives "Enter a deadline".
    Cleans to a date, or None when empty and not required.
    """

    widget = DateBoxes

    def __init__(self, *, thing: str = "a date", example: str = "27 11 2026", **kwargs: Any) -> None:
        errors = {
            "required": f"Enter {thing}",
            "incomplete": f"Enter {thing} that includes a %(missing)s",
            "year": f"Enter {thing} with a year of 4 numbers, such as {example}",
            "invalid": f"Enter {thing} that is a real date, such as {example}",
        }
        kwargs["error_messages"] = {**errors, **kwargs.get("error_messages", {})}
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        missing = [box for box, text in zip(BOXES, value, strict=True) if not text]
        if len(missing) == len(BOXES):
            return None
        if missing:
            raise self.error("incomplete", missing, missing=" and a ".join(missing))
        day, month, year = whole_number(value[0]), month_number(value[1]), whole_number(value[2])
        unread = [box for box, number in zip(BOXES, (day, month, year), strict=True) if number is None]
        if day is None or month is None or year is None:
            raise self.error("invalid", unread)
        if len(value[2]) != 4:
            raise self.error("year", ["year"])
        try:
            return date(year, month, day)
        except ValueError:
            raise self.error("invalid", BOXES if 1 <= month <= 12 else ["month"]) from None

    def error(self, code: str, boxes: Sequence[str], **params: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params={"boxes": tuple(boxes), **params})


def whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def month_number(text: str) -> int | None:
    """Return 11 for "11", "Nov", "nov." or "November"; None for what is no month."""
    if (number := whole_number(text)) is not None:
        return number
    name = text.casefold().removesuffix(".")
    if len(name) < 3:
        return None
    return next((n for n, month in enumerate(MONTHS, start=1) if month.startswith(name)), None)


class GovukBoundField(forms.BoundField):
    """A field as its templates need it: ids, classes, the one error shown and where the summary links to."""

    form: "GovukForm"

    # Django's own widgets that give ids, counts or boxes the error summary and the count cannot use.
    refused = {
        forms.CheckboxSelectMultiple: Checkboxes,
        forms.RadioSelect: Radios,
        forms.SelectDateWidget: DateBoxes,
        forms.Textarea: Textarea,
    }

    def __init__(self, form: "GovukForm", field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if ours := self.refused.get(type(field.widget)):
            raise TypeError(
                f"{type(form).__name__}.{name}: use govuk.forms.{ours.__name__}, "
                f"not Django's {type(field.widget).__name__}."
            )

    @property
    def template_name(self) -> str:
        if self.field.template_name:
            return self.field.template_name
        if self.is_hidden:
            return "govuk/forms/hidden.html"
        if isinstance(self.field.widget, forms.CheckboxInput):
            return "govuk/forms/checkbox.html"
        if self.use_fieldset:
            return "govuk/forms/fieldset.html"
        return "govuk/forms/field.html"

    @property
    def hint_id(self) -> str:
        return f"{self.auto_id}-hint"

    @property
    def error_id(self) -> str:
        return f"{self.auto_id}-error"

    @property
    def info_id(self) -> str:
        return f"{self.auto_id}-info"

    @property
    def first_error(self) -> str:
        """The error shown: one at a time, as the summary does."""
        return str(self.errors[0]) if self.errors else ""

    @property
    def boxes_in_error(self) -> tuple[str, ...]:
        """Which of the three boxes of a date are wrong; all of them when the error does not say."""
        if not self.errors:
            return ()
        params = self.errors.as_data()[0].params or {}
        return params.get("boxes", BOXES)

    @property
    def error_anchor(self) -> str:
        """The id of the input that the error summary links to; nothing for a hidden field."""
        if self.is_hidden:
            return ""
        if self.is_date:
            return f"{self.auto_id}-{self.boxes_in_error[0]}"
        return self.auto_id

    @property
    def counts_up_to(self) -> int | None:
        """How many characters a text area takes, where it counts them."""
        if isinstance(self.field.widget, Textarea):
            return getattr(self.field, "max_length", None)
        return None

    @property
    def is_password(self) -> bool:
        return isinstance(self.field.widget, forms.PasswordInput)

    @property
    def is_date(self) -> bool:
        return isinstance(self.field.widget, DateBoxes)

    @property
    def label_class(self) -> str:
        return self.sized("govuk-label")

    @property
    def legend_class(self) -> str:
        return self.sized("govuk-fieldset__legend")

    def sized(self, block: str) -> str:
        size = self.form.label_size
        if size == "hidden":
            return f"{block} govuk-visually-hidden"
        return f"{block} {block}--{size}" if size else block

    @property
    def aria_describedby(self) -> str | None:
        if self.is_hidden or not self.auto_id or self.field.widget.attrs.get("aria-describedby"):
            return None
        ids = []
        if self.counts_up_to:
            ids.append(self.info_id)
        if self.help_text:
            ids.append(self.hint_id)
        if self.errors:
            ids.append(self.error_id)
        return " ".join(ids)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        attrs.pop("aria-invalid", None)
        if widget.is_hidden:
            return attrs
        if isinstance(widget, DateBoxes):
            attrs["boxes_in_error"] = self.boxes_in_error
            return attrs
        # A browser's own limit would silently lose the end of a pasted text; the form says what is too long.
        attrs["maxlength"] = False
        if self.is_password:
            attrs.update(spellcheck="false", autocapitalize="none")
        attrs["class"] = self.input_class(widget)
        return attrs

    def input_class(self, widget: forms.Widget) -> str:
        if isinstance(widget, Radios):
            return f"{widget.block}__input"
        if isinstance(widget, forms.CheckboxInput):
            return "govuk-checkboxes__input"
        block = "govuk-input"
        if isinstance(widget, forms.Textarea):
            block = "govuk-textarea"
        elif isinstance(widget, forms.Select):
            block = "govuk-select"
        elif isinstance(widget, forms.FileInput):
            block = "govuk-file-upload"
        classes = [block]
        if self.counts_up_to:
            classes.append("govuk-js-character-count")
        if self.is_password:
            classes.append("govuk-password-input__input govuk-js-password-input-input")
        if self.errors:
            classes.append(f"{block}--error")
        if extra := widget.attrs.get("class"):
            classes.append(extra)
        return " ".join(classes)


class GovukRenderer(TemplatesSetting):
    form_template_name = "govuk/forms/form.html"
    bound_field_class = GovukBoundField


@dataclass(frozen=True)
class Screen:
    """What the free texts of every form are looked through for, before anything is saved.

    `find` returns what a text seems to hold, in words; `hint` says so, from those words. `keep` is told why someone
    says that it may stay, by a form whose own change does not take that.
    """

    find: Callable[[str], list[str]]
    error: str
    label: str
    hint: Callable[[list[str]], str]
    keep: Callable[[str], None]


WHY_SAFE = "safe_because"


class GovukForm(forms.Form):
    """A form drawn as GOV.UK components. Say every error in the field's `error_messages`, as an instruction.

    `label_size` is "s", "m", "l", "" for plain labels, or "hidden" for inputs named by a table's headings.
    Every text that people may type freely goes through the `screen`, where one is set: it stops once, and asks why
    the text may stay. Name in `not_screened` the fields that hold no such text, such as words looked for. A form
    that `takes_why_safe` hands the answer on among its data, as `safe_because`; else the screen keeps it.
    """

    default_renderer = GovukRenderer()
    use_required_attribute = False
    label_size = "s"
    screen: ClassVar[Screen | None] = None
    not_screened: ClassVar[frozenset[str]] = frozenset()
    takes_why_safe: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages.setdefault("max_length", TOO_LONG)
            if isinstance(field, forms.EmailField):
                field.error_messages.setdefault(
                    "invalid", "Enter an email address in the correct format, like name@example.com"
                )

    def free_texts(self) -> list[str]:
        """Return the names of the fields in which someone may type what they like."""
        return [
            name
            for name, field in self.fields.items()
            if isinstance(field, forms.CharField)
            and not isinstance(field, forms.EmailField)
            and not isinstance(field.widget, forms.PasswordInput)
            and not field.widget.is_hidden
            and name not in self.not_screened
        ]

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        if self.screen is not None:
            self._look_through(self.screen)

    def _look_through(self, screen: Screen) -> None:
        """Stop at a text that seems to hold what it must not, until someone says why it may stay."""
        texts = {name: self.cleaned_data.get(name) for name in self.free_texts()}
        found = {name: screen.find(text) for name, text in texts.items() if isinstance(text, str)}
        found = {name: things for name, things in found.items() if things}
        why = self._ask_why_safe(screen, found) if found else ""
        if self.takes_why_safe:
            self.cleaned_data[WHY_SAFE] = why
        elif why:
            screen.keep(why)
        if not why:
            for name in found:
                self.add_error(name, screen.error)

    def _ask_why_safe(self, screen: Screen, found: Mapping[str, list[str]]) -> str:
        """Put the question under the last text it is about, and return what was answered, or ""."""
        things = sorted({thing for one in found.values() for thing in one})
        asked = forms.CharField(
            label=screen.label,
            help_text=screen.hint(things),
            required=False,
            max_length=200,
            widget=TextInput(),
            error_messages={"max_length": TOO_LONG},
        )
        names = list(self.fields)
        after = max(names.index(name) for name in found) + 1
        self.fields[WHY_SAFE] = asked
        self.order_fields([*names[:after], WHY_SAFE, *names[after:]])
        try:
            return asked.clean(self[WHY_SAFE].data)
        except ValidationError as refusal:
            self.add_error(WHY_SAFE, refusal)
            return ""

    @property
    def error_list_for_summary(self) -> list[tuple[str, str]]:
        """The id to link to and the message of each error, in the order of the fields, then the whole form's.

        The id is empty where there is nothing to link to.
        """
        pairs = [(field.error_anchor, field.first_error) for field in self if field.errors]
        return pairs + [("", str(error)) for error in self.non_field_errors()]
