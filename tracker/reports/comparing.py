"""What happened to a plan between two days, in counts. Pure: reads two snapshots of it."""

from dataclasses import dataclass

from tracker.actions.rules import Status
from tracker.plans.snapshots import Frozen, Reader

CLOSED = (Status.COMPLETE.label, Status.EMBEDDED.label)


@dataclass(frozen=True)
class Headline:
    """How many actions were added, closed, moved, given to someone else and rated otherwise.

    Closed are those checked as complete since, and those that were cancelled.
    """

    added: int
    closed: int
    moved: int
    reowned: int
    rerated: int


def headline_of(before: Frozen, after: Frozen, reader: Reader) -> Headline:
    """Count what happened to the actions that a reader may see on both days."""
    old = {action["reference"]: action for action in before["actions"]}
    new = {action["reference"]: action for action in after["actions"]}
    hidden = {key for actions in (old, new) for key, action in actions.items() if not reader.may_see(action)}
    both = [(old[key], new[key]) for key in new if key in old and key not in hidden]

    def changed(field: str) -> int:
        return sum(was[field] != now[field] for was, now in both)

    return Headline(
        added=len(new.keys() - old.keys() - hidden),
        closed=len(old.keys() - new.keys() - hidden)
        + sum(was["status"] not in CLOSED and now["status"] in CLOSED for was, now in both),
        moved=changed("deadline"),
        reowned=changed("owner_id"),
        rerated=changed("rating"),
    )
