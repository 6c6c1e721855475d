from django.urls import path

from tracker.reminders import views
from tracker.reminders.calendars import views as calendars

app_name = "reminders"

urlpatterns = [
    path("emails/", views.emails, name="emails"),
    path("emails/<int:pk>/", views.email, name="email"),
    path("emails/<int:pk>/html/", views.email_html, name="email-html"),
    path("emails/<int:pk>/retry/", views.retry, name="retry"),
    path("emails/jobs/", views.jobs_page, name="jobs"),
    path("emails/addresses/", views.addresses_page, name="addresses"),
    path("emails/addresses/<int:pk>/try-again/", views.try_address_again, name="try-address-again"),
    path("emails/stop/<str:token>/", views.stop, name="stop"),
    path("account/", views.account, name="account"),
    path("account/notifications/", views.notifications, name="notifications"),
    path("account/calendar/", calendars.calendar_page, name="calendar"),
    path("account/calendar/off/", calendars.switch_off, name="calendar-off"),
    path("calendar/<str:secret>.ics", calendars.calendar_feed, name="calendar-feed"),
]
