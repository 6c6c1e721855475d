"""What waits for a person to decide about, for the first page and for emails."""

from typing import NamedTuple

from django.urls import reverse

from accounts.member import Member
from tracker.partners import permissions
from tracker.partners.models import PartnerAnswer


class Waiting(NamedTuple):
    count: int
    url: str


def waiting_answers(member: Member) -> Waiting:
    """Return how many answers of partners this person can accept or decline now, and where. One query at most."""
    if not permissions.looks_after_partners(member):
        return Waiting(0, "")
    return Waiting(
        PartnerAnswer.objects.visible_to(member).looked_after_by(member).waiting().count(), reverse("partners:answers")
    )
