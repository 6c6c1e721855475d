from datetime import date, datetime
from hashlib import sha256

from django.db import models
from django.db.models import Q

from accounts.member import Member
from accounts.models import Authority, User
from tracker.actions.models import Action
from tracker.inspections.models import StatutoryClock, Visit
from tracker.reminders.rules import Kind


class DigestQuerySet(models.QuerySet):
    def of(self, authority: Authority):
        return self.filter(authority=authority)

    def visible_to(self, member: Member | None):
        """One's own emails; all of the council's for those who run the plan or keep its people."""
        if member is None:
            return self.none()
        seen = self.of(member.authority)
        return seen if member.runs_plan or member.keeps_people else seen.filter(recipient=member.user)

    def due(self, *, on: date, now: datetime):
        """Today's emails that nobody holds: waiting, or claimed by a worker whose time is up."""
        return self.filter(
            Q(state=Digest.State.QUEUED) & (Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))
            | Q(state=Digest.State.SENDING, lease_until__lt=now),
            on=on,
        )

    def left_over(self, *, on: date):
        """Emails of earlier days that never went."""
        return self.filter(state__in=[Digest.State.QUEUED, Digest.State.SENDING], on__lt=on)


class Digest(models.Model):
    """One email to one person on one day: a ledger, and what the email said."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not delivered"
        NOTHING_OWED = "nothing_owed", "Nothing left to say"
        SUPERSEDED = "superseded", "Taken into a later day's email"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="digests")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="digests")
    on = models.DateField()
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    token = models.UUIDField(null=True, blank=True, help_text="Names the worker that holds it.")
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    is_uncertain = models.BooleanField(
        default=False, help_text="A try broke off after the mail was handed over, so a copy may have arrived."
    )
    last_error = models.TextField(blank=True)
    address = models.EmailField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = "email"
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "recipient", "on"], name="one_email_a_person_a_day")
        ]
        indexes = [
            models.Index(fields=["on", "id"], condition=Q(state__in=["queued", "sending"]), name="email_to_be_sent"),
            models.Index(fields=["on", "state"], name="email_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.on:%-d %B %Y}"

    def message_id(self, host: str) -> str:
        """Return the Message-ID: the same for every try, so that a second copy can be recognised.

        Short, because Python folds one over 76 characters into something mail programs mangle.
        """
        key = sha256(f"{self.authority_id}:{self.recipient_id}:{self.on:%Y-%m-%d}".encode()).hexdigest()[:32]
        return f"<{key}@{host}>"


class ReminderQuerySet(models.QuerySet):
    def of(self, authority: Authority):
        return self.filter(authority=authority)

    def visible_to(self, member: Member | None):
        """One's own reminders; all of the council's for those who run the plan."""
        if member is None:
            return self.none()
        seen = self.of(member.authority)
        return seen if member.runs_plan else seen.filter(recipient=member.user)

    def waiting(self):
        """Owed, and in no email yet."""
        return self.filter(digest__isnull=True, cancelled_on__isnull=True)


class Reminder(models.Model):
    """One thing a person is to be reminded of, once: a row of the outbox."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="reminders")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=10, choices=Kind)
    step = models.SmallIntegerField(help_text="Working days before the day (after it: negative) that it is for.")
    day = models.DateField(help_text="The deadline, first day of the visit or due date it speaks of.")
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="reminders")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="reminders")
    clock = models.ForeignKey(StatutoryClock, models.PROTECT, null=True, blank=True, related_name="reminders")
    queued_on = models.DateField()
    digest = models.ForeignKey(Digest, models.PROTECT, null=True, blank=True, related_name="reminders")
    cancelled_on = models.DateField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=100, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "recipient", "day", "step"],
                condition=Q(kind__in=["due", "late"]),
                name="one_reminder_for_a_deadline_and_step",
            ),
            models.UniqueConstraint(
                fields=["visit", "action", "recipient", "day", "step"],
                condition=Q(kind="visit"),
                name="one_reminder_for_a_visit_and_step",
            ),
            models.UniqueConstraint(
                fields=["clock", "recipient", "day", "step"],
                condition=Q(kind="clock"),
                name="one_reminder_for_a_clock_and_step",
            ),
        ]
        indexes = [
            models.Index(
                fields=["authority", "recipient"],
                condition=Q(digest__isnull=True, cancelled_on__isnull=True),
                name="reminder_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.day:%-d %B %Y}"


class JobRun(models.Model):
    """The last good run of a job, so that a silent one is noticed."""

    job = models.CharField(max_length=60, unique=True)
    last_good_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.job
