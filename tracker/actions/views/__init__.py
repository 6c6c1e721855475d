"""The pages of actions: one's own list, one action, and the forms that change it."""

from tracker.actions.views.checking import check
from tracker.actions.views.evidence import add_evidence
from tracker.actions.views.mine import my_actions
from tracker.actions.views.one import action
from tracker.actions.views.running import hand_over, move_deadline, new_action
from tracker.actions.views.updating import update

__all__ = ["action", "add_evidence", "check", "hand_over", "move_deadline", "my_actions", "new_action", "update"]
