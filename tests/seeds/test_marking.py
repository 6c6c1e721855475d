"""`--marked`: a text that is seen where it must not be is known by its marker."""

import re
from collections import defaultdict

from django.apps import apps
from django.db import models
from django.test import TestCase

from accounts.council import CouncilQuerySet
from accounts.models import Authority
from seeds.rows import Council, Prose
from tests.seeds.conftest import seed
from tracker.actions.models import Action, Evidence
from tracker.audit.history import history_of

MARKER = re.compile(r"(?:MARK|RESTRICTED)[A-Z]+\d*")
UNMARKED = {
    # Keys, numbers as printed, choices and addresses are no free text.
    "reference", "slug", "email", "password", "ons_code", "dfe_code", "ofsted_urn", "paragraph",
    "area", "actor",
    # Worded by the tracker: how far a deadline moves, and past what; what started a clock, and by what right.
    "tier_reason", "trigger_event", "rule_source",
    # The code of what was done for a clock.
    "step",
}  # fmt: skip


def free_texts(row: models.Model) -> dict[str, str]:
    """The free texts of a row that are not empty, by field."""
    fields = [
        field
        for field in row._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in UNMARKED
    ]
    return {field.name: getattr(row, field.name) for field in fields if getattr(row, field.name)}


class TestTheMarkedDemonstration(TestCase):
    """Loaded once for all these tests."""

    @classmethod
    def setUpTestData(cls):
        seed("demo", "--marked")

    def test_every_free_text_of_a_council_bears_its_marker(self):
        seen = defaultdict(set)
        for council in Authority.objects.all():
            word = council.slug.upper()
            for model in apps.get_models():
                rows = model._default_manager.all()
                if not isinstance(rows, CouncilQuerySet):
                    continue
                for row in rows.of(council):
                    for name, text in free_texts(row).items():
                        markers = set(MARKER.findall(text))
                        assert len(markers) == 1, f"{model.__name__}.{name}: {text}"
                        assert re.fullmatch(rf"(MARK{word}|RESTRICTED{word}\d\d)", markers.pop()), text
                        seen[council.slug].add(f"{model.__name__}.{name}")
            for owner in (council, *council.services.all(), *council.agencies.all(), *council.memberships.all()):
                for name, text in free_texts(owner).items():
                    assert f"MARK{word}" in text, f"{owner}.{name}"
            for membership in council.memberships.select_related("user"):
                assert membership.user.name.startswith(f"MARK{word} ")
        assert {
            "Recommendation.title", "Recommendation.text", "Visit.focus", "Finding.text", "Plan.title",
            "Priority.outcome", "Action.title", "Action.description", "Action.outcome", "Milestone.title",
            "ProgressUpdate.narrative", "Evidence.title", "Evidence.location", "DeadlineChange.reason",
            "DeadlineChange.agreed_by", "Action.restricted_reason",
        } <= seen["northbridge"]  # fmt: skip

    def test_each_restricted_item_has_a_marker_of_its_own_with_all_that_hangs_on_it(self):
        markers = {}
        for action in Action.objects.filter(is_restricted=True):
            texts = list(free_texts(action).values())
            for related in ("milestones", "updates", "evidence"):
                texts += [text for row in getattr(action, related).all() for text in free_texts(row).values()]
            (markers[action],) = {marker for text in texts for marker in MARKER.findall(text)}
        for piece in Evidence.objects.filter(is_restricted=True, action__is_restricted=False):
            (markers[piece],) = {marker for text in free_texts(piece).values() for marker in MARKER.findall(text)}

        assert sorted(markers.values()) == [
            "RESTRICTEDNORTHBRIDGE01",
            "RESTRICTEDNORTHBRIDGE02",
            "RESTRICTEDNORTHBRIDGE03",
            "RESTRICTEDSOUTHMERE01",
        ]

    def test_no_text_that_is_not_restricted_bears_a_restricted_marker(self):
        for action in Action.objects.filter(is_restricted=False).prefetch_related("milestones", "updates"):
            rows = [action, *action.milestones.all(), *action.updates.all()]
            assert "RESTRICTED" not in " ".join(text for row in rows for text in free_texts(row).values())

    def test_the_reasons_in_the_history_of_a_restricted_action_bear_its_marker(self):
        action = Action.objects.get(authority__slug="northbridge", reference="4.11")
        reasons = list(history_of(Action).objects.filter(id=action.pk).values_list("history_change_reason", flat=True))

        assert "RESTRICTEDNORTHBRIDGE03 Demonstration data, entered with the plan" in reasons


class TestTheMarkedRecord(TestCase):
    @classmethod
    def setUpTestData(cls):
        seed("record", "--marked")

    def test_each_council_has_a_marker_of_its_own(self):
        for council in Authority.objects.all():
            assert council.name.startswith(f"MARK{council.slug.upper()} ")
            for recommendation in council.recommendations.all():
                assert set(MARKER.findall(" ".join(free_texts(recommendation).values()))) == {
                    f"MARK{council.slug.upper()}"
                }


def test_every_free_text_of_the_files_is_one_that_is_marked():
    """What a file calls a text, note, title, reason, name or place is free text in the schema."""
    telling = {"title", "text", "note", "reason", "narrative", "comment", "outcome", "description", "location", "post",
               "focus", "state_reason", "restricted_reason", "dates_note", "inspectors", "name", "phone"}  # fmt: skip
    found = set()
    waiting = [Council]
    while waiting:
        row = waiting.pop()
        for name, field in row.takes().items():
            kind = field.metadata["kind"]
            if hasattr(kind, "of"):
                waiting.append(kind.of)
            elif name in telling:
                assert isinstance(kind, Prose), f"{row.__name__}.{name}"
                found.add(name)
    assert found == telling
