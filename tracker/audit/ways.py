"""The way a change came in: by which door, and with which request. Kept with each history row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import models

LONGEST = 300


class Door(models.TextChoices):
    PAGE = "page", "A page"
    LINK = "link", "A partner's link"
    IMPORT = "import", "An import"
    JOB = "job", "A job"
    COMMAND = "command", "A command"
    SEED = "seed", "Data the product starts with"
    OTHER = "other", "Another program"


@dataclass(frozen=True)
class Way:
    """A door, and the request, job or command that came through it."""

    door: Door
    request: str = ""


_way: ContextVar[Way | None] = ContextVar("way", default=None)


def way_in() -> Way:
    """Return how what now happens came in; another program where nothing has said."""
    return _way.get() or Way(Door.OTHER)


@contextmanager
def through(door: Door, request: str) -> Iterator[None]:
    """Say for what happens inside by which door it came, and with which request: its first 300 characters are kept."""
    before = _way.set(Way(door, request[:LONGEST]))
    try:
        yield
    finally:
        _way.reset(before)


def say(door: Door, request: str) -> None:
    """Say more exactly, inside `through`, by which door and with which request this came."""
    _way.set(Way(door, request[:LONGEST]))


@contextmanager
def through_command(arguments: Sequence[str]) -> Iterator[None]:
    """Say that what happens inside came from the command line; values that follow the command's name are left out."""
    with through(Door.COMMAND, " ".join([Path(arguments[0]).name, *arguments[1:2]])):
        yield


View = TypeVar("View")


def comes_by(door: Door) -> Any:
    """Mark a view as another door than a page, such as `@comes_by(Door.LINK)`."""

    def mark(view: View) -> View:
        view.door = door  # type: ignore[attr-defined]
        return view

    return mark
