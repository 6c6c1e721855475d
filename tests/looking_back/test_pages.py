"""Pages as they stood at the end of a day: what they show, to whom, and what they refuse."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, SignIn
from accounts.roles import Role
from tests import factories
from tests.factories import REASON, TODAY
from tests.reports.pages import links_of, words_of
from tracker.actions.models import Answer
from tracker.audit import past
from tracker.audit.history import delete_because, save_because
from tracker.dates import clock
from tracker.dates.models import BankHoliday

APRIL = "/as-at/2026-04-10"


@pytest.fixture
def read(client, signed_in):
    """`read(member, address)` is the page at an address, as that member sees it."""

    def page(member, address):
        response = signed_in(client, member).get(address)
        assert response.status_code == 200, (response.status_code, address)
        return response.content.decode()

    return page


def addresses(made):
    asked = made["asked"]
    return [
        "/",
        made["plan"].get_absolute_url(),
        made["action"].get_absolute_url(),
        f"/inspections/{made['inspection'].reference}/recommendations/{asked.reference}/",
        made["visit"].get_absolute_url(),
    ]


def change(row, **fields):
    row = factories.fresh(row)
    for name, value in fields.items():
        setattr(row, name, value)
    return save_because(row, by=None, reason=REASON)


# What is shown


def test_an_action_is_shown_as_it_was_with_the_name_and_post_its_owner_had_then(plan_of_april, read):
    made = plan_of_april
    change(made["action"], title="Screen every notification within 2 hours", accountable=made["priya"].user)
    change(made["priya"].user, name="Priya Shah")
    change(made["priya"].memberships[0], post="Head of screening")

    then, now = (
        words_of(read(made["office"], f"{before}{made['action'].get_absolute_url()}")) for before in (APRIL, "")
    )

    assert "within 1 working day" in then
    assert "Priya Nair" in then
    assert "Shah" not in then
    assert "within 2 hours" in now
    assert "Priya Shah" in now


def test_the_post_of_the_accountable_person_is_the_one_held_then(plan_of_april, now, read):
    made = plan_of_april
    now(date(2026, 4, 5))
    change(made["action"], accountable=made["marcus"].user)
    now(TODAY)
    for membership in Membership.objects.filter(user=made["marcus"].user):
        change(membership, post="Assistant director")

    then, today = (words_of(read(made["office"], f"{it}{made['action'].get_absolute_url()}")) for it in (APRIL, ""))

    assert "Accountable: Marcus Oyelaran, Head of Assessment and the front door" in then
    assert "Accountable: Marcus Oyelaran, Assistant director" in today


def test_what_was_removed_since_is_there(plan_of_april, read):
    made = plan_of_april
    delete_because(Answer.objects.get(action=made["action"]), by=None, reason=REASON)

    page = f"/inspections/{made['inspection'].reference}/recommendations/{made['asked'].reference}/"

    assert "3.1 Screen every notification" in read(made["office"], f"{APRIL}{page}")
    assert "3.1 Screen every notification" not in read(made["office"], page)


def test_what_came_later_is_not_there_yet(plan_of_april, client, signed_in, read):
    made = plan_of_april
    late = factories.make_action(plan=made["plan"], title="Added in May")

    assert "Added in May" not in read(made["office"], f"{APRIL}{made['plan'].get_absolute_url()}")
    response = client.get(f"{APRIL}{late.get_absolute_url()}")
    assert response.status_code == 404
    assert "There was no such page on 10 April 2026" in words_of(response.content.decode())


def test_today_is_that_day_so_nothing_is_late_that_was_not(plan_of_april, read):
    made = plan_of_april

    assert "Overdue" in words_of(read(made["office"], made["action"].get_absolute_url()))
    assert "Overdue" not in words_of(read(made["office"], f"{APRIL}{made['action'].get_absolute_url()}"))


def test_a_change_in_the_last_second_of_a_london_day_belongs_to_that_day(plan_of_april, now, read):
    made = plan_of_april
    now(date(2026, 4, 10), 23, 59, 59, 999_999)
    change(made["action"], title="Just before midnight")
    now(date(2026, 4, 11), 0)
    change(made["action"], title="Just after midnight")
    now(TODAY)

    titles = [
        "Just before midnight</h1>" in read(made["office"], f"/as-at/{day}{made['action'].get_absolute_url()}")
        for day in ("2026-04-09", "2026-04-10", "2026-04-11")
    ]

    assert titles == [False, True, False]


def test_two_changes_in_one_microsecond_count_in_the_order_they_were_made(plan_of_april, now, read):
    made = plan_of_april
    now(date(2026, 4, 5))
    change(made["action"], title="First of the two")
    change(made["action"], title="Second of the two")
    now(TODAY)

    assert "Second of the two" in read(made["office"], f"{APRIL}{made['action'].get_absolute_url()}")


def test_a_change_made_after_the_clock_was_set_back_counts_as_the_later_one(plan_of_april, now, read):
    made = plan_of_april
    now(date(2026, 4, 5), 15)
    change(made["action"], title="Made by a clock that ran ahead")
    now(date(2026, 4, 5), 14)
    change(made["action"], title="Made after it was set back")
    now(TODAY)

    assert "Made after it was set back" in read(made["office"], f"{APRIL}{made['action'].get_absolute_url()}")


def test_a_bank_holiday_entered_later_is_not_counted_by_then(plan_of_april, now, read):
    made = plan_of_april
    now(date(2026, 4, 1))
    for known in BankHoliday.objects.all():
        save_because(known, by=None, reason="The table as it was in April")
    page = made["plan"].get_absolute_url()
    now(TODAY, 23, 59, 59, 999_999)
    before = words_of(read(made["priya"], page).partition("<footer")[0])
    before = before.replace("As at a day Compare two days ", "")  # Links that stand on pages of today only.
    holiday = BankHoliday(on=date(2026, 5, 7), name="A day of mourning", source="administrator", reason="Proclaimed")
    now(TODAY + timedelta(days=1))
    save_because(holiday, by=None, reason=REASON)

    assert words_of(read(made["priya"], f"/as-at/{TODAY}{page}").partition("<footer")[0]) == before


# The bar, the links, and what is not there


def test_every_page_says_which_day_it_shows_and_leads_back(plan_of_april, read):
    for address in addresses(plan_of_april):
        html = read(plan_of_april["office"], f"{APRIL}{address}?show=everything")

        assert "You are looking at Friday 10 April 2026, as it was at the end of that day." in " ".join(html.split())
        assert ("Back to today", f"{address}?show=everything") in links_of(html)


ROLES = [
    Role.PROGRAMME_OFFICE, Role.DIRECTOR, Role.CHAIR, Role.COUNCILLOR, Role.HEAD_OF_SERVICE, Role.INSPECTOR,
]  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_link_stays_on_that_day_and_leads_somewhere_and_no_page_has_a_form(role, lived, client, signed_in):
    signed_in(client, lived[role])
    start = "/as-at/2026-05-01"
    waiting, seen = [f"{start}/"], set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        response = client.get(address, follow=True)
        assert response.status_code == 200, (address, response.redirect_chain)
        html = response.getvalue().decode()
        if not response["Content-Type"].startswith("text/html"):
            continue
        assert 'method="post"' not in html, address
        for words, link in links_of(html):
            path = re.sub(r"[?#].*", "", link)
            if words == "Back to today" or not path or path.startswith(("http", "mailto:", "webcal:")):
                continue
            assert path.startswith(f"{start}/"), (address, words, link)
            if path not in seen and path not in waiting:
                waiting.append(path)

    assert len(seen) > 20


# Who may see it


def test_what_was_restricted_then_and_what_is_restricted_today_are_both_kept_from_those_without_the_right(
    plan_of_april, council, read, client, signed_in
):
    made = plan_of_april
    chair = factories.make_member(council, Role.CHAIR, "Carol Dunn")
    change(made["secret"], is_restricted=False, restricted_reason="")
    change(made["action"], is_restricted=True, restricted_reason="It is about a member of staff")
    page = f"{APRIL}{made['plan'].get_absolute_url()}"

    html = read(chair, page)

    assert "The wording nobody may see" not in html
    assert "Screen every notification" not in html
    assert "2 restricted actions" in words_of(html)
    assert "Screen every notification" in read(made["office"], page)
    assert "The wording nobody may see" in read(made["office"], page)
    signed_in(client, chair)
    for action in ("secret", "action"):
        assert client.get(f"{APRIL}{made[action].get_absolute_url()}").status_code == 404


def test_who_owned_a_restricted_action_then_and_does_not_today_does_not_see_it(plan_of_april, client, signed_in):
    made = plan_of_april
    address = f"{APRIL}{made['secret'].get_absolute_url()}"
    assert signed_in(client, made["marcus"]).get(address).status_code == 200
    change(made["secret"], owner=made["office"].user)

    assert client.get(address).status_code == 404


def test_a_partner_sees_what_is_its_agencys_both_then_and_today(plan_of_april, council, client, signed_in):
    made = plan_of_april
    signed_in(client, made["helen"])
    own, other = (f"{APRIL}{made[name].get_absolute_url()}" for name in ("of police", "action"))

    assert client.get(own).status_code == 200
    assert client.get(other).status_code == 404
    change(made["of police"], agency=factories.make_agency(council, "Northbridge NHS"), owner=None)
    assert client.get(own).status_code == 404
    change(made["action"], agency=made["helen"].memberships[0].agency)
    assert client.get(other).status_code == 404


def test_drafts_of_then_are_shown_to_those_who_see_drafts(plan_of_april, council, now, read, client, signed_in):
    made = plan_of_april
    now(date(2026, 4, 5))
    factories.make_version(made["plan"], "draft", on=date(2026, 4, 5))
    now(TODAY)
    page = f"{APRIL}/plans/{made['plan'].reference}/versions/1/"

    assert "Version 1" in words_of(read(made["office"], page))
    chair = factories.make_member(council, Role.CHAIR, "Carol Dunn")
    assert signed_in(client, chair).get(page).status_code == 404


def test_another_council_is_not_found(plan_of_april, client, signed_in):
    other = factories.make_authority("Southmere Council", "southmere")
    stranger = factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Reid")
    signed_in(client, stranger)

    for address in addresses(plan_of_april)[1:]:
        assert client.get(f"/as-at/2026-05-06{address}", follow=True).status_code == 404
        assert client.get(f"{APRIL}{address}").status_code == 404


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_that_day(plan_of_april, client):
    response = client.get(f"{APRIL}/plans/2026/?due=visit")

    assert response["Location"] == "/sign-in/?next=/as-at/2026-04-10/plans/2026/%3Fdue%3Dvisit"


# What is refused


@pytest.mark.parametrize("written", ["2026-13-01", "2026-02-30", "1-9-2026", "yesterday", "20260901", "٢٠٢٦-٠٩-٠١"])
def test_what_is_no_day_is_said_to_be_none(written, plan_of_april, client, signed_in):
    response = signed_in(client, plan_of_april["office"]).get(f"/as-at/{written}/plans/2026/")

    assert response.status_code == 404
    assert f"“{written}” is not a day. Write the day as in 2026-05-06." in words_of(response.content.decode())


def test_a_day_to_come_is_refused_and_today_is_the_page_of_today(plan_of_april, client, signed_in):
    signed_in(client, plan_of_april["office"])

    ahead = client.get("/as-at/2026-05-07/plans/2026/")
    same = client.get("/as-at/2026-05-06/plans/2026/?due=visit")

    assert ahead.status_code == 404
    assert "7 May 2026 has not come yet. Choose a day before today." in words_of(ahead.content.decode())
    assert same["Location"] == "/plans/2026/?due=visit"


def test_a_day_before_the_first_record_is_refused_with_the_way_to_the_first(plan_of_april, client, signed_in):
    response = signed_in(client, plan_of_april["office"]).get("/as-at/2026-03-31/plans/2026/")
    html = response.content.decode()

    assert response.status_code == 404
    assert "31 March 2026 is before the first record of Northbridge County Council." in words_of(html)
    assert ("See it as at 1 April 2026, the first day that is recorded", "/as-at/2026-04-01/plans/2026/") in links_of(
        html
    )


def test_before_the_plan_began_the_dashboard_tells_the_steps_to_it(council, now, read):
    office = factories.aisha(council)
    now(date(2026, 4, 20))
    factories.make_plan(council)
    now(TODAY)

    assert "Start the plan" in read(office, f"{APRIL}/")


@pytest.mark.parametrize("end", ["update/", "deadline/", "evidence/", "edit/", "cancel/", "owner/"])
def test_the_forms_of_an_action_are_not_found(end, plan_of_april, client, signed_in):
    signed_in(client, plan_of_april["office"])
    address = f"{APRIL}{plan_of_april['action'].get_absolute_url()}{end}"

    assert client.get(address).status_code == 404
    assert client.post(address, {}).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pages_of_the_past_are_only_read(method, plan_of_april, client, signed_in):
    signed_in(client, plan_of_april["office"])

    for address in addresses(plan_of_april):
        assert getattr(client, method)(f"{APRIL}{address}").status_code == 405


def test_nothing_can_be_written_while_the_past_is_looked_at(plan_of_april):
    action = plan_of_april["action"]

    for write in (
        lambda: change(action, title="Rewritten"),
        lambda: SignIn.objects.create(user=plan_of_april["priya"].user, at=timezone.now()),
        lambda: connection.cursor().execute("DELETE FROM accounts_signin"),
    ):
        with (
            pytest.raises(past.LookingBackOnly, match="the past is only looked at"),
            transaction.atomic(),
            past.as_at(clock.end_of_day(date(2026, 4, 10))),
        ):
            write()

    assert factories.fresh(action).title == "Screen every notification within 1 working day"
    assert not SignIn.objects.exists()


def test_after_a_page_of_the_past_everything_is_of_today_again(plan_of_april, read):
    made = plan_of_april
    change(made["action"], title="As it is today")
    page = made["plan"].get_absolute_url()
    before = read(made["office"], page)

    read(made["office"], f"{APRIL}{page}")

    assert "As it is today" in before
    assert words_of(read(made["office"], page)) == words_of(before)
    assert links_of(read(made["office"], page)) == links_of(before)
