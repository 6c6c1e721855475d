"""Dates, counts, lists and query strings, written the way pages write them."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import template
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


def local(value: date | datetime) -> date | datetime:
    """Return an aware datetime in the time zone of the page; anything else as it is."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def long_date(value: date | None) -> str:
    """Return "8 August 2014", or nothing for no date."""
    return f"{local(value):%-d %B %Y}" if value else ""


@register.filter
def weekday_date(value: date | None) -> str:
    """Return "Friday 8 August 2014", or nothing for no date."""
    return f"{local(value):%A %-d %B %Y}" if value else ""


@register.filter
def short_date(value: date | None) -> str:
    """Return "8 Aug 2014", for table cells only; "Sept" is not used."""
    return f"{local(value):%-d %b %Y}" if value else ""


@register.filter
def clock_time(value: datetime | time | None) -> str:
    """Return "9:30am" in the time zone of the page, or nothing for no time."""
    if value is None:
        return ""
    moment = local(value) if isinstance(value, datetime) else value
    return f"{moment:%-I:%M}{'am' if moment.hour < 12 else 'pm'}"


@register.filter
def count_of(number: int, words: str) -> str:
    """Return "1 action" or "2 actions" from a number and "action,actions"."""
    one, many = words.split(",")
    return f"{number:,} {one if number == 1 else many}"


@register.filter
def and_list(values: Iterable[Any]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    words = [str(value) for value in values]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def whole_percent(part: float, whole: float) -> int:
    """Return part of whole from 0 to 100, rounded so that only nothing is 0 and only everything is 100."""
    if whole <= 0 or part <= 0:
        return 0
    if part >= whole:
        return 100
    return min(99, max(1, round(100 * part / whole)))


@register.filter
def percent_width(part: float, whole: float) -> str:
    """Return the width class for part of whole, such as "app-percent-58"."""
    return f"app-percent-{whole_percent(part, whole)}"


@register.simple_tag
def progress_bar(done: int, total: int) -> SafeString:
    """Return a bar for "7 of 10". Hidden from screen readers: say the same in words beside it."""
    return format_html(
        '<svg class="app-progress" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false"><rect class="app-progress__all" width="100" height="12"/>'
        '<rect class="app-progress__done" width="{}" height="12"/></svg>',
        whole_percent(done, total),
    )


def query_string(query: QueryDict) -> str:
    """Return "?a=1&b=2"; "?" alone clears the query of a link."""
    return f"?{query.urlencode()}"


def with_changes(query: QueryDict, changes: dict[str, Any]) -> QueryDict:
    """Return a copy with the changes made and back on the first page; None removes a key."""
    changed = query.copy()
    changed.pop("page", None)
    for key, value in changes.items():
        if value is None:
            changed.pop(key, None)
        elif isinstance(value, (list, tuple)):
            changed.setlist(key, [str(v) for v in value])
        else:
            changed[key] = str(value)
    return changed


def without(query: QueryDict, keys: Iterable[str], values: dict[str, Any]) -> QueryDict:
    """Return a copy without the keys, without those single values, and back on the first page."""
    changed = query.copy()
    for key in {"page", *keys}:
        changed.pop(key, None)
    for key, value in values.items():
        left = [v for v in changed.getlist(key) if v != str(value)]
        if left:
            changed.setlist(key, left)
        else:
            changed.pop(key, None)
    return changed


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with changes: `{% query_with sort="owner" %}`, `{% query_with page=2 %}`.

    Leaves the page number out unless it is given.
    """
    return query_string(with_changes(context["request"].GET, changes))


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, *keys: str, **values: Any) -> str:
    """Return this page's query string without some filters.

    `{% query_without "status" %}` drops the key; `{% query_without status="overdue" %}` drops that value and
    keeps the others.
    """
    return query_string(without(context["request"].GET, keys, values))


@register.simple_tag(takes_context=True)
def sort_heading(context: template.Context, label: str, key: str, default: str = "", css: str = "") -> SafeString:
    """Return a table heading that sorts by `key`.

    The order is `sort=key`, or `sort=-key` from the other end; `default` is the order of the list when the
    address has none.
    """
    query = context["request"].GET
    order = query.get("sort") or default
    ascending, descending = order == key, order == f"-{key}"
    return format_html(
        '<th scope="col" role="columnheader"{}{}><a class="app-sort" href="{}">{}{}</a></th>',
        format_html(' class="{}"', css) if css else "",
        format_html(' aria-sort="{}"', "ascending" if ascending else "descending") if ascending or descending else "",
        query_string(with_changes(query, {"sort": f"-{key}" if ascending else key})),
        label,
        format_html(' <span aria-hidden="true">{}</span>', "▲" if ascending else "▼")
        if ascending or descending
        else "",
    )
