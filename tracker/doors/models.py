from django.db import models


class Knocks(models.Model):
    """How often someone knocked at a door in one stretch of time. Neither an address nor a secret can be read in it."""

    who = models.CharField(max_length=64, help_text="A keyed hash of what is counted.")
    since = models.DateTimeField(db_index=True, help_text="When the stretch began.")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "knocks"
        ordering = ["-since", "pk"]
        constraints = [models.UniqueConstraint(fields=["who", "since"], name="knocks_counted_once_in_a_stretch")]

    def __str__(self) -> str:
        return f"{self.number} since {self.since:%H:%M}"
