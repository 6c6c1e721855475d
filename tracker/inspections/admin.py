"""What inspectors see of inspections, visits, interventions and clocks."""

from django.contrib import admin

from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable, choose_field, choose_related
from tracker.audit.site import site
from tracker.inspections.models import (
    Clock,
    ClockStep,
    Finding,
    GovernanceStep,
    Inspection,
    Intervention,
    Judgement,
    Recommendation,
    Recount,
    Visit,
    VisitFocus,
)

GROUP = "What inspectors said"

CLOCK_WORDS = {
    "kind": "Clock",
    "source": "Runs from",
    "trigger_event": "What started it",
    "trigger_on": "Day 0",
    "length_in_words": "Length",
    "rule_source": "Where the rule is",
    "is_forecast": "Only expected",
    "computed_due": "Date by the count",
    "notified_due": "Date in the letter",
    "notified_source": "Where that date is given",
    "met_on": "Met on",
    "missed_on": "Noticed as missed on",
    "voided_on": "Void since",
    "void_reason": "Why it is void",
}
RECOUNT_WORDS = {"on": "Counted again on", "from_due": "Date before", "to_due": "Date after", "reason": "Why"}
RECOMMENDATION_WORDS = {
    "addressee": "For whom",
    "timescale": "Time given",
    "text": "Words",
    "is_paraphrase": "A paraphrase",
    "title": "In short",
}


class JudgementTable(GuardedTable):
    model = Judgement
    fields = ["area_label", "grade"]
    empty = "No judgements are recorded."

    @admin.display(description="Area")
    def area_label(self, row):
        return row.area_label


class RecommendationTable(GuardedTable):
    model = Recommendation
    called = RECOMMENDATION_WORDS
    fields = ["reference", "title", "kind", "addressee"]
    empty = "No recommendations are recorded."


class ClockTable(GuardedTable):
    model = Clock
    verbose_name_plural = "clocks"
    called = CLOCK_WORDS
    fields = ["kind", "basis", "trigger_on", "length_in_words", "computed_due", "notified_due", "met_on", "missed_on"]
    empty = "No clock runs from it."


class ClockStepTable(GuardedTable):
    model = ClockStep
    verbose_name_plural = "what was done"
    called = {"what_was_done": "What was done"}
    fields = ["what_was_done", "done_on", "done_by", "proof"]
    related = ["clock"]
    empty = "Nothing is recorded."


class RecountTable(GuardedTable):
    model = Recount
    verbose_name_plural = "times it was counted again"
    called = RECOUNT_WORDS
    fields = ["on", "from_due", "to_due", "reason"]
    empty = "It was not counted again."


class GovernanceStepTable(GuardedTable):
    model = GovernanceStep
    verbose_name_plural = "the council’s own steps before it"
    called = {"due_on": "By"}
    fields = ["title", "due_on", "owner", "done_on"]
    related = ["owner"]
    empty = "No steps are planned."


class FindingTable(GuardedTable):
    model = Finding
    fields = ["number", "kind", "text", "recommendation"]
    related = ["recommendation"]
    empty = "No findings are recorded."


@admin.register(Inspection, site=site)
class InspectionAdmin(GuardedHistoryAdmin):
    place, group = 10, GROUP
    called = {
        "received_is_assumed": "Received day assumed",
        "dates_note": "About the dates",
        "is_monitored": "Ofsted makes monitoring visits",
        "has_priority_areas": "Names areas for priority action",
    }
    list_display = ["__str__", "framework", "started_on", "ended_on", "received_on", "published_on"]
    list_filter = [choose_field("framework", "Framework")]
    date_hierarchy = "published_on"
    fieldsets = [
        ("Dates", {"fields": ["started_on", "ended_on", "dates_note", "received_on", "received_is_assumed"]}),
        (
            "Report",
            {"fields": ["framework", "kind", "published_on", "is_monitored", "has_priority_areas", "source"]},
        ),
    ]
    inlines = [JudgementTable, ClockTable, RecommendationTable]


