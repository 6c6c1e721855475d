"""What one person's email of a day says: subject, plain text and HTML with the same words.

Restricted titles and narratives never leave in mail. The HTML has its styles inline, as mail
programs need, and is put together from escaped parts: a template for the frame, `format_html` for
each action, because a template engine would take longer over the lines than all the rest.
"""

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.member import Member, members_in
from tracker.actions.models import Action, DeadlineChange, Milestone
from tracker.actions.rules import CLOSE_WORKING_DAYS, STALE_DAYS, Status
from tracker.dates.working_days import Calendar
from tracker.inspections.models import StatutoryClock, Visit
from tracker.reminders.models import Digest, Reminder
from tracker.reminders.rules import Kind, why_you_got_this

MOST_LISTED = 10
LINE = 77

MARKS = {
    Status.OVERDUE: ("◆", "#b3122c"),
    Status.OFF_TRACK: ("■", "#b3122c"),
    Status.AT_RISK: ("▲", "#a85500"),
    Status.ON_TRACK: ("●", "#0f6b3c"),
    Status.NOT_STARTED: ("○", "#33383d"),
}


@dataclass(frozen=True)
class Email:
    """A finished email to one person."""

    address: str
    from_name: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Item:
    """One action in an email."""

    reference: str
    title: str
    url: str
    update_url: str
    mark: str
    colour: str
    state: str
    details: str


@dataclass(frozen=True)
class Section:
    """A heading and its actions; `more` counts those not listed."""

    heading: str
    items: Sequence[Item]
    more: int


def write(digests: Sequence[Digest], *, on: date, days: Calendar) -> dict[int, Email]:
    """Write the emails of a batch from the reminders attached to each; leave out those with nothing to say.

    Nothing is said to someone who no longer belongs to the council. The number of queries does not
    depend on the number of emails.
    """
    reminders = defaultdict(list)
    for row in Reminder.objects.filter(digest__in=digests).values_list(
        "digest", "kind", "day", "action", "action__is_restricted", "visit", "clock"
    ):
        reminders[row[0]].append(Row(*row[1:]))
    people = [(digest.authority_id, digest.recipient_id) for digest in digests]
    members = members_in(people, on=on)
    chosen = {digest.pk: Chosen(reminders[digest.pk], on=on) for digest in digests}
    facts = Facts.read(chosen.values(), people, on=on, days=days)
    return {
        digest.pk: _email(digest, member, chosen[digest.pk], facts)
        for digest in digests
        if chosen[digest.pk].has_something
        and (member := members.get((digest.authority_id, digest.recipient_id))) is not None
    }


@dataclass(frozen=True)
class Row:
    """A reminder as read for an email."""

    kind: str
    day: date
    action: int | None
    is_restricted: bool | None
    visit: int | None
    clock: int | None


class Chosen:
    """What an email will list: each action once, in the first section it fits."""

    def __init__(self, rows: Sequence[Row], *, on: date) -> None:
        by_deadline = sorted((row for row in rows if row.action is not None), key=lambda row: (row.day, row.action))
        late = {
            row.action: row for row in by_deadline if row.kind == Kind.LATE or (row.kind == Kind.DUE and row.day < on)
        }
        due = {row.action: row for row in by_deadline if row.kind == Kind.DUE and row.action not in late}
        visit = {row.action: row for row in by_deadline if row.kind == Kind.VISIT and row.action not in late | due}
        self.restricted = len({row.action for row in by_deadline if row.is_restricted})
        self.late, self.due, self.visit = (
            [action for action, row in section.items() if not row.is_restricted] for section in (late, due, visit)
        )
        self.all_late, self.all_due, self.all_visit = len(late), len(due), len(visit)
        self.last_due = max((row.day for row in due.values()), default=None)
        self.visits = [row.visit for row in rows if row.visit is not None]
        self.clocks = sorted({row.clock for row in rows if row.clock is not None})
        self.kinds = [Kind(row.kind) for row in rows]

    @property
    def has_something(self) -> bool:
        return bool(self.kinds)

    @property
    def listed(self) -> list[int]:
        return [key for section in (self.late, self.due, self.visit) for key in section[:MOST_LISTED]]


