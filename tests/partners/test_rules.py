"""How long a partner's link works."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tracker.partners.rules import WORKS_FOR, Ending, LinkFacts, ending_of


def facts(**changed) -> LinkFacts:
    values = {
        "expires_at": NOW + WORKS_FOR,
        "ended_why": "",
        "was_reassigned": False,
        "was_closed": False,
        "was_restricted": False,
    }
    return LinkFacts(**values | changed)


@pytest.mark.parametrize(
    ("after", "ending"),
    [
        (timedelta(0), None),
        (timedelta(hours=72) - timedelta(seconds=1), None),
        (timedelta(hours=72), Ending.EXPIRED),
        (timedelta(days=365), Ending.EXPIRED),
    ],
)
def test_a_link_works_for_72_hours(after, ending):
    assert ending_of(facts(), at=NOW + after) == ending


@pytest.mark.parametrize(
    ("changed", "ending"),
    [
        ({"ended_why": "used"}, Ending.USED),
        ({"ended_why": "withdrawn"}, Ending.WITHDRAWN),
        ({"was_reassigned": True}, Ending.REASSIGNED),
        ({"was_closed": True}, Ending.CLOSED),
        ({"was_restricted": True}, Ending.RESTRICTED),
        ({"ended_why": "used", "was_restricted": True, "was_closed": True}, Ending.USED),
        ({"was_restricted": True, "was_closed": True, "was_reassigned": True}, Ending.RESTRICTED),
        ({"was_closed": True, "was_reassigned": True}, Ending.REASSIGNED),
        ({"was_closed": True, "expires_at": NOW}, Ending.CLOSED),
    ],
)
def test_a_link_ends_when_it_is_used_or_withdrawn_or_when_its_action_is_not_as_it_was(changed, ending):
    assert ending_of(facts(**changed), at=NOW) == ending
