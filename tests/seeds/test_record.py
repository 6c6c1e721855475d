"""The public record as loaded: every figure that is known of it, its sources, and nothing made up beside the plan."""

import re
from collections import Counter
from datetime import date
from typing import Any

import yaml
from django.test import TestCase

from accounts.models import Authority, User
from seeds.management.commands.seed import FOLDER
from tests.seeds.conftest import seed
from tracker.actions.models import Action, DeadlineChange, counts_by_status
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.audit.history import audited_models, history_of
from tracker.dates.clock import LONDON
from tracker.dates.models import BankHoliday, calendar
from tracker.inspections.models import Clock, Finding, Inspection, Judgement, Recommendation, Visit
from tracker.plans.models import Plan, PlanVersion, Submission
from tracker.reminders.models import Digest, Reminder

COUNCILS = ("barnsley", "buckinghamshire", "cambridgeshire", "gloucestershire", "newham")
PLAN_FILE = FOLDER / "record" / "buckinghamshire_plan_2014.yaml"

# Overall grades as published; None where the report gives none or the days of this kind of inspection had none.
OVERALL = {
    ("barnsley", "2014-sif"): "requires_improvement",
    ("barnsley", "2018-ilacs"): "good",
    ("barnsley", "2022-jtai"): None,
    ("barnsley", "2023-ilacs"): "good",
    ("buckinghamshire", "2014-sif"): "inadequate",
    ("buckinghamshire", "2018-sif"): "inadequate",
    ("buckinghamshire", "2022-ilacs"): "requires_improvement",
    ("buckinghamshire", "2025-ilacs"): "requires_improvement",
    ("cambridgeshire", "2012-child-protection"): None,
    ("cambridgeshire", "2014-sif"): "good",
    ("cambridgeshire", "2019-ilacs"): "requires_improvement",
    ("cambridgeshire", "2024-ilacs"): "requires_improvement",
    ("gloucestershire", "2017-sif"): "inadequate",
    ("gloucestershire", "2022-ilacs"): "requires_improvement",
    ("gloucestershire", "2025-ilacs"): "good",
    ("newham", "2014-sif"): "requires_improvement",
    ("newham", "2019-ilacs"): "inadequate",
    ("newham", "2022-ilacs"): "good",
    ("newham", "2026-ilacs"): "outstanding",
}

# Recommendations by whom they address and of what kind, of the inspection each council came to be known for.
RECOMMENDATIONS = {
    ("barnsley", "2014-sif"): 32,
    ("buckinghamshire", "2014-sif"): 43,
    ("cambridgeshire", "2014-sif"): 12,
    ("gloucestershire", "2017-sif"): 25,
    ("newham", "2014-sif"): 12,
}


def files() -> dict[str, dict[str, Any]]:
    """The council files as plain YAML, by slug."""
    return {slug: yaml.safe_load((FOLDER / "record" / f"{slug}.yaml").read_text()) for slug in COUNCILS}


def stated_late(day: date) -> dict[str, tuple[int, date, str]]:
    """What the top of the plan's file states to be late on a day: working days late, deadline and owner."""
    text = PLAN_FILE.read_text()
    part = re.search(rf"# Late on \w+ {day:%-d %B %Y} \((\d+)\):\n((?:# .*\n)+)", text)
    rows = re.findall(r"#   (\S+) +(\d+) working days late, deadline (\d+) (\w+) (\d+), (\S+)", part[2])
    months = {"October": 10, "November": 11}
    assert len(rows) == int(part[1])
    return {
        reference: (int(late), date(int(year), months[month], int(of_month)), owner)
        for reference, late, of_month, month, year, owner in rows
    }


