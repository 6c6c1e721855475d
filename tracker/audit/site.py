"""The read-only admin where inspectors look: reading is a property of the site, not of each class."""

from django.contrib.admin import AdminSite


class InspectorSite(AdminSite):
    site_header = "Improvement plan: inspector view"


site = InspectorSite(name="inspect")
