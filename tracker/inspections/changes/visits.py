"""Entering visits, moving them, and what their letters say."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Max

from accounts.models import Agency, Authority, User
from tracker.audit.chain import recorded
from tracker.audit.history import delete_because, save_because, version_of
from tracker.inspections.changes.refusals import OtherCouncil, WrongDates
from tracker.inspections.models import Finding, Inspection, Recommendation, Visit, VisitFocus


class WrongDay(WrongDates):
    """A day of a visit or its letter that cannot be true; `field` is the one to correct."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class VisitEntered(Exception):
    """The council has a visit of this number or reference already."""


class LetterHasCome(Exception):
    """A visit whose letter has come took place: its days do not move."""


class NoLetter(Exception):
    """Findings are what a letter says: it comes first."""


class HasFindings(Exception):
    """What hangs on findings cannot be taken back while they are there."""


class NumberTaken(Exception):
    """Another finding of the letter has this number, or these words."""


class NothingChanged(Exception):
    """What was sent is what is there already."""


class ChangedSince(Exception):
    """Someone else changed the row while this change was being written."""


def refuse_if_changed(row: models.Model, *, seen: int | None) -> None:
    """Raise ChangedSince when the row was changed after `seen`, saying by whom and what. None: nothing was seen."""
    if seen is None or version_of(row) == seen:
        return
    versions = row.history  # type: ignore[attr-defined]
    newest, before = versions.order_by("-pk").first(), versions.filter(pk=seen).first()
    changed = newest.diff_against(before).changed_fields if before else []
    names = [str(row._meta.get_field(name).verbose_name) for name in changed]
    what = f" It is now different in: {', '.join(names)}." if names else ""
    raise ChangedSince(
        f"{newest.actor} changed this while you were writing.{what} What you typed is still here: check it, "
        "then save again to put it in place of theirs."
    )


def refuse_days(
    inspection: Inspection | None,
    *,
    starts_on: date | None,
    ends_on: date | None,
    expected_from: date | None,
    expected_to: date | None,
) -> None:
    """Raise WrongDay for days of a visit that cannot all be true: upside down, or before the inspection it follows."""
    if ends_on and not starts_on:
        raise WrongDay("Enter the first day of the visit as well as its last.", "starts_on")
    if starts_on and ends_on and ends_on < starts_on:
        raise WrongDay("The visit must end on or after the day it starts.", "ends_on")
    if expected_from and expected_to and expected_to < expected_from:
        raise WrongDay("The last day it is expected must be on or after the first.", "expected_to")
    days = {"starts_on": starts_on, "expected_from": expected_from, "expected_to": expected_to}
    for field, day in days.items():
        if inspection and day and (words := _is_before(inspection, day)):
            raise WrongDay(f"The visit must come after the inspection it follows up, which {words}.", field)


def _is_before(inspection: Inspection, day: date) -> str:
    """Return which day of an inspection a visit that follows it up would come before, in words; else ""."""
    if inspection.ended_on or inspection.started_on:
        known, what = inspection.ended_on, "ended"
        if known is None:
            known, what = inspection.started_on, "started"
        return f"{what} on {known:%-d %B %Y}" if known and day <= known else ""
    report = inspection.received_on or inspection.published_on
    return f"was reported on by {report:%-d %B %Y}" if report and day < report else ""


