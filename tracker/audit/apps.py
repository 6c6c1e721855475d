from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "tracker.audit"
    label = "audit"

    def ready(self) -> None:
        from tracker.audit.history import guard_history
        from tracker.audit.triggers import guard_history_tables

        guard_history()
        first_told = next(app for app in apps.get_app_configs() if app.models_module is not None)
        post_migrate.connect(guard_history_tables, sender=first_told, dispatch_uid="audit.triggers")
