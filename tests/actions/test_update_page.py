"""Saying what has changed: three fields, good words for what is missing, and nothing typed is ever lost."""

from datetime import date

import pytest

from accounts import changes as account_changes
from tests.actions.pages import errors_of, messages_of, page_of, text_of, update_fields
from tests.factories import (
    PASSWORD,
    TODAY,
    aisha,
    dee,
    fresh,
    helen,
    ines,
    make_action,
    make_agency,
    make_authority,
    make_evidence,
    make_member,
    make_milestone,
    make_service,
    make_update,
    marcus,
    member_of,
    priya,
)
from tracker.actions.models import ProgressUpdate

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def action(council, owner):
    return make_action(
        council, owner=owner.user, service=make_service(council, head=marcus(council).user), rating="at_risk"
    )


@pytest.fixture
def as_owner(client, signed_in, owner):
    return signed_in(client, owner)


def post(client, action, **changed):
    return client.post(page_of(action, "update"), update_fields(action, **changed))


# The form


def test_the_form_asks_what_has_changed_since_the_last_update_and_keeps_the_last_rating(as_owner, action):
    answer = as_owner.get(page_of(action, "update"))

    assert answer.status_code == 200
    assert "What has changed since 15 April?" in text_of(answer)
    assert "Say what is different for children. Do not name any child or family." in text_of(answer)
    assert answer.context["form"]["rating"].value() == "at_risk"
    assert b'data-maxlength="500"' in answer.content


def test_a_first_update_asks_what_has_been_done_so_far(as_owner, council, owner):
    action = make_action(council, owner=owner.user)

    answer = as_owner.get(page_of(action, "update"))
    assert "What has been done so far?" in text_of(answer)

    refused = post(as_owner, action, narrative="")
    assert errors_of(refused) == {"narrative": ["Enter what has been done so far"]}


def test_the_form_offers_the_milestones_still_to_do(as_owner, action):
    make_milestone(action, "Rota agreed", done_on=TODAY)
    make_milestone(action, "Audit of 30", due_on=date(2026, 5, 29))

    text = text_of(as_owner.get(page_of(action, "update")))

    assert "Audit of 30 (due 29 May)" in text
    assert "Rota agreed" not in text


def test_the_form_says_who_checks_once_there_is_evidence_and_asks_for_evidence_before(as_owner, action):
    before = text_of(as_owner.get(page_of(action, "update")))
    make_evidence(action)
    after = text_of(as_owner.get(page_of(action, "update")))

    assert "You can say it is done once you have added a piece of evidence." in before
    assert "When it is done, Marcus Oyelaran will check it." in after


# Saving


def test_a_saved_update_returns_to_the_action_with_its_new_status(as_owner, owner, action):
    step = make_milestone(action)

    answer = post(as_owner, action, rating="off_track", milestones=[step.pk])

    assert (answer.status_code, answer.url) == (302, page_of(action))
    assert messages_of(answer) == ["Update saved. 3.1 is now off track."]
    update = action.updates.order_by("-pk").first()
    assert (update.by, update.rating, update.on) == (owner.user, "off_track", TODAY)
    assert fresh(step).done_on == TODAY


def test_an_update_of_a_late_action_says_that_it_is_still_overdue(as_owner, council, owner):
    action = make_action(council, owner=owner.user, deadline=date(2026, 5, 5))

    assert messages_of(post(as_owner, action, rating="on_track")) == ["Update saved. 3.1 is still overdue."]


def test_after_saving_my_next_overdue_action_is_one_link_away(as_owner, council, owner, action):
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5))
    make_action(council, owner=owner.user, deadline=date(2026, 5, 1))
    make_action(council, owner=dee(council).user, deadline=date(2026, 4, 1))

    answer = as_owner.get(post(as_owner, action).url)

    assert "Update your next overdue action, 3.3" in text_of(answer)
    assert b'href="/plans/2026/actions/3.3/update/"' in answer.content


def test_done_needs_evidence_and_says_so(as_owner, action):
    answer = post(as_owner, action, rating="done", narrative="All are screened.")

    assert errors_of(answer) == {"rating": ["Add a piece of evidence before you say it is done."]}
    assert "All are screened." in text_of(answer)
    assert fresh(action).claimed_on is None


def test_done_with_evidence_waits_to_be_checked(as_owner, action):
    make_evidence(action)

    answer = post(as_owner, action, rating="done")

    assert messages_of(answer) == ["Update saved. 3.1 is now waiting to be checked."]
    assert fresh(action).claimed_on == TODAY


# What is missing or wrong


def test_an_empty_form_says_what_to_enter_and_saves_nothing(as_owner, action):
    answer = post(as_owner, action, rating=None, narrative="")

    assert answer.status_code == 200
    assert errors_of(answer) == {
        "rating": ["Select how it is going"],
        "narrative": ["Enter what has changed since 15 April"],
    }
    assert b"<title>Error: Update 3.1" in answer.content
    assert "There is a problem" in text_of(answer)
    assert action.updates.count() == 1


