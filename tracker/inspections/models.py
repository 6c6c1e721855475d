from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.council import CouncilQuerySet
from accounts.models import Agency, Authority
from tracker.audit.history import history
from tracker.inspections.frameworks import AREAS, Framework, Grade


class Inspection(models.Model):
    """An inspection of a council's children's services, and the report it ended in."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="inspections")
    reference = models.SlugField(max_length=60, help_text='As in the address: "2014-sif".')
    framework = models.CharField(max_length=20, choices=Framework)
    kind = models.CharField(max_length=100, blank=True, help_text="Standard, short, re-inspection.")
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    dates_note = models.CharField(max_length=300, blank=True, help_text="What is known when the days are not.")
    received_on = models.DateField(null=True, blank=True, help_text="The day the council received the final report.")
    received_is_assumed = models.BooleanField(default=False, help_text="Taken to be the day of publication.")
    published_on = models.DateField(null=True, blank=True)
    source = models.TextField(blank=True)

    objects = CouncilQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["-published_on", "-started_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "reference"], name="inspection_named_once_in_a_council"),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="inspection_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True) | Q(ended_on__isnull=True) | Q(received_on__gte=F("ended_on")),
                name="report_received_not_before_the_inspection_ends",
            ),
        ]

    def __str__(self) -> str:
        day = self.published_on or self.started_on
        when = f"{day:%B %Y}" if day else self.dates_note
        return f"{self.short_framework} inspection, {when}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:inspection", args=[self.reference])

    @property
    def short_framework(self) -> str:
        return {"sif": "SIF", "ilacs": "ILACS", "jtai": "Joint targeted area", "send": "Area SEND"}.get(
            self.framework, "Child protection" if self.framework == "child_protection" else "Other"
        )


class JudgementQuerySet(CouncilQuerySet):
    path = "inspection__authority"


class Judgement(models.Model):
    """A grade for one area; the overall grade is stored as reported and never worked out."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="judgements")
    area = models.CharField(max_length=60)
    grade = models.CharField(max_length=30, choices=Grade, blank=True, help_text="Empty where none was given.")
    position = models.PositiveSmallIntegerField()

    objects = JudgementQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["inspection", "position"]
        constraints = [models.UniqueConstraint(fields=["inspection", "area"], name="area_judged_once_in_an_inspection")]

    def __str__(self) -> str:
        return f"{self.area_label}: {self.get_grade_display() or 'no grade'}"

    @property
    def area_label(self) -> str:
        return AREAS.get(self.area, self.area)


class RecommendationQuerySet(CouncilQuerySet):
    def for_the_council(self):
        """Those the council itself must answer; a board or partner may have its own plan."""
        return self.filter(addressee=Recommendation.Addressee.COUNCIL)


class Recommendation(models.Model):
    """Something a report asks for, of any kind: priority action, area for improvement, recommendation."""

    class Kind(models.TextChoices):
        PRIORITY_ACTION = "priority_action", "Priority and immediate action"
        AREA_PRIORITY_ACTION = "area_priority_action", "Area for priority action"
        IMPROVEMENT = "improvement", "Area for improvement"
        RECOMMENDATION = "recommendation", "Recommendation"
        NEEDS_TO_IMPROVE = "needs_to_improve", "What needs to improve"

    class Addressee(models.TextChoices):
        COUNCIL = "council", "The council"
        SAFEGUARDING_BOARD = "safeguarding_board", "The safeguarding board or partnership"
        PARTNER = "partner", "A partner agency"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="recommendations")
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="recommendations")
    reference = models.CharField(max_length=10, help_text="The number printed, or the council's own.")
    position = models.PositiveSmallIntegerField(help_text="Place in the report.")
    kind = models.CharField(max_length=30, choices=Kind)
    paragraph = models.CharField(max_length=20, blank=True)
    heading = models.CharField(max_length=200, blank=True, help_text="The heading it stands under, as printed.")
    addressee = models.CharField(max_length=30, choices=Addressee, default=Addressee.COUNCIL)
    timescale = models.CharField(max_length=100, blank=True, help_text="As printed.")
    theme = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=300)
    text = models.TextField(help_text="The report's words, or a paraphrase if marked so.")
    is_paraphrase = models.BooleanField(default=False)
    source = models.TextField(blank=True)

    objects = RecommendationQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["inspection", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "reference"], name="recommendation_numbered_once_in_a_report")
        ]

    def __str__(self) -> str:
        return f"{self.reference}. {self.title}"


