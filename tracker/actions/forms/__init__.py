"""The shape of what people type about actions, and the wording of its errors."""

from tracker.actions.forms.deadlines import AskForm, DecideForm, MovesFilterForm, WithdrawForm
from tracker.actions.forms.gates import CheckForm, DifferenceForm, ReopenForm, RepeatedForm
from tracker.actions.forms.owners import EvidenceForm, ProgressUpdateForm
from tracker.actions.forms.planning import (
    ActionForm,
    CancelForm,
    EditActionForm,
    HandOverForm,
    MeasureForm,
    MilestoneForm,
    WithdrawMeasureForm,
)

__all__ = [
    "ActionForm",
    "AskForm",
    "CancelForm",
    "CheckForm",
    "DecideForm",
    "DifferenceForm",
    "EditActionForm",
    "EvidenceForm",
    "HandOverForm",
    "MeasureForm",
    "MilestoneForm",
    "MovesFilterForm",
    "ProgressUpdateForm",
    "ReopenForm",
    "RepeatedForm",
    "WithdrawForm",
    "WithdrawMeasureForm",
]
