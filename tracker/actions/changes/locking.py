"""What every change of an action does first: read it again under lock, refuse what is not its council’s."""

from datetime import date
from typing import Any

from accounts.models import Authority, User
from tracker.actions.changes.refusals import OtherCouncil, OwnerHasLeft
from tracker.actions.models import Action


def locked(action: Action) -> Action:
    return Action.objects.select_for_update().get(pk=action.pk)


def refuse_other_councils(authority: Authority, *linked: Any) -> None:
    for thing in linked:
        owner_id = getattr(thing, "authority_id", None) if thing is not None else authority.pk
        if owner_id != authority.pk:
            raise OtherCouncil(f"“{thing}” belongs to another council. Choose one of {authority}.")


def refuse_leavers(authority: Authority, person: User | None, *, on: date) -> None:
    if person is None:
        return
    if not person.is_active:
        raise OwnerHasLeft(f"{person} has left. Choose someone who is still here.")
    if not person.memberships.current(on=on).filter(authority=authority).exists():
        raise OwnerHasLeft(f"{person} does not belong to {authority}. Choose someone who does.")
