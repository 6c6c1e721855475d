"""The list of clocks, the page of each, and what is recorded there."""

import csv
import io
from datetime import date

import pytest

from accounts.models import practices_of
from accounts.roles import Role
from tests import factories
from tests.factories import REASON, TODAY, fresh
from tests.inspections.pages import boxes, text_of
from tracker.audit.history import version_of
from tracker.dates.models import calendar
from tracker.inspections import changes
from tracker.inspections.models import Clock, GovernanceStep
from tracker.inspections.rules import State, state_of

PLAN = "/inspections/2026-ilacs/clocks/plan/"
REPORT = "/inspections/2026-ilacs/clocks/report/"
DONE = {"done_by": "Aisha Rahman", "proof": "Email of 9 March, in the plan folder"}
KEEPERS = {Role.PROGRAMME_OFFICE, Role.DIRECTOR}


@pytest.fixture
def inspection(council):
    """Received on 2 February 2026 by a council treated as inadequate; the plan is due on 14 May, in 6 working days."""
    inspection = factories.make_inspection(council, is_monitored=True)
    changes.start_clocks(inspection, calendar=calendar(), by=None)
    return inspection


@pytest.fixture
def plan_clock(inspection):
    return inspection.clocks.get(kind="plan")


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


@pytest.fixture
def steps(council, plan_clock):
    return changes.plan_governance(
        plan_clock, calendar=calendar(), practices=practices_of(council), by=None, on=date(2026, 3, 2)
    )


# The list


def test_the_list_puts_what_is_next_first_and_says_by_what_right_each_date_is_set(office, inspection):
    changes.note_missed(on=date(2026, 3, 17))

    page = text_of(office.get("/clocks/"))

    assert "Missed, and still to be done: Publish the report, 34 working days late." in page
    assert "Next: Send and publish the plan by Thursday 14 May 2026, 6 working days left." in page
    order = ["Publish the report", "Send and publish the plan", "First monitoring visit", "Annual conversation"]
    places = [page.index(words, page.index("State")) for words in order]
    assert places == sorted(places)
    assert "Set by law" in page
    assert "Ofsted’s practice" in page
    assert "To do and expected (6)" in page


def test_what_ended_has_a_list_of_its_own(office, plan_clock):
    changes.stop_clock(plan_clock, met_on=date(2026, 5, 5), on=TODAY, by=None, reason=REASON)

    page = text_of(office.get("/clocks/?show=ended"))

    assert "Ended (1)" in page
    assert "Send and publish the plan ILACS inspection, March 2026" in page
    assert "Met on 5 May 2026, 7 working days early" in page
    assert "Publish the report ILACS" not in page


def test_an_empty_list_says_what_starts_a_clock(office):
    assert "The clocks start when a report or a letter is received. None is running." in text_of(office.get("/clocks/"))
    assert "None has ended yet" in text_of(office.get("/clocks/?show=ended"))


def test_the_queries_of_the_list_do_not_grow_with_the_clocks(
    office, council, inspection, django_assert_max_num_queries
):
    for number in range(2, 8):
        visit = factories.make_visit(
            council, f"monitoring-{number}", sequence=number, letter_received_on=date(2026, 7, 1)
        )
        changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    with django_assert_max_num_queries(10):
        office.get("/clocks/")


# One clock


def test_a_clock_says_its_basis_its_rule_and_what_ends_it(office, plan_clock):
    page = text_of(office.get(PLAN))

    assert "6 working days left. Today is day 64 of 70." in page
    assert "State Running Basis Set by law Starts from 2 February 2026 Receipt of the final report" in page
    assert "Length 70 working days" in page
    assert "70 calendar days would be Monday 13 April 2026; the law counts working days." in page
    assert "It ends when the plan is recorded as sent to Ofsted, sent to DfE and published." in page


