"""The made-up councils: the same truth on whatever day they are loaded, something of everything, and two apart."""

from collections import Counter
from datetime import date, datetime

import pytest
from django.apps import apps
from django.db import models
from django.test import TestCase, override_settings

from accounts.council import CouncilQuerySet
from accounts.member import members_of
from accounts.models import Authority, User
from accounts.roles import Role
from tests.seeds.conftest import seed
from tracker.actions.models import Action, DeadlineChange, Evidence, Milestone, ProgressUpdate, counts_by_status
from tracker.actions.rules import CLOSE_WORKING_DAYS, Difference, Rating, Status
from tracker.audit.history import audited_models, history_of
from tracker.dates import clock
from tracker.dates.models import BankHoliday, calendar
from tracker.inspections.models import Clock, Finding, Inspection, Visit
from tracker.inspections.rules import day_of_clock
from tracker.plans.models import Plan, PlanVersion, Submission

TUESDAY = date(2026, 11, 24)

DAYS = {
    "a Tuesday": TUESDAY,
    "a Saturday": date(2026, 11, 28),
    "a Sunday": date(2027, 2, 28),
    "a bank holiday": date(2027, 5, 3),
    "Christmas Day": date(2026, 12, 25),
    "31 December": date(2026, 12, 31),
}

OVERDUE = {"6.1": 19, "3.2": 14, "2.5": 9, "4.8": 9, "2.3": 4, "4.2": 4, "3.4": 3}
STATUSES = {
    Status.EMBEDDED: 1,
    Status.COMPLETE: 8,
    Status.WAITING: 1,
    Status.ON_TRACK: 18,
    Status.NOT_STARTED: 5,
    Status.AT_RISK: 7,
    Status.OFF_TRACK: 1,
    Status.OVERDUE: 7,
}
DUE_BEFORE_THE_VISIT = set(OVERDUE) | {"3.1", "3.6", "1.4", "2.6", "4.3", "4.9"}


@pytest.mark.django_db
@pytest.mark.parametrize("today", DAYS.values(), ids=DAYS)
def test_it_shows_the_same_on_whatever_day_it_is_loaded(settings, today):
    settings.TRACKER_TODAY = today

    seed("demo")

    days = calendar()
    council = Authority.objects.get(slug="northbridge")
    actions = Action.objects.of(council)
    overdue = {action.reference: days.between(action.deadline, today) for action in actions.overdue(on=today)}
    plan_clock = Clock.objects.of(council).get(kind=Clock.Kind.PLAN)
    visit = Visit.objects.of(council).get(starts_on__gte=today)
    due_before = actions.unfinished().filter(deadline__lte=visit.due_by)
    plan = Plan.objects.get(authority=council)
    assert overdue == OVERDUE
    assert counts_by_status(actions.with_status(on=today, close_by=days.add(today, CLOSE_WORKING_DAYS))) == {
        status.value: number for status, number in STATUSES.items()
    }
    assert days.between(today, plan_clock.due) == 12
    assert day_of_clock(plan_clock.trigger_on, today, days) == 58
    assert set(due_before.values_list("reference", flat=True)) == DUE_BEFORE_THE_VISIT
    assert days.between(today, visit.starts_on) == 24
    assert days.between(today, plan.board_meets_on) == 10
    assert plan.title == f"Children’s services improvement plan {plan.reference} to {int(plan.reference) + 2}"
    assert Inspection.objects.get(authority=council).reference == f"{plan_clock.trigger_on.year}-ilacs"
    assert not ProgressUpdate.objects.filter(on__gt=today).exists()


@pytest.mark.django_db
def test_on_a_day_with_a_time_nothing_happened_later_than_now(settings):
    settings.TRACKER_TODAY = datetime(2026, 11, 24, 8, 5)  # noqa: DTZ001

    seed("demo")

    assert ProgressUpdate.objects.exists()
    assert not ProgressUpdate.objects.filter(at__gt=clock.now()).exists()


