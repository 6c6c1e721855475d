"""A broken seed file: the file and the line are named with what to do, and nothing is loaded."""

import re

import pytest
from django.core.management import CommandError

from accounts.models import Authority, User
from seeds import loading
from tests.seeds.conftest import seed, spoil
from tracker.actions import changes
from tracker.actions.models import Action

pytestmark = pytest.mark.django_db


def refused(folder, what: str = "demo") -> str:
    """Load a folder that must be refused, see that nothing was loaded, and return what was said."""
    with pytest.raises(CommandError) as error:
        seed(what, "--directory", str(folder))
    assert not Authority.objects.exists()
    assert not User.objects.exists()
    assert str(error.value).endswith("Nothing was loaded.")
    return str(error.value)


def named_line(message: str, file) -> str:
    """Return the line of the file that a message names."""
    number = re.search(rf"{re.escape(str(file))}, line (\d+): ", message)
    assert number, message
    return file.read_text().splitlines()[int(number[1]) - 1].strip()


FAULTS = {
    # What is wrong: (what stands there, what is put instead, the line that is named, what is said)
    "bad YAML": ("    priority: 1", "   priority: 1", "priority: 1", "This is not YAML: "),
    "a tab": ("    owner: lin-zhou", "\towner: lin-zhou", "owner: lin-zhou", "This is not YAML: "),
    "an unknown field": (
        "    owner: lin-zhou",
        "    onwer: lin-zhou",
        "onwer: lin-zhou",
        "“onwer” is not a field of an action. Did you mean “owner”?",
    ),
    "an unknown field that is like no other": (
        "    heading: What needs",
        "        budget: What needs"[4:],
        "budget: What needs to improve",
        "“budget” is not a field of a recommendation. Remove it. Use one of: reference, kind, ",
    ),
    "a field given twice": (
        "    owner: lin-zhou\n",
        "    owner: lin-zhou\n    owner: kate-moran\n",
        "owner: kate-moran",
        "“owner” stands twice in an action. Remove one of them.",
    ),
    "a missing field": (
        "    owner: kate-moran\n",
        "",
        '- reference: "1.2"',
        "“owner” is missing from an action. Add it.",
    ),
    "a missing list": (
        "agencies:\n  - name: Southmere Police\n    kind: police\n",
        "",
        "fictional: true",
        "“agencies” is missing from a council file. Add it.",
    ),
    "a word for a number": ("priority: 1", "priority: one", "priority: one", "must be a whole number, not “one”."),
    "a list for a number": ("priority: 1", "priority: [1]", "priority: [1]", "must be a whole number, not “several"),
    "a number for text": ('reference: "1.1"', "reference: 1.1", "- reference: 1.1", "Put “1.1” in quotes."),
    "a word for yes or no": (
        "is_paraphrase: false",
        "is_paraphrase: perhaps",
        "is_paraphrase: perhaps",
        "“is_paraphrase” must be true or false, not “perhaps”.",
    ),
    "a word for a list": ("roles: [director]", "roles: director", "roles: director", "“roles” must be a list"),
    "an empty list": ("roles: [director]", "roles: []", "roles: []", "“roles” is empty. Name at least one."),
    "a word that is not a choice": (
        "roles: [director]",
        "roles: [direktor]",
        "roles: [direktor]",
        "“roles” is “direktor”. Did you mean “director”?",
    ),
    "a list of words for rows": (
        "visits: []",
        "visits: [focused-1]",
        "visits: [focused-1]",
        "Here a visit is expected",
    ),
    "nothing where something must be": (
        "owner: lin-zhou",
        "owner: null",
        "owner: null",
        "“owner” may not be empty here. Give a value.",
    ),
    "an empty text": ("owner: lin-zhou", "owner: ''", "owner: ''", "“owner” is empty. Write something."),
    "a text too long": (
        "title: A manager reads every contact within 1 working day",
        f"title: {'a' * 201}",
        f"title: {'a' * 201}",
        "“title” has 201 characters and at most 200 fit. Shorten it.",
    ),
    "a date of the calendar in a made-up file": (
        "deadline: {wd: -1}",
        "deadline: 2026-05-05",
        "deadline: 2026-05-05",
        "must be a date counted from today. Write it as {wd: -4}",
    ),
    "a date without a number": (
        "deadline: {wd: -1}",
        "deadline: {wd: soon}",
        "deadline: {wd: soon}",
        "must be a date counted from today.",
    ),
    "a date past the bank holidays": (
        "deadline: {wd: -1}",
        "deadline: {wd: 9999}",
        "deadline: {wd: 9999}",
        "“deadline” cannot be counted. Bank holidays are known from 2010",
    ),
    "something that happened in the future": (
        "recorded_on: {wd: -13}",
        "recorded_on: {wd: 3}",
        "- recorded_on: {wd: 3}",
        "“recorded_on” is in the future, and it tells of something that happened.",
    ),
    "a person nobody knows": (
        "    owner: lin-zhou",
        "    owner: lin-zou",
        "owner: lin-zou",
        "“lin-zou” is not among the people of this council. Did you mean “lin-zhou”?",
    ),
    "a service nobody knows": (
        "    service: Front door\n    recommendations",
        "    service: Kitchen\n    recommendations",
        "service: Kitchen",
        "“Kitchen” is not among the services of this council. Use one of: ",
    ),
    "a recommendation nobody knows": (
        '    recommendations: ["1"]',
        '    recommendations: ["99"]',
        'recommendations: ["99"]',
        "-ilacs. Use one of: 1, 2, 3, 4.",
    ),
    "a finding nobody knows": (
        '    recommendations: ["1"]\n',
        '    recommendations: ["1"]\n    findings: [focused-1/1]\n',
        "findings: [focused-1/1]",
        "“focused-1/1” is not among the findings that need work.",
    ),
    "a priority nobody knows": ("    priority: 1", "    priority: 7", "priority: 7", "“7” is not among the priorities"),
    "an inspection nobody knows": (
        "inspection: '{year}-ilacs'",
        "inspection: 2014-sif",
        "inspection: 2014-sif",
        "“2014-sif” is not among the inspections of this council.",
    ),
    "a filling nobody knows": (
        "services plan {year}",
        "services plan {month}",
        "title: Children’s services plan {month} to {year+2}",
        "Only {year} and {year+n} are known",
    ),
    "a reference used twice": (
        '  - reference: "1.2"',
        '  - reference: "1.1"',
        '- reference: "1.1"',
        "“1.1” is used already, on line ",
    ),
    "a milestone after the deadline": (
        "due_on: {wd: -39}",
        "due_on: {wd: 4}",
        "due_on: {wd: 4}",
        ", after the deadline of 1.1, ",
    ),
    "a deadline before the start": (
        "deadline: {wd: -1}",
        "deadline: {wd: -63}",
        "deadline: {wd: -63}",
        "is before the action starts",
    ),
    "an inspection that ends before it starts": (
        "ended_on: {wd: -56}",
        "ended_on: {wd: -66}",
        "ended_on: {wd: -66}",
        "before it starts on",
    ),
    "a first deadline without a change": (
        "deadline_changes: []",
        "deadline_changes: []\n    first_agreed: {wd: -3}",
        "first_agreed: {wd: -3}",
        "The deadline never moved.",
    ),
    "updates out of order": (
        "recorded_on: {wd: -13}",
        "recorded_on: {wd: -40}",
        "- recorded_on: {wd: -40}",
        "Put the oldest first.",
    ),
    "an update after the end": (
        "recorded_on: {wd: -24}",
        "recorded_on: {wd: -21}",
        "- recorded_on: {wd: -21}",
        "3.1 was finished by then, so it took no more updates.",
    ),
    "an address that is none": (
        "email: lin-zhou@southmere.example",
        "email: lin-zhou",
        "email: lin-zhou",
        "“lin-zhou” is not an email address.",
    ),
    "a slug that cannot stand in an address": (
        "slug: southmere",
        "slug: south mere",
        "slug: south mere",
        "Use letters, digits and hyphens only.",
    ),
    "a partner without an agency": (
        "    agency: Southmere Police\n  - key",
        "  - key",
        "roles: [partner]",
        "A partner belongs to an agency.",
    ),
    "an inspector without an end": (
        "    ends_on: {wd: 120}\n",
        "",
        "roles: [inspector]",
        "An inspector's access has an end.",
    ),
    "a recommendation lost": (
        "recommendations_expected: 4",
        "recommendations_expected: 5",
        "recommendations_expected: 5",
        "5 recommendations are expected and 4 are here.",
    ),
    "an area of another framework": (
        "area: in_care\n",
        "area: adoption_performance\n",
        "- area: adoption_performance",
        "The framework ilacs does not judge “adoption_performance”.",
    ),
    "evidence checked by who gave it": (
        "        checked_by: joe-adair",
        "        checked_by: femi-adeleke",
        "checked_by: femi-adeleke",
        "Nobody checks what they gave.",
    ),
    "work checked by its owner": (
        "      checked_by: joe-adair\n    difference",
        "      checked_by: femi-adeleke\n    difference",
        "checked_by: femi-adeleke",
        "“femi-adeleke” owns 3.1, and nobody checks their own work.",
    ),
    "a restriction without a reason": (
        "    restricted_reason: Concerns the posts of people who can be identified.\n",
        "",
        "is_restricted: true",
        "Say why it is restricted.",
    ),
    "a restriction never looked at again": (
        "    restriction_review_on: {wd: 48}\n",
        "",
        '- reference: "2.1"',
        "looked at again on a day.",
    ),
    "an owner who cannot own": (
        "    owner: kate-moran",
        "    owner: ruth-ellwood",
        "owner: ruth-ellwood",
        "“ruth-ellwood” holds no role that owns actions.",
    ),
    "an action of nobody": (
        "    agency: Southmere Police\n    recommendations",
        "    recommendations",
        '- reference: "1.2"',
        "An action has a service or an agency: exactly one of them.",
    ),
}


