from django.db import models

from tracker.audit.ways import LONGEST, Door

# The chain of what belongs to no council: people, bank holidays.
INSTALLATION = 0


class HistoryRow(models.Model):
    """What every history table has besides the library's columns.

    The council has no key to its table, as history outlives everything; none is the whole installation. What was
    written before the tracker kept door and request has neither.
    """

    actor = models.CharField("who", max_length=300, help_text="The name as it was then, kept as text.")
    actor_post = models.CharField(max_length=300, null=True, help_text="Their post then, kept as text.")  # noqa: DJ001
    in_council = models.BigIntegerField(null=True)
    door = models.CharField(max_length=10, choices=Door, null=True)  # noqa: DJ001
    door_request = models.CharField(max_length=LONGEST, null=True)  # noqa: DJ001

    class Meta:
        abstract = True


class Entry(models.Model):
    """One history row's place in the chain of its council: what proves it, and what history is paged by.

    A link is what one change wrote, in order of `position`, from 0. `digest` is of the row itself, `head` of all the
    chain as far as this link: see `chain`.
    """

    council = models.BigIntegerField()
    link = models.BigIntegerField()
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    model = models.CharField(max_length=80)
    object = models.BigIntegerField()
    history = models.BigIntegerField()
    history_type = models.CharField(max_length=1)
    person = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=300)
    door = models.CharField(max_length=10, choices=Door)
    request = models.CharField(max_length=LONGEST)
    form = models.PositiveSmallIntegerField()
    is_taken_over = models.BooleanField()
    digest = models.CharField(max_length=64)
    head = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["council", "link", "position"]
        constraints = [
            models.UniqueConstraint(fields=["council", "link", "position"], name="entry_has_its_own_place"),
            models.UniqueConstraint(fields=["model", "history"], name="history_row_entered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object}, link {self.link}"


class Head(models.Model):
    """How far the chain of a council reaches; the one row of the chain that changes."""

    council = models.BigIntegerField(primary_key=True)
    link = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="Of the rows of the last link alone.")
    head = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Link {self.link}"


class Anchor(models.Model):
    """The head of a chain as it was recorded at the end of a day and mailed out: what is before it stands."""

    council = models.BigIntegerField()
    on = models.DateField()
    link = models.BigIntegerField()
    head = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    mailed_to = models.TextField(blank=True, help_text="The names of those to whom it was mailed.")

    class Meta:
        ordering = ["council", "on"]
        constraints = [models.UniqueConstraint(fields=["council", "on"], name="head_recorded_once_a_day")]

    def __str__(self) -> str:
        return f"Link {self.link} on {self.on:%-d %B %Y}"