def test_a_saturday_in_the_letter_is_doubted_and_the_laws_date_stands_beside_it(office, council):
    """Manchester, 30 November 2023: the letter gives Saturday 9 March 2024, the law 12 March."""
    report = factories.make_inspection(
        council, "2023-jtai", framework="jtai", started_on=None, ended_on=None, received_on=date(2023, 11, 30)
    )
    changes.start_clocks(
        report, calendar=calendar(), by=None, notified_plan_due=date(2024, 3, 9), notified_source="The letter, page 4"
    )

    page = text_of(office.get("/inspections/2023-jtai/clocks/joint_statement/"))

    assert "The letter gives Saturday 9 March 2024; the law gives Tuesday 12 March 2024." in page
    assert "earlier than the count: working day 68 of the clock." in page
    assert "9 March 2024 is a Saturday. Send it on Friday 8 March 2024 to be safe." in page
    assert "Where the letter’s date is given: The letter, page 4" in page


def test_a_clock_of_weeks_tells_its_sum_and_can_be_downloaded(office, inspection):
    address = "/inspections/2026-ilacs/clocks/first_visit/"

    page = text_of(office.get(address))

    assert "4 weeks is 28 days: from 14 May 2026 to 11 June 2026." in page
    assert "Only expected: nobody is late by it." in page
    rows = list(
        csv.reader(io.StringIO(b"".join(office.get(f"{address}clock.csv").streaming_content).decode("utf-8-sig")))
    )
    assert rows[-1] == ["2026-06-11", "Thursday", "Day 28", ""]


def test_a_clock_without_a_length_has_no_working(office, council):
    visit = factories.make_visit(council, letter_received_on=date(2026, 7, 1))
    changes.start_visit_clocks(visit, calendar=calendar(), by=None)

    page = text_of(office.get("/visits/monitoring-1/clocks/letter/"))

    assert "No rule says by when." in page
    assert "Every day of the count" not in page
    assert office.get("/visits/monitoring-1/clocks/letter/clock.csv").status_code == 404


def test_a_recount_is_told_with_its_reason(office, plan_clock):
    changes.proclaim_bank_holiday(
        date(2026, 5, 12), name="Day of thanks", reason="Proclaimed", by=factories.make_user("Ada"), on=TODAY
    )

    page = text_of(office.get(PLAN))

    assert "6 May 2026 Thursday 14 May 2026 Friday 15 May 2026 Bank holiday added, Day of thanks, 12 May 2026" in page


def test_a_clock_recorded_late_says_what_its_proof_says(office, plan_clock, today):
    changes.stop_clock(plan_clock, met_on=date(2026, 5, 14), on=date(2026, 5, 15), by=None, reason=REASON)
    today(date(2026, 5, 20))

    page = text_of(office.get(PLAN))

    assert "Met late" in page
    assert "By its proof all was done by 14 May 2026, in time." in page


def test_the_second_of_a_kind_has_an_address_of_its_own(office, council, inspection):
    first = inspection.clocks.get(kind="annual_conversation")
    changes.stop_clock(first, met_on=date(2026, 5, 5), on=TODAY, by=None, reason=REASON)

    assert "Met on 5 May 2026" in text_of(office.get("/inspections/2026-ilacs/clocks/annual_conversation/"))
    assert "5 May 2027" in text_of(office.get("/inspections/2026-ilacs/clocks/annual_conversation/2/"))
    assert office.get("/inspections/2026-ilacs/clocks/annual_conversation/3/").status_code == 404


# Recording


def test_each_thing_that_ends_a_clock_is_recorded_with_its_proof(office, inspection):
    for code in ("partners", "newspaper", "radio"):
        office.post(f"{REPORT}done/{code}/", {**DONE, **boxes(done_on=date(2026, 3, 9))})
    response = office.post(f"{REPORT}done/open/", {**DONE, **boxes(done_on=date(2026, 3, 16))}, follow=True)

    page = text_of(response)
    assert "“A copy open to inspection, free of charge” is recorded." in page
    assert "Publish the report: met on 16 march 2026, and recorded late." in page
    assert "Sent to a local newspaper 9 March 2026 Aisha Rahman Email of 9 March, in the plan folder" in page
    clock = inspection.clocks.get(kind="report")
    assert state_of(clock.facts, on=TODAY) == State.MET_LATE
    assert clock.history.latest().actor == "Aisha Rahman"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (boxes(done_on=date(2026, 5, 7)), "Enter the day it was done. It cannot be in the future."),
        (boxes(done_on=date(2026, 2, 1)), "is counted from 2 February 2026. Enter that day or a later one."),
        ({"done_on-day": ""}, "Enter the day it was done that includes a day"),
        ({"proof": ""}, "Enter where the proof is kept"),
        ({"done_by": ""}, "Enter who did it"),
    ],
)
def test_a_wrong_record_is_answered_on_its_field(office, inspection, wrong, message):
    response = office.post(f"{REPORT}done/radio/", {**DONE, **boxes(done_on=date(2026, 3, 9)), **wrong})

    assert message in text_of(response)
    assert "<title>Error: " in response.content.decode()
    assert not inspection.clocks.get(kind="report").steps.exists()


