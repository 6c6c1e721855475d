"""What stands around a page, with and without a frame."""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string

from tests.govuk.html import element, parts
from tracker.govuk.forms import GovukForm

ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


class ReasonForm(GovukForm):
    reason = forms.CharField(label="Reason", error_messages={"required": "Enter a reason"})


def a_frame(**more: object) -> SimpleNamespace:
    return SimpleNamespace(council_name="Northbridge County Council", service_name="Improvement plan", **more)


def a_page(source: str = "{% block title %}Plan{% endblock %}", **context: object) -> str:
    return Template(f'{{% extends "govuk/layout.html" %}}{source}').render(Context(context))


def title(page: str) -> str:
    return element(page, "<title>", "</title>")


@pytest.mark.parametrize("name", ["govuk/layout.html", "govuk/form_page.html", *ERROR_PAGES])
def test_a_page_needs_nothing_around_it(name):
    page = render_to_string(name, {})

    assert page.count("<main") == 1
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB" class="govuk-template">')
    assert '<a href="#main-content" class="govuk-skip-link"' in page
    assert 'id="main-content"' in page


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_has_one_heading_a_title_and_someone_to_ask(name):
    page = render_to_string(name, {})

    heading = " ".join(part for part in parts(element(page, "<h1", "</h1>"))[1:-1])
    assert title(page) == f"<title>{heading}</title>"
    assert page.count("<h1") == 1
    assert "contact the team that runs this service" in " ".join(page.split())


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html"])
def test_an_error_page_names_whom_to_ask_when_the_council_says(name):
    page = render_to_string(name, {"frame": a_frame(contact="Aisha Rahman on 01632 960 123")})

    assert "contact Aisha Rahman on 01632 960 123." in page


def test_the_title_says_page_service_and_council():
    page = a_page(frame=a_frame())

    assert title(page) == "<title>Plan – Improvement plan – Northbridge County Council</title>"


def test_the_title_of_a_form_with_errors_begins_with_error():
    assert title(a_page(form=ReasonForm({}))) == "<title>Error: Plan</title>"
    assert title(a_page(form=ReasonForm({"reason": "Vetting took longer."}))) == "<title>Plan</title>"
    assert title(a_page(form=ReasonForm())) == "<title>Plan</title>"


def test_a_form_page_has_the_error_summary_before_its_heading():
    page = render_to_string("govuk/form_page.html", {"form": ReasonForm({})})

    assert page.index("govuk-error-summary") < page.index("<h1") < page.index("<form")
    assert '<a href="#id_reason">Enter a reason</a>' in page
    assert 'id="id_reason"' in page


def test_a_form_page_without_errors_has_no_summary():
    assert "govuk-error-summary" not in render_to_string("govuk/form_page.html", {"form": ReasonForm()})


def test_the_navigation_says_where_you_are_and_how_many_are_overdue():
    navigation = [
        SimpleNamespace(label="My actions", url="/my-actions/", is_current=False, count=2, count_words="overdue"),
        SimpleNamespace(label="Plan", url="/plans/2026/", is_current=True, count=0, count_words=""),
    ]
    inside = a_page(frame=a_frame(navigation=navigation), request=SimpleNamespace(path="/plans/2026/actions/3.4/"))
    there = a_page(frame=a_frame(navigation=navigation), request=SimpleNamespace(path="/plans/2026/"))

    assert inside.count("aria-current") == 1
    assert 'href="/plans/2026/" aria-current="true"' in inside
    assert 'href="/plans/2026/" aria-current="page"' in there
    assert '2<span class="govuk-visually-hidden"> overdue</span>' in inside
    assert inside.count("app-count") == 1


def test_signing_out_is_a_posted_form():
    frame = a_frame(user_name="Priya Nair", account_links=[], sign_out_url="/sign-out/")

    form = element(a_page(frame=frame, csrf_token="token-of-this-page"), '<form method="post"', "</form>")

    assert 'action="/sign-out/"' in form
    assert 'name="csrfmiddlewaretoken"' in form
    assert '<button type="submit">Sign out</button>' in form


def test_someone_signed_out_is_not_offered_to_sign_out():
    assert "Sign out" not in a_page(frame=a_frame())


def test_a_demonstration_says_which_day_it_takes_today_to_be():
    page = a_page(frame=a_frame(demonstration_date=date(2014, 11, 3)))

    assert "This is a demonstration. Today is set to Monday 3 November 2014." in page
    assert "demonstration" not in a_page(frame=a_frame(demonstration_date=None))


def test_saving_is_told_at_the_top_and_two_messages_have_their_own_names():
    class Message(SimpleNamespace):
        def __str__(self) -> str:
            return self.text

    page = a_page(
        "{% block content %}<h1>Action 3.4</h1>{% endblock %}",
        messages=[Message(level_tag="success", text="Update saved."), Message(level_tag="info", text="A <b> note.")],
    )

    assert page.index("<main") < page.index("Update saved.") < page.index("<h1>")
    assert page.count('role="alert"') == 1
    assert "A &lt;b&gt; note." in page
    ids = re.findall(r'class="govuk-notification-banner__title" id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 2
    assert re.findall(r'aria-labelledby="([^"]+)"', page) == ids


def test_a_print_says_where_and_when():
    frame = a_frame(
        shown_at=datetime(2026, 11, 5, 8, 5, tzinfo=UTC), shown_url="https://plan.northbridge.example/plans/2026/"
    )
    page = a_page(frame=frame)

    assert "https://plan.northbridge.example/plans/2026/, 5 November 2026 at 8:05am" in page


def test_pages_carry_no_script_or_style_of_their_own():
    navigation = [SimpleNamespace(label="Plan", url="/plans/2026/", is_current=True, count=3, count_words="overdue")]
    frame = a_frame(navigation=navigation, demonstration_date=date(2014, 11, 3), search_url="/search/")

    page = render_to_string("govuk/form_page.html", {"form": ReasonForm({}), "frame": frame})

    assert "<style" not in page
    assert not re.search(r"\sstyle=|\son\w+=", page)
    assert re.findall(r"<script[^>]*>[^<]*</script>", page) == [
        '<script type="module" src="/static/govuk/app.js"></script>'
    ]


def test_a_moment_in_a_timeline_says_who_when_what_before_and_after():
    entry = SimpleNamespace(
        title="Deadline moved",
        by="Rachel Adeyemi",
        at=datetime(2026, 10, 14, 10, 3, tzinfo=UTC),
        shape="date",
        before="16 October 2026",
        after="2 November 2026",
        reason="vetting took longer than planned",
    )

    html = render_to_string("govuk/components/timeline_item.html", {"entry": entry})

    words = " ".join(part for part in parts(html) if isinstance(part, str) and not part.startswith("/"))
    assert "by Rachel Adeyemi, 14 October 2026 at 11:03am" in words
    assert "16 October 2026 to 2 November 2026 . Reason: vetting took longer than planned" in words
    assert "app-timeline__item--date" in html


def test_filters_in_use_can_each_be_removed():
    chips = [
        SimpleNamespace(label="Overdue", url="?status=at_risk"),
        SimpleNamespace(label="At risk", url="?status=overdue"),
    ]

    html = render_to_string("govuk/components/filter_chips.html", {"chips": chips, "clear_url": "?"})

    assert re.findall(r'href="([^"]+)"', html) == ["?status=at_risk", "?status=overdue", "?"]
    assert html.count("Remove filter: ") == 2
    assert render_to_string("govuk/components/filter_chips.html", {"chips": []}).strip() == ""
