"""Benchmark data: the shape is exact, the history is there, and only an empty database takes them."""

import json
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.member import members_of
from accounts.models import Authority, Membership, User
from accounts.roles import Role
from seeds import bulk
from tests import factories
from tracker.actions.models import Action, Answer, DeadlineChange, Milestone, ProgressUpdate
from tracker.audit.history import audited_models, history_of
from tracker.plans.models import Plan

TODAY = factories.TODAY


def load(actions: int, *, authorities: int = 1) -> dict:
    out = StringIO()
    call_command("load_actions", actions, authorities=authorities, json=True, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def loaded(db: None, today: object) -> dict:
    """500 actions in 2 councils, on the fixed day."""
    return load(500, authorities=2)


def test_the_actions_are_shared_out_over_the_councils(loaded: dict) -> None:
    assert Counter(Action.objects.values_list("authority__name", flat=True)) == {
        "Benchmark Council 1": 250,
        "Benchmark Council 2": 250,
    }


def test_each_council_has_200_owners_and_20_plans_of_10_owners(loaded: dict) -> None:
    owners = Counter(Membership.objects.filter(role=Role.ACTION_OWNER).values_list("authority", flat=True))
    pairs = set(Action.objects.values_list("plan", "owner"))

    assert set(owners.values()) == {200}
    assert Plan.objects.count() == 40
    assert set(Counter(plan for plan, _ in pairs).values()) == {10}
    assert len(pairs) == len({owner for _, owner in pairs}) == 400


def test_30_percent_are_late_10_due_within_7_days_30_later_and_30_closed(loaded: dict) -> None:
    week = TODAY + timedelta(days=7)

    for authority in Authority.objects.all():
        actions = Action.objects.of(authority)
        assert actions.overdue(on=TODAY).filter(deadline__gte=TODAY - timedelta(days=60)).count() == 75
        assert actions.due_between(TODAY, week).count() == 25
        assert actions.unfinished().filter(deadline__gt=week).count() == 75
        assert actions.filter(completed_on__isnull=False, checked_by__isnull=False).count() == 75


def test_titles_and_texts_are_as_long_as_real_ones(loaded: dict) -> None:
    titles, texts = zip(*Action.objects.values_list("title", "description"), strict=True)

    assert 65 <= sum(map(len, titles)) / 500 <= 75
    assert 400 <= sum(map(len, texts)) / 500 <= 440


def test_the_shape_follows_from_the_number_and_is_the_same_each_time() -> None:
    items = [bulk.Item(number, bulk.Council(1), number, 1) for number in range(2000)]
    late = [item for item in items if item.kind == bulk.LATE]

    assert set(Counter(item.owner for item in items).values()) == {10}
    assert set(Counter(item.owner for item in late).values()) == {3}
    assert {(TODAY - bulk.Dated.of(item, on=TODAY).deadline).days for item in late} == set(range(1, 61))


def test_each_action_has_three_history_rows_and_the_last_is_the_action(loaded: dict) -> None:
    action = Action.objects.overdue(on=TODAY).exclude(rating="").order_by("pk").last()
    history = list(action.history.order_by("history_date"))

    assert Action.history.count() == 1500
    assert [row.history_type for row in history] == ["+", "~", "~"]
    assert history[0].rating == ""
    assert history[0].actor == "Dilys Director"
    assert history[-1].actor == action.owner.name
    assert all(getattr(history[-1], f.attname) == getattr(action, f.attname) for f in Action._meta.concrete_fields)


def test_everything_else_that_is_audited_has_one_history_row(loaded: dict) -> None:
    counts = {
        model._meta.label: (model._default_manager.count(), history_of(model)._default_manager.count())
        for model in audited_models()
        if model is not Action
    }

    assert all(rows == logged for rows, logged in counts.values()), counts
    assert loaded["history_rows"]["actions.Action"] == 1500


def test_each_action_answers_a_recommendation_or_is_the_councils_own(loaded: dict) -> None:
    assert not Action.objects.filter(is_councils_own=False, answers__isnull=True).exists()
    assert not Action.objects.filter(is_councils_own=True, answers__isnull=False).exists()
    assert not Answer.objects.exclude(recommendation__authority=F("action__authority")).exists()
    assert ProgressUpdate.objects.count() == Action.objects.exclude(last_updated_on=None).count()
    assert Milestone.objects.exists()
    assert DeadlineChange.objects.exists()


def test_the_programme_manager_signs_in_and_sees_all_of_one_council(loaded: dict) -> None:
    client = Client()

    answer = client.post(
        reverse("account_login"), {"login": loaded["email"], "password": loaded["password"], "next": ""}
    )
    (member,) = members_of(User.objects.get(email=loaded["email"]), on=TODAY)

    assert answer.status_code == 302
    assert member.authority.name == loaded["council"]
    assert Action.objects.visible_to(member).count() == 250


def test_the_next_row_of_a_loaded_table_has_a_free_key(loaded: dict) -> None:
    assert factories.make_authority().pk == 3


def test_the_plain_answer_names_the_sign_in(db: None, today: object) -> None:
    out = StringIO()

    call_command("load_actions", 20, stdout=out)

    assert "Loaded 20 actions in 20 plans of 1 council, with 212 people" in out.getvalue()
    assert "programme.manager.1@council.example" in out.getvalue()


def test_a_database_that_holds_anything_is_refused(council: Authority) -> None:
    with pytest.raises(CommandError, match="Benchmark data go into an empty database only"):
        call_command("load_actions", 20)

    assert not Action.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "message"), [([20, "--authorities", "0"], "1 or more"), ([1, "--authorities", "2"], "as many")]
)
def test_counts_that_make_no_sense_are_refused(db: None, arguments: list, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("load_actions", *arguments)


def test_the_number_of_statements_does_not_depend_on_the_number_of_councils(
    db: None, today: object, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(150):
        load(400, authorities=40)