@dataclass(frozen=True)
class Facts:
    """What the emails of a batch speak of, read in a handful of queries."""

    on: date
    days: Calendar
    close_by: date
    actions: dict[int, Action]
    held_up: set[int]
    times_moved: dict[int, int]
    open_actions: dict[tuple[int, int], int]
    visits: dict[int, Visit]
    clocks: dict[int, StatutoryClock]

    @classmethod
    def read(cls, chosen: Iterable[Chosen], people: Iterable[tuple[int, int]], *, on: date, days: Calendar) -> "Facts":
        chosen, people = list(chosen), list(people)
        listed = {key for one in chosen for key in one.listed}
        authorities = {authority for authority, _ in people}
        actions = Action.objects.filter(pk__in=listed).select_related("plan", "owner").defer("description", "outcome")
        unfinished = Milestone.objects.filter(action__in=listed, done_on__isnull=True)
        moves = DeadlineChange.objects.filter(action__in=listed).order_by().values_list("action")
        mine = (
            Action.objects.unfinished()
            .filter(authority__in=authorities, owner__in={person for _, person in people})
            .order_by()
            .values_list("authority", "owner")
            .annotate(number=Count("pk"))
        )
        visits: dict[int, Visit] = {}
        for visit in Visit.objects.to_come(on=on).filter(authority__in=authorities):
            visits.setdefault(visit.authority_id, visit)
        return cls(
            on=on,
            days=days,
            close_by=days.add(on, CLOSE_WORKING_DAYS),
            actions={action.pk: action for action in actions},
            held_up=set(unfinished.values_list("action", flat=True)),
            times_moved=dict(moves.annotate(number=Count("pk"))),
            open_actions={(authority, owner): number for authority, owner, number in mine},
            visits=visits,
            clocks=StatutoryClock.objects.in_bulk({key for one in chosen for key in one.clocks}),
        )


def _email(digest: Digest, member: Member, chosen: Chosen, facts: Facts) -> Email:
    subject = subject_of(digest, chosen, facts)
    sections = [
        _section("Overdue", chosen.late, digest, facts),
        _section(f"Due in the next {CLOSE_WORKING_DAYS} working days", chosen.due, digest, facts),
        _section("Due before the visit", chosen.visit, digest, facts),
    ]
    authority = digest.authority
    greeting = _greeting(member)
    opening = _opening(chosen, facts, facts.visits.get(digest.authority_id))
    own = facts.open_actions.get((digest.authority_id, digest.recipient_id), 0)
    see_all = f"See all {own} of your open actions" if own > 1 else "See your actions" if own else "See the plan"
    see_all_url = _address(reverse("actions:my-actions") if own else reverse("reports:current-plan"))
    footer = _footer(chosen)
    parts = {
        "authority": authority,
        "subject": subject,
        "heading": f"{greeting}{subject[0].lower() if greeting and subject[0].isalpha() else subject[0]}{subject[1:]}",
        "opening": opening,
        "clocks": [_clock_line(facts.clocks[key], facts) for key in chosen.clocks],
        "clock_url": _address(reverse("reports:dashboard")),
        "restricted": _restricted_line(chosen.restricted),
        "see_all": see_all,
        "see_all_url": see_all_url,
        "footer": footer,
    }
    shown = [section for section in sections if section.items]
    return Email(
        address=digest.recipient.email,
        from_name=f"{authority.name} improvement plan",
        subject=subject,
        text=_text(parts, shown),
        html=render_to_string("reminders/email.html", parts | {"sections": [_section_html(one) for one in shown]}),
    )


