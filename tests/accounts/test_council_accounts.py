"""Signing in with the account one has at the council, at a real OpenID provider on this machine."""

import time

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts import changes
from accounts.models import SecurityEvent
from accounts.roles import Role
from accounts.signing import connections
from accounts.signing.connections import Connection, NotUsable
from tests.accounts import identity
from tests.accounts.identity import CLIENT, CLIENT_SECRET, TENANT
from tests.accounts.signing import MINE, enter, is_signed_in
from tests.actions.pages import text_of
from tests.factories import ines, make_authority, make_member, marcus, priya
from tests.fixtures import Browser

pytestmark = pytest.mark.django_db

GO = "/sign-in/council/northbridge/"


@pytest.fixture(scope="module")
def served():
    with identity.running() as provider:
        yield provider


@pytest.fixture
def provider(served, settings):
    served.claims = {"oid": "priya-at-work", "email": "Priya.Nair@council.example"}
    served.signs_with, served.without_token = served.key, False
    settings.COUNCIL_ACCOUNTS = [connection(served)]
    return served


def connection(provider, **changed) -> Connection:
    values = {
        "council": "northbridge",
        "name": "Northbridge",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "uid_claim": "oid",
        "tenant": TENANT,
    }
    return Connection(**values | changed)


@pytest.fixture
def owner(council):
    return priya(council)


def come(client, provider, start=GO):
    """Go to the council's sign-in, and come back."""
    back = provider.authorize(client.get(start).url)
    return client.get(back.removeprefix("http://testserver"))


def test_somebody_invited_comes_in_with_the_account_they_have_at_work(client, owner, provider):
    answer = come(client, provider)

    assert answer.url == "/"
    assert is_signed_in(client)
    assert SocialAccount.objects.get(user=owner.user).uid == "priya-at-work"


def test_the_link_that_was_followed_leads_on(client, owner, provider):
    assert f"{GO}?next=/my-actions/" in client.get("/sign-in/?next=/my-actions/").content.decode().replace("%2F", "/")

    assert come(client, provider, f"{GO}?next=/my-actions/").url == "/my-actions/"


def test_the_council_sees_to_the_second_step(client, owner, provider, settings):
    settings.SECOND_STEP_REQUIRED = True
    come(client, provider)

    assert client.get("/my-actions/").status_code == 200


def test_a_new_address_at_work_makes_no_difference_once_one_has_been_here(client, owner, provider):
    come(client, provider)
    provider.claims |= {"email": "priya.smith@council.example"}
    other = Browser()

    come(other, provider)

    assert is_signed_in(other)


def test_the_address_of_somebody_who_left_is_not_inherited(client, owner, provider):
    come(client, provider)
    provider.claims["oid"] = "another-priya"
    other = Browser()

    answer = come(other, provider)

    assert answer.status_code == 403
    assert not is_signed_in(other)


def test_nobody_is_let_in_who_was_not_invited(client, council, provider):
    answer = come(client, provider)

    assert answer.status_code == 403
    assert "Nobody with the address of this account was invited" in text_of(answer)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_a_councils_account_opens_no_other_council(client, council, provider):
    make_member(make_authority("Southmere Council", "southmere"), Role.DIRECTOR, "Priya Nair")

    assert come(client, provider).status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_somebody_switched_off_stays_out(client, owner, provider):
    come(client, provider)
    changes.switch_off(owner.user, by=None, reason="Left")

    assert come(Browser(), provider).status_code == 403


@pytest.mark.parametrize(
    "spoilt",
    [
        {"tid": "99999999-2222-3333-4444-555555555555"},
        {"iss": "https://elsewhere.example/"},
        {"aud": "another-service"},
        {"exp": int(time.time()) - 3600},
        {"email": ""},
        {"email_verified": False},
    ],
    ids=lambda spoilt: next(iter(spoilt)),
)
def test_a_token_that_is_not_right_lets_nobody_in(client, owner, provider, spoilt):
    provider.claims |= spoilt

    answer = come(client, provider)

    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert SecurityEvent.objects.filter(kind="refused").exists()


