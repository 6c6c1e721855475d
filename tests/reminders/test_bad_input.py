"""Names, addresses and titles as people type them: the right mail, nothing put into it, nobody held up."""

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address

import pytest
from django.core import mail as django_mail
from django.db import connection

from accounts.models import Authority, User
from tests.factories import TODAY, dee, make_action, make_authority, make_member, make_plan, priya
from tests.services.servers import SmtpSink
from tracker.reminders import emails, mail, outbox
from tracker.reminders.emails import Email
from tracker.reminders.emails.chosen import MOST_LISTED
from tracker.reminders.mail.smtp import message_of
from tracker.reminders.models import Digest

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=UTC)
LATE = date(2026, 5, 5)


def run() -> outbox.Delivered:
    outbox.queue_due(on=TODAY)
    return outbox.deliver(on=TODAY, at=MORNING, now=lambda: MORNING)


def an_email(**changed: str) -> Email:
    values = {"address": "a@council.example", "from_name": "Plan", "subject": "One", "text": "Two", "html": "<p>Two"}
    return Email(**(values | changed))


@pytest.fixture
def sink(settings):
    """A real mail server behind the tests' own backend."""
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "tracker.reminders.mail.smtp.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = sink.host, sink.port, False
        yield sink


def set_address(user: User, address: str) -> None:
    """Put an address past the checks into the database, as an old import could have."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = %s WHERE id = %s", [address, user.pk])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "priya@council.example\nBcc: everyone@council.example",
            "“priya@council.example Bcc: everyone@council.example” is",
        ),
        ("priya@council.example\r\nSubject: Free money", "is not an address to which every mail server sends"),
        ("josé@council.example", "“josé@council.example” is not an address to which every mail server sends"),
        ("no address at all", "“no address at all” is not an address"),
    ],
)
def test_an_address_that_is_none_is_a_clear_failure_in_the_ledger_and_holds_up_nobody(council, sink, address, words):
    bad, good = priya(council).user, dee(council).user
    for owner in (bad, good):
        make_action(council, owner=owner, deadline=LATE)
    set_address(bad, address)

    delivered = run()

    assert (delivered.sent, delivered.failed) == (1, 1)
    failed = Digest.objects.get(recipient=bad)
    assert failed.state == Digest.State.FAILED
    assert words in failed.last_error
    (message,) = sink.messages
    assert message.recipients == (good.email,)
    assert "Bcc" not in message.message


def test_a_council_whose_name_has_commas_and_quotes_is_one_sender(council, sink):
    other = make_authority('Bournemouth, Christchurch "and" Poole <Council>', "bcp")
    make_action(other, owner=make_member(other, name="Dee Walsh").user, deadline=LATE)

    assert run().sent == 1

    (message,) = sink.messages
    (sender,) = message.message["From"].addresses
    assert sender.display_name == 'Bournemouth, Christchurch "and" Poole <Council> improvement plan'
    assert sender.addr_spec == "improvement-plan@tracker.example"
    assert len(message.message["To"].addresses) == 1


def test_letters_of_all_languages_arrive_in_subject_and_body_as_they_were_typed(sink):
    words = "Żółć — ◆ 子ども ’quoted’"
    with mail.Post() as post:
        post.send(an_email(subject=words, text=f"{words}\n.\n..end\n", html=f"<p>{words}"), message_id="<abc@host>")

    (message,) = sink.messages
    assert message.subject == words
    assert message.text.splitlines() == [words, ".", "..end"]
    assert words in message.html


def test_a_line_of_any_length_arrives_whole(sink):
    line = "x" * 5000
    with mail.Post() as post:
        post.send(an_email(text=line), message_id="<abc@host>")

    assert sink.messages[0].text.strip() == line


@pytest.mark.parametrize("subject", ["One\nBcc: everyone@council.example", "One\r\n\r\nBody"])
def test_a_subject_with_a_line_break_makes_no_header(subject):
    with mail.Post() as post, pytest.raises(mail.CannotBeMade):
        post.send(an_email(subject=subject), message_id="<abc@host>")


def test_a_title_with_html_is_text_in_both_parts(council, sink):
    make_action(council, owner=priya(council).user, deadline=LATE, title="<img src=x onerror=alert(1)> & <b>bold</b>")

    run()

    (message,) = sink.messages
    assert "<img src=x onerror=alert(1)> & <b>bold</b>" in " ".join(message.text.split())
    assert "<img" not in message.html
    assert "&lt;b&gt;bold" in message.html


def test_every_message_has_what_mail_programs_and_servers_look_for(sink):
    stop = "https://plan.example/emails/stop/abc/"
    with mail.Post() as post:
        post.send(an_email(stop_url=stop), message_id="<0123456789abcdef@plan.example>")

    message = message_from_bytes(sink.messages[0].raw, policy=policy.default)
    assert message["Message-ID"] == "<0123456789abcdef@plan.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<{stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"]
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_required_email_has_no_way_to_stop_it():
    assert "List-Unsubscribe" not in message_of(an_email(), "<abc@host>").extra_headers


def test_an_owner_of_500_actions_is_shown_10_and_led_to_the_rest(council, django_assert_max_num_queries):
    owner = priya(council).user
    plan = make_plan(council)
    first = make_action(plan=plan, owner=owner, deadline=LATE)
    copies_of(first, 499)

    outbox.queue_due(on=TODAY)
    with django_assert_max_num_queries(50):
        delivered = outbox.deliver(on=TODAY, at=MORNING, now=lambda: MORNING)

    assert delivered.sent == 1
    (email,) = django_mail.outbox
    assert email.subject.startswith("500 of your actions are overdue")
    assert email.body.count("working day overdue") == MOST_LISTED == 10
    assert "And 490 more." in email.body
    assert "See all 500 of your open actions" in email.body
    assert len(email.alternatives[0].content.encode()) < 100_000


def copies_of(action, number: int) -> None:
    """Add rows straight to the table: making 500 by hand takes minutes."""
    columns = [field.column for field in action._meta.concrete_fields if not field.primary_key]
    position, reference = columns.index("position"), columns.index("reference")
    kept = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {kept} FROM actions_action WHERE id = %s", [action.pk])
        row = list(cursor.fetchone())
        holes = ", ".join(["%s"] * len(columns))
        for copy in range(number):
            row[position], row[reference] = 1000 + copy, f"9.{copy}"
            cursor.execute(f"INSERT INTO actions_action ({kept}) VALUES ({holes})", row)


def test_a_council_without_a_programme_office_still_reminds_and_names_nobody_who_is_not_there(db, today):
    council = Authority.objects.get(
        pk=make_authority("Southmere Council", "southmere", contact_name="", contact_phone="").pk
    )
    owner = make_member(council, name="Sam Porter").user
    make_action(council, owner=owner, deadline=LATE)

    assert run().sent == 1

    (email,) = django_mail.outbox
    assert "Traceback" not in email.body
    assert "None" not in email.body


def test_a_person_in_two_councils_gets_one_email_from_each_under_its_own_id(council):
    person = make_member(council, name="Sam Porter").user
    other = make_authority("Southmere Council", "southmere")
    make_member(other, user=person)
    make_action(council, owner=person, deadline=LATE, title="North thing")
    make_action(other, owner=person, deadline=LATE, title="South thing")

    assert run().sent == 2

    first, second = django_mail.outbox
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    for email in (first, second):
        said = f"{email.subject} {email.body} {email.alternatives[0].content}"
        assert ("North thing" in said) != ("South thing" in said)
        assert ("Northbridge" in said) != ("Southmere" in said)


def test_an_email_that_cannot_be_written_holds_up_no_other(council, monkeypatch):
    bad, good = priya(council).user, dee(council).user
    for owner in (bad, good):
        make_action(council, owner=owner, deadline=LATE)
    real = emails.write

    def write(digests, **options):
        if any(digest.recipient == bad for digest in digests):
            raise KeyError("a row that is gone")
        return real(digests, **options)

    monkeypatch.setattr(emails, "write", write)

    delivered = run()

    assert (delivered.sent, delivered.failed) == (1, 1)
    assert Digest.objects.get(recipient=bad).last_error == "The email could not be written: 'a row that is gone'"


def test_someone_whose_address_was_corrected_gets_it_at_the_new_one(council):
    owner = priya(council).user
    make_action(council, owner=owner, deadline=LATE)
    outbox.queue_due(on=TODAY)
    set_address(owner, "new@council.example")

    outbox.deliver(on=TODAY, at=MORNING, now=lambda: MORNING)

    assert django_mail.outbox[0].to == ["new@council.example"]


def test_an_address_header_is_built_and_not_glued():
    message = message_of(an_email(from_name='Plan" <evil@example.com>, "x'), "<abc@host>").message()

    assert Address(addr_spec="improvement-plan@tracker.example").addr_spec in message["From"]
    assert message_from_bytes(message.as_bytes(), policy=policy.default)["From"].addresses[0].addr_spec == (
        "improvement-plan@tracker.example"
    )
