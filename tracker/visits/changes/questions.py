"""What inspectors are likely to ask at a visit: proposed from what is known, and kept by hand."""

from datetime import date

from django.db.models import Max

from accounts.models import User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.inspections.changes import NothingChanged, refuse_if_changed
from tracker.inspections.models import Recommendation, Visit
from tracker.visits import likely
from tracker.visits.changes.refusals import AlreadySettled, AlreadyThere, NothingToStart
from tracker.visits.models import Question


@recorded()
def add_likely_questions(visit: Visit, *, by: User) -> list[Question]:
    """Add the questions that the last letter and the focus of the visit lead to, less those there are or were.

    Returns those that are new: none may be.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    position = _last(visit)
    return [
        save_because(
            Question(
                visit=visit,
                position=position + number,
                text=proposed.text,
                finding=proposed.finding,
                recommendation=proposed.recommendation,
            ),
            by=by,
            reason="Proposed from the last letter and the focus of the visit",
        )
        for number, proposed in enumerate(likely.missing_questions(visit), start=1)
    ]


@recorded()
def propose_questions(visit: Visit, *, by: User) -> list[Question]:
    """Add the likely questions that are missing. Raises NothingToStart when there is none to add."""
    added = add_likely_questions(visit, by=by)
    if not added:
        raise NothingToStart(
            "There is no question to add: the last letter and the focus of the visit lead to none that is not here."
        )
    return added


@recorded()
def add_question(visit: Visit, *, text: str, recommendation: Recommendation | None, by: User) -> Question:
    """Add a question of one's own. Raises AlreadyThere for the same words."""
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if visit.questions.filter(text=text, dropped_on__isnull=True).exists():
        raise AlreadyThere("This question is in the list already.")
    question = Question(visit=visit, position=_last(visit) + 1, text=text, recommendation=recommendation)
    return save_because(question, by=by, reason="Added by hand")


@recorded()
def change_question(
    question: Question, *, text: str, recommendation: Recommendation | None, by: User, seen: int | None = None
) -> Question:
    """Change a question, or what it is about. Raises AlreadySettled, NothingChanged, ChangedSince."""
    question = _open(question)
    refuse_if_changed(question, seen=seen)
    about = recommendation.pk if recommendation else None
    if (question.text, question.recommendation_id) == (text, about):
        raise NothingChanged("Nothing is different from what is saved. Change something, or go back.")
    question.text, question.recommendation = text, recommendation
    return save_because(question, by=by, reason="Changed by hand")


@recorded()
def drop_question(question: Question, *, reason: str, by: User, on: date) -> Question:
    """Say that a question is no longer expected: kept, with why, and not proposed again. Raises AlreadySettled."""
    question = _open(question)
    question.dropped_on = on
    return save_because(question, by=by, reason=reason)


def _open(question: Question) -> Question:
    question = Question.objects.select_for_update().get(pk=question.pk)
    if question.dropped_on is not None:
        who = question.history.latest().actor
        raise AlreadySettled(f"{who} dropped this question on {question.dropped_on:%-d %B %Y}.")
    return question


def _last(visit: Visit) -> int:
    return visit.questions.aggregate(last=Max("position"))["last"] or 0