def test_a_token_signed_by_another_lets_nobody_in(client, owner, provider):
    provider.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert come(client, provider).status_code == 403
    assert not is_signed_in(client)


def test_an_answer_without_a_token_lets_nobody_in(client, owner, provider):
    provider.without_token = True

    assert come(client, provider).status_code == 403
    assert not is_signed_in(client)


def test_an_answer_that_belongs_to_another_browser_is_refused(client, owner, provider):
    back = provider.authorize(client.get(GO).url).removeprefix("http://testserver")
    other = Browser()

    assert other.get(back).status_code == 403
    assert not is_signed_in(other)


def test_going_back_is_no_error_page(client, owner, provider):
    client.get(GO)

    answer = client.get(f"{GO}back/?error=access_denied")

    assert answer.status_code == 403
    assert "You are not signed in" in text_of(answer)


def test_an_account_cannot_be_tied_to_whoever_is_signed_in(client, owner, provider):
    client.force_login(marcus(owner.authority).user)

    come(client, provider, f"{GO}?process=connect")

    assert not SocialAccount.objects.exists()


def test_a_sign_in_that_does_not_answer_says_so(client, owner, provider, settings):
    settings.COUNCIL_ACCOUNTS = [connection(provider, issuer="http://127.0.0.1:1")]

    answer = client.get(GO)

    assert answer.status_code == 403
    assert "cannot be reached at the moment" in text_of(answer)


def test_a_council_without_such_accounts_has_no_such_page(client, owner, provider):
    assert client.get("/sign-in/council/southmere/").status_code == 404


# Council accounts only


@pytest.fixture
def only(provider, settings):
    settings.COUNCIL_ACCOUNTS = [connection(provider, only=True)]


def test_where_only_council_accounts_are_taken_a_password_lets_nobody_in(client, owner, only):
    answer = enter(client, owner.user)

    assert answer.status_code == 403
    assert "Use your council account" in text_of(answer)
    assert not is_signed_in(client)


def test_a_wrong_password_does_not_tell_that_only_council_accounts_are_taken(client, owner, only):
    known, unknown = enter(client, owner.user, "wrong one"), enter(client, "nobody@council.example", "wrong one")

    assert known.status_code == unknown.status_code == 200
    assert "Email address or password is not right" in text_of(known)


def test_an_inspector_has_no_council_account_and_still_comes_in(client, council, only):
    enter(client, ines(council).user)

    assert is_signed_in(client)


def test_people_of_other_councils_are_not_touched(client, council, only):
    enter(client, priya(make_authority("Southmere Council", "southmere")).user)

    assert is_signed_in(client)


def test_with_the_council_account_they_come_in(client, owner, provider, only):
    come(client, provider)

    assert is_signed_in(client)
    assert client.get(MINE).status_code == 200


# The setting

WHOLE = '{"council": "n", "issuer": "https://login.example/t/v2.0", "client_id": "c", "client_secret": "s"'


def test_a_setting_is_read_with_what_is_usual_elsewhere():
    (one,) = connections.read(f"[{WHOLE}}}]", is_production=True)

    assert (one.council, one.name, one.uid_claim, one.only) == ("n", "n", "sub", False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("{}", "list of objects"),
        ("[1]", "list of objects"),
        ('[{"council": "n"}]', "“issuer” is missing"),
        (f'[{WHOLE}, "tennant": "x"}}]', "“tennant” is not known"),
        (f'[{WHOLE}, "only": "yes"}}]', "true or false"),
        (f"[{WHOLE}}}, {WHOLE}}}]", "named twice"),
        (f"[{WHOLE}}}]".replace("https", "http"), "must begin with https"),
        (f"[{WHOLE}}}]".replace("/t/", "/common/"), "open to everybody"),
        (f"[{WHOLE}}}]".replace("/t/", "/organizations/"), "open to everybody"),
    ],
)
def test_a_setting_that_is_wrong_or_unsafe_is_refused_with_what_to_correct(text, words):
    with pytest.raises(NotUsable, match=words):
        connections.read(text, is_production=True)
