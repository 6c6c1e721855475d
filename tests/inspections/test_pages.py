"""The pages of inspections, clocks and bank holidays."""

import csv
import io
import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from accounts.roles import Role
from tests import factories
from tests.factories import REASON
from tracker.audit.history import save_because
from tracker.dates.models import BankHoliday, calendar
from tracker.inspections import changes
from tracker.inspections.models import Clock


@pytest.fixture
def buckinghamshire(council, today):
    """The report of August 2014, looked at on 3 November 2014."""
    today(date(2014, 11, 3))
    inspection = factories.make_inspection(
        council,
        "2014-sif",
        framework="sif",
        started_on=date(2014, 6, 3),
        ended_on=date(2014, 6, 25),
        received_on=date(2014, 8, 8),
        received_is_assumed=True,
        published_on=date(2014, 8, 8),
    )
    for area in ("overall_effectiveness", "help_and_protection"):
        changes.record_judgement(inspection, area=area, grade="inadequate", by=None, reason=REASON)
    factories.make_recommendation(
        inspection, reference="12", paragraph="12", title="Check the unallocated cases again", timescale="Immediate"
    )
    return inspection


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(
        client, factories.make_member(council, Role.PROGRAMME_OFFICE, "Aisha Rahman", on=date(2014, 11, 3))
    )


def start(inspection, **options):
    return changes.start_clocks(inspection, calendar=calendar(), by=None, **options)


def text_of(response):
    """What a page says, without its mark-up."""
    assert response.status_code == 200
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
    return re.sub(r" ([.,:;])", r"\1", words)


# The list


def test_the_list_gives_each_inspection_its_grade_and_its_clocks(office, buckinghamshire):
    start(buckinghamshire)

    page = text_of(office.get("/inspections/"))

    assert "SIF inspection, August 2014" in page
    assert "Inadequate" in page
    assert "Send and publish the plan: 10 working days left" in page
    assert "Publish the report: 30 working days late" in page


def test_an_empty_list_says_what_will_be_there(office):
    assert "None has been entered yet" in text_of(office.get("/inspections/"))


def test_the_number_of_queries_does_not_grow_with_inspections(
    office, council, buckinghamshire, django_assert_max_num_queries
):
    for year in range(2015, 2025):
        start(
            factories.make_inspection(
                council, f"{year}-ilacs", received_on=date(year, 2, 2), started_on=None, ended_on=None
            )
        )

    with django_assert_max_num_queries(10):
        office.get("/inspections/")


# One inspection


def test_an_inspection_tells_its_facts_judgements_and_recommendations(office, buckinghamshire):
    response = office.get("/inspections/2014-sif/")

    page = text_of(response)
    assert "3 June 2014 to 25 June 2014" in page
    assert "Assumed: the day of receipt is not known, so the day of publication is taken." in page
    assert page.index("Overall effectiveness Inadequate") < page.index(
        "Children who need help and protection Inadequate"
    )
    assert "12. Check the unallocated cases again" in page
    assert "Immediate" in page
    assert 'href="/inspections/2014-sif/recommendations/12/"' in response.content.decode()


def test_a_report_without_an_overall_grade_says_so(office, council):
    inspection = factories.make_inspection(
        council, started_on=date(2026, 4, 27), ended_on=date(2026, 5, 1), received_on=None, published_on=None
    )
    changes.record_judgement(inspection, area="help_and_protection", grade="good", by=None, reason=REASON)

    page = text_of(office.get(inspection.get_absolute_url()))

    assert "There is no overall grade. Inspections of this kind that began from April 2026 give none." in page
    assert "The clocks start when the report is received." in page


def test_an_older_report_without_an_overall_grade_says_so_too(office, buckinghamshire, council):
    inspection = factories.make_inspection(
        council, "2013-cp", framework="child_protection", started_on=None, ended_on=None
    )
    changes.record_judgement(inspection, area="child_protection", grade="", by=None, reason=REASON)

    page = text_of(office.get("/inspections/2013-cp/"))

    assert "The report gives no overall grade." in page
    assert "No grade" in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2014, 8, 8), "70 working days left Due Monday 17 November 2014. Day 0 of 70."),
        (date(2014, 11, 3), "10 working days left Due Monday 17 November 2014. Day 60 of 70."),
        (date(2014, 11, 14), "1 working day left Due Monday 17 November 2014. Day 69 of 70."),
        (date(2014, 11, 17), "Due today Due Monday 17 November 2014. Day 70 of 70."),
        (date(2014, 11, 20), "3 working days late Due Monday 17 November 2014. Set by law"),
    ],
)
def test_a_clock_says_how_far_it_is(office, buckinghamshire, today, day, words):
    start(buckinghamshire)
    today(day)

    assert words in text_of(office.get("/inspections/2014-sif/"))


