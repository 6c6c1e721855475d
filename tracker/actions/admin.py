"""What inspectors see of actions: where each stands, how its deadline moved, and what was said on the way."""

from django.contrib import admin
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When
from django.utils.html import format_html

from tracker.actions.models import (
    Action,
    Answer,
    DeadlineChange,
    DeadlineRequest,
    Evidence,
    FindingAnswer,
    KeptClosed,
    Measure,
    Milestone,
    OverdueFlag,
    ProgressUpdate,
    Reopening,
)
from tracker.actions.rules import CLOSE_WORKING_DAYS, Rating, Status
from tracker.actions.templatetags.status import difference_steps, status_chip
from tracker.audit.admin import Choose, GuardedHistoryAdmin, GuardedTable, choose_field, choose_related, in_words
from tracker.audit.history import THE_TRACKER
from tracker.audit.site import site
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.templatetags.govuk import count_of, long_date
from tracker.inspections.admin import FindingAdmin, RecommendationAdmin
from tracker.inspections.models import Finding, Recommendation, Visit

GROUP = "Actions and progress"
OF_A_RESTRICTED_ACTION = Q(action__is_restricted=True)

DEADLINE_CHANGE_WORDS = {
    "from_deadline": "From",
    "to_deadline": "To",
    "working_days": "Slip in working days",
    "reason_kind": "Kind of reason",
    "asked_by": "Asked for by",
}
DEADLINE_REQUEST_WORDS = {
    "from_deadline": "From",
    "to_deadline": "Asked for",
    "agreed_deadline": "Agreed instead",
    "working_days": "Slip in working days",
    "reason_kind": "Kind of reason",
    "effect_on_children": "What it means for children",
    "done_to_avoid": "Done to avoid it",
    "tier": "Who decides",
    "tier_reason": "Why it is theirs to decide",
    "decided_for": "Decided for",
    "decision_reason": "Why it was decided so",
}
REOPENING_WORDS = {
    "on": "Opened again on",
    "by": "Who",
    "claimed_on": "Before: owner said done",
    "completed_on": "Before: checked",
    "checked_by": "Before: checked by",
    "difference": "Before: difference for children",
    "finding": "Finding that repeats it",
}
RESTRICTED_WORDS = {
    "is_restricted": "Restricted",
    "restricted_reason": "Why it is restricted",
    "restriction_review_on": "Restriction looked at again on",
}
EVIDENCE_WORDS = {"location": "Where it is kept", "state_reason": "Why it was accepted or not", **RESTRICTED_WORDS}
ACTION_WORDS = {
    "description": "What we will do",
    "outcome": "We will know it has worked when",
    "is_councils_own": "The council’s own choice",
    "accountable": "Accountable director",
    "agency": "Partner agency",
    "rating": "Owner says",
    "last_updated_on": "Last update",
    "claimed_on": "Owner says done since",
    "completed_on": "Checked as complete on",
    "difference": "Difference for children",
    "cancelled_reason": "Why it was cancelled",
    "replaced_by": "Replaced by",
    "partner_agreed_on": "Its partner agency agreed on",
    "needs_money": "Needs new money",
    **RESTRICTED_WORDS,
}


def days_of(request):
    """Return today and the working days; asked once for each page."""
    if not hasattr(request, "days"):
        request.days = clock.today(), calendar()
    return request.days


def working_days_between(days, first, last):
    """Return how far a deadline moved, or None where that cannot be counted."""
    if first is None or last is None:
        return None
    try:
        return days.between(first, last)
    except HolidaysUnknown:
        return None


def slip_in_words(working_days, *, short=False):
    if working_days is None:
        return in_words(None)
    if working_days == 0:
        return "Not moved"
    far = abs(working_days) if short else count_of(abs(working_days), "working day,working days")
    return f"{far} {'later' if working_days > 0 else 'earlier'}"


# Tables in the page of an action


