from django.urls import path

from tracker.reminders import views

app_name = "reminders"

urlpatterns = [
    path("emails/", views.emails, name="emails"),
    path("emails/<int:pk>/", views.email, name="email"),
    path("emails/<int:pk>/html/", views.email_html, name="email-html"),
]
