"""Rows of seed files written through `changes`, in the order in which things happened, all of them or none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import ModuleType
from typing import Any
from zlib import crc32

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts import changes as account_changes
from accounts.models import User, practices_of
from seeds import rows
from seeds.checks import MOST_TITLE
from seeds.rows import BOARD, CERTAINTIES, INSPECTION_KINDS, Council, Row, SeedFileError
from tracker.actions import changes as action_changes
from tracker.actions.models import Action, Evidence, Milestone
from tracker.actions.rules import Difference
from tracker.audit.chain import recorded
from tracker.dates.clock import LONDON
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Clock
from tracker.plans import changes as plan_changes
from tracker.plans.models import Plan, Submission
from tracker.visits import changes as visit_changes

# The password of everybody who is loaded for a demonstration; nobody gets it in production.
DEMO_PASSWORD = "tea-and-biscuits"  # noqa: S105
MADE_UP = "Demonstration data"
FROM_THE_REPORT = f"{MADE_UP}, entered from the report"
FROM_THE_LETTER = f"{MADE_UP}, entered from the letter"
ILLUSTRATIVE = "Illustrative plan written for this product"


def _refusals(*modules: ModuleType) -> tuple[type[Exception], ...]:
    """Return the refusals of some `changes` modules: the exceptions they define."""
    return tuple(
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Exception) and each.__module__.startswith(module.__name__)
    )


REFUSALS = (
    *_refusals(account_changes, action_changes, inspection_changes, plan_changes, visit_changes),
    HolidaysUnknown,
    IntegrityError,
    ValidationError,
)


@contextmanager
def _told_by_line(row: Row) -> Iterator[None]:
    """Turn a refusal into an error that names the line of the row."""
    try:
        yield
    except REFUSALS as error:
        said = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise SeedFileError(row.file, row.line, f"This was refused: {said} Correct it.") from error


@recorded()
def load(councils: list[Council], *, now: datetime, calendar: Calendar, password: str | None) -> None:
    """Write councils that were read; everybody in them gets the password, nobody if it is None.

    Raises SeedFileError when a change refuses a row; nothing is then written.
    """
    password_hash = make_password(password) if password else ""
    for council in councils:
        _CouncilLoader(council, now=now, calendar=calendar, password_hash=password_hash).load()


@dataclass(frozen=True)
class Event:
    """Something that happened on a day; on the same day the lower step comes first."""

    on: date
    step: int
    row: Row
    happen: Callable[[], object]


class _CouncilLoader:
    """One council on its way into the database. `made` holds what each row of the file became."""

    def __init__(self, council: Council, *, now: datetime, calendar: Calendar, password_hash: str) -> None:
        self.council = council
        self.now = now
        self.calendar = calendar
        self.password_hash = password_hash
        self.made: dict[Row, Any] = {}
        # Nobody of a real council entered its record: the tracker did.
        self.office: User | None = None

    def load(self) -> None:
        council = self.council
        with _told_by_line(council.authority):
            self._authority()
        self._each(council.services, self._service)
        self._each(council.agencies, self._agency)
        self._each(council.people, self._person)
        self._each(council.services, self._head)
        if council.fictional:
            self.office = self._linked(council.authority, "contact")
        self._each(council.inspections, self._inspection)
        self._each(council.visits, self._visit)
        if council.plan is not None:
            with _told_by_line(council.plan):
                self._plan(council.plan)
            self._live_through(council.plan)

    def _each(self, found: list[Any], make: Callable[[Any], None]) -> None:
        for row in found:
            with _told_by_line(row):
                make(row)

    def _linked(self, row: Row, key: str) -> Any:
        """Return what the row that a word names became; None where nothing is named."""
        linked = row.links.get(key)
        if isinstance(linked, list):
            return [self.made[each] for each in linked]
        return self.made[linked] if linked is not None else None

    def _why(self, row: Row, made_up: str, more: str = "") -> str:
        """Return the reason of a change: the source of the row, or that it is made up and of what it would be."""
        origin = f"From the public record: {row.links['source'].title}" if "source" in row.links else made_up
        return _marked(row, f"{origin}{more}")

    # People

    def _authority(self) -> None:
        authority = self.council.authority
        contact: rows.Person = authority.links["contact"]
        self.made[authority] = self.authority = account_changes.add_authority(
            name=authority.name,
            slug=authority.slug,
            ons_code=authority.ons_code,
            dfe_code=authority.dfe_code,
            ofsted_urn=authority.ofsted_urn,
            contact_name=contact.name or contact.post,
            contact_phone=contact.phone,
            note=authority.note,
            by=None,
            reason=self._why(authority, MADE_UP),
        )

    def _set_up(self, row: Row) -> str:
        return _marked(row, MADE_UP if self.council.fictional else "Made up, as the record names no people")

    def _service(self, service: rows.Service) -> None:
        self.made[service] = account_changes.add_service(
            self.authority, name=service.name, by=None, reason=self._set_up(service)
        )

    def _agency(self, agency: rows.Agency) -> None:
        self.made[agency] = account_changes.add_agency(
            self.authority, name=agency.name, kind=agency.kind, by=None, reason=self._set_up(agency)
        )

    def _person(self, person: rows.Person) -> None:
        user = account_changes.add_person(
            email=person.email,
            name=person.name or person.post,
            password_hash=self.password_hash,
            by=None,
            reason=self._set_up(person),
        )
        for role in person.roles:
            account_changes.give_role(
                user,
                self.authority,
                role=role,
                post=person.post,
                phone=person.phone,
                service=self._linked(person, "service"),
                agency=self._linked(person, "agency"),
                ends_on=person.ends_on,
                by=None,
                reason=self._set_up(person),
            )
        self.made[person] = user

    def _head(self, service: rows.Service) -> None:
        self.made[service] = account_changes.name_head(
            self.made[service],
            head=self._linked(service, "head"),
            by=None,
            reason=self._set_up(service),
        )

    # Inspections and visits

    def _inspection(self, inspection: rows.Inspection) -> None:
        is_complete = "" if inspection.recommendations_complete else "Its list of recommendations here is not complete."
        made = inspection_changes.record_inspection(
            self.authority,
            reference=inspection.reference,
            framework=inspection.framework,
            kind=_marked(inspection, INSPECTION_KINDS[inspection.kind]),
            started_on=inspection.started_on,
            ended_on=inspection.ended_on,
            dates_note=inspection.dates_note,
            received_on=inspection.received_on,
            received_is_assumed=inspection.received_is_assumed,
            published_on=inspection.published_on,
            is_monitored=inspection.is_monitored,
            source=source_text(inspection, inspection.note, is_complete),
            by=self.office,
            reason=self._why(inspection, FROM_THE_REPORT),
        )
        self.made[inspection] = made
        for judgement in inspection.judgements:
            with _told_by_line(judgement):
                inspection_changes.record_judgement(
                    made,
                    area=judgement.area,
                    grade=judgement.grade,
                    by=self.office,
                    reason=self._why(judgement, FROM_THE_REPORT),
                )
        for position, recommendation in enumerate(inspection.recommendations, start=1):
            with _told_by_line(recommendation):
                self._recommendation(made, recommendation, position)
        if inspection.received_on is not None:
            self._clocks(inspection, made)

    def _recommendation(self, inspection: Any, recommendation: rows.Recommendation, position: int) -> None:
        self.made[recommendation] = inspection_changes.record_recommendation(
            inspection,
            reference=recommendation.reference,
            position=position,
            kind=recommendation.kind,
            paragraph=recommendation.paragraph,
            heading=recommendation.heading,
            addressee=recommendation.addressee,
            timescale=recommendation.timescale,
            theme=recommendation.theme,
            title=recommendation.title or _as_title(recommendation.text),
            text=recommendation.text,
            is_paraphrase=recommendation.is_paraphrase,
            source=source_text(recommendation, recommendation.note),
            by=self.office,
            reason=self._why(recommendation, FROM_THE_REPORT),
        )

    def _clocks(self, inspection: rows.Inspection, made: Any) -> None:
        told = {clock.kind: clock for clock in inspection.clocks}
        plan = told.get(Clock.Kind.PLAN)
        clocks = inspection_changes.start_clocks(
            made,
            calendar=self.calendar,
            notified_plan_due=plan.notified_due if plan else None,
            notified_source=source_text(plan) if plan else "",
            by=self.office,
        )
        for clock in clocks:
            row = told.get(clock.kind)
            if row is not None and row.met_on is not None:
                with _told_by_line(row):
                    self._met(clock, row.met_on, reason=self._why(row, f"{MADE_UP}, done on that day"))

    def _met(self, clock: Clock, met_on: date, *, reason: str) -> None:
        """Record what ended a clock, each thing on that day."""
        for step in clock.rule.steps:
            inspection_changes.record_step(
                clock,
                step=step.code,
                done_on=met_on,
                done_by=self.authority.name,
                proof=reason,
                by=self.office,
                on=met_on,
            )
        if not clock.rule.steps:
            inspection_changes.stop_clock(clock, met_on=met_on, on=met_on, by=self.office, reason=reason)

    def _visit(self, visit: rows.Visit) -> None:
        counts = visit.counts_reported
        made = inspection_changes.record_visit(
            self.authority,
            reference=visit.reference,
            kind=visit.kind,
            inspection=self._linked(visit, "inspection"),
            sequence=visit.sequence,
            starts_on=visit.starts_on,
            ends_on=visit.ends_on,
            dates_note=visit.dates_note,
            agreed_on=visit.agreed_on,
            focus=visit.focus or "",
            inspectors=visit.inspectors,
            letter_published_on=visit.letter_published_on,
            strengths_reported=counts.strengths if counts else None,
            needs_work_reported=counts.needs_work if counts else None,
            source=source_text(visit, visit.findings_note),
            by=self.office,
            reason=self._why(visit, FROM_THE_LETTER),
        )
        self.made[visit] = made
        for finding in visit.findings:
            how = ", linked to the recommendation by inference" if finding.link_certainty else ""
            with _told_by_line(finding):
                self.made[finding] = inspection_changes.record_finding(
                    made,
                    number=finding.number,
                    kind=finding.kind,
                    text=finding.text,
                    is_paraphrase=finding.is_paraphrase,
                    recommendation=self._linked(finding, "recommendation"),
                    agency=self._linked(finding, "agency"),
                    by=self.office,
                    reason=self._why(finding, FROM_THE_LETTER, how),
                )
        with _told_by_line(visit):
            inspection_changes.start_visit_clocks(made, calendar=self.calendar, by=self.office)
            if visit.looks_at:
                reason = _marked(visit, f"{MADE_UP}, what the visit looks at")
                focus = self._linked(visit, "looks_at")
                inspection_changes.choose_focus(made, recommendations=focus, by=self.office, reason=reason)
        for task in visit.readiness:
            with _told_by_line(task):
                self._task(made, task)
        for question in visit.questions:
            with _told_by_line(question):
                visit_changes.add_question(
                    made, text=question.text, recommendation=self._linked(question, "recommendation"), by=self.office
                )

    def _task(self, visit: Any, task: rows.Task) -> None:
        made = visit_changes.add_task(
            visit,
            title=task.title,
            owner=self._linked(task, "owner"),
            due_on=task.due_on,
            by=self.office,
            on=self.now.date(),
        )
        if task.done_on is not None:
            visit_changes.finish_task(made, done_note=task.done_note, by=self._linked(task, "owner"), on=task.done_on)

    # The plan

    def _planned(self, row: Row, what: str) -> str:
        origin = MADE_UP if self.council.fictional else ILLUSTRATIVE
        return _marked(row, f"{origin}, {what}")

    def _plan(self, plan: rows.Plan) -> None:
        made: Plan = plan_changes.start_plan(
            self.authority,
            reference=plan.reference,
            title=plan.title,
            starts_on=plan.starts_on,
            answers=[self._linked(plan, "inspection")],
            note=plan.illustrative_note,
            board_meets_on=plan.board_meets_on,
            by=self.office,
            reason=self._planned(plan, "entered as the plan began"),
        )
        self.made[plan] = made
        titles = f". Titles from: {source_line(plan.priorities_source)}" if plan.priorities_source else ""
        for priority in plan.priorities:
            with _told_by_line(priority):
                self.made[priority] = plan_changes.add_priority(
                    made,
                    number=priority.number,
                    title=priority.title,
                    outcome=priority.outcome,
                    lead=self._linked(priority, "lead"),
                    by=self.office,
                    reason=self._planned(priority, f"entered with the plan{titles}"),
                )
        in_order = sorted(self.council.actions, key=lambda action: _natural(action.reference))
        for position, action in enumerate(in_order, start=1):
            with _told_by_line(action):
                self._action(made, action, position)

    def _action(self, plan: Plan, action: rows.Action, position: int) -> None:
        self.made[action] = action_changes.add_action(
            plan,
            reference=action.reference,
            position=position,
            priority=self._linked(action, "priority"),
            title=action.title,
            description=action.description,
            outcome=action.outcome,
            owner=self._linked(action, "owner"),
            accountable=self._linked(action, "accountable"),
            service=self._linked(action, "service"),
            agency=self._linked(action, "agency"),
            recommendations=self._linked(action, "recommendations"),
            findings=self._linked(action, "findings"),
            starts_on=action.starts_on,
            deadline=action.first_agreed or action.deadline,
            is_restricted=action.is_restricted,
            restricted_reason=action.restricted_reason,
            restriction_review_on=action.restriction_review_on,
            by=self.office,
            on=plan.starts_on,
            reason=self._planned(action, "entered with the plan"),
        )
        self._milestones(action, until=action.first_agreed or action.deadline)
        for measure in action.measures:
            with _told_by_line(measure):
                action_changes.add_measure(
                    self.made[action],
                    title=measure.title,
                    kind=measure.kind,
                    baseline=measure.baseline,
                    target=measure.target,
                    target_on=measure.target_on,
                    by=self.office,
                    reason=self._planned(measure, "entered with the plan"),
                )

    def _milestones(self, action: rows.Action, *, until: date) -> None:
        """Add, in the order of the file, the milestones that fit the deadline as it stands by now."""
        for step in action.milestones:
            if step in self.made:
                continue
            if step.due_on > until:
                return
            with _told_by_line(step):
                self.made[step] = action_changes.add_milestone(
                    self.made[action],
                    title=step.title,
                    due_on=step.due_on,
                    by=self.office,
                    reason=self._planned(step, "entered with the plan"),
                )

    # What happened since

    def _live_through(self, plan: rows.Plan) -> None:
        """Do what happened, day by day over the whole plan."""
        events = [*self._sendings(plan), *self._reviews(plan)]
        for action in self.council.actions:
            events.extend(self._events(action))
        for event in sorted(events, key=lambda event: (event.on, event.step)):
            with _told_by_line(event.row):
                event.happen()

    def _reviews(self, plan: rows.Plan) -> Iterator[Event]:
        """Yield what was frozen of the plan on its way, and what reviewers said against it."""
        made = self.made[plan]
        for version in plan.versions:
            yield Event(version.frozen_on, 11, version, lambda version=version: self._freeze(made, version))
        for criticism in plan.criticisms:
            yield Event(criticism.made_on, 12, criticism, lambda criticism=criticism: self._criticise(made, criticism))

    def _freeze(self, plan: Plan, version: rows.Version) -> None:
        action_changes.freeze_version(
            plan,
            label=version.label,
            change_summary=version.change_summary,
            by=self.office,
            on=version.frozen_on,
            reason=self._planned(version, "frozen on its way"),
        )

    def _criticise(self, plan: Plan, criticism: rows.Criticism) -> None:
        made = plan_changes.record_criticism(
            plan,
            made_by=criticism.made_by,
            made_on=criticism.made_on,
            text=criticism.text,
            paragraph=criticism.paragraph,
            author=self._linked(criticism, "author"),
            by=self.office,
            on=criticism.made_on,
        )
        if criticism.owner and criticism.due_on:
            plan_changes.respond(
                made,
                response=criticism.response,
                owner=self._linked(criticism, "owner"),
                due_on=criticism.due_on,
                by=self.office,
                on=criticism.made_on,
            )

    def _sendings(self, plan: rows.Plan) -> Iterator[Event]:
        steps = {
            Submission.Step.OFSTED: plan.sent_to_ofsted_on,
            Submission.Step.DFE: plan.sent_to_dfe_on,
            Submission.Step.PUBLISHED: plan.published_on,
        }
        days = {step: day for step, day in steps.items() if day is not None}
        made = self.made[plan]
        if days:
            first = min(days.values())
            yield Event(first, 0, plan, lambda: self._submit(made, plan, first))
        for step, day in days.items():
            yield Event(day, 1, plan, lambda step=step, day=day: self._send(made, plan, step, day))

    def _submit(self, made: Plan, plan: rows.Plan, day: date) -> None:
        action_changes.submit_plan(
            made, by=self.office, on=day, reason=self._planned(plan, "frozen as it was when it was first sent")
        )

    def _send(self, made: Plan, plan: rows.Plan, step: str, day: date) -> None:
        plan_changes.record_submission(
            made,
            step=step,
            done_on=day,
            by=self.office,
            on=self.now.date(),
            reason=self._planned(plan, "recorded with its day"),
        )

    def _events(self, action: rows.Action) -> Iterator[Event]:
        """Yield what happened to an action."""
        yield from self._moves(action)
        for step in action.milestones:
            if step.done_on is not None:
                yield Event(step.done_on, 3, step, lambda step=step: self._tick(step, action))
        for update in action.updates:
            yield Event(update.recorded_on, 4, update, lambda update=update: self._update(update, action))
        for piece in action.evidence:
            yield Event(piece.added_on, 5, piece, lambda piece=piece: self._add_evidence(piece, action))
            if piece.checked_on is not None:
                yield Event(piece.checked_on, 7, piece, lambda piece=piece: self._check_evidence(piece))
        if (completion := action.completion) is not None:
            yield Event(completion.claimed_on, 6, completion, lambda: self._claim(completion, action))
            if completion.checked_on is not None:
                yield Event(completion.checked_on, 8, completion, lambda: self._complete(completion, action))
        for level in action.difference:
            yield Event(level.set_on, 9, level, lambda level=level: self._set_difference(level, action))

    def _moves(self, action: rows.Action) -> Iterator[Event]:
        """Yield how its deadline moved, and who asks that it moves."""
        for change in action.deadline_changes:
            yield Event(change.agreed_on, 2, change, lambda change=change: self._move(change, action))
        if (request := action.deadline_request) is not None:
            yield Event(request.asked_on, 10, request, lambda: self._ask(request, action))

    def _at(self, day: date, row: Row, action: rows.Action, minutes: int) -> datetime:
        """Return a plausible moment of a day: from 9am to noon, and the same each time, plus some minutes."""
        start = datetime.combine(day, time(9), tzinfo=LONDON)
        spread = crc32(f"{action.reference} {row.line}".encode()) % 36 * 5
        return min(start + timedelta(minutes=spread + minutes), self.now)

    def _tick(self, step: rows.Milestone, action: rows.Action) -> None:
        milestone: Milestone = self.made.get(step)
        if milestone is None:
            raise step.wrong(
                "due_on", "It was done before it fitted the deadline. Put it after the steps that are due first."
            )
        action_changes.finish_milestone(
            milestone,
            on=step.done_on,
            by=self._linked(action, "owner"),
            reason=self._planned(step, f"done on {step.done_on:%-d %B %Y}"),
        )

    def _move(self, change: rows.DeadlineChange, action: rows.Action) -> None:
        agreed_by = self._linked(change, "agreed_by")
        action_changes.move_deadline(
            self.made[action],
            to=change.to_deadline,
            reason_kind=change.reason_kind,
            reason=change.reason,
            asked_by=self._person_or_board(change, "asked_by"),
            asked_on=change.asked_on,
            agreed_by=self._person_or_board(change, "agreed_by"),
            agreed_on=change.agreed_on,
            by=agreed_by or self._linked(change, "asked_by"),
            at=self._at(change.agreed_on, change, action, 0),
            calendar=self.calendar,
        )
        self._milestones(action, until=change.to_deadline)

    def _ask(self, request: rows.DeadlineRequest, action: rows.Action) -> None:
        action_changes.ask_for_deadline(
            self.made[action],
            to=request.to_deadline,
            reason_kind=request.reason_kind,
            reason=request.reason,
            effect_on_children=request.effect_on_children,
            done_to_avoid=request.done_to_avoid,
            by=self._linked(request, "asked_by"),
            on=request.asked_on,
            at=self._at(request.asked_on, request, action, 20),
            calendar=self.calendar,
            practices=practices_of(self.authority),
        )

    def _person_or_board(self, change: rows.DeadlineChange, key: str) -> str:
        person = self._linked(change, key)
        return person.name if person is not None else _marked(change, BOARD.capitalize())

    def _update(self, update: rows.Update, action: rows.Action) -> None:
        action_changes.record_update(
            self.made[action],
            narrative=update.narrative,
            rating=update.rating,
            by=self._linked(update, "by"),
            on=update.recorded_on,
            at=self._at(update.recorded_on, update, action, 10),
        )

    def _add_evidence(self, piece: rows.Evidence, action: rows.Action) -> None:
        self.made[piece] = action_changes.add_evidence(
            self.made[action],
            title=piece.title,
            location=piece.location,
            is_restricted=piece.is_restricted,
            restricted_reason=piece.restricted_reason,
            by=self._linked(piece, "added_by"),
            on=piece.added_on,
            at=self._at(piece.added_on, piece, action, 40),
        )

    def _check_evidence(self, piece: rows.Evidence) -> None:
        evidence: Evidence = self.made[piece]
        action_changes.check_evidence(
            evidence,
            state=piece.state,
            by=self._linked(piece, "checked_by"),
            on=piece.checked_on,
            reason=piece.state_reason or _marked(piece, "It shows what it says."),
        )

    def _claim(self, completion: rows.Completion, action: rows.Action) -> None:
        action_changes.record_update(
            self.made[action],
            narrative=completion.comment,
            rating="",
            says_done=True,
            by=self._linked(completion, "claimed_by"),
            on=completion.claimed_on,
            at=self._at(completion.claimed_on, completion, action, 4 * 60),
        )

    def _complete(self, completion: rows.Completion, action: rows.Action) -> None:
        made: Action = self.made[action]
        action_changes.complete(
            made,
            by=self._linked(completion, "checked_by"),
            on=completion.checked_on,
            reason=_marked(completion, "Finished, and checked against the evidence"),
        )

    def _set_difference(self, level: rows.Difference, action: rows.Action) -> None:
        said = {"by": self._linked(level, "set_by"), "on": level.set_on, "reason": level.note}
        if level.level == Difference.SUSTAINED:
            weeks = practices_of(self.authority)["reporting_period"].value
            action_changes.sustain(
                self.made[action],
                since=level.set_on - timedelta(weeks=2 * weeks),
                decided_for=BOARD.capitalize(),
                period_weeks=weeks,
                **said,
            )
        else:
            action_changes.set_difference(self.made[action], to=level.level, **said)


def source_text(row: Any, *notes: str) -> str:
    """Return what is kept in the column for the source: the document, where in it, how sure, and what to know."""
    parts = [source_line(row.links["source"])] if "source" in row.links else []
    return " ".join([*parts, *(_sentence(note) for note in notes if note)])


def source_line(source: rows.Source) -> str:
    certainty = CERTAINTIES[source.certainty]
    parts = [source.title, source.locator, source.url or "", f"Certainty: {source.certainty}, {certainty}", source.note]
    return " ".join(_sentence(part) for part in parts if part)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _as_title(text: str) -> str:
    return (text[:1].upper() + text[1:].removesuffix("."))[:MOST_TITLE]


def _marked(row: Row, words: str) -> str:
    """Return words of ours with the marker of the row they are written for."""
    return f"{row.marker} {words}" if row.marker else words


def _natural(reference: str) -> list[tuple[int, str]]:
    """Return a key that puts 3.10 after 3.9."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in reference.split(".")]