class TestTheRecord(TestCase):
    """Loaded once for all these tests."""

    @classmethod
    def setUpTestData(cls):
        cls.said = seed("record")

    def test_five_councils_are_loaded_and_said_so(self):
        assert list(Authority.objects.order_by("slug").values_list("slug", flat=True)) == list(COUNCILS)
        assert "Buckinghamshire Council (40 actions)" in self.said

    def test_every_row_of_the_files_is_a_row_of_the_database(self):
        expected, found = Counter(), Counter()
        for slug, file in files().items():
            council = Authority.objects.get(slug=slug)
            expected += Counter(
                {
                    (slug, "people"): len(file["people"]),
                    (slug, "roles"): sum(len(person["roles"]) for person in file["people"]),
                    (slug, "services"): len(file["services"]),
                    (slug, "agencies"): len(file["agencies"]),
                    (slug, "inspections"): len(file["inspections"]),
                    (slug, "judgements"): sum(len(each["judgements"]) for each in file["inspections"]),
                    (slug, "recommendations"): sum(len(each["recommendations"]) for each in file["inspections"]),
                    (slug, "visits"): len(file["visits"]),
                    (slug, "findings"): sum(len(each["findings"]) for each in file["visits"]),
                    (slug, "clocks"): sum(2 for each in file["inspections"] if each["received_on"]),
                }
            )
            found += Counter(
                {
                    (slug, "people"): User.objects.filter(memberships__authority=council).distinct().count(),
                    (slug, "roles"): council.memberships.count(),
                    (slug, "services"): council.services.count(),
                    (slug, "agencies"): council.agencies.count(),
                    (slug, "inspections"): council.inspections.count(),
                    (slug, "judgements"): Judgement.objects.of(council).count(),
                    (slug, "recommendations"): council.recommendations.count(),
                    (slug, "visits"): council.visits.count(),
                    (slug, "findings"): council.findings.count(),
                    (slug, "clocks"): council.clocks.filter(basis=Clock.Basis.LAW).count(),
                }
            )
        assert found == expected

    def test_the_numbers_of_recommendations_are_those_of_the_reports(self):
        found = {
            (slug, reference): Recommendation.objects.filter(
                authority__slug=slug, inspection__reference=reference
            ).count()
            for slug, reference in RECOMMENDATIONS
        }

        assert found == RECOMMENDATIONS

    def test_buckinghamshires_43_are_15_and_18_to_the_council_and_6_and_4_to_the_board(self):
        found = Counter(
            Recommendation.objects.filter(
                authority__slug="buckinghamshire", inspection__reference="2014-sif"
            ).values_list("addressee", "kind")
        )

        assert found == {
            ("council", "priority_action"): 15,
            ("council", "improvement"): 18,
            ("safeguarding_board", "priority_action"): 6,
            ("safeguarding_board", "improvement"): 4,
        }

    def test_the_overall_grade_is_as_published_and_may_be_absent(self):
        overall = dict.fromkeys(Inspection.objects.values_list("authority__slug", "reference"))
        overall |= {
            (judgement.inspection.authority.slug, judgement.inspection.reference): judgement.grade
            for judgement in Judgement.objects.filter(area="overall_effectiveness").select_related(
                "inspection__authority"
            )
        }

        assert overall == OVERALL

    def test_recommendations_stand_in_the_order_of_the_report(self):
        for slug, file in files().items():
            for inspection in file["inspections"]:
                stored = Recommendation.objects.filter(
                    authority__slug=slug, inspection__reference=inspection["reference"]
                ).values_list("reference", flat=True)
                assert list(stored) == [each["reference"] for each in inspection["recommendations"]]

    def test_a_title_is_the_text_and_begins_with_a_capital(self):
        titles = Recommendation.objects.values_list("title", "text")

        assert all(title[0].isupper() or not title[0].isalpha() for title, _ in titles)
        assert all(title.casefold() == text.removesuffix(".").casefold() for title, text in titles)

    def test_every_text_says_whether_it_is_a_paraphrase(self):
        assert set(Recommendation.objects.values_list("is_paraphrase", flat=True)) == {True}
        assert set(Finding.objects.values_list("is_paraphrase", flat=True)) == {True}

    def test_every_object_keeps_its_source(self):
        for slug, file in files().items():
            council = Authority.objects.get(slug=slug)
            sources = file["sources"]
            for each in file["inspections"]:
                stored = council.inspections.get(reference=each["reference"])
                self.assert_from(stored.source, sources[each["source"]])
                for recommendation in each["recommendations"]:
                    row = stored.recommendations.get(reference=recommendation["reference"])
                    self.assert_from(row.source, sources[recommendation["source"]])
                for judgement in each["judgements"]:
                    row = stored.judgements.get(area=judgement["area"])
                    assert sources[judgement["source"]]["title"] in row.history.get().history_change_reason
            for each in file["visits"]:
                stored = council.visits.get(reference=each["reference"])
                self.assert_from(stored.source, sources[each["source"]])
                for finding in each["findings"]:
                    row = stored.findings.get(kind=finding["kind"], number=finding["number"])
                    assert sources[finding["source"]]["title"] in row.history.get().history_change_reason
            assert sources[file["authority"]["source"]]["title"] in council.history.get().history_change_reason

    def assert_from(self, kept: str, source: dict[str, Any]) -> None:
        """See that what is kept names the document, where it is, and how sure it is."""
        assert source["title"] in kept
        assert (source["url"] or "") in kept
        assert source.get("locator", "") in kept
        assert f"Certainty: {source['certainty']}" in kept

    def test_a_list_that_is_not_complete_says_so(self):
        partial = Inspection.objects.get(authority__slug="buckinghamshire", reference="2025-ilacs")

        assert "Its list of recommendations here is not complete." in partial.source
        assert "Its list" not in Inspection.objects.get(authority__slug="newham", reference="2014-sif").source

    def test_days_that_are_not_known_are_left_out_and_told_in_words(self):
        visit = Visit.objects.get(authority__slug="buckinghamshire", reference="monitoring-3-2017")

        assert visit.starts_on is None
        assert visit.dates_note == "Visit: April 2017, day not found."

    def test_a_visit_keeps_the_counts_of_the_letter_where_fewer_findings_are_known(self):
        visit = Visit.objects.get(authority__slug="buckinghamshire", reference="monitoring-1-2016")

        assert (visit.strengths_reported, visit.needs_work_reported) == (12, 7)
        assert visit.findings.filter(kind=Finding.Kind.STRENGTH).count() == 2
        assert visit.findings.get(agency__name="Thames Valley Police").text.startswith("A backlog of 450")
        assert "only 2 of the 12 strengths are known" in visit.source

    def test_a_clock_runs_from_each_day_of_receipt_and_from_no_other(self):
        assert set(Clock.objects.exclude(inspection=None).values_list("inspection", flat=True)) == set(
            Inspection.objects.filter(received_on__isnull=False).values_list("pk", flat=True)
        )

    def test_a_date_told_by_a_paper_is_kept_beside_the_one_worked_out(self):
        newham = Clock.objects.get(authority__slug="newham", inspection__reference="2014-sif", kind=Clock.Kind.PLAN)
        notified = set(Clock.objects.filter(notified_due__isnull=False).values_list("authority__slug", flat=True))

        assert (newham.computed_due, newham.notified_due) == (date(2014, 11, 17), date(2014, 11, 14))
        assert newham.due == date(2014, 11, 14)
        assert "Newham Recorder" in newham.notified_source
        assert notified == {"newham", "gloucestershire"}

    def test_what_was_expected_after_an_inspection_ends_with_the_next(self):
        expected = Clock.objects.filter(
            inspection__authority__slug="buckinghamshire",
            inspection__reference="2014-sif",
            kind=Clock.Kind.REINSPECTION,
        )

        assert (
            expected.get().met_on
            == Inspection.objects.get(authority__slug="buckinghamshire", reference="2018-sif").started_on
        )

    def test_no_clock_is_said_to_be_met_and_no_plan_to_be_sent(self):
        assert not Clock.objects.filter(met_on__isnull=False, is_forecast=False).exists()
        assert not Submission.objects.exists()
        assert not PlanVersion.objects.exists()

    def test_only_buckinghamshire_has_a_plan_and_it_says_that_it_is_an_illustration(self):
        plan = Plan.objects.get()

        assert plan.authority.slug == "buckinghamshire"
        assert "This plan is an illustration written for this product." in plan.note
        assert set(Action.objects.values_list("authority__slug", flat=True)) == {"buckinghamshire"}
        reasons = set(
            history_of(Action).objects.filter(history_type="+").values_list("history_change_reason", flat=True)
        )
        assert reasons == {"Illustrative plan written for this product, entered with the plan"}

    def test_the_plan_answers_every_recommendation_to_the_council_and_no_other(self):
        plan = Plan.objects.get()
        asked = Recommendation.objects.filter(inspection__in=plan.inspections.all()).for_the_council()

        assert asked.count() == 33
        assert set(Recommendation.objects.filter(actions__isnull=False)) == set(asked)

    def test_actions_stand_in_the_order_of_their_references(self):
        references = list(Action.objects.order_by("position").values_list("reference", flat=True))

        assert references == sorted(references, key=lambda reference: [int(part) for part in reference.split(".")])
        assert references.index("2.10") == references.index("2.9") + 1

    def test_what_is_late_on_a_day_is_what_the_file_states(self):
        days = calendar()
        for on in (date(2014, 11, 3), date(2014, 11, 4)):
            late = {
                action.reference: (
                    days.between(action.deadline, on),
                    action.deadline,
                    action.owner.email.partition("@")[0],
                )
                for action in Action.objects.overdue(on=on).select_related("owner")
            }
            assert late == stated_late(on)

    def test_the_statuses_on_a_day_are_what_the_file_states(self):
        days = calendar()
        expected = {
            date(2014, 11, 3): {"complete": 7, "waiting": 2, "overdue": 7},
            date(2014, 11, 4): {"complete": 7, "waiting": 2, "overdue": 8},
        }
        for on, numbers in expected.items():
            found = counts_by_status(Action.objects.with_status(on=on, close_by=days.add(on, CLOSE_WORKING_DAYS)))
            assert sum(found.values()) == 40
            assert {status: found[status] for status in numbers} == numbers

    def test_the_complete_and_the_waiting_are_those_the_file_states(self):
        complete = Action.objects.filter(completed_on__isnull=False).values_list("reference", flat=True)
        waiting = Action.objects.filter(claimed_on__isnull=False, completed_on__isnull=True)

        assert list(complete) == ["1.1", "1.6", "2.1", "3.3", "4.1", "5.2", "5.10"]
        assert list(waiting.values_list("reference", flat=True)) == ["2.4", "5.4"]
        assert not complete.filter(checked_by__isnull=True).exists()

    def test_a_deadline_that_moved_keeps_the_one_first_agreed(self):
        action = Action.objects.get(reference="6.1")
        change = action.deadline_changes.get()

        assert (action.first_agreed, action.deadline) == (date(2014, 9, 12), date(2014, 10, 6))
        assert (change.asked_by, change.agreed_by) == (
            "Manager of recording systems",
            "Director of Children’s Services",
        )
        assert change.working_days == 16
        assert (change.recorded_at.date(), change.recorded_by.name) == (date(2014, 9, 5), change.agreed_by)
        moved = Action.objects.filter(first_agreed__isnull=False)
        assert set(moved) == {change.action for change in DeadlineChange.objects.select_related("action")}

    def test_nothing_was_sent_or_noticed_by_loading(self):
        assert not Reminder.objects.exists()
        assert not Digest.objects.exists()

    def test_every_row_was_made_once_for_a_reason_by_someone(self):
        seen = 0
        for model in audited_models():
            if model is BankHoliday:
                continue
            log = history_of(model)
            made = Counter(log.objects.filter(history_type="+").values_list(model._meta.pk.name, flat=True))
            assert made == Counter(model._default_manager.values_list("pk", flat=True)), model
            assert not log.objects.filter(history_change_reason__isnull=True).exists()
            assert not log.objects.filter(history_change_reason="").exists()
            assert not log.objects.filter(actor="").exists()
            seen += len(made)
        assert seen > 900

    def test_what_a_person_did_is_written_by_that_person(self):
        update = Action.objects.get(reference="6.1").updates.order_by("at").first()
        log = update.history.get()

        assert update.by.email == "systems-manager@buckinghamshire.example"
        assert log.history_user == update.by
        assert (update.on, update.at.date()) == (date(2014, 8, 29), date(2014, 8, 29))
        assert 9 <= update.at.astimezone(LONDON).hour < 17
