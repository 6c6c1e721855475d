"""The list of visits, and one visit: before it takes place, and when it is over."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from tests import factories
from tests.reports.pages import links_of, words_of
from tracker.actions import changes as action_changes
from tracker.inspections.models import Finding

STRENGTH, NEEDS_WORK = Finding.Kind.STRENGTH, Finding.Kind.NEEDS_WORK


@pytest.fixture
def get(client, signed_in):
    """`get(member, address)` is a page as that member sees it."""

    def page(member, address="/visits/monitoring-1/"):
        response = signed_in(client, member).get(address)
        assert response.status_code == 200
        return response.content.decode()

    return page


def focused_visit(council, **fields):
    """The visit before: on 24 and 25 February 2026."""
    values = {"kind": "focused", "sequence": None, "starts_on": date(2026, 2, 24), "ends_on": date(2026, 2, 25)}
    return factories.make_visit(council, "focused-1", **{**values, **fields})


# Before a visit


def test_a_visit_to_come_says_when_it_is(council, get):
    factories.make_visit(council, inspectors="Ines Moreau", agreed_on=date(2026, 4, 30))

    html = get(factories.aisha(council))
    words = words_of(html)

    assert "<title>Monitoring visit 1 – Improvement plan – Northbridge County Council</title>" in html
    assert "9 and 10 June 2026, in 23 working days Monitoring visit 1" in words
    assert "Focus: The front door" in words
    assert "Inspectors: Ines Moreau" in words
    assert "The days were agreed with Ofsted on 30 April 2026." in words


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({"starts_on": date(2026, 5, 6), "ends_on": date(2026, 5, 7)}, "6 and 7 May 2026, under way today"),
        ({"starts_on": date(2026, 5, 5), "ends_on": date(2026, 5, 7)}, "5 to 7 May 2026, under way today"),
        ({"starts_on": date(2026, 5, 7), "ends_on": None}, "7 May 2026, in 1 working day"),
        (
            {
                "starts_on": None,
                "ends_on": None,
                "expected_from": date(2026, 9, 14),
                "expected_to": date(2026, 11, 6),
            },
            "Expected between 14 September 2026 and 6 November 2026",
        ),
    ],
)
def test_a_visit_is_dated_as_well_as_is_known(council, get, fields, when):
    factories.make_visit(council, **fields)

    assert f"{when} Monitoring visit 1" in words_of(get(factories.aisha(council)))


def test_actions_due_before_the_visit_are_counted_until_they_are_finished(council, get, client):
    factories.make_visit(council)
    plan = factories.make_plan(council)
    factories.make_action(plan=plan, completed_on=date(2026, 4, 20), deadline=date(2026, 5, 1))
    factories.make_action(plan=plan, deadline=date(2026, 4, 8), title="Remove duplicate forms")
    factories.make_action(plan=plan, deadline=date(2026, 4, 30))
    factories.make_action(plan=plan, deadline=date(2026, 6, 9))
    factories.make_action(plan=plan, deadline=date(2026, 6, 10))
    factories.make_action(plan=plan, deadline=date(2026, 4, 8), cancelled_on=date(2026, 4, 9))

    html = get(factories.aisha(council))
    words = words_of(html)

    assert "Not ready yet. 2 of the 3 actions due before the visit are overdue." in words
    assert "3 actions due before the visit" in words
    assert "1 not started, 2 overdue" in words
    assert "3.2 Remove duplicate forms Nobody yet 8 Apr 2026 19 working days overdue Overdue" in words
    address = next(address for words, address in links_of(html) if words.startswith("See the list"))
    assert client.get(address).context["list"].total == 3


def test_the_earliest_ten_actions_are_shown_and_the_rest_is_numbered(council, get):
    factories.make_visit(council)
    plan = factories.make_plan(council)
    for day in range(1, 13):
        factories.make_action(plan=plan, deadline=date(2026, 5, 10 + day))

    html = get(factories.aisha(council))

    assert "12 actions due before the visit" in words_of(html)
    assert "2 more actions are due before the visit. See all 12" in words_of(html)
    assert "11 May 2026" in words_of(html)
    assert "22 May 2026" not in words_of(html)


def test_a_visit_without_days_asks_for_them_and_says_that_nobody_knows(council, get):
    factories.make_visit(council, starts_on=None, ends_on=None, expected_from=date(2026, 9, 14))

    words = words_of(get(factories.aisha(council)))

    assert "We cannot say yet: the days of the visit are not known." in words
    assert "Enter its days" in words
    assert "Enter its days" not in words_of(get(factories.rachel(council)))


def test_only_the_next_visit_has_a_list_of_what_is_due_before_it(council, get):
    factories.make_visit(council)
    factories.make_visit(council, "monitoring-2", sequence=2, starts_on=date(2026, 9, 8), ends_on=date(2026, 9, 9))
    factories.make_action(council)

    html = get(factories.aisha(council), "/visits/monitoring-2/")

    assert "1 action due before the visit" in words_of(html)
    assert "See the list" not in html


def test_a_visit_before_there_is_a_plan_has_nothing_due(council, get):
    factories.make_visit(council)

    words = words_of(get(factories.aisha(council)))

    assert "No action is due before the visit." in words
    assert "No earlier visit with findings is recorded." in words


def test_a_restricted_action_due_before_the_visit_is_counted_without_its_title(council, get):
    factories.make_visit(council)
    factories.make_action(
        council,
        title="The wording nobody may see",
        deadline=date(2026, 4, 8),
        is_restricted=True,
        restricted_reason="It is about a member of staff",
    )

    html = get(factories.dee(council))

    assert "1 restricted action is not shown to you and not counted here." in words_of(html)
    assert "nobody may see" not in html


def test_a_visit_whose_letter_is_known_is_not_to_come(council, get):
    """On a demonstration date the record holds visits that nobody expected then."""
    factories.make_visit(council, letter_published_on=date(2026, 7, 1))

    office = factories.aisha(council)

    assert "No visit to come is known." in words_of(get(office, "/visits/"))
    assert "due before the visit" not in words_of(get(office))


# What inspectors said


@pytest.fixture
def heard(council):
    """A focused visit with two strengths of the letter's twelve and four areas that need work, before the next one."""
    last, ahead = focused_visit(council, strengths_reported=12), factories.make_visit(council)
    inspection = factories.make_inspection(council)
    asked = factories.make_recommendation(inspection)
    plan = factories.make_plan(council, answers=[inspection])
    strengths = [factories.make_finding(last, STRENGTH, text=f"Leaders know strength {n}.") for n in (1, 2)]
    slow = factories.make_finding(last, text="Children wait too long.", recommendation=asked)
    police = factories.make_finding(
        last, text="Many notifications wait.", agency=factories.make_agency(council), is_paraphrase=True
    )
    alone = factories.make_finding(last, text="Private fostering visits are late.")
    secret = factories.make_finding(last, text="Managers do not challenge drift.")
    for fields in (
        {"completed_on": date(2026, 4, 20), "difference": "activity"},
        {"rating": "on_track", "difference": "difference"},
        {},
        {"cancelled_on": date(2026, 4, 20)},
    ):
        factories.make_action(plan=plan, findings=[slow], recommendations=[asked], **fields)
    factories.make_action(plan=plan, findings=[police], recommendations=[asked], deadline=date(2026, 4, 8))
    factories.make_action(
        plan=plan, findings=[secret], recommendations=[asked], is_restricted=True, restricted_reason="About staff"
    )
    return {"last": last, "ahead": ahead, "alone": alone, "strengths": strengths, "council": council}