def test_a_text_that_is_too_long_is_kept_and_the_number_told(as_owner, action):
    answer = post(as_owner, action, narrative="word " * 110)

    assert errors_of(answer) == {"narrative": ["Use 500 characters or fewer. You have used 549."]}
    assert "word word word" in text_of(answer)


def test_a_text_of_500_characters_with_new_lines_is_taken(as_owner, action):
    text = ("x" * 49 + "\r\n") * 10

    assert post(as_owner, action, narrative=text).status_code == 302


def test_a_rating_or_milestone_that_is_not_offered_is_refused(as_owner, council, action):
    theirs = make_milestone(make_action(council))

    answer = post(as_owner, action, rating="green", milestones=[theirs.pk])

    assert set(errors_of(answer)) == {"rating", "milestones"}
    assert fresh(theirs).done_on is None


def test_hidden_fields_that_were_tampered_with_are_refused(as_owner, action):
    assert set(errors_of(post(as_owner, action, seen="x", form_key="y"))) == {"seen", "form_key"}


@pytest.mark.parametrize(
    "text", ["Moved to NN1 2AB.", "Case number 123456 is closed.", "Number 943 476 5919.", "Born on 3 March 2015."]
)
def test_a_text_that_may_identify_a_child_stops_once(as_owner, action, text):
    stopped = post(as_owner, action, narrative=text)

    assert errors_of(stopped) == {"narrative": ["This may identify a child. Remove it or say why it is safe."]}
    assert "If it is safe, say why The text has what looks like a" in text_of(stopped)
    assert text in text_of(stopped)

    assert post(as_owner, action, narrative=text, safe_because="It is our own office").status_code == 302
    update = action.updates.order_by("-pk").first()
    assert update.narrative == text
    assert update.history.get().history_change_reason.endswith("It is our own office")


def test_an_ordinary_text_is_not_asked_why_it_is_safe(as_owner, action):
    assert "If it is safe" not in text_of(as_owner.get(page_of(action, "update")))
    assert "If it is safe" not in text_of(post(as_owner, action, rating=None))


# Twice, and two at once


def test_the_same_form_posted_twice_makes_one_update_and_says_the_same(as_owner, action):
    fields = update_fields(action)

    first = as_owner.post(page_of(action, "update"), fields)
    second = as_owner.post(page_of(action, "update"), fields)

    assert (second.status_code, second.url) == (first.status_code, first.url)
    assert messages_of(second)[-1] == messages_of(first)[0] == "Update saved. 3.1 is now at risk."
    assert action.updates.count() == 2


def test_a_form_that_says_done_posted_twice_is_no_error(as_owner, action):
    make_evidence(action)
    fields = update_fields(action, rating="done")

    as_owner.post(page_of(action, "update"), fields)
    second = as_owner.post(page_of(action, "update"), fields)

    assert second.status_code == 302
    assert action.updates.filter(says_done=True).count() == 1


def test_two_people_saving_at_once_see_both_texts_and_neither_is_lost(as_owner, council, action):
    fields = update_fields(action, narrative="What I wrote.")
    make_update(action, "What Marcus wrote.", by=marcus_of(council), rating="off_track")

    both = as_owner.post(page_of(action, "update"), fields)

    assert both.status_code == 409
    text = text_of(both)
    assert "Marcus Oyelaran saved an update while you were writing" in text
    assert "What Marcus wrote." in text
    assert "What I wrote." in text
    assert "Save mine too" in text
    assert "Drop mine" in text
    assert action.updates.count() == 2

    again = {**fields, "seen": both.context["form"]["seen"].value()}
    assert as_owner.post(page_of(action, "update"), again).status_code == 302
    assert [update.narrative for update in action.updates.order_by("-pk")][:2] == [
        "What I wrote.",
        "What Marcus wrote.",
    ]


def marcus_of(council):
    return council.memberships.get(user__name="Marcus Oyelaran").user


def test_a_third_update_meanwhile_is_shown_as_well(as_owner, council, action):
    fields = update_fields(action, narrative="What I wrote.")
    make_update(action, "Second.", by=marcus_of(council))
    both = as_owner.post(page_of(action, "update"), fields)
    make_update(action, "Third.", by=marcus_of(council))

    again = as_owner.post(page_of(action, "update"), {**fields, "seen": both.context["form"]["seen"].value()})

    assert again.status_code == 409
    assert "Third." in text_of(again)


def test_a_milestone_ticked_by_someone_else_meanwhile_does_not_stop_an_update(as_owner, council, action):
    step = make_milestone(action)
    fields = update_fields(action, milestones=[step.pk])
    update = make_update(action, "Ticked it.", by=marcus_of(council), milestones=[step])

    assert as_owner.post(page_of(action, "update"), {**fields, "seen": update.pk}).status_code == 302