@pytest.mark.parametrize(
    ("met_on", "words"),
    [
        (date(2014, 11, 17), "Met on 17 November 2014 Due"),
        (date(2014, 11, 14), "Met on 14 November 2014, 1 working day early"),
        (date(2014, 11, 19), "Met on 19 November 2014, 2 working days late"),
    ],
)
def test_a_clock_that_was_met_says_when(office, buckinghamshire, today, met_on, words):
    plan = next(clock for clock in start(buckinghamshire) if clock.kind == "plan")
    changes.stop_clock(plan, met_on=met_on, on=met_on, by=None, reason=REASON)
    today(date(2014, 12, 1))

    assert words in text_of(office.get("/inspections/2014-sif/"))


def test_a_later_date_in_the_letter_is_shown_with_the_laws(office, buckinghamshire):
    start(buckinghamshire, notified_plan_due=date(2014, 11, 19), notified_source="Letter of 8 August")

    for address in ("/inspections/2014-sif/", "/inspections/2014-sif/clocks/plan/"):
        page = text_of(office.get(address))
        assert (
            "The letter gives Wednesday 19 November 2014; the law gives Monday 17 November 2014. "
            "The letter’s date is used. The law’s date comes first: meet that one to be safe."
        ) in page


# The working


def test_the_working_answers_the_misreading_by_name(office, buckinghamshire):
    start(buckinghamshire)

    page = text_of(office.get("/inspections/2014-sif/clocks/plan/"))

    assert "Send and publish the plan by Monday 17 November 2014" in page
    assert "10 working days left. Today is day 60 of 70." in page
    assert "70 calendar days would be Friday 17 October 2014; the law counts working days." in page
    assert "Education and Inspections Act 2006, section 137(3) and (4); S.I. 2007/462, regulation 3" in page
    assert "That day is assumed" in page


def test_the_working_tells_every_day(office, buckinghamshire):
    start(buckinghamshire)

    page = text_of(office.get("/inspections/2014-sif/clocks/plan/"))

    assert "Friday 8 August 2014 Day 0: the day it was received is not counted" in page
    assert "Saturday 9 August 2014 Not counted: Saturday" in page
    assert "Monday 11 August 2014 Day 1" in page
    assert f"Monday 25 August 2014 Not counted: {calendar().holidays[date(2014, 8, 25)]}" in page
    assert "Monday 3 November 2014 (today) Day 60" in page
    assert "Monday 17 November 2014 Day 70" in page
    assert "Not counted: 30 Saturdays and Sundays and 1 bank holiday" in page


def test_a_clock_that_was_met_keeps_the_date_it_was_met_by(office, buckinghamshire):
    plan = next(clock for clock in start(buckinghamshire) if clock.kind == "plan")
    changes.stop_clock(plan, met_on=date(2014, 11, 3), on=date(2014, 11, 3), by=None, reason=REASON)
    changes.proclaim_bank_holiday(
        date(2014, 9, 1), name="Day of thanks", reason="Found later", by=factories.make_user(), on=date(2014, 11, 3)
    )

    page = text_of(office.get("/inspections/2014-sif/clocks/plan/"))

    assert "This clock was met when the count gave Monday 17 November 2014, and stays so." in page
    assert "it gives Tuesday 18 November 2014" in page


def test_the_working_can_be_downloaded(office, buckinghamshire):
    start(buckinghamshire)

    response = office.get("/inspections/2014-sif/clocks/plan/clock.csv")

    assert response["Content-Disposition"] == 'attachment; filename="northbridge-2014-sif-plan-clock.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["Date", "Weekday", "Counted as", "Why not counted"]
    assert rows[2] == ["2014-08-09", "Saturday", "Not counted", "Saturday"]
    assert rows[-1] == ["2014-11-17", "Monday", "Day 70", ""]
    assert len(rows) == 1 + 102


def test_the_cells_of_a_download_are_no_formulas(office, buckinghamshire):
    start(buckinghamshire)
    changes.proclaim_bank_holiday(
        date(2014, 9, 1), name='=HYPERLINK("x")', reason="Odd", by=factories.make_user(), on=date(2014, 8, 11)
    )

    response = office.get("/inspections/2014-sif/clocks/plan/clock.csv")

    assert """"'=HYPERLINK(""x"")\"""" in b"".join(response.streaming_content).decode()


