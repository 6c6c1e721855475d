"""The pages of plans, their priorities and the criticisms of them."""

from tracker.plans.views.criticisms import (
    close_criticism,
    criticism,
    criticisms,
    new_criticism,
    respond_to_criticism,
)
from tracker.plans.views.planning import change_plan, change_priority, new_plan, new_priority

__all__ = [
    "change_plan",
    "change_priority",
    "close_criticism",
    "criticism",
    "criticisms",
    "new_criticism",
    "new_plan",
    "new_priority",
    "respond_to_criticism",
]
