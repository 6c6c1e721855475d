from datetime import date
from itertools import pairwise

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    dee,
    helen,
    ines,
    make_agency,
    make_authority,
    make_member,
    marcus,
    member_of,
    priya,
)  # fmt: skip
from tracker.reminders import changes, choosing
from tracker.reminders.models import KindOff, Preference
from tracker.reminders.preferences import Choices, covers_for, edition_of
from tracker.reminders.rules import REQUIRED, Cadence, Kind

PAGE = "/account/notifications/"
FROM, TO = date(2026, 5, 4), date(2026, 5, 8)


def offered(member):
    return [choice.kind for choice in choosing.optional(choosing.choices(Cadence(), sees_plan=member.sees_plan))]


def choose(member, **chosen):
    """What the person chose before, but for what is given."""
    choices = Choices.read({key(member)}, on=TODAY)
    values = {
        "wanted": [kind for kind in offered(member) if choices.wants(*key(member), kind)],
        "weekly_day": 0,
        "hour": 8,
        "at_once": False,
        "late_is_weekly": False,
        "away_from": None,
        "away_to": None,
        "cover": None,
        "seen": edition_of(member),
        "on": TODAY,
        **chosen,
    }
    return changes.set_preferences(member, **values)


def key(member):
    return member.authority.pk, member.user.pk


def posted(member, **chosen):
    data = {
        "wanted": [kind.value for kind in offered(member) if kind != Kind.WEEKLY],
        "late": "as-it-comes",
        "decisions": "joined",
        "hour": "8",
        "weekly_day": "0",
        "cover": "",
        "seen": str(edition_of(member)),
        **{f"{name}-{box}": "" for name in ("away_from", "away_to") for box in ("day", "month", "year")},
    }
    for name, value in chosen.items():
        if isinstance(value, date):
            data |= {f"{name}-day": value.day, f"{name}-month": value.month, f"{name}-year": value.year}
        else:
            data[name] = value
    return data


# Rules


@pytest.mark.parametrize(
    ("away_from", "away_to", "has_cover", "fields"),
    [
        (None, None, False, []),
        (FROM, TO, True, []),
        (TODAY, TODAY, True, []),
        (None, TO, True, ["away_from"]),
        (FROM, None, True, ["away_to"]),
        (FROM, TO, False, ["cover"]),
        (None, None, True, ["away_from", "away_to"]),
        (FROM, None, False, ["away_to", "cover"]),
        (TO, FROM, True, ["away_to"]),
        (FROM, date(2026, 5, 5), True, ["away_to"]),
        (FROM, date(2027, 5, 4), True, []),
        (FROM, date(2027, 5, 5), True, ["away_to"]),
    ],
)
def test_a_time_away_is_whole_and_not_over_and_at_most_a_year(away_from, away_to, has_cover, fields):
    problems = choosing.why_not_away(away_from, away_to, has_cover=has_cover, on=TODAY)

    assert [name for name, _ in problems] == fields


@pytest.mark.parametrize(
    ("hour", "words"), [(8, "8:00am"), (11, "11:00am"), (12, "12:00pm"), (13, "1:00pm"), (17, "5:00pm")]
)
def test_an_hour_is_said_as_people_say_it(hour, words):
    assert choosing.hour_in_words(hour) == words


def test_every_kind_has_a_name_and_a_sentence_where_people_choose():
    found = choosing.choices(Cadence(), sees_plan=True)

    assert {choice.kind for choice in found} == set(Kind)
    assert all(choice.sentence.endswith(".") for choice in found)


def test_the_sentences_say_the_numbers_of_the_council():
    found = {choice.kind: choice.sentence for choice in choosing.choices(Cadence(due=(12, 3)), sees_plan=True)}

    assert found[Kind.DUE].startswith("12 and 3 working days before")


# Reading


