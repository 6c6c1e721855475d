"""Making a link, every way it ends, answering by it, and what an officer makes of the answer."""

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import changes as account_changes
from accounts.models import practices_of
from accounts.roles import Role
from tests import factories
from tests.factories import NOW, REASON, TODAY, fresh
from tests.partners.making import EVIDENCE, NEW_DATE, UPDATE, make_answer, make_link, make_partner_action
from tracker.actions import changes as action_changes
from tracker.actions.models import DeadlineRequest, Evidence, ProgressUpdate
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.partners import changes
from tracker.partners.models import PartnerAnswer, PartnerLink
from tracker.partners.permissions import link_behind, looks_after
from tracker.partners.rules import Ending
from tracker.partners.waiting import waiting_answers

BY_LINK = "Sgt Jo Hall, Northbridge Police, by a link that Aisha Rahman made"


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def owner(council):
    return factories.priya(council)


@pytest.fixture
def action(council, owner):
    return make_partner_action(council, owner=owner.user)


@pytest.fixture
def link(action, office):
    return make_link(action, by=office.user)[0]


def last(row):
    return row.history.order_by("-history_id")[0]


def ending(link, *, at=NOW):
    return PartnerLink.objects.with_ending().get(pk=link.pk).ending(at=at)


def accept(answer, by, *, on=TODAY):
    practices = practices_of(answer.link.authority)
    return changes.accept(answer, by=by.user, on=on, at=NOW, calendar=calendar(), practices=practices)


# Making


def test_a_link_is_for_one_person_for_72_hours_and_says_who_made_it(action, office):
    link, secret = make_link(action, by=office.user, person_post="Duty sergeant", sent_to="jo.hall@police.example")

    assert (link.agency.name, link.action_owner, link.made_by) == ("Northbridge Police", action.owner, office.user)
    assert link.expires_at == NOW + timedelta(hours=72)
    assert len(secret) == 43
    assert secret not in str(PartnerLink.objects.values().get())
    assert link_behind(secret) == link
    assert (last(link).actor, last(link).history_change_reason) == (
        "Aisha Rahman",
        "Link made for Sgt Jo Hall, Northbridge Police",
    )
    assert not hasattr(last(link), "secret_hash")
    assert ending(link) is None


def test_no_link_is_made_for_what_no_partner_works_on(council, office):
    with pytest.raises(changes.NoAgency, match="belongs to no partner agency"):
        make_link(factories.make_action(council), by=office.user)


def test_no_link_is_ever_made_for_a_restricted_action(council, office):
    action = make_partner_action(council, is_restricted=True, restricted_reason="Names a member of staff")

    with pytest.raises(changes.ActionRestricted, match="is restricted, and a link can be opened by whoever has it"):
        make_link(action, by=office.user)


@pytest.mark.parametrize("fields", [{"claimed_on": TODAY}, {"completed_on": TODAY}, {"cancelled_on": TODAY}])
def test_no_link_is_made_for_a_finished_action(council, office, fields):
    with pytest.raises(changes.ActionFinished, match="there is nothing to ask"):
        make_link(make_partner_action(council, **fields), by=office.user)
    assert not PartnerLink.objects.exists()


@pytest.mark.parametrize(
    "secret", ["", "x", "A" * 43, "é", "\x00", "' or 1=1 --", "A" * 5000], ids=["none", "short", "wrong", *"abcd"]
)
def test_a_secret_that_is_not_one_opens_nothing(link, secret):
    assert link_behind(secret) is None


def test_a_secret_cut_short_or_added_to_opens_nothing(action, office):
    _, secret = make_link(action, by=office.user)

    for wrong in (secret[:-1], secret[1:], f"{secret}A", secret.swapcase(), f" {secret}"):
        assert link_behind(wrong) is None


# How it ends


def test_a_link_ends_after_72_hours(link):
    assert ending(link, at=NOW + timedelta(hours=71, minutes=59)) is None
    assert ending(link, at=NOW + timedelta(hours=72)) == Ending.EXPIRED


def test_a_link_ends_when_it_is_withdrawn(link, office):
    changes.withdraw(link, by=office.user, at=NOW)

    assert ending(link) == Ending.WITHDRAWN
    assert (last(link).actor, last(link).history_change_reason) == ("Aisha Rahman", "Link withdrawn")
    with pytest.raises(changes.LinkOver, match="does not work any more: withdrawn"):
        changes.withdraw(link, by=office.user, at=NOW)


