"""What inspectors see of what a council tells everyone, and when it was changed."""

from django.contrib import admin

from tracker.audit.admin import GuardedHistoryAdmin
from tracker.audit.site import site
from tracker.privacy.models import Statement


@admin.register(Statement, site=site)
class StatementAdmin(GuardedHistoryAdmin):
    group = "The council and its people"
    place = 45
    list_display = ["kind"]
    fields = ["kind", "text"]
    ordering = ["kind", "pk"]

    def rows(self, member):
        return Statement.objects.of(member.authority)
