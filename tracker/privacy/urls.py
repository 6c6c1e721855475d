from django.urls import path

from tracker.privacy import views
from tracker.privacy.models import Statement

app_name = "privacy"

STATEMENTS = [
    page
    for kind in Statement.Kind.values
    for page in (
        path(f"{kind}/", views.statement, {"kind": kind}, name=kind),
        path(f"{kind}/<slug:council>/", views.statement, {"kind": kind}, name=f"{kind}-of"),
    )
]

urlpatterns = [
    *STATEMENTS,
    path("statements/", views.statements, name="statements"),
    path("statements/<slug:kind>/", views.change_statement, name="change-statement"),
    path("report-details/", views.report, name="report"),
    path("reported-details/", views.reports, name="reports"),
    path("reported-details/<int:pk>/", views.reported, name="reported"),
]