def test_a_link_ends_for_good_when_the_action_gets_another_owner(council, action, link, owner):
    dee = factories.dee(council)
    action_changes.hand_over(action, to=dee.user, by=None, on=TODAY, reason=REASON)
    assert ending(link) == Ending.REASSIGNED

    action_changes.hand_over(action, to=owner.user, by=None, on=TODAY, reason="Back again")

    assert ending(link) == Ending.REASSIGNED


def test_a_link_ends_when_an_action_that_nobody_owned_gets_an_owner(council, office, owner):
    action = make_partner_action(council)
    link, _ = make_link(action, by=office.user)
    assert ending(link) is None

    action_changes.hand_over(action, to=owner.user, by=None, on=TODAY, reason=REASON)

    assert ending(link) == Ending.REASSIGNED


def test_a_link_ends_when_the_action_goes_to_another_agency_or_to_none(council, action, link, office):
    action.agency = factories.make_agency(council, "Northbridge Health", "health")
    save_because(action, by=None, reason=REASON)
    second, _ = make_link(action, by=office.user)
    assert (ending(link), ending(second)) == (Ending.REASSIGNED, None)

    action.agency = None
    save_because(action, by=None, reason=REASON)

    assert ending(second) == Ending.REASSIGNED


def test_a_link_ends_when_the_action_is_claimed_cancelled_or_restricted_even_if_that_is_taken_back(action, link):
    other, _ = make_link(action, by=link.made_by)
    action_changes.add_evidence(action, title="Rota", location="X", by=None, on=TODAY, at=NOW)
    factories.make_update(action, says_done=True)
    action_changes.send_back(action, by=factories.make_user("Imran Sadiq"), on=TODAY, reason="Not yet")
    assert ending(link) == Ending.CLOSED

    found = fresh(action)
    found.is_restricted, found.restricted_reason = True, "Names a member of staff"
    save_because(found, by=None, reason=REASON)
    found.is_restricted = False
    save_because(found, by=None, reason=REASON)

    assert ending(other) == Ending.RESTRICTED


def test_a_cancelled_action_ends_a_link(action, link):
    action_changes.cancel(action, by=None, on=TODAY, reason=REASON)

    assert ending(link) == Ending.CLOSED


def test_an_update_a_moved_deadline_and_new_evidence_leave_a_link_as_it_is(action, link):
    factories.make_update(action, rating="at_risk")
    factories.make_deadline_change(action, date(2026, 8, 28))
    factories.make_evidence(action)

    assert ending(link) is None


# Answering


@pytest.mark.parametrize(("kind", "said"), [("update", UPDATE), ("evidence", EVIDENCE), ("new_date", NEW_DATE)])
def test_an_answer_waits_and_ends_its_link_and_the_history_names_the_person(action, link, kind, said):
    before = fresh(action)

    answer = make_answer(link, kind)

    assert answer.state == PartnerAnswer.State.WAITING
    assert all(getattr(fresh(answer), name) == value for name, value in said.items())
    assert ending(link) == Ending.USED
    assert (last(answer).actor, last(answer).history_user) == (BY_LINK, None)
    assert (last(fresh(link)).actor, last(fresh(link)).history_change_reason) == (BY_LINK, "Link used")
    assert answer.history.count() == 1
    # Nothing counts yet.
    assert fresh(action).history.count() == before.history.count()
    assert not ProgressUpdate.objects.exists()
    assert not Evidence.objects.exists()
    assert not DeadlineRequest.objects.exists()


def test_a_text_said_to_identify_nobody_keeps_why(link):
    answer = make_answer(link, safe_because="It is our own postcode.")

    assert last(answer).history_change_reason == "Given by a link, said to identify no child: It is our own postcode."


def test_of_two_answers_by_one_link_the_first_is_kept(link):
    first = make_answer(link)

    with pytest.raises(changes.LinkOver, match="used"):
        make_answer(link, "evidence")
    assert list(PartnerAnswer.objects.all()) == [first]


def test_the_database_holds_one_answer_a_link(link):
    make_answer(link)

    with pytest.raises(IntegrityError), transaction.atomic():
        save_because(PartnerAnswer(link=link, kind="update", submitted_at=NOW, **UPDATE), by=None, reason=REASON)