@recorded()
def record_visit(
    authority: Authority,
    *,
    reference: str,
    kind: str,
    by: User | None,
    reason: str,
    inspection: Inspection | None = None,
    sequence: int | None = None,
    expected_from: date | None = None,
    expected_to: date | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    dates_note: str = "",
    agreed_on: date | None = None,
    focus: str = "",
    inspectors: str = "",
    letter_received_on: date | None = None,
    letter_published_on: date | None = None,
    letter_stays_unpublished: bool = False,
    has_priority_areas: bool = False,
    strengths_reported: int | None = None,
    needs_work_reported: int | None = None,
    source: str = "",
) -> Visit:
    """Enter a visit, past or to come.

    Raises WrongDates when it ends before it starts, its window is upside down or it comes before the inspection
    it follows up ended; OtherCouncil for another council's inspection; VisitEntered for a number or reference
    that is used.
    """
    # Locked, so that two people who enter the same visit at once do not both find its number free.
    authority = Authority.objects.select_for_update().get(pk=authority.pk)
    if inspection is not None and inspection.authority_id != authority.pk:
        raise OtherCouncil("That inspection belongs to another council.")
    refuse_days(inspection, starts_on=starts_on, ends_on=ends_on, expected_from=expected_from, expected_to=expected_to)
    if Visit.objects.of(authority).filter(reference=reference).exists():
        raise VisitEntered(f"The council has a visit at “{reference}” already. Choose another reference.")
    visit = Visit(
        authority=authority,
        inspection=inspection,
        reference=reference,
        kind=kind,
        sequence=sequence,
        expected_from=expected_from,
        expected_to=expected_to,
        starts_on=starts_on,
        ends_on=ends_on,
        dates_note=dates_note,
        agreed_on=agreed_on,
        focus=focus,
        inspectors=inspectors,
        letter_received_on=letter_received_on,
        letter_published_on=letter_published_on,
        letter_stays_unpublished=letter_stays_unpublished,
        has_priority_areas=has_priority_areas,
        strengths_reported=strengths_reported,
        needs_work_reported=needs_work_reported,
        source=source,
    )
    _refuse_same_number(visit)
    return save_because(visit, by=by, reason=reason)


def _refuse_same_number(visit: Visit) -> None:
    """Numbers count the visits of a kind after one inspection."""
    if visit.sequence is None or visit.inspection is None:
        return
    same = Visit.objects.filter(
        authority=visit.authority_id, inspection=visit.inspection_id, kind=visit.kind, sequence=visit.sequence
    ).exclude(pk=visit.pk)
    if same.exists():
        raise VisitEntered(
            f"{visit} after the {visit.inspection} is entered already. Enter another number, or change that visit."
        )


@recorded()
def change_visit(
    visit: Visit,
    *,
    kind: str,
    sequence: int | None,
    inspection: Inspection | None,
    starts_on: date | None,
    ends_on: date | None,
    expected_from: date | None,
    expected_to: date | None,
    dates_note: str,
    agreed_on: date | None,
    focus: str,
    inspectors: str,
    by: User,
    reason: str,
    seen: int | None = None,
) -> Visit:
    """Change what is known of a visit; one that will not come keeps no day, and a note says why.

    Days that were empty may be filled in at any time. `visits.changes.change_visit` also moves what is made ready
    for it and the clocks that hang on it. Raises LetterHasCome for moving a visit whose letter has come, ChangedSince
    for one changed after the version `seen`, NothingChanged, and what `record_visit` raises.
    """
    # The council's row first, as in `record_visit`: numbers are given out under it.
    Authority.objects.select_for_update().get(pk=visit.authority_id)
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    refuse_if_changed(visit, seen=seen)
    if inspection is not None and inspection.authority_id != visit.authority_id:
        raise OtherCouncil("That inspection belongs to another council.")
    refuse_days(inspection, starts_on=starts_on, ends_on=ends_on, expected_from=expected_from, expected_to=expected_to)
    if visit.has_letter:
        for known, new, field in ((visit.starts_on, starts_on, "starts_on"), (visit.ends_on, ends_on, "ends_on")):
            if known is not None and new != known:
                raise LetterHasCome(
                    f"The letter of this visit has come, so its days do not move. Put back {known:%-d %B %Y} as the "
                    f"{'first' if field == 'starts_on' else 'last'} day."
                )
        if visit.letter_on and (ends_on or starts_on) and visit.letter_on < (ends_on or starts_on):
            raise WrongDay(f"The visit must end by {visit.letter_on:%-d %B %Y}, the day of its letter.", "starts_on")
    _set(
        visit,
        kind=kind,
        sequence=sequence,
        inspection=inspection,
        starts_on=starts_on,
        ends_on=ends_on,
        expected_from=expected_from,
        expected_to=expected_to,
        dates_note=dates_note,
        agreed_on=agreed_on,
        focus=focus,
        inspectors=inspectors,
    )
    _refuse_same_number(visit)
    return save_because(visit, by=by, reason=reason)


