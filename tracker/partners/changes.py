"""The only functions that write links for partners and what partners answered."""

import secrets
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.text import Truncator

from accounts.models import User
from accounts.practices import Practices
from tracker.actions import changes as action_changes
from tracker.actions.models import Action
from tracker.audit.chain import recorded
from tracker.audit.history import history_of, save_because
from tracker.dates.working_days import Calendar
from tracker.partners.models import PartnerAnswer, PartnerLink, hash_of
from tracker.partners.rules import WORKS_FOR, Ending

TITLE_LENGTH = 200


class NoAgency(Exception):
    """The action is not one of a partner agency."""


class ActionRestricted(Exception):
    """Nothing restricted is shown to someone who has no account."""


class ActionFinished(Exception):
    """There is nothing more to say about it."""


class LinkOver(Exception):
    """The link does not work any more."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"This link does not work any more: {ending.label.lower()}.")
        self.ending = ending


class AlreadyDecided(Exception):
    """Someone else accepted or declined the answer."""

    def __init__(self, answer: PartnerAnswer) -> None:
        super().__init__(
            f"{answer.decided_by} has {answer.get_state_display().lower()} it already, on "
            f"{answer.decided_on:%-d %B %Y}. Nothing was changed."
        )
        self.answer = answer


def refuse_link(action: Action) -> None:
    """Raise what speaks against a link for an action, if anything does: NoAgency, ActionRestricted, ActionFinished."""
    if action.agency_id is None:
        raise NoAgency(f"{action.reference} belongs to no partner agency. Choose its agency first.")
    if action.is_restricted:
        raise ActionRestricted(
            f"{action.reference} is restricted, and a link can be opened by whoever has it. Ask the partner by phone, "
            "or give them an account."
        )
    if not action.is_unfinished:
        raise ActionFinished(f"{action.reference} is finished or waits to be checked, so there is nothing to ask.")


@recorded()
def make_link(
    action: Action, *, person_name: str, by: User, at: datetime, person_post: str = "", sent_to: str = ""
) -> tuple[PartnerLink, str]:
    """Make a link for a person of the action's partner agency; return it with the secret of its address.

    It works once, and for 72 hours at most. Only a hash of the secret is kept. Raises what `refuse_link` does.
    """
    action = _locked(action)
    refuse_link(action)
    versions = history_of(Action)._default_manager.filter(id=action.pk)  # type: ignore[attr-defined]
    secret = secrets.token_urlsafe(32)
    link = PartnerLink(
        authority=action.authority,
        action=action,
        agency=action.agency,
        action_owner=action.owner,
        action_version=versions.aggregate(newest=Max("history_id"))["newest"],
        person_name=person_name,
        person_post=person_post,
        sent_to=sent_to,
        secret_hash=hash_of(secret),
        made_by=by,
        made_at=at,
        expires_at=at + WORKS_FOR,
    )
    return save_because(link, by=by, reason=f"Link made for {link.person}"), secret


@recorded()
def withdraw(link: PartnerLink, *, by: User, at: datetime) -> PartnerLink:
    """Stop a link. Raises LinkOver when it was used or withdrawn already."""
    link = PartnerLink.objects.select_for_update().get(pk=link.pk)
    if link.ended_why:
        raise LinkOver(Ending(link.ended_why))
    link.ended_at, link.ended_why = at, Ending.WITHDRAWN
    return save_because(link, by=by, reason="Link withdrawn")


@recorded()
def answer(link: PartnerLink, *, kind: str, at: datetime, on: date, **said: Any) -> PartnerAnswer:
    """Keep what a partner said, to wait for a council officer, and end the link.

    `said` is fields of PartnerAnswer. Raises LinkOver when the link does not work any more, so that of two at once
    one is kept; for a new date what `actions.changes.refuse_request` does.
    """
    action = _locked(link.action)
    PartnerLink.objects.select_for_update().get(pk=link.pk)
    link = PartnerLink.objects.with_ending().select_related("agency", "made_by").get(pk=link.pk)
    ending = link.ending(at=at)
    if ending is not None:
        raise LinkOver(ending)
    if kind == PartnerAnswer.Kind.NEW_DATE:
        action_changes.refuse_request(action, to=said["new_date"], on=on)
    safe_because = said.get("safe_because", "")
    given = save_because(
        PartnerAnswer(link=link, kind=kind, submitted_at=at, **said),
        by=None,
        actor=link.actor,
        reason=f"Given by a link, said to identify no child: {safe_because}" if safe_because else "Given by a link",
    )
    link.ended_at, link.ended_why = at, Ending.USED
    save_because(link, by=None, actor=link.actor, reason="Link used")
    return given


@recorded()
def accept(
    answer: PartnerAnswer, *, by: User, on: date, at: datetime, calendar: Calendar, practices: Practices
) -> PartnerAnswer:
    """Let an answer count: as an update, a piece of evidence or a request for another deadline, by the officer.

    The update and the evidence say who reported it. The officer then has asked for the deadline, so someone else
    decides about it. Raises AlreadyDecided, and whatever the change of the action refuses, such as ActionClosed,
    AlreadyAdded, AlreadyAsked: nothing is changed then.
    """
    answer = _undecided(answer)
    _COUNTS[answer.kind](answer, by=by, on=on, at=at, calendar=calendar, practices=practices)
    answer.state, answer.decided_by, answer.decided_on = PartnerAnswer.State.ACCEPTED, by, on
    return save_because(answer, by=by, reason="Accepted")


@recorded()
def decline(answer: PartnerAnswer, *, by: User, on: date, reason: str) -> PartnerAnswer:
    """Say that an answer does not count, and why. It is kept. Raises AlreadyDecided."""
    answer = _undecided(answer)
    answer.state, answer.decided_by, answer.decided_on = PartnerAnswer.State.DECLINED, by, on
    answer.decision_reason = reason
    return save_because(answer, by=by, reason=f"Declined: {reason}")


def _locked(action: Action) -> Action:
    return (
        Action.objects.select_for_update(of=("self",)).select_related("authority", "agency", "owner").get(pk=action.pk)
    )


def _undecided(answer: PartnerAnswer) -> PartnerAnswer:
    """Return the answer, read again under lock; the action before it, as everywhere."""
    _locked(answer.link.action)
    found = (
        PartnerAnswer.objects.select_for_update(of=("self",))
        .select_related("link__action", "link__agency", "decided_by")
        .get(pk=answer.pk)
    )
    if found.state != PartnerAnswer.State.WAITING:
        raise AlreadyDecided(found)
    return found


def _count_update(answer: PartnerAnswer, *, by: User, on: date, at: datetime, **_: Any) -> None:
    action_changes.record_update(
        answer.link.action,
        narrative=f"Reported by {answer.link.person}: {answer.narrative}",
        rating=answer.rating,
        by=by,
        on=on,
        at=at,
        safe_because=answer.safe_because,
    )


def _count_evidence(answer: PartnerAnswer, *, by: User, on: date, at: datetime, **_: Any) -> None:
    title = f"{answer.evidence_title} (from {answer.link.agency})"
    action_changes.add_evidence(
        answer.link.action,
        title=Truncator(title).chars(TITLE_LENGTH),
        location=answer.evidence_location,
        dated_on=answer.evidence_dated_on,
        by=by,
        on=on,
        at=at,
    )


def _count_new_date(
    answer: PartnerAnswer, *, by: User, on: date, at: datetime, calendar: Calendar, practices: Practices
) -> None:
    assert answer.new_date is not None  # noqa: S101  The form has seen to it.
    action_changes.ask_for_deadline(
        answer.link.action,
        to=answer.new_date,
        reason_kind=answer.reason_kind,
        reason=f"Asked for by {answer.link.person}: {answer.reason}",
        effect_on_children=answer.effect_on_children,
        done_to_avoid=answer.done_to_avoid,
        by=by,
        on=on,
        at=at,
        calendar=calendar,
        practices=practices,
        safe_because=answer.safe_because,
    )


_COUNTS = {
    PartnerAnswer.Kind.UPDATE.value: _count_update,
    PartnerAnswer.Kind.EVIDENCE.value: _count_evidence,
    PartnerAnswer.Kind.NEW_DATE.value: _count_new_date,
}
