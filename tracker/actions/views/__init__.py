"""The pages of actions: one's own list, one action, and the forms that change it."""

from tracker.actions.views.checking import check
from tracker.actions.views.deadlines import ask, request_page, withdraw
from tracker.actions.views.editing import cancel, edit, measure, measures, milestone, milestones, withdraw_measure
from tracker.actions.views.evidence import add_evidence
from tracker.actions.views.gates import difference, reopen, repeated
from tracker.actions.views.mine import my_actions
from tracker.actions.views.moved import moved
from tracker.actions.views.one import action
from tracker.actions.views.running import hand_over, new_action
from tracker.actions.views.updating import update

__all__ = [
    "action",
    "add_evidence",
    "ask",
    "cancel",
    "check",
    "difference",
    "edit",
    "hand_over",
    "measure",
    "measures",
    "milestone",
    "milestones",
    "moved",
    "my_actions",
    "new_action",
    "reopen",
    "repeated",
    "request_page",
    "update",
    "withdraw",
    "withdraw_measure",
]
