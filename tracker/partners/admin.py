"""What inspectors see of partners without accounts: the links that were made, and the answers that were accepted."""

from django.contrib import admin
from django.db.models import Q

from tracker.audit.admin import GuardedHistoryAdmin, choose_field, choose_related
from tracker.audit.site import site
from tracker.partners.models import PartnerAnswer, PartnerLink

GROUP = "Partners asked by a link"


@admin.register(PartnerLink, site=site)
class PartnerLinkAdmin(GuardedHistoryAdmin):
    group = GROUP
    place = 38
    called = {"sent_to": "Email address", "action_owner": "Owner of the action then", "expires_at": "Works until"}
    list_display = ["action", "person_name", "agency", "made_by", "made_at", "ended_why"]
    list_filter = [choose_field("ended_why", "Ended"), choose_related("agency", "Agency")]
    fields = [
        "action",
        "agency",
        "person_name",
        "person_post",
        "made_by",
        "made_at",
        "expires_at",
        "action_owner",
        "ended_at",
        "ended_why",
    ]
    # The address of a person outside the council is nobody's business here, and a secret nobody's at all.
    exclude = ["sent_to", "secret_hash", "action_version"]
    date_hierarchy = "made_at"
    search_fields = ["person_name", "action__reference", "agency__name"]
    related = ["action", "agency", "made_by", "action_owner"]
    restricted = Q(action__is_restricted=True)


@admin.register(PartnerAnswer, site=site)
class PartnerAnswerAdmin(GuardedHistoryAdmin):
    """Answers that nobody has accepted are drafts, and are shown to those who decide about them only."""

    group = GROUP
    place = 39
    list_display = ["link", "kind", "submitted_at", "state", "decided_by", "decided_on"]
    list_filter = [choose_field("kind", "Kind")]
    date_hierarchy = "submitted_at"
    search_fields = ["link__person_name", "link__action__reference", "narrative"]
    related = ["link", "link__action", "link__agency", "decided_by"]
    restricted = Q(link__action__is_restricted=True)