@pytest.mark.django_db
def test_who_chose_nothing_has_all_as_it_comes(council):
    owner = priya(council)

    choices = Choices.read({key(owner)}, on=TODAY)

    assert all(choices.wants(*key(owner), kind) for kind in Kind if kind != Kind.WEEKLY)
    assert (choices.hour(*key(owner)), choices.weekly_day(*key(owner))) == (8, 0)
    assert not choices.at_once(*key(owner))
    assert not choices.late_is_weekly(*key(owner))
    assert choices.cover(*key(owner)) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "comes"), [(aisha, True), (priya, False), (helen, False)])
def test_the_weekly_summary_comes_by_itself_to_those_who_answer_for_the_plan(council, who, comes):
    member = who(council)

    assert Choices.read({key(member)}, on=TODAY).wants(*key(member), Kind.WEEKLY) is comes


@pytest.mark.django_db
def test_the_number_of_queries_does_not_depend_on_the_number_of_people(council, django_assert_max_num_queries):
    people = [make_member(council, name=f"Person {letter}") for letter in "ABCDE"]
    for one, other in pairwise(people):
        choose(one, away_from=FROM, away_to=TO, cover=other.user)

    with django_assert_max_num_queries(4):
        choices = Choices.read({key(one) for one in people}, on=TODAY)

    assert choices.cover(*key(people[0])) == people[1].user.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("on", "is_covered"),
    [(date(2026, 5, 3), False), (FROM, True), (TO, True), (date(2026, 5, 9), False)],
)
def test_cover_is_in_force_from_its_first_to_its_last_day(council, on, is_covered):
    owner, cover = priya(council), dee(council)
    choose(owner, away_from=FROM, away_to=TO, cover=cover.user)

    assert (Choices.read({key(owner)}, on=on).cover(*key(owner)) == cover.user.pk) is is_covered


@pytest.mark.django_db
def test_someone_who_has_left_covers_nobody(council):
    owner, cover = priya(council), dee(council)
    choose(owner, away_from=FROM, away_to=TO, cover=cover.user)
    account_changes.switch_off(cover.user, by=None, reason="Has left")

    assert Choices.read({key(owner)}, on=TODAY).cover(*key(owner)) is None


@pytest.mark.django_db
def test_a_person_in_two_councils_chooses_for_each(council):
    here = priya(council)
    there = make_member(make_authority("Southmere Council", "southmere"), user=here.user)
    choose(here, hour=10, wanted=[])

    choices = Choices.read({key(here), key(there)}, on=TODAY)

    assert (choices.hour(*key(here)), choices.hour(*key(there))) == (10, 8)
    assert not choices.wants(*key(here), Kind.DUE)
    assert choices.wants(*key(there), Kind.DUE)


# Changes


@pytest.mark.django_db
def test_a_choice_is_kept_with_who_and_why(council):
    owner = priya(council)

    said = choose(owner, hour=9, weekly_day=4, late_is_weekly=True, at_once=True)

    row = Preference.history.get()
    assert row.actor == "Priya Nair"
    assert row.history_change_reason == f"Chosen in the account: {'; '.join(said)}"
    assert said == [
        "emails from 9:00am",
        "what is weekly on Friday",
        "decisions and new actions at once",
        "overdue actions once a week",
    ]


@pytest.mark.django_db
def test_each_kind_that_is_switched_leaves_one_history_row(council):
    owner = priya(council)

    choose(owner, wanted=[kind for kind in offered(owner) if kind not in {Kind.DUE, Kind.VISIT, Kind.WEEKLY}])
    choose(owner, wanted=[kind for kind in offered(owner) if kind not in {Kind.VISIT, Kind.WEEKLY}])

    assert {(row.kind, row.is_off) for row in KindOff.objects.all()} == {("due", False), ("visit", True)}
    assert sorted((row.kind, row.is_off) for row in KindOff.history.all()) == [
        ("due", False),
        ("due", True),
        ("visit", True),
    ]
    assert set(KindOff.history.values_list("actor", flat=True)) == {"Priya Nair"}


@pytest.mark.django_db
def test_saving_the_same_again_writes_nothing(council):
    owner = priya(council)

    assert choose(owner) == []
    assert not Preference.objects.exists()