def test_no_answer_is_taken_by_a_link_that_is_over(action, link):
    action_changes.cancel(action, by=None, on=TODAY, reason=REASON)

    with pytest.raises(changes.LinkOver) as refusal:
        make_answer(link)
    assert refusal.value.ending == Ending.CLOSED
    with pytest.raises(changes.LinkOver):
        changes.answer(link, kind="update", at=NOW + timedelta(days=4), on=TODAY, **UPDATE)


def test_a_date_that_nobody_could_agree_to_is_refused_and_the_link_lives(action, link):
    with pytest.raises(action_changes.SameDeadline, match="present deadline"):
        make_answer(link, "new_date", new_date=action.deadline)
    with pytest.raises(action_changes.WrongDates, match="after today"):
        make_answer(link, "new_date", new_date=TODAY)

    assert ending(link) is None


def test_a_very_long_name_fits_into_the_history(council, action, office):
    agency = factories.make_agency(council, "N" * 200)
    action.agency = agency
    save_because(action, by=None, reason=REASON)
    link, _ = make_link(action, by=office.user, person_name="J" * 100)

    assert len(last(make_answer(link)).actor) == 300


# Accepting


def test_an_update_that_is_accepted_is_on_the_action_with_who_reported_it(action, link, office):
    answer = make_answer(link)

    accept(answer, office)

    update = ProgressUpdate.objects.get()
    assert update.narrative == "Reported by Sgt Jo Hall, Northbridge Police: Two officers have started."
    assert (update.by, update.rating, update.on) == (office.user, "at_risk", TODAY)
    assert fresh(action).rating == "at_risk"
    answer = fresh(answer)
    assert (answer.state, answer.decided_by, answer.decided_on) == ("accepted", office.user, TODAY)
    assert (last(answer).actor, last(answer).history_change_reason) == ("Aisha Rahman", "Accepted")


def test_evidence_that_is_accepted_waits_to_be_checked_like_any_other(action, link, office):
    accept(make_answer(link, "evidence", evidence_dated_on=date(2026, 5, 1)), office)

    piece = Evidence.objects.get()
    assert (piece.title, piece.location) == (
        "Duty rota, May (from Northbridge Police)",
        "Police SharePoint: Duty, May",
    )
    assert (piece.added_by, piece.state, piece.dated_on) == (office.user, Evidence.State.WAITING, date(2026, 5, 1))


def test_a_new_date_that_is_accepted_is_asked_for_by_the_officer_who_then_does_not_decide(action, link, office):
    accept(make_answer(link, "new_date"), office)

    request = DeadlineRequest.objects.get()
    assert (request.to_deadline, request.asked_by) == (date(2026, 8, 14), office.user)
    assert request.reason == "Asked for by Sgt Jo Hall, Northbridge Police: Vetting takes six weeks."
    assert (request.effect_on_children, request.done_to_avoid) == (
        "None: cover is in place.",
        "Asked for it to be quicker.",
    )
    assert fresh(action).deadline == action.deadline
    with pytest.raises(action_changes.OwnRequest):
        action_changes.agree(
            request,
            level="board",
            reason="Yes",
            by=office.user,
            on=TODAY,
            at=NOW,
            calendar=calendar(),
            practices=practices_of(action.authority),
        )


def test_an_answer_that_is_declined_stays_with_its_reason_and_changes_nothing(action, link, office):
    answer = make_answer(link)

    changes.decline(answer, by=office.user, on=TODAY, reason="Jo Hall has moved on.")

    answer = fresh(answer)
    assert (answer.state, answer.decision_reason, answer.decided_by) == (
        "declined",
        "Jo Hall has moved on.",
        office.user,
    )
    assert last(answer).history_change_reason == "Declined: Jo Hall has moved on."
    assert not ProgressUpdate.objects.exists()


def test_the_second_officer_is_told_what_the_first_decided(council, link, office):
    marcus = factories.marcus(council)
    answer = make_answer(link)
    accept(answer, office)

    said = re.escape("Aisha Rahman has accepted it already, on 6 May 2026. Nothing was changed.")
    with pytest.raises(changes.AlreadyDecided, match=said):
        accept(answer, marcus)
    with pytest.raises(changes.AlreadyDecided, match=said):
        changes.decline(answer, by=marcus.user, on=TODAY, reason="No")
    assert ProgressUpdate.objects.count() == 1
    assert fresh(answer).state == "accepted"


def test_an_answer_that_the_action_no_longer_takes_stays_waiting(action, link, office):
    answer = make_answer(link)
    action_changes.cancel(action, by=None, on=TODAY, reason=REASON)

    with pytest.raises(action_changes.ActionClosed):
        accept(answer, office)
    assert fresh(answer).state == "waiting"


