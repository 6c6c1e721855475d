"""One action: "Where is this, and how did we get here?"."""

from datetime import date, datetime

import pytest

from accounts import changes as account_changes
from tests.actions.pages import page_of, text_of
from tests.factories import (
    NOW,
    TODAY,
    aisha,
    dee,
    helen,
    ines,
    make_action,
    make_agency,
    make_authority,
    make_deadline_change,
    make_evidence,
    make_finding,
    make_measure,
    make_milestone,
    make_plan,
    make_priority,
    make_recommendation,
    make_request,
    make_service,
    make_update,
    make_visit,
    marcus,
    member_of,
    priya,
    rachel,
)
from tracker.actions import changes, flags
from tracker.actions.rules import Difference

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def read(client, signed_in, owner):
    """A function that gives the words of an action's page, as Priya or another person sees it."""

    def page(action, query="", member=owner):
        answer = signed_in(client, member).get(page_of(action) + query)
        assert answer.status_code == 200
        return text_of(answer)

    return page


# Facts


def test_a_late_action_says_how_late_what_the_owner_says_and_how_often_it_moved(council, owner, read):
    action = make_action(council, owner=owner.user, accountable=rachel(council).user, deadline=date(2026, 4, 1))
    make_deadline_change(action, date(2026, 4, 17))
    make_deadline_change(action, date(2026, 5, 1))
    make_update(action, rating="at_risk", on=date(2026, 4, 20))

    text = read(action)

    assert "2 working days late. Owner says at risk." in text
    assert "1 May 2026 First agreed 1 April 2026. Moved twice" in text
    assert "Accountable: Rachel Adeyemi, Director of children's services" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rating": "on_track", "deadline": date(2026, 5, 14)}, "On track Due in 6 working days."),
        ({"rating": "on_track", "deadline": TODAY}, "On track Due today."),
        ({"starts_on": date(2026, 6, 1)}, "Not started Starts 1 June."),
        ({"deadline": None}, "Not started No update yet."),
        ({"deadline": date(2026, 5, 5)}, "Overdue 1 working day late. No update yet."),
        (
            {"claimed_on": date(2026, 5, 1)},
            "Waiting to be checked Said to be done 1 May. To be checked by the programme",
        ),
        ({"completed_on": date(2026, 5, 1)}, "Complete Checked by Imran Sadiq, 1 May."),
        (
            {"completed_on": date(2026, 5, 1), "difference": Difference.SUSTAINED},
            "Embedded Checked by Imran Sadiq, 1 May.",
        ),
        ({"cancelled_on": date(2026, 5, 1)}, "Cancelled 1 May 2026: Replaced by another action"),
    ],
)
def test_each_status_says_why(council, read, fields, words):
    assert words in read(make_action(council, **fields))


def test_the_tracker_says_when_it_overrules_the_owner(council, read):
    action = make_action(council, deadline=date(2026, 5, 20), rating="on_track")
    make_milestone(action)

    assert "At risk Due in 10 working days. Owner says on track. Not all milestones are done." in read(action)


def test_an_action_without_an_update_for_31_days_says_so_beside_its_status(council, read):
    assert "No update for 31 days." in read(make_action(council, rating="on_track", updated_on=date(2026, 4, 5)))
    assert "No update for" not in read(make_action(council, rating="on_track", updated_on=date(2026, 4, 6)))


def test_an_action_without_an_owner_says_that_nobody_is_reminded(council, read):
    assert "Nobody yet Nobody is being reminded." in read(make_action(council))


def test_an_action_whose_owner_has_left_says_so_and_who_is_reminded_instead(council, read):
    gone, head = dee(council), marcus(council)
    alone = make_action(council, owner=gone.user)
    headed = make_action(council, owner=gone.user, service=make_service(council, head=head.user))
    account_changes.switch_off(gone.user, by=None, reason="Left")

    assert "Dee Walsh Has left. Nobody is being reminded." in read(alone)
    assert "Dee Walsh Has left. Marcus Oyelaran is reminded instead." in read(headed)


