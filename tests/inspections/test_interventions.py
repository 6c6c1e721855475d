"""What the DfE puts in place: entered, changed, lifted, and the clocks that follow."""

from datetime import date

import pytest

from accounts.roles import Role
from tests import factories
from tests.factories import TODAY, fresh
from tests.inspections.pages import boxes, text_of
from tracker.dates.models import calendar
from tracker.inspections import changes
from tracker.inspections.models import Clock, Intervention, Recount

NOTICE = "/interventions/2026-improvement-notice/"
Kind = Clock.Kind


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


@pytest.fixture
def notice(council):
    """From 20 March 2026 until 31 March 2027."""
    return make(council, "2026-improvement-notice", kind="improvement_notice", ends_on=date(2027, 3, 31))


def make(council, reference, **fields):
    values = {"starts_on": date(2026, 3, 20), **fields}
    return changes.record_intervention(
        council, reference=reference, calendar=calendar(), by=None, on=TODAY, reason="The DfE’s letter", **values
    )


def clocks_of(intervention):
    return {clock.kind: clock for clock in intervention.clocks.all()}


def test_a_notice_starts_the_clocks_of_its_reviews_and_its_final_date(notice):
    clocks = clocks_of(notice)

    assert clocks[Kind.DFE_REVIEW].due == date(2026, 9, 20)
    assert clocks[Kind.NOTICE_END].due == date(2027, 3, 31)
    assert {clock.basis for clock in clocks.values()} == {"dfe"}


@pytest.mark.parametrize(
    ("kind", "clock", "due"),
    [
        ("commissioner", Kind.COMMISSIONER_REPORT, date(2026, 6, 20)),
        ("support", Kind.SUPPORT_END, date(2027, 3, 20)),
        ("direction", Kind.DFE_REVIEW, date(2026, 9, 20)),
    ],
)
def test_what_else_is_put_in_place_starts_its_clock(council, kind, clock, due):
    assert {kind: row.due for kind, row in clocks_of(make(council, "2026-x", kind=kind)).items()} == {clock: due}


def test_a_review_that_was_held_starts_the_next_six_months_later(notice):
    first = clocks_of(notice)[Kind.DFE_REVIEW]

    changes.record_step(
        first,
        step="done",
        done_on=date(2026, 8, 31),
        done_by="DfE",
        proof="The letter of 4 September",
        by=None,
        on=date(2026, 9, 7),
    )

    assert fresh(first).met_on == date(2026, 8, 31)
    second = notice.clocks.get(kind=Kind.DFE_REVIEW, sequence=2)
    assert (second.trigger_on, second.due) == (date(2026, 8, 31), date(2027, 2, 28))


def test_a_notice_is_entered_on_its_page(office, council):
    inspection = factories.make_inspection(council)
    given = {
        "kind": "improvement_notice",
        "inspection": inspection.pk,
        "conditions": "Deliver the plan.",
        **boxes(starts_on=date(2026, 3, 20), ends_on=date(2027, 3, 31)),
    }

    page = text_of(office.post("/interventions/new/", given, follow=True))

    assert "Improvement notice, March 2026 is entered. 2 clocks started." in page
    assert "In force. Its final date is Wednesday 31 March 2027." in page
    assert "DfE progress review" in page
    assert Intervention.objects.get().history.get().actor == "Aisha Rahman"
    assert "Improvement notice, March 2026, until 31 March 2027" in text_of(office.get("/inspections/"))
    assert "Improvement notice, March 2026" in text_of(office.get("/inspections/2026-ilacs/"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": ""}, "Select what was put in place"),
        (boxes(starts_on=date(2026, 5, 7)), "Enter the day it began. It cannot be in the future."),
        (boxes(ends_on=date(2026, 3, 20)), "The final date must be after the day it began."),
        (boxes(starts_on=date(2026, 1, 30)), "whose report was received on 2 February 2026"),
        ({"inspection": "99999"}, "Select an inspection from the list"),
    ],
)
def test_wrong_facts_of_an_intervention_are_answered(office, council, wrong, message):
    inspection = factories.make_inspection(council)
    given = {"kind": "direction", "inspection": inspection.pk, **boxes(starts_on=date(2026, 3, 20)), **wrong}

    assert message in text_of(office.post("/interventions/new/", given))
    assert not Intervention.objects.exists()


def test_a_name_or_inspection_that_cannot_be_is_refused(council, notice):
    theirs = factories.make_inspection(factories.make_authority("Southmere", "southmere"))

    with pytest.raises(changes.NumberUsed, match="is the name of another one"):
        make(council, "2026-improvement-notice", kind="direction")
    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        make(council, "2026-direction", kind="direction", inspection=theirs)