def test_the_second_of_two_who_record_the_same_thing_hears_so(office, inspection):
    office.post(f"{REPORT}done/radio/", {**DONE, **boxes(done_on=date(2026, 3, 9))})

    response = office.post(f"{REPORT}done/radio/", {**DONE, **boxes(done_on=date(2026, 3, 10))})

    assert "was recorded before, for 9 March 2026 by Aisha Rahman. It stays." in text_of(response)
    assert inspection.clocks.get(kind="report").steps.count() == 1


def test_a_date_in_a_letter_is_entered_and_a_saturday_is_warned_of(office, plan_clock):
    given = {"source": "Ofsted’s letter of 6 May", **boxes(due=date(2026, 5, 16))}

    page = text_of(office.post(f"{PLAN}letter/", given, follow=True))

    assert "The date is now Saturday 16 May 2026, as the letter says. That day is not a working day: Saturday." in page
    assert fresh(plan_clock).due == date(2026, 5, 16)


@pytest.mark.parametrize(
    ("due", "message"),
    [
        (date(2026, 2, 2), "The date in the letter, 2 February 2026, must be after the day the clock starts from"),
        (date(2026, 5, 5), "5 May 2026 has passed"),
    ],
)
def test_a_date_in_a_letter_that_cannot_be_is_refused(office, plan_clock, due, message):
    response = office.post(f"{PLAN}letter/", {"source": "The letter", **boxes(due=due)})

    assert message in text_of(response)
    assert fresh(plan_clock).notified_due is None


def test_a_clock_is_made_void_for_a_reason_and_a_missed_one_is_not(office, plan_clock):
    assert "Enter why it does not count any more" in text_of(office.post(f"{PLAN}void/", {"reason": ""}))

    page = text_of(office.post(f"{PLAN}void/", {"reason": "Entered for the wrong council"}, follow=True))

    assert "is void. It counts no more, and stays on record." in page
    assert "Made void because: Entered for the wrong council" in page
    missed = text_of(office.post(f"{REPORT}void/", {"reason": "Too late"}))
    assert "was missed: its date was 16 March 2026. It stays as it is." in missed


# The council's own steps


def test_the_usual_steps_are_planned_backwards_from_the_date(office, plan_clock):
    page = text_of(office.post(f"{PLAN}steps/plan/", follow=True))

    assert "5 steps are planned. Give each an owner, who is then reminded of it." in page
    assert [(step.title, step.due_on) for step in GovernanceStep.objects.order_by("position")] == [
        ("Draft of the plan ready", date(2026, 3, 23)),
        ("Scrutiny comments", date(2026, 4, 8)),
        ("Cabinet approves", date(2026, 4, 22)),
        ("Call-in has ended", date(2026, 5, 1)),
        ("Send and publish", date(2026, 5, 12)),
    ]
    assert "2 working days before, and moves with the date" in page
    again = text_of(office.post(f"{PLAN}steps/plan/", follow=True))
    assert "The steps were planned before. Change them one by one, or add one." in again
    assert GovernanceStep.objects.count() == 5


def test_a_step_is_given_an_owner_and_a_day_and_then_stays_on_that_day(office, council, steps, plan_clock):
    priya = factories.priya(council).user
    step = steps[4]
    given = {
        "title": "Sign off by the director",
        "owner": priya.pk,
        "note": "",
        "reason": "Board asked",
        **boxes(due_on=date(2026, 5, 9)),
    }

    page = text_of(office.post(f"{PLAN}steps/{step.position}/", given, follow=True))

    assert "“Sign off by the director” is now due on Saturday 9 May 2026, and Priya Nair sees to it." in page
    assert "That day is not a working day: Saturday." in page
    changed = fresh(step)
    assert (changed.owner, changed.working_days_before) == (priya, None)
    assert changed.history.latest().history_change_reason == "Board asked"
    changes.proclaim_bank_holiday(
        date(2026, 5, 12), name="Day of thanks", reason="Proclaimed", by=factories.make_user("Ada"), on=TODAY
    )
    assert fresh(step).due_on == date(2026, 5, 9)


