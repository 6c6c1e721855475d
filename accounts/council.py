"""What every row of a council has in common: who may see it, and what may be restricted."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.member import Member
from accounts.models import Authority
from tracker.audit.history import TrackedQuerySet


class CouncilQuerySet(TrackedQuerySet):
    """Rows of councils. `path` leads from the row to its authority; a child names its parent's."""

    path = "authority"

    def of(self, authority: Authority) -> Self:
        """The rows of one council, for jobs and commands that act for no person."""
        return self.filter(**{self.path: authority})

    def visible_to(self, member: Member | None) -> Self:
        """The rows this person may see in the council they act in; none for no member."""
        if member is None or not member.sees_plan:
            return self.none()
        return self.of(member.authority)


class Restrictable(models.Model):
    """Something that may be shown to few people only, with the reason and when that is looked at again."""

    is_restricted = models.BooleanField(default=False)
    restricted_reason = models.TextField(blank=True)
    restriction_review_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(is_restricted=False) | ~Q(restricted_reason=""),
                name="%(class)s_restricted_for_a_reason",
            )
        ]
