from datetime import date

from django.db import models

from accounts.council import CouncilQuerySet
from accounts.member import Member
from accounts.models import Authority, User
from tracker.audit.history import history
from tracker.inspections.models import Finding, Recommendation, Visit
from tracker.plans.models import Plan


class ReadinessDefaultQuerySet(CouncilQuerySet):
    def in_use(self):
        return self.filter(is_in_use=True)


class ReadinessDefault(models.Model):
    """A line of the list that a council makes ready for every visit."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="readiness_defaults")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    working_days_before = models.PositiveSmallIntegerField(help_text="Before the first day of the visit.")
    is_in_use = models.BooleanField(default=True)

    objects = ReadinessDefaultQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "line of the readiness list"
        verbose_name_plural = "lines of the readiness list"
        ordering = ["authority", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "position"], name="readiness_default_has_its_own_place")
        ]

    def __str__(self) -> str:
        return self.title


class OfVisitQuerySet(CouncilQuerySet):
    """How a council makes ready for inspectors is its own: inspectors are not shown it."""

    path = "visit__authority"

    def visible_to(self, member: Member | None):
        return self.none() if member is None or member.is_only_inspector else super().visible_to(member)


class ReadinessTaskQuerySet(OfVisitQuerySet):
    def open(self):
        """Neither done nor left out."""
        return self.filter(done_on__isnull=True, dropped_on__isnull=True)

    def overdue(self, *, on: date):
        return self.open().filter(due_on__lt=on)


class ReadinessTask(models.Model):
    """Something to be ready before a visit, with an owner and a day."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="readiness_tasks")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    working_days_before = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Working days before the visit; empty when its day was chosen."
    )
    due_on = models.DateField(null=True, blank=True, help_text="Empty until the days of the visit are known.")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="readiness_tasks")
    done_on = models.DateField(null=True, blank=True)
    done_note = models.CharField(max_length=300, blank=True, help_text="Where it is kept, or who has it.")
    dropped_on = models.DateField(null=True, blank=True, help_text="Left out of this visit's list.")

    objects = ReadinessTaskQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["visit", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "position"], name="readiness_task_has_its_own_place")]

    def __str__(self) -> str:
        return self.title


class VisitPackQuerySet(CouncilQuerySet):
    path = "visit__authority"

    def visible_to(self, member: Member | None):
        """Those who make packs, and the director: whoever else may read one was handed it."""
        return self.none() if member is None or not member.sends_plan else super().visible_to(member)


class VisitPack(models.Model):
    """What was handed to inspectors for a visit, frozen at a moment and kept as it was; never changed."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="packs")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="packs")
    number = models.PositiveSmallIntegerField()
    audience = models.CharField("made for", max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    left_out = models.TextField(help_text="What is not in it, in numbers.")
    sha256 = models.CharField("checksum of the ZIP", max_length=64)
    pdf_sha256 = models.CharField("checksum of the PDF", max_length=64)
    size = models.PositiveIntegerField(help_text="Of the ZIP, in bytes.")
    content = models.BinaryField()

    objects = VisitPackQuerySet.as_manager()
    history = history(excluded_fields=["content"])

    class Meta:
        verbose_name = "pack for a visit"
        verbose_name_plural = "packs for visits"
        ordering = ["visit", "-number"]
        constraints = [models.UniqueConstraint(fields=["visit", "number"], name="pack_numbered_once_for_a_visit")]

    def __str__(self) -> str:
        return f"Pack {self.number} for {self.visit}"

    @property
    def parts_of_checksum(self) -> list[str]:
        """The checksum of the ZIP in pieces of 16, for a page to break between."""
        return [self.sha256[start : start + 16] for start in range(0, 64, 16)]


class Question(models.Model):
    """Something inspectors are likely to ask at a visit; its evidence is what was accepted for the recommendation."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, null=True, blank=True, related_name="questions")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="questions")
    dropped_on = models.DateField(null=True, blank=True, help_text="No longer expected to be asked.")

    objects = OfVisitQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "likely question"
        verbose_name_plural = "likely questions"
        ordering = ["visit", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "position"], name="question_has_its_own_place")]

    def __str__(self) -> str:
        return self.text
