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
    path("plans/<slug:plan>/actions/<str:reference>/deadline/", views.move_deadline, name="deadline"),
    path("plans/<slug:plan>/actions/<str:reference>/owner/", views.hand_over, name="owner"),
]
