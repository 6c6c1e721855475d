from datetime import date

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse

from accounts.council import CouncilQuerySet, Restrictable
from accounts.member import Member, Scope
from accounts.models import Agency, Authority, Membership, Service, User
from accounts.roles import SEES_RESTRICTED, Role
from tracker.actions.rules import SAYS_WELL, ActionFacts, Difference, Rating, ReasonKind, Status, Tier, status_of
from tracker.audit.history import history
from tracker.inspections.models import Finding, Recommendation, Visit
from tracker.plans.models import Plan, Priority


def may_see_restricted(member: Member, prefix: str = "") -> Q:
    """The condition under which a restricted action is shown: to those it concerns, and those who run the plan.

    Who looks back is shown what they could see then and may see today too.
    """
    if member.sees_restricted:
        return Q()
    shown = (
        Q(**{f"{prefix}is_restricted": False})
        | Q(**{f"{prefix}owner": member.user})
        | Q(**{f"{prefix}accountable": member.user})
    )
    return shown & ~Q(**{f"{prefix}pk__in": member.hidden_today}) if member.hidden_today else shown


class ActionQuerySet(CouncilQuerySet):
    def visible_to(self, member: Member | None):
        """The actions this person may see: their council's, less the restricted; a partner's own agency's."""
        if member is None:
            return self.none()
        mine = self.within_reach_of(member)
        if not member.sees_plan:
            mine = mine.filter(Q(agency__in=member.agency_ids) | Q(owner=member.user))
        return mine.filter(may_see_restricted(member))

    def within(self, scope: Scope, member: Member):
        return self.filter(plan__in=Plan.objects.within_reach_of(member))

    def live(self):
        """Not cancelled."""
        return self.filter(cancelled_on__isnull=True)

    def open(self):
        """Live, and not yet checked as complete."""
        return self.filter(completed_on__isnull=True, cancelled_on__isnull=True)

    def unfinished(self):
        """Open, and the owner has not said it is done: the ones that can be late and are reminded of."""
        return self.open().filter(claimed_on__isnull=True)

    def overdue(self, *, on: date):
        """Unfinished actions whose deadline is before `on`; see rules.status_of."""
        return self.unfinished().filter(deadline__lt=on)

    def late_against_first_agreed(self, *, on: date):
        """Unfinished actions past the date first agreed; see rules.is_late_against_first_agreed."""
        return self.unfinished().filter(first_agreed__lt=on)

    def repeated_by_a_visit(self, *, on: date):
        """Complete actions, where a visit's letter has said again since what they were to put right.

        Left out are those made to answer that finding, and those for which it was decided before.
        """
        reopened = Reopening.objects.filter(action=OuterRef("of_action"), finding=OuterRef("pk"))
        since = repeats(on=on).filter(~Exists(reopened), heard_on__gte=F("completed_on"))
        return self.live().filter(completed_on__isnull=False, pk__in=since.values("of_action"))

    def with_doubts(self, *, on: date):
        """Add `repeated_by`: the visit of the latest letter, where that says again what was to be put right."""
        finding = in_the_latest_letter(repeats(on=on), on=on).filter(of_action=OuterRef("pk"))
        return self.annotate(repeated_by=Subquery(finding.annotate(name=_name_of("visit")).values("name")[:1]))

    def doubtful(self, *, on: date, close_by: date):
        """Actions whose status says that all is well and is doubted; see rules.is_doubtful.

        What else doubts a rating, such as an indicator that gets worse, is another condition beside this one.
        """
        repeated = in_the_latest_letter(repeats(on=on), on=on)
        doubted = self.filter(pk__in=repeated.values("of_action"))
        return doubted.with_status(on=on, close_by=close_by).filter(status_now__in=[word.value for word in SAYS_WELL])

    def due_between(self, first: date, last: date):
        """Unfinished actions with a deadline from `first` to `last`, both counted."""
        return self.unfinished().filter(deadline__range=(first, last))

    def due_by(self, day: date):
        """Open actions whose deadline is on or before a day: what is left to finish by then."""
        return self.open().filter(deadline__lte=day)

    def owned_by(self, user: User):
        return self.filter(owner=user)

    def on_the_list_of(self, member: Member):
        """The actions a person works through: their own, and for a partner those of their agency."""
        mine = Q(owner=member.user)
        if member.holds(Role.PARTNER):
            mine |= Q(agency__in=member.agency_ids)
        return self.visible_to(member).filter(mine)

    def with_status(self, *, on: date, close_by: date):
        """Add `status_now`, the same answer in the database as rules.status_of gives in Python."""
        open_milestone = Milestone.objects.filter(action=OuterRef("pk"), done_on__isnull=True)
        return self.annotate(
            status_now=Case(
                When(cancelled_on__isnull=False, then=Value(Status.CANCELLED.value)),
                When(completed_on__isnull=False, difference=Difference.SUSTAINED, then=Value(Status.EMBEDDED.value)),
                When(completed_on__isnull=False, then=Value(Status.COMPLETE.value)),
                When(claimed_on__isnull=False, then=Value(Status.WAITING.value)),
                When(deadline__lt=on, then=Value(Status.OVERDUE.value)),
                When(rating=Rating.OFF_TRACK, then=Value(Status.OFF_TRACK.value)),
                When(rating=Rating.AT_RISK, then=Value(Status.AT_RISK.value)),
                When(Q(deadline__lte=close_by) & Q(Exists(open_milestone)), then=Value(Status.AT_RISK.value)),
                When(
                    Q(rating=Rating.ON_TRACK) & (Q(starts_on__isnull=True) | Q(starts_on__lte=on)),
                    then=Value(Status.ON_TRACK.value),
                ),
                default=Value(Status.NOT_STARTED.value),
                output_field=models.CharField(),
            )
        )


