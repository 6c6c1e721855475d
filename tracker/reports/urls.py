from django.urls import path

from tracker.reports import views

app_name = "reports"

urlpatterns = [
    path("", views.placeholder, name="dashboard"),
    path("plan/", views.placeholder, name="current-plan"),
    path("plans/<slug:plan>/", views.placeholder, name="plan"),
    path("actions/", views.placeholder, name="actions"),
    path("inspections/<slug:inspection>/recommendations/<str:reference>/", views.placeholder, name="recommendation"),
    path("visits/", views.placeholder, name="visits"),
    path("visits/<slug:reference>/", views.placeholder, name="visit"),
    path("people/", views.placeholder, name="people"),
    path("status-words/", views.placeholder, name="status-words"),
]
