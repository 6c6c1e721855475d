"""A text that may identify a child stops every form once; why it may stay is kept with what was saved."""

import pytest

from accounts.models import CouncilPractice
from tests import factories
from tests.actions.pages import errors_of, text_of

TEXT = "Ofsted’s letter to our office at NN1 2AB"
PAGE = "/settings/next_visit/"


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


def reason():
    return CouncilPractice.objects.get().history.first().history_change_reason


def test_a_form_stops_once_and_saves_nothing(office):
    stopped = office.post(PAGE, {"value": "4", "source": TEXT})

    assert errors_of(stopped) == {"source": ["This may identify a child. Remove it or say why it is safe."]}
    assert "If it is safe, say why The text has what looks like a postcode." in text_of(stopped)
    assert TEXT in text_of(stopped)
    assert not CouncilPractice.objects.exists()


def test_why_it_is_safe_is_kept_in_the_history(office):
    office.post(PAGE, {"value": "4", "source": TEXT, "safe_because": "It is our own postcode"})

    assert CouncilPractice.objects.get().source == TEXT
    assert reason().endswith("(Said to identify no child: It is our own postcode)")


def test_why_it_is_safe_is_not_said_of_the_next_change(office):
    office.post(PAGE, {"value": "4", "source": TEXT, "safe_because": "It is our own postcode"})
    office.post(PAGE, {"value": "5", "source": "Ofsted’s letter", "safe_because": "Left over"})

    assert "Said to identify no child" not in reason()


def test_an_answer_that_is_too_long_is_given_back(office):
    stopped = office.post(PAGE, {"value": "4", "source": TEXT, "safe_because": "x" * 201})

    assert errors_of(stopped)["safe_because"] == ["Use 200 characters or fewer. You have used 201."]
    assert not CouncilPractice.objects.exists()


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_answer_is_none(office, blank):
    stopped = office.post(PAGE, {"value": "4", "source": TEXT, "safe_because": blank})

    assert "source" in errors_of(stopped)


def test_the_question_stands_under_the_text_it_is_about(office):
    page = text_of(office.post(PAGE, {"value": "4", "source": TEXT}))

    assert (
        page.index("Where does the number come from")
        < page.index("If it is safe, say why")
        < page.index("Save the number")
    )