def row_of(words, start, stop):
    return words[words.index(start) : words.index(stop)]


def test_the_last_visits_findings_stand_on_the_page_of_the_next(heard, get):
    words = words_of(get(factories.aisha(heard["council"])))

    assert "Focused visit, 24 and 25 February 2026: 12 strengths and 4 areas that need work." in words
    assert "Of the strengths, 2 are recorded here." in words
    assert "Not ready yet. 1 of the 1" not in words
    assert "Not ready yet. The only action due before the visit is overdue." in words
    assert "Also: 1 finding from the last visit has no action." in words


def test_strengths_are_folded_away(heard, get):
    html = get(factories.aisha(heard["council"]))

    folded = html[html.index("<details") : html.index("</details>")]
    assert "Show the 2 strengths" in folded
    assert "“Leaders know strength 1.”" in folded


def test_each_finding_shows_its_actions_and_what_happened_since(heard, get):
    html = get(factories.aisha(heard["council"]))
    words = words_of(html)

    slow = row_of(words, "1. “Children wait", "2. Many")
    assert "Recommendation 1" in slow
    assert "1 complete, 1 on track, 1 not started" in slow
    assert "1 of 3 actions complete" in slow
    assert "Evidence of difference" in slow
    address = reverse("reports:recommendation", args=["2026-ilacs", "1"])
    assert ("Recommendation 1", address) in links_of(html)


def test_a_finding_without_an_action_says_so(heard, get):
    words = words_of(get(factories.rachel(heard["council"])))

    alone = row_of(words, "3. “Private", "4. “Managers")
    assert "Not linked No action Nothing recorded No evidence yet" in alone


def test_a_paraphrase_is_marked_and_the_letters_words_are_quoted(heard, get):
    words = words_of(get(factories.aisha(heard["council"])))

    assert "2. Many notifications wait. (our summary, not Ofsted’s words) About Northbridge Police" in words
    assert "“Children wait too long.”" in words


def test_a_finding_answered_by_a_restricted_action_only_says_that(heard, get):
    words = words_of(get(factories.dee(heard["council"])))

    secret = words[words.index("4. “Managers") :]
    assert "1 restricted action" in secret
    assert "No action" not in secret


