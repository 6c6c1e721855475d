"""Status and difference for children, drawn the same way on every page: shape, word and colour together.

Everything is put together once, when this file is read: a list page draws hundreds of chips.
"""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# The order of bars and keys, from what is done to what is late.
WORDS = {
    "embedded": "Embedded",
    "complete": "Complete",
    "waiting": "Waiting to be checked",
    "on_track": "On track",
    "not_started": "Not started",
    "at_risk": "At risk",
    "off_track": "Off track",
    "overdue": "Overdue",
}

SHAPES = {
    "embedded": (
        '<path class="app-fill-embedded" d="M8 0l2.3 2.3L13.7 2.3v3.4L16 8l-2.3 2.3v3.4h-3.4L8 16l-2.3-2.3H2.3v-3.4'
        'L0 8l2.3-2.3V2.3h3.4z"/>'
        '<path d="M4.4 8.2l2.5 2.5L11.6 5.6" fill="none" stroke="#fff" stroke-width="2.1"/>'
    ),
    "complete": (
        '<rect class="app-fill-complete" width="16" height="16" rx="2"/>'
        '<path d="M3.6 8.2l3 3L12.4 5" fill="none" stroke="#fff" stroke-width="2.2"/>'
    ),
    "waiting": (
        '<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="1.5" fill="none" stroke="#33383d" stroke-width="2"/>'
        '<path d="M4.2 8.2l2.5 2.5L11.8 5.4" fill="none" stroke="#33383d" stroke-width="2"/>'
    ),
    "on_track": (
        '<circle class="app-fill-ontrack" cx="8" cy="8" r="7.5"/>'
        '<path d="M4.2 8h6.2M7.8 4.9L11 8l-3.2 3.1" fill="none" stroke="#fff" stroke-width="2"/>'
    ),
    "not_started": '<circle cx="8" cy="8" r="6.6" fill="none" stroke="#5a6168" stroke-width="2.4"/>',
    "at_risk": (
        '<path class="app-fill-atrisk" d="M8 .6L15.8 15H.2z"/>'
        '<path d="M8 5.6v4.6M8 11.6v2" stroke="#fff" stroke-width="2.1"/>'
    ),
    "off_track": (
        '<path class="app-fill-offtrack" d="M4.7 0h6.6L16 4.7v6.6L11.3 16H4.7L0 11.3V4.7z"/>'
        '<path d="M4.8 4.8l6.4 6.4M11.2 4.8l-6.4 6.4" stroke="#fff" stroke-width="2"/>'
    ),
    "overdue": (
        '<path class="app-fill-overdue" d="M8 0l8 8-8 8-8-8z"/>'
        '<path d="M8 3.6v5M8 10.2v2.1" stroke="#fff" stroke-width="2.2"/>'
    ),
}

# Simpler shapes for the segments of a bar, in the colour of the segment's number.
SMALL_SHAPES = {
    "embedded": (
        '<path d="M6 0l1.7 1.7h2.6v2.6L12 6l-1.7 1.7v2.6H7.7L6 12l-1.7-1.7H1.7V7.7L0 6l1.7-1.7V1.7h2.6z"'
        ' fill="currentColor"/>'
    ),
    "complete": '<path d="M1.5 6.5l3 3L10.5 3" fill="none" stroke="currentColor" stroke-width="2.1"/>',
    "waiting": '<path d="M1.5 6.5l3 3L10.5 3" fill="none" stroke="currentColor" stroke-width="2.1"/>',
    "on_track": (
        '<path d="M1 6h9M6.5 2.3L10.2 6l-3.7 3.7" fill="none" stroke="currentColor" stroke-width="2"/>'
    ),
    "not_started": '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="2"/>',
    "at_risk": '<path d="M6 1l5.5 10H.5z" fill="currentColor"/>',
    "off_track": '<path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" stroke-width="2.2"/>',
    "overdue": '<path d="M6 .4L11.6 6 6 11.6.4 6z" fill="currentColor"/>',
}

DIFFERENCE_WORDS = {
    "none": "No evidence yet",
    "waiting": "Evidence waiting to be checked",
    "activity": "Evidence of activity",
    "difference": "Evidence of difference",
    "sustained": "Sustained",
}
DIFFERENCE_BARS = {"none": 0, "waiting": 0, "activity": 1, "difference": 2, "sustained": 3}