def test_steps_whose_day_was_not_chosen_move_with_the_clock_and_done_ones_do_not(steps, plan_clock):
    changes.finish_governance_step(steps[3], done_on=date(2026, 4, 30), by=None, on=TODAY)

    changes.set_notified_due(
        plan_clock, due=date(2026, 5, 21), source="The letter", calendar=calendar(), by=None, on=TODAY
    )

    assert [fresh(step).due_on for step in steps] == [
        date(2026, 3, 30),
        date(2026, 4, 15),
        date(2026, 4, 29),
        date(2026, 5, 1),
        date(2026, 5, 19),
    ]
    assert steps[0].history.latest().history_change_reason == "A letter gives 21 May 2026: The letter"


def test_a_bank_holiday_moves_the_steps_after_it_and_not_those_before(steps, plan_clock):
    changes.proclaim_bank_holiday(
        date(2026, 5, 11), name="Day of thanks", reason="Proclaimed", by=factories.make_user("Ada"), on=TODAY
    )

    assert fresh(plan_clock).due == date(2026, 5, 15)
    assert fresh(steps[4]).due_on == date(2026, 5, 13)
    assert [fresh(step).history.count() for step in steps] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (boxes(due_on=date(2026, 5, 15)), "The clock ends on 14 May 2026. Enter that day or an earlier one."),
        (boxes(due_on=date(2026, 5, 5)), "That day has passed. Enter today’s date or a later one."),
        ({"title": ""}, "Enter what is to be done"),
        ({"reason": ""}, "Enter why it is changed"),
        ({"owner": "99999"}, "Select a person from the list"),
    ],
)
def test_a_wrong_step_is_answered_on_its_field(office, steps, wrong, message):
    given = {"title": "Cabinet", "owner": "", "note": "", "reason": "Moved", **boxes(due_on=date(2026, 5, 8)), **wrong}

    response = office.post(f"{PLAN}steps/3/", given)

    assert message in text_of(response)
    assert fresh(steps[2]).history.count() == 1


def test_the_second_of_two_who_change_a_step_sees_that_it_was_changed(office, council, steps):
    seen = version_of(steps[2])
    changes.change_governance_step(
        steps[2],
        title="Cabinet approves it",
        due_on=date(2026, 5, 8),
        owner=None,
        note="",
        by=factories.make_user("Rachel Adeyemi"),
        on=TODAY,
        reason="Moved",
    )
    given = {"title": "Cabinet", "owner": "", "note": "", "reason": "Moved", "seen": seen}

    response = office.post(f"{PLAN}steps/3/", {**given, **boxes(due_on=date(2026, 5, 7))})

    assert "Rachel Adeyemi changed this while you were writing." in text_of(response)
    assert fresh(steps[2]).title == "Cabinet approves it"


def test_someone_who_left_or_is_of_another_council_owns_no_step(council, plan_clock, steps):
    theirs = factories.priya(factories.make_authority("Southmere", "southmere")).user
    inspector = factories.ines(council).user

    for person in (theirs, inspector):
        with pytest.raises(changes.NotAnOwner, match="does not work on the plan of this council"):
            changes.add_governance_step(
                plan_clock, title="Scrutiny", due_on=date(2026, 5, 8), owner=person, by=None, on=TODAY
            )
    assert GovernanceStep.objects.count() == 5