class VisitQuerySet(CouncilQuerySet):
    def without_letter(self):
        """Visits that have had no letter yet; one with a letter has been."""
        return self.filter(letter_received_on__isnull=True, letter_published_on__isnull=True)

    def to_come(self, *, on: date):
        """Visits whose days are known and not past, the nearest first."""
        return self.without_letter().filter(starts_on__gte=on).order_by("starts_on", "pk")


class Visit(models.Model):
    """A monitoring, focused or other visit by inspectors between two inspections, and its letter."""

    class Kind(models.TextChoices):
        MONITORING = "monitoring", "Monitoring visit"
        FOCUSED = "focused", "Focused visit"
        ACTION_PLANNING = "action_planning", "Action planning visit"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="visits")
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="visits", help_text="The one it follows up."
    )
    reference = models.SlugField(max_length=60, help_text='As in the address: "monitoring-1".')
    kind = models.CharField(max_length=20, choices=Kind)
    sequence = models.PositiveSmallIntegerField(null=True, blank=True)
    expected_from = models.DateField(null=True, blank=True)
    expected_to = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    dates_note = models.CharField(max_length=300, blank=True, help_text="What is known when the days are not.")
    agreed_on = models.DateField(null=True, blank=True, help_text="When Ofsted agreed the dates.")
    focus = models.TextField(blank=True)
    inspectors = models.CharField(max_length=300, blank=True)
    letter_received_on = models.DateField(null=True, blank=True)
    letter_published_on = models.DateField(null=True, blank=True)
    strengths_reported = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="As counted in the letter, where not every one is known."
    )
    needs_work_reported = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.TextField(blank=True)

    objects = VisitQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["-starts_on", "-expected_from", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "reference"], name="visit_named_once_in_a_council"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="visit_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(expected_from__isnull=True)
                | Q(expected_to__isnull=True)
                | Q(expected_to__gte=F("expected_from")),
                name="visit_window_ends_not_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sequence}" if self.sequence else self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("reports:visit", args=[self.reference])

    @property
    def due_by(self) -> date | None:
        """The day by which actions must be done to count at this visit: its first, or the earliest expected."""
        return self.starts_on or self.expected_from


class Finding(models.Model):
    """What a visit's letter says: a strength, or something that needs work."""

    class Kind(models.TextChoices):
        STRENGTH = "strength", "Strength"
        NEEDS_WORK = "needs_work", "Needs work"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="findings")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField()
    is_paraphrase = models.BooleanField(default=False)
    paragraph = models.CharField(max_length=20, blank=True)
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, null=True, blank=True, related_name="findings", help_text="The one it repeats."
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="findings", help_text="The partner it is about."
    )

    objects = CouncilQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["visit", "kind", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "kind", "number"], name="finding_numbered_once_in_a_letter")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class StatutoryClock(models.Model):
    """Working days that began to run when a report was received."""

    class Kind(models.TextChoices):
        PLAN = "plan", "Send and publish the plan"
        REPORT = "report", "Publish the report"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="clocks")
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=20, choices=Kind)
    trigger_on = models.DateField(help_text="Day 0.")
    working_days = models.PositiveSmallIntegerField()
    computed_due = models.DateField()
    notified_due = models.DateField(null=True, blank=True, help_text="The date in Ofsted's letter, if it gives one.")
    notified_source = models.TextField(blank=True)
    met_on = models.DateField(null=True, blank=True)

    objects = CouncilQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["inspection", "-working_days"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "kind"], name="clock_runs_once_for_an_inspection"),
            models.CheckConstraint(condition=Q(computed_due__gt=F("trigger_on")), name="clock_due_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, due {self.due:%-d %B %Y}"

    @property
    def due(self) -> date:
        """The date that governs: the one notified, else the one the law gives."""
        return self.notified_due or self.computed_due

    @property
    def is_running(self) -> bool:
        return self.met_on is None