class DeadlineChangeTable(GuardedTable):
    model = DeadlineChange
    called = DEADLINE_CHANGE_WORDS
    fields = ["from_deadline", "to_deadline", "slip", "reason_kind", "reason", "asked", "agreed"]
    comes_first = True
    empty = "The deadline has not been moved."

    @admin.display(description="Slip")
    def slip(self, row):
        return slip_in_words(row.working_days)

    @admin.display(description="Asked for by")
    def asked(self, row):
        return f"{row.asked_by}, {long_date(row.asked_on)}"

    @admin.display(description="Agreed by")
    def agreed(self, row):
        return f"{row.agreed_by}, {long_date(row.agreed_on)}"


class DeadlineRequestTable(GuardedTable):
    model = DeadlineRequest
    called = DEADLINE_REQUEST_WORDS
    verbose_name_plural = "requests for another deadline"
    fields = ["from_deadline", "to_deadline", "reason", "asked", "state", "decided", "decision_reason"]
    related = ["asked_by", "decided_by"]
    empty = "Nobody has asked for another deadline."

    @admin.display(description="Asked for by")
    def asked(self, row):
        return f"{row.asked_by}, {long_date(row.asked_on)}"

    @admin.display(description="Decided by")
    def decided(self, row):
        return decided_in_words(row)


def decided_in_words(row):
    """Return who decided a request, for whom and when, or None while it waits."""
    if row.decided_on is None:
        return None
    return f"{row.decided_for or row.decided_by or THE_TRACKER}, {long_date(row.decided_on)}"


class MeasureTable(GuardedTable):
    model = Measure
    called = {"target_on": "By", "withdrawn_on": "Withdrawn"}
    fields = ["title", "kind", "baseline", "target", "target_on", "withdrawn_on"]
    empty = "No measures are set."


class ReopeningTable(GuardedTable):
    model = Reopening
    called = REOPENING_WORDS
    verbose_name_plural = "times it was opened again"
    fields = ["on", "by", "reason", "completed_on", "checked_by", "difference"]
    related = ["by", "checked_by"]
    empty = "It has not been opened again."


class KeptClosedTable(GuardedTable):
    model = KeptClosed
    called = {"on": "Decided on", "by": "Who"}
    verbose_name_plural = "times it was kept closed although a visit repeats it"
    fields = ["on", "by", "finding", "reason"]
    related = ["by", "finding"]
    empty = "No such decision was taken."


class MilestoneTable(GuardedTable):
    model = Milestone
    fields = ["title", "due_on", "done_on"]
    empty = "No milestones are set."


class ProgressUpdateTable(GuardedTable):
    model = ProgressUpdate
    called = {"at": "When", "by": "Who", "narrative": "What has changed"}
    fields = ["at", "by", "said", "narrative"]
    related = ["by"]
    empty = "No update has been given yet."

    @admin.display(description="Owner says")
    def said(self, row):
        return "Done, ready to check" if row.says_done else row.get_rating_display()


class EvidenceTable(GuardedTable):
    model = Evidence
    called = EVIDENCE_WORDS
    thing = ("piece of evidence", "pieces of evidence")
    fields = ["title", "location", "dated_on", "state", "state_reason", "added_by", "added_on", "checked_by"]
    related = ["added_by", "checked_by"]
    restricted = Q(is_restricted=True)
    empty = "No evidence has been added yet."


class RecommendationAnsweredTable(GuardedTable):
    model = Answer
    verbose_name_plural = "recommendations it answers"
    fields = ["answered"]
    related = ["recommendation", "action"]
    empty = "It is the council’s own choice and answers no recommendation."

    @admin.display(description="Recommendation")
    def answered(self, row):
        return str(row.recommendation)

    def _address_of(self, row):
        return super()._address_of(row.recommendation)


class FindingAnsweredTable(GuardedTable):
    model = FindingAnswer
    verbose_name_plural = "findings it answers"
    fields = ["answered"]
    related = ["finding", "action"]

    @admin.display(description="Finding")
    def answered(self, row):
        return str(row.finding)

    def _address_of(self, row):
        return super()._address_of(row.finding)