@pytest.mark.parametrize(("old", "new", "line", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_line(demo_folder, old, new, line, said):
    file = demo_folder / "southmere.yaml"
    spoil(file, old, new)

    message = refused(demo_folder)

    assert said in message
    assert named_line(message, file) == line


RECORD_FAULTS = {
    "a day that does not exist": (
        "buckinghamshire.yaml",
        "received_on: 2014-08-08",
        "received_on: 2014-02-30",
        "received_on: 2014-02-30",
        "“received_on” is 2014-02-30, which is not a day of the calendar.",
    ),
    "a day in another form": (
        "buckinghamshire.yaml",
        "received_on: 2014-08-08",
        "received_on: 8/8/2014",
        "received_on: 8/8/2014",
        "“received_on” must be a date, not “8/8/2014”. Write it as 2014-11-03.",
    ),
    "a day counted from today": (
        "buckinghamshire.yaml",
        "received_on: 2014-08-08",
        "received_on: {wd: -4}",
        "received_on: {wd: -4}",
        "“received_on” must be a date",
    ),
    "a report received before the inspection ended": (
        "buckinghamshire.yaml",
        "received_on: 2014-08-08",
        "received_on: 2014-06-08",
        "received_on: 2014-06-08",
        "before the inspection ends.",
    ),
    "no source": (
        "buckinghamshire.yaml",
        "        is_paraphrase: true\n        source: 2014-sif\n",
        "        is_paraphrase: true\n",
        '- reference: "12"',
        "“source” is missing from a recommendation.",
    ),
    "a source nobody knows": (
        "buckinghamshire.yaml",
        "      - area: overall_effectiveness\n        grade: inadequate\n        source: 2014-sif",
        "      - area: overall_effectiveness\n        grade: inadequate\n        source: hearsay",
        "source: hearsay",
        "“hearsay” is not among the sources of this council.",
    ),
    "no day and no word about it": (
        "buckinghamshire.yaml",
        "    dates_note: 'Visit: February 2021, day not found. Letter: April 2021, day not found.'\n",
        "",
        "starts_on: null",
        "Say in “dates_note” what is known.",
    ),
    "a finding that repeats a recommendation nobody knows": (
        "buckinghamshire.yaml",
        '        recommendation: "22"',
        '        recommendation: "11"',
        'recommendation: "11"',
        "“11” is not among the recommendations of 2014-sif.",
    ),
    "a plan of a council nobody knows": (
        "buckinghamshire_plan_2014.yaml",
        "council: buckinghamshire",
        "council: berkshire",
        "council: berkshire",
        "No file has the council “berkshire”. Use one of: buckinghamshire.",
    ),
    "changes that do not join": (
        "buckinghamshire_plan_2014.yaml",
        "      - from: 2014-09-26",
        "      - from: 2014-09-25",
        "- from: 2014-09-25",
        "The deadline was 26 September 2014 then. Correct “from”.",
    ),
    "a change that does not end at the deadline": (
        "buckinghamshire_plan_2014.yaml",
        "        to: 2014-10-13",
        "        to: 2014-10-10",
        "deadline: 2014-10-13",
        "The last change moves it to 10 October 2014.",
    ),
    "a milestone after the deadline": (
        "buckinghamshire_plan_2014.yaml",
        "due_on: 2014-09-19",
        "due_on: 2014-10-19",
        "due_on: 2014-10-19",
        "The milestone is due on 19 October 2014, after the deadline of 1.1, 30 September 2014.",
    ),
    "an illustration that does not say so": (
        "buckinghamshire_plan_2014.yaml",
        "  illustrative: true\n",
        "",
        'reference: "2014"',
        "“illustrative” and “illustrative_note” go together.",
    ),
    "agreed by who asked": (
        "buckinghamshire_plan_2014.yaml",
        "agreed_by: director",
        "agreed_by: partnership-manager",
        "agreed_by: partnership-manager",
        "Nobody agrees to their own request.",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "line", "said"), RECORD_FAULTS.values(), ids=RECORD_FAULTS)
def test_a_fault_of_the_record_is_named_with_its_line(record_folder, name, old, new, line, said):
    file = record_folder / name
    spoil(file, old, new)

    message = refused(record_folder, "record")

    assert said in message
    assert named_line(message, file) == line


def test_a_made_up_council_is_not_loaded_as_record(demo_folder):
    spoil(demo_folder / "southmere.yaml", "{clock_days_left: 45}", "2014-08-08")

    assert "southmere.yaml, line " in refused(demo_folder, "record")


def test_an_empty_file_and_an_empty_folder_are_named(tmp_path):
    assert f"{tmp_path}, line 1: There is no .yaml file in this folder." in refused(tmp_path)

    (tmp_path / "empty.yaml").write_text("# Nothing yet\n")

    assert "empty.yaml, line 1: The file is empty." in refused(tmp_path)


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "council.yaml").write_bytes(b"fictional: \xff\xfe\n")

    assert "council.yaml, line 1: This cannot be read: " in refused(tmp_path)


def test_a_fault_of_the_last_file_leaves_nothing_of_the_first(demo_folder):
    second = demo_folder / "westmere.yaml"
    text = (demo_folder / "southmere.yaml").read_text()
    second.write_text(text.replace("southmere", "westmere").replace("Southmere", "Westmere"))
    seed("demo", "--directory", str(demo_folder), "--show-sign-ins")  # Reads both, which are in order as yet.
    spoil(second, "    owner: femi-adeleke\n", "    owner: nobody\n")

    assert "westmere.yaml, line " in refused(demo_folder)


def test_two_councils_cannot_share_a_slug_or_an_address(demo_folder):
    text = (demo_folder / "southmere.yaml").read_text()
    (demo_folder / "westmere.yaml").write_text(text)

    assert "“southmere” is used already, on " in refused(demo_folder)


def test_a_change_that_is_refused_while_loading_names_the_row_and_leaves_nothing(demo_folder, monkeypatch):
    real = changes.record_update

    def refuse_the_last(action: Action, **values):
        if action.reference == "2.2":
            raise changes.ActionClosed("2.2 is finished already.")
        return real(action, **values)

    monkeypatch.setattr(loading.action_changes, "record_update", refuse_the_last)

    message = refused(demo_folder)

    assert "This was refused: 2.2 is finished already." in message
    assert named_line(message, demo_folder / "southmere.yaml") == "- recorded_on: {wd: -8}"