def test_a_step_is_added_and_its_owner_marks_it_done(client, signed_in, office, council, steps, plan_clock):
    priya = factories.priya(council)
    given = {"title": "Full council", "owner": priya.user.pk, "note": "", **boxes(due_on=date(2026, 5, 13))}
    office.post(f"{PLAN}steps/add/", given)
    signed_in(client, priya)

    assert "Mark as done: Full council" in text_of(client.get(PLAN))
    page = text_of(client.post(f"{PLAN}steps/6/done/", boxes(done_on=TODAY), follow=True))

    assert "“Full council” is done." in page
    assert GovernanceStep.objects.get(position=6).done_on == TODAY
    assert client.get(f"{PLAN}steps/5/done/").status_code == 403
    again = text_of(client.post(f"{PLAN}steps/6/done/", boxes(done_on=TODAY)))
    assert "“Full council” was done on 6 May 2026. It stays as it is." in again


@pytest.mark.parametrize(
    ("done_on", "message"),
    [(date(2026, 5, 7), "It cannot be in the future"), (date(2026, 2, 1), "The clock started on 2 February 2026")],
)
def test_a_step_is_not_done_on_a_day_that_cannot_be(office, steps, done_on, message):
    assert message in text_of(office.post(f"{PLAN}steps/5/done/", boxes(done_on=done_on)))
    assert fresh(steps[4]).done_on is None


def test_nothing_is_planned_before_a_clock_that_ended(office, plan_clock):
    changes.void_clock(plan_clock, on=TODAY, by=None, reason=REASON)

    page = text_of(office.post(f"{PLAN}steps/plan/", follow=True))

    assert "does not run any more, so there is nothing to plan before it." in page
    assert "Plan the usual steps" not in page


# Who may


RECORDING = ["letter/", "void/", "steps/add/", "steps/1/"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PARTNER])
def test_those_who_see_the_plan_see_its_clocks(client, council, signed_in, plan_clock, role):
    signed_in(client, factories.make_member(council, role))

    assert client.get("/clocks/").status_code == 200
    assert client.get(PLAN).status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role not in KEEPERS | {Role.PARTNER}])
def test_only_the_programme_office_and_the_director_record(client, council, signed_in, plan_clock, steps, role):
    signed_in(client, factories.make_member(council, role))

    for page in RECORDING:
        assert client.get(f"{PLAN}{page}").status_code == 403
        assert client.post(f"{PLAN}{page}", {"reason": "x"}).status_code == 403
    assert client.get(f"{REPORT}done/radio/").status_code == 403
    assert client.post(f"{PLAN}steps/plan/").status_code == 403
    words = text_of(client.get(PLAN))
    assert "Say that it does not count" not in words
    assert "Add a step" not in words


def test_a_director_keeps_clocks_too(client, council, signed_in, plan_clock):
    signed_in(client, factories.rachel(council))

    assert client.get(f"{PLAN}void/").status_code == 200


@pytest.mark.parametrize("page", ["", "clock.csv", *RECORDING, "done/radio/", "steps/1/done/"])
def test_another_councils_clock_is_not_found(client, signed_in, inspection, steps, page):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    signed_in(client, factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Aziz"))

    assert client.get(f"{PLAN}{page}").status_code == 404


def test_a_partner_agency_sees_no_clocks(client, council, signed_in, inspection):
    signed_in(client, factories.helen(council))

    assert client.get("/clocks/").status_code == 403
    assert client.get(PLAN).status_code == 404


@pytest.mark.parametrize("page", ["done/television/", "steps/99/", "steps/99/done/"])
def test_what_is_not_there_is_not_found(office, plan_clock, page):
    assert office.get(f"{PLAN}{page}").status_code == 404


def test_what_was_typed_survives_the_end_of_the_session(client, council, plan_clock):
    aisha = factories.aisha(council)
    asked = client.post(f"{PLAN}void/", {"reason": "Entered for the wrong council"})
    client.post(
        "/sign-in/",
        {"login": aisha.user.email, "password": factories.PASSWORD, "kept": asked.context["kept"]},
    )

    assert "Entered for the wrong council" in client.get(f"{PLAN}void/").content.decode()


def test_a_clock_with_bank_holidays_unknown_is_shown_without_its_working(office, council):
    old = factories.make_inspection(
        council, "2010-old", framework="sif", started_on=None, ended_on=None, received_on=date(2010, 1, 4)
    )
    changes.start_clocks(old, calendar=calendar(), by=None)

    assert "Every day of the count" in text_of(office.get("/inspections/2010-old/clocks/plan/"))
    assert Clock.objects.of(council).count() == 2
