from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.council import CouncilQuerySet
from accounts.member import Member, Scope
from accounts.models import Authority, User
from accounts.roles import SEES_DRAFTS
from tracker.audit.history import history
from tracker.inspections.models import Inspection


class PlanQuerySet(CouncilQuerySet):
    def within(self, scope: Scope, member: Member) -> Self:
        if scope.plan:
            return self.filter(reference=scope.plan)
        return self.filter(answers__inspection__in=Inspection.objects.within_reach_of(member)).distinct()

    def current(self):
        """The plan a council works to now, first; earlier ones after it."""
        return self.order_by("-starts_on", "-pk")


class Plan(models.Model):
    """A council's plan of action in answer to one or more inspections."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="plans")
    reference = models.SlugField(max_length=60, help_text='As in the address: "2026".')
    title = models.CharField(max_length=200)
    inspections = models.ManyToManyField(Inspection, through="PlanAnswers", related_name="plans")
    starts_on = models.DateField()
    note = models.TextField(blank=True, help_text="Shown at the top of the plan, such as that it is illustrative.")
    board_meets_on = models.DateField(null=True, blank=True, help_text="The next improvement board.")

    objects = PlanQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["authority", "reference"], name="plan_named_once_in_a_council")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("reports:plan", args=[self.reference])


class PlanAnswersQuerySet(CouncilQuerySet):
    path = "plan__authority"


class PlanAnswers(models.Model):
    """A plan answers an inspection."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="answers")
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="answered_by")

    objects = PlanAnswersQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "inspection answered by a plan"
        verbose_name_plural = "inspections answered by plans"
        ordering = ["plan", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "inspection"], name="plan_answers_an_inspection_once")]

    def __str__(self) -> str:
        return f"{self.plan} answers {self.inspection}"


class PriorityQuerySet(CouncilQuerySet):
    path = "plan__authority"


class Priority(models.Model):
    """A part of the plan with its own outcome and lead."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="priorities")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    outcome = models.TextField(blank=True, help_text="What will be different for children.")
    lead = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="priorities_led")

    objects = PriorityQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name_plural = "priorities"
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="priority_numbered_once_in_a_plan")]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class PlanVersionQuerySet(CouncilQuerySet):
    path = "plan__authority"

    def visible_to(self, member: Member | None) -> Self:
        """The versions this person may see: drafts only for those who write the plan."""
        seen = super().visible_to(member)
        if member is None or member.holds(*SEES_DRAFTS):
            return seen
        return seen.filter(label__in=PlanVersion.SEEN_BY_ALL)


class PlanVersion(models.Model):
    """The whole plan as it stood when it was frozen; never changed afterwards."""

    class Label(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCRUTINY_DRAFT = "scrutiny_draft", "Scrutiny draft"
        CABINET = "cabinet", "Cabinet"
        SUBMITTED = "submitted", "Submitted"
        PUBLISHED = "published", "Published"
        REFRESH = "refresh", "Refresh"

    # Read by everyone who sees the plan; the others are drafts.
    SEEN_BY_ALL = (Label.SUBMITTED, Label.PUBLISHED, Label.REFRESH)

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=20, choices=Label)
    frozen_on = models.DateField()
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    change_summary = models.TextField(blank=True, help_text="What is different from the version before.")
    warnings = models.JSONField(
        default=list, blank=True, help_text="Codes of the checks that failed when it was frozen."
    )
    warnings_reason = models.TextField(blank=True, help_text="Why it is sent although checks fail.")
    warnings_accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    snapshot = models.JSONField(encoder=DjangoJSONEncoder)

    objects = PlanVersionQuerySet.as_manager()
    history = history(excluded_fields=["snapshot"])

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="version_numbered_once_in_a_plan")]

    def __str__(self) -> str:
        return f"Version {self.number}, {self.get_label_display().lower()} {self.frozen_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("reports:version", args=[self.plan.reference, self.number])


class SubmissionQuerySet(CouncilQuerySet):
    path = "plan__authority"


class Submission(models.Model):
    """One of the three facts that together answer the law: sent to Ofsted, sent to DfE, published."""

    class Step(models.TextChoices):
        OFSTED = "ofsted", "Sent to Ofsted"
        DFE = "dfe", "Sent to DfE"
        PUBLISHED = "published", "Published"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="submissions")
    version = models.ForeignKey(
        PlanVersion, models.PROTECT, null=True, blank=True, related_name="submissions", help_text="What was sent."
    )
    step = models.CharField(max_length=20, choices=Step)
    done_on = models.DateField()
    done_by = models.CharField(max_length=200, blank=True, help_text="Who did it, as they were then.")
    proof = models.TextField(blank=True, help_text="Where the proof is kept: an email, an address.")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_on = models.DateField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["plan", "done_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "step"], condition=Q(version__isnull=True), name="each_step_recorded_once_for_a_plan"
            ),
            models.UniqueConstraint(fields=["version", "step"], name="each_step_recorded_once_for_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.done_on:%-d %B %Y}"


class OfstedReplyQuerySet(CouncilQuerySet):
    path = "version__plan__authority"


class OfstedReply(models.Model):
    """What Ofsted answered to a version of the plan that was sent to it."""

    class Kind(models.TextChoices):
        REFLECTS = "reflects", "Reflects the findings"
        DOES_NOT_REFLECT = "does_not_reflect", "Does not reflect the findings"

    version = models.OneToOneField(PlanVersion, models.PROTECT, related_name="reply")
    kind = models.CharField(max_length=20, choices=Kind)
    received_on = models.DateField()
    respond_by = models.DateField(null=True, blank=True, help_text="The date Ofsted gives for the next version.")
    words = models.TextField(blank=True, help_text="What the reply says.")
    proof = models.TextField(help_text="Where the reply is kept.")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_on = models.DateField()

    objects = OfstedReplyQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "reply of Ofsted"
        verbose_name_plural = "replies of Ofsted"
        ordering = ["version", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.received_on:%-d %B %Y}"


class CriticismQuerySet(CouncilQuerySet):
    path = "plan__authority"

    def open(self):
        """Not closed by its author or the director."""
        return self.filter(closed_on__isnull=True)


class Criticism(models.Model):
    """What a reviewer says against the plan itself; it needs a response, an owner and a date until it is closed."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="criticisms")
    number = models.PositiveSmallIntegerField()
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="criticisms", help_text="The review it is in."
    )
    made_by = models.CharField(max_length=200, help_text="The reviewer, as named then.")
    made_on = models.DateField()
    paragraph = models.CharField(max_length=20, blank=True)
    text = models.TextField(help_text="The reviewer’s words.")
    author = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="The reviewer, if they sign in here."
    )
    response = models.TextField(blank=True, help_text="What the council does about it.")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="criticisms")
    due_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_reason = models.TextField(blank=True)

    objects = CriticismQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "criticism of the plan"
        verbose_name_plural = "criticisms of the plan"
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="criticism_numbered_once_in_a_plan"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | ~Q(closed_reason=""), name="criticism_closed_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.made_by}, {self.made_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("plans:criticism", args=[self.plan.reference, self.number])
