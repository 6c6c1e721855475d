"""What must be true between the rows of seed files. Finds the row that each word names, and keeps it in `row.links`."""

import re
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.roles import OWNS_ACTIONS, Role
from seeds import rows
from seeds.rows import BOARD, Council, Row
from tracker.actions.models import Evidence
from tracker.inspections.frameworks import AREAS_OF
from tracker.inspections.models import Clock, Finding

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
MOST_TITLE = 300

Names = dict[str, dict[str, Row]]


def check(councils: list[Council], *, fictional: bool) -> None:
    """Check councils that were read together, and link their rows. Raises SeedFileError for the first fault."""
    _once((council.authority for council in councils), "slug")
    _once((council.authority for council in councils), "name")
    _once((person for council in councils for person in council.people), "email")
    for council in councils:
        if council.fictional != fictional:
            wanted = "Add “fictional: true” at the top." if fictional else "Remove “fictional: true”."
            raise council.wrong("fictional", f"A file of this folder tells whether it is made up. {wanted}")
        _Checks(council).check()


def _once(found: Iterable[Row], *keys: str) -> None:
    """Refuse two rows that have the same name."""
    seen: dict[Any, Row] = {}
    for row in found:
        value = tuple(getattr(row, key) for key in keys)
        if earlier := seen.get(value):
            where = f"line {earlier.line}" if earlier.file == row.file else earlier.file
            shown = " ".join(str(part) for part in value)
            raise row.wrong(keys[-1], f"“{shown}” is used already, on {where}. Use another {keys[-1]}.")
        seen[value] = row


def _slug(row: Row, key: str) -> None:
    if not SLUG.fullmatch(getattr(row, key)):
        raise row.wrong(key, f"“{getattr(row, key)}” stands in addresses. Use letters, digits and hyphens only.")


def _in_order(row: Row, first: str, second: str, message: str) -> None:
    """Refuse two days of a row that come in the wrong order; a day that is not known is in order."""
    earlier, later = getattr(row, first), getattr(row, second)
    if earlier and later and later < earlier:
        raise row.wrong(second, message.format(earlier=_day(earlier), later=_day(later)))


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


