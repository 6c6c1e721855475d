"""The pages of sending: the quality check, the frozen version, the three legs, Ofsted's reply."""

from datetime import date

import pytest

from tests import factories
from tests.factories import (
    TODAY,
    aisha,
    fresh,
    ines,
    make_action,
    make_authority,
    make_inspection,
    make_measure,
    make_plan,
    make_submission,
    make_version,
    priya,
    rachel,
)
from tests.reports.pages import links_of, words_of
from tracker.actions import changes
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.plans.models import OfstedReply, PlanVersion, Submission

pytestmark = pytest.mark.django_db

ADDRESS = "/plans/2026/sending/"
FREEZE, RECORD, REPLY = f"{ADDRESS}freeze/", f"{ADDRESS}record/", f"{ADDRESS}reply/"


def day_of(name: str, day: date) -> dict:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def step_posted(step: str, day: date = date(2026, 5, 5), **fields) -> dict:
    values = {"done_by": "Aisha Rahman", "proof": "Email to Ofsted, kept in the plan folder"}
    return {"step": step, **day_of("done_on", day), **values, **fields}


def reply_posted(kind: str = "does_not_reflect", day: date = TODAY, **fields) -> dict:
    return {"kind": kind, **day_of("received_on", day), "words": "No measures.", "proof": "An email", **fields}


@pytest.fixture
def plan(council):
    inspection = make_inspection(council)
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    return make_plan(council, answers=[inspection])


@pytest.fixture
def ready(council, plan):
    """The plan with one action that every check passes."""
    action = make_action(plan=plan, owner=priya(council).user, starts_on=TODAY, deadline=date(2026, 7, 31))
    make_measure(action)
    return action


@pytest.fixture
def page(client, signed_in, council):
    """`page(address)` and `page(address, data)` as the programme office, or as `member`."""
    office = aisha(council)

    def asked(address=ADDRESS, data=None, *, member=office):
        signed_in(client, member)
        return client.get(address) if data is None else client.post(address, data, follow=True)

    return asked


def words(response) -> str:
    assert response.status_code == 200
    return words_of(response.content.decode())


# Who


def test_an_owner_may_not_open_any_of_it_and_another_council_finds_nothing(council, plan, page):
    owner, stranger = priya(council), rachel(make_authority("Southmere Council", "southmere"))

    for address in (ADDRESS, FREEZE, RECORD, REPLY):
        assert page(address, member=owner).status_code == 403
        assert page(address, {}, member=owner).status_code == 403
        assert page(address, member=stranger).status_code == 404
    assert page(member=ines(council)).status_code == 403


# Quality, then freezing


def test_nothing_is_frozen_while_a_check_blocks(council, plan, page):
    make_action(plan=plan)

    said = words(page())
    assert "Not yet. 1 check that blocks sending fails." in said
    assert "Every action has an owner who is here: 1 to fix. Blocks sending." in said
    assert "comes when no check blocks sending" in said

    page(FREEZE, {"warnings_reason": "Never mind"})
    page(FREEZE, {"warnings_reason": "Never mind"}, member=rachel(council))
    assert not PlanVersion.objects.exists()


def test_the_programme_office_freezes_a_plan_that_passes_every_check(plan, ready, page):
    assert "Yes. All 15 checks pass." in words(page())

    response = page(FREEZE, {"seen": ""})

    assert "Version 1 is frozen. Record it here once it is sent to Ofsted, sent to DfE or published." in words(response)
    version = PlanVersion.objects.get()
    assert (version.label, version.frozen_on, version.frozen_by.name) == ("submitted", TODAY, "Aisha Rahman")
    assert (version.warnings, version.warnings_reason, version.warnings_accepted_by) == ([], "", None)
    assert version.snapshot["actions"][0]["deadline"] == "2026-07-31"
    assert fresh(ready).first_agreed == date(2026, 7, 31)