@pytest.mark.parametrize("address", ["clocks/plan/", "clocks/plan/clock.csv"])
def test_a_clock_from_before_the_table_does_not_break_its_page(office, council, buckinghamshire, address):
    start(buckinghamshire)
    earlier = factories.make_inspection(
        council, "2009-old", started_on=None, ended_on=None, received_on=date(2010, 1, 4), published_on=None
    )
    clock = start(earlier)[0]
    clock.trigger_on = date(2009, 12, 1)
    save_because(clock, by=None, reason=REASON)

    response = office.get(f"/inspections/2009-old/{address}")

    if address.endswith(".csv"):
        assert response.status_code == 404
    else:
        assert "The days of this clock cannot be shown. Bank holidays are known from 2010" in text_of(response)


# Who sees what


ADDRESSES = [
    "/inspections/2014-sif/",
    "/inspections/2014-sif/clocks/plan/",
    "/inspections/2014-sif/clocks/plan/clock.csv",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_councils_inspection_is_not_found(client, signed_in, buckinghamshire, address):
    start(buckinghamshire)
    other = factories.make_authority("Southmere Borough Council", "southmere")
    signed_in(client, factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Aziz", on=date(2014, 11, 3)))

    assert client.get(address).status_code == 404
    assert "SIF" not in text_of(client.get("/inspections/"))


@pytest.mark.parametrize("address", [*ADDRESSES, "/inspections/", "/bank-holidays/", "/bank-holidays/add/"])
def test_a_partner_agency_does_not_see_inspections(client, signed_in, council, buckinghamshire, address):
    start(buckinghamshire)
    signed_in(client, factories.make_member(council, Role.PARTNER, "Helen Ward", on=date(2014, 11, 3)))

    assert client.get(address).status_code in {403, 404}


@pytest.mark.parametrize("address", [*ADDRESSES, "/inspections/", "/bank-holidays/", "/bank-holidays/add/"])
def test_nobody_sees_a_page_without_signing_in(client, buckinghamshire, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    "address", ["/inspections/2015/", "/inspections/2014-sif/clocks/appeal/", "/inspections/x/clocks/plan/clock.csv"]
)
def test_what_is_not_there_is_not_found(office, buckinghamshire, address):
    start(buckinghamshire)

    assert office.get(address).status_code == 404


# Bank holidays


@pytest.fixture
def administrator(client, council, signed_in):
    return signed_in(client, factories.make_member(council, Role.ADMINISTRATOR, "Ada Admin"))


WORDS = {
    "day-day": "15",
    "day-month": "6",
    "day-year": "2026",
    "name": "Day of thanks",
    "reason": "Proclaimed on 1 May",
}


def test_the_bank_holidays_are_listed_by_year(client, council, signed_in):
    signed_in(client, factories.dee(council))

    page = text_of(client.get("/bank-holidays/"))

    assert "Bank holidays in 2026" in page
    assert "Monday 4 May 2026" in page
    assert "Withdraw" not in page
    assert "Friday 2 January 2026" not in page
    assert "Monday 19 September 2022" in text_of(client.get("/bank-holidays/?year=2022"))


@pytest.mark.parametrize("year", ["", "1999", "x", "-1", "99999999999999999999"])
def test_a_year_that_is_not_in_the_table_gives_the_present_one(administrator, year):
    assert "Bank holidays in 2026" in text_of(administrator.get(f"/bank-holidays/?year={year}"))


def test_an_administrator_adds_a_bank_holiday_and_hears_which_clocks_moved(administrator, council):
    inspection = factories.make_inspection(council, received_on=date(2026, 3, 9))
    plan = next(clock for clock in start(inspection) if clock.kind == "plan")
    before = plan.computed_due

    response = administrator.post("/bank-holidays/add/", WORDS, follow=True)

    plan.refresh_from_db()
    assert plan.computed_due == calendar().add(before, 1)
    page = text_of(response)
    assert "Monday 15 June 2026 is now a bank holiday. 1 clock moved: “Send and publish the plan”" in page
    assert f"now {plan.computed_due:%A %-d %B %Y}" in page
    assert "Proclaimed on 1 May" in page
    assert plan.history.latest().actor == "Ada Admin"


def test_clocks_of_other_councils_move_and_are_not_spoken_of(administrator, council):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    plan = next(
        clock for clock in start(factories.make_inspection(other, received_on=date(2026, 3, 9))) if clock.kind == "plan"
    )

    response = administrator.post("/bank-holidays/add/", WORDS, follow=True)

    assert "No clock moved." in text_of(response)
    assert Clock.objects.get(pk=plan.pk).computed_due == calendar().add(plan.computed_due, 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"day-day": ""}, "Enter the day of the bank holiday that includes a day"),
        ({"day-day": "31"}, "Enter the day of the bank holiday that is a real date"),
        ({"day-day": "13"}, "13 June 2026 is a Saturday, which is not a working day anyway. Choose a weekday."),
        ({"day-day": "25", "day-month": "May"}, "25 May 2026 is already a bank holiday"),
        ({"day-year": "2040"}, "Bank holidays are known from 2010 to 2036"),
        ({"day-year": "26"}, "with a year of 4 numbers"),
        ({"name": " "}, "Enter what the bank holiday is called"),
        ({"reason": ""}, "Enter why the bank holiday is added"),
        ({"name": "x" * 101}, "Use 100 characters or fewer"),
    ],
)
def test_wrong_input_is_answered_on_its_field_and_nothing_is_saved(administrator, wrong, message):
    before = BankHoliday.history.count()

    response = administrator.post("/bank-holidays/add/", {**WORDS, **wrong})

    assert message in text_of(response)
    assert "<title>Error: " in response.content.decode()
    assert BankHoliday.history.count() == before


