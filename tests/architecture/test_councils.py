"""Every row of a council is asked for through the person who asks, or the council a job works for."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from accounts.council import CouncilQuerySet
from accounts.models import Authority
from tests.architecture.source import chain_of, files, inside, outermost, place, tree_of

# Rows that belong to no council, each for a reason. The rooms of accounts answer through `Member`.
OF_NO_COUNCIL = {
    "dates.BankHoliday": "England has one list",
    "reminders.JobRun": "the jobs of the installation",
    "reminders.AddressTrouble": "an address is a person's, who can belong to several councils",
}
DOMAIN_ROOMS = {"privacy", "inspections", "plans", "actions", "partners", "reminders", "reports"}

COUNCIL_MODELS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in DOMAIN_ROOMS
    and not model.__name__.startswith("Historical")
    and model._meta.label not in OF_NO_COUNCIL
]
NAMES = {model.__name__ for model in COUNCIL_MODELS}

# Files that hand rows to pages. Those that write, and those that define, have their own rules.
# Emails are written for the people of many councils at once, from rows that name the council and the person.
NO_FOLDERS_OF_PAGES = {"migrations", "management", "seeds", "changes", "outbox", "emails"}
NOT_PAGES = {
    "models.py", "changes.py", "flags.py", "outbox.py", "tasks.py", "permissions.py", "emails.py", "preferences.py",
}  # fmt: skip
SCOPED = {"visible_to", "within_reach_of", "on_the_list_of", "for_decision_by", "of", "none"}


def is_of_pages(path: Path) -> bool:
    return path.name not in NOT_PAGES and NO_FOLDERS_OF_PAGES.isdisjoint(path.parts)


def test_the_models_of_no_council_exist():
    labels = {model._meta.label for model in apps.get_models()}

    assert set(OF_NO_COUNCIL) <= labels


@pytest.mark.parametrize("model", COUNCIL_MODELS, ids=lambda model: model._meta.label)
def test_a_row_reaches_its_council_and_is_shown_by_visible_to(model):
    rows = model.objects.all()

    assert callable(getattr(rows, "visible_to", None)), "no visible_to"
    assert callable(getattr(rows, "of", None)), "no of"
    assert end_of(model, getattr(rows, "path", "authority")) is Authority


def end_of(model: type[models.Model], path: str) -> type[models.Model]:
    for part in path.split("__"):
        field = model._meta.get_field(part)
        assert not field.null, f"{field} may be empty, and then the row belongs to no council."
        model = field.related_model
    return model


@pytest.mark.django_db
@pytest.mark.parametrize("model", COUNCIL_MODELS, ids=lambda model: model._meta.label)
def test_nobody_is_shown_nothing(model):
    assert list(model.objects.visible_to(None)) == []


def test_most_of_them_share_one_queryset():
    assert len([model for model in COUNCIL_MODELS if isinstance(model.objects.all(), CouncilQuerySet)]) >= 15


def test_no_page_asks_for_rows_of_all_councils():
    wrong = [
        f"{place(path, node)} {ast.unparse(outermost(node))[:100]}"
        for path in files()
        if is_of_pages(path) and path.parts[:2] != ("tracker", "audit")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager"}
        and isinstance(node.value, ast.Name)
        and node.value.id in NAMES
        and not is_scoped(node)
    ]

    assert wrong == []


def is_scoped(node: ast.Attribute) -> bool:
    """Whether the chain asks `visible_to` or `of`, is a subquery of rows that did, or is scoped where it is used."""
    if SCOPED & set(chain_of(node)):
        return True
    chain = outermost(node)
    if any(isinstance(part, ast.Name) and part.id == "OuterRef" for part in ast.walk(chain)):
        return True
    target = inside(chain, ast.Assign)
    function = inside(chain, ast.FunctionDef)
    if target is None or function is None or not isinstance(target.targets[0], ast.Name):
        return False
    name = target.targets[0].id
    uses = [part for part in ast.walk(function) if isinstance(part, ast.Name) and part.id == name]
    uses = [part for part in uses if isinstance(part.ctx, ast.Load)]
    return bool(uses) and all(SCOPED & set(chain_of(part.parent)) for part in uses)
