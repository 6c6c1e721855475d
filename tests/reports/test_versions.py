"""The pages of versions: the list, a version as frozen, two compared; and the page of the quality check."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests import factories
from tests.audit.conftest import now_restricted
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    helen,
    ines,
    make_action,
    make_authority,
    make_measure,
    make_member,
    make_milestone,
    make_plan,
    make_priority,
    marcus,
    priya,
    rachel,
)
from tests.reports.pages import links_of, words_of
from tracker.actions import changes
from tracker.plans.models import PlanVersion

pytestmark = pytest.mark.django_db

LIST, FIRST = "/plans/2026/versions/", "/plans/2026/versions/1/"
COMPARE = "/plans/2026/versions/compare/"
SECRET = {"is_restricted": True, "restricted_reason": "Names a member of staff", "title": "Secret work"}


@pytest.fixture
def plan(council):
    return make_plan(council)


@pytest.fixture
def office(council):
    return aisha(council)


@pytest.fixture
def get(client, signed_in, office):
    return lambda address, *, member=office: signed_in(client, member).get(address)


def words(response) -> str:
    assert response.status_code == 200
    return words_of(response.content.decode())


def rows(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def freeze(plan, label="draft", **fields):
    values = {"by": None, "on": TODAY, "reason": "Frozen", **fields}
    return changes.freeze_version(plan, label=label, **values)


# The list


def test_an_empty_list_says_what_will_be_here(plan, get, council):
    said = words(get(LIST))

    assert "No version has been frozen yet." in said
    assert "Each version keeps the whole plan as it stood" in said
    assert "No version has been sent or published yet." in words(get(LIST, member=ines(council)))


def test_the_programme_office_freezes_a_draft_and_is_told_what_is_so_now(client, plan, get, office):
    make_action(plan=plan)
    get(LIST)

    response = client.post(LIST, {"label": "cabinet"}, follow=True)

    assert "Version 1, cabinet, is frozen as the plan stands now." in words(response)
    version = PlanVersion.objects.get()
    assert (version.label, version.frozen_by, version.frozen_on) == ("cabinet", office.user, TODAY)
    assert fresh(plan.actions.get()).first_agreed is None
    assert version.history.get().history_change_reason == "Frozen: cabinet"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Select what this version is for"),
        ({"label": "submitted"}, "Select what this version is for"),
        ({"label": "draft"}, "The plan has no actions yet, so there is nothing to freeze."),
    ],
)
def test_what_cannot_be_frozen_is_refused(client, plan, get, data, said):
    get(LIST)

    response = client.post(LIST, data)

    assert said in words(response)
    assert not PlanVersion.objects.exists()


def test_a_second_version_says_what_is_different(client, plan, get):
    make_action(plan=plan)
    freeze(plan)
    get(LIST)

    assert "Enter what is different from the version before" in words(client.post(LIST, {"label": "draft"}))
    client.post(LIST, {"label": "draft", "change_summary": "Priority 2 added"})

    assert PlanVersion.objects.get(number=2).change_summary == "Priority 2 added"
    assert "Priority 2 added" in words(get(LIST))


def test_only_the_programme_office_and_the_director_freeze(client, signed_in, council, plan):
    make_action(plan=plan)
    for member in (marcus(council), priya(council), ines(council)):
        assert signed_in(client, member).post(LIST, {"label": "draft"}).status_code == 403

    assert signed_in(client, rachel(council)).post(LIST, {"label": "draft"}).status_code == 302


def test_drafts_are_not_found_by_those_who_do_not_write_the_plan(council, plan, get):
    make_action(plan=plan)
    freeze(plan)
    freeze(plan, "published")
    outsiders = [ines(council), dee(council), make_member(council, Role.COUNCILLOR, "Cllr Reid")]

    for member in outsiders:
        assert get(FIRST, member=member).status_code == 404
        assert get(f"{FIRST}version.csv", member=member).status_code == 404
        assert get(f"{COMPARE}versions.csv?from=1&to=2", member=member).status_code == 404
        assert "1 version is kept. The latest is version 2" in words(get(LIST, member=member))
        assert "Two versions are needed to compare" in words(get(COMPARE, member=member))
    assert get(FIRST, member=marcus(council)).status_code == 200
    assert get(LIST, member=helen(council)).status_code == 404
    stranger = make_member(make_authority("Southmere", "southmere"), Role.PROGRAMME_OFFICE, "Stranger")
    assert get(FIRST, member=stranger).status_code == 404


def test_inspectors_do_not_find_drafts_on_their_own_site_either(council, plan, get):
    make_action(plan=plan)
    draft, sent = freeze(plan, change_summary="DRAFTMARK"), freeze(plan, "submitted")
    inspector = ines(council)

    listed = get("/inspect/plans/planversion/", member=inspector).content.decode()
    assert "Version 2, submitted" in listed
    assert "Version 1, draft" not in listed
    for page in ("change", "history"):
        assert get(f"/inspect/plans/planversion/{draft.pk}/{page}/", member=inspector).status_code == 404
        assert get(f"/inspect/plans/planversion/{sent.pk}/{page}/", member=inspector).status_code == 200
    assert "DRAFTMARK" not in get("/inspect/plans/planversion/changes/", member=inspector).content.decode()
    assert "Version 1, draft" not in get(f"/inspect/plans/plan/{plan.pk}/change/", member=inspector).content.decode()


# A version as frozen


def test_a_version_keeps_names_posts_and_dates_whatever_happens_later(council, plan, get):
    owner = make_member(council, Role.ACTION_OWNER, "Priya Nair", post="Team manager").user
    action = make_action(plan=plan, owner=owner, priority=make_priority(plan, outcome="No child waits."))
    make_milestone(action)
    make_measure(action)
    freeze(plan, "published")
    before = PlanVersion.objects.get().snapshot

    changes.hand_over(action, to=dee(council).user, by=None, on=TODAY, reason="Dee leads it now")
    factories.make_deadline_change(action, date(2026, 9, 4))

    said = words(get(FIRST, member=ines(council)))
    assert "The plan exactly as it stood on Wednesday 6 May 2026: 1 priority and 1 action." in said
    assert "Priya Nair, Team manager" in said
    assert "31 Jul 2026" in said
    assert "Joint screening rota agreed, due 31 Jul 2026" in said
    assert "Visits on time, from 61% to 95% by 1 Sep 2026" in said
    assert "4 Sep 2026" not in said
    assert PlanVersion.objects.get().snapshot == before


def test_the_actions_of_a_version_can_be_downloaded(plan, get):
    make_action(plan=plan)
    freeze(plan)

    response = get(f"{FIRST}version.csv")

    heading, row = rows(response)
    assert 'filename="northbridge-2026-version-1.csv"' in response["Content-Disposition"]
    assert dict(zip(heading, row, strict=True))["Deadline"] == "31 Jul 2026"


def test_restricted_actions_of_a_version_are_counted_and_shown_to_their_owner(council, plan, get):
    owner = priya(council)
    make_action(plan=plan)
    make_action(plan=plan, owner=owner.user, **SECRET)
    freeze(plan, "published")

    for member, sees in ((dee(council), False), (ines(council), False), (owner, True), (rachel(council), True)):
        said = words(get(FIRST, member=member))
        assert ("Secret work" in said) is sees
        assert ("1 restricted action is not shown." in said) is not sees
        assert (len(rows(get(f"{FIRST}version.csv", member=member))) == 3) is sees


def test_an_action_restricted_since_is_withheld_from_the_version_before(council, plan, get):
    action = make_action(plan=plan, title="Work on the rota")
    freeze(plan, "published")
    now_restricted(action, is_restricted=True, reason="It names staff")

    said = words(get(FIRST, member=ines(council)))

    assert "Work on the rota" not in said
    assert "1 restricted action is not shown." in said


# Compare


def test_two_versions_are_compared_field_by_field_with_counts_first(council, plan, get):
    first, gone = make_action(plan=plan), make_action(plan=plan, title="Gone later")
    freeze(plan)
    factories.make_deadline_change(first, date(2026, 9, 4))
    changes.cancel(gone, by=None, on=TODAY, reason="Replaced")
    make_action(plan=plan, title="New work", reference="3.9")
    freeze(plan, "cabinet")

    response = get(f"{COMPARE}?from=1&to=2")

    said = words(response)
    assert "1 action was added, 1 removed and 1 changed. 0 are the same. 1 deadline moved later." in said
    assert "3.9 New work" in said
    assert "3.2 Gone later" in said
    html = response.content.decode()
    assert '<del><span class="govuk-visually-hidden">Before: </span>31 Jul 2026</del>' in html
    assert '<ins><span class="govuk-visually-hidden">Now: </span>4 Sep 2026</ins>' in html
    assert "1 action was added, 1 removed and 1 changed." in words(get(COMPARE)), "else the last two"
    download = rows(get(f"{COMPARE}versions.csv?from=1&to=2"))
    assert ["Changed", "3.1", first.title, "Deadline", "31 Jul 2026", "4 Sep 2026"] in download


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=1&to=1", "Select two different versions"),
        ("?from=1&to=9", "Select a version from the list"),
        ("?from=x&to=2", "Select a version from the list"),
    ],
)
def test_versions_that_cannot_be_compared_are_refused(plan, get, query, said):
    make_action(plan=plan)
    freeze(plan)
    freeze(plan)

    assert said in words(get(f"{COMPARE}{query}"))
    assert get(f"{COMPARE}versions.csv{query}").status_code == 404


def test_a_restricted_action_is_only_counted_when_versions_are_compared(council, plan, get):
    make_action(plan=plan)
    freeze(plan, "published")
    make_action(plan=plan, **SECRET)
    freeze(plan, "refresh")

    said = words(get(COMPARE, member=ines(council)))

    assert "Nothing that you can see differs. 1 restricted action is not shown." in said
    assert "Secret work" not in said
    assert "3.2 Secret work" in words(get(COMPARE))


def test_reading_a_version_asks_as_often_for_many_actions_as_for_one(council, plan, get):
    make_action(plan=plan)
    freeze(plan, "published")
    member = ines(council)
    get(FIRST, member=member)
    with CaptureQueriesContext(connection) as one:
        get(FIRST, member=member)
    for _ in range(10):
        make_milestone(make_action(plan=plan))
    with CaptureQueriesContext(connection) as freezing_many:
        freeze(plan, "refresh")

    with CaptureQueriesContext(connection) as many:
        get("/plans/2026/versions/2/", member=member)

    assert len(many) <= len(one) + 1  # Whether there is a version before it to compare with.
    assert len(freezing_many) < 30


# The quality check


def test_the_quality_page_names_every_check_and_the_rows_at_fault(council, plan, get):
    action = make_action(plan=plan, outcome="")

    response = get("/plans/2026/quality/", member=ines(council))

    said = words(response)
    assert "Not yet. 1 check that blocks sending fails." in said
    assert "Every action has an owner who is here 1 to fix: blocks sending" in said
    assert "Every action has a deadline Pass" in said
    assert f"3.1 {action.title}: No owner" in said
    links = dict(links_of(response.content.decode()))
    assert links[f"3.1 {action.title}"] == "/plans/2026/actions/3.1/"


def test_the_quality_page_numbers_restricted_actions_and_withholds_their_titles(council, plan, get):
    make_action(plan=plan, **SECRET)

    said = words(get("/plans/2026/quality/", member=ines(council)))

    assert "Secret work" not in said
    assert "1 restricted action." in said
    assert "Secret work: No owner" in words(get("/plans/2026/quality/"))


def test_the_quality_page_is_of_the_council_and_not_for_partners(council, plan, get):
    assert get("/plans/2026/quality/", member=helen(council)).status_code == 404
    assert get("/plans/nowhere/quality/").status_code == 404
