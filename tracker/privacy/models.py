from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.council import CouncilQuerySet
from accounts.member import Member
from accounts.models import Authority, User
from tracker.audit.history import history


class DetailsReportQuerySet(CouncilQuerySet):
    def visible_to(self, member: Member | None) -> Self:
        """The programme office sees to all of them; nobody else is led to what should not be read."""
        if member is None or not member.runs_plan:
            return self.none()
        return self.of(member.authority)

    def waiting(self) -> Self:
        return self.filter(settled_at__isnull=True)


class DetailsReport(models.Model):
    """Somebody says that a page holds what should not be here. It says where and what kind, never the details."""

    class Kind(models.TextChoices):
        NAME = "name", "A name of a child or of their family"
        NUMBER = "number", "An NHS number or a case number"
        HOME = "home", "An address, a postcode or a date of birth"
        STORY = "story", "A story by which a child or family could be known"
        STAFF = "staff", "Private details of someone who works here"
        OTHER = "other", "Something else that should not be here"

    class Outcome(models.TextChoices):
        REMOVED = "removed", "The words were taken out"
        NOTHING = "nothing", "Nothing there needs to go"
        PASSED_ON = "passed_on", "It was passed on, such as to the data protection officer"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="details_reports")
    page = models.CharField(max_length=500, help_text="The address inside the site, without what was looked for.")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    where = models.CharField(max_length=200, blank=True, help_text="Where on the page.")
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    what_was_done = models.TextField(blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DetailsReportQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "report of details"
        verbose_name_plural = "reports of details"
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, outcome="", what_was_done="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(outcome="") & ~Q(what_was_done="")),
                name="details_report_settled_by_someone_who_says_how",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, reported {self.reported_at:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("privacy:reported", args=[self.pk])


class Statement(models.Model):
    """What a council tells everyone in its own words, in place of those that come with the tracker."""

    class Kind(models.TextChoices):
        ACCESSIBILITY = "accessibility", "Accessibility statement"
        PRIVACY = "privacy", "Privacy notice"
        COOKIES = "cookies", "Cookies"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.TextField(blank=True, help_text="Empty: the words that come with the tracker.")

    objects = CouncilQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["authority", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "kind"], name="statement_written_once_by_a_council")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
