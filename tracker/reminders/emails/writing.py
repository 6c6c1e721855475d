"""One person’s email of a day, put together."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.member import Member, members_in
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.dates.working_days import Calendar
from tracker.reminders.emails.chosen import COLUMNS, Chosen, Part, Row
from tracker.reminders.emails.drawing import as_text, section_html
from tracker.reminders.emails.facts import Facts
from tracker.reminders.emails.items import action_item, decision_item, request_item, step_item, task_item
from tracker.reminders.emails.parts import Email, Item, Section, address
from tracker.reminders.emails.words import (
    clock_line,
    covered_heading,
    footer_of,
    greeting_of,
    opening_of,
    preheader_of,
    restricted_line,
    subject_of,
    summary_line,
)
from tracker.reminders.models import Digest, Reminder
from tracker.reminders.unsubscribing import stop_link


def write(digests: Sequence[Digest], *, on: date, days: Calendar) -> dict[int, Email]:
    """Write the emails of a batch from the reminders attached to each; leave out those with nothing to say.

    Nothing is said to someone who no longer belongs to the council. The number of queries does not
    depend on the number of emails.
    """
    reminders = defaultdict(list)
    for digest, *row in Reminder.objects.filter(digest__in=digests).values_list("digest", *COLUMNS):
        reminders[digest].append(Row(*row))
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


def _email(digest: Digest, member: Member, chosen: Chosen, facts: Facts) -> Email:
    subject = subject_of(digest, chosen, facts)
    authority = digest.authority
    greeting = greeting_of(member)
    opening = opening_of(chosen, facts, facts.visits.get(digest.authority_id))
    own = facts.open_actions.get((digest.authority_id, digest.recipient_id), 0)
    see_all = f"See all {own} of your open actions" if own > 1 else "See your actions" if own else "See the plan"
    see_all_url = address(reverse("actions:my-actions") if own else reverse("reports:current-plan"))
    footer = footer_of(chosen)
    path = stop_link(digest.authority_id, digest.recipient_id, chosen.kinds, on=digest.on)
    stop_url = address(path) if path else ""
    parts = {
        "authority": authority,
        "subject": subject,
        "heading": f"{greeting}{subject[0].lower() if greeting and subject[0].isalpha() else subject[0]}{subject[1:]}",
        "opening": opening,
        "clocks": [clock_line(facts.clocks[key], day, facts) for day, key in chosen.clocks],
        "clock_url": address(reverse("reports:dashboard")),
        "summary": summary_line(facts.sums.get(digest.authority_id)) if chosen.is_weekly else "",
        "restricted": restricted_line(chosen.restricted),
        "see_all": see_all,
        "see_all_url": see_all_url,
        "footer": footer,
        "preheader": preheader_of(chosen),
        "stop_url": stop_url,
        "choices_url": address(reverse("reminders:notifications")),
    }
    shown = _sections(digest, chosen, facts)
    return Email(
        address=digest.recipient.email,
        from_name=f"{authority.name} improvement plan",
        subject=subject,
        text=as_text(parts, shown),
        stop_url=stop_url,
        html=render_to_string("reminders/email.html", parts | {"sections": [section_html(one) for one in shown]}),
    )


HEADINGS = {
    Part.WANTED: "Needs your decision",
    Part.DECIDED: "Decided",
    Part.SENT_BACK: "Not done yet",
    Part.LATE: "Overdue",
    Part.ELSEWHERE: "Late for long, owned by others",
    Part.DUE: f"Due in the next {CLOSE_WORKING_DAYS} working days",
    Part.GIVEN: "Given to you",
    Part.VISIT: "Due before the visit",
    Part.QUIET: "No recent update",
    Part.STEPS: "Before the plan is sent",
    Part.TASKS: "To make ready for the visit",
}


def _sections(digest: Digest, chosen: Chosen, facts: Facts) -> list[Section]:
    items: dict[Part, Callable[[int], Item]] = {
        Part.WANTED: lambda key: request_item(facts.requests[key]),
        Part.DECIDED: lambda key: decision_item(facts.requests[key]),
        Part.STEPS: lambda key: step_item(facts.steps[key], facts),
        Part.TASKS: lambda key: task_item(facts.tasks[key], facts),
    }
    return [
        Section(
            HEADINGS.get(part) or covered_heading(chosen, facts),
            [items.get(part, lambda key: action_item(facts.actions[key], digest, facts))(key) for key in shown],
            len(chosen.named[part]) - len(shown),
        )
        for part, shown in chosen.shown.items()
        if chosen.named[part]
    ]