def _set(row: models.Model, **values: Any) -> None:
    """Put the values on the row. Raises NothingChanged when they are there already."""
    if all(getattr(row, name) == value for name, value in values.items()):
        raise NothingChanged("Nothing is different from what is saved. Change something, or go back.")
    for name, value in values.items():
        setattr(row, name, value)


@recorded()
def choose_focus(
    visit: Visit, *, recommendations: Iterable[Recommendation], by: User, reason: str
) -> list[Recommendation]:
    """Say which recommendations a visit looks at; one history row for each that is added or taken out.

    Raises OtherCouncil for another council's, NothingChanged.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    chosen = {recommendation.pk: recommendation for recommendation in recommendations}
    _refuse_other_councils(visit, *chosen.values())
    there = {row.recommendation_id: row for row in visit.looks_at.all()}
    if chosen.keys() == there.keys():
        raise NothingChanged("These recommendations are the ones chosen already. Change something, or go back.")
    for key, row in there.items():
        if key not in chosen:
            delete_because(row, by=by, reason=reason)
    for key, recommendation in chosen.items():
        if key not in there:
            save_because(VisitFocus(visit=visit, recommendation=recommendation), by=by, reason=reason)
    return list(chosen.values())


@recorded()
def record_letter(
    visit: Visit,
    *,
    letter_received_on: date | None,
    letter_published_on: date | None,
    letter_stays_unpublished: bool,
    has_priority_areas: bool,
    strengths_reported: int | None,
    needs_work_reported: int | None,
    by: User,
    on: date,
    reason: str,
    seen: int | None = None,
) -> Visit:
    """Record that the letter of a visit came, or correct what was recorded of it.

    Of a visit long ago perhaps only what the letter counts is known. Raises WrongDay for a letter before the visit
    ended, in the future, or of a visit whose days are still to be agreed; NoLetter when nothing of it is given;
    HasFindings for taking back a letter whose findings are recorded; NothingChanged, ChangedSince.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    refuse_if_changed(visit, seen=seen)
    last = visit.last_day
    if last is None and (visit.expected_from or visit.expected_to):
        raise WrongDay("Enter the days of the visit before its letter, or what is known of them.", "letter_received_on")
    days = {"letter_received_on": letter_received_on, "letter_published_on": letter_published_on}
    for field, day in days.items():
        if day is not None and last is not None and day < last:
            raise WrongDay(f"The letter must come on or after {last:%-d %B %Y}, when the visit ended.", field)
        if day is not None and day > on:
            raise WrongDay("The day must be today or in the past.", field)
    if letter_published_on and letter_stays_unpublished:
        raise WrongDay(
            "Leave this empty, or say below that Ofsted published the letter: it cannot be both.", "letter_published_on"
        )
    if last is not None and last > on:
        raise WrongDay(f"The visit ends on {last:%-d %B %Y}: its letter comes after that.", "letter_received_on")
    is_known = any(days.values()) or strengths_reported is not None or needs_work_reported is not None
    if not is_known:
        if not visit.has_letter:
            raise NoLetter("Enter the day the letter was received. If nobody knows it, enter what the letter counts.")
        if visit.findings.exists():
            raise HasFindings(
                "The findings of this letter are recorded, so it cannot be taken back. Enter a day, or what it counts."
            )
    _set(
        visit,
        letter_received_on=letter_received_on,
        letter_published_on=letter_published_on,
        letter_stays_unpublished=letter_stays_unpublished,
        has_priority_areas=has_priority_areas,
        strengths_reported=strengths_reported,
        needs_work_reported=needs_work_reported,
    )
    return save_because(visit, by=by, reason=reason)


