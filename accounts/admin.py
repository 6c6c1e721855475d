"""What inspectors see of the council and its people: who holds which role, since when and until when.

A person's own record is not shown. They may belong to several councils, so it and its history belong to none;
what a council says about someone is their role there. Addresses and phone numbers are left out.
"""

from django.contrib import admin

from accounts.models import Agency, Authority, CouncilPractice, Membership, Service
from accounts.practices import BY_CODE
from tracker.audit.admin import GuardedHistoryAdmin, choose_field, choose_related
from tracker.audit.site import site

GROUP = "The council and its people"


class OfTheCouncil(GuardedHistoryAdmin):
    """Rows of the council the person acts in."""

    group = GROUP
    path = "authority"

    def rows(self, member):
        return self.model.objects.filter(**{self.path: member.authority})


@admin.register(Membership, site=site)
class MembershipAdmin(OfTheCouncil):
    place = 40
    heading, thing = "People and their roles", ("role", "roles")
    called = {
        "user": "Person",
        "starts_on": "From",
        "ends_on": "Until",
        "ended_at": "Ended at once",
        "only_plan": "Only the plan",
        "only_visit": "Only the visit",
    }
    list_display = ["user", "role", "post", "service", "agency", "starts_on", "ends_on"]
    list_filter = [
        choose_field("role", "Role"),
        choose_related("service", "Service"),
        choose_related("agency", "Agency"),
    ]
    fields = ["user", "role", "post", "service", "agency", "starts_on", "ends_on"]
    exclude = ["phone"]
    search_fields = ["user__name", "post"]
    ordering = ["user__name", "role", "pk"]
    related = ["user", "service", "agency", "authority"]


@admin.register(Service, site=site)
class ServiceAdmin(OfTheCouncil):
    place = 41
    list_display = ["name", "head"]
    fields = ["name", "head"]
    related = ["head"]


@admin.register(Agency, site=site)
class AgencyAdmin(OfTheCouncil):
    place = 42
    list_display = ["name", "kind"]
    fields = ["name", "kind"]


@admin.register(Authority, site=site)
class AuthorityAdmin(OfTheCouncil):
    place = 43
    path = "pk"
    list_display = ["name", "ons_code", "dfe_code", "ofsted_urn"]
    fields = ["name", "ons_code", "dfe_code", "ofsted_urn", "contact_name", "note"]
    exclude = ["contact_phone", "slug"]

    def rows(self, member):
        return self.model.objects.filter(pk=member.authority.pk)


@admin.register(CouncilPractice, site=site)
class CouncilPracticeAdmin(OfTheCouncil):
    place = 44
    heading, thing = "Numbers the council set", ("number", "numbers")
    called = {"value": "Number", "source": "Where it comes from"}
    list_display = ["what_for", "value", "unit", "source"]
    fields = ["what_for", "value", "unit", "source"]
    ordering = ["code", "pk"]

    @admin.display(description="What for", ordering="code")
    def what_for(self, row):
        return BY_CODE[row.code].title

    @admin.display(description="Unit")
    def unit(self, row):
        return BY_CODE[row.code].unit

    def short_name(self, record):
        return BY_CODE[record.code].title
