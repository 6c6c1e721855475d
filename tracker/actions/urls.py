from django.urls import path

from tracker.actions import views

app_name = "actions"

urlpatterns = [
    path("my-actions/", views.my_actions, name="my-actions"),
    path("plans/<slug:plan>/actions/new/", views.new_action, name="new"),
    path("plans/<slug:plan>/actions/<str:reference>/", views.action, name="action"),
    path("plans/<slug:plan>/actions/<str:reference>/update/", views.update, name="update"),
    path("plans/<slug:plan>/actions/<str:reference>/evidence/", views.add_evidence, name="evidence"),
    path("plans/<slug:plan>/actions/<str:reference>/check/", views.check, name="check"),
    path("plans/<slug:plan>/actions/<str:reference>/deadline/", views.ask, name="deadline"),
    path("plans/<slug:plan>/actions/<str:reference>/deadline/<int:pk>/", views.request_page, name="deadline-request"),
    path(
        "plans/<slug:plan>/actions/<str:reference>/deadline/<int:pk>/withdraw/",
        views.withdraw,
        name="withdraw-deadline-request",
    ),
    path("plans/<slug:plan>/actions/<str:reference>/difference/", views.difference, name="difference"),
    path("plans/<slug:plan>/actions/<str:reference>/reopen/", views.reopen, name="reopen"),
    path("plans/<slug:plan>/actions/<str:reference>/repeated/", views.repeated, name="repeated"),
    path("plans/<slug:plan>/actions/<str:reference>/edit/", views.edit, name="edit"),
    path("plans/<slug:plan>/actions/<str:reference>/milestones/", views.milestones, name="milestones"),
    path("plans/<slug:plan>/actions/<str:reference>/milestones/<int:pk>/", views.milestone, name="milestone"),
    path("plans/<slug:plan>/actions/<str:reference>/measures/", views.measures, name="measures"),
    path("plans/<slug:plan>/actions/<str:reference>/measures/<int:pk>/", views.measure, name="measure"),
    path(
        "plans/<slug:plan>/actions/<str:reference>/measures/<int:pk>/withdraw/",
        views.withdraw_measure,
        name="withdraw-measure",
    ),
    path("plans/<slug:plan>/actions/<str:reference>/cancel/", views.cancel, name="cancel"),
    path("plans/<slug:plan>/deadline-changes/", views.moved, name="deadline-changes"),
    path("plans/<slug:plan>/actions/<str:reference>/owner/", views.hand_over, name="owner"),
]