class Action(Restrictable):
    """One thing the council or a partner will do, with an owner and a deadline."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="actions")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="actions")
    priority = models.ForeignKey(Priority, models.PROTECT, related_name="actions")
    reference = models.CharField(max_length=10, help_text='Unique in the plan and never used again: "3.4".')
    position = models.PositiveIntegerField(help_text="Place in the plan, so that 3.10 follows 3.9.")
    title = models.CharField(max_length=200)
    description = models.TextField(help_text="What will be done.")
    outcome = models.TextField(blank=True, help_text="How we will know it has worked for children.")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="actions")
    owner_since = models.DateField(null=True, blank=True, help_text="The day its owner was given it.")
    accountable = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="accountable_for")
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="actions")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="actions")
    recommendations = models.ManyToManyField(Recommendation, through="Answer", related_name="actions")
    is_councils_own = models.BooleanField(
        default=False, help_text="The council's own choice; answers no recommendation."
    )
    starts_on = models.DateField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True, help_text="Approved; moves only by a deadline change.")
    first_agreed = models.DateField(null=True, blank=True, help_text="The deadline as submitted; never moves.")
    rating = models.CharField(max_length=20, choices=Rating, blank=True, help_text="What the owner last said.")
    last_updated_on = models.DateField(null=True, blank=True)
    claimed_on = models.DateField(null=True, blank=True, help_text="The owner says it is done.")
    sent_back_on = models.DateField(null=True, blank=True, help_text="When it was last found not to be done yet.")
    completed_on = models.DateField(null=True, blank=True, help_text="Checked by someone other than the owner.")
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    difference = models.CharField(max_length=20, choices=Difference, default=Difference.NONE)
    difference_set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    difference_set_on = models.DateField(null=True, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    cancelled_reason = models.TextField(blank=True)
    partner_agreed_on = models.DateField(null=True, blank=True, help_text="When its partner agency agreed to it.")
    needs_money = models.BooleanField(default=False, db_default=False, help_text="It cannot be done without new money.")
    money = models.TextField(blank=True, default="", db_default="", help_text="How much, and where it comes from.")

    objects = ActionQuerySet.as_manager()
    # What it was at a moment is read off this index; see audit.past.
    history = history(
        indexes=[models.Index(fields=["authority", "id", "history_id", "history_date"], name="action_versions")]
    )

    class Meta(Restrictable.Meta):
        ordering = ["plan", "position", "pk"]
        constraints = [
            *Restrictable.Meta.constraints,
            models.UniqueConstraint(fields=["plan", "reference"], name="action_reference_used_once_in_a_plan"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(deadline__isnull=True) | Q(deadline__gte=F("starts_on")),
                name="action_deadline_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(completed_on__isnull=True) | Q(claimed_on__isnull=False),
                name="action_checked_only_after_it_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(completed_on__isnull=True) | Q(completed_on__gte=F("claimed_on")),
                name="action_checked_not_before_it_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True) | ~Q(cancelled_reason=""),
                name="action_cancelled_for_a_reason",
            ),
        ]
        # A list counts and passes over all of a council's actions: these hold what it asks, so that no row is read
        # for it. Plain columns at the end and no INCLUDE, which SQLite has not.
        indexes = [
            models.Index(fields=["authority", "deadline", "position", "id", "cancelled_on"], name="action_by_deadline"),
            models.Index(
                fields=[
                    "authority",
                    "deadline",
                    "position",
                    "id",
                    "plan",
                    "rating",
                    "starts_on",
                    "owner",
                    "service",
                    "priority",
                    "last_updated_on",
                    "owner_since",
                    "sent_back_on",
                ],
                condition=Q(completed_on__isnull=True, cancelled_on__isnull=True, claimed_on__isnull=True),
                name="action_unfinished",
            ),
            models.Index(
                fields=["authority", "difference", "completed_on", "cancelled_on", "plan"],
                condition=Q(claimed_on__isnull=False) | Q(completed_on__isnull=False) | Q(cancelled_on__isnull=False),
                name="action_claimed_or_closed",
            ),
            models.Index(fields=["authority", "-plan", "position", "id"], name="action_in_plan_order"),
            models.Index(fields=["owner", "deadline"], name="action_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("actions:action", args=[self.plan.reference, self.reference])

    @property
    def is_open(self) -> bool:
        return self.completed_on is None and self.cancelled_on is None

    @property
    def is_unfinished(self) -> bool:
        return self.is_open and self.claimed_on is None

    def status(self, *, on: date, close_by: date, has_open_milestones: bool) -> Status:
        """Return the status on a day; lists ask `with_status` instead."""
        return status_of(
            ActionFacts(
                deadline=self.deadline,
                rating=self.rating,
                claimed_on=self.claimed_on,
                completed_on=self.completed_on,
                cancelled_on=self.cancelled_on,
                difference=self.difference,
                starts_on=self.starts_on,
                has_open_milestones=has_open_milestones,
            ),
            on=on,
            close_by=close_by,
        )


class OfActionQuerySet(CouncilQuerySet):
    """Rows that belong to an action are seen by whoever sees the action."""

    path = "action__authority"

    def visible_to(self, member: Member | None):
        return self.filter(action__in=Action.objects.visible_to(member))


class Answer(models.Model):
    """An action answers a recommendation."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="answers")
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="answers")

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "recommendation answered by an action"
        verbose_name_plural = "recommendations answered by actions"
        ordering = ["action", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "recommendation"], name="action_answers_a_recommendation_once")
        ]

    def __str__(self) -> str:
        return f"{self.action.reference} answers recommendation {self.recommendation.reference}"


