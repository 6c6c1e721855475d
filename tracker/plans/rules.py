"""Where a plan stands with Ofsted, and which of the three ways of sending it end which clock. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

OFSTED, DFE, PUBLISHED = "ofsted", "dfe", "published"
ALL_STEPS = frozenset({OFSTED, DFE, PUBLISHED})
REFLECTS, DOES_NOT_REFLECT = "reflects", "does_not_reflect"

RESUBMISSION = "resubmission"

# What must be done before a clock of a kind is met. Ofsted decides on an area SEND plan before it is published, so
# sending it is what its clock waits for, and publishing it has a clock of its own.
# Sources: S.I. 2007/462, regulation 3 (plan); area SEND inspection handbook, 2023 (priority action plan).
ENDED_BY: Mapping[str, frozenset[str]] = {
    "plan": ALL_STEPS,
    "focused_plan": ALL_STEPS,
    "joint_statement": ALL_STEPS,
    RESUBMISSION: ALL_STEPS,
    "send_plan": frozenset({OFSTED}),
    "written_statement": frozenset({OFSTED}),
    "send_publication": frozenset({PUBLISHED}),
}
# The clocks whose running shows that Ofsted waits for this plan.
WAITED_FOR = frozenset(ENDED_BY) - {"send_publication"}
REPLIES = frozenset({"ofsted_reply", "send_decision"})


def reply_kind(*, is_area_send: bool) -> str:
    """Return the clock that runs until Ofsted answers: its decision on an area SEND plan has a length."""
    return "send_decision" if is_area_send else "ofsted_reply"


def clock_met_on(kind: str, steps: Mapping[str, date]) -> date | None:
    """Return the day on which the steps of a version met a kind of clock, None while one is missing."""
    wanted = ENDED_BY[kind]
    return max(steps[step] for step in wanted) if wanted <= set(steps) else None


class Standing(Enum):
    """Where a plan stands."""

    DRAFTING = "being drafted"
    READY = "ready to send"
    IN_PART = "sent in part"
    SENT = "sent"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    SENT_AGAIN = "sent again"


@dataclass(frozen=True)
class SentVersion:
    """A version frozen to be sent: what was done with it, and what Ofsted answered."""

    number: int
    frozen_on: date
    steps: Mapping[str, date] = field(default_factory=dict)
    reply: str = ""
    replied_on: date | None = None
    respond_by: date | None = None

    @property
    def missing(self) -> frozenset[str]:
        return ALL_STEPS - set(self.steps)


def last_returned(versions: Sequence[SentVersion]) -> SentVersion | None:
    """Return the version that Ofsted sent back last, unless it has accepted one since."""
    replied = [version for version in versions if version.reply]
    return replied[-1] if replied and replied[-1].reply == DOES_NOT_REFLECT else None


def standing_of(versions: Sequence[SentVersion]) -> Standing:
    """Return where a plan stands, from its versions that were frozen to be sent, the first of them first.

    A plan that Ofsted returned stays returned until the next version has gone to Ofsted.
    """
    if not versions:
        return Standing.DRAFTING
    latest = versions[-1]
    if latest.reply:
        return Standing.ACCEPTED if latest.reply == REFLECTS else Standing.RETURNED
    was_returned = last_returned(versions) is not None
    if was_returned and OFSTED not in latest.steps:
        return Standing.RETURNED
    if not latest.missing:
        return Standing.SENT_AGAIN if was_returned else Standing.SENT
    return Standing.IN_PART if latest.steps else Standing.READY
