"""Why a change was refused. Each message says what to do."""


class WrongDay(Exception):
    """A day after the visit begins, or one that nothing can be counted from."""


class NotOwner(Exception):
    """The person was switched off, or does not see the plan of this council."""


class ListIsMade(Exception):
    """The visit has its list already."""


class NothingToStart(Exception):
    """No line of the council's list is in use, or there is nothing to ask about."""


class AlreadySettled(Exception):
    """The task or question was done, left out or dropped already, perhaps by someone else a moment ago."""


class AlreadyThere(Exception):
    """The list has a line of that name."""


class NeedsNoAction(Exception):
    """A strength is answered by nothing."""


class CancelledAction(Exception):
    """A cancelled action answers nothing."""
