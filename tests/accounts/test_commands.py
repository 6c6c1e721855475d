"""The first council and its first person, and help for somebody who lost everything."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from accounts.models import Authority, Membership, Notice, SecurityEvent, User
from tests.accounts.signing import give_app, give_recovery_codes
from tests.factories import make_authority, priya

pytestmark = pytest.mark.django_db

NEW = ("Northbridge County Council", "northbridge", "Bola Adewale", "bola@council.example")


def test_a_council_is_opened_with_a_first_person_who_is_invited(today, capsys):
    call_command("open_council", *NEW)

    assert "Bola Adewale is invited" in capsys.readouterr().out
    membership = Membership.objects.get()
    assert (membership.authority.slug, membership.role) == ("northbridge", "administrator")
    assert "You are invited to the improvement plan of Northbridge County Council" in Notice.objects.get().text
    assert "/invitation/" in Notice.objects.get().text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("Northbridge County Council", "elsewhere", *NEW[2:]), "already"),
        (("Elsewhere", "northbridge", *NEW[2:]), "already"),
        (("Elsewhere", "else where", *NEW[2:]), "valid"),
        (("Elsewhere", "elsewhere", "Bola Adewale", "no address"), "valid"),
    ],
)
def test_what_is_wrong_adds_nothing(today, given, words):
    make_authority()

    with pytest.raises(CommandError, match=words):
        call_command("open_council", *given)
    assert Authority.objects.count() == 1
    assert not User.objects.exists()


def test_someone_who_lost_everything_sets_up_a_second_step_again(council):
    owner = priya(council)
    give_app(owner.user)
    give_recovery_codes(owner.user)

    call_command("forget_second_step", owner.user.email.upper())

    assert not Authenticator.objects.exists()
    assert SecurityEvent.objects.get().kind == "step_removed"
    assert Notice.objects.get().user == owner.user
    with pytest.raises(CommandError, match="no second step"):
        call_command("forget_second_step", owner.user.email)
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("forget_second_step", "nobody@council.example")
