from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "tracker.audit"
    label = "audit"

    def ready(self) -> None:
        from tracker.audit.history import guard_history
        from tracker.audit.triggers import guard_history_tables

        guard_history()
        post_migrate.connect(guard_history_tables, sender=self, dispatch_uid="audit.triggers")