class OverdueFlagTable(GuardedTable):
    model = OverdueFlag
    verbose_name_plural = "noticed overdue by the tracker"
    fields = ["deadline", "flagged_on"]
    empty = "The tracker has not found it overdue."


# Actions in the page of what they answer


class AnsweringActionTable(GuardedTable):
    """The actions that answer a recommendation or a finding, with what has become of them."""

    thing = ("action", "actions")
    verbose_name_plural = "actions that answer it"
    comes_first = True
    fields = ["answering", "owner", "first_agreed", "deadline", "status"]
    related = ["action", "action__owner"]
    restricted = OF_A_RESTRICTED_ACTION
    empty = "No action answers it."

    def prepare(self, request, rows):
        today, days = days_of(request)
        rows = list(rows)
        status = dict(
            Action.objects.visible_to(request.member)
            .filter(pk__in=[row.action_id for row in rows])
            .with_status(on=today, close_by=days.add(today, CLOSE_WORKING_DAYS))
            .values_list("pk", "status_now")
        )
        for row in rows:
            row.status_now = status[row.action_id]
        return rows

    @admin.display(description="Action")
    def answering(self, row):
        return str(row.action)

    @admin.display(description="Owner")
    def owner(self, row):
        return row.action.owner and str(row.action.owner)

    @admin.display(description="First agreed")
    def first_agreed(self, row):
        return row.action.first_agreed

    @admin.display(description="Deadline")
    def deadline(self, row):
        return row.action.deadline

    @admin.display(description="Status")
    def status(self, row):
        return status_chip(row.status_now)

    def _address_of(self, row):
        return super()._address_of(row.action)


class ActionOfRecommendationTable(AnsweringActionTable):
    model = Answer


class ActionOfFindingTable(AnsweringActionTable):
    model = FindingAnswer


@admin.register(Recommendation, site=site)
class RecommendationWithActionsAdmin(RecommendationAdmin):
    way_in = "Recommendations and their actions"
    list_display = [*RecommendationAdmin.list_display[:5], "number_of_actions"]
    inlines = [ActionOfRecommendationTable, *RecommendationAdmin.inlines]

    def prepare(self, request, rows):
        rows = list(rows)
        answers = Answer.objects.visible_to(request.member).filter(recommendation__in=rows).order_by()
        numbers = dict(answers.values_list("recommendation").annotate(number=Count("pk")))
        for row in rows:
            row.number_of_actions = numbers.get(row.pk, 0)
        return rows

    @admin.display(description="Actions")
    def number_of_actions(self, row):
        return row.number_of_actions

    number_of_actions.is_number = True


@admin.register(Finding, site=site)
class FindingWithActionsAdmin(FindingAdmin):
    inlines = [ActionOfFindingTable]


# Actions


class ByStatus(Choose):
    title, parameter_name = "Status", "status"

    def options(self, request):
        return Status.choices

    def narrow(self, rows, value, request):
        return rows.filter(status_now=value)


class DueBeforeVisit(Choose):
    title, parameter_name = "Due before the next visit", "before-visit"

    def options(self, request):
        return [("yes", "Yes")]

    def narrow(self, rows, value, request):
        today, _ = days_of(request)
        first_day = Case(When(starts_on__isnull=False, then=F("starts_on")), default=F("expected_from"))
        next_visit = (
            Visit.objects.visible_to(request.member)
            .annotate(first_day=first_day)
            .filter(first_day__gte=today)
            .order_by("first_day", "pk")
            .values("first_day")
        )
        return rows.live().filter(deadline__lte=next_visit[:1])


class Moved(Choose):
    title, parameter_name = "Deadline moved", "moved"

    def options(self, request):
        return [("yes", "Yes"), ("no", "No")]

    def narrow(self, rows, value, request):
        moves = Exists(DeadlineChange.objects.visible_to(request.member).filter(action=OuterRef("pk")))
        return rows.filter(moves if value == "yes" else ~moves)


