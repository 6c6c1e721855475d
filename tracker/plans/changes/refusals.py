"""Why a change of a plan was refused. Each message says what to do."""


class OtherCouncil(Exception):
    """Something of one council was given to another."""


class ReferenceUsed(Exception):
    """Another plan of the council has this reference, or an address needs it."""


class BoardTooEarly(Exception):
    """The next board is before the plan begins."""


class AnswersNothing(Exception):
    """A plan answers at least one inspection or review."""


class StillAnswered(Exception):
    """The plan cannot stop answering an inspection: its actions do, or a version that was sent did."""


class NumberUsed(Exception):
    """The number belongs to another priority, or the references of actions begin with it."""


class PersonHasLeft(Exception):
    """The person was switched off, or belongs to another council."""


class EmptyPlan(Exception):
    """A version of a plan without a single live action."""


class NothingFrozen(Exception):
    """Nothing was frozen to be sent, so nothing can have been sent."""


class AlreadyRecorded(Exception):
    """It was recorded before."""


class NotYet(Exception):
    """It is dated in the future, or before what it follows."""


class AlreadyClosed(Exception):
    """The criticism was closed before; closed ones stay closed."""


class NoResponse(Exception):
    """A criticism is not closed before the council has responded to it."""
