"""“This should not be here”: said by anyone, told to the programme office, settled with who and what."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.actions.pages import errors_of, messages_of, text_of
from tests.factories import NOW
from tracker.privacy import changes
from tracker.privacy.models import DetailsReport

REPORT, LIST = "/report-details/", "/reported-details/"
PAGE = "/plans/2026/actions/3.1/"
SAID = {"page": PAGE, "kind": "number", "where": "The second update"}
DONE = {"outcome": "removed", "what_was_done": "The owner wrote the update again."}


@pytest.fixture
def office(council):
    return factories.aisha(council)


def make_report(member, **fields):
    return changes.report_details(
        member.authority, by=member.user, at=NOW, **{"page": PAGE, "kind": DetailsReport.Kind.NAME, **fields}
    )


@pytest.mark.parametrize("who", ["priya", "aisha", "helen", "ines", "rachel"])
def test_everyone_who_is_signed_in_finds_the_report_at_the_foot_of_a_page_and_can_send_one(
    client, signed_in, council, who
):
    member = getattr(factories, who)(council)
    signed_in(client, member)

    foot = client.get("/accessibility/").content.decode()
    assert 'href="/report-details/?page=%2Faccessibility%2F"' in foot
    assert PAGE in client.get(REPORT, {"page": PAGE}).content.decode()
    assert client.post(REPORT, SAID).status_code == 302

    report = DetailsReport.objects.get()
    assert (report.page, report.kind, report.where, report.reported_by) == (
        PAGE,
        "number",
        "The second update",
        member.user,
    )
    assert report.history.get().actor == member.user.name


def test_someone_who_is_not_signed_in_cannot_send_one(client, council):
    assert client.get(REPORT).status_code == 302
    client.post(REPORT, SAID)
    assert not DetailsReport.objects.exists()
    assert "Report that something should not be here" not in text_of(client.get("/sign-in/"))


def test_what_was_looked_for_is_not_kept_with_the_page(client, signed_in, office):
    signed_in(client, office)
    client.post(REPORT, SAID | {"page": "http://127.0.0.1:8000/actions/?words=Tom+Smith#row"})

    assert DetailsReport.objects.get().page == "/actions/"


@pytest.mark.parametrize(
    "page",
    [
        "https://elsewhere.example/actions/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "/no-such-page/",
        "actions",
        "http://[",
        "/partner/a-secret-of-one-person/",
        "/calendar/a-secret-of-one-person.ics",
    ],
)
def test_a_page_that_is_none_of_ours_or_somebodys_secret_is_refused(client, signed_in, office, page):
    signed_in(client, office)
    answer = client.post(REPORT, SAID | {"page": page})

    assert errors_of(answer)["page"][0].startswith("Enter the address of a page of the improvement plan")
    assert not DetailsReport.objects.exists()


def test_the_details_themselves_are_not_taken(client, signed_in, office):
    signed_in(client, office)
    answer = client.post(REPORT, SAID | {"where": "The boy at NN1 2AB"})

    assert "where" in errors_of(answer)
    assert not DetailsReport.objects.exists()


def test_a_report_sent_twice_is_one(client, signed_in, council):
    signed_in(client, factories.priya(council))
    client.post(REPORT, SAID)
    client.post(REPORT, SAID)

    assert DetailsReport.objects.count() == 1


def test_the_programme_office_is_told_on_its_dashboard_and_nobody_else_is(client, signed_in, council, office):
    owner = factories.priya(council)
    factories.make_action(council, owner=owner.user)
    make_report(owner)

    signed_in(client, office)
    assert "1 page may hold what should not be here" in text_of(client.get("/"))
    signed_in(client, factories.rachel(council))
    assert "may hold what should not be here" not in text_of(client.get("/"))


def test_a_report_is_settled_with_what_was_done_and_by_whom(client, signed_in, council, office):
    report = make_report(factories.priya(council))
    signed_in(client, office)

    assert "1 report waits for you" in text_of(client.get(LIST))
    answer = client.post(report.get_absolute_url(), DONE)
    assert messages_of(answer) == ["Report settled."]

    page = text_of(client.get(LIST))
    assert "No report waits." in page
    assert "The words were taken out, 6 May 2026, by Aisha Rahman" in page
    assert "The owner wrote the update again." in text_of(client.get(report.get_absolute_url()))
    assert [row.history_change_reason for row in report.history.order_by("history_id")] == [
        "Reported: this should not be here",
        "The words were taken out: The owner wrote the update again.",
    ]


def test_a_report_is_settled_once(client, signed_in, council, office):
    report = make_report(factories.priya(council))
    other = factories.make_member(council, "programme_office", "Tariq Aziz")
    changes.settle(report, outcome="nothing", what_was_done="It names a street of shops.", by=other.user, at=NOW)
    signed_in(client, office)

    answer = client.post(report.get_absolute_url(), DONE)

    assert "Tariq Aziz settled it on 6 May 2026. Nothing was changed." in text_of(answer)
    assert DetailsReport.objects.get().outcome == "nothing"


def test_settling_says_how_and_what(client, signed_in, council, office):
    report = make_report(factories.priya(council))
    signed_in(client, office)

    assert errors_of(client.post(report.get_absolute_url(), {})) == {
        "outcome": ["Select how it was settled"],
        "what_was_done": ["Enter what was done"],
    }


@pytest.mark.parametrize("who", ["priya", "rachel", "helen", "ines", "marcus"])
def test_only_the_programme_office_reads_what_was_reported(client, signed_in, council, who):
    report = make_report(factories.aisha(council))
    signed_in(client, getattr(factories, who)(council))

    assert client.get(LIST).status_code == 403
    assert client.get(report.get_absolute_url()).status_code == 404
    # An inspector is told that they only read, whatever they send.
    assert client.post(report.get_absolute_url(), DONE).status_code == (403 if who == "ines" else 404)


def test_another_council_sees_nothing_of_it(client, signed_in, council, office):
    report = make_report(office)
    elsewhere = factories.make_authority("Southmere Borough Council", "southmere")
    signed_in(client, factories.make_member(elsewhere, "programme_office", "Nia Hughes"))

    assert client.get(report.get_absolute_url()).status_code == 404
    assert "No report waits." in text_of(client.get(LIST))


def test_the_list_of_settled_reports_comes_in_pages(client, signed_in, council, office):
    for number in range(26):
        report = make_report(office, where=f"Line {number}")
        changes.settle(report, by=office.user, at=NOW + timedelta(minutes=number), **DONE)
    signed_in(client, office)

    assert len(client.get(LIST).context["page"].object_list) == 25
    assert len(client.get(LIST, {"page": 2}).context["page"].object_list) == 1


def test_the_report_page_goes_by_its_name():
    assert reverse("privacy:report") == REPORT