def test_warnings_are_accepted_by_the_director_with_a_reason_and_not_by_the_programme_office(
    council, plan, ready, page
):
    changes.withdraw_measure(ready.measures.get(), by=ready.owner, on=TODAY, reason="Not usable")
    director = rachel(council)

    assert "2 checks fail, so the director freezes it" in words(page())
    assert FREEZE not in [url for _, url in links_of(page().content.decode())]
    page(FREEZE, {"seen": "measure,difference", "warnings_reason": "I say so"})
    assert not PlanVersion.objects.exists()

    assert "Every action has a measure: 1 to fix" in words(page(FREEZE, member=director))
    refused = page(FREEZE, {"seen": "measure,difference", "warnings_reason": ""}, member=director)
    assert "Enter why the plan is sent although these checks fail" in words(refused)
    page(FREEZE, {"seen": "measure,difference", "warnings_reason": "The data team starts in June."}, member=director)

    version = PlanVersion.objects.get()
    assert version.warnings == ["measure", "difference"]
    assert (version.warnings_reason, version.warnings_accepted_by) == ("The data team starts in June.", director.user)
    assert "2 checks failed and Rachel Adeyemi gave a reason" in words(page())


def test_the_director_does_not_accept_a_check_that_failed_since_the_page_was_read(council, plan, ready, page):
    changes.withdraw_measure(ready.measures.get(), by=ready.owner, on=TODAY, reason="Not usable")
    director = rachel(council)

    response = page(FREEZE, {"seen": "measure", "warnings_reason": "The data team starts in June."}, member=director)

    assert "The plan was changed while this page was open" in words(response)
    assert "The data team starts in June." in words(response)
    assert not PlanVersion.objects.exists()
    html = response.content.decode()
    assert 'value="measure,difference"' in html


def test_a_version_of_an_empty_plan_is_refused_in_clear_words(plan, page):
    factories.make_priority(plan)

    with pytest.raises(changes.EmptyPlan, match="no actions yet, so there is nothing to freeze"):
        changes.submit_plan(plan, by=None, on=TODAY, reason="Sent")

    assert not PlanVersion.objects.exists()


def test_an_empty_plan_is_refused_on_the_page_when_no_check_blocks_it(plan, page, council):
    director = rachel(council)

    response = page(FREEZE, {"seen": "difference", "warnings_reason": "It is empty"}, member=director)

    assert "The plan has no actions yet, so there is nothing to freeze" in words(response)


def test_the_first_agreed_dates_are_set_once_for_ever(council, plan, ready, page):
    page(FREEZE, {"seen": ""})
    factories.make_deadline_change(ready, date(2026, 8, 7))
    later = make_action(plan=plan, owner=ready.owner, starts_on=TODAY, deadline=date(2026, 8, 5), reference="3.2")
    make_measure(later)

    response = page(FREEZE, {"seen": "milestone_gap", "warnings_reason": "", "change_summary": ""})
    assert "Version 2" not in words(response)
    changes.submit_plan(plan, by=None, on=TODAY, reason="Sent again")

    assert (fresh(ready).first_agreed, fresh(later).first_agreed) == (date(2026, 7, 31), date(2026, 8, 5))
    assert PlanVersion.objects.get(number=1).snapshot["actions"][0]["deadline"] == "2026-07-31"


def test_a_later_version_says_what_is_different(plan, ready, page):
    page(FREEZE, {"seen": ""})

    refused = page(FREEZE, {"seen": "", "change_summary": ""})
    assert "Enter what is different from the version before" in words(refused)
    page(FREEZE, {"seen": "", "change_summary": "Two measures"})

    assert PlanVersion.objects.get(number=2).change_summary == "Two measures"


# The three legs