def next_number(visit: Visit, kind: str) -> int:
    """Return the number after the last finding of a kind in a visit's letter. One query."""
    return (visit.findings.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1


@recorded()
def add_finding(
    visit: Visit,
    *,
    kind: str,
    text: str,
    by: User,
    reason: str,
    number: int | None = None,
    paragraph: str = "",
    is_paraphrase: bool = False,
    recommendation: Recommendation | None = None,
    agency: Agency | None = None,
) -> Finding:
    """Enter one finding of a letter that has come; without a number it gets the next of its kind.

    Raises NoLetter before the letter is recorded, NumberTaken for a number or words that are there already,
    OtherCouncil.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if not visit.has_letter:
        raise NoLetter("Record the letter first: findings are what it says.")
    number = number or next_number(visit, kind)
    _refuse_same_finding(visit, kind=kind, number=number, text=text)
    return record_finding(
        visit,
        number=number,
        kind=kind,
        text=text,
        by=by,
        reason=reason,
        paragraph=paragraph,
        is_paraphrase=is_paraphrase,
        recommendation=recommendation,
        agency=agency,
    )


def _refuse_same_finding(visit: Visit, *, kind: str, number: int, text: str, but: Finding | None = None) -> None:
    others = visit.findings.exclude(pk=but.pk if but else None)
    if same := others.filter(kind=kind, text=text).first():
        raise NumberTaken(f"{same.get_kind_display()} {same.number} says the same already.")
    if others.filter(kind=kind, number=number).exists():
        name = Finding.Kind(kind).label
        raise NumberTaken(f"{name} {number} is there already. The next free number is {next_number(visit, kind)}.")


@recorded()
def change_finding(
    finding: Finding,
    *,
    kind: str,
    number: int,
    text: str,
    paragraph: str,
    is_paraphrase: bool,
    recommendation: Recommendation | None,
    agency: Agency | None,
    by: User,
    reason: str,
    seen: int | None = None,
) -> Finding:
    """Correct a finding. Raises NumberTaken, OtherCouncil, NothingChanged, ChangedSince."""
    visit = Visit.objects.select_for_update().get(pk=finding.visit_id)
    finding = Finding.objects.select_for_update().get(pk=finding.pk)
    refuse_if_changed(finding, seen=seen)
    _refuse_other_councils(visit, recommendation, agency)
    _refuse_same_finding(visit, kind=kind, number=number, text=text, but=finding)
    _set(
        finding,
        kind=kind,
        number=number,
        text=text,
        paragraph=paragraph,
        is_paraphrase=is_paraphrase,
        recommendation=recommendation,
        agency=agency,
    )
    return save_because(finding, by=by, reason=reason)


def _refuse_other_councils(visit: Visit, *linked: Recommendation | Agency | None) -> None:
    for thing in linked:
        if thing is not None and thing.authority_id != visit.authority_id:
            raise OtherCouncil(f"“{thing}” belongs to another council.")


def record_finding(
    visit: Visit,
    *,
    number: int,
    kind: str,
    text: str,
    by: User | None,
    reason: str,
    paragraph: str = "",
    is_paraphrase: bool = False,
    recommendation: Recommendation | None = None,
    agency: Agency | None = None,
) -> Finding:
    """Enter one strength or thing that needs work from a visit's letter, as the record has it.

    Raises OtherCouncil when the recommendation it repeats is another council's.
    """
    _refuse_other_councils(visit, recommendation, agency)
    return save_because(
        Finding(
            authority=visit.authority,
            visit=visit,
            number=number,
            kind=kind,
            text=text,
            is_paraphrase=is_paraphrase,
            paragraph=paragraph,
            recommendation=recommendation,
            agency=agency,
        ),
        by=by,
        reason=reason,
    )
