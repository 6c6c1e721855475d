from django.urls import path

from tracker.reports.views import dashboard, people, plan, recommendation, sending, visits, words

app_name = "reports"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("plan/", plan.current_plan, name="current-plan"),
    path("plans/<slug:plan>/", plan.plan, name="plan"),
    path("plans/<slug:plan>/sending/", sending.sending, name="sending"),
    path("actions/", plan.actions, name="actions"),
    path(
        "inspections/<slug:inspection>/recommendations/<str:reference>/",
        recommendation.recommendation,
        name="recommendation",
    ),
    path("visits/", visits.visits, name="visits"),
    path("visits/<slug:reference>/", visits.visit, name="visit"),
    path("people/", people.people, name="people"),
    path("status-words/", words.status_words, name="status-words"),
]
