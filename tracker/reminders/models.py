from datetime import date, datetime
from hashlib import sha256

from django.db import models
from django.db.models import F, Q

from accounts.council import CouncilQuerySet
from accounts.member import Member
from accounts.models import Authority, User
from tracker.actions.models import Action, DeadlineRequest
from tracker.audit.history import history
from tracker.inspections.models import Clock, GovernanceStep, Visit
from tracker.reminders.rules import OF_AN_ACTION, Kind
from tracker.visits.models import ReadinessTask


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

    class Kind(models.TextChoices):
        DAILY = "daily", "The day’s email"
        AT_ONCE = "at_once", "At once, as the person chose"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="digests")
    recipient = models.ForeignKey(User, models.PROTECT, related_name="digests")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DAILY, db_default=Kind.DAILY.value)
    on = models.DateField()
    number = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="Which of the day’s emails of its kind: more than the first only at once."
    )
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
            models.UniqueConstraint(
                fields=["authority", "recipient", "on", "kind", "number"], name="one_email_of_a_kind_a_person_a_day"
            ),
            models.CheckConstraint(condition=Q(number=1) | Q(kind="at_once"), name="one_daily_email_a_day"),
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
        of_its_kind = "" if self.kind == Digest.Kind.DAILY else f":{self.kind}"
        if self.number > 1:
            of_its_kind += f":{self.number}"
        name = f"{self.authority_id}:{self.recipient_id}:{self.on:%Y-%m-%d}{of_its_kind}"
        key = sha256(name.encode()).hexdigest()[:32]
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

    # Few links have an index of their own: a row is written once and changed once, and each index costs both times.
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="reminders", db_index=False)
    recipient = models.ForeignKey(User, models.PROTECT, related_name="reminders", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    step = models.SmallIntegerField(help_text="Working days before the day (after it: negative) that it is for.")
    day = models.DateField(help_text="The deadline, first day of the visit or due date it speaks of.")
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="reminders")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False)
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False)
    governance_step = models.ForeignKey(
        GovernanceStep, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False
    )
    request = models.ForeignKey(
        DeadlineRequest, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False
    )
    on_behalf_of = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The person who is away, in a copy to whoever covers.",
    )
    readiness_task = models.ForeignKey(
        ReadinessTask, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False
    )
    queued_on = models.DateField()
    digest = models.ForeignKey(Digest, models.PROTECT, null=True, blank=True, related_name="reminders")
    cancelled_on = models.DateField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=100, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "recipient", "day", "step", "kind"],
                condition=Q(kind__in=OF_AN_ACTION),
                name="one_reminder_for_an_action_kind_and_step",
            ),
            models.UniqueConstraint(
                fields=["request", "recipient", "kind"],
                condition=Q(kind__in=["decision_wanted", "decided"]),
                name="one_reminder_for_a_request_and_kind",
            ),
            models.UniqueConstraint(
                fields=["authority", "recipient", "day"], condition=Q(kind="weekly"), name="one_weekly_summary_a_person"
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
            models.UniqueConstraint(
                fields=["governance_step", "recipient", "day", "step"],
                condition=Q(kind="governance"),
                name="one_reminder_for_a_governance_step_and_step",
            ),
            models.UniqueConstraint(
                fields=["readiness_task", "recipient", "day", "step"],
                condition=Q(kind="readiness"),
                name="one_reminder_for_a_readiness_task_and_step",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "recipient"], name="reminder_of_a_person"),
            models.Index(
                fields=["authority", "recipient"],
                condition=Q(digest__isnull=True, cancelled_on__isnull=True),
                name="reminder_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.day:%-d %B %Y}"


class PreferenceQuerySet(CouncilQuerySet):
    def visible_to(self, member: Member | None):
        """One's own; all of the council's for those who run the plan, who are asked why no email came."""
        if member is None:
            return self.none()
        seen = self.of(member.authority)
        return seen if member.runs_plan else seen.filter(user=member.user)

    def away(self, *, on: date):
        """Of people who are away on a day, both ends counted, and named who covers."""
        return self.filter(cover__is_active=True, away_from__lte=on, away_to__gte=on)


class Preference(models.Model):
    """What a person chose about their emails in a council. Without a row all is as it comes."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="preferences")
    user = models.ForeignKey(User, models.PROTECT, related_name="preferences")
    weekly_day = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday, 4 is Friday.")
    hour = models.PositiveSmallIntegerField(default=8, help_text="The hour of the day from which emails may come.")
    at_once = models.BooleanField(
        default=False, help_text="Decisions wanted and actions given come at once, in an email of their own."
    )
    late_is_weekly = models.BooleanField(default=False, help_text="Overdue and escalated actions once a week only.")
    away_from = models.DateField(null=True, blank=True)
    away_to = models.DateField(null=True, blank=True)
    cover = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Who gets a copy meanwhile."
    )

    objects = PreferenceQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "choice about emails"
        verbose_name_plural = "choices about emails"
        ordering = ["authority", "user", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "user"], name="one_preference_a_person_in_a_council"),
            models.CheckConstraint(
                condition=Q(weekly_day__lte=4) & Q(hour__gte=8) & Q(hour__lte=17), name="emails_in_working_hours"
            ),
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_to__isnull=True) | Q(away_to__gte=F("away_from")),
                name="away_ends_not_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"Emails of {self.user}"


class KindOffQuerySet(CouncilQuerySet):
    path = "preference__authority"

    def visible_to(self, member: Member | None):
        """One's own; all of the council's for those who run the plan."""
        if member is None:
            return self.none()
        seen = self.of(member.authority)
        return seen if member.runs_plan else seen.filter(preference__user=member.user)


class KindOff(models.Model):
    """A kind of reminder that a person does not want; only optional kinds can be off."""

    preference = models.ForeignKey(Preference, models.PROTECT, related_name="off")
    kind = models.CharField(max_length=20, choices=Kind)
    is_off = models.BooleanField(default=True)

    objects = KindOffQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "kind of email switched off"
        verbose_name_plural = "kinds of email switched off"
        ordering = ["preference", "kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["preference", "kind"], name="kind_switched_once_by_a_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'off' if self.is_off else 'on'}"


class AddressTroubleQuerySet(models.QuerySet):
    def open(self):
        """Refused, and neither taken since nor tried again by anybody."""
        return self.filter(cleared_on__isnull=True)

    def stopped(self):
        """Refused so often that nothing is sent there."""
        return self.open().filter(stopped_on__isnull=False)


class AddressTrouble(models.Model):
    """An address that mail servers refuse. After enough refusals nothing more is sent until someone looks."""

    user = models.ForeignKey(User, models.PROTECT, related_name="address_troubles")
    address = models.EmailField()
    refusals = models.PositiveSmallIntegerField(default=0)
    first_on = models.DateField()
    last_on = models.DateField()
    last_error = models.TextField(blank=True)
    stopped_on = models.DateField(null=True, blank=True)
    cleared_on = models.DateField(null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AddressTroubleQuerySet.as_manager()

    class Meta:
        ordering = ["-last_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "address"], condition=Q(cleared_on__isnull=True), name="one_open_trouble_an_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address}, refused {self.refusals} times"


class RetryQuerySet(models.QuerySet):
    path = "digest__authority"

    def of(self, authority: Authority):
        return self.filter(digest__authority=authority)

    def visible_to(self, member: Member | None):
        """Of the council's emails, to those who put the post right."""
        if member is None or not (member.runs_plan or member.keeps_people):
            return self.none()
        return self.of(member.authority)


class Retry(models.Model):
    """Someone asked for a failed email to be tried again: who, when and why."""

    digest = models.ForeignKey(Digest, models.PROTECT, related_name="retries")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    was = models.CharField(max_length=20, choices=Digest.State, help_text="The state it was in.")

    objects = RetryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "retries"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.digest}, tried again {self.at:%-d %B %Y}"