@admin.register(Action, site=site)
class ActionAdmin(GuardedHistoryAdmin):
    place, group = 30, GROUP
    called = ACTION_WORDS
    way_in_to_changes = "Every change to actions"
    is_found_by_reference = True
    list_display = ["place_in_plan", "title", "owner", "first_agreed", "deadline", "slip", "status", "difference_made"]
    list_display_links = ["place_in_plan", "title"]
    list_filter = [
        ByStatus,
        choose_related("priority", "Priority"),
        choose_related("service", "Service"),
        DueBeforeVisit,
        Moved,
    ]
    date_hierarchy = "deadline"
    search_fields = ["reference", "title", "description", "outcome", "owner__name"]
    search_help_text = "A reference such as 3.4, words or an owner’s name"
    ordering = ["-plan_id", "position", "pk"]  # The newest plan first, as an index has them.
    related = ["owner", "plan"]
    restricted = Q(is_restricted=True)
    inlines = [
        DeadlineChangeTable,
        DeadlineRequestTable,
        MeasureTable,
        MilestoneTable,
        ProgressUpdateTable,
        EvidenceTable,
        RecommendationAnsweredTable,
        FindingAnsweredTable,
        ReopeningTable,
        KeptClosedTable,
        OverdueFlagTable,
    ]

    def get_queryset(self, request):
        today, days = days_of(request)
        return super().get_queryset(request).with_status(on=today, close_by=days.add(today, CLOSE_WORKING_DAYS))

    def prepare(self, request, rows):
        today, days = days_of(request)
        rows = list(rows)
        for row in rows:
            row.slipped = working_days_between(days, row.first_agreed, row.deadline)
            row.late = working_days_between(days, row.deadline, today) if row.status_now == Status.OVERDUE else None
        return rows

    def get_fieldsets(self, request, obj=None):
        sets = [
            (
                None,
                {
                    "fields": ["where_it_stands", "deadline_in_full", "difference_made", "owned"],
                    "classes": ["strip"],
                },
            ),
            ("What we will do", {"fields": ["description", "outcome"]}),
            (
                "In the plan",
                {"fields": ["plan", "priority", "is_councils_own", "starts_on"], "classes": ["later"]},
            ),
            ("People", {"fields": ["owner", "accountable", "service", "agency"], "classes": ["later"]}),
            (
                "Where it stands",
                {
                    "fields": [
                        "rating",
                        "last_updated_on",
                        "claimed_on",
                        "completed_on",
                        "checked_by",
                        "difference_set_by",
                        "difference_set_on",
                        "cancelled_on",
                        "cancelled_reason",
                        "replaced_by",
                        "partner_agreed_on",
                        "needs_money",
                        "money",
                    ],
                    "classes": ["later"],
                },
            ),
        ]
        if obj is not None and obj.is_restricted:
            fields = ["restricted_reason", "restriction_review_on"]
            sets.append(("Restricted", {"fields": fields, "classes": ["later"]}))
        return sets

    def short_name(self, record):
        return f"Action {record.reference}"

    @admin.display(description="Reference", ordering="position")
    def place_in_plan(self, row):
        return row.reference

    @admin.display(description="Slip in working days")
    def slip(self, row):
        return slip_in_words(row.slipped, short=True)

    @admin.display(description="Status")
    def status(self, row):
        return status_chip(row.status_now)

    @admin.display(description="Difference for children")
    def difference_made(self, row):
        return difference_steps(row.difference)

    @admin.display(description="Status")
    def where_it_stands(self, row):
        said = []
        if row.late:
            said.append(f"{count_of(row.late, 'working day,working days')} late.")
        if row.rating and row.status_now not in {Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK}:
            said.append(f"Owner says {Rating(row.rating).label.lower()}.")
        chip = status_chip(row.status_now)
        return format_html("{}<span>{}</span>", chip, " ".join(said)) if said else chip

    @admin.display(description="Deadline")
    def deadline_in_full(self, row):
        if row.deadline is None:
            return "No deadline yet"
        said = f"First agreed {long_date(row.first_agreed)}. " if row.first_agreed else ""
        moves = row.deadline_changes.count()
        times = {0: "Not moved", 1: "Moved once", 2: "Moved twice"}.get(moves, f"Moved {moves} times")
        return format_html("{}<span>{}{}.</span>", long_date(row.deadline), said, times)

    @admin.display(description="Owner")
    def owned(self, row):
        owner = row.owner or "No owner"
        return format_html("{}<span>Accountable: {}</span>", owner, row.accountable) if row.accountable else owner


