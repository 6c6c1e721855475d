"""The inspector site shows one council, and of it nothing restricted: no row, field, count, choice or word."""

import pytest

from accounts import changes as account_changes
from accounts.models import User
from accounts.roles import Role
from tests import factories
from tests.audit.conftest import OURS, SECRET, THEIRS, now_restricted
from tests.audit.pages import ADMINS, WITH_HISTORY, every_page, lists, name_of, pages_of, text_of
from tracker.actions.models import Action, Evidence
from tracker.audit.admin import address
from tracker.audit.history import history_of, save_because


def rows_of(council, shown):
    """The rows of a kind that belong to one council, whoever may see them."""
    return list(shown.rows(council.office))


# Other councils


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_the_council_has_something_of_every_kind(ours, theirs, shown):
    """Else the tests below would say nothing."""
    assert rows_of(ours, shown)
    assert rows_of(theirs, shown)


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_another_councils_record_is_not_found_on_any_page(client, ours, theirs, signed_in, shown):
    signed_in(client, ours.office)

    for row in rows_of(theirs, shown):
        for page in pages_of(row):
            assert client.get(page).status_code == 404, page


@pytest.mark.parametrize("shown", WITH_HISTORY, ids=name_of)
def test_another_councils_version_is_not_found_under_ones_own_record(client, ours, theirs, signed_in, shown):
    signed_in(client, ours.office)
    mine, foreign = rows_of(ours, shown)[0], rows_of(theirs, shown)[0]

    for version in history_of(shown.model).objects.filter(**{shown.opts.pk.name: foreign.pk}):
        assert client.get(address(shown.opts, "simple_history", mine.pk, version.pk)).status_code == 404


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_what_does_not_exist_is_answered_like_another_councils(as_inspector, ours, shown):
    absent = 404 if shown.is_shown_to(ours.inspector) else 403
    own = shown.rows(ours.inspector).first() or shown.rows(ours.office).first()

    for number in ("0", "-1", "999999999999", "9" * 26, "x", "%00", "1.5", "None"):
        assert as_inspector.get(f"{shown.list_url}{number}/change/").status_code == absent
        if shown.has_history:
            assert as_inspector.get(f"{shown.list_url}{number}/history/").status_code in {404, absent}
            assert as_inspector.get(f"{shown.list_url}{number}/history/{number}/").status_code in {404, absent}
            assert as_inspector.get(f"{shown.list_url}{own.pk}/history/{number}/").status_code in {404, absent}


@pytest.mark.parametrize("person", ["inspector", "office"])
def test_no_page_bears_another_councils_word_a_password_or_an_address(client, ours, theirs, signed_in, person):
    signed_in(client, getattr(ours, person))
    hidden = [THEIRS, SECRET] if person == "inspector" else [THEIRS]
    hidden += [secret for user in User.objects.all() for secret in (user.password, user.email)]

    for page in every_page():
        text = client.get(page).content.decode()
        assert [word for word in hidden if word in text] == [], page
        assert "password" not in text.lower(), page


@pytest.mark.parametrize("person", ["inspector", "office"])
@pytest.mark.parametrize("query", [f"?q={THEIRS}", f"?q={THEIRS}&download=csv", "?download=csv"])
def test_neither_search_nor_download_finds_another_councils_word(client, ours, theirs, signed_in, person, query):
    signed_in(client, getattr(ours, person))

    for page in lists():
        response = client.get(page + query)
        said = text_of(response) if response.status_code == 200 else ""
        # The word itself comes back in the search box and among the filters in use, and nowhere else.
        is_echoed = f"q={THEIRS}" in query and not response.streaming
        assert said.count(THEIRS) <= (2 if is_echoed else 0), page


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_the_filters_offer_nothing_of_another_council(client, ours, theirs, signed_in, shown):
    signed_in(client, ours.office)

    filters = client.get(shown.list_url).context["filters"]

    assert THEIRS not in str([chosen.lookup_choices for chosen in filters])


def test_a_filter_by_another_councils_row_is_not_heard(client, ours, theirs, signed_in):
    signed_in(client, ours.office)

    response = client.get(f"/inspect/actions/action/?priority={theirs.action.priority_id}")

    assert response.context["chips"] == []
    assert len(response.context["table"].rows) == 2


