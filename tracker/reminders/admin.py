"""What those who run the plan see of the emails: who was written to, when, and what it said."""

from django.contrib import admin

from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable, choose_field
from tracker.audit.site import site
from tracker.reminders.models import Digest, KindOff, Preference, Reminder, Retry

GROUP = "Emails"


class ForThoseWhoRunThePlan(GuardedHistoryAdmin):
    """An email is to one person. Others are shown it only to keep the post going."""

    group = GROUP

    def is_shown_to(self, member):
        return member.runs_plan


class ReminderTable(GuardedTable):
    model = Reminder
    verbose_name_plural = "what it reminds of"
    fields = ["kind", "day", "step", "action", "visit", "clock"]
    related = ["action", "visit", "clock"]


@admin.register(Digest, site=site)
class DigestAdmin(ForThoseWhoRunThePlan):
    place = 50
    list_display = ["recipient", "on", "state", "subject", "sent_at"]
    list_filter = [choose_field("state", "State")]
    fields = ["recipient", "on", "state", "sent_at", "tries", "last_error", "address", "subject", "text"]
    exclude = ["token", "html"]
    date_hierarchy = "on"
    search_fields = ["recipient__name", "subject"]
    related = ["recipient"]
    inlines = [ReminderTable]


@admin.register(Reminder, site=site)
class ReminderAdmin(ForThoseWhoRunThePlan):
    place = 51
    list_display = ["recipient", "kind", "day", "step", "action", "queued_on", "cancelled_on"]
    list_filter = [choose_field("kind", "Kind")]
    fields = [
        "recipient",
        "kind",
        "day",
        "step",
        "action",
        "visit",
        "clock",
        "queued_on",
        "digest",
        "cancelled_on",
        "cancelled_reason",
    ]
    date_hierarchy = "queued_on"
    search_fields = ["recipient__name", "action__reference", "action__title"]
    related = ["recipient", "action", "visit", "clock", "digest", "digest__recipient"]


class KindOffTable(GuardedTable):
    model = KindOff
    verbose_name_plural = "kinds switched"
    fields = ["kind", "is_off"]
    empty = "Every kind is as it comes."


@admin.register(Preference, site=site)
class PreferenceAdmin(ForThoseWhoRunThePlan):
    place = 52
    list_display = ["user", "hour", "weekly_day", "at_once", "late_is_weekly", "away_from", "away_to", "cover"]
    fields = ["user", "hour", "weekly_day", "at_once", "late_is_weekly", "away_from", "away_to", "cover"]
    search_fields = ["user__name"]
    related = ["user", "cover"]
    inlines = [KindOffTable]


@admin.register(KindOff, site=site)
class KindOffAdmin(ForThoseWhoRunThePlan):
    place = 53
    list_display = ["preference", "kind", "is_off"]
    list_filter = [choose_field("kind", "Kind")]
    fields = ["preference", "kind", "is_off"]
    search_fields = ["preference__user__name"]
    related = ["preference", "preference__user"]


@admin.register(Retry, site=site)
class RetryAdmin(ForThoseWhoRunThePlan):
    place = 54
    list_display = ["digest", "by", "at", "was", "reason"]
    fields = ["digest", "by", "at", "was", "reason"]
    date_hierarchy = "at"
    search_fields = ["digest__recipient__name", "by__name", "reason"]
    related = ["digest", "digest__recipient", "by"]
