"""Where a plan stands with Ofsted, in words, and which steps end which clock."""

from datetime import date

import pytest

from tracker.inspections.models import Clock
from tracker.plans import rules
from tracker.plans.models import OfstedReply, Submission
from tracker.plans.rules import SentVersion, Standing, clock_met_on, reply_kind, standing_of
from tracker.plans.wording import standing_words

MAY_4, MAY_5, MAY_8 = date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 8)
JUNE_1, JUNE_29 = date(2026, 6, 1), date(2026, 6, 29)
ALL = {"ofsted": MAY_5, "dfe": MAY_5, "published": MAY_8}


def version(number=3, steps=None, reply="", **fields):
    values = {"replied_on": JUNE_1} if reply else {}
    return SentVersion(number, MAY_4, steps or {}, reply, **{**values, **fields})


RETURNED = version(3, ALL, rules.DOES_NOT_REFLECT, respond_by=JUNE_29)
ACCEPTED = version(3, ALL, rules.REFLECTS)


@pytest.mark.parametrize(
    ("versions", "standing", "words"),
    [
        ([], Standing.DRAFTING, "The plan is being drafted. No version has been frozen to be sent."),
        (
            [version()],
            Standing.READY,
            "Version 3 is frozen and ready to send. It is not yet sent to Ofsted, sent to DfE or published.",
        ),
        (
            [version(3, {"ofsted": MAY_5})],
            Standing.IN_PART,
            "Version 3 was sent to Ofsted on 5 May 2026. It is not yet sent to DfE or published.",
        ),
        (
            [version(3, {"ofsted": MAY_5, "dfe": MAY_5})],
            Standing.IN_PART,
            "Version 3 was sent to Ofsted on 5 May 2026 and sent to DfE on 5 May 2026. It is not yet published.",
        ),
        (
            [version(3, ALL)],
            Standing.SENT,
            (
                "Version 3 was sent to Ofsted on 5 May 2026, sent to DfE on 5 May 2026 and published on 8 May 2026. "
                "Ofsted has not replied yet."
            ),
        ),
        (
            [ACCEPTED],
            Standing.ACCEPTED,
            "Accepted. Ofsted replied on 1 June 2026 that version 3 reflects the findings.",
        ),
        (
            [RETURNED],
            Standing.RETURNED,
            (
                "Returned. Ofsted replied on 1 June 2026 that version 3 does not reflect the findings. Send the next "
                "version by Monday 29 June 2026, the date Ofsted gives."
            ),
        ),
        (
            [version(3, ALL, rules.DOES_NOT_REFLECT), version(5)],
            Standing.RETURNED,
            (
                "Returned. Ofsted replied on 1 June 2026 that version 3 does not reflect the findings. Send the next "
                "version. Version 5 is frozen and has not gone to Ofsted yet."
            ),
        ),
        (
            [RETURNED, version(5, {"ofsted": MAY_5})],
            Standing.IN_PART,
            "Version 5 was sent to Ofsted on 5 May 2026. It is not yet sent to DfE or published.",
        ),
        (
            [RETURNED, version(5, ALL)],
            Standing.SENT_AGAIN,
            (
                "Sent again. Version 5 was sent to Ofsted on 5 May 2026, sent to DfE on 5 May 2026 and published on "
                "8 May 2026. Ofsted has not replied yet."
            ),
        ),
        (
            [RETURNED, version(5, ALL, rules.REFLECTS)],
            Standing.ACCEPTED,
            "Accepted. Ofsted replied on 1 June 2026 that version 5 reflects the findings.",
        ),
        (
            [RETURNED, version(5, ALL, rules.DOES_NOT_REFLECT)],
            Standing.RETURNED,
            (
                "Returned. Ofsted replied on 1 June 2026 that version 5 does not reflect the findings. Send the next "
                "version."
            ),
        ),
        (
            [RETURNED, version(5, ALL, rules.REFLECTS), version(6)],
            Standing.READY,
            "Version 6 is frozen and ready to send. It is not yet sent to Ofsted, sent to DfE or published.",
        ),
    ],
)
def test_where_a_plan_stands_follows_from_what_was_done_and_answered(versions, standing, words):
    assert standing_of(versions) is standing
    assert standing_words(standing, versions) == words


@pytest.mark.parametrize(
    ("kind", "steps", "met_on"),
    [
        ("plan", {"ofsted": MAY_5, "dfe": MAY_5}, None),
        ("plan", {"ofsted": MAY_8, "dfe": MAY_4, "published": MAY_5}, MAY_8),
        ("focused_plan", ALL, MAY_8),
        ("joint_statement", ALL, MAY_8),
        ("resubmission", ALL, MAY_8),
        ("resubmission", {"ofsted": MAY_5}, None),
        ("send_plan", {"ofsted": MAY_5}, MAY_5),
        ("send_plan", {"dfe": MAY_5, "published": MAY_5}, None),
        ("written_statement", {"ofsted": MAY_5}, MAY_5),
        ("send_publication", {"ofsted": MAY_5}, None),
        ("send_publication", ALL, MAY_8),
    ],
)
def test_a_clock_is_met_on_the_day_of_the_last_step_it_waits_for(kind, steps, met_on):
    assert clock_met_on(kind, steps) == met_on


def test_the_words_of_the_rules_are_those_of_the_tables():
    assert set(Submission.Step.values) == rules.ALL_STEPS
    assert set(OfstedReply.Kind.values) == {rules.REFLECTS, rules.DOES_NOT_REFLECT}
    kinds = {*rules.ENDED_BY, *rules.REPLIES, rules.RESUBMISSION, reply_kind(is_area_send=True)}
    assert kinds <= set(Clock.Kind.values)


def test_ofsted_decides_on_an_area_send_plan_and_replies_to_others():
    assert reply_kind(is_area_send=True) == "send_decision"
    assert reply_kind(is_area_send=False) == "ofsted_reply"