def test_the_clock_stops_when_all_three_are_recorded_and_not_before(council, plan, page):
    make_version(plan)
    clock = council.clocks.get(kind="plan")

    first = page(RECORD, step_posted("ofsted"))
    assert "Sent to Ofsted: recorded for Tuesday 5 May 2026. 2 of the 3 are still to be done." in words(first)
    page(RECORD, step_posted("dfe"))
    assert fresh(clock).met_on is None
    last = page(RECORD, step_posted("published", TODAY))

    assert fresh(clock).met_on == TODAY
    assert "All three are recorded, and the plan’s clock has stopped." in words(last)
    assert Submission.history.count() == 3
    row = Submission.objects.get(step="ofsted")
    assert (row.done_by, row.proof, row.version.number) == (
        "Aisha Rahman",
        "Email to Ofsted, kept in the plan folder",
        1,
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (step_posted("ofsted", date(2026, 5, 7)), "It cannot be in the future"),
        (step_posted("ofsted", date(2026, 5, 1)), "Version 1 was frozen on 4 May 2026"),
        (step_posted(""), "Select what was done"),
        (step_posted("posted"), "Select what was done"),
        (step_posted("ofsted", done_by=""), "Enter who did it"),
        (step_posted("ofsted", proof=""), "Enter where the proof is kept"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_what_was_typed_stays(plan, page, data, said):
    make_version(plan)

    response = page(RECORD, data)

    assert said in words(response)
    assert "<title>Error: " in response.content.decode()
    assert not Submission.objects.exists()


def test_the_second_of_two_who_record_the_same_step_is_told(plan, page):
    make_submission(plan, "dfe")

    response = page(RECORD, step_posted("dfe"))

    assert "What is not in the list is recorded already." in words(response)
    assert Submission.objects.get().done_on == date(2026, 5, 5)


def test_there_is_nothing_to_record_before_a_version_is_frozen_or_after_all_is_done(plan, page):
    assert page(RECORD).url == ADDRESS
    assert page(REPLY).url == ADDRESS
    for step in ("ofsted", "dfe", "published"):
        make_submission(plan, step)

    assert page(RECORD).url == ADDRESS
    assert "All three are recorded." in words(page())


# Ofsted's reply


@pytest.fixture
def sent(plan):
    for step in ("ofsted", "dfe", "published"):
        make_submission(plan, step)
    return plan


def test_does_not_reflect_returns_the_plan_and_says_so_at_the_top_of_its_pages(council, sent, page):
    response = page(REPLY, reply_posted(**day_of("respond_by", date(2026, 5, 29))))

    said = words(response)
    assert "Version 1 is returned: send the next one by Friday 29 May 2026." in said
    assert "Returned. Ofsted replied on 6 May 2026 that version 1 does not reflect the findings." in said
    assert "Returned. Ofsted replied on 6 May 2026" in words(page("/plans/2026/", member=ines(council)))
    assert OfstedReply.objects.get().words == "No measures."
    assert council.clocks.get(kind="resubmission").due == date(2026, 5, 29)
    assert council.clocks.get(kind="plan").met_on == date(2026, 5, 5)


def test_without_a_date_the_page_says_what_the_councils_own_rule_gives(council, sent, page):
    said = words(page(REPLY, reply_posted()))

    assert "send the next one by Thursday 4 June 2026" in said
    assert "The next version is due Thursday 4 June 2026." in said


def test_reflects_accepts_the_plan(sent, page):
    said = words(page(REPLY, reply_posted("reflects", words="")))

    assert "Version 1 reflects the findings." in said
    assert "Accepted. Ofsted replied on 6 May 2026 that version 1 reflects the findings." in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (reply_posted(""), "Select what Ofsted says"),
        (reply_posted(day=date(2026, 5, 7)), "It cannot be in the future"),
        (reply_posted(day=date(2026, 5, 4)), "The version was sent on 5 May 2026"),
        (reply_posted(words=""), "Enter what the reply says is missing"),
        (reply_posted(proof=""), "Enter where the reply is kept"),
        (reply_posted(**day_of("respond_by", TODAY)), "must be after the day the reply came"),
        (reply_posted("reflects", **day_of("respond_by", date(2026, 6, 1))), "Leave this date empty"),
    ],
)
def test_a_reply_that_cannot_be_is_refused(sent, page, data, said):
    assert said in words(page(REPLY, data))
    assert not OfstedReply.objects.exists()


def test_the_second_of_two_who_record_the_reply_is_told_and_nothing_changes(sent, page):
    page(REPLY, reply_posted())

    response = page(REPLY, reply_posted("reflects"))

    assert "Ofsted’s reply to version 1 is recorded already: does not reflect the findings" in words(response)
    assert OfstedReply.objects.get().kind == "does_not_reflect"


def test_the_plan_is_sent_again_and_the_earlier_reply_stays_in_view(council, sent, page):
    page(REPLY, reply_posted(words="No measures for priority 3."))
    make_version(sent, on=TODAY)
    assert "Version 2 is frozen and has not gone to Ofsted yet." in words(page())

    for step in ("ofsted", "dfe", "published"):
        page(RECORD, step_posted(step, TODAY))

    said = words(page())
    assert "Sent again. Version 2 was sent to Ofsted on 6 May 2026" in said
    assert "Replies to earlier versions" in said
    assert "“No measures for priority 3.”" in said
    assert council.clocks.get(kind="resubmission").met_on == TODAY


def test_text_typed_before_the_session_ended_is_kept(client, signed_in, council, plan):
    make_version(plan)
    response = client.post(RECORD, step_posted("ofsted", proof="The folder of the plan"))

    assert response.status_code == 200
    assert "What you typed is kept" in response.content.decode()
