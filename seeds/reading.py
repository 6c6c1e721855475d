"""Seed files read strictly: what is wrong is told with its file, line and what to do, before anything is written."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings

from seeds import checks
from seeds.rows import (
    DEADLINE_CHANGE_KEYS,
    Council,
    Count,
    Day,
    DeadlineChange,
    Many,
    Named,
    One,
    PlanFile,
    Prose,
    Row,
    SeedFileError,
    Word,
    Words,
    YesNo,
)
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.rules import PLAN_WORKING_DAYS

__all__ = ["SeedFileError", "read"]

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TAG = "tag:yaml.org,2002:"
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
YEAR = re.compile(r"\{year(?:\+(\d+))?\}")
R = TypeVar("R", bound=Row)


def read(directory: Path, *, fictional: bool, today: date, calendar: Calendar) -> list[Council]:
    """Return the councils of every file of a folder, each with its plan, checked and linked.

    A fictional file is dated from `today`; one of the record by the calendar. Raises SeedFileError.
    """
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise SeedFileError(_shown(directory), 1, "There is no .yaml file in this folder. Name a folder that has some.")
    dates = Dates(fictional, today, calendar)
    files = [SeedFile(path, dates).read() for path in paths]
    councils = [file for file in files if isinstance(file, Council)]
    for file in files:
        if isinstance(file, PlanFile):
            _give_plan(file, councils)
    checks.check(councils, fictional=fictional)
    return councils


def _give_plan(file: PlanFile, councils: list[Council]) -> None:
    council = next((council for council in councils if council.authority.slug == file.council), None)
    if council is None:
        slugs = ", ".join(council.authority.slug for council in councils)
        raise file.wrong("council", f"No file has the council “{file.council}”. Use one of: {slugs}.")
    if council.plan is not None:
        raise file.wrong("council", f"{council.authority.name} has a plan in another file. Keep one of them.")
    council.plan, council.actions = file.plan, file.actions


def _shown(path: Path) -> str:
    """Return a path as people know it: from the product's own folder if it lies in there."""
    path = path.resolve()
    return str(path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path)


@dataclass(frozen=True)
class Dates:
    """How dates are written: in a fictional file from today, else by the calendar."""

    fictional: bool
    today: date
    calendar: Calendar

    @cached_property
    def base(self) -> date:
        """Today, or the last working day before it."""
        return self.today if self.calendar.is_working_day(self.today) else self.calendar.add(self.today, -1)

    def counted(self, working_days: int) -> date:
        """Return the day so many working days from today; before it, if negative. Raises HolidaysUnknown."""
        return self.calendar.add(self.base, working_days)


