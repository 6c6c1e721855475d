"""What is taken for a child's details: numbers of the NHS and of cases, postcodes, dates of birth."""

import pytest

from accounts.screening import is_nhs_number, what_may_identify


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Reviewed 943 476 5919 with health.", ["an NHS number"]),
        ("Reviewed 9434765919.", ["an NHS number"]),
        ("Moved to NN1 2AB last week.", ["a postcode"]),
        ("Moved to sw1a 1aa.", ["a postcode"]),
        ("Moved to NN1\N{NO-BREAK SPACE}2AB.", ["a postcode"]),
        ("Reviewed \N{FULLWIDTH DIGIT NINE}43.476.5919.", ["an NHS number"]),
        ("Case number 123456 was closed.", ["a case number"]),
        ("See Mosaic ID: 1234567.", ["a case number"]),
        ("A boy born on 3 March 2015.", ["a date of birth"]),
        ("DOB 03/03/2015.", ["a date of birth"]),
        ("Case 123456, NN1 2AB.", ["a case number", "a postcode"]),
    ],
)
def test_a_text_that_may_identify_a_child_is_noticed(text, found):
    assert what_may_identify(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Two more screeners started on 2 November. Waiting list down from 260 to 212.",
        "Ring 01632 960123 for the rota.",
        "The rota of 02/11/2026 covers 7 days.",
        "In 12 cases, 30 of 3000 notifications waited.",
        "Actions 3.4 and 4.10 share funding line A12 3456.",
        "The number 943 476 5918 has the wrong check digit.",
    ],
)
def test_an_ordinary_update_is_not_stopped(text):
    assert what_may_identify(text) == []


def test_an_nhs_number_whose_check_digit_would_be_10_is_none():
    assert not is_nhs_number("1000000006")
    assert is_nhs_number("9434765919")
