"""How many things of each kind wait for a member to decide, beside the actions: counted in one query."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.member import Member
from accounts.models import Authority
from tracker.actions.models import Action, Answer, DeadlineRequest
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Recommendation, Recount, Visit
from tracker.partners import permissions as partner_permissions
from tracker.partners.models import PartnerAnswer
from tracker.plans.models import Plan
from tracker.plans.sent import open_criticisms
from tracker.privacy.models import DetailsReport
from tracker.reminders.addresses import stopped_of
from tracker.reminders.permissions import keeps_addresses
from tracker.visits.models import ReadinessTask

TOLD_FOR_WORKING_DAYS = 10


@dataclass(frozen=True)
class Tallies:
    """What waits: deadlines to decide, closed actions that a visit repeats, ratings that are doubted, and so on.

    `recounted` are the clocks counted again in the last 10 working days; `ready` of `to_make_ready` is done
    before the next visit; `asked` are the recommendations the council must answer, and `without_action` of them no live
    action answers, counting actions that the member may not see, so that nobody is told of a gap that is none.
    """

    requests: int
    repeated: int
    doubtful: int
    criticisms: int
    answers: int
    unreachable: int
    recounted: int
    to_make_ready: int
    ready: int
    asked: int
    without_action: int
    reported: int


def tallies_of(
    plan: Plan, member: Member, visit: Visit | None, *, on: date, close_by: date, calendar: Calendar
) -> Tallies:
    """Count what waits for a member about a plan and its next visit. One query. Raises HolidaysUnknown."""
    actions = Action.objects.visible_to(member).filter(plan=plan)
    answers = PartnerAnswer.objects.visible_to(member).looked_after_by(member).waiting()
    asked = (
        Recommendation.objects.visible_to(member)
        .for_the_council()
        .filter(inspection__in=plan.inspections.order_by().values("pk"))
    )
    answered = Answer.objects.filter(recommendation=OuterRef("pk"), action__cancelled_on__isnull=True)
    tasks = ReadinessTask.objects.visible_to(member).filter(visit=visit, dropped_on__isnull=True)
    row = (
        Authority.objects.filter(pk=member.authority.pk)
        .values(
            requests=_number(DeadlineRequest.objects.for_decision_by(member, on=on).filter(action__plan=plan)),
            repeated=_number(actions.repeated_by_a_visit(on=on)),
            doubtful=_number(actions.doubtful(on=on, close_by=close_by)),
            criticisms=_number(open_criticisms(plan, member)),
            answers=_number(answers) if partner_permissions.looks_after_partners(member) else _none(),
            unreachable=_number(stopped_of(member, on=on)) if keeps_addresses(member) else _none(),
            recounted=_number(recent_recounts(member, on=on, calendar=calendar)),
            to_make_ready=_number(tasks) if visit else _none(),
            ready=_number(tasks.filter(done_on__isnull=False)) if visit else _none(),
            asked=_number(asked),
            without_action=_number(asked.filter(~Exists(answered))),
            reported=_number(DetailsReport.objects.visible_to(member).waiting()) if member.runs_plan else _none(),
        )
        .get()
    )
    return Tallies(**row)


def recent_recounts(member: Member, *, on: date, calendar: Calendar) -> QuerySet[Recount]:
    """The clocks counted again in the last 10 working days. Raises HolidaysUnknown."""
    return Recount.objects.visible_to(member).filter(on__gt=calendar.add(on, -TOLD_FOR_WORKING_DAYS), on__lte=on)


def _number(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().values(_same=Value(1)).annotate(_number=Count("pk", distinct=True)).values("_number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _none() -> Value:
    return Value(0, output_field=IntegerField())