def subject_of(digest: Digest, chosen: Chosen, facts: Facts) -> str:
    """Return a subject that says how many and the nearest date, in no code words."""
    late, due = chosen.all_late, chosen.all_due
    parts = []
    if late:
        parts.append(f"{late} of your actions {_is(late)} overdue")
    if due and chosen.last_due:
        subject = f"{due} {_is(due)}" if late else f"{due} of your actions {_is(due)}"
        parts.append(f"{subject} due by {chosen.last_due:%-d %B}")
    if parts:
        return " and ".join(parts)
    if chosen.clocks:
        return _clock_line(facts.clocks[chosen.clocks[0]], facts).split(". ")[0].rstrip(".")
    visit = facts.visits.get(digest.authority_id)
    left = chosen.all_visit
    what = f"{left} of your actions {_is(left)} due before the visit"
    return f"{visit} {_in_days(visit.starts_on, facts)}: {what}" if visit and visit.starts_on else what


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _greeting(member: Member) -> str:
    """First name and a comma; a post is not a name."""
    if member.user.name == member.post:
        return ""
    return f"{member.user.get_short_name()}, "


def _opening(chosen: Chosen, facts: Facts, visit: Visit | None) -> str:
    sentences = []
    if chosen.all_late:
        sentences.append(
            "If something is in the way, say so in the update. We would rather know early than be told late."
        )
    elif chosen.all_due or chosen.all_visit:
        sentences.append("An update takes about 30 seconds. If something is in the way, say so.")
    if visit is not None and visit.starts_on is not None and (chosen.all_late or chosen.all_due or chosen.all_visit):
        name = str(visit)
        sentences.append(
            f"{name[0].upper()}{name[1:]} is on {visit.starts_on:%-d %B %Y}, {_in_days(visit.starts_on, facts)}."
        )
    return " ".join(sentences)


def _in_days(day: date, facts: Facts) -> str:
    left = facts.days.between(facts.on, day)
    return "today" if day == facts.on else f"in {_working_days(left)}"


def _working_days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"


def _clock_line(clock: StatutoryClock, facts: Facts) -> str:
    left = facts.days.between(facts.on, clock.due)
    start = (
        "Today is the last day to send and publish the plan"
        if clock.due == facts.on
        else f"{_working_days(left)} left to send and publish the plan"
    )
    return (
        f"{start}. It is due on {clock.due:%A %-d %B %Y}: sent to Ofsted, sent to DfE and published. "
        f"Day 0 was {clock.trigger_on:%-d %B %Y}; the law counts {clock.working_days} working days."
    )


def _restricted_line(number: int) -> str:
    if not number:
        return ""
    return f"{number} restricted action{'' if number == 1 else 's'}. Sign in to see {'it' if number == 1 else 'them'}."


def _section(heading: str, keys: Sequence[int], digest: Digest, facts: Facts) -> Section:
    shown = [facts.actions[key] for key in keys[:MOST_LISTED] if key in facts.actions]
    return Section(heading, [_item(action, digest, facts) for action in shown], len(keys) - len(shown))


def _item(action: Action, digest: Digest, facts: Facts) -> Item:
    has_open = action.pk in facts.held_up
    status = action.status(on=facts.on, close_by=facts.close_by, has_open_milestones=has_open)
    mark, colour = MARKS.get(status, MARKS[Status.NOT_STARTED])
    deadline = cast(date, action.deadline)  # Only actions with a deadline are queued.
    details = []
    if status == Status.OVERDUE:
        late = max(facts.days.between(deadline, facts.on), 1)
        state = f"{_working_days(late)} overdue"
        details.append(f"Was due {deadline:%A %-d %B %Y}.")
    else:
        state = status.label
        details.append(f"Due {deadline:%A %-d %B %Y}, {_in_days(deadline, facts)}.")
    details.append(_last_update(action, facts))
    moved = facts.times_moved.get(action.pk, 0)
    if moved:
        details.append(
            f"The deadline has moved {'once' if moved == 1 else 'twice' if moved == 2 else f'{moved} times'}."
        )
    if action.owner is not None and action.owner_id != digest.recipient_id:
        details.append(f"Its owner, {action.owner.name}, has left, and it is in your service.")
    arguments = [action.plan.reference, action.reference]
    return Item(
        reference=action.reference,
        title=action.title,
        url=_address(reverse("actions:action", args=arguments)),
        update_url=_address(reverse("actions:update", args=arguments)),
        mark=mark,
        colour=colour,
        state=state,
        details=" ".join(details),
    )


