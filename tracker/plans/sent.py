"""What was sent of a plan, what Ofsted answered, and so where it stands: read from its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Q, QuerySet

from accounts.member import Member
from tracker.inspections.models import Clock, ClockQuerySet
from tracker.plans import wording
from tracker.plans.models import Criticism, Plan, PlanVersion, Submission
from tracker.plans.rules import SentVersion, Standing, standing_of


@dataclass(frozen=True)
class StandingNow:
    """Where a plan stands, and its versions that were frozen to be sent, the first of them first."""

    standing: Standing
    versions: tuple[SentVersion, ...]

    @property
    def latest(self) -> SentVersion | None:
        return self.versions[-1] if self.versions else None

    @property
    def steps(self) -> Mapping[str, date]:
        """What was done with the version that is being sent now, by step."""
        return self.versions[-1].steps if self.versions else {}

    @property
    def is_returned(self) -> bool:
        return self.standing is Standing.RETURNED

    def words(self) -> str:
        """Return where it stands in a sentence or two, for the top of a page."""
        return wording.standing_words(self.standing, self.versions)


def standing_now(plan: Plan) -> StandingNow:
    """Return where a plan stands. One query."""
    found = list(
        _submitted(plan)
        .order_by("number", "plan__submissions__pk")
        .values(
            "pk",
            "number",
            "frozen_on",
            **REPLY,
            step=F("plan__submissions__step"),
            done_on=F("plan__submissions__done_on"),
            sent_as=F("plan__submissions__version"),
        )
    )
    steps: dict[int, dict[str, date]] = {row["pk"]: {} for row in found}
    first = next(iter(steps), None)
    for row in found:
        # What was recorded before versions were named belongs to the first of them.
        if row["step"] and row["pk"] == (row["sent_as"] or first):
            steps[row["pk"]][row["step"]] = row["done_on"]
    found = list({row["pk"]: row for row in found}.values())
    versions = tuple(
        SentVersion(
            number=row["number"],
            frozen_on=row["frozen_on"],
            steps=steps[row["pk"]],
            reply=row["reply_kind"] or "",
            replied_on=row["replied_on"],
            respond_by=row["respond_by"],
        )
        for row in found
    )
    return StandingNow(standing_of(versions), versions)


REPLY = {"reply_kind": F("reply__kind"), "replied_on": F("reply__received_on"), "respond_by": F("reply__respond_by")}


def _submitted(plan: Plan) -> QuerySet[PlanVersion]:
    return plan.versions.filter(label=PlanVersion.Label.SUBMITTED).order_by("number")


def submissions_of(version: PlanVersion) -> QuerySet[Submission]:
    """Return what was done with a version; what names no version was done with the first that was frozen to be sent."""
    done = Q(version=version)
    if version.pk == _submitted(version.plan).values_list("pk", flat=True).first():
        done |= Q(version__isnull=True)
    return version.plan.submissions.filter(done)


def steps_of(version: PlanVersion) -> dict[str, date]:
    """Return the day of each step that was done with a version."""
    return dict(submissions_of(version).values_list("step", "done_on"))


def clocks_of(plan: Plan) -> ClockQuerySet:
    """Return the clocks of what a plan answers: its inspections, and the visits that follow them up.

    A focused visit that follows up none is answered by the plan the council works to.
    """
    answered = Q(inspection__answered_by__plan=plan) | Q(visit__inspection__answered_by__plan=plan)
    worked_to = Plan.objects.of(plan.authority).current().values("pk")[:1]
    answered |= Q(visit__inspection__isnull=True, visit__authority=plan.authority_id) & Q(
        Exists(Plan.objects.of(plan.authority).filter(pk=plan.pk, pk__in=worked_to))
    )
    ours = Clock.objects.of(plan.authority)
    return ours.filter(pk__in=ours.filter(answered).values("pk")).select_related("inspection", "visit").order_by("pk")


def open_criticisms(plan: Plan, member: Member) -> QuerySet[Criticism]:
    """Return what reviewers said against a plan and is not closed yet, the first that is due first."""
    seen = Criticism.objects.visible_to(member).filter(plan=plan).open()
    return seen.select_related("owner").order_by(F("due_on").asc(nulls_first=True), "number")