class FindingAnswer(models.Model):
    """An action answers a finding of a visit."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="finding_answers")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="answers")

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "finding answered by an action"
        verbose_name_plural = "findings answered by actions"
        ordering = ["action", "pk"]
        constraints = [models.UniqueConstraint(fields=["action", "finding"], name="action_answers_a_finding_once")]

    def __str__(self) -> str:
        return f"{self.action.reference} answers finding {self.finding.number}"


class MeasureQuerySet(OfActionQuerySet):
    def in_use(self):
        return self.filter(withdrawn_on__isnull=True)


class Milestone(models.Model):
    """A step of an action, with its own day."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="milestones")
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "position"], name="milestone_has_its_own_place_in_an_action")
        ]
        indexes = [models.Index(fields=["action"], condition=Q(done_on__isnull=True), name="milestone_open")]

    def __str__(self) -> str:
        return self.title


class ProgressUpdate(models.Model):
    """What an owner said on a day; never changed afterwards. A correction is a new update."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="updates")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()
    rating = models.CharField(max_length=20, choices=Rating, blank=True, help_text="Empty when it says done.")
    says_done = models.BooleanField(default=False)
    narrative = models.TextField()
    form_key = models.UUIDField(null=True, blank=True, unique=True, help_text="One form makes one update.")

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(says_done=True) | ~Q(rating=""), name="update_says_how_it_is_going")
        ]
        indexes = [models.Index(fields=["action", "-at"], name="update_by_action")]

    def __str__(self) -> str:
        return f"{self.action.reference}, {self.on:%-d %B %Y}"


class DeadlineRequestQuerySet(OfActionQuerySet):
    def waiting(self):
        """Asked, and neither decided nor withdrawn."""
        return self.filter(state=DeadlineRequest.State.ASKED)

    def for_decision_by(self, member: Member, *, on: date):
        """Those that wait for this person; see permissions.may_decide.

        The lead of the priority; the director, also where there is no such lead or it is the lead's own; for the
        board its chair, and those who record what it decides. Nobody decides about their own request or action.
        """
        waiting = self.visible_to(member).waiting().exclude(asked_by=member.user).exclude(action__owner=member.user)
        may = Q(tier=Tier.LEAD, action__priority__lead=member.user)
        if member.holds(Role.DIRECTOR):
            may |= Q(tier=Tier.DIRECTOR) | Q(tier=Tier.LEAD) & ~_lead_may_decide(on)
        if member.holds(Role.CHAIR) or member.runs_plan:
            may |= Q(tier=Tier.BOARD)
        elif member.holds(Role.DIRECTOR):
            may |= Q(tier=Tier.BOARD) & (Q(action__is_restricted=True) | ~Exists(_chairs(on)))
        return waiting.filter(may)


def _lead_may_decide(on: date) -> Q:
    """The priority has a lead who is of the council, sees the action, and neither asked nor owns it."""
    lead = "action__priority__lead"
    here = Membership.objects.current(on=on).filter(user=OuterRef(lead), authority=OuterRef("action__authority"))
    is_own = Q(**{lead: F("asked_by")}) | Q(action__owner__isnull=False, **{lead: F("action__owner")})
    sees = (
        Q(action__is_restricted=False)
        | Q(action__accountable__isnull=False, **{lead: F("action__accountable")})
        | Exists(here.filter(role__in=SEES_RESTRICTED))
    )
    return Exists(here) & sees & ~is_own


def _chairs(on: date) -> QuerySet:
    return Membership.objects.current(on=on).filter(authority=OuterRef("action__authority"), role=Role.CHAIR)


class DeadlineRequest(models.Model):
    """Someone asks for another deadline; the old one holds until someone else agrees. Kept whatever is decided."""

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for a decision"
        AGREED = "agreed", "Agreed"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    action = models.ForeignKey(Action, models.PROTECT, related_name="deadline_requests")
    from_deadline = models.DateField(help_text="The deadline when it was asked.")
    to_deadline = models.DateField(help_text="The deadline asked for.")
    working_days = models.IntegerField(help_text="How far it would move.")
    reason_kind = models.CharField(max_length=20, choices=ReasonKind)
    reason = models.TextField()
    effect_on_children = models.TextField()
    done_to_avoid = models.TextField(blank=True)
    tier = models.CharField(max_length=20, choices=Tier, help_text="Who decides.")
    tier_reason = models.CharField(max_length=300, help_text="Why it is for them: how far, which move, past what.")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="deadlines_asked_for")
    asked_on = models.DateField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.ASKED)
    agreed_deadline = models.DateField(null=True, blank=True, help_text="What was agreed, if not what was asked for.")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="deadlines_decided")
    decided_for = models.CharField(max_length=300, blank=True, help_text="The body that decided, and its meeting.")
    decided_on = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    objects = DeadlineRequestQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action"], condition=Q(state="asked"), name="one_deadline_request_waits_for_an_action"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "refused"]) | ~Q(decided_by=F("asked_by")),
                name="deadline_request_not_decided_by_who_asked",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(decided_on__isnull=False), name="deadline_request_ended_on_a_day"
            ),
        ]
        indexes = [models.Index(fields=["action"], condition=Q(state="asked"), name="deadline_request_waiting")]

    def __str__(self) -> str:
        return f"{self.action.reference}: {self.to_deadline:%-d %b %Y} asked for, {self.get_state_display().lower()}"


class DeadlineChange(models.Model):
    """A deadline that was moved: from, to, why, and who agreed."""

    ReasonKind = ReasonKind

    action = models.ForeignKey(Action, models.PROTECT, related_name="deadline_changes")
    from_deadline = models.DateField()
    to_deadline = models.DateField()
    working_days = models.IntegerField(help_text="How far it moved.")
    reason_kind = models.CharField(max_length=20, choices=ReasonKind)
    reason = models.TextField()
    asked_by = models.CharField(max_length=300, help_text="A person or a body, as it was then.")
    asked_on = models.DateField()
    agreed_by = models.CharField(max_length=300)
    agreed_on = models.DateField()
    request = models.OneToOneField(
        DeadlineRequest, models.PROTECT, null=True, blank=True, related_name="change", help_text="What was asked for."
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "-agreed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_deadline=F("from_deadline")), name="deadline_change_changes_something"
            ),
            models.CheckConstraint(
                condition=Q(agreed_on__gte=F("asked_on")), name="deadline_change_asked_before_agreed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action.reference}: {self.from_deadline:%-d %b %Y} to {self.to_deadline:%-d %b %Y}"


class EvidenceQuerySet(OfActionQuerySet):
    def visible_to(self, member: Member | None):
        """Seen with the action; a restricted piece only by those who see restricted things or gave it."""
        seen = super().visible_to(member)
        if member is None or member.sees_restricted:
            return seen
        return seen.filter(Q(is_restricted=False) | Q(added_by=member.user) | Q(action__owner=member.user))


class Evidence(Restrictable):
    """Where the proof is kept: a reference, not a copy, and nothing about any child."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting to be checked"
        ACCEPTED = "accepted", "accepted"
        NOT_ACCEPTED = "not_accepted", "not accepted"

    action = models.ForeignKey(Action, models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    location = models.CharField(max_length=500, help_text="The folder, link or minute where it is kept.")
    dated_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    state_reason = models.TextField(blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    added_on = models.DateField()
    added_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    checked_on = models.DateField(null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()
    history = history()

    class Meta(Restrictable.Meta):
        verbose_name_plural = "evidence"
        ordering = ["action", "-added_on", "-pk"]

    def __str__(self) -> str:
        return self.title


class Measure(models.Model):
    """How it will be seen that an action happened, or made a difference: where it starts, where it should be, when."""

    class Kind(models.TextChoices):
        ACTIVITY = "activity", "That it happened"
        DIFFERENCE = "difference", "That it made a difference for children"

    action = models.ForeignKey(Action, models.PROTECT, related_name="measures")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    baseline = models.CharField(max_length=200, blank=True, help_text="Where it stood at the start.")
    target = models.CharField(max_length=200, blank=True)
    target_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True, help_text="No longer used; kept.")

    objects = MeasureQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "position"], name="measure_has_its_own_place_in_an_action")
        ]

    def __str__(self) -> str:
        return self.title