def test_a_final_date_that_moves_takes_its_clock_with_it(office, notice):
    given = {"conditions": "More time", "reason": "Letter of 1 May", **boxes(ends_on=date(2027, 9, 30))}

    page = text_of(office.post(f"{NOTICE}change/", given, follow=True))

    assert "is changed. Its final date is Thursday 30 September 2027." in page
    assert clocks_of(notice)[Kind.NOTICE_END].due == date(2027, 9, 30)
    assert Recount.objects.get().reason == "Letter of 1 May"


def test_a_notice_that_gets_a_final_date_starts_its_clock(council):
    notice = make(council, "2026-direction", kind="direction")

    changes.change_intervention(
        notice,
        ends_on=date(2027, 3, 31),
        conditions="",
        calendar=calendar(),
        by=None,
        on=TODAY,
        reason="Letter of 1 May",
    )

    assert set(clocks_of(notice)) == {Kind.DFE_REVIEW, Kind.NOTICE_END}


@pytest.mark.parametrize(
    ("ends_on", "message"),
    [(date(2026, 5, 5), "5 May 2026 has passed"), (None, "Enter the new final date. If there is none any more")],
)
def test_a_final_date_that_cannot_be_is_refused(office, notice, ends_on, message):
    given = {"conditions": "", "reason": "Letter", **(boxes(ends_on=ends_on) if ends_on else {})}

    assert message in text_of(office.post(f"{NOTICE}change/", given))
    assert fresh(notice).ends_on == date(2027, 3, 31)


def test_a_final_date_that_was_missed_does_not_move(notice):
    on = date(2027, 4, 1)
    changes.note_missed(on=on)

    with pytest.raises(changes.ClockEnded, match="was missed: its date was 31 March 2027"):
        changes.change_intervention(
            notice, ends_on=date(2027, 9, 30), conditions="", calendar=calendar(), by=None, on=on, reason="Late letter"
        )
    assert fresh(notice).ends_on == date(2027, 3, 31)


def test_a_notice_that_is_lifted_ends_its_clocks_and_support_begins(office, notice):
    page = text_of(
        office.post(f"{NOTICE}lift/", {"reason": "Letter of 5 May", **boxes(lifted_on=date(2026, 5, 5))}, follow=True)
    )

    assert "ended on Tuesday 5 May 2026." in page
    clocks = clocks_of(notice)
    assert clocks[Kind.NOTICE_END].met_on == date(2026, 5, 5)
    assert clocks[Kind.DFE_REVIEW].void_reason == "It was lifted on 5 May 2026: Letter of 5 May"
    assert clocks[Kind.SUPPORT_END].due == date(2027, 5, 5)
    again = text_of(office.post(f"{NOTICE}lift/", {"reason": "Letter", **boxes(lifted_on=TODAY)}))
    assert "It was lifted on 5 May 2026. It stays as it is." in again
    assert "Change it" not in text_of(office.get(NOTICE))


@pytest.mark.parametrize(
    ("lifted_on", "message"),
    [(date(2026, 5, 7), "It cannot be in the future"), (date(2026, 3, 19), "It began on 20 March 2026")],
)
def test_it_is_not_lifted_on_a_day_that_cannot_be(office, notice, lifted_on, message):
    response = office.post(f"{NOTICE}lift/", {"reason": "Letter", **boxes(lifted_on=lifted_on)})

    assert message in text_of(response)
    assert fresh(notice).lifted_on is None


def test_the_clock_of_a_notice_has_a_page(office, notice):
    page = text_of(office.get(f"{NOTICE}clocks/notice_end/"))

    assert "Final date of the notice by Wednesday 31 March 2027" in page
    assert "The date is given, and not counted." in page
    assert "Every day of the count" not in page
    review = text_of(office.get(f"{NOTICE}clocks/dfe_review/"))
    assert "6 months after 20 March 2026 is 20 September 2026." in review


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.PROGRAMME_OFFICE, Role.PARTNER}])
def test_only_the_programme_office_enters_and_changes_them(client, council, signed_in, notice, role):
    signed_in(client, factories.make_member(council, role))

    assert client.get(NOTICE).status_code == 200
    for page in ("/interventions/new/", f"{NOTICE}change/", f"{NOTICE}lift/"):
        assert client.get(page).status_code == 403
        assert client.post(page, {}).status_code == 403


@pytest.mark.parametrize("page", ["", "change/", "lift/", "clocks/dfe_review/"])
def test_another_councils_intervention_is_not_found(client, signed_in, notice, page):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    signed_in(client, factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Aziz"))

    assert client.get(f"{NOTICE}{page}").status_code == 404
