from datetime import date, timedelta

import pytest

from accounts.roles import Role
from tests.factories import TODAY, aisha, dee, fresh, ines, make_action, make_authority, make_member, priya, rachel
from tracker.audit.history import save_because
from tracker.reminders import addresses, changes
from tracker.reminders.models import AddressTrouble

pytestmark = pytest.mark.django_db

PAGE = "/emails/addresses/"
NO_SUCH = "The mail server answered 550 No such user"


def refuse(user, *days, address=""):
    for day in days:
        changes.note_refusals([(user.pk, address or user.email, NO_SUCH)], on=day)


def days_until(last, number=3):
    return [last - timedelta(days=back) for back in reversed(range(number))]


def stopped(user):
    refuse(user, *days_until(TODAY))
    return AddressTrouble.objects.get(user=user, cleared_on=None)


# Noting


def test_an_address_refused_on_three_days_is_not_tried_any_more(council):
    owner = priya(council)

    refuse(owner.user, *days_until(TODAY, 2))
    assert AddressTrouble.objects.get().stopped_on is None
    refuse(owner.user, TODAY + timedelta(days=1))

    trouble = AddressTrouble.objects.get()
    assert (trouble.refusals, trouble.stopped_on) == (3, TODAY + timedelta(days=1))
    assert (trouble.first_on, trouble.last_on, trouble.last_error) == (
        TODAY - timedelta(days=1),
        TODAY + timedelta(days=1),
        NO_SUCH,
    )


def test_refusals_of_one_day_count_once(council):
    owner = priya(council)

    refuse(owner.user, TODAY, TODAY, TODAY)

    assert AddressTrouble.objects.get().refusals == 1


def test_an_email_that_was_taken_ends_the_trouble(council):
    owner = priya(council)
    refuse(owner.user, *days_until(TODAY, 2))

    changes.note_accepted([(owner.user.pk, owner.user.email)], on=TODAY)
    refuse(owner.user, TODAY)

    assert list(AddressTrouble.objects.order_by("pk").values_list("refusals", "cleared_on")) == [(2, TODAY), (1, None)]


def test_another_address_of_the_same_person_is_another_trouble(council):
    owner = priya(council)
    refuse(owner.user, *days_until(TODAY, 2))

    refuse(owner.user, TODAY, address="priya.nair@elsewhere.example")
    changes.note_accepted([(owner.user.pk, "priya.nair@elsewhere.example")], on=TODAY)

    assert AddressTrouble.objects.get(cleared_on=None).address == owner.user.email


def test_many_refusals_are_noted_in_as_many_queries_as_one(council, django_assert_max_num_queries):
    people = [make_member(council, name=f"Person {letter}").user for letter in "ABCDE"]
    refuse(people[0], TODAY - timedelta(days=1))

    with django_assert_max_num_queries(6):
        changes.note_refusals([(user.pk, user.email, NO_SUCH) for user in people], on=TODAY)

    assert AddressTrouble.objects.count() == 5


def test_nothing_refused_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(2):  # The savepoint of the transaction.
        changes.note_refusals([], on=TODAY)


# Trying again


def test_trying_again_keeps_who_and_when(council):
    trouble = stopped(priya(council).user)
    officer = aisha(council)

    changes.try_address_again(trouble, by=officer.user, on=TODAY)

    trouble = fresh(trouble)
    assert (trouble.cleared_by, trouble.cleared_on) == (officer.user, TODAY)
    assert not AddressTrouble.objects.stopped().exists()


def test_what_is_refused_again_after_it_is_counted_anew(council):
    owner = priya(council)
    changes.try_address_again(stopped(owner.user), by=aisha(council).user, on=TODAY)

    refuse(owner.user, TODAY + timedelta(days=1))

    assert AddressTrouble.objects.get(cleared_on=None).refusals == 1


@pytest.mark.parametrize("number", [1, 2])
def test_an_address_that_is_still_tried_needs_no_trying_again(council, number):
    owner = priya(council)
    refuse(owner.user, *days_until(TODAY, number))

    with pytest.raises(changes.NotStopped, match="Nothing was changed"):
        changes.try_address_again(AddressTrouble.objects.get(), by=aisha(council).user, on=TODAY)


# The page


def test_the_office_sees_who_cannot_be_reached_and_what_nobody_is_reminded_of(client, signed_in, council):
    owner = priya(council)
    make_action(council, owner=owner.user, title="Screen every notification")
    make_action(council, owner=owner.user, title="A secret", is_restricted=True, restricted_reason="One family")
    make_action(council, owner=owner.user, completed_on=date(2026, 4, 20), title="Finished long ago")
    stopped(owner.user)
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Nothing is sent to 1 person." in page
    assert "priya.nair@council.example" in page
    assert NO_SUCH in page
    assert 'href="/plans/2026/actions/3.1/"' in page
    assert "1 restricted action" in page
    assert "A secret" not in page
    assert "/plans/2026/actions/3.3/" not in page


