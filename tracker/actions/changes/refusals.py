"""Why a change of an action was refused. Each message says what to do."""

from collections.abc import Iterable

from tracker.actions.models import DeadlineRequest, Evidence, ProgressUpdate


class OtherCouncil(Exception):
    """Something of one council was given to another."""


class AnswersNothing(Exception):
    """An action must answer a recommendation or be marked as the council's own choice."""


class OwnerHasLeft(Exception):
    """The person was switched off, or belongs to another council."""


class WrongDates(Exception):
    """A deadline before the start, a milestone after the deadline."""


class ReferenceTaken(Exception):
    """The reference is used in the plan already, and references are never used again."""


class ActionClosed(Exception):
    """The action is complete or cancelled."""


class SameDeadline(Exception):
    """The new deadline is the present one."""


class SameOwner(Exception):
    """The person owns the action already."""


class AlreadyAdded(Exception):
    """The same piece of evidence is there already."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__("This piece of evidence has been added already.")
        self.evidence = evidence


class NoEvidence(Exception):
    """Nobody can say an action is done without a piece of evidence."""


class OwnWork(Exception):
    """Nobody checks their own work."""


class NotClaimed(Exception):
    """Only an action its owner says is done can be checked."""


class UpdatedSince(Exception):
    """Someone else saved an update while this one was being written."""

    def __init__(self, theirs: ProgressUpdate) -> None:
        super().__init__(f"{theirs.by} saved an update while you were writing.")
        self.theirs = theirs


# Deadlines


class AlreadyAsked(Exception):
    """Another request for a deadline of the action waits for a decision."""

    def __init__(self, asked: DeadlineRequest) -> None:
        super().__init__(
            f"{asked.asked_by} asked on {asked.asked_on:%-d %B %Y} to move it to {asked.to_deadline:%-d %B %Y}. "
            "That is decided first."
        )
        self.asked = asked


class AlreadyDecided(Exception):
    """Someone else decided meanwhile."""

    def __init__(self, asked: DeadlineRequest) -> None:
        super().__init__(decision_words(asked))
        self.asked = asked


def decision_words(asked: DeadlineRequest) -> str:
    """Return "It was agreed by Lena Lead on 6 May 2026: the deadline is 31 August 2026."."""
    who = asked.decided_by or "the tracker"
    agreed = ""
    if asked.state == DeadlineRequest.State.AGREED:
        agreed = f": the deadline is {asked.agreed_deadline or asked.to_deadline:%-d %B %Y}"
    return f"It was {asked.get_state_display().lower()} by {who} on {asked.decided_on:%-d %B %Y}{agreed}."


class OwnRequest(Exception):
    """Nobody decides about their own request, or about an action of their own."""


class ForSomeoneElse(Exception):
    """It is for someone higher to decide."""

    def __init__(self, tier: str, why: str, who: str) -> None:
        super().__init__(f"{why} That is not yours to agree. Who decides: {who}.")
        self.tier = tier
        self.why = why


# Gates


class StillOpen(Exception):
    """Only a complete action can be reopened."""


class NeedsDeadline(Exception):
    """The deadline of an action that is reopened has passed."""


class NotYetShown(Exception):
    """A difference is sustained only after it was shown, in an action that is complete."""


class NotHeldLongEnough(Exception):
    """A difference is sustained when it has held for two reporting periods."""


class NotRepeated(Exception):
    """No finding of a visit waits for a decision about the action, or someone else has decided."""


# Editing


class ChangedSince(Exception):
    """Someone else changed the same thing while this change was being written. `who` did it last."""

    def __init__(self, who: str) -> None:
        super().__init__(f"{who} changed it while you were writing.")
        self.who = who


class LeavesUncovered(Exception):
    """A recommendation or finding would be left without a live action."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        super().__init__(f"No other action answers {', '.join(self.names)}. Give each another action first.")


class NoReplacement(Exception):
    """The action chosen cannot take the place of the one that is cancelled."""


class Withdrawn(Exception):
    """The measure is no longer used."""
