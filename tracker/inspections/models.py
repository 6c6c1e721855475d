from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.council import CouncilQuerySet
from accounts.member import Member, Scope
from accounts.models import Agency, Authority, User
from tracker.audit.history import history
from tracker.inspections import rules
from tracker.inspections.frameworks import AREAS, REVIEWS, Framework, Grade


class InspectionQuerySet(CouncilQuerySet):
    def within(self, scope: Scope, member: Member) -> Self:
        """All of them for someone who looks at one plan: they are what any plan answers. Else the one visited for."""
        return self.filter(pk__in=the_visit(scope, member).values("inspection")) if scope.visit else self


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
    is_monitored = models.BooleanField(
        default=False, db_default=False, help_text="Treated as inadequate: Ofsted makes monitoring visits after it."
    )
    has_priority_areas = models.BooleanField(
        default=False, db_default=False, help_text="It names areas for priority action (area SEND inspections)."
    )
    source = models.TextField(blank=True)

    objects = InspectionQuerySet.as_manager()
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
        if self.framework in REVIEWS:
            return f"{self.get_framework_display()}, {when}"
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
    def within(self, scope: Scope, member: Member) -> Self:
        return self.filter(inspection__in=Inspection.objects.within_reach_of(member))

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
    def within(self, scope: Scope, member: Member) -> Self:
        """The visit that the access is for, and those before it that follow up the same inspection."""
        if not scope.visit:
            return self
        this = the_visit(scope, member)
        earlier = Q(inspection__in=this.values("inspection"), starts_on__lt=this.values("starts_on")[:1])
        return self.filter(Q(reference=scope.visit) | earlier)

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
    letter_stays_unpublished = models.BooleanField(
        default=False, db_default=False, help_text="Ofsted does not publish it, as with a first monitoring visit’s."
    )
    has_priority_areas = models.BooleanField(
        default=False, db_default=False, help_text="The letter names areas for priority action (focused visits)."
    )
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

    @property
    def last_day(self) -> date | None:
        return self.ends_on or self.starts_on

    @property
    def letter_on(self) -> date | None:
        """The day of its letter: when it was received, else when it was published; None where neither is known."""
        return self.letter_received_on or self.letter_published_on

    @property
    def has_letter(self) -> bool:
        """Its letter has come: a day of it is known, or how many things it names."""
        return bool(self.letter_on) or self.strengths_reported is not None or self.needs_work_reported is not None


def the_visit(scope: Scope, member: Member) -> VisitQuerySet:
    """Return the one visit that an inspector's access is for."""
    return Visit.objects.of(member.authority).filter(reference=scope.visit)


class FindingQuerySet(CouncilQuerySet):
    def within(self, scope: Scope, member: Member) -> Self:
        return self.filter(visit__in=Visit.objects.within_reach_of(member))


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

    objects = FindingQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["visit", "kind", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "kind", "number"], name="finding_numbered_once_in_a_letter")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class VisitFocusQuerySet(CouncilQuerySet):
    path = "visit__authority"


