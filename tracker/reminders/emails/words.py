"""The subject of an email, and the lines around its lists."""

from datetime import date
from typing import cast

from accounts.member import Member
from tracker.actions.models import DeadlineRequest
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections.models import Clock, Visit
from tracker.reminders.emails.chosen import Chosen, Part
from tracker.reminders.emails.facts import Facts, Sums
from tracker.reminders.emails.items import in_days
from tracker.reminders.emails.parts import is_or_are, things, working_days
from tracker.reminders.models import Digest
from tracker.reminders.rules import why_you_got_this


def subject_of(digest: Digest, chosen: Chosen, facts: Facts) -> str:
    """Return a subject that says how many and the nearest date, in no code words; what matters most comes first."""
    return (
        own_subject(chosen)
        or request_subject(chosen, facts)
        or elsewhere_subject(chosen, facts)
        or other_subject(chosen)
        or clock_subject(chosen, facts)
        or duties_subject(chosen, facts)
        or covered_subject(chosen, facts)
        or visit_subject(chosen, facts.visits.get(digest.authority_id), facts)
        or "The plan this week"
    )


def own_subject(chosen: Chosen) -> str:
    """Return "2 of your actions are overdue and 1 is due by 19 November", or ""."""
    late, due = chosen.all_late, chosen.all_due
    parts = []
    if late:
        parts.append(f"{late} of your actions {is_or_are(late)} overdue")
    if due and chosen.last_due:
        subject = f"{due} {is_or_are(due)}" if late else f"{due} of your actions {is_or_are(due)}"
        parts.append(f"{subject} due by {chosen.last_due:%-d %B}")
    return " and ".join(parts)


def request_subject(chosen: Chosen, facts: Facts) -> str:
    """Return "Decision needed: move 2.6 to 29 January 2027?" or "Your deadline for 3.4 is now 2 November"."""
    if chosen.all_wanted > 1:
        return f"{chosen.all_wanted} decisions needed on deadlines"
    if chosen.named[Part.WANTED]:
        request = facts.requests[chosen.named[Part.WANTED][0]]
        return f"Decision needed: move {request.action.reference} to {request.to_deadline:%-d %B %Y}?"
    if chosen.all_wanted:
        return "Decision needed on the deadline of a restricted action"
    if chosen.all_decided > 1:
        return f"{chosen.all_decided} deadlines that you asked for are decided"
    if chosen.named[Part.DECIDED]:
        request = facts.requests[chosen.named[Part.DECIDED][0]]
        if request.state == DeadlineRequest.State.AGREED:
            return f"Your deadline for {request.action.reference} is now {request.action.deadline:%-d %B %Y}"
        return f"Your deadline for {request.action.reference} stays {request.from_deadline:%-d %B %Y}"
    return "A deadline that you asked for is decided" if chosen.all_decided else ""


def elsewhere_subject(chosen: Chosen, facts: Facts) -> str:
    """Return "5 working days late: 4.2, Marcus Oyelaran", or how many are late for long."""
    late = chosen.actions[Part.ELSEWHERE]
    if len(late) == 1 and late[0].action in facts.actions:
        action = facts.actions[late[0].action]
        days = max(facts.days.between(cast(date, action.deadline), facts.on), 1)
        return f"{working_days(days)} late: {action.reference}, {action.owner or 'nobody owns it'}"
    if not late:
        return ""
    return f"{len(late)} {'action is' if len(late) == 1 else 'actions are'} late for long"


def other_subject(chosen: Chosen) -> str:
    """Return "1 action is not done yet", "3 actions are now yours", "2 actions are without a recent update"."""
    for part, words in (
        (Part.SENT_BACK, "not done yet"),
        (Part.GIVEN, "now yours"),
        (Part.QUIET, "without a recent update"),
    ):
        if number := len(chosen.actions[part]):
            return f"{number} {'action is' if number == 1 else 'actions are'} {words}"
    return ""


def clock_subject(chosen: Chosen, facts: Facts) -> str:
    """Return "10 working days left to send and publish the plan", or ""."""
    if not chosen.clocks:
        return ""
    day, key = chosen.clocks[0]
    return clock_line(facts.clocks[key], day, facts).split(". ")[0].rstrip(".")


def duties_subject(chosen: Chosen, facts: Facts) -> str:
    """Return "2 things to make ready for monitoring visit 1, 1 of them late"."""
    if not chosen.all_duties:
        return ""
    late = f", {chosen.late_duties} of them late" if chosen.late_duties and chosen.all_duties > 1 else ""
    steps, tasks = chosen.named[Part.STEPS], chosen.named[Part.TASKS]
    if tasks and not steps:
        visit = facts.tasks[tasks[0]].visit
        name = f"{str(visit)[0].lower()}{str(visit)[1:]}"
        return f"{things(len(tasks))} to make ready for {'' if visit.sequence else 'the '}{name}{late}"
    if steps and not tasks:
        return f"{things(len(steps), 'step')} of yours before the plan is sent{late}"
    return f"{things(chosen.all_duties)} of yours for the plan and the visit{late}"


