from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "tracker.visits"
    label = "visits"
    default_auto_field = "django.db.models.BigAutoField"
