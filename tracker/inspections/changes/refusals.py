"""Why a change was refused. Each message says what to do."""


class WrongDates(Exception):
    """Dates that cannot all be true; `field` is the one to correct, where there are several."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class UnknownArea(Exception):
    """A judgement of an area that the framework does not have."""


class OtherCouncil(Exception):
    """Something of one council was given to another."""


class ClockEnded(Exception):
    """A clock that was met, missed or void stays as it is."""


class WrongStep(Exception):
    """A step that does not end this kind of clock, or was recorded before."""


class NumberUsed(Exception):
    """A number or a name that something else has already."""


class NotAnOwner(Exception):
    """Someone who left, or who does not own anything in this council."""


class AlreadyPlanned(Exception):
    """The council's own steps before this clock were planned before."""
