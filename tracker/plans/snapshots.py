"""A frozen version as it is read: its actions, who may see which, and how two versions differ. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Frozen = Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """Who reads a version, as far as restricted actions go.

    `hidden_now` are the references of actions that are restricted today and not shown to this person, `theirs_now` of
    those they own or are accountable for today.
    """

    user_id: int
    sees_restricted: bool = False
    hidden_now: frozenset[str] = frozenset()
    theirs_now: frozenset[str] = frozenset()

    def may_see(self, action: Frozen) -> bool:
        """Return whether an action of a version is shown: as it was restricted then, and as it is today."""
        if self.sees_restricted:
            return True
        reference = action["reference"]
        if reference in self.hidden_now:
            return False
        was_theirs = self.user_id in (action.get("owner_id"), action.get("accountable_id"))
        return not action.get("is_restricted") or was_theirs or reference in self.theirs_now


def day_of(text: str | None) -> date | None:
    """Return the day that a snapshot holds as text."""
    return date.fromisoformat(text) if text else None


def _day(text: str | None) -> str:
    day = day_of(text)
    return f"{day:%-d %b %Y}" if day else ""


def _person(key: str) -> Callable[[Frozen], list[str]]:
    """A person with the post they held then."""

    def read_person(action: Frozen) -> list[str]:
        named = ", ".join(part for part in (action.get(key), action.get(f"{key}_post")) if part)
        return [named] if named else []

    return read_person


def _text(key: str) -> Callable[[Frozen], list[str]]:
    return lambda action: [action[key]] if action.get(key) else []


def _date(key: str) -> Callable[[Frozen], list[str]]:
    return lambda action: [_day(action[key])] if action.get(key) else []


def _listed(key: str) -> Callable[[Frozen], list[str]]:
    return lambda action: list(action.get(key) or ())


def _milestones(action: Frozen) -> list[str]:
    return [f"{step['title']}, due {_day(step['due_on'])}" for step in action.get("milestones") or ()]


def _milestones_done(action: Frozen) -> list[str]:
    steps = action.get("milestones") or ()
    return [f"{step['title']}, {_day(step['done_on'])}" for step in steps if step.get("done_on")]


def measure_words(measure: Frozen) -> str:
    """Return "Visits on time, from 61% to 95% by 1 Dec 2026", leaving out what is not known."""
    words = [
        f"from {measure['baseline']}" if measure["baseline"] else "",
        f"to {measure['target']}" if measure["target"] else "",
        f"by {_day(measure['target_on'])}" if measure["target_on"] else "",
    ]
    how = " ".join(word for word in words if word)
    return f"{measure['title']}, {how}" if how else measure["title"]


def _measures(action: Frozen) -> list[str]:
    return [measure_words(measure) for measure in action.get("measures") or ()]


def _money(action: Frozen) -> list[str]:
    needs = ["Needs new money"] if action.get("needs_money") else []
    return [*needs, action["money"]] if action.get("money") else needs


def _restricted(action: Frozen) -> list[str]:
    return [f"Restricted: {action.get('restricted_reason')}"] if action.get("is_restricted") else []


@dataclass(frozen=True)
class Field:
    """Something a version says of an action, as one text or several.

    What is of progress tells how far the action has come, not what the plan is.
    """

    label: str
    items: Callable[[Frozen], list[str]]
    is_of_progress: bool = False

    def text(self, action: Frozen) -> str:
        return "; ".join(self.items(action))


# What a reader sees of an action, in order; also what is compared, and the columns of a download.
FIELDS = (
    Field("Title", _text("title")),
    Field("Priority", _text("priority")),
    Field("What will be done", _text("description")),
    Field("How we will know it has worked", _text("outcome")),
    Field("Owner", _person("owner")),
    Field("Accountable", _person("accountable")),
    Field("Service", _text("service")),
    Field("Partner agency", _text("agency")),
    Field("Partner agreed to it", _date("partner_agreed_on")),
    Field("Recommendations", _listed("recommendations")),
    Field("Findings", _listed("findings")),
    Field("Starts", _date("starts_on")),
    Field("Deadline", _date("deadline")),
    Field("First agreed", _date("first_agreed"), is_of_progress=True),
    Field("Milestones", _milestones),
    Field("Milestones done", _milestones_done, is_of_progress=True),
    Field("Measures", _measures),
    Field("Money", _money),
    Field("Status", _text("status"), is_of_progress=True),
    Field("Difference for children", _text("difference"), is_of_progress=True),
    Field("Restricted", _restricted),
)
IN_THE_ROW = frozenset({"Title", "Priority", "Owner", "Deadline", "Status"})


@dataclass(frozen=True)
class FrozenAction:
    """One action of a version, ready to be shown."""

    reference: str
    title: str
    owner: str
    agency: str
    deadline: date | None
    status: str
    is_restricted: bool
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class FrozenPriority:
    """A priority of a version with its actions."""

    heading: str
    outcome: str
    lead: str
    actions: Sequence[FrozenAction]


@dataclass(frozen=True)
class FrozenPlan:
    """A version as one reader sees it. `withheld` is how many restricted actions are not shown."""

    title: str
    note: str
    answers: Sequence[str]
    priorities: Sequence[FrozenPriority]
    total: int
    withheld: int


def seen_actions(snapshot: Frozen, reader: Reader) -> list[Frozen]:
    """Return the actions of a version that a reader sees."""
    return [action for action in snapshot["actions"] if reader.may_see(action)]


def read(snapshot: Frozen, reader: Reader) -> FrozenPlan:
    """Return a version as a reader sees it, its actions under their priorities."""
    seen = seen_actions(snapshot, reader)
    named = {f"{row['number']}. {row['title']}": row for row in snapshot.get("priorities", ())}
    headings = list(dict.fromkeys([*named, *(action["priority"] for action in seen)]))
    return FrozenPlan(
        title=snapshot["title"],
        note=snapshot.get("note", ""),
        answers=snapshot.get("answers", ()),
        priorities=[
            FrozenPriority(
                heading=heading,
                outcome=named.get(heading, {}).get("outcome", ""),
                lead=named.get(heading, {}).get("lead", ""),
                actions=[_shown(action) for action in seen if action["priority"] == heading],
            )
            for heading in headings
        ],
        total=len(seen),
        withheld=len(snapshot["actions"]) - len(seen),
    )


def _shown(action: Frozen) -> FrozenAction:
    return FrozenAction(
        reference=action["reference"],
        title=action["title"],
        owner="".join(_person("owner")(action)),
        agency=action.get("agency") or "",
        deadline=day_of(action.get("deadline")),
        status=action.get("status") or "",
        is_restricted=bool(action.get("is_restricted")),
        details=[
            (field.label, text) for field in FIELDS if field.label not in IN_THE_ROW and (text := field.text(action))
        ],
    )


HEADINGS = ("Reference", *(field.label for field in FIELDS))


def rows_of(snapshot: Frozen, reader: Reader) -> list[list[str]]:
    """Return the actions of a version under HEADINGS, as a reader sees them."""
    return [
        [action["reference"], *(field.text(action) for field in FIELDS)] for action in seen_actions(snapshot, reader)
    ]


# Two versions


@dataclass(frozen=True)
class FieldChange:
    """What something said before and says now."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ActionChange:
    """An action that is in both versions and is not the same."""

    reference: str
    title: str
    changes: Sequence[FieldChange]


