"""What a pack holds: the tables, as someone outside may read them, and what is left out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from accounts.member import Member, outside_reader
from tracker.actions.models import Action, Answer, DeadlineChange, Evidence, ProgressUpdate
from tracker.actions.rules import CLOSE_WORKING_DAYS, Status
from tracker.audit.admin import Entry, in_text, in_words
from tracker.audit.site import site
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import and_list, clock_time, count_of, long_date, short_date
from tracker.inspections.models import Recommendation, Visit
from tracker.plans.models import Plan, PlanVersion
from tracker.reports.letters import name_in_sentence

WITH_A_HISTORY = (Action, DeadlineChange, Evidence, ProgressUpdate)


@dataclass(frozen=True)
class Table:
    """One table of a pack: a file of the ZIP by its `name`, a section of the PDF by its `heading`.

    `widths` are the shares of its columns in the PDF, where one that is 0 is left out.
    """

    name: str
    heading: str
    words: str
    labels: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


@dataclass(frozen=True)
class Contents:
    """Everything that is in a pack, in words: the same contents make the same bytes."""

    title: str
    council: str
    plan: str
    audience: str
    made_at: datetime
    left_out: str
    tables: Sequence[Table]


def contents_of(visit: Visit, plan: Plan, *, audience: str, on: date, at: datetime, calendar: Calendar) -> Contents:
    """Return what a pack for a visit holds: the plan as it stands, without what is restricted and without drafts."""
    reader = outside_reader(visit.authority)
    return Contents(
        title=f"Pack for {name_in_sentence(visit)}",
        council=visit.authority.name,
        plan=str(plan),
        audience=audience,
        made_at=at,
        left_out=_left_out(plan, reader),
        tables=[
            _actions(plan, reader, on=on, calendar=calendar),
            _recommendations(plan, reader),
            _deadline_changes(plan, reader),
            _evidence(plan, reader),
            _versions(plan, reader),
            _history(plan, reader),
        ],
    )


def _left_out(plan: Plan, reader: Member) -> str:
    """Return what is left out, in numbers: "2 restricted actions and 1 draft are not in this pack."."""
    whole = Action.objects.of(plan.authority).filter(plan=plan)
    seen = whole.filter(pk__in=Action.objects.visible_to(reader))
    evidence = Evidence.objects.of(plan.authority).filter(action__in=seen)
    versions = PlanVersion.objects.of(plan.authority).filter(plan=plan)
    numbers = [
        (whole.count() - seen.count(), "restricted action,restricted actions"),
        (
            evidence.exclude(pk__in=Evidence.objects.visible_to(reader).values("pk")).count(),
            "restricted piece of evidence,restricted pieces of evidence",
        ),
        (versions.exclude(pk__in=PlanVersion.objects.visible_to(reader).values("pk")).count(), "draft,drafts"),
    ]
    named = [count_of(number, words) for number, words in numbers if number]
    if not named:
        return "Nothing of the plan is left out."
    return f"Left out: {and_list(named)}, and everything about them."


def _texts(*values: Any) -> list[str]:
    return [in_text(in_words(value, short=True)) for value in values]


def _actions(plan: Plan, reader: Member, *, on: date, calendar: Calendar) -> Table:
    rows = (
        Action.objects.visible_to(reader)
        .filter(plan=plan)
        .with_status(on=on, close_by=calendar.add(on, CLOSE_WORKING_DAYS))
        .select_related("priority", "owner", "service", "agency")
        .order_by("position", "pk")
    )
    return Table(
        "actions",
        "The plan as it stands",
        "Status is worked out by the tracker from the dates; “owner says” is the owner’s own rating.",
        [
            "Reference", "Action", "What we will do", "How we will know it has worked", "Priority", "Owner", "Service",
            "Partner agency", "First agreed", "Deadline", "Status", "Owner says", "Difference for children",
            "Last update",
        ],
        [
            _texts(
                row.reference, row.title, row.description, row.outcome, row.priority, row.owner, row.service,
                row.agency, row.first_agreed, row.deadline, Status(row.status_now).label, row.get_rating_display(),
                row.get_difference_display(), row.last_updated_on,
            )
            for row in rows
        ],
        [2, 7, 0, 0, 0, 4, 0, 0, 3, 3, 3, 0, 4, 0],
    )  # fmt: skip


def _recommendations(plan: Plan, reader: Member) -> Table:
    asked = (
        Recommendation.objects.visible_to(reader)
        .filter(inspection__plans=plan)
        .select_related("inspection")
        .order_by("inspection", "position", "pk")
    )
    answers = Answer.objects.visible_to(reader).filter(action__plan=plan)
    answering: dict[int, list[str]] = {}
    for key, reference in answers.order_by("action__position").values_list("recommendation", "action__reference"):
        answering.setdefault(key, []).append(reference)
    return Table(
        "recommendations",
        "Recommendations and the actions that answer them",
        "The inspectors’ words are quoted as they stand in the report.",
        ["Report", "Reference", "Recommendation", "Inspectors’ words", "Actions"],
        [
            _texts(row.inspection, row.reference, row.title, row.text, ", ".join(answering.get(row.pk, [])))
            for row in asked
        ],
        [5, 2, 6, 10, 3],
    )


def _deadline_changes(plan: Plan, reader: Member) -> Table:
    moves = (
        DeadlineChange.objects.visible_to(reader)
        .filter(action__plan=plan)
        .select_related("action")
        .order_by("action__position", "agreed_on", "pk")
    )
    return Table(
        "deadline-changes",
        "Deadlines that were moved",
        "Who asked, who agreed, when and why. The slip is in working days.",
        ["Action", "Title", "From", "To", "Slip", "Kind of reason", "Reason", "Asked for by", "Asked on", "Agreed by",
         "Agreed on"],
        [
            _texts(
                move.action.reference, move.action.title, move.from_deadline, move.to_deadline, move.working_days,
                move.get_reason_kind_display(), move.reason, move.asked_by, move.asked_on, move.agreed_by,
                move.agreed_on,
            )
            for move in moves
        ],
        [2, 0, 3, 3, 2, 0, 8, 4, 0, 4, 3],
    )  # fmt: skip


def _evidence(plan: Plan, reader: Member) -> Table:
    pieces = (
        Evidence.objects.visible_to(reader)
        .filter(action__plan=plan)
        .select_related("action", "added_by", "checked_by")
        .order_by("action__position", "added_on", "pk")
    )
    return Table(
        "evidence",
        "Index of evidence",
        "The evidence itself is kept where this says, and is shown on request.",
        ["Action", "Evidence", "Where it is kept", "Dated", "State", "Added by", "Added on", "Checked by",
         "Checked on"],
        [
            _texts(
                piece.action.reference, piece.title, piece.location, piece.dated_on, piece.get_state_display(),
                piece.added_by, piece.added_on, piece.checked_by, piece.checked_on,
            )
            for piece in pieces
        ],
        [2, 6, 7, 3, 3, 0, 0, 4, 3],
    )  # fmt: skip


def _versions(plan: Plan, reader: Member) -> Table:
    versions = (
        PlanVersion.objects.visible_to(reader)
        .filter(plan=plan)
        .defer("snapshot")
        .select_related("frozen_by")
        .order_by("number")
    )
    return Table(
        "versions",
        "Versions that were sent or published",
        "Each was frozen as it was sent.",
        ["Version", "Kind", "Frozen on", "Frozen by", "What changed"],
        [
            _texts(row.number, row.get_label_display(), row.frozen_on, row.frozen_by, row.change_summary)
            for row in versions
        ],
        [2, 3, 3, 4, 10],
    )


def _history(plan: Plan, reader: Member) -> Table:
    entries = sorted(_entries(plan, reader), key=lambda found: (found[1].at, found[1].number), reverse=True)
    return Table(
        "history",
        "History of actions, deadlines, evidence and updates",
        "Newest first. History is only ever added to.",
        ["Day", "Time", "Who", "Record", "Field", "Before", "After", "Reason"],
        [
            [
                short_date(entry.at), clock_time(entry.at),
                *_texts(entry.who, f"{kind}: {entry.record}", entry.field, entry.before, entry.after, entry.why),
            ]
            for kind, entry in entries
        ],
        [3, 0, 4, 5, 4, 5, 5, 6],
    )  # fmt: skip


def _entries(plan: Plan, reader: Member) -> Iterator[tuple[str, Entry]]:
    for model in WITH_A_HISTORY:
        shown_by = site.get_model_admin(model)
        for entry in shown_by.extract(reader, _of_plan(model, plan, reader)):
            yield shown_by.one.capitalize(), entry


def _of_plan(model: type[models.Model], plan: Plan, reader: Member) -> Iterable[Any]:
    rows = model._default_manager.visible_to(reader)
    return rows.filter(plan=plan) if model is Action else rows.filter(action__plan=plan)


def made_in_words(moment: datetime) -> str:
    """Return the moment of a pack as its pages say it: "6 May 2026 at 10:00am"."""
    return f"{long_date(moment)} at {clock_time(moment)}"
