from django.urls import path

from tracker.inspections import views

app_name = "inspections"

urlpatterns = [
    path("inspections/", views.placeholder, name="inspections"),
]