def test_a_visit_that_is_over_shows_its_own_findings(heard, get):
    words = words_of(get(factories.aisha(heard["council"]), "/visits/focused-1/"))

    assert "24 and 25 February 2026 Focused visit" in words
    assert "Inspectors named 12 strengths and 4 areas that need work. 1 of them has no action yet." in words
    assert "What inspectors said last time" not in words
    assert "1. “Children wait too long.”" in words


def test_a_finding_answered_twice_is_counted_once(council, get):
    last = focused_visit(council)
    finding = factories.make_finding(last)
    factories.make_finding(last)
    plan = factories.make_plan(council)
    for _ in range(2):
        factories.make_action(plan=plan, findings=[finding])

    words = words_of(get(factories.aisha(council), "/visits/focused-1/"))

    assert "Inspectors named 2 areas that need work. 1 of them has no action yet." in words


def test_a_cancelled_action_leaves_its_finding_without_one(council, get):
    finding = factories.make_finding(focused_visit(council))
    action = factories.make_action(council, findings=[finding])
    action_changes.cancel(action, by=None, on=factories.TODAY, reason="Replaced")

    words = words_of(get(factories.aisha(council), "/visits/focused-1/"))

    assert "Inspectors named 1 area that needs work. It has no action yet." in words


def test_findings_that_are_only_counted_are_not_made_up(council, get):
    focused_visit(council, strengths_reported=3, needs_work_reported=5)

    words = words_of(get(factories.aisha(council), "/visits/focused-1/"))

    assert "Inspectors named 3 strengths and 5 areas that need work. None is recorded here." in words
    assert "The strengths are not recorded here one by one." in words
    assert "The areas that need work are not recorded here one by one." in words
    assert "<table" not in words


def test_a_visit_without_findings_says_what_will_be_here(council, get):
    focused_visit(council, letter_received_on=date(2026, 3, 24), letter_published_on=date(2026, 3, 31))

    words = words_of(get(factories.aisha(council), "/visits/focused-1/"))

    assert "No findings of this visit are recorded." in words
    assert "The letter was received on 24 March 2026. It was published on 31 March 2026." in words


def test_a_visit_whose_days_nobody_knows_says_what_is_known(council, get):
    visit = factories.make_visit(
        council, starts_on=None, ends_on=None, dates_note="April 2017, day not found.", needs_work_reported=1
    )

    words = words_of(get(factories.aisha(council), visit.get_absolute_url()))

    assert "April 2017, day not found Monitoring visit 1" in words


# The list


def test_the_list_begins_with_the_next_visit(heard, get):
    words = words_of(get(factories.aisha(heard["council"]), "/visits/"))

    assert "The next visit is monitoring visit 1 on 9 and 10 June 2026, in 23 working days." in words
    assert "Focused visit 24 and 25 February 2026 The front door 12 strengths and 4 areas that need work 1" in words


def test_the_list_tells_apart_what_is_to_come_over_and_unknown(council, get):
    focused_visit(council)
    factories.make_visit(council, "monitoring-1", sequence=1)
    factories.make_visit(
        council, "monitoring-2", sequence=2, starts_on=None, ends_on=None, expected_from=date(2026, 9, 14)
    )
    factories.make_visit(council, "old", sequence=9, starts_on=None, ends_on=None, dates_note="Autumn 2017.")

    words = words_of(get(factories.aisha(council), "/visits/"))

    parts = [
        "To come",
        "Monitoring visit 1",
        "Monitoring visit 2",
        "Over",
        "Focused visit",
        "Other visits",
        "Autumn 2017",
    ]
    places = [words.index(part, words.index("To come")) for part in parts]
    assert places == sorted(places)


def test_a_council_without_visits_says_what_will_be_here(council, get):
    words = words_of(get(factories.aisha(council), "/visits/"))

    assert "No visit to come is known." in words
    assert "No visit has taken place yet." in words


# Who sees what


def test_another_councils_visit_is_not_found(council, client, signed_in):
    focused_visit(factories.make_authority("Southmere Council", "southmere"))

    assert signed_in(client, factories.aisha(council)).get("/visits/focused-1/").status_code == 404


def test_a_partner_does_not_see_visits(council, client, signed_in):
    factories.make_visit(council)
    partner = signed_in(client, factories.helen(council))

    assert partner.get("/visits/").status_code == 403
    assert partner.get("/visits/monitoring-1/").status_code == 404


def test_an_inspector_sees_visits(heard, get):
    assert "Monitoring visit 1" in get(factories.ines(heard["council"]), "/visits/")


@pytest.mark.parametrize("address", ["/visits/", "/visits/monitoring-1/", "/visits/focused-1/"])
def test_the_number_of_queries_does_not_grow_with_findings(heard, get, client, address):
    member = factories.make_member(heard["council"], Role.COUNCILLOR, "Carol Bright")
    get(member, address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _ in range(6):
        finding = factories.make_finding(heard["last"])
        factories.make_action(plan=heard["council"].plans.get(), findings=[finding])
        factories.make_visit(heard["council"], f"older-{finding.number}", starts_on=date(2025, 1, 7), ends_on=None)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few) <= 20
