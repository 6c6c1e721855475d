"""Attacks by what is typed: scripts in every text, and malformed or oversized values in every field of every form."""

import re
from urllib.parse import quote, urlencode

import pytest

from tests.attacks.attacker import Answer, Attacker, Form, forms_of, read
from tests.attacks.conftest import Target

PAYLOAD = "zq\"'><script>alert(9)</script><img src=x onerror=alert(9)>{{7*7}}${7*7}javascript:alert(9)"
# In a page; a file to take away is not run by a browser.
RUNS = re.compile(r"<script>alert\(9\)|<img src=x onerror", re.IGNORECASE)
REFLECTED = ("q", "words", "page", "actions", "owner", "status", "due", "next", "first", "second", "kind", "day", "o")
MALFORMED = {
    "nothing": "",
    "spaces": "   ",
    "a null": "a\x00b",
    "too long": "x" * 50_000,
    "a huge number": "9" * 400,
    "a negative number": "-1",
    "no number": "NaN",
    "a list": "[]",
    "half a character": "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    "all planes": "\U0001f469\u200d\U0001f4bb\u202e\ufeff",
    "control characters": "\x01\x08\x1b[31m\x7f",
    "a quotation": "'; DROP TABLE accounts_user; --",
    "a path": "../../../../etc/passwd",
    "digits of another script": "١٢",
    "a template": "{% debug %}{{ settings.SECRET_KEY }}",
}


def runs_in(answer: Answer) -> bool:
    """Whether a browser would run what was typed: in a page, or in a file that it opens by itself."""
    kept_apart = answer.header("Content-Disposition").startswith("attachment")
    return bool(RUNS.search(answer.body)) and not (
        kept_apart
        and answer.header("X-Content-Type-Options") == "nosniff"
        and "html" not in answer.header("Content-Type")
    )


@pytest.fixture(scope="module")
def attacker(target: Target) -> Attacker:
    return target.signed_in()


@pytest.fixture(scope="module")
def forms(attacker: Attacker) -> list[Form]:
    """One form of each shape that the programme office meets."""
    return forms_of(attacker.pages())


def test_the_forms_that_are_attacked_are_many(forms):
    assert len(forms) > 25
    assert sum(len(form.texts) for form in forms) > 40


def test_no_page_repeats_a_script_from_its_address(attacker):
    wrong = []
    for address in attacker.pages():
        path = address.partition("?")[0]
        answer = attacker.get(f"{path}?{urlencode([(name, PAYLOAD) for name in REFLECTED])}")
        if runs_in(answer) or answer.status >= 500:
            wrong.append(f"{path}: {answer.status}")
    nowhere = attacker.get(f"/{quote(PAYLOAD, safe='')}/")

    assert wrong == []
    assert not runs_in(nowhere)


@pytest.mark.parametrize("name", MALFORMED)
def test_no_form_breaks_over_a_value_that_is(attacker, forms, name):
    """The same in every field at once, choices and hidden fields too, each of them twice."""
    wrong = []
    for form in forms:
        said = [(box.name, MALFORMED[name]) for box in form.boxes if box.name != "csrfmiddlewaretoken"]
        answer = attacker.post(form.action, [*said, *said])
        if answer.status >= 500:
            wrong.append(f"{form.action}: {answer.status}")

    assert wrong == []


def test_no_form_breaks_over_a_body_that_is_no_form(attacker, forms):
    bodies = [
        ("application/json", b'{"a": [1, {"b": null}]}'),
        ("application/x-www-form-urlencoded", b"%ff%fe=%zz&&&=&\xff\xfe"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
        ("multipart/form-data", b"no boundary"),
        ("text/plain; charset=utf-7", b"+ADw-script+AD4-"),
        ("application/x-www-form-urlencoded; charset=klingon", b"a=b"),
    ]
    headers = [("Origin", attacker.url), ("X-CSRFToken", attacker.cookies["csrf"])]
    wrong = []
    for form in forms:
        for kind, body in bodies:
            answer = attacker.ask("POST", form.action, body, [("Content-Type", kind), *headers])
            if answer.status >= 500:
                wrong.append(f"{form.action} as {kind}: {answer.status}")

    assert wrong == []


def test_a_body_of_two_megabytes_is_refused(attacker):
    answer = attacker.post("/report-details/", [("page", "x" * 2_000_000)])

    assert 400 <= answer.status < 500
    assert "Traceback" not in answer.body


# Last in this file, as it fills every form and so changes what is there.


def test_a_script_in_any_text_is_stored_as_text_and_runs_nowhere(target, attacker, forms):
    taken = []
    for form in forms:
        for day in ((5, 5, 2026), (1, 9, 2026)):
            page = read(form.page, attacker.get(form.page).body)  # What its hidden fields hold now.
            now = next((one for one in page.forms if one.shape == form.shape), None)
            if now is None or not now.texts:
                break
            answer = attacker.post(now.action, now.filled(PAYLOAD, day=day))
            assert not runs_in(answer), now.action
            assert answer.status < 500, now.action
            if answer.status == 302:
                taken.append(now.action)
                break

    assert len(taken) > 12, "too few forms took the script for the rest to say anything"
    pages = attacker.pages(of_a_shape=2)
    assert [address for address, answer in pages.items() if runs_in(answer)] == []
    assert sum("&lt;script&gt;alert(9)" in answer.body for answer in pages.values()) > 8
