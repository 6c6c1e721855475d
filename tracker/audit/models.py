from django.db import models


class HistoryRow(models.Model):
    """What every history table has besides the library's columns."""

    actor = models.CharField("who", max_length=300, help_text="The name as it was then, kept as text.")

    class Meta:
        abstract = True