def test_an_address_refused_once_is_shown_as_still_tried(client, signed_in, council):
    refuse(priya(council).user, TODAY)
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Everybody is still written to." in page
    assert "Still tried" in page
    assert "Try this address again" not in page


def test_nobody_refused_is_said(client, signed_in, council):
    page = signed_in(client, aisha(council)).get(PAGE).content.decode()

    assert "Everybody can be reached: no address is refused." in page


def test_a_corrected_address_is_no_trouble_any_more(client, signed_in, council):
    owner = priya(council)
    stopped(owner.user)
    owner.user.email = "priya.nair@northbridge.example"
    save_because(owner.user, by=None, reason="Address corrected")
    officer = aisha(council)

    assert addresses.troubled(officer, on=TODAY).count == 0
    assert "Everybody can be reached" in signed_in(client, officer).get(PAGE).content.decode()


def test_the_button_tries_again_and_the_page_says_who_did(client, signed_in, council):
    trouble = stopped(priya(council).user)
    signed_in(client, aisha(council))

    page = client.post(f"{PAGE}{trouble.pk}/try-again/", follow=True).content.decode()

    assert "Emails go to priya.nair@council.example again" in page
    assert "Aisha Rahman, 6 May 2026" in page


def test_the_second_of_two_people_hears_that_it_is_done(client, signed_in, council):
    trouble = stopped(priya(council).user)
    officer = aisha(council)
    changes.try_address_again(trouble, by=rachel(council).user, on=TODAY)

    page = signed_in(client, officer).post(f"{PAGE}{trouble.pk}/try-again/", follow=True).content.decode()

    assert "Emails go to priya.nair@council.example already. Nothing was changed." in page
    assert fresh(trouble).cleared_by.name == "Rachel Adeyemi"


@pytest.mark.parametrize("who", [priya, rachel, ines])
def test_others_may_not_look_nor_try(client, signed_in, council, who):
    trouble = stopped(dee(council).user)
    signed_in(client, who(council))

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}{trouble.pk}/try-again/").status_code == 403
    assert fresh(trouble).cleared_on is None


def test_who_keeps_people_sees_it_too(client, signed_in, council):
    stopped(priya(council).user)
    page = signed_in(client, make_member(council, Role.ADMINISTRATOR, "Bola Adewale")).get(PAGE).content.decode()

    assert "Nothing is sent to 1 person." in page


def test_one_council_does_not_see_anothers_people(client, signed_in, council):
    trouble = stopped(priya(council).user)
    officer = make_member(make_authority("Southmere Council", "southmere"), Role.PROGRAMME_OFFICE, "Amy Doyle")
    signed_in(client, officer)

    assert "Everybody can be reached" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{trouble.pk}/try-again/").status_code == 404
    assert addresses.troubled(officer, on=TODAY).count == 0


def test_a_person_in_two_councils_is_seen_by_both_with_their_own_actions(client, signed_in, council):
    owner = priya(council)
    southmere = make_authority("Southmere Council", "southmere")
    make_member(southmere, user=owner.user)
    make_action(council, owner=owner.user)
    trouble = stopped(owner.user)
    here = aisha(council)
    there = make_member(southmere, Role.PROGRAMME_OFFICE, "Amy Doyle")

    assert [one.number for one in addresses.refused(here, on=TODAY)] == [1]
    assert [one.number for one in addresses.refused(there, on=TODAY)] == [0]
    changes.try_address_again(trouble, by=here.user, on=TODAY)
    assert [one.by for one in addresses.cleared_lately(there, on=TODAY)] == ["Someone in another council"]


def test_the_page_of_emails_says_who_cannot_be_reached(client, signed_in, council):
    stopped(priya(council).user)
    officer = aisha(council)
    page = signed_in(client, officer).get("/emails/").content.decode()

    assert "Nothing is sent to 1 person" in page
    assert addresses.troubled(officer, on=TODAY) == addresses.Troubled(1, PAGE)


def test_the_number_of_queries_does_not_grow_with_the_addresses(
    client, signed_in, council, django_assert_max_num_queries
):
    for letter in "ABCDE":
        user = make_member(council, name=f"Person {letter}").user
        make_action(council, owner=user)
        stopped(user)
    signed_in(client, aisha(council))

    with django_assert_max_num_queries(8):
        client.get(PAGE)
