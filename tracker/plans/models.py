from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse

from accounts.council import CouncilQuerySet
from accounts.models import Authority, User
from tracker.audit.history import history
from tracker.inspections.models import Inspection


class PlanQuerySet(CouncilQuerySet):
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


class PlanVersion(models.Model):
    """The whole plan as it stood when it was frozen; never changed afterwards."""

    class Label(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        REFRESH = "refresh", "Refresh"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=20, choices=Label)
    frozen_on = models.DateField()
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    snapshot = models.JSONField(encoder=DjangoJSONEncoder)

    objects = PlanVersionQuerySet.as_manager()
    history = history(excluded_fields=["snapshot"])

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="version_numbered_once_in_a_plan")]

    def __str__(self) -> str:
        return f"Version {self.number}, {self.get_label_display().lower()} {self.frozen_on:%-d %B %Y}"


class SubmissionQuerySet(CouncilQuerySet):
    path = "plan__authority"


class Submission(models.Model):
    """One of the three facts that together answer the law: sent to Ofsted, sent to DfE, published."""

    class Step(models.TextChoices):
        OFSTED = "ofsted", "Sent to Ofsted"
        DFE = "dfe", "Sent to DfE"
        PUBLISHED = "published", "Published"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="submissions")
    step = models.CharField(max_length=20, choices=Step)
    done_on = models.DateField()
    proof = models.TextField(blank=True, help_text="Where the proof is kept: an email, an address.")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SubmissionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["plan", "done_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "step"], name="each_step_recorded_once_for_a_plan")]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.done_on:%-d %B %Y}"
