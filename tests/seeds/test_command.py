"""`manage.py seed`: what it refuses, whom it gives a password, and what it says."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError

from accounts import changes as account_changes
from accounts.models import Authority, User
from accounts.roles import Role
from seeds.loading import DEMO_PASSWORD
from tests.factories import make_authority, make_user
from tests.seeds.conftest import seed
from tracker.actions.models import Action

pytestmark = pytest.mark.django_db


def signs_in(client, email: str, password: str = DEMO_PASSWORD) -> bool:
    return client.login(username=email, password=password)


def test_the_demonstration_is_loaded_into_an_empty_database_only():
    make_authority()

    with pytest.raises(CommandError, match="holds councils or people already"):
        seed("demo")

    assert Authority.objects.count() == 1


def test_the_demonstration_is_not_loaded_beside_a_person():
    make_user()

    with pytest.raises(CommandError, match="holds councils or people already"):
        seed("demo")

    assert User.objects.count() == 1


def test_if_empty_does_nothing_when_a_council_is_there():
    make_authority("Westmere Council", "westmere")

    assert "nothing was loaded" in seed("demo", "--if-empty")
    assert Authority.objects.count() == 1


def test_if_empty_loads_an_empty_database(demo_folder):
    seed("demo", "--if-empty", "--directory", str(demo_folder))

    assert Action.objects.count() == 6


def test_the_record_is_not_loaded_twice(record_folder):
    seed("record", "--directory", str(record_folder))

    with pytest.raises(CommandError, match="Here already: Buckinghamshire Council"):
        seed("record", "--directory", str(record_folder))

    assert Authority.objects.count() == 1


def test_the_record_is_loaded_beside_another_council(record_folder):
    make_authority()

    seed("record", "--directory", str(record_folder))

    assert set(Authority.objects.values_list("slug", flat=True)) == {"northbridge", "buckinghamshire"}


def test_the_demonstration_is_refused_in_production(settings):
    settings.IS_PRODUCTION = True

    with pytest.raises(CommandError, match="not for production"):
        seed("demo")

    assert not Authority.objects.exists()


def test_in_production_nobody_of_the_record_gets_a_password(settings, client, record_folder):
    settings.IS_PRODUCTION = True

    said = seed("record", "--directory", str(record_folder))

    assert User.objects.count() == 19
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert not signs_in(client, "director@buckinghamshire.example")
    assert "sign-ins" not in said
    assert seed("record", "--directory", str(record_folder), "--show-sign-ins") == (
        "Nobody can sign in with the demonstration password.\n"
    )


def test_the_demonstration_password_passes_the_validators_for_everybody(demo_folder):
    seed("demo", "--directory", str(demo_folder))

    for user in User.objects.all():
        validate_password(DEMO_PASSWORD, user)


def test_the_sign_ins_shown_are_one_for_each_role_and_work(client):
    seed("demo")

    said = seed("demo", "--show-sign-ins")

    assert said.startswith(f"Sign in with one of these, password {DEMO_PASSWORD}\n")
    northbridge = said[said.index("Northbridge County Council") : said.index("Southmere Borough Council")]
    for role in Role:
        assert northbridge.count(f"  {role.label} ") == 1
    addresses = [word for word in said.split() if "@" in word]
    assert len(addresses) == len(set(addresses)) == 11
    assert all(signs_in(client, address) for address in addresses)


def test_showing_the_sign_ins_loads_nothing():
    assert "Nobody can sign in" in seed("demo", "--show-sign-ins")
    assert not Authority.objects.exists()


def test_a_person_who_has_left_or_has_another_password_is_not_shown(demo_folder):
    seed("demo", "--directory", str(demo_folder))
    hannah = User.objects.get(email="hannah-price@southmere.example")
    account_changes.switch_off(hannah, by=None, reason="Left the council")

    said = seed("demo", "--directory", str(demo_folder), "--show-sign-ins")

    assert "hannah-price" not in said
    assert "joe-adair" in said


def test_the_demonstration_can_be_read_from_another_folder(demo_folder):
    said = seed("demo", "--directory", str(demo_folder))

    assert said.startswith("Loaded Southmere Borough Council (6 actions).")
    assert not Authority.objects.filter(slug="northbridge").exists()


def test_nobody_is_a_technical_administrator_of_the_installation(demo_folder):
    seed("demo", "--directory", str(demo_folder))

    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(is_superuser=True).exists()
