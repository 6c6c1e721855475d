"""What inspectors are likely to ask at a visit, each with the evidence that answers it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet

from accounts.member import Member
from tracker.actions.models import Evidence
from tracker.inspections.models import Visit
from tracker.visits.models import Question

SHOWN = 5


@dataclass(frozen=True)
class Piece:
    """An accepted piece of evidence that the reader may see; `url` is where it is kept, if at an address."""

    title: str
    kept_in: str
    action: str

    @property
    def url(self) -> str:
        return self.kept_in if self.kept_in.startswith(("https://", "http://")) else ""


@dataclass
class QuestionRow:
    """A likely question, the accepted evidence of the actions that answer it, and how many pieces are withheld."""

    question: Question
    pieces: list[Piece] = field(default_factory=list)
    withheld: int = 0

    @property
    def has_evidence(self) -> bool:
        return bool(self.pieces or self.withheld)

    @property
    def shown(self) -> list[Piece]:
        return self.pieces[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.pieces) - len(self.shown)


def question_rows(visit: Visit, member: Member) -> list[QuestionRow]:
    """Return the questions of a visit that are still expected, each with its evidence. Three queries at most.

    The evidence of a question about a finding is that of the actions answering the finding; of one about a
    recommendation, that of the actions answering it. Cancelled actions give none.
    """
    questions = (
        Question.objects.visible_to(member)
        .filter(visit=visit, dropped_on__isnull=True)
        .select_related("finding__visit", "recommendation__inspection")
        .order_by("position", "pk")
    )
    rows = [QuestionRow(question) for question in questions]
    _add(rows, "finding_id", "action__finding_answers__finding", member)
    _add(
        [row for row in rows if row.question.finding_id is None],
        "recommendation_id",
        "action__answers__recommendation",
        member,
    )
    return rows


def _add(rows: Iterable[QuestionRow], about: str, way: str, member: Member) -> None:
    """Give each row the accepted evidence found by the way from its action to what the question is about."""
    asking: dict[int, list[QuestionRow]] = {}
    for row in rows:
        if key := getattr(row.question, about):
            asking.setdefault(key, []).append(row)
    if not asking:
        return
    accepted = _accepted(member).filter(**{f"{way}__in": list(asking)})
    for key, title, location, action, is_seen in accepted.values_list(
        way, "title", "location", "action__reference", "is_seen"
    ):
        for row in asking[key]:
            if is_seen:
                row.pieces.append(Piece(title, location, action))
            else:
                row.withheld += 1


def _accepted(member: Member) -> QuerySet[Evidence]:
    seen = Evidence.objects.visible_to(member).filter(pk=OuterRef("pk"))
    return (
        Evidence.objects.within_reach_of(member)
        .filter(state=Evidence.State.ACCEPTED, action__cancelled_on__isnull=True)
        .annotate(is_seen=Exists(seen))
        .order_by("-added_on", "pk")
    )