class OfActionAdmin(GuardedHistoryAdmin):
    """Rows that belong to an action."""

    group = GROUP
    related = ["action"]
    restricted = OF_A_RESTRICTED_ACTION


@admin.register(Milestone, site=site)
class MilestoneAdmin(OfActionAdmin):
    place = 31
    list_display = ["title", "action", "due_on", "done_on"]
    fields = ["title", "action", "due_on", "done_on", "position"]
    date_hierarchy = "due_on"
    search_fields = ["title", "action__reference", "action__title"]
    ordering = ["due_on", "pk"]


@admin.register(ProgressUpdate, site=site)
class ProgressUpdateAdmin(OfActionAdmin):
    place = 32
    called = {"says_done": "Says it is done", "rating": "Owner says", "narrative": "What has changed", "by": "Who"}
    list_display = ["on", "action", "by", "rating", "says_done", "narrative"]
    list_filter = [choose_field("rating", "Owner says")]
    fields = ["action", "by", "at", "rating", "says_done", "narrative"]
    exclude = ["form_key"]
    date_hierarchy = "on"
    search_fields = ["narrative", "action__reference", "action__title", "by__name"]
    ordering = ["-at", "-pk"]
    related = ["action", "by"]


@admin.register(DeadlineChange, site=site)
class DeadlineChangeAdmin(OfActionAdmin):
    place = 33
    called = DEADLINE_CHANGE_WORDS
    way_in = "Deadline changes"
    list_display = ["action", "from_deadline", "to_deadline", "slip", "reason_kind", "reason", "agreed_by", "agreed_on"]
    list_filter = [choose_field("reason_kind", "Why")]
    fields = [
        "action",
        "from_deadline",
        "to_deadline",
        "slip",
        "reason_kind",
        "reason",
        "asked_by",
        "asked_on",
        "agreed_by",
        "agreed_on",
        "recorded_by",
        "recorded_at",
    ]
    date_hierarchy = "agreed_on"
    search_fields = ["action__reference", "action__title", "reason", "asked_by", "agreed_by"]
    ordering = ["-agreed_on", "-pk"]
    related = ["action", "recorded_by"]

    @admin.display(description="Slip in working days", ordering="working_days")
    def slip(self, row):
        return slip_in_words(row.working_days, short=True)


@admin.register(DeadlineRequest, site=site)
class DeadlineRequestAdmin(OfActionAdmin):
    place = 33
    called = DEADLINE_REQUEST_WORDS
    heading, thing = "Requests for another deadline", ("request", "requests")
    list_display = ["action", "from_deadline", "to_deadline", "slip", "reason_kind", "asked_by", "state", "decided"]
    list_filter = [
        choose_field("state", "State"),
        choose_field("tier", "Who decides"),
        choose_field("reason_kind", "Why"),
    ]
    fields = [
        "action",
        "from_deadline",
        "to_deadline",
        "slip",
        "reason_kind",
        "reason",
        "effect_on_children",
        "done_to_avoid",
        "asked_by",
        "asked_on",
        "tier",
        "tier_reason",
        "state",
        "agreed_deadline",
        "decided_by",
        "decided_for",
        "decided_on",
        "decision_reason",
    ]
    date_hierarchy = "asked_on"
    search_fields = ["action__reference", "action__title", "reason", "asked_by__name", "decided_by__name"]
    ordering = ["-asked_at", "-pk"]
    related = ["action", "asked_by", "decided_by"]

    @admin.display(description="Slip in working days", ordering="working_days")
    def slip(self, row):
        return slip_in_words(row.working_days, short=True)

    @admin.display(description="Decided by")
    def decided(self, row):
        return decided_in_words(row)


