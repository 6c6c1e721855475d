"""The only functions that write what is made ready for visits, and which actions answer their findings."""

from tracker.visits.changes.entering import change_visit, enter_visit, record_letter
from tracker.visits.changes.findings import (
    add_finding,
    answer_finding,
    change_finding,
    settle_finding_clocks,
    start_finding_clock,
    stop_finding_clock,
)
from tracker.visits.changes.packs import keep_pack
from tracker.visits.changes.questions import (
    add_likely_questions,
    add_question,
    change_question,
    drop_question,
    propose_questions,
)
from tracker.visits.changes.readiness import (
    add_line,
    add_task,
    change_line,
    change_task,
    default_list,
    finish_task,
    leave_out,
    move_line_up,
    start_list,
    take_back,
)
from tracker.visits.changes.refusals import (
    AlreadySettled,
    AlreadyThere,
    CancelledAction,
    ListIsMade,
    NeedsNoAction,
    NothingToStart,
    NotOwner,
    WrongDay,
)

__all__ = [
    "AlreadySettled",
    "AlreadyThere",
    "CancelledAction",
    "ListIsMade",
    "NeedsNoAction",
    "NotOwner",
    "NothingToStart",
    "WrongDay",
    "add_finding",
    "add_likely_questions",
    "add_line",
    "add_question",
    "add_task",
    "answer_finding",
    "change_finding",
    "change_line",
    "change_question",
    "change_task",
    "change_visit",
    "default_list",
    "drop_question",
    "enter_visit",
    "finish_task",
    "keep_pack",
    "leave_out",
    "move_line_up",
    "propose_questions",
    "record_letter",
    "settle_finding_clocks",
    "start_finding_clock",
    "start_list",
    "stop_finding_clock",
    "take_back",
]