class _Checks:
    """The checks of one council."""

    def __init__(self, council: Council) -> None:
        self.council = council
        self.names: Names = {
            "people": {person.key: person for person in council.people},
            "services": {service.name: service for service in council.services},
            "agencies": {agency.name: agency for agency in council.agencies},
            "inspections": {inspection.reference: inspection for inspection in council.inspections},
            "sources": dict(council.sources),
        }
        self.names["people or board"] = self.names["people"]

    def check(self) -> None:
        council = self.council
        _slug(council.authority, "slug")
        _once(council.people, "key")
        _once(council.services, "name")
        _once(council.agencies, "name")
        _once(council.inspections, "reference")
        _once(council.visits, "reference")
        for row in council.all_rows():
            self._link(row)
        for person in council.people:
            self._person(person)
        for inspection in council.inspections:
            self._inspection(inspection)
        for visit in council.visits:
            self._visit(visit)
        if council.plan is not None:
            self._plan(council.plan)
        elif council.actions:
            raise council.actions[0].wrong("reference", "There is no plan for this action. Add “plan” to the file.")

    # Words that name a row

    def _link(self, row: Row) -> None:
        if "source" in row.takes():
            self._source(row)
        for key, each in row.takes().items():
            kind = each.metadata["kind"]
            if isinstance(kind, rows.Word) and kind.names and (value := getattr(row, key)):
                if kind.names == "people or board" and value == BOARD:
                    continue
                row.links[key] = self._named(row, key, kind.names, value)

    def _named(self, row: Row, key: str, names: str, value: str) -> Row:
        if value in self.names[names]:
            return self.names[names][value]
        where = "people" if names.startswith("people") else names
        known = list(self.names[names]) + ([BOARD] if "board" in names else [])
        raise row.wrong(key, _unknown(value, f"the {where} of this council", known))

    def _source(self, row: Any) -> None:
        if self.council.fictional and row.source:
            raise row.wrong("source", "What is made up has no source. Remove this line.")
        if not self.council.fictional and not row.source:
            raise row.wrong("source", f"“source” is missing from {row.WHAT}. Name one of the sources of this file.")

    # People

    def _person(self, person: rows.Person) -> None:
        try:
            validate_email(person.email)
        except ValidationError:
            raise person.wrong("email", f"“{person.email}” is not an email address. Correct it.") from None
        if person.service and person.agency:
            raise person.wrong("agency", "A person has a service or an agency, never both. Remove one.")
        if Role.PARTNER in person.roles and not person.agency:
            raise person.wrong("roles", "A partner belongs to an agency. Add “agency”.")
        if Role.INSPECTOR in person.roles and person.ends_on is None:
            raise person.wrong("roles", "An inspector's access has an end. Add “ends_on”.")

    # Inspections and visits

    def _inspection(self, inspection: rows.Inspection) -> None:
        _slug(inspection, "reference")
        _in_order(
            inspection, "started_on", "ended_on", "The inspection ends on {later}, before it starts on {earlier}."
        )
        _in_order(
            inspection, "ended_on", "received_on", "The report is received on {later}, before the inspection ends."
        )
        if not (inspection.started_on or inspection.published_on or inspection.dates_note):
            raise inspection.wrong("started_on", "No day of it is known. Say in “dates_note” what is known.")
        _once(inspection.judgements, "area")
        areas = AREAS_OF.get(inspection.framework, ())
        for judgement in inspection.judgements:
            if judgement.area not in areas:
                known = f"Use one of: {', '.join(areas)}." if areas else "Remove it."
                raise judgement.wrong(
                    "area", f"The framework {inspection.framework} does not judge “{judgement.area}”. {known}"
                )
        if len(inspection.recommendations) != inspection.recommendations_expected:
            raise inspection.wrong(
                "recommendations_expected",
                f"{inspection.recommendations_expected} recommendations are expected and "
                f"{len(inspection.recommendations)} are here. Add what is missing, or correct the number.",
            )
        _once(inspection.recommendations, "reference")
        for recommendation in inspection.recommendations:
            if not recommendation.title and len(recommendation.text) > MOST_TITLE:
                raise recommendation.wrong("text", "The text is too long to be its own title. Add “title”.")
        self._clocks(inspection)

    def _clocks(self, inspection: rows.Inspection) -> None:
        _once(inspection.clocks, "kind")
        for clock in inspection.clocks:
            if inspection.received_on is None:
                raise clock.wrong("kind", "A clock runs from the day of receipt, which is not known. Remove it.")
            if clock.notified_due and clock.kind != Clock.Kind.PLAN:
                raise clock.wrong("notified_due", "Only the clock of the plan may have a notified date. Remove it.")
            for key in ("notified_due", "met_on"):
                day = getattr(clock, key)
                if day and day <= inspection.received_on:
                    raise clock.wrong(
                        key, f"{_day(day)} is not after {_day(inspection.received_on)}, when the report was received."
                    )

    def _visit(self, visit: rows.Visit) -> None:
        _slug(visit, "reference")
        _in_order(visit, "starts_on", "ends_on", "The visit ends on {later}, before it starts on {earlier}.")
        if not (visit.starts_on or visit.dates_note):
            raise visit.wrong("starts_on", "No day of it is known. Say in “dates_note” what is known.")
        _once(visit.findings, "kind", "number")
        known = self._recommendations_of(visit)
        for finding in visit.findings:
            if finding.recommendation:
                if finding.recommendation not in known:
                    what = f"the recommendations of {visit.inspection or 'any inspection'}"
                    raise finding.wrong("recommendation", _unknown(finding.recommendation, what, list(known)))
                finding.links["recommendation"] = known[finding.recommendation]
            elif finding.link_certainty:
                raise finding.wrong("link_certainty", "This finding repeats no recommendation. Remove this line.")
        what = f"the recommendations of {visit.inspection or 'any inspection'}"
        self._link_all(visit, "looks_at", known, what)
        for question in visit.questions:
            if question.recommendation and question.recommendation not in known:
                raise question.wrong("recommendation", _unknown(question.recommendation, what, list(known)))
            question.links["recommendation"] = known.get(question.recommendation)
        _once(visit.readiness, "title")
        for task in visit.readiness:
            if visit.starts_on and task.due_on > visit.starts_on:
                raise task.wrong("due_on", f"It is to be ready on {_day(task.due_on)}, after the visit begins.")

    def _recommendations_of(self, visit: rows.Visit) -> dict[str, Row]:
        """Return what the findings of a visit may repeat: `3`, or `2014-sif/3` when it follows up no inspection."""
        if inspection := visit.links.get("inspection"):
            return {each.reference: each for each in inspection.recommendations}
        return {
            f"{inspection.reference}/{each.reference}": each
            for inspection in self.council.inspections
            for each in inspection.recommendations
        }

    # The plan

    def _plan(self, plan: rows.Plan) -> None:
        _slug(plan, "reference")
        if plan.illustrative != bool(plan.illustrative_note):
            raise plan.wrong(
                "illustrative", "“illustrative” and “illustrative_note” go together. Give both or neither."
            )
        for key in ("sent_to_ofsted_on", "sent_to_dfe_on", "published_on"):
            _in_order(plan, "starts_on", key, "{later} is before the plan starts, on {earlier}.")
        _once(plan.priorities, "number")
        _oldest_first(plan.versions, "frozen_on")
        for criticism in plan.criticisms:
            if len({bool(criticism.response), bool(criticism.owner), criticism.due_on is not None}) > 1:
                raise criticism.wrong("response", "A response, its owner and its day go together. Give all or none.")
        _once(self.council.actions, "reference")
        priorities = {str(priority.number): priority for priority in plan.priorities}
        recommendations = {each.reference: each for each in plan.links["inspection"].recommendations}
        findings = {
            f"{visit.reference}/{finding.number}": finding
            for visit in self.council.visits
            for finding in visit.findings
            if finding.kind == Finding.Kind.NEEDS_WORK
        }
        for action in self.council.actions:
            if str(action.priority) not in priorities:
                raise action.wrong(
                    "priority", _unknown(str(action.priority), "the priorities of the plan", list(priorities))
                )
            action.links["priority"] = priorities[str(action.priority)]
            self._link_all(action, "recommendations", recommendations, f"the recommendations of {plan.inspection}")
            self._link_all(action, "findings", findings, "the findings that need work")
            self._action(action)

    def _link_all(self, row: Row, key: str, known: dict[str, Any], what: str) -> None:
        for value in getattr(row, key):
            if value not in known:
                raise row.wrong(f"{key} {value}", _unknown(value, what, list(known)))
        row.links[key] = [known[value] for value in getattr(row, key)]

    def _action(self, action: rows.Action) -> None:
        if bool(action.service) == bool(action.agency):
            raise action.wrong("agency", "An action has a service or an agency: exactly one of them.")
        if OWNS_ACTIONS.isdisjoint(action.links["owner"].roles):
            raise action.wrong("owner", f"“{action.owner}” holds no role that owns actions. Choose someone else.")
        self._restriction(action, needs_review=True)
        _in_order(action, "starts_on", "deadline", "The deadline, {later}, is before the action starts, on {earlier}.")
        self._deadlines(action)
        self._request(action)
        for step in action.milestones:
            if step.due_on > action.deadline:
                raise step.wrong(
                    "due_on",
                    f"The milestone is due on {_day(step.due_on)}, after the deadline of {action.reference}, "
                    f"{_day(action.deadline)}. Make it that day or an earlier one.",
                )
        self._updates(action)
        _once(action.evidence, "title", "location")
        for piece in action.evidence:
            self._evidence(piece, action)
        if action.completion is not None:
            self._completion(action.completion, action)
        for step in action.difference:
            self._not_by_owner(step, "set_by", action)
        _oldest_first(action.difference, "set_on")

    def _restriction(self, row: Any, *, needs_review: bool) -> None:
        if row.is_restricted and not row.restricted_reason:
            raise row.wrong("is_restricted", "Say why it is restricted. Add “restricted_reason”.")
        if not row.is_restricted and row.restricted_reason:
            raise row.wrong(
                "restricted_reason", "It is not restricted. Add “is_restricted: true”, or remove the reason."
            )
        if needs_review and row.is_restricted != (row.restriction_review_on is not None):
            raise row.wrong("restriction_review_on", "A restriction, and nothing else, is looked at again on a day.")

    def _deadlines(self, action: rows.Action) -> None:
        _oldest_first(action.deadline_changes, "agreed_on")
        if not action.deadline_changes:
            if action.first_agreed is not None:
                raise action.wrong("first_agreed", "The deadline never moved. Remove this line, or add the change.")
            return
        if action.first_agreed is None:
            raise action.wrong("deadline_changes", "The deadline moved. Say in “first_agreed” what it was at first.")
        now = action.first_agreed
        for change in action.deadline_changes:
            if change.from_deadline != now:
                raise change.wrong("from_deadline", f"The deadline was {_day(now)} then. Correct “from”.")
            if change.to_deadline == now:
                raise change.wrong("to_deadline", "The new deadline is the old one. Correct “to”.")
            _in_order(change, "asked_on", "agreed_on", "It was agreed on {later}, before it was asked on {earlier}.")
            if change.asked_by == change.agreed_by:
                raise change.wrong("agreed_by", "Nobody agrees to their own request. Name someone else.")
            if action.completion and change.agreed_on > action.completion.claimed_on:
                raise change.wrong("agreed_on", "The action was finished by then, so its deadline no longer moved.")
            now = change.to_deadline
        if now != action.deadline:
            raise action.wrong("deadline", f"The last change moves it to {_day(now)}. Make both the same.")

    def _request(self, action: rows.Action) -> None:
        request = action.deadline_request
        if request is None:
            return
        if action.completion is not None:
            raise request.wrong("asked_on", "The action is finished, so its deadline no longer moves. Remove it.")
        if request.to_deadline == action.deadline:
            raise request.wrong("to_deadline", "That is the present deadline. Correct “to_deadline”.")

    def _updates(self, action: rows.Action) -> None:
        _oldest_first(action.updates, "recorded_on")
        for update in action.updates:
            if action.completion and update.recorded_on > action.completion.claimed_on:
                raise update.wrong(
                    "recorded_on", f"{action.reference} was finished by then, so it took no more updates. Remove it."
                )

    def _evidence(self, piece: rows.Evidence, action: rows.Action) -> None:
        self._restriction(piece, needs_review=False)
        is_waiting = piece.state == Evidence.State.WAITING
        if is_waiting != (not piece.checked_by and piece.checked_on is None):
            raise piece.wrong("state", "Evidence that waits has no checker and no day, any other has both.")
        if not is_waiting and not (piece.checked_by and piece.checked_on):
            raise piece.wrong("state", "Evidence that was checked has a checker and a day. Add both.")
        if piece.state == Evidence.State.NOT_ACCEPTED and not piece.state_reason:
            raise piece.wrong("state", "Say why it was not accepted. Add “state_reason”.")
        if is_waiting and piece.state_reason:
            raise piece.wrong("state_reason", "Nobody has looked at it yet. Remove this line.")
        if piece.checked_by == piece.added_by:
            raise piece.wrong("checked_by", "Nobody checks what they gave. Name someone else.")
        self._not_by_owner(piece, "checked_by", action)
        _in_order(piece, "added_on", "checked_on", "It was checked on {later}, before it was added on {earlier}.")

    def _completion(self, completion: rows.Completion, action: rows.Action) -> None:
        if (completion.checked_on is None) != (completion.checked_by is None):
            raise completion.wrong("checked_by", "Who checked and when go together. Give both, or null for both.")
        self._not_by_owner(completion, "checked_by", action)
        _in_order(
            completion, "claimed_on", "checked_on", "It was checked on {later}, before it was claimed on {earlier}."
        )
        if all(piece.added_on > completion.claimed_on for piece in action.evidence):
            raise completion.wrong(
                "claimed_on", "Nobody says done without evidence. Add a piece of that day or before."
            )

    def _not_by_owner(self, row: Row, key: str, action: rows.Action) -> None:
        if getattr(row, key) == action.owner:
            raise row.wrong(key, f"“{action.owner}” owns {action.reference}, and nobody checks their own work.")


def _oldest_first(found: list[Any], key: str) -> None:
    for earlier, later in pairwise(found):
        if getattr(later, key) < getattr(earlier, key):
            raise later.wrong(
                key, f"{_day(getattr(later, key))} comes after {_day(getattr(earlier, key))}. Put the oldest first."
            )


def _unknown(value: str, what: str, known: list[str]) -> str:
    close = get_close_matches(value, known, n=1)
    advice = f"Did you mean “{close[0]}”?" if close else f"Use one of: {', '.join(known)}." if known else "Remove it."
    return f"“{value}” is not among {what}. {advice}"
