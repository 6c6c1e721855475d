"""Columns that every history table of a room gains at once."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation

# As they were when the history tables gained them.
SAYS_DOOR_AND_POST = [
    ("actor_post", models.CharField(help_text="Their post then, kept as text.", max_length=300, null=True)),
    ("in_council", models.BigIntegerField(null=True)),
    (
        "door",
        models.CharField(
            choices=[
                ("page", "A page"),
                ("link", "A partner's link"),
                ("import", "An import"),
                ("job", "A job"),
                ("command", "A command"),
                ("seed", "Data the product starts with"),
                ("other", "Another program"),
            ],
            max_length=10,
            null=True,
        ),
    ),
    ("door_request", models.CharField(max_length=300, null=True)),
]


class AddToHistories(Operation):
    """Add the same columns, which may be empty, to several history tables.

    As single operations they would have Django make its picture of all models again for each column.
    """

    reversible = True

    def __init__(self, names: Sequence[str], fields: Sequence[tuple[str, models.Field]]) -> None:
        self.names = names
        self.fields = fields

    def state_forwards(self, app_label: str, state: Any) -> None:
        keys = [(app_label, name) for name in self.names]
        for key in keys:
            state.models[key].fields.update((name, field.clone()) for name, field in self.fields)
        if "apps" in state.__dict__:
            state.reload_models(keys, delay=True)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._each(app_label, to_state, schema_editor.add_field)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._each(app_label, from_state, schema_editor.remove_field)

    def _each(self, app_label: str, state: Any, change: Any) -> None:
        for model in (state.apps.get_model(app_label, name) for name in self.names):
            for name, _ in self.fields:
                change(model, model._meta.get_field(name))

    def describe(self) -> str:
        return f"Add {', '.join(name for name, _ in self.fields)} to {len(self.names)} histories"
