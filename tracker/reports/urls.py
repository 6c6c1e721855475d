from django.urls import path

from tracker.reports.views import (
    compare_days,
    dashboard,
    exceptions,
    pace,
    people,
    plan,
    quality,
    recommendation,
    sending,
    versions,
    visits,
    words,
)

app_name = "reports"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("as-at/", compare_days.choose_day, name="choose-day"),
    path("plan/", plan.current_plan, name="current-plan"),
    path("plans/<slug:plan>/", plan.plan, name="plan"),
    path("plans/<slug:plan>/sending/", sending.sending, name="sending"),
    path("plans/<slug:plan>/sending/freeze/", sending.freeze_to_send, name="freeze-to-send"),
    path("plans/<slug:plan>/sending/record/", sending.record_step, name="record-step"),
    path("plans/<slug:plan>/sending/reply/", sending.record_reply, name="record-reply"),
    path("plans/<slug:plan>/quality/", quality.quality, name="quality"),
    path("plans/<slug:plan>/exceptions/", exceptions.exceptions, name="exceptions"),
    path("compare/", compare_days.compare_current, name="compare-current"),
    path("plans/<slug:plan>/compare/", compare_days.compare_days, name="compare-days"),
    path("plans/<slug:plan>/compare.csv", compare_days.compare_days_csv, name="compare-days-csv"),
    path("plans/<slug:plan>/versions/", versions.versions, name="versions"),
    path("plans/<slug:plan>/versions/compare/", versions.compare_versions, name="compare"),
    path("plans/<slug:plan>/versions/compare/versions.csv", versions.compare_csv, name="compare-csv"),
    path("plans/<slug:plan>/versions/<int:number>/", versions.version, name="version"),
    path("plans/<slug:plan>/versions/<int:number>/version.csv", versions.version_csv, name="version-csv"),
    path("plans/<slug:plan>/pace/", pace.pace, name="pace"),
    path("plans/<slug:plan>/pace.csv", pace.pace_csv, name="pace-csv"),
    path("plans/<slug:plan>/pace/back-test/", pace.back_test, name="pace-back-test"),
    path("plans/<slug:plan>/pace/back-test.csv", pace.back_test_csv, name="pace-back-test-csv"),
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
