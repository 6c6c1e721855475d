"""What inspectors see of plans. The frozen text of a version is left out: it holds restricted actions too."""

from django.contrib import admin

from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable, choose_field, choose_related
from tracker.audit.site import site
from tracker.plans.models import Plan, PlanAnswers, PlanVersion, Priority, Submission

GROUP = "The plan"


class PlanAnswersTable(GuardedTable):
    model = PlanAnswers
    verbose_name_plural = "inspections it answers"
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
    fields = ["step", "done_on", "proof", "recorded_by"]
    related = ["recorded_by"]
    empty = "The plan has not been sent to Ofsted, sent to DfE or published yet."


class PlanVersionTable(GuardedTable):
    model = PlanVersion
    verbose_name_plural = "frozen versions"
    fields = ["number", "label", "frozen_on", "frozen_by"]
    related = ["frozen_by"]
    empty = "No version has been frozen yet."


@admin.register(Plan, site=site)
class PlanAdmin(GuardedHistoryAdmin):
    place, group = 20, GROUP
    called = {"board_meets_on": "Next improvement board"}
    list_display = ["title", "reference", "starts_on", "board_meets_on"]
    fields = ["reference", "starts_on", "board_meets_on", "note"]
    inlines = [SubmissionTable, PlanAnswersTable, PriorityTable, PlanVersionTable]


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
    fields = ["plan", "number", "label", "frozen_on", "frozen_by"]
    exclude = ["snapshot"]
    ordering = ["-frozen_on", "-pk"]
    related = ["plan", "frozen_by"]

    def rows(self, member):
        return super().rows(member).defer("snapshot")


@admin.register(Submission, site=site)
class SubmissionAdmin(GuardedHistoryAdmin):
    place, group = 23, GROUP
    heading, thing = "Sent and published", ("step of sending the plan", "steps of sending the plan")
    list_display = ["step", "plan", "done_on", "recorded_by"]
    list_filter = [choose_related("plan", "Plan"), choose_field("step", "Step")]
    fields = ["step", "plan", "done_on", "proof", "recorded_by"]
    ordering = ["-done_on", "-pk"]
    related = ["plan", "recorded_by"]


@admin.register(PlanAnswers, site=site)
class PlanAnswersAdmin(GuardedHistoryAdmin):
    place, group = 24, GROUP
    list_display = ["plan", "inspection"]
    fields = ["plan", "inspection"]
    related = ["plan", "inspection"]
