import json
from typing import Any

from django.core.management.base import BaseCommand

from tracker.audit.canonical import FILE, columns_of
from tracker.audit.history import audited_models, history_of


class Command(BaseCommand):
    help = (
        "For developers: give each history table whose columns are in no written form a form with the next number, "
        "in canonical.json. Forms that are there already stay as they are."
    )

    def handle(self, **options: Any) -> None:
        forms: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text()) if FILE.exists() else {}
        for model in audited_models():
            label, columns = model._meta.label, columns_of(history_of(model))
            numbered = forms.setdefault(label, {})
            if not numbered or set(numbered[str(len(numbered))]) != set(columns):
                numbered[str(len(numbered) + 1)] = columns
                self.stdout.write(f"{label}: form {len(numbered)}")
        FILE.write_text(json.dumps(dict(sorted(forms.items())), indent=2) + "\n")