class CalendarFeedQuerySet(models.QuerySet):
    def of(self, authority: Authority):
        return self.filter(authority=authority)

    def visible_to(self, member: Member | None):
        """One's own."""
        return self.none() if member is None else self.of(member.authority).filter(user=member.user)

    def running(self):
        """Neither switched off nor given another address."""
        return self.filter(ended_at__isnull=True)


class CalendarFeed(models.Model):
    """A calendar address that only its owner knows; the secret itself is not kept."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="calendar_feeds")
    user = models.ForeignKey(User, models.PROTECT, related_name="calendar_feeds")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "user"], condition=Q(ended_at__isnull=True), name="one_calendar_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.user}"


class CalendarEventQuerySet(models.QuerySet):
    path = "feed__authority"

    def of(self, authority: Authority):
        return self.filter(feed__authority=authority)

    def visible_to(self, member: Member | None):
        """One's own."""
        return self.none() if member is None else self.of(member.authority).filter(feed__user=member.user)


class CalendarEvent(models.Model):
    """What a calendar last said of one thing, so that a change is told as a change and an end as an end."""

    feed = models.ForeignKey(CalendarFeed, models.PROTECT, related_name="events")
    key = models.CharField(max_length=60, help_text="The thing it speaks of.")
    sequence = models.PositiveIntegerField(default=0)
    starts_on = models.DateField()
    ends_on = models.DateField()
    summary = models.CharField(max_length=300)
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarEventQuerySet.as_manager()

    class Meta:
        ordering = ["feed", "starts_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="thing_stands_once_in_a_calendar")]

    def __str__(self) -> str:
        return self.summary


class JobRun(models.Model):
    """The last runs of a job, so that a silent or failing one is noticed."""

    job = models.CharField(max_length=60, unique=True)
    last_good_at = models.DateTimeField(null=True, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.job
