from django.urls import include, path

from tracker.audit.site import site
from tracker.config import views

handler500 = "tracker.config.views.broken"

urlpatterns = [
    path("health/", views.health, name="health"),
    path("inspect/", site.urls),
    path("", include("accounts.signing.urls")),
    path("", include("accounts.urls")),
    path("", include("tracker.privacy.urls")),
    path("", include("tracker.inspections.urls")),
    path("", include("tracker.plans.urls")),
    path("", include("tracker.actions.urls")),
    path("", include("tracker.partners.urls")),
    path("", include("tracker.visits.urls")),
    path("", include("tracker.reminders.urls")),
    path("", include("tracker.reports.urls")),
]