def test_the_difference_says_who_set_it(council, read):
    action = make_action(council, difference=Difference.ACTIVITY)

    assert "Evidence of activity Set by Imran Sadiq, 6 May" in read(action)


# Buttons


def buttons(client, signed_in, action, member):
    answer = signed_in(client, member).get(page_of(action))
    return [button["label"] for button in answer.context["buttons"]]


def test_each_person_is_offered_what_they_may_do(client, signed_in, council, owner):
    head = marcus(council)
    action = make_action(council, owner=owner.user, service=make_service(council))

    own = ["Update progress", "Ask to move the deadline", "Add evidence"]
    assert buttons(client, signed_in, action, owner) == own
    assert buttons(client, signed_in, action, head) == own
    assert buttons(client, signed_in, action, dee(council)) == []
    assert buttons(client, signed_in, action, ines(council)) == []
    office = aisha(council)
    assert buttons(client, signed_in, action, office) == own
    assert [link["label"] for link in client.get(page_of(action)).context["more"]] == [
        "Change what it says and answers",
        "Milestones",
        "Measures",
        "Change the owner",
        "Cancel or replace it",
    ]


def test_finished_work_is_offered_for_checking_to_others_than_its_owner(client, signed_in, council, owner):
    head = marcus(council)
    action = make_action(council, owner=owner.user, service=make_service(council), claimed_on=TODAY)

    assert buttons(client, signed_in, action, owner) == ["Add evidence"]
    assert buttons(client, signed_in, action, head) == ["Check this work", "Add evidence"]


def test_a_cancelled_action_offers_nothing(client, signed_in, council):
    assert buttons(client, signed_in, make_action(council, cancelled_on=TODAY), aisha(council)) == []


# What will be done, milestones, deadlines


def test_milestones_say_when_due_when_done_and_how_late(council, read):
    action = make_action(council, deadline=date(2026, 5, 1))
    make_milestone(action, "Procedure agreed", due_on=date(2026, 4, 1), done_on=date(2026, 3, 31))
    make_milestone(action, "Screeners in post", due_on=date(2026, 4, 1), done_on=date(2026, 4, 8))
    make_milestone(action, "Rota covers 7 days")

    text = read(action)

    assert "Milestones 2 of 3 done" in text
    assert "Procedure agreed Due 1 April. Done 31 March Done" in text
    assert "Screeners in post Due 1 April. Done 8 April, 3 working days late Done" in text
    assert "Rota covers 7 days Due 1 May Overdue" in text


def test_deadline_changes_stand_in_a_table_with_their_total(council, read):
    action = make_action(council, deadline=date(2026, 4, 1))
    make_deadline_change(
        action,
        date(2026, 4, 17),
        reason="Police could not release staff.",
        asked_by="Supt Helen Ward",
        asked_on=date(2026, 3, 9),
        agreed_by="improvement board",
        agreed_on=date(2026, 3, 10),
    )
    make_deadline_change(action, date(2026, 5, 1))

    text = read(action)

    assert "Deadline changes Slipped 20 working days" in text
    assert (
        "1 April 2026 First agreed 17 April 2026 10 days Police could not release staff. "
        "Supt Helen Ward, 9 March. Agreed: improvement board, 10 March" in text
    )
    assert "17 April 2026 1 May 2026 10 days" in text


def test_an_action_with_nothing_yet_says_so_everywhere(council, read):
    text = read(make_action(council, outcome=""))

    assert "No milestones." in text
    assert "The deadline has not moved." in text
    assert "Evidence (0) None yet." in text
    assert "We will know it has worked when" not in text


def test_long_text_is_kept_whole(council, read):
    action = make_action(council, title="Long " * 39, description="word " * 400)

    assert ("word " * 400).strip() in read(action)


# Beside