# A bar is at most this many units wide, whatever it counts, so that a table's column cannot run away.
BAR_UNITS = 12


def css_name(status: str) -> str:
    return status.replace("_", "")


def icon(status: str, size: int) -> SafeString:
    return format_html(
        '<svg class="app-icon" width="{0}" height="{0}" viewBox="0 0 16 16" aria-hidden="true"'
        ' focusable="false">{1}</svg>',
        size,
        mark_safe(SHAPES[status]),
    )


CHIPS = {
    status: format_html(
        '<strong class="app-status app-status--{}">{}{}</strong>', css_name(status), icon(status, 16), word
    )
    for status, word in WORDS.items()
}

KEYS = {status: format_html("<li>{}{}</li>", icon(status, 16), word) for status, word in WORDS.items()}


def steps(filled: int) -> SafeString:
    bars = ((0, 10, 6), (9, 5, 11), (18, 0, 16))
    return format_html(
        '<svg width="27" height="17" viewBox="-1 -1 28 18" aria-hidden="true" focusable="false">{}</svg>',
        format_html_join(
            "",
            '<rect class="app-step{}" x="{}" y="{}" width="7" height="{}"/>',
            (
                (" app-step--filled" if number < filled else "", x, y, height)
                for number, (x, y, height) in enumerate(bars)
            ),
        ),
    )


STEPS = {
    difference: format_html(
        '<span class="app-steps">{}{}</span>', steps(DIFFERENCE_BARS[difference]), word
    )
    for difference, word in DIFFERENCE_WORDS.items()
}


def bar_shares(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many units wide each status is, in the order of bars, leaving out what counts nothing.

    One unit an action up to twelve; beyond that in proportion, at least one unit for each status.
    """
    shown = {status: counts[status] for status in WORDS if counts.get(status)}
    total = sum(shown.values())
    if total <= BAR_UNITS:
        return shown
    spare = BAR_UNITS - len(shown)
    exact = {status: spare * count / total for status, count in shown.items()}
    shares = {status: 1 + int(share) for status, share in exact.items()}
    by_remainder = sorted(shown, key=lambda status: int(exact[status]) - exact[status])
    for status in by_remainder[: BAR_UNITS - sum(shares.values())]:
        shares[status] += 1
    return shares


@register.simple_tag
def status_chip(status: str) -> SafeString:
    """Return the shape and word of a status, in its colour."""
    return CHIPS[status]


@register.simple_tag
def status_icon(status: str, size: int = 16) -> SafeString:
    """Return the shape alone, hidden from screen readers: say the word beside it."""
    return icon(status, size)


@register.simple_tag
def status_bar(counts: Mapping[str, int], small: bool = False) -> SafeString:
    """Return how many actions have each status, as a bar, and as a sentence for screen readers."""
    shares = bar_shares(counts)
    if not shares:
        return mark_safe('<span class="app-muted">No actions</span>')
    return format_html(
        '<span class="app-bar{} app-w-{}" aria-hidden="true">{}</span><span class="govuk-visually-hidden">{}</span>',
        " app-bar--s" if small else "",
        sum(shares.values()),
        format_html_join(
            "",
            '<span class="app-bar__s app-bar__s--{} app-share-{}">'
            '<svg width="12" height="12" viewBox="0 0 12 12" focusable="false">{}</svg>{}</span>',
            (
                (css_name(status), share, mark_safe(SMALL_SHAPES[status]), counts[status])
                for status, share in shares.items()
            ),
        ),
        ", ".join(f"{counts[status]} {WORDS[status].lower()}" for status in shares),
    )


@register.simple_tag
def status_key(counts: Mapping[str, int]) -> SafeString:
    """Return the shapes and words in use, to stand above bars."""
    return format_html(
        '<ul class="app-key" aria-label="Key">{}</ul>',
        format_html_join("", "{}", ((KEYS[status],) for status in WORDS if counts.get(status))),
    )


@register.simple_tag
def difference_steps(difference: str) -> SafeString:
    """Return difference for children as 0 to 3 filled bars and words."""
    return STEPS[difference]