@override_settings(TRACKER_TODAY=TUESDAY)
class TestTheDemonstration(TestCase):
    """Loaded once for all these tests."""

    @classmethod
    def setUpTestData(cls):
        with override_settings(TRACKER_TODAY=TUESDAY):
            cls.said = seed("demo")
        cls.northbridge = Authority.objects.get(slug="northbridge")
        cls.southmere = Authority.objects.get(slug="southmere")

    def test_two_councils_are_loaded_and_said_so(self):
        assert "Northbridge County Council (48 actions) and Southmere Borough Council (6 actions)" in self.said
        assert Action.objects.of(self.northbridge).count() == 48
        assert Action.objects.of(self.southmere).count() == 6

    def test_every_choice_that_a_page_shows_has_a_row(self):
        northbridge = Action.objects.of(self.northbridge)
        assert set(Rating.values) <= set(northbridge.values_list("rating", flat=True))
        assert set(northbridge.values_list("difference", flat=True)) == set(Difference.values)
        assert set(Evidence.objects.of(self.northbridge).values_list("state", flat=True)) == set(Evidence.State.values)
        assert set(Finding.objects.of(self.northbridge).values_list("kind", flat=True)) == set(Finding.Kind.values)
        assert {membership.role for membership in self.northbridge.memberships.all()} == set(Role.values)

    def test_restricted_actions_and_evidence_say_why(self):
        restricted = Action.objects.of(self.northbridge).filter(is_restricted=True)
        evidence = Evidence.objects.of(self.northbridge).filter(is_restricted=True)

        assert list(restricted.values_list("reference", flat=True)) == ["1.5", "4.11"]
        assert list(evidence.values_list("action__reference", flat=True)) == ["3.4"]
        assert not restricted.filter(restricted_reason="").exists()
        assert not restricted.filter(restriction_review_on__isnull=True).exists()
        assert Action.objects.of(self.southmere).filter(is_restricted=True).count() == 1

    def test_northbridge_has_not_sent_its_plan_and_southmere_has(self):
        assert not Submission.objects.of(self.northbridge).exists()
        assert not PlanVersion.objects.of(self.northbridge).filter(label="submitted").exists()
        assert Clock.objects.of(self.northbridge).get(kind="plan").is_running

        version = PlanVersion.objects.of(self.southmere).get()
        met = Clock.objects.of(self.southmere).get(kind="plan")
        published = Submission.objects.of(self.southmere).get(step=Submission.Step.PUBLISHED)
        assert Submission.objects.of(self.southmere).count() == 3
        assert len(version.snapshot["actions"]) == 6
        assert met.met_on == published.done_on
        assert version.frozen_on < published.done_on
        assert not Action.objects.of(self.southmere).exclude(first_agreed=models.F("deadline")).exists()

    def test_a_deadline_that_moved_keeps_the_one_first_agreed_and_every_move(self):
        changes = DeadlineChange.objects.of(self.northbridge)
        action = Action.objects.get(authority=self.northbridge, reference="3.4")
        first, second = action.deadline_changes.order_by("agreed_on")

        assert changes.count() == 11
        assert action.first_agreed == first.from_deadline
        assert first.to_deadline == second.from_deadline
        assert second.to_deadline == action.deadline
        assert (first.agreed_by, second.agreed_by) == ("Improvement board", "Rachel Adeyemi")
        assert (first.recorded_by.name, second.recorded_by.name) == ("Supt Helen Ward", "Rachel Adeyemi")
        assert first.recorded_at.date() == first.agreed_on
        moved = Action.objects.of(self.northbridge).filter(first_agreed__isnull=False)
        assert set(moved) == {change.action for change in changes.select_related("action")}

    def test_no_difference_is_claimed_without_accepted_evidence(self):
        for action in Action.objects.exclude(difference__in=[Difference.NONE, Difference.WAITING]):
            accepted = action.evidence.filter(state=Evidence.State.ACCEPTED).order_by("checked_on").first()
            assert accepted.checked_on <= action.difference_set_on, action

    def test_17_actions_were_due_by_now_as_first_agreed(self):
        due = [
            action
            for action in Action.objects.of(self.northbridge)
            if (action.first_agreed or action.deadline) <= TUESDAY
        ]

        assert len(due) == 17

    def test_milestones_stand_in_the_order_of_the_plan(self):
        for action in Action.objects.prefetch_related("milestones"):
            due = [step.due_on for step in action.milestones.all()]
            assert due == sorted(due), action

    def test_actions_stand_in_the_order_of_their_references(self):
        references = list(Action.objects.of(self.northbridge).values_list("reference", flat=True))

        assert references.index("4.10") == references.index("4.9") + 1
        assert references.index("4.11") == references.index("4.10") + 1

    def test_updates_are_of_their_day_in_working_hours_and_by_their_writer(self):
        for update in ProgressUpdate.objects.select_related("by"):
            local = update.at.astimezone(clock.LONDON)
            assert (local.date(), update.history.get().history_user) == (update.on, update.by)
            assert 9 <= local.hour < 17
        action = Action.objects.get(authority=self.northbridge, reference="3.3")
        assert [update.says_done for update in action.updates.order_by("at")] == [False, False, False, True]

    def test_every_row_was_made_once_for_a_reason_by_someone(self):
        for model in audited_models():
            if model is BankHoliday:
                continue
            log = history_of(model)
            made = Counter(log.objects.filter(history_type="+").values_list(model._meta.pk.name, flat=True))
            assert made == Counter(model._default_manager.values_list("pk", flat=True)), model
            assert not log.objects.filter(history_change_reason__isnull=True).exists()
            assert not log.objects.filter(history_change_reason="").exists()
            assert not log.objects.filter(actor="").exists()

    def test_the_plan_was_entered_by_the_programme_office(self):
        entered = history_of(Action).objects.filter(history_type="+", authority=self.northbridge)

        assert set(entered.values_list("actor", flat=True)) == {"Aisha Rahman"}
        assert set(entered.values_list("history_change_reason", flat=True)) == {
            "Demonstration data, entered with the plan"
        }

    def test_the_two_councils_share_nothing(self):
        councils = {self.northbridge.pk, self.southmere.pk}
        for model in apps.get_models():
            rows = model._default_manager.all()
            if isinstance(rows, CouncilQuerySet):
                numbers = [rows.of(council).count() for council in (self.northbridge, self.southmere)]
                assert sum(numbers) == rows.count(), model
        for user in User.objects.all():
            (member,) = members_of(user, on=TUESDAY)
            assert member.authority.pk in councils
        for action in Action.objects.select_related("owner", "accountable", "service", "agency", "plan"):
            linked = [action.plan, action.service, action.agency, *action.recommendations.all()]
            assert {each.authority_id for each in linked if each} == {action.authority_id}
            for person in (action.owner, action.accountable):
                assert person.memberships.get_queryset().values_list("authority", flat=True)[0] == action.authority_id

    def test_neither_sees_the_other(self):
        (aisha,) = members_of(User.objects.get(email="aisha-rahman@northbridge.example"), on=TUESDAY)
        (joe,) = members_of(User.objects.get(email="joe-adair@southmere.example"), on=TUESDAY)

        assert Action.objects.visible_to(aisha).count() == 48
        assert Action.objects.visible_to(joe).count() == 6
        assert Milestone.objects.visible_to(joe).filter(action__authority=self.northbridge).count() == 0

    def test_nothing_is_said_twice_by_an_owner(self):
        said = Counter(ProgressUpdate.objects.values_list("narrative", flat=True))

        assert not [narrative for narrative, times in said.items() if times > 1]