class SeedFile:
    """One file on its way from YAML to rows."""

    def __init__(self, path: Path, dates: Dates) -> None:
        self.path = path
        self.name = _shown(path)
        self.dates = dates

    def read(self) -> Council | PlanFile:
        node = self._compose()
        keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
        row = self._row(PlanFile if "council" in keys else Council, node)
        if self.dates.fictional:
            self._fill_years(row)
        return row

    def _wrong(self, node: yaml.Node, message: str) -> SeedFileError:
        return SeedFileError(self.name, node.start_mark.line + 1, message)

    def _compose(self) -> yaml.Node:
        try:
            node = yaml.compose(self.path.read_text(encoding="utf-8"), Loader=Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = error.problem or error.context or "it cannot be read"
            raise SeedFileError(
                self.name, line, f"This is not YAML: {problem}. Mend the indents, colons and quotes near this line."
            ) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SeedFileError(self.name, 1, f"This cannot be read: {error}. Save the file as UTF-8 text.") from error
        if node is None:
            raise SeedFileError(self.name, 1, "The file is empty. Write a council or a plan in it, or remove it.")
        return node

    # Rows

    def _row(self, cls: type[R], node: yaml.Node) -> R:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, f"Here {cls.WHAT} is expected, as lines of “field: value”.")
        takes = cls.takes()
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self._key(cls, key_node, takes)
            if key in values:
                raise self._wrong(key_node, f"“{key_node.value}” stands twice in {cls.WHAT}. Remove one of them.")
            lines[key] = key_node.start_mark.line + 1
            values[key] = self._value(key, takes[key], value_node, lines)
        line = node.start_mark.line + 1
        for name, each in takes.items():
            if name not in values and each.default is MISSING and each.default_factory is MISSING:
                raise SeedFileError(self.name, line, f"“{_written(cls, name)}” is missing from {cls.WHAT}. Add it.")
        return cls(file=self.name, line=line, lines=lines, **values)

    def _key(self, cls: type[Row], node: yaml.Node, takes: dict[str, Field[Any]]) -> str:
        known = {_written(cls, name): name for name in takes}
        if isinstance(node, yaml.ScalarNode) and node.value in known:
            return known[node.value]
        given = node.value if isinstance(node, yaml.ScalarNode) else "this"
        raise self._wrong(node, f"“{given}” is not a field of {cls.WHAT}. {_instead(given, list(known), 'Remove it.')}")

    def _value(self, name: str, takes: Field[Any], node: yaml.Node, lines: dict[str, int]) -> Any:
        kind = takes.metadata["kind"]
        if node.tag == f"{TAG}null":
            if takes.metadata["may_be_null"]:
                return None
            advice = "Leave the field out, or give a value." if _may_be_missing(takes) else "Give a value."
            raise self._wrong(node, f"“{name}” may not be empty here. {advice}")
        if isinstance(kind, One | Many | Named | Words):
            return self._several(name, kind, node, lines)
        return self._single(name, kind, node)

    def _several(self, name: str, kind: object, node: yaml.Node, lines: dict[str, int]) -> Any:
        match kind:
            case One(of=of):
                return self._row(of, node)
            case Many(of=of):
                return [self._row(of, item) for item in self._items(name, node)]
            case Named(of=of):
                return self._named(of, node)
            case Words():
                return self._words(name, kind, node, lines)
        raise TypeError(f"Nothing reads {kind}.")

    def _single(self, name: str, kind: object, node: yaml.Node) -> Any:
        match kind:
            case Day(is_fact=is_fact):
                return self._day(name, node, is_fact=is_fact)
            case Count():
                return self._count(name, node)
            case YesNo():
                return self._yes_no(name, node)
            case Word(most=most, one_of=one_of):
                return self._one_of(name, node, self._string(name, node, most), one_of)
            case Prose(most=most):
                return self._string(name, node, most)
        raise TypeError(f"Nothing reads {kind}.")

    def _named(self, of: type[R], node: yaml.Node) -> dict[str, R]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, f"Here names are expected, each with {of.WHAT} below it.")
        named: dict[str, R] = {}
        for key_node, value_node in node.value:
            key = self._string("a name", key_node, 200)
            if key in named:
                raise self._wrong(key_node, f"“{key}” stands twice. Give one of them another name.")
            named[key] = self._row(of, value_node)
        return named

    def _items(self, name: str, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(
                node, f"“{name}” must be a list: put “- ” before each item, or write [] if there is none."
            )
        return node.value

    # Single values

    def _words(self, name: str, kind: Words, node: yaml.Node, lines: dict[str, int]) -> list[str]:
        found = []
        for item in self._items(name, node):
            value = self._one_of(name, item, self._string(name, item, 200), kind.one_of)
            if value in found:
                raise self._wrong(item, f"“{value}” stands twice in “{name}”. Remove one of them.")
            lines[f"{name} {value}"] = item.start_mark.line + 1
            found.append(value)
        if not found and not kind.is_empty_allowed:
            raise self._wrong(node, f"“{name}” is empty. Name at least one.")
        return found

    def _one_of(self, name: str, node: yaml.Node, value: str, one_of: tuple[str, ...]) -> str:
        if one_of and value not in one_of:
            raise self._wrong(node, f"“{name}” is “{value}”. {_instead(value, list(one_of))}")
        return value

    def _string(self, name: str, node: yaml.Node, most: int) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._wrong(node, f"“{name}” must be text, not a list or a group of fields.")
        if node.tag != f"{TAG}str":
            raise self._wrong(node, f"“{name}” must be text. Put “{node.value}” in quotes.")
        value = node.value.strip()
        if not value:
            raise self._wrong(node, f"“{name}” is empty. Write something.")
        if len(value) > most:
            raise self._wrong(node, f"“{name}” has {len(value)} characters and at most {most} fit. Shorten it.")
        return value

    def _count(self, name: str, node: yaml.Node) -> int:
        if node.tag != f"{TAG}int" or not node.value.isdecimal():
            raise self._wrong(node, f"“{name}” must be a whole number, not “{_given(node)}”.")
        return int(node.value)

    def _yes_no(self, name: str, node: yaml.Node) -> bool:
        if node.tag != f"{TAG}bool":
            raise self._wrong(node, f"“{name}” must be true or false, not “{_given(node)}”.")
        return node.value.lower() in {"true", "yes", "on"}

    def _day(self, name: str, node: yaml.Node, *, is_fact: bool) -> date:
        if not self.dates.fictional:
            return self._written_day(name, node)
        found = self._counted_day(name, node)
        if is_fact and found > self.dates.today:
            raise self._wrong(
                node, f"“{name}” is in the future, and it tells of something that happened. Use 0 or less."
            )
        return found

    def _written_day(self, name: str, node: yaml.Node) -> date:
        given = _given(node)
        if not ISO_DATE.fullmatch(given):
            raise self._wrong(node, f"“{name}” must be a date, not “{given}”. Write it as 2014-11-03.")
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise self._wrong(node, f"“{name}” is {given}, which is not a day of the calendar. Correct it.") from None

    def _counted_day(self, name: str, node: yaml.Node) -> date:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        unit = pairs[0][0].value if len(pairs) == 1 else ""
        try:
            number = int(pairs[0][1].value) if unit in {"wd", "clock_days_left"} else None
        except (TypeError, ValueError):
            number = None
        if number is None:
            raise self._wrong(
                node,
                f"“{name}” must be a date counted from today. Write it as {{wd: -4}}: 4 working days before today.",
            )
        try:
            return self.dates.counted(number if unit == "wd" else number - PLAN_WORKING_DAYS)
        except HolidaysUnknown as error:
            raise self._wrong(node, f"“{name}” cannot be counted. {error}") from None

    # The year in references and titles

    def _fill_years(self, root: Row) -> None:
        received = [inspection.received_on for inspection in getattr(root, "inspections", []) if inspection.received_on]
        for row, name, value in _strings(root):
            if "{" not in value:
                continue
            filled = value
            if received:
                filled = YEAR.sub(lambda found: str(received[0].year + int(found[1] or 0)), value)
            if "{" in filled:
                raise row.wrong(
                    name,
                    f"“{value}” cannot be filled in. Only {{year}} and {{year+n}} are known, "
                    "from the day the first report was received.",
                )
            setattr(row, name, filled)


def _strings(root: Row) -> Iterator[tuple[Row, str, str]]:
    for row in root.all_rows():
        for name in row.takes():
            if isinstance(value := getattr(row, name), str):
                yield row, name, value


def _written(cls: type[Row], name: str) -> str:
    """Return the word by which files call a field."""
    if cls is DeadlineChange:
        return {field: key for key, field in DEADLINE_CHANGE_KEYS.items()}.get(name, name)
    return name


def _may_be_missing(takes: Field[Any]) -> bool:
    return takes.default is not MISSING or takes.default_factory is not MISSING


def _given(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else "several values"


def _instead(given: str, known: list[str], otherwise: str = "") -> str:
    close = get_close_matches(given, known, n=1)
    if close:
        return f"Did you mean “{close[0]}”?"
    return " ".join(part for part in (otherwise, f"Use one of: {', '.join(known)}.") if part)
