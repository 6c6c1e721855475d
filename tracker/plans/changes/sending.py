"""Recording that a version was sent and published, and what Ofsted answered; the clocks follow."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Max

from accounts.models import User, practices_of
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates import models as dates
from tracker.inspections import changes as inspection_changes
from tracker.inspections.frameworks import REVIEWS, Framework
from tracker.inspections.models import Clock, Inspection, Visit
from tracker.plans import rules
from tracker.plans.changes.refusals import AlreadyRecorded, NothingFrozen, NotYet
from tracker.plans.models import OfstedReply, Plan, PlanVersion, Submission
from tracker.plans.sent import clocks_of, steps_of
from tracker.plans.wording import STEP_WORDS

Source = Inspection | Visit


@recorded()
def record_submission(
    plan: Plan,
    *,
    step: str,
    done_on: date,
    by: User | None,
    on: date,
    reason: str,
    proof: str = "",
    done_by: str = "",
    version: PlanVersion | None = None,
) -> Submission:
    """Record that a version was sent to Ofsted, sent to DfE, or published; without one, the last frozen to be sent.

    The clocks whose steps are now all done stop on the day of the last of them, and sending to Ofsted starts the
    clock of its reply. Raises NothingFrozen, AlreadyRecorded for a step recorded before, NotYet for a day to come or
    before the version was frozen.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    submitted = plan.versions.filter(label=PlanVersion.Label.SUBMITTED)
    version = submitted.filter(pk=version.pk).first() if version is not None else submitted.order_by("-number").first()
    if version is None:
        raise NothingFrozen("Freeze the version to be sent first: what was sent is recorded against it.")
    label = Submission.Step(step).label
    if done_on > on:
        raise NotYet("Enter the day it was done. It cannot be in the future.")
    if done_on < version.frozen_on:
        raise NotYet(
            f"Version {version.number} was frozen on {version.frozen_on:%-d %B %Y}. Enter that day or a later one."
        )
    earlier = steps_of(version).get(step)
    if earlier is not None:
        raise AlreadyRecorded(
            f"“{label}” is recorded already for version {version.number}, on {earlier:%-d %B %Y}. Nothing was changed."
        )
    submission = save_because(
        Submission(
            plan=plan,
            version=version,
            step=step,
            done_on=done_on,
            done_by=done_by,
            proof=proof,
            recorded_by=by,
            recorded_on=on,
        ),
        by=by,
        reason=reason,
    )
    if step == Submission.Step.OFSTED:
        _await_reply(plan, sent_on=done_on, by=by)
    _stop_met(plan, version, by=by, on=on)
    return submission


@recorded()
def record_reply(
    version: PlanVersion,
    *,
    kind: str,
    received_on: date,
    proof: str,
    by: User | None,
    on: date,
    respond_by: date | None = None,
    words: str = "",
) -> OfstedReply:
    """Record whether Ofsted says that a version reflects the findings.

    The clock of its reply stops. “Does not reflect” returns the plan and starts the clock of sending it again, due
    on the day the reply gives. Raises NothingFrozen for a version that did not go to Ofsted, AlreadyRecorded, NotYet
    for a day to come, before it was sent, or a date for the next version that has no sense.
    """
    plan = Plan.objects.select_for_update().get(pk=version.plan_id)
    version = PlanVersion.objects.defer("snapshot").get(pk=version.pk)
    sent_on = steps_of(version).get(Submission.Step.OFSTED)
    if sent_on is None:
        raise NothingFrozen(f"Record first that version {version.number} was sent to Ofsted.")
    if received_on > on:
        raise NotYet("Enter the day the reply came. It cannot be in the future.")
    if received_on < sent_on:
        raise NotYet(f"The version was sent on {sent_on:%-d %B %Y}. Enter that day or a later one.")
    if respond_by is not None and respond_by <= received_on:
        raise NotYet("The date Ofsted gives must be after the day the reply came.")
    earlier = OfstedReply.objects.filter(version=version).first()
    if earlier is not None:
        raise AlreadyRecorded(
            f"Ofsted’s reply to version {version.number} is recorded already: {earlier.get_kind_display().lower()}, "
            f"received on {earlier.received_on:%-d %B %Y}. Nothing was changed."
        )
    returned = kind == OfstedReply.Kind.DOES_NOT_REFLECT
    reply = save_because(
        OfstedReply(
            version=version,
            kind=kind,
            received_on=received_on,
            respond_by=respond_by if returned else None,
            words=words,
            proof=proof,
            recorded_by=by,
            recorded_on=on,
        ),
        by=by,
        reason=f"Ofsted’s reply: {OfstedReply.Kind(kind).label.lower()}",
    )
    asked = _stop_replies(plan, received_on=received_on, by=by, on=on)
    if returned:
        _await_next(plan, asked, reply, by=by)
    else:
        _await_publication(asked, version, received_on=received_on, by=by)
    return reply


