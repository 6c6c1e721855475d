from django.apps import AppConfig


class GovukConfig(AppConfig):
    name = "tracker.govuk"
    label = "govuk"