def test_a_new_date_is_refused_while_another_request_waits(action, link, office, owner):
    answer = make_answer(link, "new_date")
    other, _ = make_link(action, by=office.user)
    accept(make_answer(other, "new_date"), office)

    with pytest.raises(action_changes.AlreadyAsked):
        accept(answer, office)
    assert fresh(answer).state == "waiting"


def test_a_date_that_has_passed_by_the_time_is_refused(link, office):
    answer = make_answer(link, "new_date")

    with pytest.raises(action_changes.WrongDates):
        accept(answer, office, on=date(2026, 8, 14))


# Who looks after what


def test_the_office_and_the_head_of_the_service_look_after_a_partner_and_nobody_else(council, action, owner):
    health = make_partner_action(council, service=factories.make_service(council, "Leaving care"))
    people = {
        "office": factories.aisha(council),
        "head": factories.marcus(council),
        "owner": owner,
        "director": factories.rachel(council),
        "partner": factories.helen(council),
        "inspector": factories.ines(council),
        "councillor": factories.make_member(council, Role.COUNCILLOR, "Judith Lowe"),
    }

    assert {name for name, person in people.items() if looks_after(person, action)} == {"office", "head"}
    assert {name for name, person in people.items() if looks_after(person, health)} == {"office"}


def test_the_rule_and_the_list_of_whose_answers_wait_agree(council, action, owner):
    elsewhere = make_partner_action(council, service=factories.make_service(council, "Leaving care"))
    headed = make_partner_action(council, service=None, owner=factories.marcus(council).user)
    aisha = factories.aisha(council)
    for one in (action, elsewhere, headed):
        make_answer(make_link(one, by=aisha.user)[0])
    members = [
        aisha,
        factories.member_of(council, headed.owner),
        owner,
        factories.rachel(council),
        factories.helen(council),
        factories.ines(council),
    ]

    for member in members:
        by_rule = {a.pk for a in PartnerAnswer.objects.all() if looks_after(member, a.link.action)}
        assert {a.pk for a in PartnerAnswer.objects.visible_to(member).looked_after_by(member)} == by_rule
        assert waiting_answers(member).count == len(by_rule)


def test_what_waits_is_counted_for_those_who_decide(council, link, office):
    assert waiting_answers(office) == (0, "/partners/answers/")
    make_answer(link)

    assert waiting_answers(office) == (1, "/partners/answers/")
    assert waiting_answers(factories.marcus(council)) == (1, "/partners/answers/")
    assert waiting_answers(factories.dee(council)) == (0, "")


def test_until_it_is_accepted_an_answer_is_shown_to_those_who_decide_only(council, action, link, office):
    ines, judith = factories.ines(council), factories.make_member(council, Role.COUNCILLOR, "Judith Lowe")
    declined = make_answer(make_link(action, by=office.user)[0])
    changes.decline(declined, by=office.user, on=TODAY, reason="No")
    answer = make_answer(link)

    def seen(member):
        return set(PartnerAnswer.objects.visible_to(member))

    assert (seen(office), seen(ines), seen(judith), seen(factories.helen(council))) == (
        {answer, declined},
        set(),
        set(),
        set(),
    )
    accept(answer, office)
    assert (seen(ines), seen(judith)) == ({answer}, {answer})


def test_what_belongs_to_a_restricted_action_or_another_council_is_withheld(council, action, link, office):
    accept(make_answer(link), office)
    elsewhere = factories.make_authority("Southbridge", "southbridge")
    there = factories.make_member(elsewhere, Role.PROGRAMME_OFFICE, "Olu Bello")
    found = fresh(action)
    found.is_restricted, found.restricted_reason = True, "Names a member of staff"
    save_because(found, by=None, reason=REASON)

    for member in (there, factories.ines(council), factories.marcus(council), None):
        assert not PartnerAnswer.objects.visible_to(member).exists()
        assert not PartnerLink.objects.visible_to(member).exists()
    assert PartnerAnswer.objects.visible_to(office).count() == 1


def test_finding_a_link_takes_one_query(action, office):
    _, secret = make_link(action, by=office.user)

    with CaptureQueriesContext(connection) as captured:
        link_behind(secret).ending(at=NOW)

    assert len(captured) == 1


def test_a_maker_who_leaves_does_not_end_a_link(link, office):
    account_changes.switch_off(office.user, by=None, reason=REASON)

    assert ending(link) is None
