from datetime import datetime
from hashlib import sha256

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import Truncator

from accounts.council import CouncilQuerySet
from accounts.member import Member, Scope
from accounts.models import Agency, Authority, User
from accounts.roles import Role
from tracker.actions.models import Action
from tracker.actions.rules import Rating, ReasonKind
from tracker.audit.history import history, history_of
from tracker.partners.rules import Ending, LinkFacts, ending_of


def hash_of(secret: str) -> str:
    """Return what is kept of a secret. A link is found by it, so comparing takes the same time whatever is tried."""
    return sha256(secret.encode()).hexdigest()


def looked_after_by(member: Member, prefix: str = "") -> Q:
    """The condition on an action under which a member looks after its partner; see permissions.looks_after."""
    if member.runs_plan:
        return Q(**{f"{prefix}pk__isnull": False})  # An empty condition would vanish beside another.
    if not member.holds(Role.HEAD_OF_SERVICE):
        return Q(pk__in=[])
    services = [held.service_id for held in member.memberships if held.service_id is not None]
    return Q(**{f"{prefix}service__in": services}) | Q(**{f"{prefix}owner": member.user})


class PartnerLinkQuerySet(CouncilQuerySet):
    def within(self, scope: Scope, member: Member):
        return self.filter(action__in=Action.objects.within_reach_of(member))

    def visible_to(self, member: Member | None):
        """With the action; a partner who has an account sees no links."""
        return super().visible_to(member).filter(action__in=Action.objects.visible_to(member))

    def looked_after_by(self, member: Member):
        return self.filter(looked_after_by(member, "action__"))

    def not_ended(self, *, at: datetime):
        """Neither used nor withdrawn, and their time is not up; what became of the action is not asked."""
        return self.filter(ended_why="", expires_at__gt=at)

    def with_ending(self):
        """Add what `PartnerLink.ending` asks: what has become of the action since the link was made."""
        since = history_of(Action)._default_manager.filter(  # type: ignore[attr-defined]
            id=OuterRef("action_id"), history_id__gt=OuterRef("action_version")
        )
        held = since.annotate(by_agency=Coalesce("agency_id", 0), by_owner=Coalesce("owner_id", 0))
        same = Q(by_agency=OuterRef("agency_id"), by_owner=Coalesce(OuterRef("action_owner_id"), 0))
        closed = Q(claimed_on__isnull=False) | Q(completed_on__isnull=False) | Q(cancelled_on__isnull=False)
        return self.annotate(
            was_reassigned=Exists(held.exclude(same)),
            was_closed=Exists(since.filter(closed)),
            was_restricted=Exists(since.filter(is_restricted=True)),
        )


class PartnerLink(models.Model):
    """An address for one person of a partner agency who has no account, to answer about one action, once.

    The secret in the address is not kept.
    """

    Ending = Ending

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="partner_links")
    action = models.ForeignKey(Action, models.PROTECT, related_name="partner_links")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="partner_links")
    action_owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Who owned the action then."
    )
    action_version = models.BigIntegerField(help_text="The newest record in the history of the action then.")
    person_name = models.CharField(max_length=100)
    person_post = models.CharField(max_length=100, blank=True)
    sent_to = models.EmailField(blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="partner_links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(
        max_length=20, choices=Ending, blank=True, help_text="Used or withdrawn; other ends are worked out."
    )

    objects = PartnerLinkQuerySet.as_manager()
    history = history(excluded_fields=["secret_hash"])

    class Meta:
        verbose_name = "link for a partner"
        verbose_name_plural = "links for partners"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_why="")
                | Q(ended_at__isnull=False, ended_why__in=["used", "withdrawn"]),
                name="partner_link_ended_by_use_or_withdrawal",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="partner_link_works_a_while"),
        ]

    def __str__(self) -> str:
        return f"{self.action.reference}, for {self.person}"

    @property
    def person(self) -> str:
        """The person and their agency, as in "Sgt Jo Hall, Northbridge Police"."""
        return f"{self.person_name}, {self.agency}"

    @property
    def actor(self) -> str:
        """Who the history says it was, as long as it takes."""
        return Truncator(f"{self.person}, by a link that {self.made_by} made").chars(300)

    def ending(self, *, at: datetime) -> Ending | None:
        """Why it does not work at a moment, or None. The link comes from `with_ending`."""
        facts = LinkFacts(
            expires_at=self.expires_at,
            ended_why=self.ended_why,
            was_reassigned=self.was_reassigned,  # type: ignore[attr-defined]
            was_closed=self.was_closed,  # type: ignore[attr-defined]
            was_restricted=self.was_restricted,  # type: ignore[attr-defined]
        )
        return ending_of(facts, at=at)


class PartnerAnswerQuerySet(CouncilQuerySet):
    path = "link__authority"

    def visible_to(self, member: Member | None):
        """With the action; until it is accepted only by those who decide about it, for until then it counts nothing.

        One that was declined stays with them: it may be why it was declined.
        """
        seen = super().visible_to(member)
        if member is None:
            return seen
        seen = seen.filter(link__action__in=Action.objects.visible_to(member))
        return seen.filter(looked_after_by(member, "link__action__") | Q(state=PartnerAnswer.State.ACCEPTED))

    def looked_after_by(self, member: Member):
        return self.filter(looked_after_by(member, "link__action__"))

    def waiting(self):
        return self.filter(state=PartnerAnswer.State.WAITING)


class PartnerAnswer(models.Model):
    """What a partner said by a link. It counts nothing until a council officer accepts it."""

    class Kind(models.TextChoices):
        UPDATE = "update", "Update"
        EVIDENCE = "evidence", "Evidence"
        NEW_DATE = "new_date", "Request for a new date"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a council officer"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    link = models.OneToOneField(PartnerLink, models.PROTECT, related_name="answer")
    kind = models.CharField(max_length=20, choices=Kind)
    rating = models.CharField(max_length=20, choices=Rating, blank=True)
    narrative = models.TextField(blank=True)
    evidence_title = models.CharField(max_length=120, blank=True)
    evidence_location = models.CharField(max_length=500, blank=True)
    evidence_dated_on = models.DateField(null=True, blank=True)
    new_date = models.DateField(null=True, blank=True)
    reason_kind = models.CharField(max_length=20, choices=ReasonKind, blank=True)
    reason = models.TextField(blank=True)
    effect_on_children = models.TextField(blank=True)
    done_to_avoid = models.TextField(blank=True)
    safe_because = models.CharField(max_length=200, blank=True, help_text="Why what they wrote identifies no child.")
    submitted_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="partner_answers_decided")
    decided_on = models.DateField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    objects = PartnerAnswerQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "answer of a partner"
        verbose_name_plural = "answers of partners"
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by__isnull=True, decided_on__isnull=True)
                | Q(state__in=["accepted", "declined"], decided_by__isnull=False, decided_on__isnull=False),
                name="partner_answer_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decision_reason=""), name="partner_answer_declined_for_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["link"], condition=Q(state="waiting"), name="partner_answer_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.link.action.reference}, from {self.link.person}"

    def get_absolute_url(self) -> str:
        return reverse("partners:answer", args=[self.pk])
