import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("deadline", *arguments, stdout=out)
    return out.getvalue()


def test_every_clock_from_a_day_of_receipt_as_json():
    (answer,) = json.loads(printed("2014-08-08", "--json"))

    plan, report = answer["clocks"]
    assert (answer["received_on"], plan["due"], report["due"]) == ("2014-08-08", "2014-11-17", "2014-09-22")
    assert plan["calendar_days_reading"] == "2014-10-17"
    assert [skipped["day"] for skipped in plan["skipped_holidays"]] == ["2014-08-25"]
    assert plan["working"][0]["number"] == 0
    assert plan["working"][-1] == {"day": "2014-11-17", "number": 70, "reason": ""}


def test_several_days_are_answered_in_the_order_asked():
    answers = json.loads(printed("2022-04-01", "2014-08-08", "--json"))

    assert [answer["clocks"][0]["due"] for answer in answers] == ["2022-07-15", "2014-11-17"]


def test_the_working_in_words_names_what_is_skipped_and_the_misreading():
    words = printed("2014-08-08")

    assert "Send and publish the plan: due Monday 17 November 2014 (70 working days)" in words
    assert "70 calendar days would be 17 October 2014; the law counts working days." in words
    assert "Mon 25 Aug 2014  skipped" in words
    assert "Mon 17 Nov 2014  day 70" in words


@pytest.mark.parametrize("text", ["8 August 2014", "2014-02-30", "soon"])
def test_what_is_no_date_is_refused_with_how_to_write_it(text):
    with pytest.raises(CommandError, match="is not a date"):
        printed(text)


def test_a_day_past_the_table_fails_loudly():
    with pytest.raises(CommandError, match="Bank holidays are known from 2010 to 2036"):
        printed("2036-11-01")