class VisitFocus(models.Model):
    """A visit looks at what was done about a recommendation."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="looks_at")
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="looked_at_by")

    objects = VisitFocusQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "recommendation in the focus of a visit"
        verbose_name_plural = "recommendations in the focus of visits"
        ordering = ["visit", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "recommendation"], name="visit_looks_at_a_recommendation_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit} looks at recommendation {self.recommendation.reference}"


class InterventionQuerySet(CouncilQuerySet):
    def within(self, scope: Scope, member: Member) -> Self:
        return self.filter(inspection__in=Inspection.objects.within_reach_of(member)) if scope.visit else self


class Intervention(models.Model):
    """What the Department for Education (DfE) puts in place after an inspection, and until when."""

    class Kind(models.TextChoices):
        IMPROVEMENT_NOTICE = "improvement_notice", "Improvement notice"
        DIRECTION = "direction", "Statutory direction"
        COMMISSIONER = "commissioner", "Commissioner"
        SUPPORT = "support", "Support and supervision"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="interventions")
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="interventions", help_text="The one it follows."
    )
    reference = models.SlugField(max_length=60, help_text='As in the address: "2026-notice".')
    kind = models.CharField(max_length=30, choices=Kind)
    starts_on = models.DateField(help_text="The day of the notice, direction or appointment.")
    ends_on = models.DateField(null=True, blank=True, help_text="The final date it gives, if it gives one.")
    lifted_on = models.DateField(null=True, blank=True)
    conditions = models.TextField(blank=True)

    objects = InterventionQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "reference"], name="intervention_named_once_in_a_council"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="intervention_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | Q(lifted_on__gte=F("starts_on")),
                name="intervention_lifted_not_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.starts_on:%B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:intervention", args=[self.reference])


class ClockQuerySet(CouncilQuerySet):
    def within(self, scope: Scope, member: Member) -> Self:
        """The clocks of what is within reach."""
        if not scope.visit:
            return self
        return self.filter(
            Q(inspection__in=Inspection.objects.within_reach_of(member))
            | Q(visit__in=Visit.objects.within_reach_of(member))
            | Q(intervention__in=Intervention.objects.within_reach_of(member))
        )

    def running(self, *, on: date):
        """Clocks that still count on a day: not met, not void, not noticed as missed, and not past their date.

        Forecasts, and those without a date, run until what they wait for happens. See rules.state_of.
        """
        return self.filter(met_on__isnull=True, missed_on__isnull=True, voided_on__isnull=True).filter(
            Q(notified_due__gte=on)
            | Q(notified_due__isnull=True) & (Q(computed_due__gte=on) | Q(computed_due__isnull=True))
            | Q(is_forecast=True)
        )

    def unmet(self):
        """Clocks that are neither met nor void: they run, or were missed and are still to be done."""
        return self.filter(met_on__isnull=True, voided_on__isnull=True)

    def passed_unnoticed(self, *, on: date):
        """Clocks whose date has passed unmet, and which nobody has noticed as missed. Forecasts are never missed."""
        return self.unmet().filter(
            Q(notified_due__lt=on) | Q(notified_due__isnull=True, computed_due__lt=on),
            missed_on__isnull=True,
            is_forecast=False,
        )


THE_ACT = "Education and Inspections Act 2006, section 137(3) and (4); S.I. 2007/462, regulations 2 and 3"


class Clock(models.Model):
    """A period that began to run: what started it, how long it is and by what right, and how it ended.

    A row of data: what its rule said when it started is kept with it. `rules.CLOCKS` holds the rules.
    """

    Kind = rules.Kind
    Basis = rules.Basis
    Unit = rules.Unit

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="clocks")
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, blank=True, related_name="clocks")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="clocks")
    intervention = models.ForeignKey(Intervention, models.PROTECT, null=True, blank=True, related_name="clocks")
    kind = models.CharField(max_length=30, choices=Kind)
    sequence = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="1, 2, 3 of those that come again and again."
    )
    basis = models.CharField(max_length=20, choices=Basis, default=Basis.LAW, db_default=Basis.LAW.value)
    trigger_event = models.CharField(max_length=200, default=rules.RECEIPT, db_default=rules.RECEIPT)
    trigger_on = models.DateField(help_text="Day 0.")
    length = models.PositiveSmallIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, choices=Unit, default=Unit.WORKING_DAYS, db_default=Unit.WORKING_DAYS.value)
    rule_source = models.TextField(default=THE_ACT, db_default=THE_ACT)
    is_forecast = models.BooleanField(
        default=False, db_default=False, help_text="When it is to be expected; nobody is late by it."
    )
    computed_due = models.DateField(null=True, blank=True, help_text="Empty where no length is fixed.")
    notified_due = models.DateField(null=True, blank=True, help_text="The date in a letter, if it gives one.")
    notified_source = models.TextField(blank=True)
    met_on = models.DateField(null=True, blank=True)
    missed_on = models.DateField(null=True, blank=True, help_text="The day it was noticed that the date had passed.")
    voided_on = models.DateField(null=True, blank=True)
    void_reason = models.TextField(blank=True, default="", db_default="")

    objects = ClockQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["inspection", "computed_due", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "kind", "sequence"],
                condition=Q(inspection__isnull=False),
                name="clock_runs_once_for_an_inspection_and_turn",
            ),
            models.UniqueConstraint(
                fields=["visit", "kind", "sequence"],
                condition=Q(visit__isnull=False),
                name="clock_runs_once_for_a_visit_and_turn",
            ),
            models.UniqueConstraint(
                fields=["intervention", "kind", "sequence"],
                condition=Q(intervention__isnull=False),
                name="clock_runs_once_for_an_intervention_and_turn",
            ),
            models.CheckConstraint(
                condition=Q(inspection__isnull=False, visit__isnull=True, intervention__isnull=True)
                | Q(inspection__isnull=True, visit__isnull=False, intervention__isnull=True)
                | Q(inspection__isnull=True, visit__isnull=True, intervention__isnull=False),
                name="clock_has_one_source",
            ),
            models.CheckConstraint(condition=Q(computed_due__gte=F("trigger_on")), name="clock_due_after_it_starts"),
            models.CheckConstraint(
                condition=Q(voided_on__isnull=True) | ~Q(void_reason=""), name="clock_voided_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        due = self.due
        return f"{self.get_kind_display()}, due {due:%-d %B %Y}" if due else self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("inspections:clock", kwargs=self.address)

    @property
    def address(self) -> dict[str, str | int]:
        """What names it in the address of a page: its source, kind and, from the second on, turn.

        Its source is read with it.
        """
        place = "inspection" if self.inspection_id else "visit" if self.visit_id else "intervention"
        named: dict[str, str | int] = {place: self.source.reference, "kind": self.kind}
        return named if self.sequence == 1 else {**named, "sequence": self.sequence}

    @property
    def rule(self) -> rules.ClockRule:
        return rules.clock_rule(self.kind)

    @property
    def length_in_words(self) -> str:
        return rules.length_in_words(self.length, self.unit)

    @property
    def facts(self) -> rules.ClockFacts:
        """What `rules` asks about it."""
        return rules.ClockFacts(
            trigger_on=self.trigger_on,
            due=self.due,
            met_on=self.met_on,
            missed_on=self.missed_on,
            voided_on=self.voided_on,
            is_forecast=self.is_forecast,
        )

    @property
    def due(self) -> date | None:
        """The date that governs: the one notified, else the one its rule gives; None where there is neither."""
        return self.notified_due or self.computed_due

    @property
    def is_running(self) -> bool:
        return self.met_on is None and self.voided_on is None

    @property
    def source(self) -> "Inspection | Visit | Intervention":
        """What it hangs on."""
        found = self.inspection or self.visit or self.intervention
        assert found is not None  # noqa: S101  The database holds that there is one.
        return found


class OfClockQuerySet(CouncilQuerySet):
    path = "clock__authority"


class Recount(models.Model):
    """A running clock was counted again and its date moved, as when a bank holiday was added."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="recounts")
    on = models.DateField()
    from_due = models.DateField(null=True, blank=True)
    to_due = models.DateField(null=True, blank=True)
    reason = models.TextField()

    objects = OfClockQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["clock", "-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.clock}, counted again {self.on:%-d %B %Y}"


class ClockStep(models.Model):
    """One of the things that together end a clock: done when, by whom, and where the proof is."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="steps")
    step = models.CharField(max_length=30)
    done_on = models.DateField()
    done_by = models.CharField(max_length=200, help_text="A person or a body, as it was then.")
    proof = models.TextField(help_text="Where the proof is kept: an email, an address.")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_on = models.DateField()

    objects = OfClockQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "step of a clock"
        verbose_name_plural = "steps of clocks"
        ordering = ["clock", "done_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["clock", "step"], name="each_step_recorded_once_for_a_clock")]

    def __str__(self) -> str:
        return f"{self.what_was_done}, {self.done_on:%-d %B %Y}"

    @property
    def what_was_done(self) -> str:
        """The step in words. Its clock is read with it."""
        step = self.clock.rule.step(self.step)
        return step.label if step else self.step


class GovernanceStep(models.Model):
    """A step inside the council before a clock runs out, counted backwards from its date: scrutiny, cabinet."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="governance_steps")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    working_days_before = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Working days before the clock’s date; empty when its day was chosen."
    )
    due_on = models.DateField()
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="governance_steps")
    done_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = OfClockQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["clock", "due_on", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["clock", "position"], name="governance_step_has_its_own_place")]

    def __str__(self) -> str:
        return f"{self.title}, {self.due_on:%-d %B %Y}"
