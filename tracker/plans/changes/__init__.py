"""The only functions that write plans, priorities, versions, submissions, Ofsted's replies and criticisms."""

from tracker.audit.history import ChangedSince
from tracker.plans.changes.criticisms import close, record_criticism, respond
from tracker.plans.changes.planning import add_priority, change_plan, change_priority, start_plan
from tracker.plans.changes.refusals import (
    AlreadyClosed,
    AlreadyRecorded,
    AnswersNothing,
    BoardTooEarly,
    EmptyPlan,
    NoResponse,
    NothingFrozen,
    NotYet,
    NumberUsed,
    OtherCouncil,
    PersonHasLeft,
    ReferenceUsed,
    StillAnswered,
)
from tracker.plans.changes.sending import record_reply, record_submission
from tracker.plans.changes.versions import freeze

__all__ = [
    "AlreadyClosed",
    "AlreadyRecorded",
    "AnswersNothing",
    "BoardTooEarly",
    "ChangedSince",
    "EmptyPlan",
    "NoResponse",
    "NotYet",
    "NothingFrozen",
    "NumberUsed",
    "OtherCouncil",
    "PersonHasLeft",
    "ReferenceUsed",
    "StillAnswered",
    "add_priority",
    "change_plan",
    "change_priority",
    "close",
    "freeze",
    "record_criticism",
    "record_reply",
    "record_submission",
    "respond",
    "start_plan",
]
