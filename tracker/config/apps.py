from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "tracker.config"
    label = "config"
