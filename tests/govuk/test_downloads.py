"""Tables to take away: nothing in them runs in a spreadsheet program."""

import csv
import io

import pytest

from tracker.govuk.downloads import csv_download, csv_lines, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+44",
        "-2+3",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\x00=1",
        "=cmd|' /c'!A0",
    ],
)
def test_what_could_be_a_formula_is_led_by_an_apostrophe(text):
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Priya Nair", "Priya Nair"),
        ("3.4", "3.4"),
        ("8 August 2014", "8 August 2014"),
        ("a = b", "a = b"),
        ("two\nlines", "two\nlines"),
        ("odd\x07\x00text", "oddtext"),
        (None, ""),
        (12, "12"),
        (-3, "-3"),
        (0, "0"),
    ],
)
def test_other_values_stay_as_they_are(value, cell):
    assert safe_cell(value) == cell


def test_a_file_says_that_it_is_utf_8_and_quotes_what_needs_it():
    text = "".join(csv_lines(["Name", "=Sum"], [["Siân, Morgan", 'says "yes"'], ["", None]]))

    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff")))) == [
        ["Name", "'=Sum"],
        ["Siân, Morgan", 'says "yes"'],
        ["", ""],
    ]


def test_a_download_is_an_attachment_of_its_name_read_as_it_is_sent():
    read = []

    def rows():
        for number in range(3):
            read.append(number)
            yield [number]

    response = csv_download("northbridge-actions.csv", ["Number"], rows())

    assert read == []
    assert response["Content-Disposition"] == 'attachment; filename="northbridge-actions.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content).decode().split() == ["\ufeffNumber", "0", "1", "2"]