def test_an_administrator_withdraws_a_bank_holiday(administrator, council):
    inspection = factories.make_inspection(council, received_on=date(2026, 3, 9))
    plan = next(clock for clock in start(inspection) if clock.kind == "plan")
    assert "Withdraw" in text_of(administrator.get("/bank-holidays/2026-05-25/withdraw/"))

    response = administrator.post("/bank-holidays/2026-05-25/withdraw/", {"reason": "Moved to June"}, follow=True)

    page = text_of(response)
    assert "Monday 25 May 2026 is no longer a bank holiday. 1 clock moved" in page
    assert "No, withdrawn" in page
    assert Clock.objects.get(pk=plan.pk).computed_due == calendar().add(plan.computed_due, -1)


def test_withdrawing_needs_a_reason(administrator):
    response = administrator.post("/bank-holidays/2026-05-25/withdraw/", {"reason": ""})

    assert "Enter why the bank holiday is withdrawn" in text_of(response)
    assert not calendar().is_working_day(date(2026, 5, 25))


@pytest.mark.parametrize("day", ["2026-05-06", "2026-13-01", "soon"])
def test_a_day_that_is_no_holiday_has_no_page_to_withdraw_it(administrator, day):
    assert administrator.get(f"/bank-holidays/{day}/withdraw/").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
@pytest.mark.parametrize("address", ["/bank-holidays/add/", "/bank-holidays/2026-05-25/withdraw/"])
def test_only_administrators_change_bank_holidays(client, council, signed_in, role, address):
    signed_in(client, factories.make_member(council, role))
    before = BankHoliday.history.count()

    assert client.get(address).status_code == 403
    assert client.post(address, WORDS).status_code == 403
    assert BankHoliday.history.count() == before


def test_what_an_administrator_typed_survives_the_end_of_the_session(client, council):
    ada = factories.make_member(council, Role.ADMINISTRATOR, "Ada Admin")

    asked = client.post(reverse("inspections:add-bank-holiday"), WORDS)
    kept = asked.context["kept"]
    client.post("/sign-in/", {"login": ada.user.email, "password": factories.PASSWORD, "kept": kept})

    page = client.get(reverse("inspections:add-bank-holiday")).content.decode()
    assert "Proclaimed on 1 May" in page
    assert "Day of thanks" in page


def test_withdrawing_says_before_it_is_done_what_stays_and_what_moves(administrator, council):
    inspection = factories.make_inspection(council, received_on=date(2026, 3, 9))
    plan, report = (clock for clock in start(inspection) if clock.kind in {"plan", "report"})
    changes.note_missed(on=date(2026, 4, 23))

    page = text_of(administrator.get("/bank-holidays/2026-04-03/withdraw/"))

    assert "1 clock of this council was counted with this day off, and will stay as it is:" in page
    assert f"Publish the report, {inspection}: due 22 April 2026, missed" in page
    assert "1 running clock of this council counts it as a day off, and will move:" in page
    response = administrator.post("/bank-holidays/2026-04-03/withdraw/", {"reason": "Moved"}, follow=True)
    assert "1 clock moved: “Send and publish the plan”" in text_of(response)
    assert Clock.objects.get(pk=report.pk).computed_due == report.computed_due
    assert Clock.objects.get(pk=report.pk).history.count() == 2
    assert Clock.objects.get(pk=plan.pk).computed_due < plan.computed_due


def test_withdrawing_a_day_that_no_clock_counts_says_so(administrator, council):
    assert "No clock of this council counts it." in text_of(administrator.get("/bank-holidays/2026-05-25/withdraw/"))
