"""What every row of a council has in common: who may see it, and what may be restricted."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.member import Member, Scope
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
        return self.within_reach_of(member)

    def within_reach_of(self, member: Member) -> Self:
        """The rows of the council, or of the part of it that an inspector's access is for.

        Restricted ones are among them: to be counted, not shown.
        """
        rows = self.of(member.authority)
        return rows if member.scope is None else rows.within(member.scope, member)

    def within(self, scope: Scope, member: Member) -> Self:
        """The rows that belong to one plan or visit: those whose parent does. A row without one says itself."""
        steps = self.path.split("__")[:-1]
        if not steps:
            return self.none()
        parent = self.model
        for step in steps:
            parent = parent._meta.get_field(step).related_model
        return self.filter(**{f"{'__'.join(steps)}__in": parent._default_manager.within_reach_of(member)})


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