def _last_update(action: Action, facts: Facts) -> str:
    if action.last_updated_on is None:
        return "No update yet."
    silent = (facts.on - action.last_updated_on).days
    if silent > STALE_DAYS:
        return f"No update for {silent} days."
    return f"Last update {action.last_updated_on:%-d %B}."


def _footer(chosen: Chosen) -> str:
    sentences = [why_you_got_this(chosen.kinds), "Never more than one email a day, and none at weekends."]
    if chosen.all_late:
        sentences.append("While an action stays late we remind you again after 3 and 7 working days, then every week.")
    return " ".join(sentences)


def _address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _section_html(section: Section) -> SafeString:
    items = format_html_join(
        "",
        # Lines stay under the 998 characters of mail, so that it need not be encoded.
        '\n<tr><td style="padding:0 20px 16px;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"'
        ' border="0" style="border-left:5px solid {};background:#f5f6f6;"><tr><td style="padding:12px 16px 14px;'
        'color:#0b0c0c;">\n<a href="{}" style="color:#0b5a8a;font-weight:bold;font-size:18px;">{} {}</a><br>'
        '<span style="color:{};font-weight:bold;"><span aria-hidden="true">{}</span> {}.</span> {}'
        '\n<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:11px;"><tr>'
        '<td style="background:#0f4c4a;"><a href="{}" style="display:inline-block;padding:9px 16px;color:#ffffff;'
        'font-weight:bold;text-decoration:none;">Update {}</a></td></tr></table></td></tr></table></td></tr>',
        (
            (
                item.colour,
                item.url,
                item.reference,
                item.title,
                item.colour,
                item.mark,
                item.state,
                item.details,
                item.update_url,
                item.reference,
            )
            for item in section.items
        ),
    )
    more = (
        format_html('<tr><td style="padding:0 20px 16px;">And {} more.</td></tr>', section.more) if section.more else ""
    )
    return format_html(
        '<tr><td style="padding:8px 20px 0;"><h2 style="margin:0 0 10px;font-size:20px;">{}</h2></td></tr>{}{}',
        section.heading,
        items,
        more,
    )


def _text(parts: dict, sections: Sequence[Section]) -> str:
    """Return the same words as plain text, in lines of fewer than 78 characters but for addresses."""
    blocks = [_wrapped(parts["heading"])]
    if parts["opening"]:
        blocks.append(_wrapped(parts["opening"]))
    blocks += [f"{_wrapped(line)}\n{parts['clock_url']}" for line in parts["clocks"]]
    for section in sections:
        blocks.append(section.heading.upper())
        blocks += [
            f"{_wrapped(f'{item.reference} {item.title}')}\n{_wrapped(f'{item.mark} {item.state}. {item.details}')}\n"
            f"Update {item.reference}: {item.update_url}"
            for item in section.items
        ]
        if section.more:
            blocks.append(f"And {section.more} more.")
    if parts["restricted"]:
        blocks.append(_wrapped(parts["restricted"]))
    blocks.append(f"{parts['see_all']}:\n{parts['see_all_url']}")
    authority = parts["authority"]
    contact = "\n".join(part for part in (authority.contact_name, authority.contact_phone) if part)
    if contact:
        blocks.append(contact)
    blocks.append("-- \n" + _wrapped(parts["footer"]))
    return "\n\n".join(blocks) + "\n"


WRAPPER = textwrap.TextWrapper(LINE, break_long_words=False, break_on_hyphens=False)


def _wrapped(words: str) -> str:
    return words if len(words) <= LINE else WRAPPER.fill(words)