@pytest.mark.django_db
def test_what_is_required_stays_on_whatever_was_asked(council):
    owner = priya(council)

    choose(owner, wanted=[])
    changes.stop_kinds(council, owner.user, kinds=list(Kind), email_of=TODAY, on=TODAY)

    choices = Choices.read({key(owner)}, on=TODAY)
    assert [kind for kind in Kind if choices.wants(*key(owner), kind)] == list(REQUIRED)
    assert not KindOff.objects.filter(kind__in=REQUIRED).exists()


@pytest.mark.django_db
def test_choices_changed_meanwhile_are_not_overwritten(council):
    owner = priya(council)
    seen = edition_of(owner)
    changes.stop_kinds(council, owner.user, kinds=[Kind.DUE], email_of=TODAY, on=TODAY)

    with pytest.raises(changes.ChangedSince, match="Your choices were changed in the meantime"):
        choose(owner, seen=seen, hour=9)

    assert Preference.objects.get().hour == 8


@pytest.mark.django_db
def test_a_time_away_that_is_not_whole_is_refused(council):
    with pytest.raises(changes.NotAway, match="Choose who gets a copy"):
        choose(priya(council), away_from=FROM, away_to=TO)


def oneself(council, owner):
    return owner


def someone_of_another_council(council, owner):
    return priya_of_southmere()


def priya_of_southmere():
    return make_member(make_authority("Southmere Council", "southmere"), name="Amy Doyle")


@pytest.mark.django_db
@pytest.mark.parametrize("who", [oneself, someone_of_another_council, lambda c, o: helen(c), lambda c, o: ines(c)])
def test_cover_is_a_colleague_who_sees_the_plan(council, who):
    owner = priya(council)

    with pytest.raises(changes.CannotCover, match="cannot cover for you"):
        choose(owner, away_from=FROM, away_to=TO, cover=who(council, owner).user)


@pytest.mark.django_db
def test_a_partner_is_covered_by_their_own_agency_only(council):
    partner = helen(council)
    colleague = make_member(council, Role.PARTNER, "Karl Benn")
    make_member(council, Role.PARTNER, "Nia Rees", agency=make_agency(council, "Northbridge Health", "health"))
    priya(council)

    assert covers_for(partner, on=TODAY) == [colleague.user]


@pytest.mark.django_db
def test_those_who_may_cover_are_the_council_less_partners_inspectors_leavers_and_oneself(council):
    owner, colleague = priya(council), dee(council)
    helen(council)
    ines(council)
    priya_of_southmere()
    account_changes.switch_off(marcus(council).user, by=None, reason="Has left")

    assert covers_for(owner, on=TODAY) == [colleague.user]


# Pages


@pytest.mark.django_db
def test_the_account_says_who_one_is_and_leads_on(client, signed_in, council):
    owner = priya(council)
    make_member(make_authority("Southmere Council", "southmere"), user=owner.user)
    page = signed_in(client, owner).get("/account/").content.decode()

    assert "You are Priya Nair, in Northbridge County Council" in page
    assert "See the plan and update their own actions." in page
    assert "You also work in Southmere Council" in page
    assert 'href="/account/notifications/"' in page
    assert 'href="/account/calendar/"' in page


@pytest.mark.django_db
def test_the_name_at_the_top_leads_to_the_account(client, signed_in, council):
    page = signed_in(client, priya(council)).get("/my-actions/").content.decode()

    assert '<a href="/account/">Priya Nair</a>' in page


@pytest.mark.django_db
def test_an_inspector_has_an_account_and_no_reminders_to_choose(client, signed_in, council):
    signed_in(client, ines(council))

    page = client.get("/account/").content.decode()
    assert "Your access ends on 31 July 2026" in page
    assert "/account/notifications/" not in page
    assert client.get(PAGE).status_code == 403