def test_why_we_do_it_is_told_in_ofsteds_words_and_a_paraphrase_is_marked(council, owner, read):
    plan = make_plan(council)
    inspection = plan.inspections.get()
    quoted = make_recommendation(inspection, text="The timeliness of the response.")
    ours = make_recommendation(inspection, text="Respond faster.", is_paraphrase=True)
    finding = make_finding(make_visit(council), text="450 were waiting.")
    action = make_action(plan=plan, recommendations=[quoted, ours], findings=[finding])

    text = read(action)

    assert "Recommendation 1 , in Ofsted’s words: “The timeliness of the response.”" in text
    assert "Recommendation 2 , in our words: Respond faster." in text
    assert "Finding 1, Monitoring visit 1, June 2026 , in Ofsted’s words: “450 were waiting.”" in text


def test_the_councils_own_choice_is_marked(council, read):
    assert "The council’s own choice." in read(make_action(council, is_councils_own=True))


def test_evidence_says_its_state_and_a_link_is_a_link_only_to_the_web(client, signed_in, council, owner):
    action = make_action(council, owner=owner.user)
    make_evidence(action, "Rota", location="https://council.example/rota")
    make_evidence(action, "Minute", location="javascript:alert(1)")

    answer = signed_in(client, owner).get(page_of(action))

    assert b'href="https://council.example/rota"' in answer.content
    assert b'href="javascript' not in answer.content
    assert "Evidence (2)" in text_of(answer)
    assert "Minute, waiting to be checked Kept in: javascript:alert(1)" in text_of(answer)


def test_restricted_evidence_is_counted_and_not_named(council, owner, read):
    action = make_action(council, owner=owner.user)
    make_evidence(action, "Rota")
    make_evidence(action, "Names of staff", is_restricted=True, restricted_reason="Names staff")

    withheld = read(action, member=dee(council))
    assert "Evidence (2)" in withheld
    assert "1 restricted document." in withheld
    assert "Names of staff" not in withheld

    assert "Names of staff, waiting to be checked. Restricted" in read(action)


def test_the_partner_agency_is_named_with_its_people(council, read):
    helen(council)

    assert "Working with Northbridge Police: Helen Ward" in read(make_action(council, agency=make_agency(council)))


def test_an_action_due_before_the_next_visit_says_so_with_how_many_are(council, read):
    make_visit(council)
    plan = make_plan(council)
    first = make_action(plan=plan, deadline=date(2026, 6, 9))
    make_action(plan=plan, deadline=date(2026, 5, 1))
    later = make_action(plan=plan, deadline=date(2026, 6, 10))

    assert "This action is one of 2 due before the monitoring visit on 9 June 2026 ." in read(first)
    assert "Before the visit" not in read(later)


def test_a_visit_that_is_only_expected_says_so(council, read):
    make_visit(council, starts_on=None, ends_on=None, expected_from=date(2026, 6, 1), expected_to=date(2026, 7, 1))

    assert "monitoring visit expected from 1 June 2026" in read(make_action(council, deadline=date(2026, 5, 29)))


# History


@pytest.fixture
def eventful(council, owner):
    """An action to which thirteen things happened."""
    action = make_action(council, owner=owner.user, deadline=date(2026, 5, 1))
    for number in range(1, 11):
        make_update(action, f"Update {number}.", on=date(2026, 4, number))
    make_evidence(action)
    flags.flag_overdue(on=TODAY, at=NOW)
    return action


def test_the_newest_ten_entries_are_shown_and_the_older_are_one_link_away(eventful, read):
    text = read(eventful)
    assert "Everything (13)" in text
    assert "Update 10." in text
    assert "Update 2." not in text
    assert "Show 3 older entries" in text

    everything = read(eventful, "?show=everything&all=yes")
    assert "Update 1." in everything
    assert "older entr" not in everything


def test_history_is_filtered_by_a_link(eventful, read):
    deadlines = read(eventful, "?show=deadlines")

    assert "Became overdue by the tracker, 6 May 2026 at 10:00am The deadline was 1 May 2026." in deadlines
    assert "Update 10." not in deadlines


