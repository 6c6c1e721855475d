"""No page takes a text that is not looked through for a child: every form is found here by itself."""

import importlib
import re
from collections.abc import Iterator

import pytest
from django import forms

from accounts.free_text import SCREEN
from tests.architecture.source import files, module_of, templates
from tracker.actions.models import Action
from tracker.govuk.forms import GovukForm, TextInput

A_POSTCODE = "NN1 2AB"

# Texts that are typed and not looked through, each for a reason.
NOT_SCREENED = {
    "ActionFilterForm.words": "words looked for in a list, never saved",
}
# What a form is given by its page, for those whose own cleaning asks for it.
GIVEN = {"CancelForm": {"others": Action.objects.none}}


def every_form() -> list[type[forms.BaseForm]]:
    """Every form of the product, wherever it is written."""
    for path in files():
        if "migrations" not in path.parts and path.name != "wsgi.py":
            importlib.import_module(module_of(path).removesuffix(".__init__"))
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if one.__module__.split(".")[0] in {"accounts", "seeds", "tracker"}:
                found.add(one)
    return sorted(found, key=lambda form: (form.__module__, form.__qualname__))


FORMS = every_form()


def texts() -> Iterator[tuple[type[forms.BaseForm], str]]:
    for form in FORMS:
        for name, field in form.base_fields.items():
            is_typed = isinstance(field.widget, forms.TextInput | forms.Textarea)
            is_secret = isinstance(field.widget, forms.PasswordInput | forms.HiddenInput) or (
                field.widget.attrs.get("autocomplete") == "one-time-code"  # Compared, and never kept.
            )
            is_text = isinstance(field, forms.CharField) and not isinstance(field, forms.EmailField)
            if is_typed and is_text and not is_secret:
                yield form, name


TEXTS = list(texts())


def errors_for(form: type[forms.BaseForm], name: str, text: str) -> list[str]:
    """Return what a form says of a text in one field, whatever the form is otherwise given."""
    one = form.__new__(form)
    forms.BaseForm.__init__(one, {name: text})
    one.fields = {name: one.fields[name]}
    vars(one).update({key: make() for key, make in GIVEN.get(form.__name__, {}).items()})
    one.cleaned_data, one._errors = {}, forms.utils.ErrorDict()
    one._clean_fields()
    return list(one._errors.get(name, []))


def test_every_form_is_found():
    names = {form.__name__ for form in FORMS}

    assert {"SignInForm", "ProgressUpdateForm", "InterventionForm", "FindingForm", "PlanForm", "LinkForm"} <= names
    assert len(TEXTS) > 60


def test_every_form_is_one_whose_texts_are_looked_through():
    assert [form for form in FORMS if not issubclass(form, GovukForm)] == []
    assert GovukForm.screen is SCREEN
    assert [form for form in FORMS if form.screen is not SCREEN] == []


@pytest.mark.parametrize(("form", "name"), TEXTS, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.django_db
def test_a_text_that_may_identify_a_child_is_stopped_in_every_field(form, name):
    said = errors_for(form, name, A_POSTCODE)

    if f"{form.__name__}.{name}" in NOT_SCREENED:
        assert said == []
    else:  # It is stopped by the screen, or was never a text that this field takes.
        assert said


@pytest.mark.django_db
def test_nearly_all_of_them_are_stopped_by_the_screen_itself():
    stopped = [(form, name) for form, name in TEXTS if SCREEN.error in errors_for(form, name, A_POSTCODE)]
    others = {f"{form.__name__}.{name}" for form, name in TEXTS if (form, name) not in stopped}

    # References and addresses, which are looked up or take no spaces.
    assert others == {
        "ActionFilterForm.words",
        "ActionForm.reference",
        "AnswerForm.others",
        "CancelForm.replaced_by",
        "FindingForm.actions",
        "ChangeFindingForm.actions",
        "NewPlanForm.reference",
        "ReportForm.page",
    }


def test_a_form_that_leaves_a_text_out_fails_here():
    class LeavesItOut(GovukForm):
        not_screened = frozenset({"note"})
        note = forms.CharField(widget=TextInput())

    assert errors_for(LeavesItOut, "note", A_POSTCODE) == []


def test_nothing_is_typed_outside_of_forms():
    """A box written into a template by hand is one to look for things, or one to copy from."""
    typed = re.compile(r"<(?:textarea|input)\b[^>]*>")
    found = [
        f"{path}: {box}"
        for path in templates()
        if path.suffix == ".html" and "govuk/forms" not in path.as_posix()
        for box in typed.findall(path.read_text())
        if "readonly" not in box and not re.search(r'type="(hidden|search|checkbox|radio)"|name="q"', box)
    ]

    assert found == []
