"""Status and difference for children, drawn the same way on every page: shape, word and colour together.

Everything is put together once, when this file is read: a list page draws hundreds of chips.
"""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.actions.rules import BAR_ORDER, Difference, Status

register = template.Library()

SHAPES = {
    Status.EMBEDDED: (
        '<path class="app-fill-embedded" d="M8 0l2.3 2.3L13.7 2.3v3.4L16 8l-2.3 2.3v3.4h-3.4L8 16l-2.3-2.3H2.3v-3.4'
        'L0 8l2.3-2.3V2.3h3.4z"/>'
        '<path d="M4.4 8.2l2.5 2.5L11.6 5.6" fill="none" stroke="#fff" stroke-width="2.1"/>'
    ),
    Status.COMPLETE: (
        '<rect class="app-fill-complete" width="16" height="16" rx="2"/>'
        '<path d="M3.6 8.2l3 3L12.4 5" fill="none" stroke="#fff" stroke-width="2.2"/>'
    ),
    Status.WAITING: (
        '<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="1.5" fill="none" stroke="#33383d" stroke-width="2"/>'
        '<path d="M4.2 8.2l2.5 2.5L11.8 5.4" fill="none" stroke="#33383d" stroke-width="2"/>'
    ),
    Status.ON_TRACK: (
        '<circle class="app-fill-ontrack" cx="8" cy="8" r="7.5"/>'
        '<path d="M4.2 8h6.2M7.8 4.9L11 8l-3.2 3.1" fill="none" stroke="#fff" stroke-width="2"/>'
    ),
    Status.NOT_STARTED: '<circle cx="8" cy="8" r="6.6" fill="none" stroke="#5a6168" stroke-width="2.4"/>',
    Status.AT_RISK: (
        '<path class="app-fill-atrisk" d="M8 .6L15.8 15H.2z"/>'
        '<path d="M8 5.6v4.6M8 11.6v2" stroke="#fff" stroke-width="2.1"/>'
    ),
    Status.OFF_TRACK: (
        '<path class="app-fill-offtrack" d="M4.7 0h6.6L16 4.7v6.6L11.3 16H4.7L0 11.3V4.7z"/>'
        '<path d="M4.8 4.8l6.4 6.4M11.2 4.8l-6.4 6.4" stroke="#fff" stroke-width="2"/>'
    ),
    Status.OVERDUE: (
        '<path class="app-fill-overdue" d="M8 0l8 8-8 8-8-8z"/>'
        '<path d="M8 3.6v5M8 10.2v2.1" stroke="#fff" stroke-width="2.2"/>'
    ),
    Status.CANCELLED: (
        '<circle cx="8" cy="8" r="6.6" fill="none" stroke="#5a6168" stroke-width="2.4"/>'
        '<path d="M3.6 12.4l8.8-8.8" stroke="#5a6168" stroke-width="2.4"/>'
    ),
}

# Simpler shapes for the segments of a bar, in the colour of the segment's number.
SMALL_SHAPES = {
    Status.EMBEDDED: (
        '<path d="M6 0l1.7 1.7h2.6v2.6L12 6l-1.7 1.7v2.6H7.7L6 12l-1.7-1.7H1.7V7.7L0 6l1.7-1.7V1.7h2.6z"'
        ' fill="currentColor"/>'
    ),
    Status.COMPLETE: '<path d="M1.5 6.5l3 3L10.5 3" fill="none" stroke="currentColor" stroke-width="2.1"/>',
    Status.WAITING: '<path d="M1.5 6.5l3 3L10.5 3" fill="none" stroke="currentColor" stroke-width="2.1"/>',
    Status.ON_TRACK: ('<path d="M1 6h9M6.5 2.3L10.2 6l-3.7 3.7" fill="none" stroke="currentColor" stroke-width="2"/>'),
    Status.NOT_STARTED: '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="2"/>',
    Status.AT_RISK: '<path d="M6 1l5.5 10H.5z" fill="currentColor"/>',
    Status.OFF_TRACK: '<path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" stroke-width="2.2"/>',
    Status.OVERDUE: '<path d="M6 .4L11.6 6 6 11.6.4 6z" fill="currentColor"/>',
}

FILLED_STEPS = {
    Difference.NONE: 0,
    Difference.WAITING: 0,
    Difference.ACTIVITY: 1,
    Difference.DIFFERENCE: 2,
    Difference.SUSTAINED: 3,
}

# A bar is at most this many units wide, whatever it counts, so that a table's column cannot run away.
BAR_UNITS = 12


def css_name(status: str) -> str:
    return status.replace("_", "")


def icon(status: str, size: int) -> SafeString:
    return format_html(
        '<svg class="app-icon" width="{0}" height="{0}" viewBox="0 0 16 16" aria-hidden="true"'
        ' focusable="false">{1}</svg>',
        size,
        SafeString(SHAPES[status]),
    )


CHIPS = {
    status: format_html(
        '<strong class="app-status app-status--{}">{}{}</strong>', css_name(status), icon(status, 16), status.label
    )
    for status in Status
}

KEYS = {status: format_html("<li>{}{}</li>", icon(status, 16), status.label) for status in BAR_ORDER}


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
    difference: format_html('<span class="app-steps">{}{}</span>', steps(filled), difference.label)
    for difference, filled in FILLED_STEPS.items()
}


def bar_shares(counts: Mapping[str, int]) -> dict[Status, int]:
    """Return how many units wide each status is, in the order of bars, leaving out what counts nothing.

    One unit an action up to twelve; beyond that in proportion, at least one unit for each status.
    """
    shown = {status: counts[status] for status in BAR_ORDER if counts.get(status)}
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
        return SafeString('<span class="app-muted">No actions</span>')
    return format_html(
        '<span class="app-bar{} app-w-{}" aria-hidden="true">{}</span><span class="govuk-visually-hidden">{}</span>',
        " app-bar--s" if small else "",
        sum(shares.values()),
        format_html_join(
            "",
            '<span class="app-bar__s app-bar__s--{} app-share-{}">'
            '<svg width="12" height="12" viewBox="0 0 12 12" focusable="false">{}</svg>{}</span>',
            (
                (css_name(status), share, SafeString(SMALL_SHAPES[status]), counts[status])
                for status, share in shares.items()
            ),
        ),
        ", ".join(f"{counts[status]} {status.label.lower()}" for status in shares),
    )


@register.simple_tag
def status_key(counts: Mapping[str, int]) -> SafeString:
    """Return the shapes and words in use, to stand above bars; nothing when nothing is counted."""
    used = [(KEYS[status],) for status in BAR_ORDER if counts.get(status)]
    if not used:
        return SafeString()
    return format_html('<ul class="app-key" aria-label="Key">{}</ul>', format_html_join("", "{}", used))


@register.simple_tag
def difference_steps(difference: str) -> SafeString:
    """Return difference for children as 0 to 3 filled bars and words."""
    return STEPS[difference]