def test_a_filter_nobody_knows_shows_everything(eventful, read):
    assert "Update 10." in read(eventful, "?show=<script>")


def test_a_filter_that_finds_nothing_says_so(council, read):
    assert "Nothing of this kind has happened yet." in read(make_action(council), "?show=evidence")


def test_who_moved_the_deadline_and_why_is_in_the_history(council, read):
    action = make_action(council)
    make_deadline_change(
        action, date(2026, 8, 31), by=aisha(council).user, at=datetime(2026, 4, 14, 11, 3, tzinfo=NOW.tzinfo)
    )

    assert (
        "Deadline moved by Aisha Rahman, 14 April 2026 at 11:03am 31 July 2026 to 31 August 2026 , slipped 20 working"
        " days. Reason: Vetting took longer than planned. Asked for by Priya Nair on 13 April 2026." in read(action)
    )


def test_what_people_type_is_shown_as_text(council, owner, read, client):
    action = make_action(council, owner=owner.user, title="<b>Bold</b>")
    make_update(action, "<script>alert(1)</script>")

    read(action)

    content = client.get(page_of(action)).content
    assert b"<script>alert" not in content
    assert b"<b>Bold" not in content


# Who


def test_an_action_that_is_not_there_and_one_that_is_hidden_are_the_same_page(client, signed_in, council):
    hidden = make_action(council, title="Allegations", is_restricted=True, restricted_reason="About one family")
    signed_in(client, dee(council))

    answers = [client.get(page_of(hidden)), client.get("/plans/2026/actions/9.9/")]

    assert [answer.status_code for answer in answers] == [404, 404]
    before_footer = [text_of(answer).partition("What our status words mean")[0] for answer in answers]
    assert before_footer[0] == before_footer[1]
    assert "Allegations" not in text_of(answers[0])


def test_a_restricted_action_is_marked_for_those_who_see_it(council, owner, read):
    action = make_action(council, owner=owner.user, is_restricted=True, restricted_reason="About one family")

    assert "Restricted Only those it concerns and those who run the plan see this action." in read(action)


def test_an_address_of_another_council_leads_to_ones_own_action_or_nowhere(client, signed_in, council, owner):
    other = make_authority("Southmere Council", "southmere")
    make_action(other, title="Theirs")

    assert signed_in(client, owner).get("/plans/2026/actions/3.1/").status_code == 404


def test_a_partner_comes_back_to_its_own_list_and_sees_no_plan(client, signed_in, council):
    make_visit(council)
    action = make_action(council, agency=make_agency(council), deadline=date(2026, 5, 29))

    answer = signed_in(client, helen(council)).get(page_of(action))

    assert [crumb["label"] for crumb in answer.context["crumbs"]] == ["My actions"]
    assert "Before the visit" not in text_of(answer)
    assert b"/recommendations/" not in answer.content


def test_pages_need_sign_in(client, council):
    assert client.get(page_of(make_action(council))).status_code == 302


def test_the_page_takes_as_many_queries_however_much_happened(
    client, signed_in, council, owner, eventful, django_assert_max_num_queries
):
    for number in range(6):
        make_evidence(eventful, f"Evidence {number}")
        make_milestone(eventful, f"Step {number}", done_on=TODAY)
        make_deadline_change(eventful, date(2026, 8, 3 + number))
    changes.hand_over(eventful, to=dee(council).user, by=None, on=TODAY, reason="Leave")
    changes.hand_over(eventful, to=owner.user, by=None, on=TODAY, reason="Back")
    make_priority(make_plan(council), 4)
    signed_in(client, member_of(council, owner.user))

    make_request(eventful, date(2026, 8, 24))
    make_measure(eventful)

    # Requests and who decides, measures, reopenings, what was kept closed, and what it answered: one more for each.
    with django_assert_max_num_queries(31):
        client.get(page_of(eventful))
