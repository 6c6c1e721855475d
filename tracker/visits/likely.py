"""What inspectors are likely to ask at a visit: from what they said last and what they say they will look at."""

from dataclasses import dataclass

from django.db.models import F, Q

from tracker.inspections.models import Finding, Recommendation, Visit
from tracker.visits.rules import question_about_finding, question_about_recommendation


@dataclass(frozen=True)
class Proposed:
    """A question, and what it comes from."""

    text: str
    finding: Finding | None = None
    recommendation: Recommendation | None = None


def last_letter(visit: Visit) -> Visit | None:
    """Return the visit before this one whose letter names what needs work; the latest of those. One query.

    Those of which no day is known come first in time.
    """
    before = Visit.objects.of(visit.authority).exclude(pk=visit.pk).filter(findings__kind=Finding.Kind.NEEDS_WORK)
    if day := visit.due_by or visit.expected_to:
        before = before.filter(Q(starts_on__lt=day) | Q(starts_on__isnull=True))
    latest = F("starts_on").desc(nulls_last=True)
    letter = F("letter_received_on").desc(nulls_last=True)
    return before.order_by(latest, letter, "-pk").distinct().first()


def missing_questions(visit: Visit) -> list[Proposed]:
    """Return the likely questions of a visit that it does not have, nor had and dropped. Four queries at most.

    One for each finding of the last letter that needs work, and one for each recommendation in its focus that none
    of those repeats.
    """
    last = last_letter(visit)
    findings = (
        list(
            last.findings.filter(kind=Finding.Kind.NEEDS_WORK).select_related("recommendation").order_by("number", "pk")
        )
        if last
        else []
    )
    asked = visit.questions.all()
    about_findings = {question.finding_id for question in asked}
    about_recommendations = {question.recommendation_id for question in asked}
    repeated = {finding.recommendation_id for finding in findings}
    focus = Recommendation.objects.of(visit.authority).filter(looked_at_by__visit=visit)
    return [
        *(
            Proposed(
                question_about_finding(finding.text, visit=_named(last), is_paraphrase=finding.is_paraphrase),
                finding=finding,
                recommendation=finding.recommendation,
            )
            for finding in findings
            if finding.pk not in about_findings
        ),
        *(
            Proposed(
                question_about_recommendation(recommendation.reference, recommendation.title),
                recommendation=recommendation,
            )
            for recommendation in focus.order_by("inspection", "position", "pk")
            if recommendation.pk not in repeated | about_recommendations
        ),
    ]


def _named(visit: Visit | None) -> str:
    """Return "monitoring visit 1" or "the focused visit of February 2026", as it goes on in a sentence."""
    if visit is None:
        return ""
    name = f"{str(visit)[:1].lower()}{str(visit)[1:]}"
    if visit.sequence:
        return name
    return f"the {name} of {visit.starts_on:%B %Y}" if visit.starts_on else f"the {name}"