@admin.register(Measure, site=site)
class MeasureAdmin(OfActionAdmin):
    place = 31
    called = {"target_on": "By", "withdrawn_on": "Withdrawn"}
    list_display = ["title", "action", "kind", "baseline", "target", "target_on", "withdrawn_on"]
    list_filter = [choose_field("kind", "What it shows")]
    fields = ["title", "action", "kind", "baseline", "target", "target_on", "withdrawn_on", "position"]
    date_hierarchy = "target_on"
    search_fields = ["title", "action__reference", "action__title"]
    ordering = ["action", "position", "pk"]


@admin.register(Reopening, site=site)
class ReopeningAdmin(OfActionAdmin):
    place = 35
    called = REOPENING_WORDS
    heading, thing = "Actions opened again", ("time an action was opened again", "times an action was opened again")
    list_display = ["action", "on", "by", "reason", "completed_on", "difference"]
    fields = ["action", "on", "by", "reason", "finding", "claimed_on", "completed_on", "checked_by", "difference"]
    date_hierarchy = "on"
    search_fields = ["reason", "action__reference", "action__title"]
    ordering = ["-at", "-pk"]
    related = ["action", "by", "checked_by", "finding"]


@admin.register(KeptClosed, site=site)
class KeptClosedAdmin(OfActionAdmin):
    place = 35
    called = {"on": "Decided on", "by": "Who", "finding": "Finding that repeats it"}
    list_display = ["action", "on", "by", "finding", "reason"]
    fields = ["action", "on", "by", "finding", "reason"]
    date_hierarchy = "on"
    search_fields = ["reason", "action__reference", "action__title"]
    ordering = ["-on", "-pk"]
    related = ["action", "by", "finding"]


@admin.register(Evidence, site=site)
class EvidenceAdmin(OfActionAdmin):
    place = 34
    heading, thing = "Evidence", ("piece of evidence", "pieces of evidence")
    called = EVIDENCE_WORDS
    list_display = ["title", "action", "state", "added_by", "added_on", "checked_by"]
    list_filter = [choose_field("state", "State")]
    fields = [
        "title",
        "action",
        "location",
        "dated_on",
        "state",
        "state_reason",
        "added_by",
        "added_at",
        "checked_by",
        "checked_on",
    ]
    date_hierarchy = "added_on"
    search_fields = ["title", "location", "action__reference", "action__title"]
    ordering = ["-added_on", "-pk"]
    related = ["action", "added_by", "checked_by"]
    restricted = Q(is_restricted=True) | OF_A_RESTRICTED_ACTION


@admin.register(OverdueFlag, site=site)
class OverdueFlagAdmin(OfActionAdmin):
    place = 35
    thing = ("deadline noticed as passed", "deadlines noticed as passed")
    list_display = ["action", "deadline", "flagged_on"]
    fields = ["action", "deadline", "flagged_on", "flagged_at"]
    date_hierarchy = "flagged_on"
    ordering = ["-flagged_on", "-pk"]


@admin.register(Answer, site=site)
class AnswerAdmin(OfActionAdmin):
    place = 36
    list_display = ["action", "recommendation"]
    fields = ["action", "recommendation"]
    related = ["action", "recommendation"]


@admin.register(FindingAnswer, site=site)
class FindingAnswerAdmin(OfActionAdmin):
    place = 37
    list_display = ["action", "finding"]
    fields = ["action", "finding"]
    related = ["action", "finding"]
