"""Each change is a link of its council's chain, and says by which door it came."""

import json
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import changes as account_changes
from accounts.models import Authority, Service
from accounts.roles import Role
from tests import factories
from tracker.actions.models import Action, Answer
from tracker.audit.canonical import forms
from tracker.audit.chain import NotRecorded, enter, first_head, recorded
from tracker.audit.history import (
    UnexplainedChange,
    audited_models,
    council_of,
    history_of,
    save_because,
)
from tracker.audit.models import Entry, Head, HistoryRow
from tracker.audit.ways import Door, through, through_command

pytestmark = pytest.mark.django_db


def hashed(words: str) -> str:
    return sha256(words.encode()).hexdigest()


def newest(council: Authority) -> list[Entry]:
    """The entries of the last link of a council's chain."""
    head = Head.objects.get(council=council.pk)
    return list(Entry.objects.filter(council=council.pk, link=head.link))


def test_the_rows_of_one_change_are_one_link(council):
    before = Head.objects.get(council=council.pk).link

    with recorded():
        for name in ("Leaving care", "Fostering", "Adoption"):
            factories.make_service(council, name)

    assert Head.objects.get(council=council.pk).link == before + 1
    assert [(entry.position, entry.model, entry.history_type) for entry in newest(council)] == [
        (position, "accounts.Service", "+") for position in range(3)
    ]


def test_the_head_is_what_the_documentation_says(council):
    before = Head.objects.get(council=council.pk).head
    factories.make_service(council, "Leaving care")

    (entry,) = newest(council)
    row = Service.history.get(history_id=entry.history)
    written = forms()["accounts.Service"][1].written(row)
    assert entry.digest == hashed(written)
    assert entry.head == hashed(before + hashed(entry.digest))
    assert Head.objects.get(council=council.pk).head == entry.head


def test_the_first_link_follows_from_the_council(council):
    entry = Entry.objects.get(council=council.pk, link=1)

    assert entry.head == hashed(first_head(council.pk) + hashed(entry.digest))


def test_the_written_form_is_text_that_can_be_checked_by_hand(council):
    service = factories.make_service(council, "Leaving “care”")
    row = service.history.get()

    label, form, *values = json.loads(forms()["accounts.Service"][1].written(row))

    told = dict(zip(forms()[label][form].names, values, strict=True))
    moment = f"{row.history_date:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert told == {
        "id": str(service.pk),
        "name": "Leaving “care”",
        "authority_id": str(council.pk),
        "head_id": None,
        "history_id": str(row.history_id),
        "history_date": moment,
        "history_type": "+",
        "history_change_reason": "Made for a test",
        "history_user_id": None,
        "actor": "The tracker",
        "actor_post": "",
        "in_council": str(council.pk),
        "door": "other",
        "door_request": "",
    }


def named_again(council: Authority) -> None:
    """What the database refuses: a second service of a name."""
    account_changes.add_service(council, name="Leaving care", by=None, reason="Again")


def test_a_change_that_is_refused_leaves_no_link(council):
    before = Entry.objects.count()
    factories.make_service(council, "Leaving care")

    def two() -> None:
        with recorded():
            factories.make_service(council, "Fostering")
            named_again(council)

    with pytest.raises(IntegrityError):
        two()

    assert Entry.objects.count() == before + 1


def test_a_part_that_is_refused_leaves_no_entry_in_the_link_of_the_whole(council):
    factories.make_service(council, "Leaving care")

    with recorded():
        factories.make_service(council, "Fostering")
        with pytest.raises(IntegrityError):
            named_again(council)
        factories.make_service(council, "Adoption")

    rows = Service.history.in_bulk([entry.history for entry in newest(council)], field_name="history_id")
    assert sorted(row.name for row in rows.values()) == ["Adoption", "Fostering"]


def test_councils_have_chains_of_their_own(council):
    other = factories.make_authority("Southmere", "southmere")
    before = Head.objects.get(council=council.pk)

    factories.make_service(other, "Leaving care")

    assert Head.objects.get(council=council.pk).link == before.link
    assert Head.objects.get(council=other.pk).link == 2