@pytest.mark.parametrize(
    "query",
    [
        "owner__password__startswith=a",
        "owner__email=x",
        "authority=2",
        "authority__name__startswith=T",
        "restricted_reason__contains=a",
        "plan__authority__slug=theirs",
        "pk__in=1,2,3",
        "is_restricted=1",
        "deadline__gte=2020-01-01",
        "_to_field=title",
    ],
)
def test_a_question_the_page_does_not_offer_is_refused(as_inspector, query):
    assert as_inspector.get(f"/inspect/actions/action/?{query}").status_code == 400


ODD_QUESTIONS = """
q=%00 status=%00 status=nonsense priority=x deadline__year=x deadline__year=9999 deadline__year=-5
deadline__year=2026&deadline__month=13 deadline__month=3 p=0 p=x p=99999999999999999999 o=99 o=-x.7 o=1.1.1
all= _popup=1 e=1 q=%22unbalanced q=%25_%5C download=xlsx before-visit=no moved=maybe status=overdue&status=complete
"""


@pytest.mark.parametrize("page", lists())
def test_no_question_breaks_a_list(as_inspector, page):
    for query in [*ODD_QUESTIONS.split(), "q=" + "x" * 3000]:
        assert as_inspector.get(f"{page}?{query}", follow=True).status_code in {200, 400, 403}, query


def test_someone_of_two_councils_sees_one_at_a_time(client, ours, theirs, signed_in):
    both = factories.make_member(ours.authority, Role.INSPECTOR, "Sam Porter")
    theirs_too = factories.make_member(theirs.authority, Role.INSPECTOR, user=both.user)

    signed_in(client, both)
    assert OURS in text_of(client.get("/inspect/actions/action/"))
    assert THEIRS not in text_of(client.get("/inspect/actions/action/"))
    signed_in(client, theirs_too)
    assert THEIRS in text_of(client.get("/inspect/actions/action/"))
    assert OURS not in text_of(client.get("/inspect/actions/action/"))
    assert client.get(address(Action._meta, "change", ours.action.pk)).status_code == 404


def test_someone_who_inspects_there_and_works_here_may_enter_only_there(client, ours, theirs, signed_in):
    worker = factories.make_member(ours.authority, Role.ACTION_OWNER, "Sam Porter")
    factories.make_member(theirs.authority, Role.INSPECTOR, user=worker.user)

    signed_in(client, worker)

    assert client.get("/inspect/").status_code == 403


def test_access_ends_on_its_day(client, ours, signed_in, today):
    ends_on = ours.inspector.access_ends_on
    signed_in(client, ours.inspector)
    today(ends_on)
    assert client.get("/inspect/").status_code == 200

    today(ends_on.replace(month=ends_on.month + 1, day=1))

    assert "Your access has ended." in text_of(client.get("/inspect/"))
    assert client.get(address(Action._meta, "change", ours.action.pk))["Location"].startswith("/sign-in/")


def test_someone_who_was_switched_off_is_out_at_the_next_request(client, ours, signed_in):
    signed_in(client, ours.inspector)
    assert client.get("/inspect/").status_code == 200

    account_changes.switch_off(ours.inspector.user, by=None, reason="The inspection is over")

    assert client.get("/inspect/").status_code in {302, 403}


# Superusers


def test_a_superuser_without_a_membership_does_not_get_in(client, ours, signed_in):
    admin = User.objects.create_superuser(email="root@council.example", name="Root", password=factories.PASSWORD)
    client.force_login(admin)

    for page in every_page():
        assert client.get(page).status_code == 403


def test_a_superuser_sees_no_more_than_their_membership(client, ours, theirs, signed_in):
    member = ours.inspector
    member.user.is_staff = member.user.is_superuser = True
    save_because(member.user, by=None, reason="Made a superuser")
    signed_in(client, member)

    for page in every_page():
        text = client.get(page).content.decode()
        assert THEIRS not in text, page
        assert SECRET not in text, page


# Restricted


