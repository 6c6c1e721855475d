"""What inspectors see of plans. The frozen text of a version is left out: it holds restricted actions too."""

from django.contrib import admin

from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable, choose_field, choose_related
from tracker.audit.site import site
from tracker.plans.models import Criticism, OfstedReply, Plan, PlanAnswers, PlanVersion, Priority, Submission

GROUP = "The plan"


class PlanAnswersTable(GuardedTable):
    model = PlanAnswers
    verbose_name_plural = "inspections and reviews it answers"
    fields = ["inspection"]
    related = ["inspection"]


class PriorityTable(GuardedTable):
    model = Priority
    fields = ["__str__", "outcome", "lead"]
    related = ["lead"]
    empty = "The plan has no priorities yet."


class SubmissionTable(GuardedTable):
    model = Submission
    verbose_name_plural = "sent and published"
    fields = ["step", "done_on", "done_by", "proof", "recorded_by"]
    related = ["recorded_by"]
    empty = "The plan has not been sent to Ofsted, sent to DfE or published yet."


class PlanVersionTable(GuardedTable):
    model = PlanVersion
    verbose_name_plural = "frozen versions"
    fields = ["number", "label", "frozen_on", "frozen_by", "change_summary"]
    related = ["frozen_by"]
    empty = "No version has been sent or published yet."


class OfstedReplyTable(GuardedTable):
    model = OfstedReply
    fields = ["kind", "received_on", "respond_by", "words"]
    empty = "Ofsted has not replied to it."


class CriticismTable(GuardedTable):
    model = Criticism
    fields = ["number", "made_by", "text", "owner", "due_on", "closed_on"]
    related = ["owner"]
    empty = "No reviewer has said anything against the plan itself."


@admin.register(Plan, site=site)
class PlanAdmin(GuardedHistoryAdmin):
    place, group = 20, GROUP
    called = {"board_meets_on": "Next improvement board"}
    list_display = ["title", "reference", "starts_on", "board_meets_on"]
    fields = ["reference", "starts_on", "board_meets_on", "note"]
    inlines = [SubmissionTable, PlanAnswersTable, PriorityTable, PlanVersionTable, CriticismTable]


@admin.register(Priority, site=site)
class PriorityAdmin(GuardedHistoryAdmin):
    place, group = 21, GROUP
    list_display = ["__str__", "plan", "lead"]
    list_filter = [choose_related("plan", "Plan")]
    fields = ["plan", "number", "outcome", "lead"]
    ordering = ["-plan__starts_on", "number", "pk"]
    related = ["plan", "lead"]


@admin.register(PlanVersion, site=site)
class PlanVersionAdmin(GuardedHistoryAdmin):
    place, group = 22, GROUP
    thing = ("frozen version", "frozen versions")
    list_display = ["__str__", "plan", "label", "frozen_on", "frozen_by"]
    list_filter = [choose_related("plan", "Plan"), choose_field("label", "Kind")]
    fields = [
        "plan",
        "number",
        "label",
        "frozen_on",
        "frozen_by",
        "change_summary",
        "failed_checks",
        "warnings_reason",
        "warnings_accepted_by",
    ]
    exclude = ["snapshot"]
    ordering = ["-frozen_on", "-pk"]
    related = ["plan", "frozen_by", "warnings_accepted_by"]
    inlines = [OfstedReplyTable]

    def rows(self, member):
        return super().rows(member).defer("snapshot")

    @admin.display(description="Checks that failed")
    def failed_checks(self, version):
        return ", ".join(version.warnings)


@admin.register(Submission, site=site)
class SubmissionAdmin(GuardedHistoryAdmin):
    place, group = 23, GROUP
    heading, thing = "Sent and published", ("step of sending the plan", "steps of sending the plan")
    list_display = ["step", "plan", "version", "done_on", "done_by", "recorded_by"]
    list_filter = [choose_related("plan", "Plan"), choose_field("step", "Step")]
    fields = ["step", "plan", "version", "done_on", "done_by", "proof", "recorded_by", "recorded_on"]
    ordering = ["-done_on", "-pk"]
    related = ["plan", "version", "recorded_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("version__snapshot")


@admin.register(OfstedReply, site=site)
class OfstedReplyAdmin(GuardedHistoryAdmin):
    place, group = 24, GROUP
    heading, thing = "Ofsted’s replies", ("reply of Ofsted", "replies of Ofsted")
    list_display = ["kind", "version", "received_on", "respond_by"]
    list_filter = [choose_field("kind", "What it says")]
    fields = ["kind", "version", "received_on", "respond_by", "words", "proof", "recorded_by", "recorded_on"]
    ordering = ["-received_on", "-pk"]
    related = ["version", "recorded_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("version__snapshot")


@admin.register(Criticism, site=site)
class CriticismAdmin(GuardedHistoryAdmin):
    place, group = 25, GROUP
    list_display = ["__str__", "plan", "owner", "due_on", "closed_on"]
    list_filter = [choose_related("plan", "Plan")]
    fields = [
        "plan",
        "number",
        "made_by",
        "made_on",
        "inspection",
        "paragraph",
        "text",
        "author",
        "response",
        "owner",
        "due_on",
        "closed_on",
        "closed_by",
        "closed_reason",
        "recorded_by",
        "recorded_on",
    ]
    ordering = ["-plan__starts_on", "number", "pk"]
    related = ["plan", "inspection", "author", "owner", "closed_by", "recorded_by"]


@admin.register(PlanAnswers, site=site)
class PlanAnswersAdmin(GuardedHistoryAdmin):
    place, group = 26, GROUP
    list_display = ["plan", "inspection"]
    fields = ["plan", "inspection"]
    related = ["plan", "inspection"]