@admin.register(Judgement, site=site)
class JudgementAdmin(GuardedHistoryAdmin):
    place, group = 11, GROUP
    list_display = ["area_label", "grade", "inspection"]
    list_filter = [choose_field("grade", "Grade"), choose_related("inspection", "Inspection")]
    fields = ["area_label", "grade", "inspection"]
    ordering = ["-inspection__published_on", "position", "pk"]
    related = ["inspection"]

    @admin.display(description="Area", ordering="position")
    def area_label(self, row):
        return row.area_label


class RecommendationAdmin(GuardedHistoryAdmin):
    """Registered by the room of actions, which adds the actions that answer it."""

    place, group = 12, GROUP
    called = RECOMMENDATION_WORDS
    list_display = ["reference", "title", "inspection", "kind", "addressee", "timescale"]
    list_display_links = ["reference", "title"]
    list_filter = [
        choose_related("inspection", "Inspection"),
        choose_field("kind", "Kind"),
        choose_field("addressee", "For whom"),
    ]
    search_fields = ["reference", "title", "text", "theme"]
    search_help_text = "A number, or words of the recommendation"
    fieldsets = [
        ("What the report says", {"fields": ["text", "is_paraphrase", "heading", "paragraph", "timescale"]}),
        ("About it", {"fields": ["inspection", "kind", "addressee", "theme", "source"]}),
    ]
    ordering = ["-inspection__published_on", "position", "pk"]
    related = ["inspection"]
    inlines = [FindingTable]


class VisitFocusTable(GuardedTable):
    model = VisitFocus
    verbose_name_plural = "recommendations it looks at"
    fields = ["recommendation"]
    related = ["recommendation"]
    empty = "No recommendation is named."


@admin.register(Visit, site=site)
class VisitAdmin(GuardedHistoryAdmin):
    place, group = 13, GROUP
    called = {
        "dates_note": "About the dates",
        "agreed_on": "Dates agreed on",
        "strengths_reported": "Strengths counted in the letter",
        "needs_work_reported": "Areas to work on counted in the letter",
        "letter_stays_unpublished": "Ofsted does not publish it",
        "has_priority_areas": "Names areas for priority action",
    }
    list_display = ["__str__", "starts_on", "ends_on", "expected_from", "expected_to", "focus", "letter_received_on"]
    list_filter = [choose_field("kind", "Kind")]
    fieldsets = [
        ("Dates", {"fields": ["starts_on", "ends_on", "expected_from", "expected_to", "agreed_on", "dates_note"]}),
        ("The visit", {"fields": ["kind", "inspection", "focus", "inspectors"]}),
        (
            "The letter",
            {
                "fields": [
                    "letter_received_on",
                    "letter_published_on",
                    "letter_stays_unpublished",
                    "has_priority_areas",
                    "strengths_reported",
                    "needs_work_reported",
                    "source",
                ]
            },
        ),
    ]
    related = ["inspection"]
    inlines = [VisitFocusTable, FindingTable]


@admin.register(VisitFocus, site=site)
class VisitFocusAdmin(GuardedHistoryAdmin):
    place, group = 13, GROUP
    list_display = ["recommendation", "visit"]
    list_filter = [choose_related("visit", "Visit")]
    fields = ["visit", "recommendation"]
    ordering = ["-visit__starts_on", "recommendation__position", "pk"]
    related = ["visit", "recommendation"]


class FindingAdmin(GuardedHistoryAdmin):
    """Registered by the room of actions, which adds the actions that answer it."""

    place, group = 14, GROUP
    called = {"text": "Words", "is_paraphrase": "A paraphrase", "recommendation": "Recommendation it repeats"}
    list_display = ["text", "number", "kind", "visit", "recommendation"]
    list_filter = [choose_field("kind", "Kind"), choose_related("visit", "Visit")]
    search_fields = ["text"]
    fields = ["text", "is_paraphrase", "number", "kind", "paragraph", "visit", "recommendation", "agency"]
    ordering = ["-visit__starts_on", "kind", "number", "pk"]
    related = ["visit", "recommendation", "agency"]

    def short_name(self, record):
        return f"Finding {record.number}"