class Reopening(models.Model):
    """A closed or claimed action was opened again; what was claimed, checked and said before is kept here."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="reopenings")
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="reopened", help_text="The one that repeats it."
    )
    claimed_on = models.DateField(null=True, blank=True, help_text="As it was before.")
    completed_on = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    difference = models.CharField(max_length=20, choices=Difference)

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action.reference} reopened {self.on:%-d %B %Y}"


class KeptClosed(models.Model):
    """A visit repeats what a closed action was to put right, and it was decided not to reopen it."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="kept_closed")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="left_closed")
    on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField()

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "action kept closed"
        verbose_name_plural = "actions kept closed"
        ordering = ["action", "-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["action", "finding"], name="kept_closed_once_for_a_finding")]

    def __str__(self) -> str:
        return f"{self.action.reference} kept closed, {self.on:%-d %B %Y}"


class OverdueFlag(models.Model):
    """The daily job noticed that an action passed its deadline: once for each deadline.

    A record of the noticing; whether an action is late now is `Action.objects.overdue(on=)`.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="overdue_flags")
    deadline = models.DateField()
    flagged_on = models.DateField()
    flagged_at = models.DateTimeField()

    objects = OfActionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["action", "deadline"]
        constraints = [
            models.UniqueConstraint(fields=["action", "deadline"], name="action_flagged_once_for_a_deadline"),
            models.CheckConstraint(condition=Q(flagged_on__gt=F("deadline")), name="flagged_only_after_the_deadline"),
        ]

    def __str__(self) -> str:
        return f"{self.action.reference} became overdue, noticed {self.flagged_on:%-d %B %Y}"


# What visits say again


def repeats(*, on: date) -> QuerySet[Finding]:
    """The findings that need work and repeat a recommendation, one row for each action that answers it: `of_action`.

    Only what was heard by a day counts (`heard_on`: when the letter came, else the visit's last day). Left out are
    actions made to answer that finding, and those it was decided to keep closed.
    """
    answered = FindingAnswer.objects.filter(action=OuterRef("of_action"), finding=OuterRef("pk"))
    kept_closed = KeptClosed.objects.filter(action=OuterRef("of_action"), finding=OuterRef("pk"))
    return (
        Finding.objects.filter(kind=Finding.Kind.NEEDS_WORK, recommendation__isnull=False)
        .annotate(
            heard_on=_heard_on("visit__"),
            of_action=F("recommendation__answers__action"),
            completed_on=F("recommendation__answers__action__completed_on"),
        )
        .filter(~Exists(answered), ~Exists(kept_closed), heard_on__lte=on, of_action__isnull=False)
    )


def in_the_latest_letter(findings: QuerySet[Finding], *, on: date) -> QuerySet[Finding]:
    """Of some findings with `heard_on`, those of the last visit of their council whose findings are known."""
    known = Visit.objects.filter(Exists(Finding.objects.filter(visit=OuterRef("pk"))), authority=OuterRef("authority"))
    heard = known.annotate(heard_on=_heard_on()).filter(heard_on__lte=on)
    is_later = Q(heard_on__gt=OuterRef("heard_on")) | Q(heard_on=OuterRef("heard_on"), pk__gt=OuterRef("visit"))
    return findings.filter(~Exists(heard.filter(is_later)))


def _name_of(visit: str) -> Concat:
    """The name of a visit in the database, as `str` gives it: "Monitoring visit 2"."""
    kinds = (When(**{f"{visit}__kind": kind}, then=Value(kind.label)) for kind in Visit.Kind)
    number = Case(
        When(**{f"{visit}__sequence__isnull": True}, then=Value("")),
        default=Concat(Value(" "), Cast(f"{visit}__sequence", models.CharField())),
        output_field=models.CharField(),
    )
    return Concat(Case(*kinds, output_field=models.CharField()), number)


def _heard_on(visit: str = "") -> Coalesce:
    days = ("letter_received_on", "letter_published_on", "ends_on", "starts_on")
    return Coalesce(*(f"{visit}{day}" for day in days))


def counts_by_status(actions: "ActionQuerySet") -> dict[str, int]:
    """Return how many of the actions, which carry `status_now`, have each status. One query."""
    return dict(actions.order_by().values_list("status_now").annotate(number=Count("pk")))