def covered_subject(chosen: Chosen, facts: Facts) -> str:
    """Return "2 actions of Priya Nair, who is away", or ""."""
    number = len(chosen.actions[Part.COVERED])
    if not number:
        return ""
    return f"{number} {'action' if number == 1 else 'actions'} of {and_list(_names(chosen, facts))}, who is away"


def visit_subject(chosen: Chosen, visit: Visit | None, facts: Facts) -> str:
    """Return "Monitoring visit 1 in 20 working days: 4 of your actions are due before the visit", or ""."""
    left = chosen.all_visit
    if not left:
        return ""
    what = f"{left} of your actions {is_or_are(left)} due before the visit"
    return f"{visit} {in_days(visit.starts_on, facts)}: {what}" if visit and visit.starts_on else what


def greeting_of(member: Member) -> str:
    """First name and a comma; a post is not a name."""
    if member.user.name == member.post:
        return ""
    return f"{member.user.get_short_name()}, "


def opening_of(chosen: Chosen, facts: Facts, visit: Visit | None) -> str:
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
            f"{name[0].upper()}{name[1:]} is on {visit.starts_on:%-d %B %Y}, {in_days(visit.starts_on, facts)}."
        )
    return " ".join(sentences)


def _names(chosen: Chosen, facts: Facts) -> list[str]:
    return sorted(facts.away[key] for key in chosen.away if key in facts.away)


def covered_heading(chosen: Chosen, facts: Facts) -> str:
    return f"For {and_list(_names(chosen, facts))}, away just now"


def summary_line(sums: Sums | None) -> str:
    """Return the line of the weekly summary: how the plan stands, in numbers."""
    if sums is None:
        return ""
    going_on = "action is" if sums.going_on == 1 else "actions are"
    line = (
        f"This week: {sums.going_on} {going_on} open, {sums.overdue} of them overdue; "
        f"{sums.done} checked as complete in the last 7 days."
    )
    if not sums.asked:
        return line
    return f"{line} {sums.asked} {'deadline waits' if sums.asked == 1 else 'deadlines wait'} for a decision."


def clock_line(clock: Clock, day: date, facts: Facts) -> str:
    """Say how far a date of a clock is. `day` may be the date of its rule, when a letter gives a later one."""
    what = clock.get_kind_display()
    what = what if what.startswith(("Ofsted", "DfE")) else f"{what[0].lower()}{what[1:]}"
    left = facts.days.between(facts.on, day)
    start = f"Today is the last day: {what}" if day == facts.on else f"{working_days(left)} left: {what}"
    sentences = [start, f"It is due on {day:%A %-d %B %Y}"]
    if clock.kind == Clock.Kind.PLAN:
        start = (
            "Today is the last day to send and publish the plan"
            if day == facts.on
            else f"{working_days(left)} left to send and publish the plan"
        )
        sentences = [start, f"It is due on {day:%A %-d %B %Y}: sent to Ofsted, sent to DfE and published"]
    if clock.notified_due and day != clock.notified_due:
        sentences.append(f"That is the date of the rule; the letter gives {clock.notified_due:%-d %B %Y}")
    if clock.length and clock.unit == Clock.Unit.WORKING_DAYS:
        counts = "the law counts" if clock.basis == Clock.Basis.LAW else "the rule counts"
        sentences.append(f"Day 0 was {clock.trigger_on:%-d %B %Y}; {counts} {clock.length} working days")
    else:
        sentences.append(f"{clock.get_basis_display()}, from {clock.trigger_on:%-d %B %Y}")
    return ". ".join(sentences) + "."


def restricted_line(number: int) -> str:
    if not number:
        return ""
    return f"{number} restricted action{'' if number == 1 else 's'}. Sign in to see {'it' if number == 1 else 'them'}."


def preheader_of(chosen: Chosen) -> str:
    """Return the line that mail programs show after the subject."""
    if chosen.all_wanted:
        return "The present deadline holds until you decide."
    if chosen.all_late or chosen.all_due or chosen.all_visit:
        return "It takes about 30 seconds to update each one."
    return "What it is about, and what happens next."


def footer_of(chosen: Chosen) -> str:
    sentences = [why_you_got_this(chosen.kinds), "Never more than one email a day, and none at weekends."]
    if chosen.all_late:
        sentences.append("While an action stays late we remind you again, and then every week until it is done.")
    return " ".join(sentences)