def test_text_written_while_someone_else_finished_the_action_is_shown_again(as_owner, council, action):
    make_evidence(action)
    fields = update_fields(action, narrative="What I wrote.")
    make_update(action, says_done=True, by=marcus_of(council))

    answer = as_owner.post(page_of(action, "update"), fields)

    assert answer.status_code == 200
    assert "3.1 is finished already" in text_of(answer)
    assert "What I wrote." in text_of(answer)


# The session


def test_text_typed_before_the_session_ended_is_waiting_after_sign_in(client, owner, action):
    step = make_milestone(action)
    fields = update_fields(action, narrative="Typed for 20 minutes.", rating="off_track", milestones=[step.pk])

    asked = client.post(page_of(action, "update"), fields)
    assert "What you typed is kept" in text_of(asked)
    assert action.updates.count() == 1

    signed_in = client.post(
        "/sign-in/",
        {"login": owner.user.email, "password": PASSWORD, "kept": asked.context["kept"], "next": ""},
    )
    assert (signed_in.status_code, signed_in.url) == (302, page_of(action, "update"))
    page = client.get(signed_in.url)

    assert "What you typed before your session ended is here. Check it and save." in text_of(page)
    form = page.context["form"]
    assert form["narrative"].value() == "Typed for 20 minutes."
    assert form["rating"].value() == "off_track"
    assert form["milestones"].value() == [str(step.pk)]
    assert str(form["form_key"].value()) == fields["form_key"]
    assert "Typed for 20 minutes." not in text_of(client.get(page_of(action, "update")))


def test_kept_text_that_was_tampered_with_is_not_taken(client, owner, action):
    asked = client.post(page_of(action, "update"), update_fields(action))

    answer = client.post(
        "/sign-in/", {"login": owner.user.email, "password": PASSWORD, "kept": asked.context["kept"] + "x"}
    )

    assert answer.url == "/"


def test_a_form_opened_in_one_council_is_not_saved_in_another(as_owner, owner, action, council):
    other = make_authority("Southmere Council", "southmere")
    make_member(other, user=owner.user)
    theirs = make_action(other, owner=owner.user)
    assert page_of(theirs) == page_of(action)

    fields = {**update_fields(theirs), "narrative": "Meant for Southmere."}
    answer = as_owner.post(page_of(action, "update"), fields)

    assert "You opened this form while working in another council." in text_of(answer)
    assert "Meant for Southmere." in text_of(answer)
    assert ProgressUpdate.objects.filter(narrative="Meant for Southmere.").count() == 0


# Who


def test_head_of_service_partner_and_programme_office_may_update_too(client, signed_in, council, action):
    shared = make_action(council, agency=make_agency(council), service=make_service(council))
    head = member_of(council, marcus_of(council))

    for member in (head, helen(council), aisha(council)):
        assert signed_in(client, member).get(page_of(shared, "update")).status_code == 200


def test_someone_who_may_only_look_is_not_allowed(client, signed_in, council, action):
    for member in (dee(council), ines(council)):
        signed_in(client, member)
        assert client.get(page_of(action, "update")).status_code == 403
        assert post(client, action).status_code == 403
    assert action.updates.count() == 1


def test_an_action_that_one_may_not_see_is_not_found(client, signed_in, council):
    hidden = make_action(council, title="Allegations", is_restricted=True, restricted_reason="About one family")
    signed_in(client, dee(council))

    for answer in (client.get(page_of(hidden, "update")), post(client, hidden)):
        assert answer.status_code == 404
        assert "Allegations" not in text_of(answer)


@pytest.mark.parametrize(
    ("closed", "sentence"),
    [
        ({"claimed_on": TODAY}, "It waits to be checked by the programme office."),
        ({"completed_on": TODAY}, "It is complete: it was checked on 6 May 2026."),
        ({"cancelled_on": TODAY}, "It was cancelled on 6 May 2026."),
    ],
)
def test_a_finished_action_says_why_it_takes_no_update(as_owner, council, owner, closed, sentence):
    action = make_action(council, owner=owner.user, **closed)

    answer = as_owner.get(page_of(action, "update"))

    assert "3.1 takes no more updates" in text_of(answer)
    assert sentence in text_of(answer)


def test_an_owner_who_has_left_is_signed_out_of_everything(client, signed_in, owner, action):
    signed_in(client, owner)
    account_changes.switch_off(owner.user, by=None, reason="Left")

    assert client.get(page_of(action, "update")).status_code == 302


def test_the_page_works_without_javascript(as_owner, action):
    content = as_owner.get(page_of(action, "update")).content.decode()

    assert 'method="post"' in content
    assert 'type="submit"' in content
    assert "onclick" not in content
    assert "style=" not in content


def test_the_form_takes_few_queries(as_owner, action, django_assert_max_num_queries):
    for _ in range(8):
        make_milestone(action)
        make_update(action)

    with django_assert_max_num_queries(8):
        as_owner.get(page_of(action, "update"))