@admin.register(Clock, site=site)
class ClockAdmin(GuardedHistoryAdmin):
    place, group = 15, GROUP
    called = CLOCK_WORDS
    list_display = ["kind", "source", "basis", "trigger_on", "computed_due", "notified_due", "met_on", "missed_on"]
    list_filter = [
        choose_field("basis", "Basis"),
        choose_field("kind", "Kind"),
        choose_related("inspection", "Inspection"),
        choose_related("visit", "Visit"),
    ]
    fieldsets = [
        ("The date", {"fields": ["computed_due", "notified_due", "met_on", "missed_on", "voided_on"]}),
        (
            "The clock",
            {"fields": ["kind", "source", "trigger_event", "trigger_on", "length_in_words", "basis", "is_forecast"]},
        ),
        ("Sources", {"fields": ["rule_source", "notified_source", "void_reason"]}),
    ]
    ordering = ["-trigger_on", "-length", "pk"]
    related = ["inspection", "visit", "intervention"]
    inlines = [ClockStepTable, RecountTable, GovernanceStepTable]

    @admin.display(description="Runs from")
    def source(self, row):
        return str(row.source)


class OfAClock(GuardedHistoryAdmin):
    """What belongs to a clock, which its names read."""

    group = GROUP
    related = ["clock__inspection", "clock__visit", "clock__intervention"]
    list_filter = [choose_related("clock", "Clock")]


@admin.register(ClockStep, site=site)
class ClockStepAdmin(OfAClock):
    place = 16
    thing = ("thing done for a clock", "things done for clocks")
    called = {"proof": "Where the proof is kept"}
    list_display = ["what_was_done", "clock", "done_on", "done_by", "proof"]
    fields = ["what_was_done", "clock", "done_on", "done_by", "proof", "recorded_by", "recorded_on"]
    ordering = ["-done_on", "pk"]
    related = [*OfAClock.related, "recorded_by"]

    @admin.display(description="What was done", ordering="step")
    def what_was_done(self, row):
        return row.what_was_done


@admin.register(Recount, site=site)
class RecountAdmin(OfAClock):
    place = 17
    thing = ("clock counted again", "clocks counted again")
    called = RECOUNT_WORDS
    list_display = ["clock", "on", "from_due", "to_due", "reason"]
    fields = ["clock", "on", "from_due", "to_due", "reason"]
    ordering = ["-on", "-pk"]


@admin.register(GovernanceStep, site=site)
class GovernanceStepAdmin(OfAClock):
    place = 18
    thing = ("step before a clock’s date", "steps before a clock’s date")
    called = {"due_on": "By", "working_days_before": "Working days before the clock’s date"}
    list_display = ["title", "clock", "due_on", "owner", "done_on"]
    fields = ["title", "clock", "due_on", "working_days_before", "owner", "done_on"]
    exclude = ["note"]  # The council's own working note.
    ordering = ["due_on", "position", "pk"]
    related = [*OfAClock.related, "owner"]


@admin.register(Intervention, site=site)
class InterventionAdmin(GuardedHistoryAdmin):
    place, group = 19, GROUP
    called = {"starts_on": "From", "ends_on": "Final date", "lifted_on": "Lifted or ended on"}
    list_display = ["__str__", "kind", "starts_on", "ends_on", "lifted_on"]
    list_filter = [choose_field("kind", "Kind"), choose_related("inspection", "Inspection")]
    fieldsets = [
        ("Dates", {"fields": ["kind", "starts_on", "ends_on", "lifted_on"]}),
        ("What it asks for", {"fields": ["inspection", "conditions"]}),
    ]
    ordering = ["-starts_on", "pk"]
    related = ["inspection"]
    inlines = [ClockTable]