@dataclass(frozen=True)
class Comparison:
    """How one version differs from another, as one reader sees both.

    `progressed` are the actions of which the plan says the same, and that have come on since.
    """

    about_plan: Sequence[FieldChange] = ()
    added: Sequence[FrozenAction] = ()
    removed: Sequence[FrozenAction] = ()
    changed: Sequence[ActionChange] = ()
    progressed: Sequence[ActionChange] = ()
    same: int = 0
    withheld: int = 0
    moved_later: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.about_plan or self.added or self.removed or self.changed or self.progressed)


def compare(before: Frozen, after: Frozen, reader: Reader) -> Comparison:
    """Return what was added, removed and changed between two versions, matched by reference.

    An action that the reader may not see in either of them is only counted.
    """
    old = {action["reference"]: action for action in before["actions"]}
    new = {action["reference"]: action for action in after["actions"]}
    hidden = {
        reference for actions in (old, new) for reference, action in actions.items() if not reader.may_see(action)
    }
    both = [reference for reference in new if reference in old and reference not in hidden]
    changed, progressed = [], []
    for reference in both:
        plan, progress = _field_changes(old[reference], new[reference])
        if plan:
            changed.append(ActionChange(reference, new[reference]["title"], [*plan, *progress]))
        elif progress:
            progressed.append(ActionChange(reference, new[reference]["title"], progress))
    return Comparison(
        about_plan=_changes_of_plan(before, after),
        added=[_shown(action) for key, action in new.items() if key not in old and key not in hidden],
        removed=[_shown(action) for key, action in old.items() if key not in new and key not in hidden],
        changed=changed,
        progressed=progressed,
        same=len(both) - len(changed) - len(progressed),
        withheld=len(hidden),
        moved_later=sum(_is_later(old[reference], new[reference]) for reference in both),
    )


def _is_later(before: Frozen, after: Frozen) -> bool:
    first, second = day_of(before.get("deadline")), day_of(after.get("deadline"))
    return first is not None and second is not None and second > first


def _field_changes(before: Frozen, after: Frozen) -> tuple[list[FieldChange], list[FieldChange]]:
    """Return what differs in what the plan says, and in how far it has come. Of lists only what is not in both."""
    plan, progress = [], []
    for field in FIELDS:
        old, new = field.items(before), field.items(after)
        if old == new:
            continue
        gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
        if not gone and not come:
            continue  # In another order only.
        change = FieldChange(field.label, "; ".join(gone), "; ".join(come))
        (progress if field.is_of_progress else plan).append(change)
    return plan, progress


def _changes_of_plan(before: Frozen, after: Frozen) -> list[FieldChange]:
    """What the two say of the plan itself: its title, what it answers, its priorities."""
    pairs = [
        ("Title of the plan", before["title"], after["title"]),
        ("What it answers", "; ".join(before.get("answers", ())), "; ".join(after.get("answers", ()))),
    ]
    old = {row["number"]: row for row in before.get("priorities", ())}
    new = {row["number"]: row for row in after.get("priorities", ())}
    for number in sorted({*old, *new}):
        pairs += [
            (f"Priority {number}{what}", old.get(number, {}).get(key, ""), new.get(number, {}).get(key, ""))
            for key, what in (("title", ""), ("outcome", ", outcome"), ("lead", ", lead"))
        ]
    return [FieldChange(label, was, now) for label, was, now in pairs if was != now]


COMPARED = ("What", "Reference", "Action", "Field", "Before", "After")


def compared_rows(found: Comparison) -> list[list[str]]:
    """Return a comparison under COMPARED, a row for each thing that was added, removed or changed."""
    return [
        *(["Plan", "", "", change.label, change.before, change.after] for change in found.about_plan),
        *(["Added", action.reference, action.title, "", "", ""] for action in found.added),
        *(["Removed", action.reference, action.title, "", "", ""] for action in found.removed),
        *(
            [what, action.reference, action.title, change.label, change.before, change.after]
            for what, actions in (("Changed", found.changed), ("Progress", found.progressed))
            for action in actions
            for change in action.changes
        ),
    ]
