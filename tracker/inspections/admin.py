"""What inspectors see of inspections, visits and the clocks set by law."""

from django.contrib import admin

from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable, choose_field, choose_related
from tracker.audit.site import site
from tracker.inspections.models import Finding, Inspection, Judgement, Recommendation, StatutoryClock, Visit

GROUP = "What inspectors said"

CLOCK_WORDS = {
    "kind": "Clock",
    "trigger_on": "Received, day 0",
    "computed_due": "Due by law",
    "notified_due": "Date in Ofsted’s letter",
    "notified_source": "Where that date is given",
    "met_on": "Met on",
}
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
    model = StatutoryClock
    verbose_name_plural = "clocks set by law"
    called = CLOCK_WORDS
    fields = ["kind", "trigger_on", "working_days", "computed_due", "notified_due", "met_on"]
    empty = "No clock runs from this report."


class FindingTable(GuardedTable):
    model = Finding
    fields = ["number", "kind", "text", "recommendation"]
    related = ["recommendation"]
    empty = "No findings are recorded."


@admin.register(Inspection, site=site)
class InspectionAdmin(GuardedHistoryAdmin):
    place, group = 10, GROUP
    called = {"received_is_assumed": "Received day assumed", "dates_note": "About the dates"}
    list_display = ["__str__", "framework", "started_on", "ended_on", "received_on", "published_on"]
    list_filter = [choose_field("framework", "Framework")]
    date_hierarchy = "published_on"
    fieldsets = [
        ("Dates", {"fields": ["started_on", "ended_on", "dates_note", "received_on", "received_is_assumed"]}),
        ("Report", {"fields": ["framework", "kind", "published_on", "source"]}),
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


@admin.register(Visit, site=site)
class VisitAdmin(GuardedHistoryAdmin):
    place, group = 13, GROUP
    called = {
        "dates_note": "About the dates",
        "agreed_on": "Dates agreed on",
        "strengths_reported": "Strengths counted in the letter",
        "needs_work_reported": "Areas to work on counted in the letter",
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
                    "strengths_reported",
                    "needs_work_reported",
                    "source",
                ]
            },
        ),
    ]
    related = ["inspection"]
    inlines = [FindingTable]


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


@admin.register(StatutoryClock, site=site)
class StatutoryClockAdmin(GuardedHistoryAdmin):
    place, group = 15, GROUP
    thing = ("clock set by law", "clocks set by law")
    called = CLOCK_WORDS
    list_display = ["kind", "inspection", "trigger_on", "working_days", "computed_due", "notified_due", "met_on"]
    list_filter = [choose_field("kind", "Kind"), choose_related("inspection", "Inspection")]
    fieldsets = [
        ("The clock", {"fields": ["kind", "inspection", "trigger_on", "working_days", "met_on"]}),
        ("The date", {"fields": ["computed_due", "notified_due", "notified_source"]}),
    ]
    ordering = ["-trigger_on", "-working_days", "pk"]
    related = ["inspection"]
