from django.urls import path

from tracker.actions import views

app_name = "actions"

urlpatterns = [
    path("my-actions/", views.placeholder, name="my-actions"),
]
