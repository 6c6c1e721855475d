from django.urls import path

from tracker.reminders import views

app_name = "reminders"

urlpatterns = [
    path("emails/", views.placeholder, name="emails"),
]