def test_a_change_takes_one_statement_more_for_its_chain(council):
    service = factories.make_service(council)

    with recorded():
        statements: list[str] = []
        with connection.execute_wrapper(lambda run, sql, *rest: (statements.append(sql), run(sql, *rest))[1]):
            with recorded():
                save_because(service, by=None, reason="Looked at")
            inside = len(statements)
    assert not [sql for sql in statements[:inside] if "audit_" in sql]

    statements.clear()
    with connection.execute_wrapper(lambda run, sql, *rest: (statements.append(sql), run(sql, *rest))[1]):
        save_because(service, by=None, reason="Looked at")
    assert len([sql for sql in statements if "audit_" in sql]) == 1


def test_the_council_of_a_row_is_its_parents(council):
    action = factories.make_action(council)
    milestone = factories.make_milestone(action)

    for row in (council, action, milestone, factories.fresh(milestone)):
        assert council_of(row) == council.pk
    assert council_of(factories.make_user()) is None


def test_every_history_row_has_one_entry(ours, theirs):
    for model in audited_models():
        rows = set(history_of(model).objects.values_list("history_id", flat=True))
        entries = list(Entry.objects.filter(model=model._meta.label).values_list("history", flat=True))
        assert sorted(entries) == sorted(rows), model
    assert set(Entry.objects.filter(door="").values_list("model", flat=True)) == set()


def test_a_history_row_past_a_recorded_change_is_refused(council):
    row = council.history.get()

    with pytest.raises(NotRecorded, match="Use save_because"):
        enter(row)


def test_no_table_has_a_column_that_history_needs_for_itself():
    names = {field.name for field in HistoryRow._meta.get_fields()}

    assert [model for model in audited_models() if names & {field.name for field in model._meta.get_fields()}] == []


def test_links_without_rows_of_their_own_are_refused(council):
    user = factories.make_user()

    for link in (user.groups, user.user_permissions):
        with pytest.raises(UnexplainedChange, match="Make them rows"), transaction.atomic():
            link.set([1])


def test_every_link_that_says_something_is_a_row_with_a_history():
    links = [field.remote_field.through for model in audited_models() for field in model._meta.local_many_to_many]

    bare = [through._meta.label for through in links if through not in audited_models()]
    assert sorted(bare) == ["accounts.User_groups", "accounts.User_user_permissions"]  # Refused, see above.
    assert Answer in links


# Doors


def said(row: HistoryRow) -> tuple[str | None, str | None, str | None]:
    return row.door, row.door_request, row.actor_post


def test_a_page_is_told_with_its_address_and_the_post_of_who_is_signed_in(client, council, signed_in):
    priya = factories.make_member(council, name="Priya Shah", post="Team manager")
    action = factories.make_action(council, owner=priya.user)
    signed_in(client, priya)
    address = f"{action.get_absolute_url()}update/"

    response = client.post(
        address,
        {"rating": "at_risk", "narrative": "Two posts are empty.", "token": "", "is_safe": "yes"},
    )

    assert response.status_code == 302
    row = history_of(Action).objects.filter(id=action.pk).latest()
    assert said(row) == ("page", f"{response.headers['X-Request-ID']} POST {address}", "Team manager")


def test_a_job_is_told_by_its_name(council):
    from tracker.actions import tasks

    factories.make_action(council, deadline=factories.ADDED_ON)

    assert tasks.flag_overdue() == 1

    entry = newest(council)[0]
    assert (entry.model, entry.door, entry.request) == ("actions.OverdueFlag", "job", "actions.flag_overdue")


def test_a_command_is_told_without_what_follows_its_name(council):
    with through_command(["/srv/manage.py", "createsuperuser", "--email", "secret@council.example"]):
        service = factories.make_service(council)

    assert said(service.history.get()) == ("command", "manage.py createsuperuser", "")


def test_the_post_is_the_one_in_the_council_of_the_change(council):
    other = factories.make_authority("Southmere", "southmere")
    aisha = factories.make_member(council, Role.PROGRAMME_OFFICE, "Aisha Rahman", post="Programme manager")
    factories.make_member(other, Role.DIRECTOR, user=aisha.user, post="Director")

    for authority, post in ((council, "Programme manager"), (other, "Director")):
        service = factories.make_service(authority)
        save_because(service, by=aisha.user, reason="Looked at")
        assert service.history.latest().actor_post == post


def test_a_door_is_open_only_inside(council):
    with through(Door.IMPORT, "x" * 1000):
        inside = factories.make_service(council, "Leaving care")
    outside = factories.make_service(council, "Fostering")

    assert said(inside.history.get()) == ("import", "x" * 300, "")
    assert said(outside.history.get()) == ("other", "", "")