def test_those_who_run_the_plan_see_what_is_restricted(client, ours, signed_in):
    signed_in(client, ours.office)

    assert SECRET in text_of(client.get("/inspect/actions/action/"))
    for page in pages_of(ours.restricted):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_a_restricted_record_is_not_found_on_any_page(client, ours, signed_in, shown):
    hidden = {row.pk for row in rows_of(ours, shown)} - {row.pk for row in shown.rows(ours.inspector)}
    signed_in(client, ours.inspector)

    for row in shown.model._base_manager.filter(pk__in=hidden):
        for page in pages_of(row):
            assert client.get(page).status_code in {403, 404}, page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("action", "1 action. 1 restricted action is not shown."),
        ("evidence", "1 piece of evidence. 2 restricted pieces of evidence are not shown."),
        ("milestone", "1 milestone. 1 restricted milestone is not shown."),
        ("progressupdate", "2 progress updates. 1 restricted progress update is not shown."),
        ("deadlinechange", "1 deadline change. 1 restricted deadline change is not shown."),
        ("answer", "1 recommendation answered by an action. 1 restricted"),
    ],
)
def test_a_list_counts_what_it_leaves_out(as_inspector, kind, said):
    assert said in text_of(as_inspector.get(f"/inspect/actions/{kind}/"))


def test_the_count_does_not_tell_what_a_search_would_have_found(as_inspector):
    """Else words could be tried until the count moved."""
    note = "1 restricted action is not shown."

    for query in ("", f"?q={SECRET}", "?q=nothing", "?status=complete", "?deadline__year=2026"):
        assert note in text_of(as_inspector.get(f"/inspect/actions/action/{query}"))


def test_nothing_is_said_to_be_left_out_where_nothing_is(client, ours, signed_in):
    signed_in(client, ours.office)

    assert "not shown" not in text_of(client.get("/inspect/actions/action/"))


def test_a_record_counts_what_its_tables_leave_out(as_inspector, ours):
    action = text_of(as_inspector.get(address(Action._meta, "change", ours.action.pk)))
    answered = ours.action.recommendations.get()
    recommendation = text_of(as_inspector.get(address(answered._meta, "change", answered.pk)))

    assert "1 restricted piece of evidence is not shown." in action
    assert "1 restricted" in recommendation
    assert "is not shown." in recommendation


def test_the_page_of_every_change_counts_too(as_inspector):
    assert "1 restricted action is not shown." in text_of(as_inspector.get("/inspect/actions/action/changes/"))


def test_an_inspector_who_owns_a_restricted_action_sees_that_one(client, ours, signed_in):
    """It concerns them: the same rule as everywhere."""
    owner = ours.restricted.owner
    member = factories.make_member(ours.authority, Role.INSPECTOR, user=owner)
    signed_in(client, member)

    assert client.get(address(Action._meta, "change", ours.restricted.pk)).status_code == 200


def test_what_was_written_while_a_record_was_restricted_stays_hidden(as_inspector, ours):
    row = now_restricted(factories.fresh(ours.action), is_restricted=True, reason=f"{SECRET} closed")
    closed = row.history.order_by("-history_id").first()
    row = now_restricted(factories.fresh(row), is_restricted=False, reason="Open to all again")

    history = text_of(as_inspector.get(address(Action._meta, "history", row.pk)))

    assert "Open to all again" in history
    assert "1 entry of when it was restricted not shown." in history
    assert SECRET not in history
    assert as_inspector.get(address(Action._meta, "simple_history", row.pk, closed.pk)).status_code == 404
    assert SECRET not in text_of(as_inspector.get("/inspect/actions/action/changes/"))


def test_evidence_that_becomes_restricted_is_gone_at_the_next_request(as_inspector, ours):
    piece = Evidence.objects.filter(action=ours.action, is_restricted=False).get()
    pages = list(pages_of(piece))
    assert as_inspector.get(pages[0]).status_code == 200

    now_restricted(piece, is_restricted=True, reason="It names a family")

    assert [as_inspector.get(page).status_code for page in pages] == [404] * len(pages)
    assert f"{OURS} evidence" not in text_of(as_inspector.get(address(Action._meta, "change", ours.action.pk)))


# Secrets


def test_emails_are_shown_to_those_who_run_the_plan_only(client, ours, signed_in):
    signed_in(client, ours.inspector)
    assert client.get("/inspect/reminders/digest/").status_code == 403
    assert "Emails" not in text_of(client.get("/inspect/"))

    signed_in(client, ours.office)
    assert f"{OURS} subject" in text_of(client.get("/inspect/reminders/digest/"))


def test_the_frozen_text_of_a_version_is_not_shown(client, ours, signed_in):
    """It holds restricted actions, whoever looks."""
    signed_in(client, ours.office)
    version = ours.action.plan.versions.get()

    for page in pages_of(version):
        assert SECRET not in client.get(page).content.decode()