@pytest.mark.django_db
def test_the_page_says_what_always_comes_and_ticks_what_is_on(client, signed_in, council):
    owner = priya(council)
    choose(owner, wanted=[Kind.DUE])
    page = signed_in(client, owner).get(PAGE).content.decode()

    assert "These cannot be switched off" in page
    assert "1, 3 and 7 working days after a deadline of yours has passed, then every 5." in page
    assert 'name="wanted" value="late"' not in page
    ticked = [line for line in page.split("<input") if 'name="wanted"' in line and "checked" in line]
    assert len(ticked) == 1
    assert 'value="due"' in ticked[0]


@pytest.mark.django_db
def test_a_partner_is_not_offered_what_only_the_council_is_told(client, signed_in, council):
    page = signed_in(client, helen(council)).get(PAGE).content.decode()

    assert 'value="due"' in page
    assert 'value="clock"' not in page
    assert "priority or service that you lead" not in page


@pytest.mark.django_db
def test_choices_are_saved_and_said(client, signed_in, council):
    owner, cover = priya(council), dee(council)
    signed_in(client, owner)

    data = posted(owner, hour="9", late="weekly", away_from=FROM, away_to=TO, cover=cover.user.pk)
    page = client.post(PAGE, data, follow=True).content.decode()

    row = Preference.objects.get()
    assert (row.hour, row.late_is_weekly, row.cover) == (9, True, cover.user)
    assert "Choices saved. Emails from 9:00am; overdue actions once a week; Dee Walsh gets a copy" in page


@pytest.mark.django_db
def test_nothing_changed_is_said_too(client, signed_in, council):
    owner = priya(council)
    page = signed_in(client, owner).post(PAGE, posted(owner), follow=True).content.decode()

    assert "Nothing was changed." in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"hour": "7"}, "Select a time from the list"),
        ({"weekly_day": "6"}, "Select a day from the list"),
        ({"late": ""}, "Select how often"),
        ({"decisions": "x"}, "Select when"),
        ({"wanted": ["late"]}, "Select only emails from the list"),
        ({"away_from": FROM}, "Enter the last day that you are away"),
        ({"away_from": FROM, "away_to": TO}, "Choose who gets a copy of your emails while you are away"),
        ({"seen": ""}, "Open this page again and choose once more"),
        ({"cover": "99999"}, "Choose someone from the list"),
    ],
)
def test_each_error_says_what_to_do_and_keeps_what_was_chosen(client, signed_in, council, chosen, message):
    owner = priya(council)
    signed_in(client, owner)

    page = client.post(PAGE, posted(owner, **{"hour": "11", **chosen})).content.decode()

    assert message in page
    assert "<title>Error: " in page
    assert "hour" in chosen or '<option value="11" selected>' in page
    assert not Preference.objects.exists()


@pytest.mark.django_db
def test_a_form_of_before_an_unsubscribe_asks_to_look_again_and_then_saves(client, signed_in, council):
    owner = priya(council)
    signed_in(client, owner)
    data = posted(owner, hour="9")
    changes.stop_kinds(council, owner.user, kinds=[Kind.DUE], email_of=TODAY, on=TODAY)

    page = client.post(PAGE, data).content.decode()

    assert "Your choices were changed in the meantime" in page
    assert client.post(PAGE, data | {"seen": str(edition_of(owner))}).status_code == 302
    assert Preference.objects.get().hour == 9


@pytest.mark.django_db
def test_a_cover_that_is_over_is_not_shown_again(client, signed_in, council, today):
    owner, cover = priya(council), dee(council)
    choose(owner, away_from=FROM, away_to=TO, cover=cover.user)
    today(date(2026, 5, 11))

    page = signed_in(client, owner).get(PAGE).content.decode()

    assert f'<option value="{cover.user.pk}" selected>' not in page


@pytest.mark.django_db
def test_a_person_in_two_councils_chooses_for_the_one_they_act_in(client, signed_in, council):
    here = priya(council)
    southmere = make_authority("Southmere Council", "southmere")
    there = make_member(southmere, user=here.user)
    signed_in(client, there).post(PAGE, posted(there, hour="12"))

    assert Preference.objects.get().authority == southmere
    assert edition_of(member_of(council, here.user)) == 0
