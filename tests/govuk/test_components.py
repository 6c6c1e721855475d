"""Our fields and components against the examples that govuk-frontend ships."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import format_html

from tests.govuk.html import element, parts
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, PasswordInput, Radios, Textarea, TextInput
from tracker.govuk.pagination import PageItem, Pages

FIXTURES = json.loads((Path(__file__).parent / "fixtures" / "govuk-frontend.json").read_text())


def cases(*components: str) -> list[Any]:
    return [
        pytest.param(component, case["options"], case["html"], id=f"{component}: {case['name']}")
        for component in components
        for case in FIXTURES["components"][component]
    ]


def text(options: dict[str, Any], key: str) -> str:
    return options.get(key, {}).get("text", "")


def a_field(component: str, options: dict[str, Any]) -> forms.Field:
    """Return the field that an author would write for the example."""
    named = options.get("fieldset", {}).get("legend") or options["label"]
    common = {"label": named["text"], "help_text": text(options, "hint"), "required": False}
    items = options.get("items", [])
    choices = [(str(item["value"]), item["text"]) for item in items]
    hints = {item["value"]: item["hint"]["text"] for item in items if "hint" in item}
    classes = options.get("classes", "")
    match component:
        case "input":
            width = int(classes.rpartition("-")[2]) if "width" in classes else None
            attrs = {"inputmode": options["inputmode"]} if "inputmode" in options else {}
            widget = TextInput(attrs, width=width, prefix=text(options, "prefix"), suffix=text(options, "suffix"))
            return forms.CharField(widget=widget, **common)
        case "textarea" | "character-count":
            widget = Textarea(rows=options.get("rows", 5))
            return forms.CharField(widget=widget, max_length=options.get("maxlength"), **common)
        case "radios":
            widget = Radios(small="small" in classes, inline="inline" in classes, hints=hints)
            return forms.ChoiceField(widget=widget, choices=choices, **common)
        case "checkboxes":
            widget = Checkboxes(small="small" in classes, hints=hints)
            return forms.MultipleChoiceField(widget=widget, choices=choices, **common)
        case "select":
            return forms.ChoiceField(choices=choices, **common)
        case "date-input":
            return GovukDateField(**common)
        case "password-input":
            widget = PasswordInput(autocomplete=options.get("autocomplete", "current-password"))
            return forms.CharField(widget=widget, **common)
    raise AssertionError(component)


def a_value(options: dict[str, Any]) -> Any:
    if "values" in options:
        return date(*(options["values"][box] for box in ("year", "month", "day")))
    return options.get("value") or next(
        (item["value"] for item in options.get("items", []) if item.get("checked")), None
    )


class FieldAsShipped(GovukForm):
    label_size = ""


@pytest.mark.parametrize(
    ("component", "options", "expected"),
    cases("input", "textarea", "character-count", "radios", "checkboxes", "select", "date-input", "password-input"),
)
def test_a_field_is_drawn_as_govuk_frontend_draws_it(component, options, expected):
    name = options.get("idPrefix") or options.get("id") or options["name"]
    form_class = type("Form", (FieldAsShipped,), {name: a_field(component, options)})
    if "errorMessage" in options:
        value = a_value(options)
        form = form_class({name: value} if value else {}, auto_id="%s")
        boxes = tuple(box for box in ("day", "month", "year") if box in options)
        form.add_error(
            name, ValidationError(options["errorMessage"]["text"], params={"boxes": boxes} if boxes else None)
        )
    else:
        form = form_class(initial={name: a_value(options)}, auto_id="%s")

    drawn = form[name].as_field_group()

    # A name of a field is also its id here, and the boxes of a date bear the name of the field.
    expected = expected.replace(f'name="{options.get("name")}"', f'name="{name}"')
    for box in ("day", "month", "year"):
        expected = expected.replace(f'name="{box}"', f'name="{name}-{box}"')
    # An option that GOV.UK greys out: a select of ours never has one.
    expected = expected.replace(" disabled>", ">")
    assert parts(drawn) == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("error-summary"))
def test_the_error_summary_is_drawn_as_govuk_frontend_draws_it(component, options, expected):
    errors = [(item.get("href", "").removeprefix("#"), item["text"]) for item in options["errorList"]]

    drawn = render_to_string("govuk/components/error_summary.html", {"errors": errors})

    assert parts(drawn) == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("notification-banner"))
def test_a_banner_is_drawn_as_govuk_frontend_draws_it(component, options, expected):
    class Message(SimpleNamespace):
        def __str__(self) -> str:
            return options["text"]

    message = Message(level_tag=options.get("type", "info"))

    drawn = render_to_string("govuk/components/notification_banner.html", {"message": message})

    assert parts(drawn) == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("pagination"))
def test_pagination_is_drawn_as_govuk_frontend_draws_it(component, options, expected):
    pages = Pages(
        items=tuple(
            PageItem(item.get("number"), item.get("href", ""), item.get("current", False))
            for item in options.get("items", [])
        ),
        previous_url=options.get("previous", {}).get("href", ""),
        next_url=options.get("next", {}).get("href", ""),
    )

    drawn = render_to_string("govuk/components/pagination.html", {"pages": pages})

    assert parts(drawn) == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("breadcrumbs"))
def test_breadcrumbs_are_drawn_as_govuk_frontend_draws_them(component, options, expected):
    crumbs = [SimpleNamespace(label=item["text"], url=item["href"]) for item in options["items"] if "href" in item]
    here = next((item["text"] for item in options["items"] if "href" not in item), "")

    drawn = render_to_string("govuk/components/breadcrumbs.html", {"crumbs": crumbs, "here": here})

    assert parts(drawn) == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("details"))
def test_details_are_drawn_as_govuk_frontend_draws_them(component, options, expected):
    context = {"summary": options["summaryText"], "text": options["text"]}

    drawn = render_to_string("govuk/components/details.html", context)

    assert parts(drawn) == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("task-list"))
def test_rows_of_a_task_list_are_drawn_as_govuk_frontend_draws_them(component, options, expected):
    rows = ""
    for number, item in enumerate(options["items"], start=1):
        status = text(item, "status") or format_html(
            '<strong class="govuk-tag {}">{}</strong>', item["status"]["tag"]["classes"], item["status"]["tag"]["text"]
        )
        context = {
            "id": f"task-list-{number}",
            "name": item["title"]["text"],
            "url": item.get("href", ""),
            "hint": text(item, "hint"),
            "status": status,
        }
        rows += render_to_string("govuk/components/task_list_row.html", context)

    # A row that cannot be started yet is grey in GOV.UK's example; our status says so in words.
    expected = expected.replace(" govuk-task-list__status--cannot-start-yet", "")
    assert parts(f'<ul class="govuk-task-list">{rows}</ul>') == parts(expected)


@pytest.mark.parametrize(("component", "options", "expected"), cases("service-navigation"))
def test_the_navigation_is_drawn_as_govuk_frontend_draws_it(component, options, expected):
    frame = SimpleNamespace(
        service_name=options["serviceName"],
        home_url=options["serviceUrl"],
        navigation=[
            SimpleNamespace(label=item["text"], url=item["href"], is_current=item.get("active", False))
            for item in options["navigation"]
        ],
    )

    page = render_to_string("govuk/layout.html", {"frame": frame})

    assert parts(element(page, "<section", "</section>")) == parts(expected)


def test_the_examples_are_of_the_version_in_use():
    pins = json.loads((Path(__file__).parents[2] / "deploy" / "frontend" / "package.json").read_text())["dependencies"]

    assert f"govuk-frontend {pins['govuk-frontend']}:" in FIXTURES["source"]