# Clocks


def _unmet(plan: Plan, kinds: Iterable[str]) -> list[Clock]:
    """The clocks that still wait, also those whose date has passed."""
    return list(clocks_of(plan).unmet().filter(kind__in=kinds))


def _source(clock: Clock) -> Source:
    source = clock.source
    assert isinstance(source, Inspection | Visit)  # noqa: S101  No plan answers an intervention.
    return source


def _next_turn(source: Source, kind: str) -> int:
    return (source.clocks.filter(kind=kind).aggregate(last=Max("sequence"))["last"] or 0) + 1


def _stop_met(plan: Plan, version: PlanVersion, *, by: User | None, on: date) -> None:
    steps = steps_of(version)
    for clock in _unmet(plan, rules.ENDED_BY):
        met_on = rules.clock_met_on(clock.kind, steps)
        if met_on is None or met_on < clock.trigger_on:
            continue
        if clock.kind == rules.RESUBMISSION and not _comes_after_the_reply(version, clock):
            continue
        wanted = rules.ENDED_BY[clock.kind]
        done = ", ".join(words for step, words in STEP_WORDS.items() if step in wanted)
        inspection_changes.stop_clock(clock, met_on=met_on, on=on, by=by, reason=f"Version {version.number}: {done}")


def _comes_after_the_reply(version: PlanVersion, clock: Clock) -> bool:
    """Whether a version can be what Ofsted asked for: not the one it sent back."""
    return version.frozen_on >= clock.trigger_on and not OfstedReply.objects.filter(version=version).exists()


def _await_reply(plan: Plan, *, sent_on: date, by: User | None) -> None:
    """Start the clock of Ofsted's reply for each thing that waited for this plan."""
    waiting = {_key(clock): clock for clock in _unmet(plan, rules.WAITED_FOR) if clock.trigger_on <= sent_on}
    already = {_key(clock) for clock in _unmet(plan, rules.REPLIES)}
    for key, clock in waiting.items():
        if key in already:
            continue
        source = _source(clock)
        kind = rules.reply_kind(is_area_send=isinstance(source, Inspection) and source.framework == Framework.SEND)
        _start(plan, source, kind, trigger_on=sent_on, by=by)


def _stop_replies(plan: Plan, *, received_on: date, by: User | None, on: date) -> list[Source]:
    """Stop the clocks of Ofsted's reply; return what they were about, else every inspection the plan answers."""
    running = [clock for clock in _unmet(plan, rules.REPLIES) if clock.trigger_on <= received_on]
    for clock in running:
        inspection_changes.stop_clock(clock, met_on=received_on, on=on, by=by, reason="Ofsted replied")
    return [_source(clock) for clock in running] or list(plan.inspections.exclude(framework__in=REVIEWS))


def _await_next(plan: Plan, asked: Iterable[Source], reply: OfstedReply, *, by: User | None) -> None:
    for source in asked:
        _start(
            plan,
            source,
            rules.RESUBMISSION,
            trigger_on=reply.received_on,
            by=by,
            notified_due=reply.respond_by,
            notified_source=reply.proof if reply.respond_by else "",
        )


def _await_publication(asked: Iterable[Source], version: PlanVersion, *, received_on: date, by: User | None) -> None:
    """An area SEND plan is published once Ofsted has approved it."""
    if Submission.Step.PUBLISHED in steps_of(version):
        return
    for source in asked:
        if isinstance(source, Inspection) and source.framework == Framework.SEND:
            _start(version.plan, source, "send_publication", trigger_on=received_on, by=by)


def _start(
    plan: Plan,
    source: Source,
    kind: str,
    *,
    trigger_on: date,
    by: User | None,
    notified_due: date | None = None,
    notified_source: str = "",
) -> None:
    inspection_changes.start_clock(
        source,
        kind=kind,
        trigger_on=trigger_on,
        calendar=dates.calendar(),
        practices=practices_of(plan.authority),
        by=by,
        sequence=_next_turn(source, kind),
        notified_due=notified_due,
        notified_source=notified_source,
    )


def _key(clock: Clock) -> tuple[int | None, int | None]:
    return clock.inspection_id, clock.visit_id
